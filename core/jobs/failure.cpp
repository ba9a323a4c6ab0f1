// SPDX-License-Identifier: Apache-2.0
#include "jobs/failure.h"

#include <algorithm>
#include <cctype>
#include <fstream>
#include <new>

#include "support/text.h"

namespace hvlm {
namespace {

// The bytes that LibTorch's allocator says it asked for ("you tried to allocate 34359738368 bytes"); 0 when it does not.
double bytesAskedFor(const std::string& message) {
  const std::string before = "tried to allocate ";
  const size_t at = message.find(before);
  if (at == std::string::npos) return 0.0;
  double bytes = 0.0;
  for (size_t i = at + before.size(); i < message.size() && std::isdigit(static_cast<unsigned char>(message[i])); ++i) bytes = 10.0 * bytes + (message[i] - '0');
  return message.find("bytes", at) == std::string::npos ? 0.0 : bytes;  // else in GiB, as CUDA's says
}

}  // namespace

bool saysOutOfMemory(const std::string& message) {
  std::string lower = message;
  std::transform(lower.begin(), lower.end(), lower.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  for (const char* part : {"out of memory", "can't allocate memory", "cannot allocate memory", "std::bad_alloc", "enough memory on the device"}) {
    if (lower.find(part) != std::string::npos) return true;
  }
  return false;
}

bool isOutOfMemory(const std::exception& error) { return dynamic_cast<const std::bad_alloc*>(&error) || saysOutOfMemory(error.what()); }

std::string failureText(const std::exception& error, const JobSpec& spec, int64_t step, double free_bytes) {
  if (!isOutOfMemory(error)) return error.what();
  const auto* train = std::get_if<TrainSpec>(&spec);
  const std::string said = error.what();
  const bool on_device = said.find("CUDA") != std::string::npos || said.find("on the device") != std::string::npos;
  std::string text = train ? "Training ran out of memory" : "The work ran out of memory";
  if (step > 0) text += " at step " + std::to_string(step + 1);
  std::string known;
  const auto add = [&known](const std::string& part) { known += (known.empty() ? "" : ", ") + part; };
  if (train) add("batch " + std::to_string(train->config.train.batch_size));
  if (const double asked = bytesAskedFor(said); asked > 0.0) add("one more block of " + humanBytes(asked) + " was asked for");
  if (free_bytes > 0.0 && !on_device) add(humanBytes(free_bytes) + " are free now");
  if (!known.empty()) text += " (" + known + ")";
  text += ". ";
  if (on_device) text += said.substr(0, said.find('\n')) + " ";  // what follows is a backtrace
  return text + (train ? "The run is kept. Take a smaller batch, a narrower model, or train.checkpoint_activations." : "Close what else needs memory, or take smaller sizes.");
}

double memoryAvailableBytes() {
  std::ifstream lines("/proc/meminfo");
  for (std::string line; std::getline(lines, line);) {
    if (line.rfind("MemAvailable:", 0) != 0) continue;
    double kilobytes = 0.0;
    for (const char c : line) {
      if (std::isdigit(static_cast<unsigned char>(c))) kilobytes = 10.0 * kilobytes + (c - '0');
    }
    return kilobytes * 1024.0;
  }
  return 0.0;
}

}  // namespace hvlm
