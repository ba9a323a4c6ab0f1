// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <nlohmann/json.hpp>

#include <filesystem>
#include <string>

namespace hvlm::cli {

// What a GPU would be computed with, from the driver and from files alone: {driver {library, cuda, problem}, devices [{name, capability,
// memory_bytes}], libraries_missing [file…], kernels {library, built}, usable}. `libtorch` is the folder of the unpacked wheels.
nlohmann::json cudaReport(const std::filesystem::path& libtorch);

// The same in two lines for people: devices, then what is there of CUDA.
std::string cudaDevicesText(const nlohmann::json& report);
std::string cudaLibrariesText(const nlohmann::json& report);

}  // namespace hvlm::cli
