// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QString>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "jobs/events.h"

namespace hvlm::ui {

enum class JobState { kIdle, kQueued, kPreparing, kRunning, kPausing, kPaused, kStopping, kEvaluating, kDone, kStopped, kFailed, kLost };

struct JobPhase {
  QString name;
  int64_t done = 0, total = 0;  // total 0: not told
};

// A job as the panel shows it, derived from its events alone; the same for a job of this process and a followed run.
struct JobStatus {
  JobState state = JobState::kIdle;
  double since_seconds = 0.0;  // on the caller's clock, when this state began
  QString run_folder;
  bool attached = false;       // another process trains it
  bool evaluates = false;      // an evaluation alone, no training
  QString phase;               // what is done in "preparing" and "evaluating"
  int64_t phase_done = 0, phase_total = 0;
  std::vector<JobPhase> phases;  // of this preparation or evaluation: done, present and, as far as known, to come
  QString device;                // what it computes on; empty: not told
  int64_t patience = 0;          // train.patience of its config
  int64_t from_step = 0, step = 0, total_steps = 0;
  int64_t epochs_done = 0, total_epochs = 0;
  double wall_seconds = 0.0;
  double items_per_second = 0.0;  // videos
  double steps_per_second = 0.0;
  std::optional<double> loss;
  std::optional<double> best;     // of the selection on held-out videos
  int64_t evaluations_since_best = 0;
  std::optional<double> mean_std, effective_rank, r_x;  // of the step vectors, as last measured
  double best_epoch = 0.0;
  double epoch = 0.0;             // position, in epochs, of the last step
  QString summary;                // last word of a finished job
  QString failure;

  // The step the speeds were last taken at.
  int64_t mark_step = -1, mark_videos = 0;
  double mark_wall = 0.0;
};

void applyEvent(JobStatus& status, const JobEvent& event, double now_seconds);
void enter(JobStatus& status, JobState state, double now_seconds);  // no change of `since` when it is the state already

// "healthy", "collapsed", or empty while too little was measured: the part of the verdict (method.md 5.1) that a batch can tell.
QString liveVerdict(const JobStatus& status);
QString stateText(JobState state);
const char* stateIcon(JobState state);
QString waitingText(const JobStatus& status);  // what the state waits for; may be empty
QString phaseName(const std::string& phase);   // as the engine says it, in the user's language
QString phasesText(const JobStatus& status);   // a line each with its progress, while it prepares or evaluates; else empty
bool isActive(JobState state);   // somebody works on it
bool canPause(JobState state);
bool canStop(JobState state);
bool canResume(JobState state);  // of a pause, by the same job
bool canPause(const JobStatus& status);   // an evaluation does not pause
bool canCancel(const JobStatus& status);  // a training that is at work: it can be stopped and thrown away
std::optional<double> secondsLeft(const JobStatus& status);
QString progressText(const JobStatus& status);  // "epoch 31/80 ETA 2:10" of a training at work; else empty
QString deviceText(const JobStatus& status, int cores);  // what a job at work computes on, else what this machine has
QString durationText(double seconds);  // "42 s", "3:20", "1:02:03"

}  // namespace hvlm::ui
