// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "score/official_files.h"

namespace hvlm {

// A column that a reader wants, by its names in files that other programs write; the first one is how it is called in messages.
using ColumnNames = std::vector<std::string>;

// Rows of a table in text: fields parted by commas, or by tabs where the first line has one; quoted as in RFC 4180; a byte order mark and
// \r\n are taken. A first row that holds one of the names is a header and gives the order, else the columns stand as `wanted` lists them.
// `on_row` gets the wanted fields, trimmed, in the order of `wanted`, and the line for messages. Empty lines are passed by; a row with too
// few fields is counted in `defects` as bad_row. Throws InputError for a header without a wanted column and for a quote without an end.
void readTableText(std::string_view text, const std::string& where, const std::vector<ColumnNames>& wanted, DefectList& defects,
                   const std::function<void(const std::vector<std::string>& fields, int64_t line)>& on_row);

}  // namespace hvlm
