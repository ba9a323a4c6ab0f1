// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QColor>
#include <QList>
#include <QString>
#include <memory>

#include "ui/curves/curve_groups.h"
#include "ui/curves/curve_store.h"
#include "ui/curves/qcp.h"
#include "ui/curves/smoothing.h"
#include "ui/style/tokens.h"

namespace hvlm::ui {

enum class CurveAxis { kStep, kEpoch, kHours };

struct CurveOptions {
  CurveAxis axis = CurveAxis::kStep;
  double smoothing = 0.6;  // weight of the debiased average, 0 to 0.999
  bool log_x = false;
  bool log_y = false;
  bool clip = false;       // outliers do not set the range; the card says how many are hidden
  bool follow = true;      // new points move the view
  bool operator==(const CurveOptions&) const = default;
};

// One line of a card: a tag of a run and how it is drawn.
struct CurveLine {
  QString run;      // folder
  std::string tag;
  QString name;     // as in the legend
  QColor colour;
  Qt::PenStyle style = Qt::SolidLine;
  bool markers = false;  // validation
  const RunCurves* source = nullptr;  // outlives the call
};

// A plot of some lines: raw values pale, smoothed ones full, NaN and Inf as marks at the foot, resume seams, the best held-out
// value. Shared by the window's cards and the exports.
class CurvePlot : public QCustomPlot {
  Q_OBJECT
 public:
  explicit CurvePlot(QWidget* parent = nullptr);
  // Takes new points of known lines without touching the others; anything else builds the plot anew.
  void setLines(const QList<CurveLine>& lines, const CurveOptions& options);
  void restyle(const Tokens& tokens, double line_width, const QFont& font);
  void fitView();
  int64_t hiddenPoints() const { return hidden_; }
  int64_t pointCount() const;
  const QList<CurveLine>& lines() const { return lines_; }
  // The value of each line at an x of the axis (the nearest point), NaN without points.
  QList<double> valuesAt(double x) const;
  QList<double> lastValues() const;
  bool hasBest() const { return best_line_ >= 0; }

 Q_SIGNALS:
  void userZoomed();
  void resetAsked();

 protected:
  void wheelEvent(QWheelEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void mouseDoubleClickEvent(QMouseEvent* event) override;

 private:
  struct Drawn {
    QCPGraph* raw = nullptr;
    QCPGraph* smooth = nullptr;
    size_t taken = 0;
    int64_t revision = -1;
    DebiasedAverage average{0.0};
  };
  bool sameLines(const QList<CurveLine>& lines) const;
  void build();
  void takePoints(Drawn& drawn, const CurveLine& line);
  void placeMarks();
  double xOf(const Curve& curve, size_t i) const;
  const Curve* curveOf(const CurveLine& line) const;

  QList<CurveLine> lines_;
  CurveOptions options_;
  std::vector<Drawn> drawn_;
  QCPGraph* broken_ = nullptr;  // NaN and Inf
  QCPGraph* best_ = nullptr;
  std::vector<double> broken_x_;
  QList<QCPItemStraightLine*> seams_;
  Tokens tokens_;
  double line_width_ = 1.5;
  int64_t hidden_ = 0;
  int best_line_ = -1;
};

double axisValue(const Curve& curve, size_t i, CurveAxis axis);
QString axisTitle(CurveAxis axis);
QFont smallFont(QFont font);   // 0.9 of the body
QString valueText(double value);  // four significant digits, the locale's

}  // namespace hvlm::ui
