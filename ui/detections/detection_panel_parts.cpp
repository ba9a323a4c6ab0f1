// SPDX-License-Identifier: GPL-3.0-or-later
// What the panel is made of, and how its parts hear of each other.
#include <QComboBox>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QScrollArea>
#include <QSlider>
#include <QSplitter>
#include <QStackedWidget>
#include <QTabWidget>
#include <QTableView>
#include <QToolButton>
#include <QVBoxLayout>

#include "ui/detections/detection_panel.h"
#include "ui/detections/error_view.h"
#include "ui/detections/precision_recall_view.h"
#include "ui/detections/sorted_table.h"
#include "ui/detections/tiou_view.h"
#include "ui/shell/elided_label.h"
#include "ui/shell/empty_state.h"
#include "ui/shell/notice_strip.h"
#include "ui/style/icons.h"
#include "ui/text.h"
#include "ui/timeline/timeline_content.h"

namespace hvlm::ui {
namespace {

constexpr int kRest = 150;  // ms without a move of the slider before its tables are made

QComboBox* combo(const char* name, const QString& accessible, QWidget* parent) {
  auto* made = new QComboBox(parent);
  made->setObjectName(QLatin1String(name));
  made->setAccessibleName(accessible);
  made->setToolTip(accessible);
  return made;
}

QLabel* muted(const QString& text, QWidget* parent) {
  auto* label = new QLabel(text, parent);
  label->setProperty("role", "muted");
  return label;
}

}  // namespace

DetectionPanel::DetectionPanel(Workspace& workspace, QWidget* parent) : QWidget(parent), workspace_(workspace) {
  setObjectName(QStringLiteral("detectionPanel"));
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(8, 4, 8, 4);
  column->setSpacing(4);
  notice_ = new NoticeStrip(this);
  auto* page = new QWidget;
  auto* page_column = new QVBoxLayout(page);
  page_column->setContentsMargins(0, 0, 0, 0);
  page_column->setSpacing(4);
  read_out_ = new ElidedLabel(this);
  read_out_->setObjectName(QStringLiteral("detectionReadOut"));
  read_out_->setProperty("role", "muted");
  read_out_->setAccessibleName(tr("Under the pointer"));
  tabs_ = new QTabWidget;
  tabs_->setObjectName(QStringLiteral("detectionTabs"));
  tabs_->setDocumentMode(true);
  auto* save = new QToolButton;
  save->setObjectName(QStringLiteral("exportDetectionButton"));
  save->setIcon(icon("export"));
  save->setToolTip(tr("Export this figure or table…"));
  save->setAccessibleName(tr("Export this figure or table…"));
  save->setAutoRaise(true);
  // The class stands beside the tabs: the figures need the height.
  class_ = combo("detectionClassCombo", tr("The class that is shown strongly"), this);
  class_->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
  class_->setMinimumContentsLength(16);
  auto* corner = new QWidget;
  auto* corner_row = new QHBoxLayout(corner);
  corner_row->setContentsMargins(0, 0, 0, 2);
  corner_row->setSpacing(6);
  corner_row->addWidget(class_);
  corner_row->addWidget(save);
  tabs_->setCornerWidget(corner);
  page_column->addWidget(makeBar());
  page_column->addWidget(tabs_, 1);
  page_column->addWidget(read_out_);
  tabs_->addTab(makeCurves(), tr("Precision and recall"));
  tabs_->addTab(makeErrors(), tr("Errors"));
  tabs_->addTab(makeTable(class_model_, class_view_, "detectionClassTable", tr("AP by class"), tr("Enter shows the curve of the class")), tr("Classes"));
  tabs_->addTab(makeTable(video_model_, video_view_, "detectionVideoTable", tr("Videos, the worst first"), tr("Enter opens the video at its first fault")), tr("Videos"));
  empty_ = new EmptyState(QString());
  stack_ = new QStackedWidget(this);
  stack_->addWidget(empty_);
  stack_->addWidget(page);
  column->addWidget(notice_);
  column->addWidget(stack_, 1);
  timer_.setSingleShot(true);
  timer_.setInterval(kRest);
  connect(save, &QToolButton::clicked, this, &DetectionPanel::exportAsked);
  connectParts();
  tell(QString());
  showEmpty();
}

QWidget* DetectionPanel::makeBar() {
  auto* bar = new QWidget(this);
  auto* row = new QHBoxLayout(bar);
  row->setContentsMargins(0, 0, 0, 0);
  row->setSpacing(6);
  subset_ = combo("detectionSubsetCombo", tr("Subset"), bar);
  tiou_ = combo("detectionTiouCombo", tr("tIoU threshold"), bar);
  for (const double threshold : defaultThresholds()) tiou_->addItem(uiNumber(threshold, 2), threshold);
  const TimelineOptions defaults;
  score_ = new QSlider(Qt::Horizontal, bar);
  score_->setObjectName(QStringLiteral("detectionScoreSlider"));
  score_->setAccessibleName(tr("Score threshold"));
  score_->setToolTip(tr("Videos and faults are those of predictions with at least this score; curves, AP and profile take all"));
  score_->setRange(0, 100);
  score_->setPageStep(10);
  score_->setValue(static_cast<int>(std::lround(defaults.threshold * 100.0)));
  score_->setFixedWidth(84);
  score_text_ = new QLabel(bar);
  score_text_->setFixedWidth(score_text_->fontMetrics().horizontalAdvance(QStringLiteral("0.00")) + 4);
  score_text_->setText(uiNumber(score_->value() / 100.0, 2));
  summary_ = new ElidedLabel(bar);
  summary_->setObjectName(QStringLiteral("detectionSummary"));
  row->addWidget(subset_);
  row->addWidget(muted(tr("tIoU"), bar));
  row->addWidget(tiou_);
  row->addSpacing(6);
  row->addWidget(muted(tr("score ≥"), bar));
  row->addWidget(score_);
  row->addWidget(score_text_);
  row->addSpacing(6);
  row->addWidget(summary_, 1);
  return bar;
}

QWidget* DetectionPanel::makeCurves() {
  auto* page = new QWidget(this);
  auto* column = new QVBoxLayout(page);
  column->setContentsMargins(0, 4, 0, 0);
  column->setSpacing(4);
  curves_ = new PrecisionRecallView(page);
  by_tiou_ = new TiouView(page);
  auto* split = new QSplitter(Qt::Horizontal, page);
  split->setChildrenCollapsible(false);
  split->addWidget(curves_);
  split->addWidget(by_tiou_);
  split->setSizes({380, 380});
  split->setStretchFactor(0, 1);
  split->setStretchFactor(1, 1);
  column->addWidget(split, 1);
  return page;
}

QWidget* DetectionPanel::makeErrors() {
  auto* page = new QWidget(this);
  auto* column = new QVBoxLayout(page);
  column->setContentsMargins(0, 4, 0, 0);
  errors_ = new ErrorView(page);
  kind_ = combo("detectionKindCombo", tr("Which faults are listed"), page);
  faults_text_ = muted(QString(), page);
  fault_model_ = new SortedTable(this);
  fault_view_ = sortedTableView(fault_model_, "detectionFaultTable", tr("Faults"), page);
  fault_view_->setToolTip(tr("Enter opens the video at this segment"));
  auto* bar = new QHBoxLayout;
  bar->setSpacing(6);
  bar->addWidget(kind_);
  bar->addWidget(faults_text_, 1);
  auto* list = new QWidget(page);
  auto* list_column = new QVBoxLayout(list);
  list_column->setContentsMargins(0, 0, 0, 0);
  list_column->setSpacing(4);
  list_column->addLayout(bar);
  list_column->addWidget(fault_view_, 1);
  auto* split = new QSplitter(Qt::Horizontal, page);
  split->setChildrenCollapsible(false);
  auto* scroll = new QScrollArea(page);  // a low window shows the kinds first
  scroll->setWidget(errors_);
  scroll->setWidgetResizable(true);
  scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  scroll->setFocusPolicy(Qt::NoFocus);
  scroll->setMinimumWidth(220);
  split->addWidget(scroll);
  split->addWidget(list);
  split->setSizes({310, 440});
  split->setStretchFactor(0, 2);
  split->setStretchFactor(1, 3);
  column->addWidget(split, 1);
  return page;
}

QWidget* DetectionPanel::makeTable(SortedTable*& model, QTableView*& view, const char* name, const QString& accessible, const QString& hint) {
  auto* page = new QWidget(this);
  auto* column = new QVBoxLayout(page);
  column->setContentsMargins(0, 4, 0, 0);
  model = new SortedTable(this);
  view = sortedTableView(model, name, accessible, page);
  view->setAccessibleDescription(hint);
  column->addWidget(view, 1);
  return page;
}

void DetectionPanel::connectParts() {
  connect(empty_, &EmptyState::pressed, this, [this] {
    if (workspace_.data()) Q_EMIT evaluateAsked();
    else Q_EMIT openDataAsked();
  });
  for (FigureCanvas* figure : {static_cast<FigureCanvas*>(curves_), static_cast<FigureCanvas*>(by_tiou_), static_cast<FigureCanvas*>(errors_)}) {
    connect(figure, &FigureCanvas::hovered, this, &DetectionPanel::tell);
  }
  connect(curves_, &PrecisionRecallView::classChosen, this, [this](qint64 label) { chooseClass(label == curves_->chosen() ? -1 : label); });
  connect(by_tiou_, &TiouView::thresholdChosen, tiou_, &QComboBox::setCurrentIndex);
  connect(errors_, &ErrorView::kindChosen, this, [this](int error) { kind_->setCurrentIndex(kind_->currentData().toInt() == error ? 0 : kind_->findData(error)); });
  connect(kind_, &QComboBox::currentIndexChanged, this, &DetectionPanel::filterFaults);
  connect(tabs_, &QTabWidget::currentChanged, this, [this](int page) { class_->setVisible(page == kCurves); });
  connect(class_, &QComboBox::currentIndexChanged, this, [this](int index) { curves_->setChosen(index > 0 ? class_->currentData().toLongLong() : -1); });
  connect(subset_, &QComboBox::activated, this, [this] {
    wanted_subset_ = subset_->currentText();
    read();
  });
  connect(tiou_, &QComboBox::currentIndexChanged, this, [this] { timer_.start(0); });
  connect(score_, &QSlider::valueChanged, this, [this](int percent) {
    score_text_->setText(uiNumber(percent / 100.0, 2));
    timer_.start(kRest);
  });
  connect(&timer_, &QTimer::timeout, this, &DetectionPanel::lookAgain);
  const auto each = [this](QTableView* view, SortedTable* model, auto act) {
    const auto go = [model, act](const QModelIndex& index) {
      if (const int item = model->itemAt(index.row()); item >= 0) act(item);
    };
    connect(view, &QTableView::clicked, this, go);
    connect(view, &QTableView::activated, this, go);
  };
  each(fault_view_, fault_model_, [this](int item) { open(momentOf(*data_, look_->faults[static_cast<size_t>(item)])); });
  each(video_view_, video_model_, [this](int item) { open(momentOf(*data_, *look_, look_->videos[static_cast<size_t>(item)].video)); });
  each(class_view_, class_model_, [this](int item) {
    chooseClass(data_->matches.classes[static_cast<size_t>(item)].label);
    tabs_->setCurrentIndex(kCurves);
  });
  connect(&workspace_, &Workspace::runChanged, this, &DetectionPanel::forget);
  connect(&workspace_, &Workspace::dataChanged, this, &DetectionPanel::forget);
}

}  // namespace hvlm::ui
