// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QWidget>
#include <optional>
#include <utility>

namespace hvlm::ui {

class TimelineView;
class Workspace;

// The span of the chosen video that a search or an answer led to, as a translucent band over the lanes of the timeline. Lies on the
// view, lets the mouse through and goes when another video is chosen. GUI thread.
class FoundMark : public QWidget {
  Q_OBJECT
 public:
  FoundMark(TimelineView& view, Workspace& workspace);
  void mark(double from_seconds, double to_seconds);  // of the video that is chosen now; a single moment has both the same
  void clear();
  std::optional<std::pair<double, double>> span() const { return span_; }

 protected:
  bool eventFilter(QObject* watched, QEvent* event) override;
  void paintEvent(QPaintEvent* event) override;

 private:
  TimelineView& view_;
  Workspace& workspace_;
  QString video_;
  std::optional<std::pair<double, double>> span_;
};

}  // namespace hvlm::ui
