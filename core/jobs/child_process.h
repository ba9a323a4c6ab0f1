// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace hvlm {

struct ChildSpec {
  std::vector<std::string> words;   // absolute path of the program, then its arguments
  std::filesystem::path log;        // stdout and stderr go here, a new file each time; empty: nowhere
  int niceness = 0;                 // added to ours
  std::vector<std::pair<std::string, std::string>> environment;  // set on top of ours
};

struct ChildEnd {
  bool exited = false;  // false: a signal ended it
  int code = 0;         // exit code, or the signal's number
  bool good() const { return exited && code == 0; }
  std::string text() const;  // "exit code 1", "signal 9 (Killed)"
};

// One program beside this one. It reads nothing from the terminal, has its own process group (so that Ctrl+C reaches us alone and
// we decide what it means for the child), and gets SIGTERM when the thread that started it dies: start it from a thread that lives
// as long as the child. One thread at a time.
class ChildProcess {
 public:
  explicit ChildProcess(const ChildSpec& spec);  // throws InputError naming the program or the log
  ~ChildProcess();                               // kills and reaps what still runs
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  std::optional<ChildEnd> poll();  // nullopt while it runs
  ChildEnd wait();
  void signal(int number);  // nothing once it has ended
  pid_t id() const { return id_; }

 private:
  void take(int status);
  pid_t id_ = -1;
  std::optional<ChildEnd> end_;
};

}  // namespace hvlm
