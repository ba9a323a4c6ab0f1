// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/run_table.h"

#include <QCheckBox>
#include <QComboBox>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QStackedWidget>
#include <QTableView>
#include <QToolButton>
#include <QVBoxLayout>
#include <algorithm>

#include "ui/results/result_model.h"
#include "ui/shell/background.h"
#include "ui/shell/empty_state.h"
#include "ui/style/icons.h"
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
  view_->verticalHeader()->setDefaultSectionSize(24);
  view_->horizontalHeader()->setHighlightSections(false);
  notes_ = new QLabel(this);
  notes_->setProperty("role", "muted");
  notes_->setWordWrap(true);
  notes_->setTextInteractionFlags(Qt::TextSelectableByMouse);
  auto* page = new QWidget(this);
  auto* inner = new QVBoxLayout(page);
  inner->setContentsMargins(0, 0, 0, 0);
  inner->setSpacing(6);
  inner->addLayout(bar);
  inner->addWidget(view_, 1);
  inner->addWidget(notes_);
  empty_ = new EmptyState(tr("Runs side by side appear here: what differs between them, their figures, seeds as mean ± sd. Open a run, and tick others in the list to compare."), QString(), this);
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
