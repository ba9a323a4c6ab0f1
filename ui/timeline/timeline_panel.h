// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QWidget>

#include "ui/timeline/timeline_view.h"

class QComboBox;
class QLabel;
class QSlider;
class QStackedWidget;
class QToolButton;

namespace hvlm::ui {

class ActionList;
class ElidedLabel;
class EmptyState;
class NoticeStrip;
class Workspace;

// The timeline with its controls: score and tIoU thresholds, what the pyramid's colour says, zoom, the read-out line.
class TimelinePanel : public QWidget {
  Q_OBJECT
 public:
  explicit TimelinePanel(Workspace& workspace, QWidget* parent = nullptr);
  TimelineView* view() { return view_; }
  NoticeStrip* notice() { return notice_; }
  void setThreshold(double threshold);
  void focusThreshold();
  void setRowShown(RowKind kind, bool shown);
  void showLevel(int level);  // -1: all
  void toggleCollapsed(int64_t level);  // a thin line or whole
  void toggleChosenLevel();             // the one of the selected cell
  void useActions(const ActionList& actions);  // buttons say their keys
  void restore(const TimelineOptions& options);  // all of them, the controls too
  void setWaiting(const QString& text);  // what is being computed; empty when nothing is

 Q_SIGNALS:
  void openDataAsked();
  void exportAsked();
  void optionsChanged(const hvlm::ui::TimelineOptions& before, const hvlm::ui::TimelineOptions& after);  // by whoever uses the panel

 private:
  void reload();
  void retitle();
  void setOptions(const TimelineOptions& options);

  Workspace& workspace_;
  QStackedWidget* pages_;
  EmptyState* empty_;
  TimelineView* view_;
  NoticeStrip* notice_;
  QLabel* title_;
  ElidedLabel* detail_;
  ElidedLabel* read_out_;
  QLabel *threshold_text_, *cells_text_ = nullptr;
  QLabel* tiou_text_;
  QSlider* threshold_;
  QSlider* tiou_;
  QComboBox* value_;
  class ShadeLegend* legend_;
  QString shown_video_, shown_data_, waiting_;
};

}  // namespace hvlm::ui
