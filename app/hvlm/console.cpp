// SPDX-License-Identifier: Apache-2.0
#include "console.h"

#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cmath>
#include <condition_variable>
#include <future>
#include <csignal>
#include <cstdio>
#include <mutex>
#include <optional>
#include <vector>

#include "support/error.h"
#include "support/text.h"

namespace hvlm::cli {
namespace {

using Clock = std::chrono::steady_clock;
constexpr double kTerminalSeconds = 0.1;  // between two drawings of the progress line
constexpr double kSparseSeconds = 20.0;   // between two lines in a log

std::atomic<int> signals{0};
void onSignal(int) {
  if (signals.fetch_add(1) >= 1) _exit(130);  // the second time: now
}

double secondsSince(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

// Collects events on the engine thread for the main thread.
class Mailbox : public JobObserver {
 public:
  explicit Mailbox(std::function<void(const JobEvent&)> first = {}) : first_(std::move(first)) {}
  void onEvent(const JobEvent& event) override {
    if (first_) first_(event);
    {
      const std::lock_guard lock(mutex_);
      events_.push_back(event);
    }
    arrived_.notify_one();
  }
  std::vector<JobEvent> wait(std::chrono::milliseconds most) {
    std::unique_lock lock(mutex_);
    arrived_.wait_for(lock, most, [this] { return !events_.empty(); });
    return std::exchange(events_, {});
  }

 private:
  const std::function<void(const JobEvent&)> first_;  // on the engine thread
  std::mutex mutex_;
  std::condition_variable arrived_;
  std::vector<JobEvent> events_;
};

// One line on a terminal that is drawn over, sparse lines elsewhere.
class Progress {
 public:
  void operator()(const StartedEvent& e) {
    started_ = e;
    job_start_ = Clock::now();
    if (e.from_step > 0) say("goes on from step " + std::to_string(e.from_step) + " in " + e.run_folder);
  }
  void operator()(const PhaseEvent& e) {
    if (e.phase != phase_) {
      phase_ = e.phase;
      if (!terminal_) say(e.phase);
    }
    std::string text = e.phase;
    if (e.total > 0) text += " " + std::to_string(e.done) + "/" + std::to_string(e.total);
    draw(text);
  }
  void operator()(const StepEvent& e) {
    step_ = e.step;
    std::string text = "step " + std::to_string(e.step);
    if (started_.total_steps > 0) text += "/" + std::to_string(started_.total_steps);
    text += "  epoch " + fixedNumber(e.epoch, 1);
    if (started_.total_epochs > 0) text += "/" + std::to_string(started_.total_epochs);
    for (const auto& [tag, value] : e.values) {
      if (tag == "loss/total") text += "  loss " + fixedNumber(value, 4);
    }
    const double seconds = secondsSince(job_start_);
    if (seconds > 0 && e.videos_done > 0) text += "  " + fixedNumber(static_cast<double>(e.videos_done) / seconds, 1) + " videos/s";
    const int64_t done = e.step - started_.from_step;
    if (done > 0 && started_.total_steps > e.step) {
      text += "  " + durationText(seconds / static_cast<double>(done) * static_cast<double>(started_.total_steps - e.step)) + " left";
    }
    if (terminal_) {
      draw(text);
    } else if (secondsSince(last_line_) >= kSparseSeconds) {
      say(text);
    }
  }
  void operator()(const EpochEvent&) {}
  void operator()(const EvaluatedEvent& e) {
    std::string text = "step " + std::to_string(e.step) + ": " + e.subset;
    for (const auto& [tag, value] : e.values) {
      const size_t slash = tag.rfind('/');
      text += "  " + tag.substr(slash == std::string::npos ? 0 : slash + 1) + " " + fixedNumber(value, 4);
    }
    say(text + (e.is_best ? "  (best)" : ""));
  }
  void operator()(const CheckpointEvent& e) {
    if (terminal_) draw("saved " + e.folder);
  }
  void operator()(const StateEvent& e) { say(e.state + " at step " + std::to_string(e.step)); }
  void operator()(const WarningEvent& e) { say("warning: " + e.text); }
  void operator()(const FinishedEvent&) { clear(); }
  void operator()(const FailedEvent&) { clear(); }

  void say(const std::string& text) {
    clear();
    std::fprintf(stderr, "%s\n", text.c_str());
    last_line_ = Clock::now();
  }
  int64_t step() const { return step_; }
  int64_t fromStep() const { return started_.from_step; }

 private:
  void draw(const std::string& text) {
    if (!terminal_ || secondsSince(last_draw_) < kTerminalSeconds) return;
    std::fprintf(stderr, "\r\033[K%s", text.c_str());
    last_draw_ = Clock::now();
    drawn_ = true;
  }
  void clear() {
    if (drawn_) std::fputs("\r\033[K", stderr);
    drawn_ = false;
  }

  const bool terminal_ = isatty(STDERR_FILENO) != 0;
  bool drawn_ = false;
  StartedEvent started_;
  std::string phase_;
  int64_t step_ = 0;
  Clock::time_point job_start_ = Clock::now();
  Clock::time_point last_draw_, last_line_;
};

}  // namespace

SignalWatch::SignalWatch() {
  signals = 0;
  struct sigaction action = {};
  action.sa_handler = onSignal;
  sigaction(SIGINT, &action, nullptr);
  sigaction(SIGTERM, &action, nullptr);
}
SignalWatch::~SignalWatch() {
  std::signal(SIGINT, SIG_DFL);
  std::signal(SIGTERM, SIG_DFL);
}
bool SignalWatch::asked() { return signals > 0; }

Console::Console() = default;
Console::~Console() = default;

JobOutcome Console::run(JobSpec spec, Enough enough) {
  const SignalWatch watch;
  const Clock::time_point start = Clock::now();
  std::promise<JobRunner::JobId> started;  // the first event may come before the number of its job
  auto mailbox = std::make_shared<Mailbox>([this, enough = std::move(enough), number = started.get_future().share()](const JobEvent& event) {
    if (enough && enough(event)) runner_.stop(number.get());
  });
  Progress progress;
  const JobRunner::JobId id = runner_.start(std::move(spec), mailbox);
  started.set_value(id);
  bool stopping = false;
  for (;;) {
    for (const JobEvent& event : mailbox->wait(std::chrono::milliseconds(100))) {
      std::visit([&](const auto& e) { progress(e); }, event);
      if (const auto* failed = std::get_if<FailedEvent>(&event)) throw std::runtime_error(failed->message);
      if (const auto* finished = std::get_if<FinishedEvent>(&event)) {
        return {.finished = *finished, .from_step = progress.fromStep(), .step = progress.step(), .seconds = secondsSince(start)};
      }
    }
    if (SignalWatch::asked() && !std::exchange(stopping, true)) {
      progress.say("stopping after this step; once more ends at once");
      runner_.stop(id);
    }
  }
}

void runStoppable(const std::function<void(std::stop_token)>& work) {
  const SignalWatch watch;
  std::stop_source stop;
  auto result = std::async(std::launch::async, [&] { work(stop.get_token()); });
  while (result.wait_for(std::chrono::milliseconds(50)) != std::future_status::ready) {
    if (SignalWatch::asked()) stop.request_stop();
  }
  result.get();
}

void Console::call(std::function<void(JobEngine&, std::stop_token)> work) {
  runStoppable([&](std::stop_token stop) {
    auto ended = std::make_shared<std::promise<void>>();
    auto future = ended->get_future();
    runner_.call(
        "command",
        [work = std::move(work), stop, ended](JobEngine& engine) {
          try {
            work(engine, stop);
            ended->set_value();
          } catch (...) {
            ended->set_exception(std::current_exception());
          }
        },
        [ended](const std::string& failure) { ended->set_exception(std::make_exception_ptr(std::runtime_error(failure))); });
    future.get();
  });
}

VideoInspection Console::inspect(InspectSpec spec) {
  const SignalWatch watch;
  struct Answer {
    std::mutex mutex;
    std::condition_variable arrived;
    std::optional<VideoInspection> inspection;
    std::string failure;
  };
  auto answer = std::make_shared<Answer>();
  runner_.inspect(
      "command", std::move(spec),
      [answer](VideoInspection inspection) {
        const std::lock_guard lock(answer->mutex);
        answer->inspection = std::move(inspection);
        answer->arrived.notify_one();
      },
      [answer](std::string failure) {
        const std::lock_guard lock(answer->mutex);
        answer->failure = std::move(failure);
        answer->arrived.notify_one();
      });
  std::unique_lock lock(answer->mutex);
  while (!answer->inspection && answer->failure.empty()) {
    answer->arrived.wait_for(lock, std::chrono::milliseconds(100));
    if (SignalWatch::asked()) throw Interrupted("interrupted; nothing was written");
  }
  if (!answer->failure.empty()) throw std::runtime_error(answer->failure);
  return std::move(*answer->inspection);
}

std::string durationText(double seconds) {
  const int64_t whole = std::llround(seconds);
  const auto two = [](int64_t n) { return (n < 10 ? "0" : "") + std::to_string(n); };
  if (whole < 60) return std::to_string(whole) + " s";
  if (whole < 3600) return std::to_string(whole / 60) + " min " + two(whole % 60) + " s";
  return std::to_string(whole / 3600) + " h " + two(whole / 60 % 60) + " min";
}

}  // namespace hvlm::cli
