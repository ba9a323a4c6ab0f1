// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace hvlm {

// Parses JSON with bounds: at most `limit_bytes`, at most 64 levels deep, valid UTF-8 not required of values. `where`
// names the source in the InputError (with line and column of the fault).
nlohmann::json parseJson(std::string_view text, const std::string& where);
nlohmann::json readJsonFile(const std::filesystem::path& path, size_t limit_bytes = size_t{1} << 30);

// Written atomically, indented by two, doubles in shortest round-trip form, with a final newline.
void writeJsonFile(const std::filesystem::path& path, const nlohmann::json& value);

}  // namespace hvlm
