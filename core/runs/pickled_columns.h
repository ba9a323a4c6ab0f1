// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace hvlm {

// One column of a pickled table: numbers or texts, never both.
struct PickledColumn {
  std::vector<double> numbers;
  std::vector<std::string> texts;
  bool is_text = false;
  size_t size() const { return is_text ? texts.size() : numbers.size(); }
};

// A pickled dictionary of columns, each a one-dimensional numpy array (whole numbers, reals, bool, text) or a list, as ActionFormer's
// eval_results.pkl holds them. The pickle is read by an interpreter of data alone: it knows the opcodes of plain values and the few names
// by which numpy writes an array, refuses every other name and executes nothing. At most 1 GiB, 4,000,000 values. Protocols 3 to 5.
// Throws InputError: not a pickle, cut short, names code (says which), keys that are no texts, a column of another form.
std::map<std::string, PickledColumn> readPickledColumns(const std::filesystem::path& file);
std::map<std::string, PickledColumn> decodePickledColumns(std::string_view bytes, const std::string& where);

}  // namespace hvlm
