// SPDX-License-Identifier: Apache-2.0
#include <H5public.h>
#include <sched.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <thread>

#include "command.h"
#include "cuda_report.h"
#include "jobs/engine.h"
#include "runs/run_record.h"
#include "support/error.h"
#include "support/paths.h"
#include "support/text.h"
#include "support/version.h"
#include "video/codecs.h"

namespace hvlm::cli {
namespace {

namespace fs = std::filesystem;

// What a command needs and does not find, and how to get it.
struct Missing {
  nlohmann::json list = nlohmann::json::array();
  void add(const std::string& what, const std::string& needed_for, const std::string& remedy) {
    list.push_back({{"what", what}, {"needed_for", needed_for}, {"remedy", remedy}});
  }
};

bool there(const fs::path& path) {
  std::error_code error;
  return fs::exists(path, error);
}

std::string firstValue(const fs::path& file, const std::string& key) {  // "key : value" lines of /proc
  std::ifstream lines(file);
  for (std::string line; std::getline(lines, line);) {
    if (line.rfind(key, 0) != 0) continue;
    const size_t colon = line.find(':');
    if (colon != std::string::npos) return trimmed(line.substr(colon + 1));
  }
  return "";
}

double memoryBytes(const std::string& key) {
  const auto kilobytes = parseNumber(split(firstValue("/proc/meminfo", key), ' ').front());
  return kilobytes ? *kilobytes * 1024.0 : 0.0;
}

int64_t usableCores() {
  cpu_set_t set;
  CPU_ZERO(&set);
  return sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : static_cast<int64_t>(std::thread::hardware_concurrency());
}

nlohmann::json machine() {
  nlohmann::json features = nlohmann::json::array();
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx2")) features.push_back("avx2");
  if (__builtin_cpu_supports("fma")) features.push_back("fma");
  if (__builtin_cpu_supports("avx512f")) features.push_back("avx512f");
#endif
  return {{"host", hostName()},
          {"processor", firstValue("/proc/cpuinfo", "model name")},
          {"cores", static_cast<int64_t>(std::thread::hardware_concurrency())},
          {"usable_cores", usableCores()},
          {"instructions", features},
          {"memory_bytes", memoryBytes("MemTotal")},
          {"memory_available_bytes", memoryBytes("MemAvailable")}};
}

nlohmann::json folder(const fs::path& path) {
  fs::path nearest = path;  // the space of a folder that is still to be made is that of its parent
  while (!there(nearest) && nearest.has_relative_path()) nearest = nearest.parent_path();
  std::error_code error;
  const fs::space_info space = fs::space(nearest, error);
  return {{"path", path.string()},
          {"exists", there(path)},
          {"writable", access(nearest.c_str(), W_OK) == 0},
          {"free_bytes", error ? 0.0 : static_cast<double>(space.available)}};
}

// The LibTorch this build was linked to, from its files alone.
nlohmann::json libtorch(Missing& missing) {
  const fs::path root = HVLM_LIBTORCH_ROOT;
  nlohmann::json answer = {{"folder", root.string()}};
  std::ifstream lines(root / "torch" / "version.py");
  for (std::string line; std::getline(lines, line);) {
    if (line.rfind("__version__ = '", 0) == 0) answer["version"] = line.substr(15, line.find('\'', 15) - 15);
  }
  for (const char* file : {"torch/lib/libtorch_cpu.so", "torch/lib/libc10.so", "nvidia/cu13/lib/libcudart.so.13", "nvidia/cu13/lib/libcupti.so.13"}) {
    if (!there(root / file)) missing.add((root / file).string(), "everything that computes", "Run ./run --setup-only.");
  }
  return answer;
}

nlohmann::json engine(bool load, Missing& missing) {
  nlohmann::json answer = nlohmann::json::object();
  try {
    answer["library"] = engineLibrary().string();
    if (load) {
      for (const auto& [name, version] : loadEngine().libraries()) answer["libraries"][name] = version;
    }
  } catch (const InputError& error) {
    missing.add(error.fault().where, "train, eval, predict, pyramid", "Found: " + error.fault().found + ". " + error.fault().remedy);
  }
  return answer;
}

std::string hdf5Version() {
  unsigned major = 0, minor = 0, release = 0;
  H5get_libversion(&major, &minor, &release);
  return std::to_string(major) + "." + std::to_string(minor) + "." + std::to_string(release);
}

nlohmann::json examine(const Session& session, bool load) {
  Missing missing;
  const nlohmann::json cuda = cudaReport(HVLM_LIBTORCH_ROOT);
  nlohmann::json gpus = nlohmann::json::array();
  for (const auto& device : cuda.at("devices")) gpus.push_back(device.at("name"));
  nlohmann::json libraries = {{"hdf5", hdf5Version()}}, decoders = nlohmann::json::object();
  for (const auto& [name, version] : ffmpegVersions()) libraries[name] = version;
  for (const auto& [name, there_is_one] : videoDecoders()) decoders[name] = there_is_one;
  nlohmann::json answer = {{"version", versionText()},
                           {"revision", revisionText()},
                           {"build_type", buildType()},
                           {"compiler", compilerText()},
                           {"libraries", libraries},
                           {"decoders", decoders},
                           {"libtorch", libtorch(missing)},
                           {"engine", engine(load, missing)},
                           {"machine", machine()},
                           {"threads", session.threads > 0 ? session.threads : usableCores()},
                           {"gpus", gpus},
                           {"cuda", cuda},
                           {"device", cuda.at("usable").get<bool>() ? "cuda" : "cpu"},
                           {"folders",
                            {{"config", folder(configFolder())},
                             {"data", folder(dataFolder())},
                             {"state", folder(stateFolder())},
                             {"cache", folder(cacheFolder())},
                             {"current", folder(fs::current_path())}}}};
  // A machine without a device lacks nothing.
  if (!gpus.empty() && !cuda.at("libraries_missing").empty()) missing.add("CUDA's libraries", "--device cuda", "Run ./run --setup-cuda.");
  if (!there(executableFolder() / "hvlm-workbench")) {
    missing.add((executableFolder() / "hvlm-workbench").string(), "the window and exported pictures", "Run ./run --setup-only.");
  }
  for (const char* name : {"configs/quick.yaml"}) {
    try {
      bundled(name);
    } catch (const InputError& error) {
      missing.add(name, "demo and train without --config", error.fault().remedy);
    }
  }
  for (const auto& [name, entry] : answer["folders"].items()) {
    if (entry["free_bytes"] < 1e9) {
      missing.add("1 GB free in " + entry["path"].get<std::string>(), "runs and features", "Free some space or choose another folder.");
    }
  }
  answer["missing"] = missing.list;
  return answer;
}

std::string examinedText(const nlohmann::json& a) {
  const nlohmann::json& machine = a.at("machine");
  std::string instructions, text;
  for (const auto& name : machine.at("instructions")) instructions += (instructions.empty() ? "" : " ") + name.get<std::string>();
  std::string ffmpeg, decoded, not_decoded;
  const auto list = [](std::string& to, const std::string& word) { to += (to.empty() ? "" : ", ") + word; };
  for (const auto& [name, version] : a.at("libraries").items()) {
    if (name.starts_with("lib")) list(ffmpeg, name + " " + version.get<std::string>());
  }
  for (const auto& [name, there_is_one] : a.at("decoders").items()) list(there_is_one.get<bool>() ? decoded : not_decoded, name);
  std::vector<std::vector<std::string>> rows = {
      {"hvlm", a.at("version").get<std::string>() + " (" + a.at("revision").get<std::string>() + "), " + a.at("build_type").get<std::string>() + ", " + a.at("compiler").get<std::string>()},
      {"LibTorch", a.at("libtorch").value("version", "not found") + " in " + a.at("libtorch").at("folder").get<std::string>()},
      {"engine", a.at("engine").value("library", "not found")},
      {"HDF5", a.at("libraries").at("hdf5").get<std::string>()},
      {"FFmpeg", ffmpeg},
      {"decoders", decoded + (not_decoded.empty() ? "" : "; none for " + not_decoded)},
      {"device", a.at("device").get<std::string>()},
      {"processor", machine.at("processor").get<std::string>() + " (" + instructions + ")"},
      {"cores", std::to_string(machine.at("cores").get<int64_t>()) + ", " + std::to_string(machine.at("usable_cores").get<int64_t>()) + " usable; " + std::to_string(a.at("threads").get<int64_t>()) + " compute threads"},
      {"memory", humanBytes(machine.at("memory_bytes").get<double>()) + ", " + humanBytes(machine.at("memory_available_bytes").get<double>()) + " available"},
      {"GPU", cudaDevicesText(a.at("cuda"))},
      {"CUDA", cudaLibrariesText(a.at("cuda"))}};
  for (const auto& [name, entry] : a.at("folders").items()) {
    rows.push_back({name + " folder", entry.at("path").get<std::string>() + ", " + humanBytes(entry.at("free_bytes").get<double>()) + " free" +
                                          (entry.at("writable").get<bool>() ? "" : ", not writable")});
  }
  if (a.at("engine").contains("libraries")) {
    for (const auto& [name, version] : a.at("engine").at("libraries").items()) rows.push_back({name, version.get<std::string>()});
  }
  text = alignedTable(rows, false);
  if (a.at("missing").empty()) return text + "Nothing is missing.\n";
  for (const auto& entry : a.at("missing")) {
    text += "Missing: " + entry.at("what").get<std::string>() + " (for " + entry.at("needed_for").get<std::string>() + "). " + entry.at("remedy").get<std::string>() + "\n";
  }
  return text;
}

int doctor(const Session& session, bool load) {
  const nlohmann::json answer = examine(session, load);
  if (session.json) {
    printJson(answer);
  } else {
    printText(examinedText(answer));
  }
  return kDone;
}

}  // namespace

void addDoctorCommand(CLI::App& app, Session& session) {
  auto load = std::make_shared<bool>(false);
  CLI::App* command = addCommand(app, session, "doctor", "Versions, devices, folders, what is missing and how to get it", [&session, load] { return doctor(session, *load); });
  command->add_flag("--engine", *load, "Also load the engine and ask it for its libraries");
}

}  // namespace hvlm::cli
