// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QTimer>
#include <QWidget>

class QComboBox;
class QLabel;
class QLineEdit;
class QStackedWidget;
class QTableView;

namespace hvlm::ui {

class EmptyState;
class NoticeStrip;
class VideoFiles;
class VideoModel;
class Workspace;

// The list of the data set's videos with search and filters by subset, class, length and state.
class VideosPanel : public QWidget {
  Q_OBJECT
 public:
  VideosPanel(Workspace& workspace, VideoFiles& files, QWidget* parent = nullptr);
  void selectNext(int direction);  // PgDn, PgUp
  void focusSearch();
  VideoModel* model() { return model_; }
  NoticeStrip* notice() { return notice_; }

 Q_SIGNALS:
  void openDataAsked();

 private:
  void reload();
  void fillFilters();
  void applyFilter();
  void showSelection();
  void recount();
  void sizeRows();

  Workspace& workspace_;
  VideoFiles& files_;
  VideoModel* model_;
  QLineEdit* search_;
  QComboBox* subset_;
  QComboBox* class_;
  QComboBox* length_;
  QComboBox* state_;
  QTableView* table_;
  QLabel* count_;
  QStackedWidget* pages_;
  EmptyState* empty_;
  NoticeStrip* notice_;
  QTimer search_timer_;
};

}  // namespace hvlm::ui
