// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QStringList>
#include <QWidget>

#include "ui/player/frame_source.h"
#include "ui/player/overlay.h"

namespace hvlm::ui {

// Paints one frame at the screen's own pixel ratio, whole and in its right shape, with what is known of this moment over it. A missing
// frame is hatched, with its index and the reason.
class VideoView : public QWidget {
  Q_OBJECT
 public:
  explicit VideoView(QWidget* parent = nullptr);
  void setFrame(const ShownFrame& frame, double pixel_aspect);
  void clear();
  void setOverlay(const VideoOverlay& overlay);
  void setSimilarity(const std::vector<float>& cosines);  // of neighbouring steps over the whole video
  void showLabels(bool on) { labels_ = on, update(); }
  void showAttention(bool on) { attention_ = on, update(); }
  void showSimilarity(bool on) { similarity_ = on, update(); }
  const ShownFrame& frame() const { return shown_; }
  QRectF pictureRect() const;  // where the frame lies in the widget
  QSize sizeHint() const override { return {480, 300}; }

 Q_SIGNALS:
  void pressed();

 protected:
  void paintEvent(QPaintEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;

 private:
  void paintOverlay(QPainter& painter, const QRectF& area) const;
  ShownFrame shown_;
  double aspect_ = 1.0;
  VideoOverlay overlay_;
  std::vector<float> cosines_;
  bool labels_ = true, attention_ = true, similarity_ = false;
};

}  // namespace hvlm::ui
