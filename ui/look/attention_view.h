// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <vector>

#include "data/catalogue.h"
#include "runs/attention_log.h"
#include "ui/look/figure_canvas.h"

namespace hvlm::ui {

// How two attention curves of one video differ.
struct AttentionDifference {
  double overlap = 0.0;      // sum of the smaller shares: 1 = the same, 0 = nowhere alike (1 - total variation distance)
  double correlation = 0.0;  // Pearson; 0 when either is flat
};
AttentionDifference compareAttention(const std::vector<float>& a, const std::vector<float>& b);  // of equal length, else zeros

// Two models' attention over one video: one upwards, the other downwards from a common line, the true segments behind them.
class AttentionPair : public FigureCanvas {
  Q_OBJECT
 public:
  explicit AttentionPair(QWidget* parent = nullptr);
  void setCurves(std::vector<float> up, std::vector<float> down, const QString& up_name, const QString& down_name, double duration_seconds);
  void setTruth(const std::vector<Segment>& truth, const QStringList& classes);
  void setCursor(double seconds);
  bool hasContent() const override { return !up_.empty(); }
  void draw(QPainter& painter, const QRectF& place, const FigureStyle& style) const override;
  std::string csv() const override;
  double heightFor(double width) const override { return width * 0.45; }

 Q_SIGNALS:
  void timeChosen(double seconds);

 protected:
  void mouseMoveEvent(QMouseEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  int64_t itemCount() const override { return static_cast<int64_t>(up_.size()); }
  int64_t itemColumns() const override { return itemCount(); }
  QRectF itemPlace(int64_t item) const override;

 private:
  QRectF lanes(const QRectF& place) const;
  std::vector<float> up_, down_;
  QString up_name_, down_name_;
  double duration_ = 0.0, cursor_ = 0.0;
  std::vector<Segment> truth_;
  QStringList classes_;
};

// How attention was learned: a row per epoch, time across, the share as colour; the epoch that is looked at is framed.
class AttentionHistory : public FigureCanvas {
  Q_OBJECT
 public:
  explicit AttentionHistory(QWidget* parent = nullptr);
  void setSnapshots(std::vector<AttentionSnapshot> snapshots);  // of one video, by epoch
  const std::vector<AttentionSnapshot>& snapshots() const { return snapshots_; }
  void setRow(int row);
  int row() const { return row_; }
  bool hasContent() const override { return !snapshots_.empty(); }
  void draw(QPainter& painter, const QRectF& place, const FigureStyle& style) const override;
  std::string csv() const override;
  double heightFor(double width) const override { return width * 0.5; }

 Q_SIGNALS:
  void rowChosen(int row);

 protected:
  void mouseMoveEvent(QMouseEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  int64_t itemCount() const override { return itemColumns() * static_cast<int64_t>(snapshots_.size()); }
  int64_t itemColumns() const override { return snapshots_.empty() ? 0 : static_cast<int64_t>(snapshots_.front().attention.size()); }
  QRectF itemPlace(int64_t item) const override;

 private:
  QRectF grid(const QRectF& place) const;
  int rowAt(double y) const;
  std::vector<AttentionSnapshot> snapshots_;
  int row_ = -1;
};

}  // namespace hvlm::ui
