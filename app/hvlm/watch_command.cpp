// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <map>
#include <memory>
#include <thread>

#include "command.h"
#include "console.h"
#include "jobs/follow.h"
#include "runs/control.h"
#include "support/error.h"
#include "support/text.h"

namespace hvlm::cli {
namespace {

struct WatchArguments {
  std::string run;
  std::string request;
  bool once = false;
};

// The newest values of a run, and a line about each thing that happens.
struct Latest {
  StepEvent step;
  std::map<std::string, double> values;
  bool quiet = false;

  void operator()(const StartedEvent& e) {
    if (e.from_step > 0) say("goes on from step " + std::to_string(e.from_step));
  }
  void operator()(const StepEvent& e) {
    step = e;
    for (const auto& [tag, value] : e.values) values[tag] = value;
  }
  void operator()(const EpochEvent& e) { say("epoch " + std::to_string(e.epoch) + " done, " + stepText()); }
  void operator()(const EvaluatedEvent& e) {
    std::string text = "step " + std::to_string(e.step);
    for (const auto& [tag, value] : e.values) {
      values[tag] = value;
      text += "  " + tag + " " + fixedNumber(value, 4);
    }
    say(text);
  }
  void operator()(const CheckpointEvent& e) { say("saved " + e.folder + (e.is_best ? " (best)" : "")); }
  void operator()(const StateEvent& e) { say(e.state); }
  void operator()(const WarningEvent& e) { say("warning: " + e.text); }
  void operator()(const FinishedEvent& e) { say(e.summary); }
  void operator()(const FailedEvent& e) { say("failed: " + e.message); }
  void operator()(const PhaseEvent&) {}

  std::string stepText() const {
    const auto loss = values.find("loss/total");
    return "step " + std::to_string(step.step) + "  epoch " + fixedNumber(step.epoch, 1) +
           (loss == values.end() ? "" : "  loss " + fixedNumber(loss->second, 4));
  }
  void say(const std::string& text) {
    if (!quiet) printText(text);
  }
};

int finish(const Session& session, const WatchArguments& a, const RunFollower& run, const Latest& latest) {
  if (session.json) {
    printJson({{"run", a.run},
               {"state", run.state()},
               {"step", std::max(latest.step.step, run.record().step)},
               {"epochs_done", run.record().epochs_done},
               {"total_epochs", run.record().total_epochs},
               {"values", latest.values}});
  } else if (a.once) {
    printText(run.state() + "  " + latest.stepText());
  }
  if (a.once || run.state() == "done" || run.state() == "stopped") return kDone;
  if (run.state() == "lost") {
    throw InputError({.where = a.run,
                      .expected = "a process that writes the run",
                      .found = "none: it was killed or its machine is gone",
                      .remedy = "Go on with: hvlm train --resume --run " + a.run});
  }
  return kFailed;
}

int watch(const Session& session, const WatchArguments& a) {
  RunFollower run(a.run);
  if (!a.request.empty()) {
    writeControl(a.run, a.request == "pause"  ? ControlRequest::kPause
                        : a.request == "stop" ? ControlRequest::kStop
                                              : ControlRequest::kResume);
    if (session.json) {
      printJson({{"run", a.run}, {"requested", a.request}});
    } else {
      printText("Asked " + a.run + " to " + a.request + ".");
    }
    return kDone;
  }
  const SignalWatch signals;
  Latest latest;
  latest.quiet = true;  // what happened before is one line
  for (const JobEvent& event : run.poll()) std::visit(latest, event);
  latest.quiet = session.json || a.once;
  if (!a.once) latest.say(run.state() + "  " + latest.stepText());
  const bool terminal = isatty(STDERR_FILENO) != 0 && !session.json;
  while (!a.once && !run.ended() && run.state() != "lost") {
    if (SignalWatch::asked()) throw Interrupted("no longer watching; the run goes on");
    std::this_thread::sleep_for(std::chrono::milliseconds(200));
    const std::vector<JobEvent> events = run.poll();
    if (terminal) std::fputs("\r\033[K", stderr);
    for (const JobEvent& event : events) std::visit(latest, event);
    if (terminal) std::fputs(latest.stepText().c_str(), stderr);
  }
  if (terminal && !a.once) std::fputs("\r\033[K", stderr);
  return finish(session, a, run, latest);
}

}  // namespace

void addWatchCommand(CLI::App& app, Session& session) {
  auto a = std::make_shared<WatchArguments>();
  CLI::App* command = addCommand(app, session, "watch", "Follow a run in the terminal, wherever it was started", [&session, a] { return watch(session, *a); });
  command->add_option("run", a->run, "Run folder")->required()->type_name("DIR");
  command->add_flag("--once", a->once, "Say where it stands and end");
  command->add_option("--request", a->request, "Ask the run to pause, resume or stop, and end")
      ->check(CLI::IsMember({"pause", "resume", "stop"}))
      ->type_name("WHAT");
}

}  // namespace hvlm::cli
