// SPDX-License-Identifier: Apache-2.0
#include "runs/run_lock.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <condition_variable>
#include <mutex>
#include <nlohmann/json.hpp>
#include <set>

#include "runs/run_folder_parts.h"
#include "runs/run_record.h"
#include "support/atomic_file.h"
#include "support/error.h"
#include "support/json_file.h"
#include "support/log.h"

namespace hvlm {
namespace fs = std::filesystem;
namespace {

constexpr auto kBeat = std::chrono::seconds(2);
constexpr auto kSilence = std::chrono::seconds(8);
constexpr auto kOldHeartbeat = std::chrono::seconds(30);  // file times of another machine may be off

// Runs this process holds, by canonical path.
struct Held {
  std::mutex mutex;
  std::set<std::string> runs;
};
Held& held() {
  static Held instance;
  return instance;
}
std::string keyOf(const fs::path& run) {
  std::error_code error;
  const fs::path canonical = fs::weakly_canonical(run, error);
  return error ? run.string() : canonical.string();
}

struct flock wholeFile(short type) {
  struct flock lock = {};
  lock.l_type = type;
  lock.l_whence = SEEK_SET;
  return lock;
}

bool isConflict(int error) { return error == EAGAIN || error == EACCES; }
bool isUnsupported(int error) { return error == ENOLCK || error == EOPNOTSUPP || error == ENOSYS || error == EINVAL; }

void writeHeartbeat(const fs::path& run, const Heartbeat& beat) {
  const nlohmann::json json = {
      {"host", beat.host}, {"boot_id", beat.boot_id}, {"pid", beat.pid}, {"counter", beat.counter}, {"locked", beat.locked}};
  writeFileAtomic(run / "heartbeat.json", json.dump() + "\n");
}

// A full disk stops the beat, never the run.
void beatUntilStopped(const std::stop_token& stop, const fs::path& run, Heartbeat beat) {
  std::mutex mutex;
  std::condition_variable_any wake;
  bool failing = false;
  while (!stop.stop_requested()) {
    ++beat.counter;
    try {
      writeHeartbeat(run, beat);
      failing = false;
    } catch (const std::exception& error) {
      if (!failing) logWarning(std::string("The heartbeat of the run cannot be written. ") + error.what());
      failing = true;
    }
    std::unique_lock lock(mutex);
    wake.wait_for(lock, stop, kBeat, [] { return false; });
  }
}

// The kernel drops a dead writer's lock: a free lock of a writer of this very machine means that it is gone.
bool writerIsGone(const fs::path& run, const Heartbeat& beat) {
  return beat.locked && !beat.boot_id.empty() && beat.boot_id == bootId() && beat.host == hostName() && !isLocked(run);
}

}  // namespace

InputError busyRun(const fs::path& run) {
  std::string holder = "another process writes it";
  if (const auto beat = readHeartbeat(run)) holder = "process " + std::to_string(beat->pid) + " on " + beat->host + " writes it";
  return InputError({.where = run.string(), .expected = "a run that nobody is writing", .found = holder,
                     .remedy = "Stop that process first, or follow the run with `hvlm watch`."});
}

RunLock::RunLock(const fs::path& run) : run_(run) {
  refuseForeignFolder(run);
  std::error_code error;
  fs::create_directories(run, error);
  if (error) throw systemError(run.string(), "create the run folder", error.value());
  const fs::path file = run / "run.lock";
  descriptor_ = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (descriptor_ < 0) throw systemError(file.string(), "write in the run folder", errno);
  struct flock lock = wholeFile(F_WRLCK);
  if (::fcntl(descriptor_, F_OFD_SETLK, &lock) != 0) {
    const int number = errno;
    if (!isUnsupported(number)) {
      ::close(descriptor_);
      throw isConflict(number) ? busyRun(run) : systemError(file.string(), "lock the run", number);
    }
    locked_ = false;
    logWarning(run.string() + ": this file system has no locks; never train the same run from two processes.");
  }
  {
    const std::lock_guard guard(held().mutex);
    held().runs.insert(keyOf(run));
  }
  Heartbeat beat{.host = hostName(), .boot_id = bootId(), .pid = getpid(), .counter = 0, .locked = locked_};
  if (const auto old = readHeartbeat(run)) beat.counter = old->counter;  // the counter only ever grows
  heart_ = std::jthread([folder = run_, beat](const std::stop_token& stop) { beatUntilStopped(stop, folder, beat); });
}

RunLock::~RunLock() {
  heart_.request_stop();
  heart_.join();
  {
    const std::lock_guard guard(held().mutex);
    held().runs.erase(keyOf(run_));
  }
  ::close(descriptor_);
}

bool isLocked(const fs::path& run) {
  const int descriptor = ::open((run / "run.lock").c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return false;
  struct flock lock = wholeFile(F_WRLCK);
  const bool asked = ::fcntl(descriptor, F_OFD_GETLK, &lock) == 0;
  ::close(descriptor);
  return asked && lock.l_type != F_UNLCK;
}

bool isLockedByThisProcess(const fs::path& run) {
  const std::lock_guard guard(held().mutex);
  return held().runs.contains(keyOf(run));
}

std::optional<Heartbeat> readHeartbeat(const fs::path& run) {
  try {
    const nlohmann::json json = readJsonFile(run / "heartbeat.json", 64 * 1024);
    return Heartbeat{.host = json.at("host").get<std::string>(),
                     .boot_id = json.value("boot_id", ""),
                     .pid = json.at("pid").get<int64_t>(),
                     .counter = json.at("counter").get<int64_t>(),
                     .locked = json.value("locked", true)};
  } catch (const InputError&) {
    return std::nullopt;
  } catch (const nlohmann::json::exception&) {
    return std::nullopt;
  }
}

bool LivenessTracker::alive(const fs::path& run, std::chrono::steady_clock::time_point now) {
  const auto beat = readHeartbeat(run);
  if (!beat) return isLocked(run);  // just taken, not beaten yet
  if (writerIsGone(run, *beat)) return false;
  Seen& seen = seen_[run.string()];
  if (seen.counter != beat->counter) {
    seen = {.counter = beat->counter, .when = now};
    return true;
  }
  return now - seen.when < kSilence;
}

bool aliveNow(const fs::path& run) {
  if (isLocked(run)) return true;
  const auto beat = readHeartbeat(run);
  if (!beat || writerIsGone(run, *beat)) return false;
  std::error_code error;
  const auto written = fs::last_write_time(run / "heartbeat.json", error);
  return !error && fs::file_time_type::clock::now() - written < kOldHeartbeat;
}

}  // namespace hvlm
