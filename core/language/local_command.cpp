// SPDX-License-Identifier: Apache-2.0
#include "language/local_command.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>

#include "support/error.h"
#include "support/text.h"

namespace hvlm {
namespace {

constexpr size_t kLargestAnswer = 4'000'000;
constexpr int kPollMilliseconds = 50;

struct Descriptor {
  int value = -1;
  ~Descriptor() { reset(); }
  void reset() {
    if (value >= 0) ::close(value);
    value = -1;
  }
};

// The input as a file without a name, so that nothing waits for the program to read it.
Descriptor inputFile(std::string_view text, const std::string& where) {
  Descriptor file{::memfd_create("input", MFD_CLOEXEC)};
  if (file.value < 0) throw systemError(where, "hand over the question", errno);
  while (!text.empty()) {
    const ssize_t n = ::write(file.value, text.data(), text.size());
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) throw systemError(where, "hand over the question", errno);
    text.remove_prefix(static_cast<size_t>(n));
  }
  ::lseek(file.value, 0, SEEK_SET);
  return file;
}

// A running program with its process group. Killed and reaped when it goes out of sight.
class Child {
 public:
  Child(const std::vector<std::string>& words, int input, int output) {
    std::vector<char*> arguments;
    std::vector<std::string> copies = words;
    for (std::string& word : copies) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
    sigset_t usual, none;
    sigemptyset(&usual);
    sigemptyset(&none);
    for (const int number : {SIGINT, SIGTERM, SIGHUP, SIGPIPE}) sigaddset(&usual, number);
    posix_spawnattr_setsigdefault(&attributes, &usual);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
    const int error = ::posix_spawnp(&id_, arguments.front(), &actions, &attributes, arguments.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    if (error != 0) throw systemError(words.front(), "start the program", error);
  }
  ~Child() {
    if (!reaped_) {
      ::kill(-id_, SIGKILL);
      wait();
    }
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  bool poll() {
    if (!reaped_) reaped_ = ::waitpid(id_, &status_, WNOHANG) == id_;
    return reaped_;
  }
  bool good() const { return WIFEXITED(status_) && WEXITSTATUS(status_) == 0; }
  std::string endText() const {
    return WIFEXITED(status_) ? "exit code " + std::to_string(WEXITSTATUS(status_)) : "signal " + std::to_string(WTERMSIG(status_));
  }

 private:
  void wait() {
    while (::waitpid(id_, &status_, 0) < 0 && errno == EINTR) {
    }
    reaped_ = true;
  }
  pid_t id_ = -1;
  int status_ = 0;
  bool reaped_ = false;
};

[[noreturn]] void fail(const std::string& where, const std::string& expected, const std::string& found, const std::string& remedy) {
  throw InputError({.where = where, .expected = expected, .found = found, .remedy = remedy});
}

// Appends what is there; true at the end of the output.
bool readSome(int descriptor, std::string& into, const std::string& where) {
  pollfd watched{.fd = descriptor, .events = POLLIN, .revents = 0};
  if (::poll(&watched, 1, kPollMilliseconds) <= 0) return false;
  char block[65536];
  const ssize_t n = ::read(descriptor, block, sizeof block);
  if (n < 0 && (errno == EINTR || errno == EAGAIN)) return false;
  if (n < 0) throw systemError(where, "read the answer", errno);
  into.append(block, static_cast<size_t>(n));
  return n == 0;
}

}  // namespace

std::string runLocalCommand(const LocalCommand& command, std::string_view input, std::stop_token stop) {
  if (command.words.empty() || command.words.front().empty()) fail("command", "a program and its arguments", "none", "Name the program.");
  const std::string& where = command.words.front();
  const Descriptor question = inputFile(input, where);
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) throw systemError(where, "make a pipe", errno);
  const Descriptor answer{ends[0]};
  Descriptor theirs{ends[1]};
  Child child(command.words, question.value, theirs.value);
  theirs.reset();
  const auto begun = std::chrono::steady_clock::now();
  std::string text;
  bool closed = false;
  while (!closed || !child.poll()) {
    if (!closed) {
      closed = readSome(answer.value, text, where);
    } else {
      ::poll(nullptr, 0, 5);  // it has said all and is about to end
    }
    if (stop.stop_requested()) throw Interrupted("stopped: the program was ended");
    if (text.size() > kLargestAnswer) fail(where, "an answer of at most 4 MB", "a longer one", "Check the program.");
    const std::chrono::duration<double> gone = std::chrono::steady_clock::now() - begun;
    if (gone.count() > command.total_seconds) fail(where, "an answer within " + fixedNumber(command.total_seconds, 1) + " s", "none", "Allow more time, or check the program.");
  }
  if (!child.good()) fail(where, "exit code 0", child.endText(), "Run the program by hand and look at its messages.");
  return text;
}

}  // namespace hvlm
