// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QTimer>
#include <QWidget>
#include <filesystem>
#include <memory>
#include <optional>

#include "jobs/engine.h"
#include "ui/training/estimate.h"
#include "ui/training/job_status.h"

class QLabel;
class QLineEdit;
class QMenu;
class QProgressBar;
class QPushButton;
class QToolButton;

namespace hvlm::ui {

class ActionList;
class ConfigForm;
class CostMeter;
class ElidedLabel;
class JobController;
class NoticeStrip;
class Prompts;
class Workspace;

// Starts, steers and shows a job: data set, run folder, config, the buttons, state with its time, progress and speed, and what a training
// would cost.
class TrainingPanel : public QWidget {
  Q_OBJECT
 public:
  TrainingPanel(Workspace& workspace, JobController& controller, Prompts& prompts, QWidget* parent = nullptr);

  void runOrResume();  // Ctrl+R: resumes a pause, goes on with the run shown when it can be, else starts a new run
  void startNew();
  void resumeRun(const QString& folder);  // goes on from its last checkpoint
  void cancelRun();      // asks; `cancelled` when the run is to be thrown away once it has stopped
  void closeLostRun();   // the run shown: its process is gone, it counts as stopped from now on
  bool showsLostRun() const;
  void loadConfig();
  void saveConfig();
  void loadConfigFile(const QString& file);
  // What stood in the form at the end of the last session: `edited` over the preset it began with. An `edited` that cannot be read becomes
  // "EDITED.bad", which is said; without one the preset stands.
  void takeUp(const QString& preset, const QString& edited);
  void put(const QString& preset, const RunConfig& config);  // in the form, as begun with that preset
  const QString& presetFile() const { return config_file_; }
  std::string formText() const;  // YAML of the whole config in the form
  void setRunFolder(const QString& folder);
  QString runFolder() const;
  void setRunState(const QString& folder, const QString& state);  // of the run shown, from its folder: "stopped", "lost" …
  void suggestRunFolder();
  void queueRun();        // the same as Run, as a job that waits for its turn
  void estimate();        // measures the config for a moment and says what a training would cost
  void showDifferences(); // of the form to the preset it began with
  QMenu* presetMenu() { return presets_; }
  QString estimateShown() const;
  CostMeter& cost() { return *cost_; }
  void setMachineBusy(bool busy);      // by jobs of the panel Jobs: nothing is measured meanwhile
  void setMemoryNow(double bytes);     // resident memory of the process that trains; 0: not known
  void lookAtRoom();                   // what is free for a run, on a worker
  void focusSearch();
  void searchOptions(const QString& words);  // and shows those that answer
  ConfigForm* form() { return form_; }
  void useActions(const ActionList& actions);  // buttons say their keys
  NoticeStrip* notice() { return notice_; }

 Q_SIGNALS:
  void openDataAsked();
  void queueAsked(const QString& title, const QStringList& arguments);
  void started(const QString& run_folder);
  void cancelled(const QString& run_folder);
  void closedLost(const QString& run_folder);
  void lostShown(bool lost);

 private:
  void showStatus();
  void showHeader();
  void showProgress();
  void showMachine();
  void followCost();
  void showCost(const QString& problem = {});
  std::optional<TrainingEstimate> knownCost(const RunConfig& config) const;
  void tellFailure();
  void goOnWith(const QString& run, const std::function<void(RunConfig&)>& change);
  void start(bool resume, const QString& folder, const RunConfig& config);
  void chooseFolder();
  void fillPresets();
  void showConfigName();

  Workspace& workspace_;
  JobController& controller_;
  Prompts& prompts_;
  NoticeStrip* notice_;
  QLabel* health_;
  ElidedLabel* estimate_text_;
  QMenu* presets_;
  QPushButton* queue_;
  QToolButton* estimate_;
  QToolButton* differences_;
  CostMeter* cost_;
  RunConfig preset_;
  QLabel* state_icon_;
  QLabel* state_;
  ElidedLabel* waiting_;
  ElidedLabel* progress_text_;
  ElidedLabel* speed_;
  ElidedLabel* machine_;
  QProgressBar* progress_;
  QPushButton* run_;
  QPushButton* pause_;
  QPushButton* stop_;
  QPushButton* resume_;
  QPushButton* cancel_;
  QPushButton* close_lost_;
  ElidedLabel* data_;
  QLineEdit* folder_;
  QLineEdit* search_;
  ConfigForm* form_;
  QString config_name_, config_file_;
  ElidedLabel* config_label_;
  QString shown_folder_, shown_state_;
  QTimer clock_;
  double memory_now_ = 0.0;
  std::optional<double> memory_expected_;  // of the training that this window runs
  bool machine_busy_ = false, was_active_ = false, was_lost_ = false;
  JobState last_state_ = JobState::kIdle;
};

QString freeRunFolder(const QString& parent);  // any thread: parent/0001, 0002, … the first that is not there

}  // namespace hvlm::ui
