// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <utility>
#include <vector>

#include "language/template_tree.h"

namespace hvlm::jinja {

inline constexpr size_t kMostOutputBytes = size_t{16} << 20;
inline constexpr int64_t kMostTurns = 1'000'000;             // of all loops together
inline constexpr size_t kMostWorkBytes = size_t{512} << 20;  // of all texts and lists made on the way

using Names = std::vector<std::pair<std::string, Value>>;

// The text a template makes with these names defined. Throws InputError with `where` and the line for values that do not fit, for
// raise_exception and past the bounds.
std::string evaluate(const std::vector<Node>& nodes, Names names, const std::string& where);

}  // namespace hvlm::jinja
