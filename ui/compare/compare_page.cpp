// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/compare/compare_page.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QHeaderView>
#include <QLabel>
#include <QMenu>
#include <QScrollArea>
#include <QTableView>
#include <QVBoxLayout>
#include <algorithm>

#include "support/text.h"
#include "ui/compare/compare_model.h"
#include "ui/style/icons.h"
#include "ui/style/text_size.h"
#include "ui/text.h"

namespace hvlm::ui {
namespace {

constexpr int kRowHeight = 24;
constexpr int kNamesWidth = 260;  // at most
constexpr int kNotesHeight = 34;  // at least: two lines
constexpr int kLeastTable = 150;  // of several below each other: the page scrolls rather than squeeze them

const ReproductionTable* tableOf(const ReproductionTables& tables, const QString& key, const std::string& budget) {
  for (const ReproductionTable& table : tables.tables) {
    if (qText(table.key) == key && (table.budget.empty() || table.budget == budget)) return &table;
  }
  return nullptr;
}

}  // namespace

ComparePage::ComparePage(const QStringList& keys, QWidget* parent) : QWidget(parent), menu_(new QMenu(this)) {
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(0, 6, 0, 0);
  column->setSpacing(6);
  const bool several = keys.size() > 1;
  QVBoxLayout* inner = column;
  if (several) {
    auto* content = new QWidget;
    inner = new QVBoxLayout(content);
    inner->setContentsMargins(0, 0, 0, 0);
    inner->setSpacing(6);
    auto* scroll_tables = new QScrollArea(this);
    scroll_tables->setWidget(content);
    scroll_tables->setWidgetResizable(true);
    scroll_tables->setFocusPolicy(Qt::NoFocus);
    column->addWidget(scroll_tables, 1);
  }
  for (const QString& key : keys) {
    parts_.push_back(makePart(key));
    parts_.back().title->setVisible(several);
    if (several) parts_.back().view->setMinimumHeight(kLeastTable);
    inner->addWidget(parts_.back().title);
    inner->addWidget(parts_.back().view, 1);
  }
  notes_ = new QLabel;
  notes_->setObjectName(keys.front() + QStringLiteral("CompareNotes"));
  notes_->setWordWrap(true);
  notes_->setProperty("role", "muted");
  notes_->setTextFormat(Qt::PlainText);
  notes_->setAlignment(Qt::AlignTop | Qt::AlignLeft);
  notes_->setTextInteractionFlags(Qt::TextSelectableByMouse);
  notes_scroll_ = new QScrollArea(this);
  notes_scroll_->setWidget(notes_);
  notes_scroll_->setWidgetResizable(true);
  notes_scroll_->setMaximumHeight(withText(*this, kNotesHeight));
  notes_scroll_->setAccessibleName(tr("Notes below the table"));
  column->addWidget(notes_scroll_);
  menu_->setObjectName(QStringLiteral("runsMenu"));
  menu_->setToolTipsVisible(true);
}

ComparePage::Part ComparePage::makePart(const QString& key) {
  Part part{.key = key, .title = new QLabel(this), .model = new CompareModel(this), .view = new QTableView(this)};
  part.title->setProperty("role", "title");
  QTableView* view = part.view;
  view->setObjectName(key + QStringLiteral("CompareTable"));
  view->setAccessibleName(tr("Result table"));  // until it has one with a title
  view->setModel(part.model);
  view->setColumnHidden(0, true);
  view->setShowGrid(false);
  view->setWordWrap(false);
  view->setTabKeyNavigation(false);
  view->setEditTriggers(QAbstractItemView::NoEditTriggers);
  view->setSelectionBehavior(QAbstractItemView::SelectItems);
  view->setContextMenuPolicy(Qt::CustomContextMenu);
  view->setCornerButtonEnabled(false);
  view->setHorizontalScrollMode(QAbstractItemView::ScrollPerPixel);
  QHeaderView* names = view->verticalHeader();  // stays in sight while the numbers scroll
  names->setSectionResizeMode(QHeaderView::Fixed);
  names->setDefaultSectionSize(withText(*this, kRowHeight));
  names->setMaximumWidth(kNamesWidth);
  names->setSectionsClickable(true);
  names->setHighlightSections(false);
  names->setTextElideMode(Qt::ElideRight);
  QHeaderView* header = view->horizontalHeader();
  header->setHighlightSections(false);
  header->setSortIndicatorClearable(true);
  header->setSortIndicator(-1, Qt::AscendingOrder);
  view->setSortingEnabled(true);
  connect(view, &QTableView::doubleClicked, this, [this, view] { openRunBehind(view); });
  connect(names, &QHeaderView::sectionDoubleClicked, this, [this, view](int row) {
    view->setCurrentIndex(view->model()->index(row, 0));
    openRunBehind(view);
  });
  connect(view, &QTableView::customContextMenuRequested, this, [this, view](QPoint at) { showMenu(*partOf(view), at); });
  return part;
}

const ComparePage::Part* ComparePage::partOf(const QTableView* view) const {
  const auto found = std::find_if(parts_.begin(), parts_.end(), [view](const Part& part) { return part.view == view; });
  return found == parts_.end() ? nullptr : &*found;
}

CompareModel* ComparePage::model(const QString& key) const {
  const auto found = std::find_if(parts_.begin(), parts_.end(), [&](const Part& part) { return part.key == key; });
  return found == parts_.end() ? nullptr : found->model;
}
QTableView* ComparePage::view(const QString& key) const {
  const auto found = std::find_if(parts_.begin(), parts_.end(), [&](const Part& part) { return part.key == key; });
  return found == parts_.end() ? nullptr : found->view;
}

QList<QTableView*> ComparePage::views() const {
  QList<QTableView*> all;
  for (const Part& part : parts_) all.append(part.view);
  return all;
}

void ComparePage::copyCells(const QTableView* view) {
  if (const Part* part = partOf(view)) copySelection(*part);
}

const ReproductionTable* ComparePage::current() const {
  for (const Part& part : parts_) {
    if (part.view->hasFocus()) return &part.model->table();
  }
  return &parts_.front().model->table();
}

void ComparePage::setTables(const ReproductionTables& tables, const std::string& budget) {
  QString notes;
  for (const Part& part : parts_) {
    const ReproductionTable* table = tableOf(tables, part.key, budget);
    if (!table) continue;
    const QModelIndex before = part.view->currentIndex();
    const std::string row = before.isValid() ? part.model->table().row_ids[part.model->sourceRow(before.row())] : std::string();
    const std::string column = before.isValid() ? part.model->table().table.columns[static_cast<size_t>(before.column())].title : std::string();
    part.model->setTable(*table, qText(tables.folder));
    part.view->setColumnHidden(0, true);
    part.title->setText(qText(table->table.title));
    part.view->setAccessibleName(qText(table->table.title));
    fitColumns(part);
    const int again = row.empty() ? -1 : part.model->rowOf(row);
    if (again >= 0) part.view->setCurrentIndex(part.model->index(again, std::max(0, part.model->columnOf(column))));
    if (table->table.rows.empty()) notes += tr("No row of this table has been measured yet.") + QLatin1Char('\n');
    for (const std::string& note : table->table.notes) notes += qText(note) + QLatin1Char('\n');
  }
  notes_->setText(notes.trimmed());
  notes_scroll_->setVisible(!notes.isEmpty());
}

// A low window keeps its room for the table.
void ComparePage::resizeEvent(QResizeEvent* event) {
  notes_scroll_->setMaximumHeight(std::max(withText(*this, kNotesHeight), height() / 5));
  QWidget::resizeEvent(event);
}

void ComparePage::fitColumns(const Part& part) {
  part.view->resizeColumnsToContents();
  const bool prose = part.key == QLatin1String("efficiency_claims");
  for (int i = 1; i < part.model->columnCount(); ++i) {
    part.view->setColumnWidth(i, std::clamp(part.view->columnWidth(i) + 4, 56, prose ? 640 : 190));
  }
}

// ---- the runs behind a number

void ComparePage::fillRunsMenu(const Part& part, const QModelIndex& index) {
  menu_->clear();
  const int decimals = part.model->table().table.columns[static_cast<size_t>(index.column())].decimals;
  for (const RunBehind& run : part.model->runsBehind(index)) {
    const QString name = part.model->runName(run.folder);
    const QString text = run.value ? tr("Open %1 (%2)").arg(name, qText(fixedNumber(*run.value, decimals + 1))) : tr("Open %1").arg(name);
    QAction* action = menu_->addAction(icon("runs"), text, this, [this, folder = run.folder] { Q_EMIT openRunAsked(folder); });
    action->setData(run.folder);
    action->setToolTip(run.folder);
  }
}

void ComparePage::openRunBehind(QTableView* view) {
  const Part& part = *partOf(view);
  const QModelIndex index = view->currentIndex();
  if (!index.isValid()) return;
  const QList<RunBehind> runs = part.model->runsBehind(index);
  if (runs.isEmpty()) {
    Q_EMIT told(part.model->whyNoRun(index));
    return;
  }
  if (runs.size() == 1) {
    Q_EMIT openRunAsked(runs.front().folder);
    return;
  }
  fillRunsMenu(part, index);
  menu_->popup(view->viewport()->mapToGlobal(view->visualRect(index).bottomLeft()));
  menu_->setActiveAction(menu_->actions().front());
}

void ComparePage::showMenu(const Part& part, QPoint at) {
  const QModelIndex index = part.view->indexAt(at);
  if (!index.isValid()) return;
  fillRunsMenu(part, index);
  if (!menu_->isEmpty()) menu_->addSeparator();
  menu_->addAction(icon("copy"), tr("Copy"), this, [this, view = part.view] { copySelection(*partOf(view)); });
  menu_->popup(part.view->viewport()->mapToGlobal(at));
}

// Rows of tab-separated texts, as spreadsheets take them.
void ComparePage::copySelection(const Part& part) {
  const PlainNumbers plain;
  QModelIndexList cells = part.view->selectionModel()->selectedIndexes();
  std::sort(cells.begin(), cells.end());
  QString text;
  int row = -1;
  for (const QModelIndex& cell : cells) {
    if (part.view->isColumnHidden(cell.column())) continue;
    if (!text.isEmpty()) text += QLatin1Char(cell.row() == row ? '\t' : '\n');
    row = cell.row();
    text += cell.data().toString();
  }
  if (!text.isEmpty()) QGuiApplication::clipboard()->setText(text);
}

}  // namespace hvlm::ui
