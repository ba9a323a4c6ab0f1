// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QTimer>
#include <QWidget>
#include <stop_token>

#include "jobs/language.h"

class QComboBox;
class QLineEdit;
class QProgressBar;
class QStackedWidget;

namespace hvlm {
class JobRunner;
}

namespace hvlm::ui {

class EmptyState;
class FoundLists;
class VideoFiles;
class Workspace;

// Finds videos and moments of a subset by words, in the space of text and video that the run shown has learned. The engine searches;
// a newer query stops an older one, and what was found stays on screen meanwhile. GUI thread.
class SearchPanel : public QWidget {
  Q_OBJECT
 public:
  SearchPanel(Workspace& workspace, VideoFiles& files, QWidget* parent = nullptr);
  ~SearchPanel() override;
  void setRunner(JobRunner* runner);  // outlives the panel or is taken back with null; without one, nothing is searched
  void focusSearch();
  void search(const QString& words);
  void stop();                        // what is under way
  bool busy() const { return busy_; }
  QString stateText() const;          // of the page that is shown without results
  FoundLists& found() { return *found_; }

 Q_SIGNALS:
  void momentChosen(const QString& video, double from_seconds, double to_seconds);
  void cleared();
  void failed(const QString& message);
  void openDataAsked();

 protected:
  void keyPressEvent(QKeyEvent* event) override;

 private:
  void dataArrived();
  void ask();
  void clear();
  void forget();                    // what was found
  void show(const RetrievalAnswer& answer, double waited_seconds);
  void showState();
  void setBusy(bool busy);

  Workspace& workspace_;
  JobRunner* runner_ = nullptr;
  QLineEdit* words_;
  QComboBox* subset_;
  QProgressBar* progress_;
  FoundLists* found_;
  QStackedWidget* pages_;
  EmptyState* empty_;
  QTimer typing_;
  QString problem_;               // of the newest search
  std::stop_source stop_;         // of the search under way
  int64_t newest_ = 0;
  bool busy_ = false, has_found_ = false;
};

}  // namespace hvlm::ui
