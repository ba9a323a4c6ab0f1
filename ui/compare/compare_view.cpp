// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/compare/compare_view.h"

#include <QClipboard>
#include <QComboBox>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QLabel>
#include <QLocale>
#include <QMenu>
#include <QTableView>
#include <QTabWidget>
#include <QTime>
#include <QToolButton>
#include <QVBoxLayout>
#include <filesystem>

#include "ui/compare/compare_model.h"
#include "ui/compare/compare_page.h"
#include "ui/compare/figure_view.h"
#include "ui/exports/export_views.h"
#include "ui/shell/action_list.h"
#include "ui/shell/background.h"
#include "ui/shell/elided_label.h"
#include "ui/shell/empty_state.h"
#include "ui/shell/notice_strip.h"
#include "ui/style/icons.h"
#include "ui/text.h"

namespace hvlm::ui {
namespace {

namespace fs = std::filesystem;

constexpr int kDebounce = 300;  // ms: a file is replaced in several steps
constexpr qsizetype kMostRecent = 8;

QToolButton* barButton(QWidget* parent, const char* name, const char* icon_name, const QString& tip) {
  auto* button = new QToolButton(parent);
  button->setObjectName(QLatin1String(name));
  button->setIcon(icon(icon_name));
  button->setToolTip(tip);
  button->setAccessibleName(tip);
  button->setFixedSize(28, 28);
  return button;
}

// Changes whenever the file does; empty when there is none.
std::string stampOf(const fs::path& file) {
  std::error_code none;
  const auto size = fs::file_size(file, none);
  if (none) return {};
  const auto time = fs::last_write_time(file, none).time_since_epoch().count();
  return file.string() + "/" + std::to_string(size) + "/" + std::to_string(time);
}

}  // namespace

// What the worker found.
struct CompareView::Answer {
  QString file, folder;         // tables.json and where it is, absolute
  bool folder_there = false, file_there = false;
  std::string stamp;
  QString problem;
  std::shared_ptr<const ReproductionTables> tables;  // null: unchanged, or a problem
};

CompareView::CompareView(QWidget* parent) : QWidget(parent), recent_menu_(new QMenu(tr("Open rece&nt reproduction"), this)) {
  setObjectName(QStringLiteral("compareView"));
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(8, 6, 8, 6);
  column->setSpacing(6);
  notice_ = new NoticeStrip(this);
  bar_ = new QWidget(this);
  auto* bar = new QHBoxLayout(bar_);
  bar->setContentsMargins(0, 0, 0, 0);
  bar->setSpacing(6);
  makeBar(bar);
  tabs_ = new QTabWidget(this);
  tabs_->setObjectName(QStringLiteral("compareTabs"));
  tabs_->setDocumentMode(true);
  empty_ = new EmptyState(tr("The paper's tables appear here: what was measured beside what is claimed, and the runs behind each number. No reproduction is "
                             "open. Make one with \"hvlm reproduce --data DATASET.yaml --out OUT\", then open OUT."),
                          tr("Open reproduction…"));
  tabs_->addTab(empty_, tr("Paper's tables"));
  makePages();
  column->addWidget(notice_);
  column->addWidget(bar_);
  column->addWidget(tabs_, 1);
  for (int tab = 1; tab < tabs_->count(); ++tab) tabs_->setTabVisible(tab, false);  // until there are tables
  connect(tabs_, &QTabWidget::currentChanged, this, &CompareView::followTab);
  followTab();
  connect(empty_, &EmptyState::pressed, this, &CompareView::openAsked);
  connect(&debounce_, &QTimer::timeout, this, &CompareView::refresh);
  // Started once, not anew with each change: a folder that never rests is read all the same.
  const auto changed = [this] {
    if (!debounce_.isActive()) debounce_.start();
  };
  connect(&watcher_, &FileWatch::changed, this, changed);
  connect(recent_menu_, &QMenu::aboutToShow, this, &CompareView::fillRecentMenu);
  recent_menu_->setEnabled(false);
}

void CompareView::makeBar(QHBoxLayout* bar) {
  title_ = new ElidedLabel(this, Qt::ElideMiddle);
  title_->setObjectName(QStringLiteral("compareTitle"));
  title_->setProperty("role", "title");
  missing_ = new QLabel(this);
  missing_->setObjectName(QStringLiteral("compareMissing"));
  missing_->setProperty("role", "muted");
  budget_ = new QComboBox(this);
  budget_->setObjectName(QStringLiteral("compareBudget"));
  budget_->setAccessibleName(tr("Budget"));
  budget_->setToolTip(tr("Which budget's runs are shown"));
  copy_ = barButton(this, "compareCopyButton", "copy", tr("Copy table"));
  auto* forms = new QMenu(copy_);
  for (const auto& [text, suffix] : {std::pair(tr("Copy as CSV"), "csv"), std::pair(tr("Copy as Markdown"), "md"), std::pair(tr("Copy as LaTeX"), "tex")}) {
    forms->addAction(text, this, [this, suffix = QLatin1String(suffix)] { copyAs(suffix); });
  }
  copy_->setMenu(forms);
  copy_->setPopupMode(QToolButton::InstantPopup);
  QToolButton* save = barButton(this, "exportComparisonButton", "export", tr("Export comparison…"));
  QToolButton* open = barButton(this, "openReproductionButton", "folder", tr("Open reproduction…"));
  bar->addWidget(title_, 1);
  bar->addWidget(missing_);
  bar->addWidget(budget_);
  bar->addWidget(copy_);
  bar->addWidget(save);
  bar->addWidget(open);
  connect(save, &QToolButton::clicked, this, &CompareView::exportAsked);
  connect(open, &QToolButton::clicked, this, &CompareView::openAsked);
  connect(budget_, &QComboBox::activated, this, &CompareView::fill);
}

void CompareView::makePages() {
  const std::pair<QString, QStringList> pages[] = {{tr("Main"), {QStringLiteral("main")}},
                                                   {tr("Ablation"), {QStringLiteral("ablation")}},
                                                   {tr("Side"), {QStringLiteral("side")}},
                                                   {tr("Heads"), {QStringLiteral("heads")}},
                                                   {tr("Consistency"), {QStringLiteral("consistency")}},
                                                   {tr("Classification"), {QStringLiteral("classification")}},
                                                   {tr("Localisation"), {QStringLiteral("localization")}},
                                                   {tr("Feature quality"), {QStringLiteral("feature_quality")}},
                                                   {tr("Efficiency"), {QStringLiteral("efficiency"), QStringLiteral("efficiency_claims")}}};
  for (const auto& [title, keys] : pages) {
    auto* page = new ComparePage(keys, tabs_);
    page->setObjectName(keys.front() + QStringLiteral("ComparePage"));
    tabs_->addTab(page, title);
    tables_pages_.append(page);
    connect(page, &ComparePage::openRunAsked, this, &CompareView::openRunAsked);
    connect(page, &ComparePage::told, this, [this](const QString& text) { notice_->show(NoticeLevel::kInfo, text); });
  }
  collapse_ = new FigureView(FigureKind::kCollapse, tabs_);
  tabs_->addTab(collapse_, tr("Collapse"));
}

// ---- which of the two is shown

void CompareView::setRuns(QWidget* runs) {
  runs_ = runs;
  tabs_->insertTab(0, runs, tr("Runs"));
  tabs_->setCurrentIndex(0);
}

bool CompareView::showsRuns() const { return runs_ && tabs_->currentWidget() == runs_; }

void CompareView::showRuns() {
  if (runs_) tabs_->setCurrentWidget(runs_);
}

void CompareView::showTables() {
  if (showsRuns() || tabs_->currentWidget() == empty_) tabs_->setCurrentWidget(tables_ ? tables_pages_.front() : static_cast<QWidget*>(empty_));
}

// The bar is of the tables.
void CompareView::followTab() { bar_->setVisible(tables_ && !showsRuns()); }

// ---- reading

void CompareView::open(const QString& path) {
  path_ = path;
  watcher_.watch({});
  notice_->clear();
  refresh();
}

void CompareView::refresh() {
  if (path_.isEmpty()) return;
  if (reading_) {
    again_ = true;
    return;
  }
  reading_ = true;
  inBackground(
      this,
      [path = path_, stamp = stamp_] {
        Answer answer;
        std::error_code none;
        const fs::path asked = fs::absolute(pathOf(path), none).lexically_normal();
        const fs::path file = fs::is_directory(asked, none) ? asked / "tables.json" : asked;
        answer.file = qText(file);
        answer.folder = qText(file.parent_path());
        answer.folder_there = fs::is_directory(file.parent_path(), none);
        answer.stamp = stampOf(file);
        answer.file_there = !answer.stamp.empty();
        if (answer.file_there && answer.stamp == stamp) return answer;
        try {
          answer.tables = std::make_shared<const ReproductionTables>(readReproduction(asked));
        } catch (const std::exception& error) {
          answer.problem = qText(error.what());
        }
        return answer;
      },
      [this, path = path_](Answer answer) { arrive(path, std::move(answer)); });
}

void CompareView::arrive(const QString& path, Answer answer) {
  reading_ = false;
  const bool again = std::exchange(again_, false);
  if (path != path_) {  // another one was opened meanwhile
    refresh();
    return;
  }
  watch(answer);
  if (!answer.problem.isEmpty()) {
    showFailure(answer.problem);
    if (tables_ && answer.folder != folder_) followShown();
    if (answer.folder == folder_) stamp_.clear();
  } else if (answer.tables) {
    stamp_ = answer.stamp;
    tables_ = answer.tables;
    folder_ = qText(tables_->folder);
    read_at_ = QLocale().toString(QTime::currentTime(), QLocale::ShortFormat);
    notice_->clear();
    recent_.removeAll(folder_);
    recent_.prepend(folder_);
    setRecent(recent_);
    fill();
    Q_EMIT tablesChanged();
  }
  if (again) refresh();
}

// Another folder could not be read: the one shown is followed on.
void CompareView::followShown() {
  path_ = folder_;
  refresh();
}

void CompareView::showFailure(const QString& message) {
  if (tables_) {
    notice_->show(NoticeLevel::kBad, tr("%1\nThe tables shown are those of %2, read at %3.").arg(message, folder_, read_at_));
  } else {
    notice_->show(NoticeLevel::kBad, message);
  }
}

// A replaced file is no longer watched, a folder tells of a file that comes.
void CompareView::watch(const Answer& answer) {
  QStringList paths;
  if (answer.folder_there) paths.append(answer.folder);
  if (answer.file_there) paths.append(answer.file);
  watcher_.watch(paths);
}

void CompareView::fill() {
  if (!tabs_->isTabVisible(tabs_->indexOf(collapse_))) {  // the first tables there are
    const bool waited = tabs_->currentWidget() == empty_;
    for (ComparePage* page : std::as_const(tables_pages_)) tabs_->setTabVisible(tabs_->indexOf(page), true);
    tabs_->setTabVisible(tabs_->indexOf(collapse_), true);
    if (waited) tabs_->setCurrentWidget(tables_pages_.front());
    tabs_->setTabVisible(tabs_->indexOf(empty_), false);
    followTab();
  }
  const QString before = budget_->currentText();
  QStringList budgets;
  for (const std::string& each : tables_->budgets) budgets.append(qText(each));
  budget_->clear();
  budget_->addItems(budgets);
  budget_->setCurrentIndex(std::max(0, budget_->findText(before)));
  budget_->setVisible(budgets.size() > 1);
  title_->setText(tr("%1 · budget %2 · %3").arg(qText(tables_->dataset), budget(), folder_));
  QStringList missing;
  const QString of_this = tables_->budgets.size() > 1 ? budget() + QStringLiteral(": ") : QString();
  for (const std::string& name : tables_->missing) {
    if (qText(name).startsWith(of_this)) missing.append(qText(name).mid(of_this.size()));
  }
  missing_->setText(missing.isEmpty() ? QString() : tr("%1 rows not run yet").arg(missing.size()));
  missing_->setToolTip(missing.join(QLatin1Char('\n')));
  missing_->setVisible(!missing.isEmpty());
  const std::string shown = stdText(budget());
  for (ComparePage* page : std::as_const(tables_pages_)) page->setTables(*tables_, shown);
  collapse_->setTables(tables_, shown);
}

void CompareView::addActions(ActionList& actions, const QString& group) {
  QList<QWidget*> views;
  for (const ComparePage* page : std::as_const(tables_pages_)) {
    for (QTableView* view : page->views()) views.append(view);
  }
  const auto with_view = [this](const std::function<void(ComparePage&, QTableView*)>& act) {
    auto* page = qobject_cast<ComparePage*>(tabs_->currentWidget());
    if (!tables_ || !page) {
      notice_->show(NoticeLevel::kInfo, tr("Choose a cell of a table of the comparison first."));
      return;
    }
    const QList<QTableView*> all = page->views();
    const auto focused = std::find_if(all.begin(), all.end(), [](const QTableView* view) { return view->hasFocus(); });
    act(*page, focused == all.end() ? all.front() : *focused);
  };
  actions.add("openRunBehind", group, tr("Open the run behind the &chosen number"), {QKeySequence(Qt::Key_Return), QKeySequence(Qt::Key_Enter)},
              [with_view] { with_view([](ComparePage& page, QTableView* view) { page.openRunBehind(view); }); }, "runs", views);
  actions.add("copyCompareCells", group, tr("Cop&y the chosen cells"), {QKeySequence(QKeySequence::Copy)},
              [with_view] { with_view([](ComparePage& page, QTableView* view) { page.copyCells(view); }); }, "copy", views);
}

QString CompareView::budget() const { return budget_->currentText(); }

// ---- what is shown

ComparePage* CompareView::page(const QString& key) const {
  for (ComparePage* each : tables_pages_) {
    if (each->model(key)) return each;
  }
  return nullptr;
}

const ReproductionTable* CompareView::currentTable() const {
  const auto* page = qobject_cast<const ComparePage*>(tabs_->currentWidget());
  return tables_ && page ? page->current() : nullptr;
}

std::optional<FigureKind> CompareView::currentFigure() const {
  if (!tables_) return std::nullopt;
  for (const FigureKind kind : kAllFigures) {
    const bool here = kind == FigureKind::kCollapse ? tabs_->currentWidget() == collapse_ : tabs_->currentWidget() == page(figureName(kind));
    if (here && hasFigure(*tables_, kind, stdText(budget()))) return kind;
  }
  return std::nullopt;
}

void CompareView::copyAs(const QString& suffix) {
  const ReproductionTable* table = currentTable();
  if (!table) {
    notice_->show(NoticeLevel::kInfo, tables_ ? tr("This is a figure: export it, or choose a table to copy.") : tr("There is no table to copy: open a reproduction first."));
    return;
  }
  QGuiApplication::clipboard()->setText(qText(tableText(table->table, suffix)));
  notice_->show(NoticeLevel::kGood, tr("Copied \"%1\".").arg(qText(table->table.title)));
}

// ---- recent

void CompareView::setRecent(const QStringList& folders) {
  recent_ = folders.mid(0, kMostRecent);
  recent_menu_->setEnabled(!recent_.isEmpty());
}

void CompareView::fillRecentMenu() {
  recent_menu_->clear();
  for (const QString& folder : std::as_const(recent_)) {
    recent_menu_->addAction(folder, this, [this, folder] { open(folder); });
  }
}

}  // namespace hvlm::ui
