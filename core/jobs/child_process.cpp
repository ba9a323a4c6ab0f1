// SPDX-License-Identifier: Apache-2.0
#include "jobs/child_process.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string_view>

#include "support/error.h"

namespace hvlm {
namespace {

struct Descriptor {
  int value = -1;
  ~Descriptor() {
    if (value >= 0) ::close(value);
  }
};

int openLog(const std::filesystem::path& log) {
  if (log.empty()) return ::open("/dev/null", O_WRONLY | O_CLOEXEC);
  std::error_code error;
  std::filesystem::create_directories(log.parent_path(), error);
  if (error) throw systemError(log.parent_path().string(), "create the folder of the log", error.value());
  return ::open(log.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0644);
}

// Everything the child needs between fork and exec, where only async-signal-safe calls may be made.
struct Prepared {
  std::vector<std::string> texts;
  std::vector<char*> words, environment;
};

Prepared prepare(const ChildSpec& spec) {
  Prepared p;
  for (const std::string& word : spec.words) p.texts.push_back(word);
  for (char** entry = environ; *entry; ++entry) {
    const std::string_view text = *entry;
    const std::string_view name = text.substr(0, text.find('='));
    bool replaced = false;
    for (const auto& [key, value] : spec.environment) replaced = replaced || key == name;
    if (!replaced) p.texts.emplace_back(text);
  }
  for (const auto& [key, value] : spec.environment) p.texts.push_back(key + "=" + value);
  for (size_t i = 0; i < p.texts.size(); ++i) (i < spec.words.size() ? p.words : p.environment).push_back(p.texts[i].data());
  p.words.push_back(nullptr);
  p.environment.push_back(nullptr);
  return p;
}

// In the child. Returns only when it failed; errno says why.
void becomeProgram(const Prepared& p, int input, int output, int niceness, pid_t parent) {
  if (::prctl(PR_SET_PDEATHSIG, SIGTERM) != 0) return;
  if (::getppid() != parent) _exit(128 + SIGTERM);  // it died before the line above
  ::setpgid(0, 0);
  if (::dup2(input, STDIN_FILENO) < 0 || ::dup2(output, STDOUT_FILENO) < 0 || ::dup2(output, STDERR_FILENO) < 0) return;
  if (niceness != 0) ::setpriority(PRIO_PROCESS, 0, ::getpriority(PRIO_PROCESS, 0) + niceness);
  for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGPIPE}) ::signal(number, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::execve(p.words.front(), p.words.data(), p.environment.data());
}

}  // namespace

std::string ChildEnd::text() const {
  if (exited) return "exit code " + std::to_string(code);
  const char* name = ::strsignal(code);
  return "signal " + std::to_string(code) + (name ? std::string(" (") + name + ")" : "");
}

ChildProcess::ChildProcess(const ChildSpec& spec) {
  const Prepared prepared = prepare(spec);
  const Descriptor log{openLog(spec.log)};
  if (log.value < 0) throw systemError(spec.log.string(), "write the log of a child process", errno);
  const Descriptor input{::open("/dev/null", O_RDONLY | O_CLOEXEC)};
  int ends[2];
  if (input.value < 0 || ::pipe2(ends, O_CLOEXEC) != 0) throw systemError(spec.words.front(), "make a pipe", errno);
  const Descriptor told{ends[0]};
  const pid_t parent = ::getpid();
  id_ = ::fork();
  if (id_ == 0) {
    becomeProgram(prepared, input.value, log.value, spec.niceness, parent);
    const int error = errno;
    const ssize_t written = ::write(ends[1], &error, sizeof error);
    _exit(written == sizeof error ? 127 : 126);
  }
  const int fork_error = errno;
  ::close(ends[1]);
  if (id_ < 0) throw systemError(spec.words.front(), "start the program", fork_error);
  // The pipe closes when the program begins; a failed exec leaves its error in it.
  int error = 0;
  ssize_t n = 0;
  while ((n = ::read(told.value, &error, sizeof error)) < 0 && errno == EINTR) {
  }
  if (n != sizeof error) return;
  wait();
  throw systemError(spec.words.front(), "start the program", error);
}

ChildProcess::~ChildProcess() {
  if (end_ || id_ <= 0) return;
  signal(SIGKILL);
  wait();
}

std::optional<ChildEnd> ChildProcess::poll() {
  int status = 0;
  if (!end_ && ::waitpid(id_, &status, WNOHANG) == id_) take(status);
  return end_;
}

ChildEnd ChildProcess::wait() {
  while (!end_) {
    int status = 0;
    if (::waitpid(id_, &status, 0) == id_) {
      take(status);
    } else if (errno != EINTR) {
      end_ = ChildEnd{};  // reaped by somebody else: how it ended is not known
    }
  }
  return *end_;
}

void ChildProcess::signal(int number) {
  if (!end_ && id_ > 0) ::kill(id_, number);
}

void ChildProcess::take(int status) {
  end_ = WIFEXITED(status) ? ChildEnd{.exited = true, .code = WEXITSTATUS(status)} : ChildEnd{.exited = false, .code = WTERMSIG(status)};
}

}  // namespace hvlm
