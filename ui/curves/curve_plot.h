// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QColor>
#include <QList>
#include <QString>
#include <memory>
#include <optional>
#include <vector>

#include "ui/curves/curve_groups.h"
#include "ui/curves/curve_store.h"
#include "ui/curves/min_max_series.h"
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
  std::weak_ptr<const RunCurves> held = {};  // of the same, where it is shared: then many points are taken in the background
};

// A plot of some lines: raw values pale, smoothed ones full, NaN and Inf as marks at the foot, resume seams, the best held-out
// value. Shared by the window's cards and the exports. A line of many points is drawn from its extremes by pixel column
// (min_max_series.h), so that a redraw costs what is seen, not what was measured.
class CurvePlot : public QCustomPlot {
  Q_OBJECT
 public:
  explicit CurvePlot(QWidget* parent = nullptr);
  // Takes new points of known lines without touching the others; anything else builds the plot anew.
  void setLines(const QList<CurveLine>& lines, const CurveOptions& options);
  void restyle(const Tokens& tokens, double line_width, const QFont& font);
  void fitView();
  // Outside the view as it was fitted: outliers, and what a logarithmic axis cannot show.
  int64_t hiddenPoints() const { return hidden_; }
  bool thinned() const;  // some line is drawn from the extremes of each column of pixels
  int64_t pointCount() const;
  bool busy() const;  // points are being taken in the background
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
  void mousePressEvent(QMouseEvent* event) override;    // the middle button pans, as the left one does
  void mouseReleaseEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void mouseDoubleClickEvent(QMouseEvent* event) override;
  // Arrows pan, + and - zoom about the middle (with Shift along x alone), 0 shows everything, Home and End go to the ends. In curve_keys.cpp.
  void keyPressEvent(QKeyEvent* event) override;
  void paintEvent(QPaintEvent* event) override;  // with a ring while it has the focus
  void focusInEvent(QFocusEvent* event) override;
  void focusOutEvent(QFocusEvent* event) override;

 private:
  // What a line's points become. A copied value: made here, or on a worker for many points.
  struct Points {
    std::vector<double> x;
    MinMaxSeries raw, smooth;
    std::vector<double> broken;  // x of NaN and Inf
    int64_t undrawable = 0;      // finite, but not on a logarithmic axis
    DebiasedAverage average{0.0};
    void take(const Curve& curve, const CurveOptions& options, bool smooths);
  };
  struct Drawn {
    QString run;
    std::string tag;
    QCPGraph* raw = nullptr;
    QCPGraph* smooth = nullptr;
    Points points;
    int64_t revision = -1;
    bool waiting = false;  // its points are on a worker
  };
  bool sameLines(const QList<CurveLine>& lines) const;
  void build();
  void takePoints(size_t index);
  void takeInBackground(size_t index, std::shared_ptr<const RunCurves> source);
  void fillGraphs();
  void placeMarks();
  void placeSeams();
  std::optional<double> seamX(const RunCurves& source, int64_t from) const;
  double markFoot() const;
  int64_t cutOff(const Curve& curve, double begin, const ValueRange& range) const;
  size_t placeOf(const Curve& curve, double x) const;
  double xOf(const Curve& curve, size_t i) const;
  const Curve* curveOf(const CurveLine& line) const;

  QList<CurveLine> lines_;
  CurveOptions options_, built_;
  std::vector<Drawn> drawn_;
  QCPGraph* broken_ = nullptr;  // NaN and Inf
  QCPGraph* best_ = nullptr;
  int64_t build_number_ = 0;
  QList<QCPItemStraightLine*> seams_;
  std::vector<double> seam_places_;
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
