// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/detections/detection_panel.h"

#include <QComboBox>
#include <QLabel>
#include <QSlider>
#include <QStackedWidget>
#include <QTabWidget>
#include <QTableView>
#include <algorithm>
#include <array>
#include <cmath>

#include "ui/detections/detection_tables.h"
#include "ui/detections/error_view.h"
#include "ui/detections/precision_recall_view.h"
#include "ui/detections/sorted_table.h"
#include "ui/detections/tiou_view.h"
#include "ui/shell/background.h"
#include "ui/shell/elided_label.h"
#include "ui/shell/empty_state.h"
#include "ui/shell/notice_strip.h"
#include "ui/text.h"

namespace hvlm::ui {
namespace {

constexpr int kAll = -2, kMissed = -1;  // of the kinds; the others are a DetectionError

void fitColumns(QTableView* view, int most) {
  view->resizeColumnsToContents();
  for (int c = 0; c < view->model()->columnCount(); ++c) {
    const bool number = (view->model()->headerData(c, Qt::Horizontal, Qt::TextAlignmentRole).toInt() & Qt::AlignRight) != 0;
    view->setColumnWidth(c, std::clamp(view->columnWidth(c) + (number ? -8 : 4), 44, most));
  }
}

}  // namespace

void DetectionPanel::showEvent(QShowEvent*) {
  if (stale_) read();
}

// Another run or data set: what is shown is no longer true.
void DetectionPanel::forget() {
  ++newest_read_, ++newest_look_;
  looking_ = false;
  data_.reset();
  look_.reset();
  problem_.clear();
  notice_->clear();
  no_predictions_ = false;
  wanted_subset_.clear();
  stale_ = true;
  showEmpty();
  if (isVisible()) read();
}

void DetectionPanel::refresh() {
  stale_ = true;
  if (isVisible()) read();
}

void DetectionPanel::setCanEvaluate(bool can) {
  can_evaluate_ = can;
  if (!data_) showEmpty();
}

DetectionPoint DetectionPanel::point() const {
  const int index = std::max(0, tiou_->currentIndex());
  return {.threshold = static_cast<size_t>(index), .tiou = tiou_->itemData(index).toDouble(), .score = score_->value() / 100.0};
}

void DetectionPanel::choose(size_t threshold, double score) {
  tiou_->setCurrentIndex(static_cast<int>(threshold));
  score_->setValue(static_cast<int>(std::lround(score * 100.0)));
}

void DetectionPanel::read() {
  stale_ = false;
  const auto loaded = workspace_.data();
  const QString run = workspace_.run();
  if (!loaded || run.isEmpty()) {
    showEmpty();
    return;
  }
  const int64_t number = ++newest_read_;
  struct Read {
    bool is_unchanged = false;  // nobody has written the files since they were read
    std::shared_ptr<const DetectionData> data;
    std::shared_ptr<const DetectionLook> look;
  };
  ++reading_;
  showEmpty();
  inBackground(
      this,
      [run, loaded, subset = wanted_subset_, at = point(), before = data_] {
        Read read;
        if (before && (subset.isEmpty() || subset == before->subset) && before->stamp == detectionStamp(run, before->subset)) {
          read.is_unchanged = true;
          return read;
        }
        read.data = readDetections(run, *loaded, subset);
        if (read.data) read.look = std::make_shared<const DetectionLook>(lookAt(*read.data, at));
        return read;
      },
      [this, number](Read read) {
        --reading_;
        if (number == newest_read_ && !read.is_unchanged) arrive(std::move(read.data), std::move(read.look));
      },
      [this, number](const QString& message) {
        --reading_;
        if (number != newest_read_) return;
        problem_ = message;
        if (data_) notice_->show(NoticeLevel::kBad, message);
        showEmpty();
      });
}

void DetectionPanel::arrive(std::shared_ptr<const DetectionData> found, std::shared_ptr<const DetectionLook> look) {
  problem_.clear();
  notice_->clear();
  no_predictions_ = !found;
  data_ = std::move(found);
  look_ = std::move(look);
  if (!data_) {
    showEmpty();
    return;
  }
  stack_->setCurrentIndex(1);
  fillChoices();
  showLook();
  fitColumns(class_view_, 180);
  for (int c = 4; c < class_model_->columnCount(); ++c) class_view_->setColumnWidth(c, 56);  // the thresholds
  fitColumns(video_view_, 260);
  fitColumns(fault_view_, 180);
  if (!(look_->point == point())) timer_.start(0);  // moved while it was read
}

void DetectionPanel::lookAgain() {
  if (!data_ || looking_) return;  // the answer on its way sees that it is late
  looking_ = true;
  const int64_t number = ++newest_look_;
  inBackground(
      this, [data = data_, before = look_, at = point()] { return std::make_shared<const DetectionLook>(lookAt(*data, at, before.get())); },
      [this, number, data = data_](std::shared_ptr<const DetectionLook> look) {
        if (number != newest_look_) return;
        looking_ = false;
        if (data != data_) return;  // another one has been read meanwhile
        look_ = std::move(look);
        showLook();
        if (!(look_->point == point())) timer_.start(0);
      },
      [this, number](const QString& message) {
        if (number != newest_look_) return;
        looking_ = false;
        notice_->show(NoticeLevel::kBad, message);
      });
}

void DetectionPanel::showEmpty() {
  if (data_) return;
  stack_->setCurrentIndex(0);
  const QString what = tr("Precision and recall, mAP by tIoU, the error profile, classes and the worst videos appear here.");
  const bool run = !workspace_.run().isEmpty(), loaded = workspace_.data() != nullptr;
  QString why = tr("Reading the predictions …"), button;
  if (!run) why = tr("No run is shown: choose one in the list.");
  else if (!loaded) why = workspace_.loading() ? tr("Reading the data set …") : tr("No data set is open: the truth to compare with is missing.");
  else if (!problem_.isEmpty()) why = problem_;
  else if (no_predictions_) why = tr("This run has no predictions yet. Evaluating it makes them:\nhvlm eval --run %1\nA run without a detection head has none.").arg(workspace_.run());
  if (run && !loaded && !workspace_.loading()) button = tr("Open data set…");
  if (run && loaded && can_evaluate_ && no_predictions_) button = tr("Evaluate on validation");
  empty_->setText(what + QStringLiteral("\n\n") + why);
  empty_->setButton(button);
  if (!run) empty_->offer(EmptyAsk::kRuns);
}

// Subsets and classes of the data; the class that is shown strongly stays when it is there.
void DetectionPanel::fillChoices() {
  const QSignalBlocker a(subset_), b(class_);
  subset_->clear();
  subset_->addItems(data_->subsets);
  subset_->setCurrentText(data_->subset);
  const QVariant kept = class_->currentData();
  class_->clear();
  class_->addItem(tr("mean of all classes"));
  std::vector<std::pair<QString, qlonglong>> names;
  for (const ClassMatches& m : data_->matches.classes) names.emplace_back(data_->classes.value(m.label), m.label);
  std::sort(names.begin(), names.end());
  for (const auto& [name, label] : names) class_->addItem(name, label);
  class_->setCurrentIndex(std::max(0, kept.isValid() ? class_->findData(kept) : 0));
  curves_->setChosen(class_->currentIndex() > 0 ? class_->currentData().toLongLong() : -1);
}

void DetectionPanel::showLook() {
  const size_t t = look_->point.threshold;
  summary_->setText(tr("mAP@%1 %2 · average %3 · %4 instances, %5 predictions, %6 videos")
                        .arg(uiNumber(look_->point.tiou, 2)).arg(uiNumber(data_->map[t], 3)).arg(uiNumber(data_->average_map, 3))
                        .arg(uiCount(static_cast<int64_t>(data_->truth.size())), uiCount(static_cast<int64_t>(data_->predictions.size())), uiCount(static_cast<int64_t>(data_->videos.size()))));
  curves_->setContent(data_, look_);
  by_tiou_->setContent(data_, t);
  errors_->setProfile(look_->profile);
  class_model_->setItems(static_cast<int>(data_->matches.classes.size()), classColumns(data_, t));
  video_model_->setItems(static_cast<int>(look_->videos.size()), videoColumns(data_, look_));
  fillFaults();
  tell(QString());
  Q_EMIT shown();
}

void DetectionPanel::fillFaults() {
  fault_model_->setItems(static_cast<int>(look_->faults.size()), faultColumns(data_, look_));
  std::array<int, kDetectionErrors + 1> counts{};  // missed first
  for (const DetectionFault& f : look_->faults) ++counts[f.isMissed() ? 0 : static_cast<size_t>(f.error) + 1];
  const int chosen = kind_->currentData().isValid() ? kind_->currentData().toInt() : kAll;
  {
    const QSignalBlocker blocker(kind_);
    kind_->clear();
    kind_->addItem(tr("all faults (%1)").arg(look_->faults.size()), kAll);
    kind_->addItem(tr("missed (%1)").arg(counts[0]), kMissed);
    for (size_t e = 0; e < kDetectionErrors; ++e) kind_->addItem(QStringLiteral("%1 (%2)").arg(errorText(static_cast<DetectionError>(e))).arg(counts[e + 1]), static_cast<int>(e));
    kind_->setCurrentIndex(kind_->findData(chosen));
  }
  const int64_t left_out = look_->faults_in_all - static_cast<int64_t>(look_->faults.size());
  faults_text_->setText(left_out > 0 ? tr("of score ≥ %1; %2 of a lower score left out").arg(uiNumber(look_->point.score, 2)).arg(left_out) : tr("of score ≥ %1").arg(uiNumber(look_->point.score, 2)));
  filterFaults();
}

void DetectionPanel::filterFaults() {
  const int kind = kind_->currentData().isValid() ? kind_->currentData().toInt() : kAll;
  errors_->setChosen(kind >= 0 ? std::optional(static_cast<DetectionError>(kind)) : std::nullopt);
  if (kind == kAll || !look_) {
    fault_model_->setFilter(nullptr);
    return;
  }
  fault_model_->setFilter([l = look_, kind](int f) {
    const DetectionFault& fault = l->faults[static_cast<size_t>(f)];
    return kind == kMissed ? fault.isMissed() : !fault.isMissed() && static_cast<int>(fault.error) == kind;
  });
}

// What is under the pointer; else where the figures differ from what one may expect, else what can be done.
void DetectionPanel::tell(const QString& text) {
  if (!text.isEmpty()) read_out_->setText(text);
  else if (data_ && !data_->notes.isEmpty()) read_out_->setText(data_->notes.join(QStringLiteral(" · ")));
  else read_out_->setText(tr("a press on a video or a fault opens it in the timeline · on a line or a class shows it strongly"));
}

void DetectionPanel::chooseClass(int64_t label) { class_->setCurrentIndex(label < 0 ? 0 : std::max(0, class_->findData(static_cast<qlonglong>(label)))); }

void DetectionPanel::open(const VideoMoment& moment) {
  if (moment.video.isEmpty()) {
    notice_->show(NoticeLevel::kInfo, tr("This prediction is of a video outside the subset: there is nothing to open."));
    return;
  }
  Q_EMIT momentAsked(moment.video, moment.from_seconds, moment.to_seconds);
}

std::vector<FigureCanvas*> DetectionPanel::currentFigures() {
  std::vector<FigureCanvas*> shown;
  if (data_ && tabs_->currentIndex() == kCurves) shown = {curves_, by_tiou_};
  else if (data_ && tabs_->currentIndex() == kErrors) shown = {errors_};
  std::erase_if(shown, [](const FigureCanvas* figure) { return !figure->hasContent(); });
  return shown;
}

std::optional<ResultTable> DetectionPanel::currentTable() const {
  if (!data_ || !look_ || tabs_->currentIndex() < kErrors) return std::nullopt;
  if (tabs_->currentIndex() == kClasses) return classTable(*data_);
  if (tabs_->currentIndex() == kVideos) return videoTable(*data_, *look_);
  std::vector<int> listed;
  for (int row = 0; row < fault_model_->rowCount(); ++row) listed.push_back(fault_model_->itemAt(row));
  return faultTable(*data_, *look_, &listed);
}

int DetectionPanel::faultsLeftOut() const { return look_ ? static_cast<int>(look_->faults_in_all) - fault_model_->rowCount() : 0; }

std::vector<FigureCanvas*> DetectionPanel::figures() {
  if (!data_) return {};
  return {curves_, by_tiou_, errors_};
}

}  // namespace hvlm::ui
