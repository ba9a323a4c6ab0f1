// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <chrono>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <thread>

namespace hvlm {

// Exclusive writing rights on a run, by an OFD lock on run.lock that the kernel drops at death. With a heartbeat thread
// that writes heartbeat.json every 2 s while held. Creates a missing folder; a folder that holds other things and no run
// is refused untouched. Throws InputError naming the holder when another lock is held, in this process or another.
class RunLock {
 public:
  explicit RunLock(const std::filesystem::path& run);
  ~RunLock();
  RunLock(const RunLock&) = delete;
  RunLock& operator=(const RunLock&) = delete;

 private:
  std::filesystem::path run_;
  int descriptor_ = -1;
  bool locked_ = true;  // false where the file system has no locks: only the heartbeat tells then
  std::jthread heart_;
};
bool isLocked(const std::filesystem::path& run);                 // by any process; changes nothing
bool isLockedByThisProcess(const std::filesystem::path& run);

struct Heartbeat {
  std::string host, boot_id;
  int64_t pid = 0;
  int64_t counter = 0;
  bool locked = true;
};
std::optional<Heartbeat> readHeartbeat(const std::filesystem::path& run);  // nullopt when missing or unreadable

// Tells whether somebody works on a run. Alive while the heartbeat's counter moves; it may stand for 8 s on the reader's
// clock. A run of this machine whose lock is free is dead at once.
class LivenessTracker {
 public:
  // `now` is injectable for tests.
  bool alive(const std::filesystem::path& run, std::chrono::steady_clock::time_point now = std::chrono::steady_clock::now());

 private:
  struct Seen {
    int64_t counter = -1;
    std::chrono::steady_clock::time_point when;
  };
  std::map<std::string, Seen> seen_;
};

// The same in one look, for readers that look once: the lock, else the age of the heartbeat of another machine.
bool aliveNow(const std::filesystem::path& run);

}  // namespace hvlm
