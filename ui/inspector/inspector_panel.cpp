// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/inspector/inspector_panel.h"

#include <QComboBox>
#include <QHeaderView>
#include <QScrollBar>
#include <QTreeWidget>
#include <QVBoxLayout>
#include <algorithm>
#include <numeric>

#include "ui/detections/stored_detections.h"
#include "ui/shell/empty_state.h"
#include "ui/style/class_colours.h"
#include "ui/style/theme.h"
#include "ui/text.h"
#include "ui/timeline/time_scale.h"
#include "ui/workspace.h"

namespace hvlm::ui {

InspectorPanel::InspectorPanel(Workspace& workspace, QWidget* parent) : QStackedWidget(parent), workspace_(workspace) {
  empty_ = new EmptyState(QString());
  tree_ = new QTreeWidget(this);
  tree_->setObjectName(QStringLiteral("inspectorTree"));
  tree_->setAccessibleName(tr("Values"));
  tree_->setColumnCount(2);
  tree_->setHeaderHidden(true);
  tree_->setRootIsDecorated(false);
  tree_->setIndentation(10);
  tree_->setUniformRowHeights(true);
  tree_->setFrameShape(QFrame::NoFrame);
  tree_->setTextElideMode(Qt::ElideRight);
  tree_->header()->setSectionResizeMode(0, QHeaderView::Interactive);
  tree_->header()->resizeSection(0, 142);
  tree_->header()->setStretchLastSection(true);
  addWidget(empty_);
  other_ = new QComboBox(this);
  other_->setObjectName(QStringLiteral("inspectorOtherRun"));
  other_->setAccessibleName(tr("Run to compare with"));
  other_->setToolTip(tr("The run whose options and figures are set beside those of the run shown"));
  other_->setSizeAdjustPolicy(QComboBox::AdjustToMinimumContentsLengthWithIcon);
  other_->setMinimumContentsLength(10);
  auto* page = new QWidget(this);
  auto* column = new QVBoxLayout(page);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(2);
  column->addWidget(tree_, 1);
  column->addWidget(other_);
  addWidget(page);
  fillOthers();
  other_->setVisible(!workspace_.run().isEmpty());
  connect(other_, &QComboBox::activated, this, [this] {
    chosen_ = other_->currentData().toString();
    readRuns();
  });
  connect(&workspace_, &Workspace::runChanged, this, &InspectorPanel::readRuns);
  for (const auto signal : {&Workspace::dataChanged, &Workspace::videoChanged, &Workspace::inspectionChanged}) {
    connect(&workspace_, signal, this, &InspectorPanel::rebuild);
  }
  connect(&workspace_, &Workspace::loadingChanged, this, [this] {
    if (!workspace_.video()) rebuild();
  });
  connect(&Theme::instance(), &Theme::changed, this, &InspectorPanel::rebuild);
  rebuild();
}

void InspectorPanel::showCell(CellAddress cell) {
  cell_ = cell;
  rebuild();
}

QTreeWidgetItem* InspectorPanel::group(const QString& title) {
  auto* item = new QTreeWidgetItem(tree_, {title});
  item->setFirstColumnSpanned(true);
  item->setForeground(0, tokens().muted);
  item->setFlags(Qt::ItemIsEnabled);
  item->setExpanded(true);
  return item;
}

void InspectorPanel::value(QTreeWidgetItem* parent, const QString& name, const QString& text) {
  auto* item = new QTreeWidgetItem(parent, {name, text});
  item->setToolTip(0, name);
  item->setToolTip(1, text);
}

void InspectorPanel::rebuild() {
  const int scrolled = tree_->verticalScrollBar()->value();
  tree_->setUpdatesEnabled(false);
  tree_->clear();
  if (workspace_.video()) {
    if (segment_) addSegment();
    if (cell_.valid()) addCell();
    addVideo();
    addModel();
  }
  addRun();
  tree_->expandAll();
  tree_->setUpdatesEnabled(true);
  tree_->verticalScrollBar()->setValue(scrolled);  // what is read stays in place while figures change
  setCurrentIndex(workspace_.video() || run_ ? 1 : 0);
  const EmptyAsk lacks = lacking(workspace_, false);
  empty_->setText(tr("Values of the selected video, segment, pyramid cell or run appear here. %1").arg(lacks == EmptyAsk::kNothing ? tr("Nothing is selected.") : lackingText(lacks)));
  empty_->offer(lacks);
}

void InspectorPanel::addVideo() {
  const Video& video = *workspace_.video();
  const Catalogue& catalogue = workspace_.data()->catalogue;
  QTreeWidgetItem* g = group(tr("Video"));
  value(g, tr("id"), qText(video.id));
  value(g, tr("subset"), qText(video.subset));
  value(g, tr("length"), timeText(video.duration_seconds));
  constexpr size_t kMostSegments = 200;
  size_t listed = 0;
  for (const Segment& segment : video.segments) {
    const QString name = segment.label >= 0 ? qText(catalogue.classes[static_cast<size_t>(segment.label)]) : tr("unknown label");
    value(g, tr("%1 – %2").arg(timeText(segment.start_seconds), timeText(segment.end_seconds)), name);
    g->child(g->childCount() - 1)->setData(1, Qt::DecorationRole, classColour(name));
    if (++listed == kMostSegments) break;
  }
  if (video.segments.size() > listed) value(g, QStringLiteral("…"), tr("%n more segment(s)", nullptr, static_cast<int>(video.segments.size() - listed)));
  if (!video.captions.empty()) value(g, tr("captions"), QString::number(video.captions.size()));
  if (!video.questions.empty()) value(g, tr("questions"), QString::number(video.questions.size()));
}

void InspectorPanel::addModel() {
  const auto seen = workspace_.inspection();
  if (const auto stored = workspace_.stored(); stored && !seen) {
    QTreeWidgetItem* g = group(tr("Run"));
    value(g, tr("run"), qText(pathOf(stored->run).filename()));
    value(g, stored->imported() ? tr("imported from") : tr("model"), stored->imported() ? stored->source : tr("no checkpoint"));
    value(g, tr("detections here"), stored->searched ? uiCount(static_cast<int64_t>(stored->detections.size())) : tr("none of this subset"));
  }
  if (!seen) return;
  QTreeWidgetItem* g = group(tr("Model"));
  value(g, tr("run"), qText(pathOf(qText(seen->run_folder)).filename()));
  value(g, tr("weights of step"), uiCount(static_cast<int64_t>(seen->step)));
  value(g, tr("pyramid"), tr("%1, %2 levels").arg(qText(seen->mode)).arg(seen->levels.size()));
  if (!seen->neighbour_similarity.empty()) {
    const double mean = std::accumulate(seen->neighbour_similarity.begin(), seen->neighbour_similarity.end(), 0.0) /
                        static_cast<double>(seen->neighbour_similarity.size());
    value(g, tr("TC of this video"), uiNumber(mean, 3));
  }
  if (seen->class_scores.empty()) return;
  QTreeWidgetItem* scores = group(tr("Video classes"));
  std::vector<size_t> order(seen->class_scores.size());
  std::iota(order.begin(), order.end(), size_t{0});
  const size_t shown = std::min<size_t>(5, order.size());
  std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(shown), order.end(),
                    [&](size_t a, size_t b) { return seen->class_scores[a] > seen->class_scores[b]; });
  for (size_t i = 0; i < shown && order[i] < seen->classes.size(); ++i) {
    const QString name = qText(seen->classes[order[i]]);
    value(scores, name, uiNumber(static_cast<double>(seen->class_scores[order[i]]), 3));
    scores->child(scores->childCount() - 1)->setData(0, Qt::DecorationRole, classColour(name));
  }
}

void InspectorPanel::addCell() {
  const auto seen = workspace_.inspection();
  if (!seen || cell_.level >= static_cast<int64_t>(seen->levels.size())) return;
  const PyramidLevel& level = seen->levels[static_cast<size_t>(cell_.level)];
  if (cell_.cell >= static_cast<int64_t>(level.first_step.size())) return;
  const auto at = static_cast<size_t>(cell_.cell);
  QTreeWidgetItem* g = group(tr("Pyramid cell"));
  value(g, tr("level"), QString::number(cell_.level));
  value(g, tr("node"), tr("%1 of %2").arg(cell_.cell).arg(level.first_step.size()));
  const auto [from, to] = secondsOf(*seen, cell_);
  value(g, tr("covers"), tr("%1 – %2").arg(timeText(from), timeText(std::min(to, seen->duration_seconds))));
  value(g, tr("steps"), tr("%1 – %2").arg(level.first_step[at]).arg(level.last_step[at]));
  const CellAddress parent = parentOf(*seen, cell_);
  value(g, tr("parent"), parent.valid() ? tr("level %1, node %2").arg(parent.level).arg(parent.cell) : tr("none"));
  const auto [first, last] = childrenOf(*seen, cell_);
  value(g, tr("children"), first < last ? tr("nodes %1 – %2").arg(first).arg(last - 1) : tr("none"));
  if (parent.valid()) value(g, tr("alpha in its window"), uiNumber(static_cast<double>(level.alpha[at]), 4));
  value(g, tr("share of the top"), uiNumber(static_cast<double>(level.share[at]), 4));
  if (at < level.score.size() && level.label[at] >= 0 && level.label[at] < static_cast<int64_t>(seen->classes.size())) {
    value(g, tr("best class"), qText(seen->classes[static_cast<size_t>(level.label[at])]));
    value(g, tr("its score"), uiNumber(static_cast<double>(level.score[at]), 3));
  }
}

}  // namespace hvlm::ui
