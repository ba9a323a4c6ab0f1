// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QList>
#include <QStringList>
#include <QTimer>
#include <QWidget>
#include <memory>
#include <optional>

#include "runs/reproduction.h"
#include "ui/compare/reproduction_figure.h"
#include "ui/shell/file_watch.h"

class QComboBox;
class QLabel;
class QMenu;
class QTabWidget;
class QToolButton;

namespace hvlm::ui {

class ActionList;
class ComparePage;
class ElidedLabel;
class EmptyState;
class FigureView;
class NoticeStrip;

// Two comparisons as sub-tabs: runs side by side (own and imported ones, a widget given by setRuns()), and the tables of a reproduction
// (OUT/tables.json): measured beside claimed, and the runs behind each number. The tables are read on a worker, again whenever the file changes.
// GUI thread.
class CompareView : public QWidget {
  Q_OBJECT
 public:
  explicit CompareView(QWidget* parent = nullptr);
  void open(const QString& path);  // OUT or OUT/tables.json
  void refresh();                  // reads again; what is shown stays until the new tables are there
  const QString& folder() const { return folder_; }
  const QString& wanted() const { return folder_.isEmpty() ? path_ : folder_; }  // the one shown, else the one that was asked for
  bool hasTables() const { return tables_ != nullptr; }
  std::shared_ptr<const ReproductionTables> tables() const { return tables_; }
  void setRuns(QWidget* runs);  // the first sub-tab, shown at first; takes it over. Without it the view holds the tables alone
  bool showsRuns() const;
  void showRuns();
  void showTables();            // the paper's tables, or what to do for them; stays with the one that is shown
  QString budget() const;
  const ReproductionTable* currentTable() const;  // null while the figure is shown, or nothing is
  std::optional<FigureKind> currentFigure() const;  // what can be drawn of this sub-tab
  ComparePage* page(const QString& key) const;    // "main", "ablation", "side" …
  QTabWidget& subTabs() { return *tabs_; }
  void copyAs(const QString& suffix);             // "csv", "md", "tex"
  NoticeStrip* notice() { return notice_; }
  QStringList recent() const { return recent_; }  // folders, the newest first
  void setRecent(const QStringList& folders);
  QMenu* recentMenu() { return recent_menu_; }
  void addActions(ActionList& actions, const QString& group);  // of a chosen cell; their keys act in the tables

 Q_SIGNALS:
  void openAsked();
  void openRunAsked(const QString& folder);
  void exportAsked();
  void tablesChanged();

 private:
  struct Answer;
  void makeBar(class QHBoxLayout* bar);
  void makePages();
  void arrive(const QString& path, Answer answer);
  void fill();
  void followShown();
  void followTab();
  void showFailure(const QString& message);
  void watch(const Answer& answer);
  void fillRecentMenu();

  QString path_, folder_;
  std::shared_ptr<const ReproductionTables> tables_;
  QString read_at_;      // time of day of the tables shown
  std::string stamp_;    // of the file shown: an unchanged one is not read again
  bool reading_ = false, again_ = false;
  QStringList recent_;
  FileWatch watcher_;
  QTimer debounce_;
  NoticeStrip* notice_;
  ElidedLabel* title_;
  QLabel* missing_;
  QComboBox* budget_;
  QToolButton* copy_;
  QMenu* recent_menu_;
  QWidget* bar_;
  QWidget* runs_ = nullptr;
  EmptyState* empty_;
  QTabWidget* tabs_;
  QList<ComparePage*> tables_pages_;
  FigureView* collapse_;
};

}  // namespace hvlm::ui
