// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/training/training_panel.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QLineEdit>
#include <QLocale>
#include <QMenu>
#include <QProcess>
#include <QRegularExpression>
#include <QProgressBar>
#include <QPushButton>
#include <QScrollArea>
#include <QToolButton>
#include <QVBoxLayout>
#include <set>

#include "support/atomic_file.h"
#include "support/paths.h"
#include "ui/curves/curve_plot.h"
#include "ui/shell/background.h"
#include "support/hash.h"
#include "support/error.h"
#include "ui/shell/elided_label.h"
#include "ui/shell/text_dialog.h"
#include "ui/training/estimate.h"
#include "ui/shell/notice_strip.h"
#include "ui/shell/prompts.h"
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
  speed_->setProperty("role", "muted");
  column->addLayout(state_row);
  column->addWidget(progress_);
  health_ = new QLabel(this);
  health_->setObjectName(QStringLiteral("healthLabel"));
  health_->setToolTip(tr("Collapse: standard deviation and effective rank of the step vectors, cosine of steps of different videos (R_x). Rank below 2 or R_x near 1 is collapse, whatever the loss says."));
  column->addWidget(progress_text_);
  column->addWidget(speed_);
  column->addWidget(health_);

  const auto push = [this](const char* name, const char* icon_name, const QString& text, const QString& tip, IconTone tone = IconTone::kText) {
    auto* made = new QPushButton(icon(icon_name, tone), text, this);
    made->setObjectName(QLatin1String(name));
    made->setToolTip(tip);
    made->setIconSize(QSize(14, 14));
    return made;
  };
  run_ = push("runButton", "play", tr("Run"), tr("Start a new run (Ctrl+R)"), IconTone::kOnAccent);
  run_->setProperty("primary", true);
  pause_ = push("pauseButton", "pause", tr("Pause"), tr("Halt after this step"));
  stop_ = push("stopRunButton", "stop", tr("Stop and keep"), tr("Stop after this step and keep a checkpoint (Ctrl+.)"));
  resume_ = push("resumeButton", "resume", tr("Resume"), tr("Go on with the paused, stopped or lost run (Ctrl+R)"));
  auto* buttons = new QGridLayout;
  buttons->setSpacing(6);
  buttons->addWidget(run_, 0, 0);
  buttons->addWidget(pause_, 0, 1);
  buttons->addWidget(resume_, 1, 0);
  buttons->addWidget(stop_, 1, 1);
  queue_ = push("queueRunButton", "queued", tr("Queue"), tr("Train this config after the jobs that wait in the panel Jobs"));
  buttons->addWidget(queue_, 2, 0, 1, 2);
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
  connect(estimate_, &QToolButton::clicked, this, &TrainingPanel::estimate);
  connect(differences_, &QToolButton::clicked, this, &TrainingPanel::showDifferences);
  connect(form_, &ConfigForm::changed, this, [this] {
    estimate_text_->clear();
    showConfigName();
  });
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
  start(false, runFolder(), form_->config());
}

void TrainingPanel::resumeRun(const QString& folder) {
  if (folder.isEmpty() || !workspace_.data()) return;
  inBackground(
      this, [folder] { return readRunConfig(pathOf(folder) / "config.yaml"); },
      [this, folder](const RunConfig& config) {
        form_->setConfig(config);
        config_name_ = tr("of run %1").arg(qText(pathOf(folder).filename()));
        start(true, folder, config);
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
        } catch (const InputError& error) {  // half edited when the window was closed
          return std::tuple(begun, begun, qText(error.what()));
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

// A config that another process reads: in the state folder, by content. Nothing when the form holds a value that is refused.
std::optional<std::filesystem::path> TrainingPanel::writeTemporaryConfig() {
  try {
    if (!form_->problem().isEmpty()) throw InputError({.where = "config", .expected = "values that can be used", .found = stdText(form_->problem()), .remedy = ""});
    validateConfig(form_->config(), "config");
    const std::string text = configYaml(form_->config());
    const std::filesystem::path file = stateFolder() / "configs" / (contentHash(text) + ".yaml");
    std::filesystem::create_directories(file.parent_path());
    writeFileAtomic(file, text);
    return file;
  } catch (const std::exception& error) {
    notice_->show(NoticeLevel::kBad, qText(error.what()));
    return std::nullopt;
  }
}

void TrainingPanel::queueRun() {
  const auto file = writeTemporaryConfig();
  if (!file || !workspace_.data() || runFolder().isEmpty()) return;
  const QString folder = runFolder();
  Q_EMIT queueAsked(tr("Train %1").arg(qText(pathOf(folder).filename())),
                    {QStringLiteral("train"), QStringLiteral("--config"), qText(*file), QStringLiteral("--data"), workspace_.data()->file, QStringLiteral("--run"), folder, QStringLiteral("--evaluate")});
  // The next one in the queue gets the next free folder, also while this one has not been made.
  static const QRegularExpression number(QStringLiteral("(\\d+)$"));
  if (const auto match = number.match(folder); match.hasMatch()) {
    const QString digits = match.captured(1);
    folder_->setText(folder.left(folder.size() - digits.size()) + QStringLiteral("%1").arg(digits.toLongLong() + 1, digits.size(), 10, QLatin1Char('0')));
  }
}

QString TrainingPanel::estimateShown() const { return estimate_text_->toolTip(); }

// A few steps of the config on made-up features of the same shape, in a process of its own.
void TrainingPanel::estimate() {
  const auto loaded = workspace_.data();
  const auto file = writeTemporaryConfig();
  if (!file || !loaded || measuring_) return;
  EstimateInput input;
  std::vector<double> lengths;
  const RunConfig config = form_->config();
  for (const int64_t v : loaded->catalogue.subset(config.train.training_subset)) lengths.push_back(loaded->catalogue.videos[static_cast<size_t>(v)].duration_seconds);
  if (lengths.empty()) {
    estimate_text_->setText(tr("There are no videos in the subset \"%1\".").arg(qText(config.train.training_subset)));
    return;
  }
  std::nth_element(lengths.begin(), lengths.begin() + static_cast<std::ptrdiff_t>(lengths.size() / 2), lengths.end());
  input.videos = static_cast<int64_t>(static_cast<double>(lengths.size()) * (1.0 - config.train.holdout));
  input.steps = std::max<int64_t>(1, std::llround(lengths[lengths.size() / 2] / loaded->spec.features.stepSeconds()));
  input.classes = static_cast<int64_t>(loaded->catalogue.classes.size());
  input.columns = loaded->columns;
  measuring_ = std::make_unique<QProcess>();
  QProcess* process = measuring_.get();
  estimate_text_->setText(tr("measuring a few steps …"));
  connect(process, &QProcess::finished, this, [this, process, config, input](int code) {
    const QByteArray out = process->readAllStandardOutput(), complaint = process->readAllStandardError();
    const auto e = code == 0 ? estimateFrom(out.toStdString(), config, input) : std::nullopt;
    const QString text = e ? estimateText(*e) : QString::fromUtf8(complaint).trimmed().section(QLatin1Char('\n'), -1);
    estimate_text_->setText(text);
    estimate_text_->setToolTip(text);
    measuring_.release()->deleteLater();
  });
  connect(process, &QProcess::errorOccurred, this, [this](QProcess::ProcessError error) {
    if (error != QProcess::FailedToStart) return;
    estimate_text_->setText(tr("The measuring program could not be started."));
    measuring_.release()->deleteLater();
  });
  process->start(qText(executableFolder() / "hvlm"),
                 {QStringLiteral("bench"), QStringLiteral("model"), QStringLiteral("--json"), QStringLiteral("--config"), qText(*file), QStringLiteral("--steps"), QString::number(input.steps), QStringLiteral("--dim"),
                  QString::number(input.columns), QStringLiteral("--classes"), QString::number(std::max<int64_t>(1, input.classes)), QStringLiteral("--repeats"), QStringLiteral("3")},
                 QIODevice::ReadOnly);
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
  pause_->setEnabled(canPause(s.state));
  stop_->setEnabled(canStop(s.state));
  resume_->setEnabled(canResume(s.state) || (!ours && has_data && can_go_on && !shown_folder_.isEmpty()));
  folder_->setEnabled(!ours);
  form_->setLocked(ours);
  if (s.state == JobState::kFailed && last_state_ != JobState::kFailed) notice_->show(NoticeLevel::kBad, s.failure);
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
  if (s.state == JobState::kPreparing || s.state == JobState::kEvaluating) {
    progress_->setRange(0, static_cast<int>(std::max<int64_t>(0, s.phase_total)));
    progress_->setValue(static_cast<int>(s.phase_done));
  } else {
    progress_->setRange(0, static_cast<int>(std::max<int64_t>(1, s.total_steps)));
    progress_->setValue(static_cast<int>(std::min(s.step, std::max<int64_t>(1, s.total_steps))));
  }
  const QLocale locale;
  QStringList parts;
  if (s.total_epochs > 0) parts.append(tr("epoch %1/%2").arg(s.epochs_done).arg(s.total_epochs));
  if (s.total_steps > 0) {
    parts.append(tr("step %1/%2").arg(locale.toString(static_cast<qlonglong>(s.step)), locale.toString(static_cast<qlonglong>(s.total_steps))));
  } else if (s.step > 0) {
    parts.append(tr("step %1").arg(locale.toString(static_cast<qlonglong>(s.step))));
  }
  if (const auto left = secondsLeft(s); left && s.state == JobState::kRunning) parts.append(tr("ETA %1").arg(durationText(*left)));
  progress_text_->setText(parts.isEmpty() ? tr("no job yet") : parts.join(QStringLiteral(" · ")));
  parts.clear();
  if (s.items_per_second > 0.0) parts.append(tr("%1 videos/s").arg(locale.toString(s.items_per_second, 'f', 1)));
  if (s.loss) parts.append(tr("loss %1").arg(valueText(*s.loss)));
  if (s.best && s.best_epoch > 0.0) {
    parts.append(tr("best %1 (epoch %2)").arg(valueText(*s.best), locale.toString(s.best_epoch, 'f', 0)));
  } else if (s.best) {
    parts.append(tr("best %1").arg(valueText(*s.best)));
  }
  if (const int64_t patience = form_->config().train.patience; patience > 0 && s.best) parts.append(tr("%1/%2 evaluations without gain").arg(s.evaluations_since_best).arg(patience));
  speed_->setText(parts.join(QStringLiteral(" · ")));
  parts.clear();
  if (s.mean_std) parts.append(tr("std %1").arg(*s.mean_std, 0, 'f', 2));
  if (s.effective_rank) parts.append(tr("rank %1").arg(*s.effective_rank, 0, 'f', 1));
  if (s.r_x) parts.append(tr("R_x %1").arg(*s.r_x, 0, 'f', 3));
  const QString verdict = liveVerdict(s);
  const bool healthy = verdict == uiText("healthy");
  if (!verdict.isEmpty()) parts.append(QStringLiteral("<span style='color:%1'>%2 %3</span>").arg((healthy ? tokens().good : tokens().bad).name(), healthy ? QStringLiteral("✓") : QStringLiteral("✕"), verdict));
  health_->setText(parts.join(QStringLiteral(" · ")));
  health_->setVisible(!parts.isEmpty());
}

}  // namespace hvlm::ui
