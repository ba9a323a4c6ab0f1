// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/timeline/timeline_panel.h"

#include <QComboBox>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QLabel>
#include <QScrollArea>
#include <QSlider>
#include <QStackedWidget>
#include <QToolButton>
#include <cmath>

#include "ui/shell/action_list.h"
#include "ui/shell/elided_label.h"
#include "ui/shell/empty_state.h"
#include "ui/shell/notice_strip.h"
#include "ui/style/icons.h"
#include "ui/text.h"
#include "ui/timeline/shade_legend.h"
#include "ui/workspace.h"

namespace hvlm::ui {
namespace {

QLabel* mutedLabel(const QString& text, QWidget* parent) {
  auto* label = new QLabel(text, parent);
  label->setProperty("role", "muted");
  return label;
}

QSlider* shareSlider(const char* name, const QString& accessible, double value, QWidget* parent) {
  auto* slider = new QSlider(Qt::Horizontal, parent);
  slider->setObjectName(QLatin1String(name));
  slider->setAccessibleName(accessible);
  slider->setRange(0, 100);
  slider->setPageStep(10);
  slider->setValue(static_cast<int>(std::lround(value * 100.0)));
  slider->setFixedWidth(84);
  return slider;
}

QToolButton* button(const char* name, const char* icon_name, const QString& text, QWidget* parent) {
  auto* made = new QToolButton(parent);
  made->setObjectName(QLatin1String(name));
  made->setIcon(icon(icon_name));
  made->setToolTip(text);
  made->setAccessibleName(text);
  made->setFixedSize(28, 28);
  return made;
}

}  // namespace

TimelinePanel::TimelinePanel(Workspace& workspace, QWidget* parent) : QWidget(parent), workspace_(workspace) {
  setObjectName(QStringLiteral("timelinePanel"));
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(8, 6, 8, 6);
  column->setSpacing(4);
  notice_ = new NoticeStrip(this);
  view_ = new TimelineView;

  auto* head = new QHBoxLayout;
  head->setSpacing(6);
  title_ = new QLabel(this);
  title_->setObjectName(QStringLiteral("timelineTitle"));
  title_->setProperty("role", "title");
  detail_ = new ElidedLabel(this);
  detail_->setProperty("role", "muted");
  detail_->setObjectName(QStringLiteral("timelineDetail"));
  head->addWidget(title_);
  head->addWidget(detail_, 1);
  auto* zoom_out = button("zoomOutButton", "zoom-out", tr("Zoom out"), this);
  auto* zoom_in = button("zoomInButton", "zoom-in", tr("Zoom in"), this);
  auto* fit = button("zoomWholeButton", "fit", tr("Whole video"), this);
  auto* save = button("exportTimelineButton", "export", tr("Export timeline…"), this);
  for (QToolButton* b : {zoom_out, zoom_in, fit, save}) head->addWidget(b);
  connect(zoom_out, &QToolButton::clicked, view_, [this] { view_->zoom(1 / 1.5); });
  connect(zoom_in, &QToolButton::clicked, view_, [this] { view_->zoom(1.5); });
  connect(fit, &QToolButton::clicked, view_, &TimelineView::zoomWhole);
  connect(save, &QToolButton::clicked, this, &TimelinePanel::exportAsked);

  auto* controls = new QHBoxLayout;
  controls->setSpacing(6);
  const TimelineOptions defaults;
  threshold_ = shareSlider("thresholdSlider", tr("Score threshold"), defaults.threshold, this);
  threshold_->setToolTip(tr("Predictions with a lower score are not shown"));
  threshold_text_ = new QLabel(this);
  tiou_ = shareSlider("tiouSlider", tr("tIoU threshold"), defaults.tiou, this);
  tiou_->setToolTip(tr("Overlap with the truth at which a prediction counts as matched"));
  tiou_text_ = new QLabel(this);
  for (QLabel* text : {threshold_text_, tiou_text_}) text->setFixedWidth(text->fontMetrics().horizontalAdvance(QStringLiteral("0.00")) + 4);
  value_ = new QComboBox(this);
  value_->setObjectName(QStringLiteral("cellValueCombo"));
  value_->setAccessibleName(tr("What the pyramid's colour says"));
  value_->addItems({tr("share"), tr("alpha"), tr("score")});
  legend_ = new ShadeLegend(this);
  controls->addWidget(mutedLabel(tr("score ≥"), this));
  controls->addWidget(threshold_);
  controls->addWidget(threshold_text_);
  controls->addSpacing(6);
  controls->addWidget(mutedLabel(tr("tIoU ≥"), this));
  controls->addWidget(tiou_);
  controls->addWidget(tiou_text_);
  controls->addStretch(1);
  cells_text_ = mutedLabel(tr("cells"), this);
  controls->addWidget(cells_text_);
  controls->addWidget(value_);
  controls->addWidget(legend_);

  auto* scroll = new QScrollArea;
  scroll->setObjectName(QStringLiteral("timelineScroll"));
  scroll->setWidget(view_);
  scroll->setWidgetResizable(true);
  scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  scroll->setFocusPolicy(Qt::NoFocus);
  empty_ = new EmptyState(QString());
  pages_ = new QStackedWidget(this);
  pages_->addWidget(scroll);
  pages_->addWidget(empty_);
  connect(empty_, &EmptyState::pressed, this, &TimelinePanel::openDataAsked);
  read_out_ = new ElidedLabel(this);
  read_out_->setObjectName(QStringLiteral("timelineReadOut"));
  read_out_->setProperty("role", "muted");
  read_out_->setAccessibleName(tr("Under the pointer"));

  column->addWidget(notice_);
  column->addLayout(head);
  column->addLayout(controls);
  column->addWidget(pages_, 1);
  column->addWidget(read_out_);

  connect(view_, &TimelineView::hovered, this, [this](const QString& text) {
    read_out_->setText(text.isEmpty() ? tr("click moves the cursor · drag on the time row marks a range · Ctrl+wheel zooms")
                                      : text);
  });
  connect(view_, &TimelineView::collapseAsked, this, &TimelinePanel::toggleCollapsed);
  connect(view_, &TimelineView::followChanged, this, [this](bool on) {
    if (on) notice_->clear();
    else notice_->show(NoticeLevel::kInfo, tr("The timeline no longer goes along with the cursor while it plays."), tr("Follow the cursor"), [this] { view_->setFollow(true); });
  });
  connect(view_, &TimelineView::cursorMoved, &workspace_, &Workspace::setCursor);
  connect(&workspace_, &Workspace::cursorChanged, view_, &TimelineView::setCursor);
  connect(threshold_, &QSlider::valueChanged, this, [this](int percent) {
    TimelineOptions options = view_->options();
    options.threshold = percent / 100.0;
    setOptions(options);
  });
  connect(tiou_, &QSlider::valueChanged, this, [this](int percent) {
    TimelineOptions options = view_->options();
    options.tiou = percent / 100.0;
    setOptions(options);
  });
  connect(value_, &QComboBox::currentIndexChanged, this, [this](int index) {
    TimelineOptions options = view_->options();
    options.value = static_cast<CellValue>(index);
    setOptions(options);
  });
  connect(&workspace_, &Workspace::dataChanged, this, &TimelinePanel::reload);
  connect(&workspace_, &Workspace::videoChanged, this, &TimelinePanel::reload);
  connect(&workspace_, &Workspace::inspectionChanged, this, &TimelinePanel::reload);
  connect(&workspace_, &Workspace::loadingChanged, this, &TimelinePanel::reload);
  setOptions(defaults);
  Q_EMIT view_->hovered(QString());
  reload();
}

void TimelinePanel::setOptions(const TimelineOptions& options) {
  const TimelineOptions before = view_->options();
  view_->setOptions(options);
  threshold_text_->setText(uiNumber(options.threshold, 2));
  tiou_text_->setText(uiNumber(options.tiou, 2));
  legend_->setValue(options.value);
  retitle();
  if (!(before == options)) Q_EMIT optionsChanged(before, options);
}

void TimelinePanel::restore(const TimelineOptions& options) {
  const QSignalBlocker a(threshold_), b(tiou_), c(value_);
  threshold_->setValue(static_cast<int>(std::lround(options.threshold * 100.0)));
  tiou_->setValue(static_cast<int>(std::lround(options.tiou * 100.0)));
  value_->setCurrentIndex(static_cast<int>(options.value));
  setOptions(options);
}

void TimelinePanel::setThreshold(double threshold) { threshold_->setValue(static_cast<int>(std::lround(threshold * 100.0))); }

void TimelinePanel::useActions(const ActionList& actions) {
  for (const char* id : {"zoomOut", "zoomIn", "zoomWhole", "exportTimeline"}) {
    if (auto* button = findChild<QToolButton*>(QLatin1String(id) + QStringLiteral("Button"))) actions.tip(button, {QLatin1String(id)});
  }
  actions.tip(threshold_, {QStringLiteral("threshold")});
}

void TimelinePanel::focusThreshold() { threshold_->setFocus(Qt::ShortcutFocusReason); }

void TimelinePanel::setRowShown(RowKind kind, bool shown) {
  TimelineOptions options = view_->options();
  if (kind == RowKind::kTruth) options.truth = shown;
  if (kind == RowKind::kPredictions) options.predictions = shown;
  if (kind == RowKind::kAttention) options.attention = shown;
  setOptions(options);
}

void TimelinePanel::showLevel(int level) {
  TimelineOptions options = view_->options();
  options.only_level = level;
  setOptions(options);
}

void TimelinePanel::toggleCollapsed(int64_t level) {
  TimelineOptions options = view_->options();
  if (options.collapsed.erase(level) == 0) options.collapsed.insert(level);
  setOptions(options);
}

void TimelinePanel::toggleChosenLevel() {
  if (const CellAddress cell = view_->selectedCell(); cell.valid()) {
    toggleCollapsed(cell.level);
    return;
  }
  notice_->show(NoticeLevel::kInfo, tr("No level is chosen: click one of its cells, or go to one in the pyramid with the arrow keys."));
}

void TimelinePanel::setWaiting(const QString& text) {
  waiting_ = text;
  retitle();
}

void TimelinePanel::reload() {
  const Video* video = workspace_.video();
  if (const auto& alone = workspace_.freeVideo(); !video && alone.seconds > 0.0) {
    Video bare;
    bare.id = stdText(QFileInfo(alone.file).fileName());
    bare.duration_seconds = alone.seconds;
    view_->setContent(makeContent(bare, {}, nullptr), shown_video_ == alone.file);
    shown_video_ = alone.file;
    shown_data_.clear();
    pages_->setCurrentIndex(0);
    retitle();
    return;
  }
  if (!video) {
    empty_->setText(workspace_.loading()
                        ? tr("Reading the data set …")
                        : workspace_.data() ? tr("Choose a video in the list: its annotations, predictions, attention and pyramid appear here.")
                                            : tr("The timeline of a video appears here: annotations, predictions, attention and the "
                                                 "temporal pyramid. No data set is open."));
    if (workspace_.data() || workspace_.loading()) empty_->offer(lacking(workspace_, false));
    else empty_->setButton(tr("Open data set…"));
    pages_->setCurrentIndex(1);
    shown_video_.clear();
    retitle();
    return;
  }
  const bool same = shown_video_ == workspace_.videoId() && shown_data_ == workspace_.data()->file;
  shown_video_ = workspace_.videoId();
  shown_data_ = workspace_.data()->file;
  view_->setContent(makeContent(*video, workspace_.data()->catalogue.classes, workspace_.inspection(), workspace_.stored().get()), same);
  pages_->setCurrentIndex(0);
  retitle();
}

void TimelinePanel::retitle() {
  const bool cells = view_->content().no_model.isEmpty();  // else there is nothing for them to colour
  cells_text_->setVisible(cells);
  value_->setVisible(cells);
  legend_->setVisible(cells);
  const Video* video = workspace_.video();
  if (const auto& alone = workspace_.freeVideo(); !video && alone.seconds > 0.0) {
    title_->setText(QFileInfo(alone.file).fileName());
    detail_->setText(tr("%1 · no data set: time only").arg(timeText(alone.seconds)));
    return;
  }
  if (!video) {
    title_->setText(tr("Timeline"));
    detail_->clear();
    return;
  }
  title_->setText(qText(video->id));
  QString text = tr("%1 · %2").arg(timeText(video->duration_seconds), qText(video->subset));
  const auto stored = workspace_.stored();
  if (const auto seen = workspace_.inspection()) text += tr(" · weights of step %1").arg(seen->step);
  else if (stored) text += stored->imported() ? tr(" · imported from %1").arg(stored->source) : tr(" · detections that the run has stored");
  if (workspace_.inspection() || (stored && stored->searched)) {
    text += tr(" · %1 matched, %2 false, %3 missed")
                .arg(view_->matching().matched)
                .arg(view_->matching().false_ones)
                .arg(std::count(view_->matching().missed.begin(), view_->matching().missed.end(), true));
  }
  if (!waiting_.isEmpty()) text += QStringLiteral(" · ") + waiting_;
  detail_->setText(text);
}

}  // namespace hvlm::ui
