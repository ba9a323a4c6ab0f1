// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QStringList>
#include <cstdint>
#include <span>
#include <vector>

#include "jobs/embedding_file.h"
#include "ui/look/figure_canvas.h"

namespace hvlm::ui {

// Counts of (truth, predicted) label pairs, [classes, classes] row-major by truth; pairs with a label outside 0..classes-1 are left out.
std::vector<int64_t> confusionMatrix(std::span<const int64_t> truth, std::span<const int64_t> predicted, int64_t classes);

// Predictions in equal bins of confidence (Guo et al. 2017, "On Calibration of Modern Neural Networks", section 2).
struct ReliabilityBin {
  double confidence = 0.0;  // mean
  double accuracy = 0.0;
  int64_t count = 0;
};
std::vector<ReliabilityBin> reliability(std::span<const double> confidence, const std::vector<bool>& correct, int bins);
double expectedCalibrationError(const std::vector<ReliabilityBin>& bins);  // of those with predictions; 0 without any

class ConfusionView : public FigureCanvas {
  Q_OBJECT
 public:
  explicit ConfusionView(QWidget* parent = nullptr);
  void setCounts(const QStringList& classes, std::vector<int64_t> counts);
  int64_t count(int truth, int predicted) const;
  QPoint cellAt(QPointF position) const;  // x = predicted, y = truth; (-1, -1) outside
  QRectF cellRect(int truth, int predicted) const;
  bool hasContent() const override { return !classes_.isEmpty(); }
  void draw(QPainter& painter, const QRectF& place, const FigureStyle& style) const override;
  std::string csv() const override;
  double heightFor(double width) const override { return width; }

 Q_SIGNALS:
  void cellChosen(int truth, int predicted);

 protected:
  void mouseMoveEvent(QMouseEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  int64_t itemCount() const override { return itemColumns() * itemColumns(); }
  int64_t itemColumns() const override { return classes_.size(); }
  QRectF itemPlace(int64_t item) const override { return cellRect(static_cast<int>(item / itemColumns()), static_cast<int>(item % itemColumns())); }

 private:
  QRectF grid(const QRectF& place, const QFont& font) const;
  double shareOf(int truth, int predicted) const;  // of the truth's row
  QStringList classes_;
  std::vector<int64_t> counts_, rows_;  // rows_: sums by truth
};

class ReliabilityView : public FigureCanvas {
  Q_OBJECT
 public:
  explicit ReliabilityView(QWidget* parent = nullptr);
  void setBins(std::vector<ReliabilityBin> bins);
  bool hasContent() const override;
  void draw(QPainter& painter, const QRectF& place, const FigureStyle& style) const override;
  std::string csv() const override;
  double heightFor(double width) const override { return width * 0.9; }

 protected:
  void mouseMoveEvent(QMouseEvent* event) override;
  int64_t itemCount() const override { return static_cast<int64_t>(bins_.size()); }
  int64_t itemColumns() const override { return itemCount(); }
  QRectF itemPlace(int64_t item) const override;

 private:
  QRectF plot(const QRectF& place) const;
  std::vector<ReliabilityBin> bins_;
};

// A bar per class, the best first: value in 0..1 with its count.
class ClassBars : public FigureCanvas {
  Q_OBJECT
 public:
  struct Bar {
    QString name;
    double value = 0.0;
    int64_t count = 0;
    int index = 0;
  };
  explicit ClassBars(QWidget* parent = nullptr);
  void setBars(std::vector<Bar> bars);
  const std::vector<Bar>& bars() const { return bars_; }
  bool hasContent() const override { return !bars_.empty(); }
  void draw(QPainter& painter, const QRectF& place, const FigureStyle& style) const override;
  std::string csv() const override;
  double heightFor(double) const override { return 12.0 * static_cast<double>(bars_.size()) + 10.0; }
  QSize sizeHint() const override;
  QSize minimumSizeHint() const override { return {140, sizeHint().height()}; }

 Q_SIGNALS:
  void classChosen(int index);

 protected:
  void mouseMoveEvent(QMouseEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  int64_t itemCount() const override { return static_cast<int64_t>(bars_.size()); }
  QRectF itemPlace(int64_t item) const override;

 private:
  int barAt(double y) const;
  std::vector<Bar> bars_;
};

// What the three figures show of a run's embedding; empty without a video classifier.
struct ClassFigures {
  QStringList classes;
  std::vector<int64_t> counts;
  std::vector<ReliabilityBin> bins;
  std::vector<ClassBars::Bar> bars;
};
ClassFigures classFigures(const EmbeddingFile& file);
int64_t predictedClass(const EmbeddingFile& file, int64_t video);  // of largest score; -1 without scores

}  // namespace hvlm::ui
