// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/run_table.h"

#include <QCheckBox>
#include <QComboBox>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QSplitter>
#include <QStackedWidget>
#include <QTableView>
#include <QToolButton>
#include <QVBoxLayout>
#include <algorithm>

#include "ui/look/parallel_view.h"
#include "ui/results/result_model.h"
#include "ui/shell/background.h"
#include "ui/shell/elided_label.h"
#include "ui/shell/empty_state.h"
#include "ui/style/icons.h"
#include "ui/style/text_size.h"
#include "ui/text.h"

namespace hvlm::ui {

RunTable::RunTable(QWidget* parent) : QWidget(parent) {
  setObjectName(QStringLiteral("runTableView"));
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(8, 6, 8, 6);
  column->setSpacing(6);
  group_ = new QCheckBox(tr("seeds as mean ± sd"), this);
  group_->setObjectName(QStringLiteral("groupSeedsBox"));
  group_->setChecked(true);
  baseline_ = new QComboBox(this);
  baseline_->setObjectName(QStringLiteral("baselineCombo"));
  baseline_->setAccessibleName(tr("Baseline"));
  baseline_->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
  baseline_->setMinimumContentsLength(14);
  auto* save = new QToolButton(this);
  save->setIcon(icon("export"));
  save->setToolTip(tr("Export the table…"));
  save->setAccessibleName(tr("Export the table…"));
  auto* bar = new QHBoxLayout;
  bar->setSpacing(8);
  bar->addWidget(group_);
  bar->addSpacing(8);
  auto* label = new QLabel(tr("deltas to"), this);
  label->setProperty("role", "muted");
  bar->addWidget(label);
  bar->addWidget(baseline_);
  bar->addStretch(1);
  bar->addWidget(save);
  model_ = new ResultModel(this);
  view_ = new QTableView(this);
  view_->setObjectName(QStringLiteral("comparedRuns"));
  view_->setAccessibleName(tr("Compared runs"));
  view_->setModel(model_);
  view_->setShowGrid(false);
  view_->setWordWrap(false);
  view_->setTabKeyNavigation(false);
  view_->setSelectionBehavior(QAbstractItemView::SelectRows);
  view_->verticalHeader()->hide();
  view_->verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
  view_->verticalHeader()->setDefaultSectionSize(withText(*this, 24));
  view_->horizontalHeader()->setHighlightSections(false);
  notes_ = new QLabel(this);
  notes_->setProperty("role", "muted");
  notes_->setWordWrap(true);
  notes_->setTextInteractionFlags(Qt::TextSelectableByMouse);
  auto* page = new QWidget(this);
  auto* inner = new QVBoxLayout(page);
  inner->setContentsMargins(0, 0, 0, 0);
  inner->setSpacing(6);
  figure_ = new QComboBox(this);
  figure_->setObjectName(QStringLiteral("parallelFigureCombo"));
  figure_->setAccessibleName(tr("Figure of the last axis"));
  for (const auto& [key, name] : {std::pair("top1", tr("top-1")), {"map_50", tr("mAP@0.5")}, {"average_map", tr("average mAP")}, {"temporal_consistency", tr("TC")}, {"r_x", tr("R_x")}, {"effective_rank", tr("rank")}, {"sweep_score", tr("held-out score")}}) {
    figure_->addItem(name, QLatin1String(key));
  }
  parallel_ = new ParallelView(this);
  read_out_ = new ElidedLabel(this);
  read_out_->setProperty("role", "muted");
  auto* lower = new QWidget(this);
  auto* lower_column = new QVBoxLayout(lower);
  lower_column->setContentsMargins(0, 0, 0, 0);
  lower_column->setSpacing(2);
  auto* lower_bar = new QHBoxLayout;
  lower_bar->addWidget(read_out_, 1);
  lower_bar->addWidget(figure_);
  lower_column->addLayout(lower_bar);
  lower_column->addWidget(parallel_, 1);
  auto* split = new QSplitter(Qt::Vertical, this);
  split->setChildrenCollapsible(false);
  split->addWidget(view_);
  split->addWidget(lower);
  split->setStretchFactor(0, 1);
  split->setStretchFactor(1, 1);
  inner->addLayout(bar);
  inner->addWidget(split, 1);
  inner->addWidget(notes_);
  empty_ = new EmptyState(tr("Runs side by side appear here: what differs between them, their figures, seeds as mean ± sd. Open a run, and tick others in the list to compare."), QString(), this);
  empty_->offer(EmptyAsk::kRuns);
  pages_ = new QStackedWidget(this);
  pages_->addWidget(empty_);
  pages_->addWidget(page);
  column->addWidget(pages_, 1);
  connect(group_, &QCheckBox::toggled, this, &RunTable::rebuild);
  connect(baseline_, &QComboBox::activated, this, [this] {
    rebuild();
    Q_EMIT baselineChanged(baseline());
  });
  connect(save, &QToolButton::clicked, this, &RunTable::exportAsked);
  const auto tell = [this](const QString& text) { read_out_->setText(text.isEmpty() ? tr("a line per run · drag along an axis to keep a range, double click lets it go; by keyboard Ctrl+arrows and Delete") : text); };
  connect(parallel_, &ParallelView::hovered, this, tell);
  tell(QString());
  connect(figure_, &QComboBox::currentIndexChanged, this, &RunTable::fillParallel);
  connect(parallel_, &ParallelView::rowChosen, this, [this](int row) {
    int at = -1;
    for (const ComparedRun& run : *runs_) {
      if (run.problem.empty() && ++at == row) Q_EMIT runChosen(qText(run.folder));
    }
  });
  fillBaselines();
}

void RunTable::setRuns(const QStringList& folders) {
  const QStringList shown = folders.mid(0, kMostRuns);
  left_out_ = static_cast<int>(folders.size() - shown.size());
  if (shown == folders_) return;
  folders_ = shown;
  refresh();
}

void RunTable::refresh() {
  const int64_t number = ++newest_;
  const auto read = [folders = folders_] {
    std::vector<ComparedRun> runs;
    for (const QString& folder : folders) runs.push_back(readComparedRun(pathOf(folder)));
    return runs;
  };
  inBackground(this, read, [this, number](std::vector<ComparedRun> runs) {
    if (number != newest_) return;
    runs_ = std::make_shared<const std::vector<ComparedRun>>(std::move(runs));
    fillBaselines();
    rebuild();
    chooseFigure();
    fillParallel();
    Q_EMIT runsRead();
  });
}

QString RunTable::baseline() const { return baseline_->currentData().toString(); }

void RunTable::setBaseline(const QString& folder) {
  if (folder == baseline()) return;
  int at = baseline_->findData(folder);
  if (at < 0) {  // not compared yet: its deltas come once it is
    baseline_->addItem(qText(pathOf(folder).filename()), folder);
    at = baseline_->count() - 1;
  }
  baseline_->setCurrentIndex(at);
  rebuild();
  Q_EMIT baselineChanged(folder);
}

bool RunTable::grouped() const { return group_->isChecked(); }
void RunTable::setGrouped(bool grouped) { group_->setChecked(grouped); }
const ResultTable& RunTable::table() const { return model_->table(); }

void RunTable::fillBaselines() {
  const QString kept = baseline();
  const QSignalBlocker blocker(baseline_);
  baseline_->clear();
  baseline_->addItem(tr("no baseline"), QString());
  for (const ComparedRun& run : *runs_) {
    if (run.problem.empty()) baseline_->addItem(qText(run.name), qText(run.folder));
  }
  int at = baseline_->findData(kept);
  if (at < 0) {
    baseline_->addItem(qText(pathOf(kept).filename()), kept);
    at = baseline_->count() - 1;
  }
  baseline_->setCurrentIndex(at);
}

// An axis that no run has a value on says nothing: trials of a sweep have their held-out score alone.
void RunTable::chooseFigure() {
  const auto is_there = [this](int item) {
    const std::string key = stdText(figure_->itemData(item).toString());
    return std::any_of(runs_->begin(), runs_->end(), [&](const ComparedRun& run) { return run.figures.contains(key); });
  };
  if (is_there(figure_->currentIndex())) return;
  const QSignalBlocker blocker(figure_);
  for (int item = 0; item < figure_->count(); ++item) {
    if (!is_there(item)) continue;
    figure_->setCurrentIndex(item);
    return;
  }
}

void RunTable::fillParallel() {
  const ComparisonAxes read = comparisonAxes(*runs_, stdText(figure_->currentData().toString()));
  std::vector<ParallelAxis> axes;
  for (size_t a = 0; a < read.names.size(); ++a) {
    ParallelAxis axis{qText(read.names[a]), {}, read.logarithmic[a]};
    for (const std::string& category : read.categories[a]) axis.categories.append(qText(category));
    axes.push_back(std::move(axis));
  }
  QStringList names;
  for (const ComparedRun& run : *runs_) {
    if (run.problem.empty()) names.append(qText(run.name));
  }
  parallel_->setRuns(std::move(axes), read.rows, names);
}

void RunTable::rebuild() {
  RunComparisonOptions options;
  options.group = group_->isChecked();
  options.baseline = stdText(baseline());
  ResultTable table = compareRuns(*runs_, options);
  if (left_out_ > 0) table.notes.push_back(stdText(tr("%n more run(s) are ticked: at most %1 are compared", nullptr, left_out_).arg(kMostRuns)));
  pages_->setCurrentIndex(table.rows.empty() && table.notes.empty() ? 0 : 1);
  QString notes;
  for (const std::string& note : table.notes) notes += qText(note) + QLatin1Char('\n');
  notes_->setText(notes.trimmed());
  notes_->setVisible(!notes.isEmpty());
  model_->setTable(std::move(table));
  view_->resizeColumnsToContents();
  for (int i = 0; i < model_->columnCount(); ++i) view_->setColumnWidth(i, std::clamp(view_->columnWidth(i), 52, i == 0 ? 210 : 150));
}

}  // namespace hvlm::ui
