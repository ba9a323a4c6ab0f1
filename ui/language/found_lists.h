// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QWidget>

#include "jobs/language.h"

class QLabel;
class QListView;

namespace hvlm::ui {

class HitDelegate;
class HitModel;
class VideoFiles;

// The two lists of a search, videos above moments, with what was searched below them. A click or Enter chooses a row. GUI thread.
class FoundLists : public QWidget {
  Q_OBJECT
 public:
  FoundLists(VideoFiles& files, QWidget* parent = nullptr);
  void show(const RetrievalAnswer& answer, double waited_seconds);
  void clear();
  void setDimmed(bool dimmed);  // a newer search is under way
  HitModel* videos() { return videos_; }
  HitModel* moments() { return moments_; }

 Q_SIGNALS:
  void chosen(const QString& video, double from_seconds, double to_seconds);

 protected:
  bool eventFilter(QObject* watched, QEvent* event) override;

 private:
  QListView* list(const char* name, const QString& accessible, HitModel* model);
  void choose(const HitModel& model, int row);
  void repaintLists();

  HitModel *videos_, *moments_;
  HitDelegate* delegate_;
  QLabel *videos_title_, *moments_title_;
  QListView *video_list_, *moment_list_;
  QLabel* count_;
};

}  // namespace hvlm::ui
