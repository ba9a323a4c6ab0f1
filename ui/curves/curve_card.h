// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QFrame>
#include <optional>

#include "ui/curves/curve_plot.h"

class QLabel;
class QToolButton;

namespace hvlm::ui {

// One card: title, legend with the values under the pointer (else the last ones) of at most sixteen lines, the plot. Owned by CurvesView.
class CurveCard : public QFrame {
  Q_OBJECT
 public:
  explicit CurveCard(CardKind kind, QWidget* parent = nullptr);
  CardKind kind() const { return kind_; }
  CurvePlot* plot() { return plot_; }
  bool logY() const { return log_y_; }
  void setLogY(bool on);
  void setLines(const QList<CurveLine>& lines, CurveOptions options);
  void redraw();

 Q_SIGNALS:
  void userZoomed();
  void resetAsked();
  void logYChanged();
  void exportAsked(hvlm::ui::CardKind kind);

 private:
  QList<qsizetype> namedLines(const QList<double>& values, std::optional<double> pointer_y) const;
  void showValues(const QList<double>& values, const QString& where, std::optional<double> pointer_y = {});

  CardKind kind_;
  CurvePlot* plot_;
  QLabel* title_;
  QLabel* note_;
  QLabel* legend_;
  QToolButton* log_;
  CurveOptions options_;
  bool log_y_ = false;
};

}  // namespace hvlm::ui
