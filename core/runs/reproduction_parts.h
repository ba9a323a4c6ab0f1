// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "runs/config.h"
#include "runs/methods.h"
#include "runs/reproduction.h"
#include "runs/run_record.h"

// Inside this room only.
namespace hvlm {

inline constexpr std::array<const char*, 2> kBudgets = {"quick", "full"};
inline constexpr std::array<const char*, 3> kEfficiencyRows = {"transformer", "full", "recommended"};

RunConfig storedConfig(const std::filesystem::path& run);  // config.yaml as it stands; throws InputError
RunConfig efficiencyConfig(const MethodRow& row);          // the row's options; training counts for nothing
std::string efficiencyStem(const std::string& row, const RunConfig& config, int64_t threads);  // file name without .json
nlohmann::json collectEfficiency(const std::filesystem::path& out);  // "efficiency" of tables.json; empty lists without measurements
bool isFinished(const std::filesystem::path& run, const RunRecord& record);  // done, with a report

}  // namespace hvlm
