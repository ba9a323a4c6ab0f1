// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/runs/runs_panel.h"

#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLineEdit>
#include <QStackedWidget>
#include <QTableView>
#include <QToolButton>
#include <QVBoxLayout>
#include <set>

#include "ui/runs/run_model.h"
#include "ui/shell/background.h"
#include "ui/shell/empty_state.h"
#include "ui/shell/notice_strip.h"
#include "ui/style/icons.h"
#include "ui/style/text_size.h"
#include "ui/style/theme.h"
#include "ui/text.h"

namespace hvlm::ui {
namespace {

// A run that is listed by itself and found in a folder of runs is one run; a folder that is still empty is no fault.
std::vector<RunSummary> readRuns(const std::vector<std::filesystem::path>& folders, LivenessTracker& tracker, RunCache& cache) {
  std::vector<RunSummary> unique;
  std::set<std::filesystem::path> seen;
  for (RunSummary& run : listRuns(folders, &tracker, &cache)) {
    std::error_code none;
    const bool absent = !run.problem.empty() && !std::filesystem::exists(run.folder / "run.json", none);
    if (!absent && seen.insert(run.folder).second) unique.push_back(std::move(run));
  }
  return unique;
}

constexpr auto kRefreshInterval = std::chrono::seconds(2);
constexpr auto kLongestInterval = std::chrono::seconds(8);

}  // namespace

RunsPanel::RunsPanel(QWidget* parent) : QWidget(parent), tracker_(std::make_shared<LivenessTracker>()), cache_(std::make_shared<RunCache>()) {
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(8, 2, 4, 4);
  column->setSpacing(6);
  notice_ = new NoticeStrip(this);
  model_ = new RunModel(this);
  table_ = new QTableView(this);
  table_->setObjectName(QStringLiteral("runTable"));
  table_->setAccessibleName(tr("Runs"));
  table_->setModel(model_);
  table_->setSelectionBehavior(QAbstractItemView::SelectRows);
  table_->setSelectionMode(QAbstractItemView::SingleSelection);
  table_->setShowGrid(false);
  table_->setWordWrap(false);
  table_->setTextElideMode(Qt::ElideMiddle);
  table_->setTabKeyNavigation(false);
  table_->setIconSize(QSize(12, 12));
  table_->verticalHeader()->hide();
  table_->verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
  table_->verticalHeader()->setDefaultSectionSize(withText(*this, 24));
  table_->horizontalHeader()->setHighlightSections(false);
  table_->horizontalHeader()->setStretchLastSection(true);
  const std::pair<int, int> widths[] = {{RunModel::kName, 104}, {RunModel::kState, 84},  {RunModel::kVerdict, 70},
                                        {RunModel::kTop1, 54},  {RunModel::kMap, 54},    {RunModel::kEpochs, 64}, {RunModel::kTags, 80}};
  for (const auto& [section, width] : widths) table_->setColumnWidth(section, withText(*this, width));
  table_->horizontalHeader()->setSortIndicator(RunModel::kCreated, Qt::DescendingOrder);
  table_->setSortingEnabled(true);
  empty_ = new EmptyState(tr("Finished, running and lost runs appear here, with their verdicts and figures. No folder of runs is open."),
                          tr("Open runs…"));
  pages_ = new QStackedWidget(this);
  search_ = new QLineEdit(this);
  search_->setObjectName(QStringLiteral("runSearchEdit"));
  search_->setPlaceholderText(tr("Search name, state, tag or note"));
  search_->setAccessibleName(tr("Search runs"));
  search_->setClearButtonEnabled(true);
  search_->addAction(icon("search", IconTone::kMuted), QLineEdit::LeadingPosition);
  count_ = new QLabel(this);
  count_->setObjectName(QStringLiteral("runCount"));
  count_->setProperty("role", "muted");
  auto* list = new QWidget(this);
  auto* list_column = new QVBoxLayout(list);
  list_column->setContentsMargins(0, 0, 0, 0);
  list_column->setSpacing(4);
  list_column->addWidget(search_);
  list_column->addWidget(table_, 1);
  list_column->addWidget(count_);
  pages_->addWidget(empty_);
  pages_->addWidget(list);
  search_timer_.setSingleShot(true);
  search_timer_.setInterval(80);
  connect(search_, &QLineEdit::textChanged, this, [this] { search_timer_.start(); });
  connect(&search_timer_, &QTimer::timeout, this, [this] {
    model_->setFilter(search_->text());
    recount();
    showCurrent(current_);
  });
  column->addWidget(notice_);
  column->addWidget(pages_, 1);
  // Fusion derives the rim of a tick box from the window's colour: too faint on dark panels.
  const auto rims = [this] {
    QPalette palette = table_->palette();
    palette.setColor(QPalette::Window, tokens().muted);
    table_->setPalette(palette);
  };
  connect(&Theme::instance(), &Theme::changed, this, rims);
  rims();
  connect(empty_, &EmptyState::pressed, this, &RunsPanel::openRunsAsked);
  const auto choose = [this](const QModelIndex& index) {
    const RunSummary* run = model_->runAt(index.row());
    if (!run) return;
    if (!run->problem.empty()) {
      notice_->show(NoticeLevel::kWarning, qText(run->problem));
      return;
    }
    Q_EMIT runChosen(qText(run->folder));
  };
  connect(table_, &QTableView::clicked, this, choose);
  connect(table_, &QTableView::activated, this, choose);
  refresh_timer_.setInterval(kRefreshInterval);
  connect(&refresh_timer_, &QTimer::timeout, this, [this] {
    if (isVisible()) refresh();
  });
  refresh_timer_.start();
}

void RunsPanel::setFolders(const QStringList& folders) {
  folders_ = folders;
  refresh();
}

void RunsPanel::addFolder(const QString& folder) {
  if (!folders_.contains(folder)) folders_.append(folder);
  refresh();
}

void RunsPanel::refresh() {
  if (reading_) {
    again_ = true;
    return;
  }
  if (folders_.isEmpty()) {
    arrive({});
    return;
  }
  reading_ = true;
  reading_clock_.start();
  std::vector<std::filesystem::path> paths;
  for (const QString& folder : folders_) paths.push_back(pathOf(folder));
  inBackground(
      this, [paths, tracker = tracker_, cache = cache_] { return readRuns(paths, *tracker, *cache); },
      [this](std::vector<RunSummary> runs) { arrive(std::move(runs)); },
      [this](const QString& message) {
        reading_ = false;
        notice_->show(NoticeLevel::kWarning, message);
      });
}

void RunsPanel::arrive(std::vector<RunSummary> runs) {
  reading_ = false;
  // Looking costs at most a fiftieth of the time, and a run that was killed shows within ten seconds.
  const auto pause = std::clamp<qint64>(50 * reading_clock_.elapsed(), kRefreshInterval / std::chrono::milliseconds(1), kLongestInterval / std::chrono::milliseconds(1));
  refresh_timer_.setInterval(static_cast<int>(pause));
  model_->setRuns(std::move(runs));
  pages_->setCurrentIndex(model_->total() > 0 ? 1 : 0);
  recount();
  showCurrent(current_);
  if (std::exchange(again_, false)) refresh();
}

void RunsPanel::recount() {
  count_->setVisible(model_->rowCount() != model_->total());
  count_->setText(tr("%1 of %2").arg(model_->rowCount()).arg(model_->total()));
}

void RunsPanel::focusSearch() {
  search_->setFocus(Qt::ShortcutFocusReason);
  search_->selectAll();
}

QString RunsPanel::selected() const {
  const QModelIndex current = table_->currentIndex();
  return current.isValid() ? model_->folderAt(current.row()) : QString();
}

void RunsPanel::setContextActions(const QList<QAction*>& actions) {
  table_->setContextMenuPolicy(Qt::ActionsContextMenu);
  table_->addActions(actions);
}

void RunsPanel::showCurrent(const QString& folder) {
  current_ = folder;
  const int row = model_->rowOf(folder);
  if (row >= 0 && table_->currentIndex().row() != row) table_->selectRow(row);
}

}  // namespace hvlm::ui
