// SPDX-License-Identifier: Apache-2.0
#include "runs/control.h"

#include <sys/stat.h>

#include <nlohmann/json.hpp>
#include <utility>

#include "support/atomic_file.h"
#include "support/error.h"
#include "support/json_file.h"

namespace hvlm {
namespace {

constexpr const char* kFile = "control.json";
constexpr size_t kLargestControl = 64 * 1024;

const char* wordOf(ControlRequest request) {
  switch (request) {
    case ControlRequest::kPause: return "pause";
    case ControlRequest::kStop: return "stop";
    case ControlRequest::kResume: return "resume";
    case ControlRequest::kNone: break;
  }
  return "none";
}

ControlRequest requestOf(const std::string& word) {
  for (const auto request : {ControlRequest::kPause, ControlRequest::kStop, ControlRequest::kResume}) {
    if (word == wordOf(request)) return request;
  }
  return ControlRequest::kNone;
}

// What the file says, as the one text that tells requests apart; an unreadable file says nothing.
struct Said {
  std::string text;
  ControlRequest request = ControlRequest::kNone;
  int64_t counter = 0;
};
Said readControl(const std::filesystem::path& file) {
  try {
    const std::string text = readFile(file, kLargestControl);
    const nlohmann::json json = parseJson(text, file.string());
    return {text, requestOf(json.at("request").get<std::string>()), json.at("counter").get<int64_t>()};
  } catch (const InputError&) {
    return {};
  } catch (const nlohmann::json::exception&) {
    return {};
  }
}

}  // namespace

void writeControl(const std::filesystem::path& run, ControlRequest request) {
  const Said before = readControl(run / kFile);
  writeFileAtomic(run / kFile, nlohmann::json({{"request", wordOf(request)}, {"counter", before.counter + 1}}).dump() + "\n");
}

ControlReader::ControlReader(std::filesystem::path run) : file_(std::move(run) / kFile) { poll(); }

ControlRequest ControlReader::poll() {
  struct stat info = {};
  if (::stat(file_.c_str(), &info) != 0) return ControlRequest::kNone;
  const Stamp stamp{.inode = info.st_ino, .seconds = info.st_mtim.tv_sec, .nanoseconds = info.st_mtim.tv_nsec, .size = info.st_size};
  if (stamp == stamp_) return ControlRequest::kNone;
  stamp_ = stamp;
  Said said = readControl(file_);
  if (said.text == seen_) return ControlRequest::kNone;
  seen_ = std::move(said.text);
  return said.request;
}

}  // namespace hvlm
