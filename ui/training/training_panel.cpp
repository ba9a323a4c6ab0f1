// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/training/training_panel.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QMenu>
#include <QRegularExpression>
#include <QProgressBar>
#include <QPushButton>
#include <QScrollArea>
#include <QToolButton>
#include <QVBoxLayout>
#include <set>

#include "support/atomic_file.h"
#include "jobs/failure.h"
#include "runs/run_folder.h"
#include "support/paths.h"
#include "support/text.h"
#include "ui/curves/curve_plot.h"
#include "ui/shell/action_list.h"
#include "ui/shell/background.h"
#include "support/hash.h"
#include "support/error.h"
#include "ui/shell/elided_label.h"
#include "ui/shell/text_dialog.h"
#include "ui/training/cost_meter.h"
#include "ui/shell/notice_strip.h"
#include "ui/shell/prompts.h"
#include "ui/shell/session.h"
#include "ui/style/icons.h"
#include "ui/style/theme.h"
#include "ui/text.h"
#include "ui/training/config_form.h"
#include "ui/training/job_controller.h"
#include "ui/workspace.h"

namespace hvlm::ui {
namespace {

IconTone toneOf(JobState state) {
  switch (state) {
    case JobState::kRunning:
    case JobState::kDone: return IconTone::kGood;
    case JobState::kFailed: return IconTone::kBad;
    case JobState::kLost: return IconTone::kWarning;
    default: return IconTone::kMuted;
  }
}

QLabel* mutedLabel(const QString& text, QWidget* parent) {
  auto* label = new QLabel(text, parent);
  label->setProperty("role", "muted");
  return label;
}

QToolButton* smallButton(const char* name, const char* icon_name, const QString& tip, QWidget* parent) {
  auto* made = new QToolButton(parent);
  made->setObjectName(QLatin1String(name));
  made->setIcon(icon(icon_name));
  made->setToolTip(tip);
  made->setAccessibleName(tip);
  made->setFixedSize(28, 28);
  return made;
}

}  // namespace

QString freeRunFolder(const QString& parent) {
  std::error_code none;
  std::set<std::string> taken;
  for (const auto& entry : std::filesystem::directory_iterator(pathOf(parent), none)) taken.insert(entry.path().filename().string());
  for (int number = static_cast<int>(taken.size()) + 1;; ++number) {
    const QString name = QStringLiteral("%1").arg(number, 4, 10, QLatin1Char('0'));
    if (!taken.contains(stdText(name))) return parent + QLatin1Char('/') + name;
  }
}

TrainingPanel::TrainingPanel(Workspace& workspace, JobController& controller, Prompts& prompts, QWidget* parent)
    : QWidget(parent), workspace_(workspace), controller_(controller), prompts_(prompts) {
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(4, 8, 8, 4);
  column->setSpacing(6);
  notice_ = new NoticeStrip(this);
  column->addWidget(notice_);

  auto* state_row = new QHBoxLayout;
  state_row->setSpacing(6);
  state_icon_ = new QLabel(this);
  state_ = new QLabel(this);
  state_->setObjectName(QStringLiteral("jobStateLabel"));
  state_->setProperty("role", "title");
  waiting_ = new ElidedLabel(this);
  waiting_->setProperty("role", "muted");
  waiting_->setObjectName(QStringLiteral("jobWaitingLabel"));
  state_row->addWidget(state_icon_);
  state_row->addWidget(state_);
  state_row->addWidget(waiting_, 1);
  progress_ = new QProgressBar(this);
  progress_->setObjectName(QStringLiteral("jobProgress"));
  progress_->setTextVisible(false);
  progress_->setAccessibleName(tr("Progress"));
  progress_text_ = new ElidedLabel(this);
  progress_text_->setObjectName(QStringLiteral("jobProgressLabel"));
  speed_ = new ElidedLabel(this);
  speed_->setObjectName(QStringLiteral("jobSpeedLabel"));
  machine_ = new ElidedLabel(this);
  machine_->setObjectName(QStringLiteral("jobMachineLabel"));
  for (ElidedLabel* label : {speed_, machine_}) label->setProperty("role", "muted");
  column->addLayout(state_row);
  column->addWidget(progress_);
  health_ = new QLabel(this);
  health_->setObjectName(QStringLiteral("healthLabel"));
  health_->setToolTip(tr("Collapse: standard deviation and effective rank of the step vectors, cosine of steps of different videos (R_x). Rank below 2 or R_x near 1 is collapse, whatever the loss says."));
  for (QWidget* comes_and_goes : {static_cast<QWidget*>(machine_), static_cast<QWidget*>(health_)}) {  // the buttons below stay where they are
    QSizePolicy keep = comes_and_goes->sizePolicy();
    keep.setRetainSizeWhenHidden(true);
    comes_and_goes->setSizePolicy(keep);
  }
  column->addWidget(progress_text_);
  column->addWidget(speed_);
  column->addWidget(health_);
  column->addWidget(machine_);

  const auto push = [this](const char* name, const char* icon_name, const QString& text, const QString& tip, IconTone tone = IconTone::kText) {
    auto* made = new QPushButton(icon(icon_name, tone), text, this);
    made->setObjectName(QLatin1String(name));
    made->setToolTip(tip);
    made->setIconSize(QSize(14, 14));
    return made;
  };
  run_ = push("runButton", "play", tr("Run"), tr("Start a new run"), IconTone::kOnAccent);
  run_->setProperty("primary", true);
  pause_ = push("pauseButton", "pause", tr("Pause"), tr("Halt after this step"));
  stop_ = push("stopRunButton", "stop", tr("Stop and keep"), tr("Stop after this step and keep a checkpoint"));
  resume_ = push("resumeButton", "resume", tr("Resume"), tr("Go on with the paused, stopped or lost run"));
  auto* buttons = new QGridLayout;
  buttons->setSpacing(6);
  buttons->addWidget(run_, 0, 0);
  buttons->addWidget(pause_, 0, 1);
  buttons->addWidget(resume_, 1, 0);
  buttons->addWidget(stop_, 1, 1);
  queue_ = push("queueRunButton", "queued", tr("Queue"), tr("Train this config after the jobs that wait in the panel Jobs"));
  cancel_ = push("cancelRunButton", "close", tr("Cancel…"), tr("Stop after this step and move the run to the trash; asks first"));
  close_lost_ = push("closeLostButton", "stopped", tr("Close the lost run"), tr("Its process is gone: mark the run as stopped. Its checkpoints stay and Resume goes on from the last one."));
  buttons->addWidget(queue_, 2, 0);
  buttons->addWidget(cancel_, 2, 1);
  buttons->addWidget(close_lost_, 3, 0, 1, 2);
  column->addLayout(buttons);

  auto* data_row = new QHBoxLayout;
  data_row->setSpacing(4);
  data_ = new ElidedLabel(this);
  data_->setObjectName(QStringLiteral("trainingDataLabel"));
  auto* pick_data = smallButton("chooseDataButton", "folder", tr("Open another data set…"), this);
  data_row->addWidget(mutedLabel(tr("data"), this));
  data_row->addWidget(data_, 1);
  data_row->addWidget(pick_data);
  auto* folder_row = new QHBoxLayout;
  folder_row->setSpacing(4);
  folder_ = new QLineEdit(this);
  folder_->setObjectName(QStringLiteral("runFolderEdit"));
  folder_->setAccessibleName(tr("Run folder"));
  folder_->setPlaceholderText(tr("Folder of the new run"));
  auto* pick_folder = smallButton("chooseFolderButton", "folder", tr("Choose the folder of the new run…"), this);
  folder_row->addWidget(mutedLabel(tr("run"), this));
  folder_row->addWidget(folder_, 1);
  folder_row->addWidget(pick_folder);
  column->addLayout(data_row);
  column->addLayout(folder_row);

  auto* config_row = new QHBoxLayout;
  config_row->setSpacing(4);
  config_label_ = new ElidedLabel(this, Qt::ElideMiddle);
  config_label_->setObjectName(QStringLiteral("configNameLabel"));
  auto* load = smallButton("loadConfigButton", "folder", tr("Load a config…"), this);
  auto* save = smallButton("saveConfigButton", "save", tr("Save this config…"), this);
  config_row->addWidget(mutedLabel(tr("config"), this));
  config_row->addWidget(config_label_, 1);
  auto* preset = smallButton("presetButton", "demo", tr("Presets that come with the program"), this);
  presets_ = new QMenu(this);
  preset->setMenu(presets_);
  preset->setPopupMode(QToolButton::InstantPopup);
  differences_ = smallButton("configDifferencesButton", "table", tr("What differs from the preset…"), this);
  estimate_ = smallButton("estimateButton", "lost", tr("Estimate time, memory and disk"), this);
  config_row->addWidget(load);
  config_row->addWidget(save);
  search_ = new QLineEdit(this);
  search_->setObjectName(QStringLiteral("configSearchEdit"));
  search_->setPlaceholderText(tr("Search options"));
  search_->setAccessibleName(tr("Search options"));
  search_->setClearButtonEnabled(true);
  search_->addAction(icon("search", IconTone::kMuted), QLineEdit::LeadingPosition);
  form_ = new ConfigForm;
  auto* scroll = new QScrollArea(this);
  scroll->setWidget(form_);
  scroll->setWidgetResizable(true);
  scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  scroll->setFocusPolicy(Qt::NoFocus);
  estimate_text_ = new ElidedLabel(this);
  estimate_text_->setObjectName(QStringLiteral("estimateLabel"));
  estimate_text_->setProperty("role", "muted");
  auto* estimate_row = new QHBoxLayout;
  estimate_row->setSpacing(4);
  estimate_row->addWidget(preset);
  estimate_row->addWidget(differences_);
  estimate_row->addWidget(estimate_);
  estimate_row->addWidget(estimate_text_, 1);
  column->addLayout(config_row);
  column->addLayout(estimate_row);
  column->addWidget(search_);
  column->addWidget(scroll, 1);

  connect(run_, &QPushButton::clicked, this, &TrainingPanel::startNew);
  connect(pause_, &QPushButton::clicked, &controller_, &JobController::pause);
  connect(stop_, &QPushButton::clicked, &controller_, &JobController::stop);
  connect(resume_, &QPushButton::clicked, this, [this] {
    if (canResume(controller_.status().state)) {
      controller_.resume();
    } else {
      resumeRun(shown_folder_);
    }
  });
  connect(queue_, &QPushButton::clicked, this, &TrainingPanel::queueRun);
  connect(cancel_, &QPushButton::clicked, this, &TrainingPanel::cancelRun);
  connect(close_lost_, &QPushButton::clicked, this, &TrainingPanel::closeLostRun);
  connect(estimate_, &QToolButton::clicked, this, &TrainingPanel::estimate);
  connect(differences_, &QToolButton::clicked, this, &TrainingPanel::showDifferences);
  cost_ = new CostMeter(this);
  connect(cost_, &CostMeter::changed, this, [this] { showCost(); });
  connect(cost_, &CostMeter::failed, this, &TrainingPanel::showCost);
  connect(form_, &ConfigForm::changed, this, &TrainingPanel::followCost);
  fillPresets();
  connect(pick_data, &QToolButton::clicked, this, &TrainingPanel::openDataAsked);
  connect(pick_folder, &QToolButton::clicked, this, &TrainingPanel::chooseFolder);
  connect(load, &QToolButton::clicked, this, &TrainingPanel::loadConfig);
  connect(save, &QToolButton::clicked, this, &TrainingPanel::saveConfig);
  connect(search_, &QLineEdit::textChanged, form_, &ConfigForm::setSearch);
  connect(form_, &ConfigForm::changed, this, &TrainingPanel::showStatus);
  connect(folder_, &QLineEdit::textChanged, this, &TrainingPanel::showStatus);
  connect(&controller_, &JobController::statusChanged, this, &TrainingPanel::showStatus);
  connect(&controller_, &JobController::eventsArrived, this, [this](const std::vector<JobEvent>& events) {
    for (const JobEvent& event : events) {
      if (const auto* warning = std::get_if<WarningEvent>(&event)) notice_->show(NoticeLevel::kWarning, qText(warning->text));
    }
  });
  connect(&workspace_, &Workspace::dataChanged, this, [this] {
    suggestRunFolder();
    showStatus();
    followCost();
  });
  connect(&workspace_, &Workspace::loadingChanged, this, &TrainingPanel::showStatus);
  connect(&Theme::instance(), &Theme::changed, this, [this] {
    last_state_ = JobState::kIdle;
    showStatus();
  });
  clock_.setInterval(1000);
  connect(&clock_, &QTimer::timeout, this, &TrainingPanel::showHeader);
  clock_.start();
  config_name_ = tr("standard values");
  showStatus();
}

QString TrainingPanel::runFolder() const { return folder_->text().trimmed(); }
void TrainingPanel::setRunFolder(const QString& folder) { folder_->setText(folder); }

void TrainingPanel::suggestRunFolder() {
  if (!workspace_.data()) return;
  const QString parent = qText(dataFolder() / "runs" / workspace_.data()->spec.name);
  inBackground(this, [parent] { return freeRunFolder(parent); }, [this](const QString& folder) {
    if (!controller_.busy()) folder_->setText(folder);
  });
}

void TrainingPanel::setRunState(const QString& folder, const QString& state) {
  if (folder == shown_folder_ && state == shown_state_) return;
  shown_folder_ = folder;
  shown_state_ = state;
  showStatus();
}

void TrainingPanel::focusSearch() {
  search_->setFocus(Qt::ShortcutFocusReason);
  search_->selectAll();
}

void TrainingPanel::useActions(const ActionList& actions) {
  const std::pair<QWidget*, const char*> buttons[] = {{run_, "runOrResume"}, {resume_, "runOrResume"}, {stop_, "stop"}, {pause_, "pause"}, {queue_, "queueRun"}};
  for (const auto& [button, id] : buttons) actions.tip(button, {QLatin1String(id)});
}

void TrainingPanel::searchOptions(const QString& words) {
  search_->setText(words);
  focusSearch();
}

void TrainingPanel::runOrResume() {
  if (canResume(controller_.status().state)) {
    controller_.resume();
  } else if (resume_->isEnabled()) {
    resumeRun(shown_folder_);
  } else if (run_->isEnabled()) {
    startNew();
  }
}

void TrainingPanel::startNew() {
  if (!form_->problem().isEmpty()) {
    notice_->show(NoticeLevel::kBad, form_->problem());
    return;
  }
  const RunConfig config = form_->config();
  const auto cost = knownCost(config);
  const QString problem = cost ? roomProblem(*cost, cost_->room()) : QString();
  if (!problem.isEmpty() && prompts_.choose(this, tr("This training may not fit on this machine."), problem, {tr("Back to the form"), tr("Start anyway")}) != 1) return;
  start(false, runFolder(), config);
}

void TrainingPanel::cancelRun() {
  if (!canCancel(controller_.status())) return;
  const QString folder = controller_.status().run_folder;
  const int answer = prompts_.choose(this, tr("Cancel the run %1?").arg(qText(pathOf(folder).filename())),
                                     tr("Training stops after this step and the whole run folder goes to the trash, with its checkpoints, curves and reports. Undo brings it back."),
                                     {tr("Go on training"), tr("Stop and keep"), tr("Stop and move to the trash")});
  if (answer < 1 || controller_.status().run_folder != folder) return;
  if (answer == 2) Q_EMIT cancelled(folder);  // also when it has ended while the question stood
  controller_.stop();
}

bool TrainingPanel::showsLostRun() const { return controller_.status().state == JobState::kLost || (shown_state_ == QLatin1String("lost") && !controller_.busy()); }

void TrainingPanel::closeLostRun() {
  if (!showsLostRun()) return;
  const QString folder = shown_state_ == QLatin1String("lost") ? shown_folder_ : controller_.status().run_folder;
  inBackground(
      this, [folder] { ::hvlm::closeLostRun(pathOf(folder)); },
      [this, folder] {
        if (shown_folder_ == folder) setRunState(folder, QStringLiteral("stopped"));
        Q_EMIT closedLost(folder);
      },
      [this](const QString& message) { notice_->show(NoticeLevel::kBad, message); });
}

void TrainingPanel::resumeRun(const QString& folder) {
  if (folder.isEmpty() || !workspace_.data()) return;
  inBackground(
      this, [folder] { return readRunConfig(pathOf(folder) / "config.yaml"); },
      [this, folder](const RunConfig& config) {
        if (!window()->isVisible()) return;  // closed meanwhile: nothing may begin in it
        form_->setConfig(config);
        config_name_ = tr("of run %1").arg(qText(pathOf(folder).filename()));
        start(true, folder, config);
      },
      [this](const QString& message) { notice_->show(NoticeLevel::kBad, message); });
}

// A run of this window, whose config is in the form, that ended for want of memory offers what needs less of it. A resume keeps its config, so these are new runs from its weights.
void TrainingPanel::tellFailure() {
  const JobStatus& s = controller_.status();
  std::vector<NoticeAction> actions;
  if (!s.evaluates && !s.attached && saysOutOfMemory(stdText(s.failure))) {
    const RunConfig& config = form_->config();
    const int64_t half = config.train.batch_size / 2;
    if (half > 0) actions.push_back({tr("Go on with batch %1").arg(half), [this, run = s.run_folder, half] { goOnWith(run, [half](RunConfig& c) { c.train.batch_size = half; }); }});
    if (!config.train.checkpoint_activations) {
      actions.push_back({tr("Go on, computing activations again"), [this, run = s.run_folder] { goOnWith(run, [](RunConfig& c) { c.train.checkpoint_activations = true; }); }});
    }
    actions.push_back({tr("Open settings"), [this] { searchOptions(QStringLiteral("batch_size")); }});
  }
  notice_->show(NoticeLevel::kBad, s.failure, actions);
}

// A new run with this change, from the weights of `run` where it has kept some.
void TrainingPanel::goOnWith(const QString& run, const std::function<void(RunConfig&)>& change) {
  if (run.isEmpty() || !workspace_.data()) return;
  inBackground(
      this,
      [run, change, wanted = pathOf(runFolder())] {
        std::error_code none;
        RunConfig config = readRunConfig(pathOf(run) / "config.yaml");
        change(config);
        const std::filesystem::path old = std::filesystem::absolute(pathOf(run));
        if (std::filesystem::exists(old / "checkpoints" / "last", none)) config.train.init = old.string();
        std::filesystem::path folder = wanted;
        for (int number = 2; folder.empty() || std::filesystem::exists(folder, none); ++number) folder = old.parent_path() / (old.filename().string() + "-" + std::to_string(number));
        return std::pair(config, qText(folder));
      },
      [this, run](const std::pair<RunConfig, QString>& made) {
        form_->setConfig(made.first);
        config_name_ = tr("of run %1").arg(qText(pathOf(run).filename()));
        start(false, made.second, made.first);
      },
      [this](const QString& message) { notice_->show(NoticeLevel::kBad, message); });
}

void TrainingPanel::start(bool resume, const QString& folder, const RunConfig& config) {
  if (controller_.busy() || !workspace_.data() || folder.isEmpty()) return;
  try {
    validateConfig(config, "config");
  } catch (const std::exception& error) {
    notice_->show(NoticeLevel::kBad, qText(error.what()));
    return;
  }
  notice_->clear();
  TrainSpec spec;
  spec.config = config;
  spec.data = stdText(workspace_.data()->file);
  spec.run_folder = stdText(folder);
  spec.resume = resume;
  spec.evaluate_after = true;
  const auto cost = knownCost(config);
  memory_expected_ = cost ? std::optional(cost->memory_bytes) : std::nullopt;
  controller_.start(std::move(spec));
  Q_EMIT started(folder);
}

void TrainingPanel::chooseFolder() {
  const QString folder = prompts_.openFolder(this, tr("Folder of the new run"));
  if (!folder.isEmpty()) folder_->setText(folder);
}

void TrainingPanel::loadConfig() {
  const QString file = prompts_.openFile(this, tr("Load a config"), tr("Configs (*.yaml *.yml);;All files (*)"));
  if (!file.isEmpty()) loadConfigFile(file);
}

void TrainingPanel::loadConfigFile(const QString& file) {
  inBackground(
      this, [file] { return readRunConfig(pathOf(file)); },
      [this, file](const RunConfig& config) {
        config_name_ = qText(pathOf(file).filename());
        config_file_ = file;
        preset_ = config;
        notice_->clear();
        form_->setConfig(config);
        showConfigName();
      },
      [this](const QString& message) { notice_->show(NoticeLevel::kBad, message); });
}

void TrainingPanel::takeUp(const QString& preset, const QString& edited) {
  inBackground(
      this,
      [preset, edited] {
        const RunConfig begun = readRunConfig(pathOf(preset));
        std::error_code none;
        if (!std::filesystem::exists(pathOf(edited), none)) return std::tuple(begun, begun, QString());
        try {
          return std::tuple(begun, readRunConfig(pathOf(edited)), QString());
        } catch (const std::exception& error) {  // set aside: the form of now is written over it in a second
          const QString aside = moveAside(pathOf(edited));
          return std::tuple(begun, begun, uiText("What was typed into the training form last time could not be read and was set aside as %1. %2").arg(aside, qText(error.what())));
        }
      },
      [this, preset](const std::tuple<RunConfig, RunConfig, QString>& read) {
        config_name_ = qText(pathOf(preset).filename());
        config_file_ = preset;
        preset_ = std::get<0>(read);
        form_->setConfig(std::get<1>(read));
        showConfigName();
        if (const QString& problem = std::get<2>(read); !problem.isEmpty()) notice_->show(NoticeLevel::kWarning, problem);
      },
      [this](const QString& message) { notice_->show(NoticeLevel::kBad, message); });
}

void TrainingPanel::put(const QString& preset, const RunConfig& config) {
  if (preset == config_file_) {
    form_->setConfig(config);
    return;
  }
  inBackground(
      this, [preset] { return readRunConfig(pathOf(preset)); },
      [this, preset, config](const RunConfig& begun) {
        config_name_ = qText(pathOf(preset).filename());
        config_file_ = preset;
        preset_ = begun;
        form_->setConfig(config);
        showConfigName();
      },
      [this](const QString& message) { notice_->show(NoticeLevel::kBad, message); });
}

std::string TrainingPanel::formText() const { return configYaml(form_->config()); }

// The configs that come with the program, in their folders.
void TrainingPanel::fillPresets() {
  const auto list = [] {
    std::vector<std::pair<QString, QString>> found;  // name, file
    const std::filesystem::path root = bundled("configs");
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root)) {
      const std::filesystem::path name = std::filesystem::relative(entry.path(), root);
      if (entry.path().extension() == ".yaml" && name.begin()->string() != "budgets") found.emplace_back(qText(name.parent_path() / name.stem()), qText(entry.path()));
    }
    std::sort(found.begin(), found.end(), [](const auto& a, const auto& b) {
      const auto depth = [](const QString& name) { return name.count(QLatin1Char('/')); };
      return depth(a.first) != depth(b.first) ? depth(a.first) < depth(b.first) : a.first < b.first;
    });
    return found;
  };
  inBackground(this, list, [this](const std::vector<std::pair<QString, QString>>& found) {
    QHash<QString, QMenu*> menus;
    for (const auto& [name, file] : found) {
      const QString group = name.section(QLatin1Char('/'), 0, -2);
      if (!group.isEmpty() && !menus.contains(group)) menus[group] = presets_->addMenu(group);
      (group.isEmpty() ? presets_ : menus[group])->addAction(name.section(QLatin1Char('/'), -1), this, [this, file = file] { loadConfigFile(file); });
    }
  });
}

void TrainingPanel::showConfigName() {
  const auto count = configDifferences(preset_, form_->config()).size();
  differences_->setEnabled(count > 0);
  config_label_->setText(count == 0 ? config_name_ : tr("%1, %n option(s) changed", nullptr, static_cast<int>(count)).arg(config_name_));
}

void TrainingPanel::showDifferences() {
  QString text;
  for (const std::string& difference : configDifferences(preset_, form_->config())) text += qText(difference) + QLatin1Char('\n');
  auto* dialog = new TextDialog(tr("%1 / the form").arg(config_name_), text, this);
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  dialog->show();
}

// With a config that another process reads: in the state folder, by content.
void TrainingPanel::queueRun() {
  if (!workspace_.data() || runFolder().isEmpty()) return;
  const QString folder = runFolder();
  std::string text;
  try {
    if (!form_->problem().isEmpty()) throw InputError({.where = "config", .expected = "values that can be used", .found = stdText(form_->problem()), .remedy = ""});
    validateConfig(form_->config(), "config");
    text = configYaml(form_->config());
  } catch (const std::exception& error) {
    notice_->show(NoticeLevel::kBad, qText(error.what()));
    return;
  }
  const auto write = [text] {
    const std::filesystem::path file = stateFolder() / "configs" / (contentHash(text) + ".yaml");
    std::filesystem::create_directories(file.parent_path());
    writeFileAtomic(file, text);
    return qText(file);
  };
  inBackground(
      this, write,
      [this, folder, data = workspace_.data()->file](const QString& file) {
        Q_EMIT queueAsked(tr("Train %1").arg(qText(pathOf(folder).filename())),
                          {QStringLiteral("train"), QStringLiteral("--config"), file, QStringLiteral("--data"), data, QStringLiteral("--run"), folder, QStringLiteral("--evaluate")});
      },
      [this](const QString& message) { notice_->show(NoticeLevel::kBad, message); });
  // The next one in the queue gets the next free folder, also while this one has not been made.
  static const QRegularExpression number(QStringLiteral("(\\d+)$"));
  if (const auto match = number.match(folder); match.hasMatch()) {
    const QString digits = match.captured(1);
    folder_->setText(folder.left(folder.size() - digits.size()) + QStringLiteral("%1").arg(digits.toLongLong() + 1, digits.size(), 10, QLatin1Char('0')));
  }
}

QString TrainingPanel::estimateShown() const { return estimate_text_->toolTip(); }

void TrainingPanel::estimate() {
  const auto loaded = workspace_.data();
  if (!loaded) return;
  const EstimateInput input = estimateInput(*loaded, form_->config());
  const QString problem = input.videos < 1 ? tr("There are no videos in the subset \"%1\".").arg(qText(form_->config().train.training_subset)) : form_->problem();
  if (problem.isEmpty()) cost_->ask(form_->config(), input, runFolder(), false);
  showCost(problem);
}

std::optional<TrainingEstimate> TrainingPanel::knownCost(const RunConfig& config) const {
  const auto loaded = workspace_.data();
  return loaded ? cost_->estimate(config, estimateInput(*loaded, config)) : std::nullopt;
}

// Measured by itself while nobody computes, so that what is said about the form is there before Run is pressed.
void TrainingPanel::followCost() {
  const auto loaded = workspace_.data();
  const EstimateInput input = loaded ? estimateInput(*loaded, form_->config()) : EstimateInput();
  if (input.videos < 1 || input.columns < 1 || machine_busy_ || isActive(controller_.status().state) || !form_->problem().isEmpty()) {
    cost_->giveUp();
  } else {
    cost_->ask(form_->config(), input, runFolder(), true);
  }
  showCost();
}

void TrainingPanel::showCost(const QString& problem) {
  const auto cost = knownCost(form_->config());
  estimate_text_->setText(!problem.isEmpty()    ? problem
                          : cost                ? estimateText(*cost, cost_->room())
                          : cost_->measuring() ? tr("measuring a few steps …")
                                                : QString());
}

void TrainingPanel::setMachineBusy(bool busy) {
  if (std::exchange(machine_busy_, busy) != busy) followCost();
}

void TrainingPanel::setMemoryNow(double bytes) {
  memory_now_ = bytes;
  showMachine();
}

void TrainingPanel::lookAtRoom() {
  if (workspace_.data() && isVisible()) cost_->lookAtRoom(runFolder());
}

void TrainingPanel::saveConfig() {
  const QString file = prompts_.saveFile(this, tr("Save this config"), QStringLiteral("config.yaml"), tr("Configs (*.yaml)"));
  if (file.isEmpty()) return;
  inBackground(
      this, [file, text = configYaml(form_->config())] { writeFileAtomic(pathOf(file), text); },
      [this, file] { notice_->show(NoticeLevel::kGood, tr("Saved as %1").arg(file)); },
      [this](const QString& message) { notice_->show(NoticeLevel::kBad, message); });
}

void TrainingPanel::showStatus() {
  const JobStatus& s = controller_.status();
  const bool ours = controller_.busy();
  const bool can_go_on = shown_state_ == QLatin1String("stopped") || shown_state_ == QLatin1String("lost") ||
                         shown_state_ == QLatin1String("failed");
  const bool has_data = workspace_.data() != nullptr && workspace_.data()->store_problem.isEmpty();
  run_->setEnabled(!ours && has_data && !runFolder().isEmpty());
  pause_->setEnabled(canPause(s));
  stop_->setEnabled(canStop(s.state));
  resume_->setEnabled(canResume(s.state) || (!ours && has_data && can_go_on && !shown_folder_.isEmpty()));
  folder_->setEnabled(!ours);
  form_->setLocked(ours);
  if (s.state == JobState::kFailed && last_state_ != JobState::kFailed) tellFailure();
  if (s.state == JobState::kDone && last_state_ != JobState::kDone && !s.attached && !s.summary.isEmpty()) {
    notice_->show(NoticeLevel::kGood, s.summary);
  }
  last_state_ = s.state;
  if (const auto loaded = workspace_.data()) {
    data_->setText(qText(loaded->spec.name));
    data_->setToolTip(loaded->store_problem.isEmpty() ? loaded->file + QLatin1Char('\n') + loaded->store_text : loaded->store_problem);
  } else {
    data_->setText(workspace_.loading() ? tr("reading …") : tr("none open"));
  }
  queue_->setEnabled(has_data && !runFolder().isEmpty());
  cancel_->setEnabled(canCancel(s));
  const bool lost = showsLostRun();
  close_lost_->setVisible(lost);
  if (std::exchange(was_lost_, lost) != lost) Q_EMIT lostShown(lost);
  if (std::exchange(was_active_, isActive(s.state)) != isActive(s.state)) followCost();
  showConfigName();
  folder_->setToolTip(runFolder());
  showHeader();
}

void TrainingPanel::showHeader() {
  const JobStatus& s = controller_.status();
  state_icon_->setPixmap(icon(stateIcon(s.state), toneOf(s.state)).pixmap(14, 14));
  state_->setText(s.attached && isActive(s.state) ? tr("%1 (other process)").arg(stateText(s.state)) : stateText(s.state));
  QString waits = waitingText(s);
  if (s.state != JobState::kIdle) {
    const QString since = tr("since %1").arg(durationText(controller_.secondsInState()));
    waits = waits.isEmpty() ? since : since + QStringLiteral(" · ") + waits;
  } else {
    waits = workspace_.data() ? tr("ready to run") : tr("open a data set first");
  }
  waiting_->setText(waits);
  const QString phases = phasesText(s);
  waiting_->setToolTip(phases.isEmpty() ? waits : waits + QLatin1Char('\n') + phases);
  progress_->setToolTip(phases);
  showProgress();
  showMachine();
  QStringList parts;
  if (s.total_epochs > 0) parts.append(tr("epoch %1/%2").arg(s.epochs_done).arg(s.total_epochs));
  if (s.total_steps > 0) {
    parts.append(tr("step %1/%2").arg(uiCount(static_cast<int64_t>(s.step)), uiCount(static_cast<int64_t>(s.total_steps))));
  } else if (s.step > 0) {
    parts.append(tr("step %1").arg(uiCount(static_cast<int64_t>(s.step))));
  }
  if (const auto left = secondsLeft(s); left && s.state == JobState::kRunning) parts.append(tr("ETA %1").arg(durationText(*left)));
  if (s.evaluates) parts = QStringList(tr("evaluation of %1").arg(qText(pathOf(s.run_folder).filename())));
  progress_text_->setText(parts.isEmpty() ? tr("no job yet") : parts.join(QStringLiteral(" · ")));
  parts.clear();
  if (s.items_per_second > 0.0) parts.append(tr("%1 videos/s").arg(uiNumber(s.items_per_second, 1)));
  if (s.loss) parts.append(tr("loss %1").arg(valueText(*s.loss)));
  if (s.best && s.best_epoch > 0.0) {
    parts.append(tr("best %1 (epoch %2)").arg(valueText(*s.best), uiNumber(s.best_epoch, 0)));
  } else if (s.best) {
    parts.append(tr("best %1").arg(valueText(*s.best)));
  }
  if (s.patience > 0 && s.best) parts.append(tr("%1/%2 evaluations without gain").arg(s.evaluations_since_best).arg(s.patience));
  speed_->setText(parts.join(QStringLiteral(" · ")));
  parts.clear();
  if (s.mean_std) parts.append(tr("std %1").arg(uiNumber(*s.mean_std, 2)));
  if (s.effective_rank) parts.append(tr("rank %1").arg(uiNumber(*s.effective_rank, 1)));
  if (s.r_x) parts.append(tr("R_x %1").arg(uiNumber(*s.r_x, 3)));
  const QString verdict = liveVerdict(s);
  const bool healthy = verdict == uiText("healthy");
  if (!verdict.isEmpty()) parts.append(QStringLiteral("<span style='color:%1'>%2 %3</span>").arg((healthy ? tokens().good : tokens().bad).name(), healthy ? QStringLiteral("✓") : QStringLiteral("✕"), verdict));
  health_->setText(parts.join(QStringLiteral(" · ")));
  health_->setVisible(!parts.isEmpty());
}

void TrainingPanel::showProgress() {
  const JobStatus& s = controller_.status();
  const bool phased = s.state == JobState::kPreparing || s.state == JobState::kEvaluating;
  // Before a run has told how long it is: its epochs, else nothing.
  const int64_t total = phased ? s.phase_total : s.total_steps > 0 ? s.total_steps : s.total_epochs;
  const int64_t done = phased ? s.phase_done : s.total_steps > 0 ? s.step : s.epochs_done;
  progress_->setRange(0, static_cast<int>(phased ? std::max<int64_t>(0, total) : std::max<int64_t>(1, total)));
  progress_->setValue(static_cast<int>(total > 0 ? std::min(done, total) : 0));
}

void TrainingPanel::showMachine() {
  const JobStatus& s = controller_.status();
  QStringList parts;
  if (isActive(s.state)) {
    if (!s.device.isEmpty()) parts.append(s.device);
    const bool expected = controller_.busy() && !s.evaluates && memory_expected_;
    if (memory_now_ > 0.0) parts.append(tr("memory %1 now").arg(qText(humanBytes(memory_now_))));
    if (expected) parts.append(tr("about %1 estimated").arg(qText(humanBytes(*memory_expected_))));
  }
  machine_->setText(parts.join(QStringLiteral(" · ")));
  machine_->setVisible(!parts.isEmpty());
}

}  // namespace hvlm::ui
