// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <filesystem>
#include <string>

namespace hvlm {

// Requests of another process: written by `watch`, the window or `runs`, read by the trainer between steps.
// control.json: {"request": "pause" | "stop" | "resume", "counter": grows by one at each request}.
enum class ControlRequest { kNone, kPause, kStop, kResume };
void writeControl(const std::filesystem::path& run, ControlRequest request);

// Reads and keeps state; one stat when nothing changed. A request written before the reader was made is an old one.
class ControlReader {
 public:
  explicit ControlReader(std::filesystem::path run);
  ControlRequest poll();  // a new request since the last poll, else kNone

 private:
  struct Stamp {
    uint64_t inode = 0;
    int64_t seconds = 0, nanoseconds = 0, size = 0;
    bool operator==(const Stamp&) const = default;
  };
  std::filesystem::path file_;
  Stamp stamp_;
  std::string seen_;
};

}  // namespace hvlm
