// SPDX-License-Identifier: Apache-2.0
#include "cuda_report.h"

#include <cstdlib>

#include "support/cuda_driver.h"
#include "support/paths.h"
#include "support/text.h"

namespace hvlm::cli {
namespace {

namespace fs = std::filesystem;

// What libtorch_cuda.so opens besides the CUDA runtime, which is always there.
constexpr const char* kLibraries[] = {"torch/lib/libtorch_cuda.so",          "nvidia/cu13/lib/libcublas.so.13",      "nvidia/cu13/lib/libcublasLt.so.13",
                                      "nvidia/cu13/lib/libcufft.so.12",      "nvidia/cu13/lib/libcufile.so.0",       "nvidia/cu13/lib/libcurand.so.10",
                                      "nvidia/cu13/lib/libcusolver.so.12",   "nvidia/cu13/lib/libcusparse.so.12",    "nvidia/cu13/lib/libnvJitLink.so.13",
                                      "nvidia/cudnn/lib/libcudnn.so.9",      "nvidia/cusparselt/lib/libcusparseLt.so.0", "nvidia/nccl/lib/libnccl.so.2",
                                      "nvidia/nvshmem/lib/libnvshmem_host.so.3"};

fs::path kernelLibrary() {
  const char* chosen = std::getenv("HVLM_CUDA_PLUGIN");
  return chosen && *chosen ? fs::path(chosen) : engineLibrary().parent_path() / "libhvlm_cuda.so";
}

}  // namespace

nlohmann::json cudaReport(const fs::path& libtorch) {
  const CudaDriver driver = probeCudaDriver();
  nlohmann::json report = {{"driver", {{"library", driver.library}}}, {"devices", nlohmann::json::array()}, {"libraries_missing", nlohmann::json::array()}};
  if (driver.version > 0) report["driver"]["cuda"] = cudaVersionText(driver.version);
  if (!driver.problem.empty()) report["driver"]["problem"] = driver.problem;
  bool usable = driver.version >= kNeededCuda;
  bool new_enough = false;
  for (const CudaDevice& device : driver.devices) {
    report["devices"].push_back({{"name", device.name}, {"capability", std::to_string(device.major) + "." + std::to_string(device.minor)}, {"memory_bytes", device.memory_bytes}});
    new_enough = new_enough || 10 * device.major + device.minor >= kNeededCapability;
  }
  std::error_code error;
  for (const char* file : kLibraries) {
    if (!fs::exists(libtorch / file, error)) report["libraries_missing"].push_back(file);
  }
  const fs::path kernels = kernelLibrary();
  report["kernels"] = {{"library", kernels.string()}, {"built", fs::exists(kernels, error)}};
  usable = usable && new_enough && report["libraries_missing"].empty();
  report["usable"] = usable;
  return report;
}

std::string cudaDevicesText(const nlohmann::json& report) {
  std::string text;
  for (const auto& device : report.at("devices")) {
    text += (text.empty() ? "" : "; ") + device.at("name").get<std::string>() + " (" + humanBytes(device.at("memory_bytes").get<double>()) + ", compute capability " +
            device.at("capability").get<std::string>() + ")";
  }
  if (text.empty()) text = "none (" + report.at("driver").value("problem", "no device") + ")";
  return text;
}

std::string cudaLibrariesText(const nlohmann::json& report) {
  const nlohmann::json& driver = report.at("driver");
  const size_t missing = report.at("libraries_missing").size();
  std::string text = driver.contains("cuda") ? "driver for " + driver.at("cuda").get<std::string>() : "no driver";
  text += missing == 0 ? ", libraries there" : ", " + std::to_string(missing) + " libraries not there (./run --setup-cuda)";
  return text + (report.at("kernels").at("built").get<bool>() ? ", own kernels built" : ", own kernels not built (no nvcc of CUDA 13)");
}

}  // namespace hvlm::cli
