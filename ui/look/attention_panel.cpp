// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/look/attention_panel.h"

#include <QComboBox>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QLabel>
#include <QSlider>
#include <QTabWidget>
#include <QTimer>
#include <QToolButton>
#include <QVBoxLayout>

#include "runs/checkpoint.h"
#include "ui/detections/stored_detections.h"
#include "ui/shell/background.h"
#include "ui/shell/elided_label.h"
#include "ui/shell/empty_state.h"
#include "ui/shell/notice_strip.h"
#include "ui/style/icons.h"
#include "ui/text.h"
#include "ui/training/job_controller.h"
#include "ui/workspace.h"

namespace hvlm::ui {
namespace {

const QString kSlot = QStringLiteral("attention");
constexpr int kPlayInterval = 120;  // ms an epoch

}  // namespace

AttentionPanel::AttentionPanel(Workspace& workspace, JobController& controller, QWidget* parent) : QWidget(parent), workspace_(workspace), controller_(controller) {
  setObjectName(QStringLiteral("attentionPanel"));
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(8, 4, 8, 4);
  tabs_ = new QTabWidget(this);
  tabs_->setObjectName(QStringLiteral("attentionTabs"));
  tabs_->setDocumentMode(true);
  auto* save = new QToolButton(this);
  save->setIcon(icon("export"));
  save->setToolTip(tr("Export this figure…"));
  save->setAccessibleName(tr("Export this figure…"));
  save->setAutoRaise(true);
  tabs_->setCornerWidget(save);

  other_ = new QComboBox(this);
  other_->setObjectName(QStringLiteral("attentionOtherCombo"));
  other_->setAccessibleName(tr("Compared with"));
  other_->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
  other_->setMinimumContentsLength(22);
  difference_ = new QLabel(this);
  difference_->setObjectName(QStringLiteral("attentionDifference"));
  pair_ = new AttentionPair(this);
  pair_read_out_ = new ElidedLabel(this);
  pair_read_out_->setProperty("role", "muted");
  auto* compare_page = new QWidget(this);
  auto* compare_column = new QVBoxLayout(compare_page);
  compare_column->setContentsMargins(0, 4, 0, 0);
  compare_column->setSpacing(4);
  auto* bar = new QHBoxLayout;
  auto* label = new QLabel(tr("beside"), this);
  label->setProperty("role", "muted");
  bar->addWidget(label);
  bar->addWidget(other_);
  bar->addWidget(difference_, 1);
  compare_column->addLayout(bar);
  compare_column->addWidget(pair_, 1);
  compare_column->addWidget(pair_read_out_);

  history_ = new AttentionHistory(this);
  learned_ = new AttentionPair(this);
  learned_->setObjectName(QStringLiteral("attentionLearned"));
  learned_->setEmptyText(QString());
  scrubber_ = new QSlider(Qt::Horizontal, this);
  scrubber_->setObjectName(QStringLiteral("epochScrubber"));
  scrubber_->setAccessibleName(tr("Epoch"));
  epoch_ = new QLabel(this);
  epoch_->setMinimumWidth(72);
  auto* run = new QToolButton(this);
  run->setIcon(icon("play"));
  run->setToolTip(tr("Play the epochs"));
  run->setAccessibleName(tr("Play the epochs"));
  run->setAutoRaise(true);
  history_read_out_ = new ElidedLabel(this);
  history_read_out_->setProperty("role", "muted");
  auto* history_page = new QWidget(this);
  auto* history_column = new QVBoxLayout(history_page);
  history_column->setContentsMargins(0, 4, 0, 0);
  history_column->setSpacing(4);
  auto* scrub = new QHBoxLayout;
  scrub->addWidget(run);
  scrub->addWidget(scrubber_, 1);
  scrub->addWidget(epoch_);
  history_column->addWidget(history_, 3);
  history_column->addWidget(learned_, 2);
  history_column->addLayout(scrub);
  history_column->addWidget(history_read_out_);
  tabs_->addTab(compare_page, tr("Two models"));
  tabs_->addTab(history_page, tr("How it was learned"));
  notice_ = new NoticeStrip(this);
  column->addWidget(notice_);
  column->addWidget(tabs_, 1);

  connect(save, &QToolButton::clicked, this, &AttentionPanel::exportAsked);
  connect(other_, &QComboBox::activated, this, &AttentionPanel::ask);
  connect(pair_, &AttentionPair::hovered, pair_read_out_, &ElidedLabel::setText);
  connect(history_, &AttentionHistory::hovered, history_read_out_, &ElidedLabel::setText);
  connect(learned_, &AttentionPair::hovered, history_read_out_, &ElidedLabel::setText);
  for (AttentionPair* each : {pair_, learned_}) {
    connect(each, &AttentionPair::timeChosen, &workspace_, &Workspace::setCursor);
    connect(&workspace_, &Workspace::cursorChanged, each, &AttentionPair::setCursor);
  }
  connect(history_, &AttentionHistory::rowChosen, scrubber_, &QSlider::setValue);
  connect(scrubber_, &QSlider::valueChanged, this, &AttentionPanel::showHistory);
  connect(run, &QToolButton::clicked, this, [this] {
    if (scrubber_->value() == scrubber_->maximum()) scrubber_->setValue(0);
    play();
  });
  connect(&workspace_, &Workspace::runChanged, this, [this] {
    compared_.reset();
    fillChoices();
    readHistory();
  });
  connect(&workspace_, &Workspace::videoChanged, this, [this] {
    compared_.reset();
    ask();
    refresh();
    readHistory();
  });
  for (const auto signal : {&Workspace::inspectionChanged, &Workspace::runChanged, &Workspace::loadingChanged}) connect(&workspace_, signal, this, &AttentionPanel::refresh);
  connect(&controller_, &JobController::modelImproved, this, [this](const QString& folder) {
    if (folder == workspace_.run()) readHistory();
  });
  connect(&controller_, &JobController::inspected, this, [this](const QString& slot, std::shared_ptr<const VideoInspection> seen) {
    if (slot != kSlot || asked_video_ != workspace_.videoId()) return;
    compared_ = std::move(seen);
    refresh();
  });
  connect(&controller_, &JobController::inspectionFailed, this, [this](const QString& slot, const QString& message) {
    if (slot == kSlot) difference_->setText(message);
  });
  fillChoices();
  refresh();
}

void AttentionPanel::setOtherRuns(const QStringList& folders, int more) {
  if (folders == others_ && more == more_runs_) return;
  more_runs_ = more;
  others_ = folders;
  fillChoices();
}

// Checkpoints of the run shown, then the other runs of the list.
void AttentionPanel::fillChoices() {
  const QString run = workspace_.run();
  inBackground(
      this,
      [run] {
        QStringList names;
        for (const std::string& name : run.isEmpty() ? std::vector<std::string>() : checkpointNames(pathOf(run))) names.append(qText(name));
        return names;
      },
      [this, run](const QStringList& checkpoints) {
        if (run != workspace_.run()) return;
        const QVariant kept = other_->currentData();
        const QSignalBlocker blocker(other_);
        other_->clear();
        other_->addItem(tr("nothing: choose a run or a checkpoint"), QStringList());
        for (const QString& name : checkpoints) other_->addItem(tr("this run at %1").arg(name), QStringList{run, name});
        for (const QString& folder : std::as_const(others_)) {
          if (folder != run) other_->addItem(tr("run %1").arg(QFileInfo(folder).fileName()), QStringList{folder, QStringLiteral("best")});
        }
        other_->setToolTip(more_runs_ > 0 ? tr("The first %1 runs of the list; %n more can be brought here by sorting it.", nullptr, more_runs_).arg(others_.size()) : QString());
        other_->setCurrentIndex(std::max(0, other_->findData(kept)));
      });
}

void AttentionPanel::compareWith(const QString& run, const QString& checkpoint) {
  const QStringList wanted = {run, checkpoint};
  int at = other_->findData(wanted);
  if (at < 0) {
    other_->addItem(tr("run %1").arg(QFileInfo(run).fileName()), wanted);
    at = other_->count() - 1;
  }
  other_->setCurrentIndex(at);
  ask();
}

void AttentionPanel::ask() {
  const QStringList wanted = other_->currentData().toStringList();
  compared_.reset();
  if (wanted.size() != 2 || !workspace_.video() || !workspace_.data()) {
    refresh();
    return;
  }
  InspectSpec spec;
  spec.run_folder = stdText(wanted[0]);
  spec.data = stdText(workspace_.data()->file);
  spec.video = workspace_.video()->id;
  spec.checkpoint = stdText(wanted[1]);
  asked_video_ = workspace_.videoId();
  compared_name_ = other_->currentText();
  difference_->setText(tr("the other model looks at the video …"));
  controller_.inspect(kSlot, std::move(spec));
}

void AttentionPanel::refresh() {
  const auto seen = workspace_.inspection();
  const auto stored = workspace_.stored();
  const QString why = stored ? stored->whyNoModel() : QString();
  pair_->setReason(why);
  history_->setReason(why);
  for (FigureCanvas* figure : {static_cast<FigureCanvas*>(pair_), static_cast<FigureCanvas*>(history_)}) figure->offer(stored ? EmptyAsk::kRuns : lacking(workspace_, true));
  other_->setEnabled(why.isEmpty());
  const Video* video = workspace_.video();
  if (!seen || !video) {
    pair_->setCurves({}, {}, QString(), QString(), 0.0);
    difference_->clear();
    return;
  }
  QStringList classes;
  for (const std::string& name : workspace_.data()->catalogue.classes) classes.append(qText(name));
  for (AttentionPair* each : {pair_, learned_}) {
    each->setTruth(video->segments, classes);
    each->setCursor(workspace_.cursorSeconds());
  }
  const QString own = tr("step %1").arg(seen->step);
  pair_->setCurves(seen->attention, compared_ ? compared_->attention : std::vector<float>(), own, compared_ ? compared_name_ : QString(), video->duration_seconds);
  if (!compared_) {
    if (other_->currentIndex() <= 0) difference_->clear();
    return;
  }
  const AttentionDifference d = compareAttention(seen->attention, compared_->attention);
  difference_->setText(tr("overlap %1 · correlation %2").arg(uiNumber(d.overlap, 3)).arg(uiNumber(d.correlation, 3)));
}

QString AttentionPanel::difference() const { return difference_->text(); }

void AttentionPanel::readHistory() {
  const QString run = workspace_.run(), video = workspace_.videoId();
  inBackground(
      this, [run] { return run.isEmpty() ? std::vector<AttentionSnapshot>() : readAttention(pathOf(run)); },
      [this, run, video](std::vector<AttentionSnapshot> all) {
        if (run != workspace_.run() || video != workspace_.videoId()) return;
        QStringList tracked;
        std::vector<AttentionSnapshot> own;
        for (AttentionSnapshot& s : all) {
          if (!tracked.contains(qText(s.video))) tracked.append(qText(s.video));
          if (qText(s.video) == video) own.push_back(std::move(s));
        }
        history_->setEmptyText(tracked.isEmpty() ? tr("Where the model looked after each epoch appears here. This run kept no track of it.")
                                                 : tr("Training kept track of %1. Choose one of these videos.").arg(tracked.join(QStringLiteral(", "))));
        const bool at_end = !history_->hasContent() || scrubber_->value() == scrubber_->maximum();
        history_->setSnapshots(std::move(own));
        const int last = std::max(0, static_cast<int>(history_->snapshots().size()) - 1);
        {
          const QSignalBlocker blocker(scrubber_);
          scrubber_->setRange(0, last);
          if (at_end) scrubber_->setValue(last);
        }
        scrubber_->setEnabled(history_->hasContent());
        showHistory();
      },
      [this](const QString& message) { history_->setEmptyText(message); });
}

void AttentionPanel::showHistory() {
  if (!history_->hasContent()) {
    learned_->setCurves({}, {}, QString(), QString(), 0.0);
    epoch_->clear();
    return;
  }
  const auto& all = history_->snapshots();
  const int row = std::clamp(scrubber_->value(), 0, static_cast<int>(all.size()) - 1);
  history_->setRow(row);
  const AttentionSnapshot& now = all[static_cast<size_t>(row)];
  epoch_->setText(tr("epoch %1").arg(now.epoch));
  learned_->setCurves(now.attention, all.back().attention, tr("epoch %1").arg(now.epoch), tr("epoch %1").arg(all.back().epoch), now.duration_seconds);
}

// One epoch after the other, to the last.
void AttentionPanel::play() {
  QTimer::singleShot(kPlayInterval, this, [this] {
    if (!isVisible() || scrubber_->value() >= scrubber_->maximum()) return;
    scrubber_->setValue(scrubber_->value() + 1);
    play();
  });
}

FigureCanvas* AttentionPanel::currentFigure() { return tabs_->currentIndex() == 0 ? static_cast<FigureCanvas*>(pair_) : history_; }

}  // namespace hvlm::ui
