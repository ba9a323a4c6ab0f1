// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/detections/precision_recall_view.h"

#include <QFontMetricsF>
#include <QMouseEvent>
#include <QPainter>
#include <cmath>

#include "support/text.h"
#include "ui/style/class_colours.h"
#include "ui/text.h"

namespace hvlm::ui {
namespace {

constexpr double kReach = 8.0;  // pixels from a line that still mean it
constexpr double kFoot = 6.0;   // between an axis and its numbers, which must not touch those of the other axis

// The steps as a line from the left; falls to 0 past the last recall.
QPolygonF stepsOf(const PrecisionRecall& curve, const QRectF& p) {
  QPolygonF line;
  const auto at = [&](double recall, double precision) { return QPointF(p.left() + recall * p.width(), p.bottom() - precision * p.height()); };
  double before = 0.0;
  for (size_t k = 0; k < curve.recall.size(); ++k) {
    line << at(before, curve.precision[k]) << at(curve.recall[k], curve.precision[k]);
    before = curve.recall[k];
  }
  if (!line.isEmpty()) line << at(before, 0.0);
  return line;
}

QString apText(double ap) { return uiNumber(ap, 3); }

}  // namespace

PrecisionRecallView::PrecisionRecallView(QWidget* parent)
    : FigureCanvas(tr("Precision and recall"), tr("How precision falls as recall rises, by class and on average, appears here."), parent) {
  setObjectName(QStringLiteral("precisionRecallView"));
}

void PrecisionRecallView::setContent(std::shared_ptr<const DetectionData> read, std::shared_ptr<const DetectionLook> look) {
  data_ = std::move(read);
  look_ = std::move(look);
  update();
}

void PrecisionRecallView::setChosen(int64_t label) {
  chosen_ = label;
  update();
}

const PrecisionRecall* PrecisionRecallView::curveOf(int64_t label) const {
  for (const PrecisionRecall& curve : look_->curves) {
    if (curve.label == label) return &curve;
  }
  return nullptr;
}

QRectF PrecisionRecallView::plot(const QRectF& place, const QFont& font) const {
  const double line = QFontMetricsF(font).height();
  return place.adjusted(line + 26, line + 8, -6, -2 * line - 10);
}

QPointF PrecisionRecallView::pointOf(double recall, double precision) const {
  const QRectF p = plot(place(), screenStyle().font);
  return {p.left() + recall * p.width(), p.bottom() - precision * p.height()};
}

void PrecisionRecallView::drawLegend(QPainter& painter, const QRectF& place, const FigureStyle& style) const {
  const QFontMetricsF metrics(style.font);
  double x = plot(place, style.font).left();
  const double end = place.right();
  const auto entry = [&](const QColor& colour, double width, const QString& text, const QColor& ink) {
    if (x + 40 > end) return;
    painter.setPen(QPen(colour, width));
    painter.drawLine(QPointF(x, place.top() + metrics.height() / 2), QPointF(x + 14, place.top() + metrics.height() / 2));
    painter.setPen(ink);
    const double room = std::min(metrics.horizontalAdvance(text) + 2, end - x - 18);
    drawElided(painter, QRectF(x + 18, place.top(), room, metrics.height()), Qt::AlignLeft | Qt::AlignVCenter, text, style.font);
    x += 18 + room + 12;
  };
  entry(style.colours.text, 2.2, tr("mean AP %1").arg(apText(look_->mean.ap)), style.colours.text);
  if (const PrecisionRecall* curve = curveOf(chosen_)) entry(classColour(nameOf(chosen_)), 2.2, QStringLiteral("%1 %2").arg(nameOf(chosen_), apText(curve->ap)), style.colours.text);
  entry(style.colours.muted, 1.0, tr("each class (%1)").arg(look_->curves.size()), style.colours.muted);
}

void PrecisionRecallView::draw(QPainter& painter, const QRectF& place, const FigureStyle& style) const {
  const QRectF p = plot(place, style.font);
  painter.setRenderHint(QPainter::Antialiasing, true);
  drawShareAxes(painter, p, style, tr("recall at tIoU %1").arg(uiNumber(look_->point.tiou, 2)), tr("precision"), {0.0, 0.2, 0.4, 0.6, 0.8, 1.0}, 0.0, 1.0, 1);
  const PrecisionRecall* chosen = curveOf(chosen_);
  for (const PrecisionRecall& curve : look_->curves) {
    QColor colour = classColour(nameOf(curve.label));
    colour.setAlphaF(chosen ? 0.45f : 0.8f);
    painter.setPen(QPen(colour, 1.0));
    painter.drawPolyline(stepsOf(curve, p));
  }
  QColor ink = style.colours.text;
  if (chosen) ink.setAlphaF(0.6f);
  painter.setPen(QPen(ink, 2.0));
  painter.drawPolyline(stepsOf(look_->mean, p));
  if (chosen) {
    const QColor colour = classColour(nameOf(chosen_));
    painter.setPen(QPen(colour, 2.2));
    painter.drawPolyline(stepsOf(*chosen, p));
    const auto reached = std::count_if(chosen->score.begin(), chosen->score.end(), [this](double score) { return score >= look_->point.score; });
    if (reached > 0) {
      const auto k = static_cast<size_t>(reached) - 1;
      const QPointF at(p.left() + chosen->recall[k] * p.width(), p.bottom() - chosen->precision[k] * p.height());
      painter.setBrush(style.colours.base);
      painter.drawEllipse(at, 4.0, 4.0);
      painter.setBrush(Qt::NoBrush);
    }
  }
  drawLegend(painter, place, style);
}

int64_t PrecisionRecallView::labelAt(QPointF position) const {
  if (!hasContent()) return -1;
  const QRectF p = plot(place(), screenStyle().font);
  if (!p.adjusted(0, -kReach, 0, kReach).contains(position)) return -1;
  const double recall = (position.x() - p.left()) / p.width();
  int64_t best = -1;
  double nearest = kReach;
  for (const PrecisionRecall& curve : look_->curves) {
    if (curve.recall.empty() || recall > curve.recall.back()) continue;
    const double distance = std::abs(p.bottom() - curve.precisionAt(recall) * p.height() - position.y());
    const bool wins = distance < nearest || (distance == nearest && curve.label == chosen_);
    if (wins) nearest = distance, best = curve.label;
  }
  return best;
}

void PrecisionRecallView::mouseMoveEvent(QMouseEvent* event) {
  const QRectF p = hasContent() ? plot(place(), screenStyle().font) : QRectF();
  if (!p.contains(event->position())) {
    Q_EMIT hovered(QString());
    return;
  }
  const double recall = (event->position().x() - p.left()) / p.width();
  QString text = tr("recall %1: mean precision %2").arg(uiNumber(recall, 2)).arg(uiNumber(look_->mean.precisionAt(recall), 3));
  const auto tell = [&](int64_t label) {
    const PrecisionRecall* curve = curveOf(label);
    if (!curve) return;
    text += QStringLiteral(" · %1 %2").arg(nameOf(label)).arg(uiNumber(curve->precisionAt(recall), 3));
    const auto step = std::lower_bound(curve->recall.begin(), curve->recall.end(), recall);
    if (step != curve->recall.end()) text += tr(" from score %1 on").arg(uiNumber(curve->score[static_cast<size_t>(step - curve->recall.begin())], 3));
  };
  tell(chosen_);
  if (const int64_t near = labelAt(event->position()); near >= 0 && near != chosen_) tell(near);
  Q_EMIT hovered(text);
}

void PrecisionRecallView::mousePressEvent(QMouseEvent* event) {
  if (const int64_t label = labelAt(event->position()); label >= 0) Q_EMIT classChosen(label);
}

QRectF PrecisionRecallView::itemPlace(int64_t item) const {
  const PrecisionRecall& curve = look_->curves[static_cast<size_t>(item)];
  const double recall = curve.recall.empty() ? 0.0 : curve.recall.back() / 2.0;
  const QPointF at = pointOf(recall, curve.precisionAt(recall));
  return {at.x() - 6, at.y() - 6, 12, 12};
}

void PrecisionRecallView::tellItem(int64_t item) {
  const PrecisionRecall& curve = look_->curves[static_cast<size_t>(item)];
  Q_EMIT hovered(tr("%1: AP %2 at tIoU %3").arg(nameOf(curve.label), apText(curve.ap), uiNumber(look_->point.tiou, 2)));
}

void PrecisionRecallView::chooseItem(int64_t item) { Q_EMIT classChosen(look_->curves[static_cast<size_t>(item)].label); }

std::string PrecisionRecallView::csv() const {
  std::string text = "class,recall,precision,score\n";
  if (!hasContent()) return text;
  const auto add = [&](const std::string& name, const PrecisionRecall& curve) {
    for (size_t k = 0; k < curve.recall.size(); ++k) {
      text += name + "," + exactNumber(curve.recall[k]) + "," + exactNumber(curve.precision[k]) + "," + (k < curve.score.size() ? exactNumber(curve.score[k]) : std::string()) + "\n";
    }
  };
  add("mean", look_->mean);
  for (const PrecisionRecall& curve : look_->curves) add(csvText(stdText(nameOf(curve.label))), curve);
  return text;
}

void drawShareAxes(QPainter& painter, const QRectF& p, const FigureStyle& style, const QString& x_name, const QString& y_name,
                   const std::vector<double>& x_ticks, double x_from, double x_to, int x_decimals) {
  const QFontMetricsF metrics(style.font);
  painter.setFont(style.font);
  const int parts = p.height() / 5.0 >= metrics.height() ? 5 : 2;
  for (int i = 0; i <= parts; ++i) {
    const double y = p.bottom() - p.height() * i / parts;
    painter.setPen(QPen(style.colours.grid, 1));
    painter.drawLine(QPointF(p.left(), y), QPointF(p.right(), y));
    painter.setPen(style.colours.muted);
    painter.drawText(QRectF(p.left() - 28, y - metrics.height() / 2, 24, metrics.height()), Qt::AlignRight | Qt::AlignVCenter, uiNumber(static_cast<double>(i) / parts, 1));
  }
  const double room = metrics.horizontalAdvance(QStringLiteral("0.00")) + 8;
  double last = -1e9;
  for (const double tick : x_ticks) {
    const double x = p.left() + (tick - x_from) / (x_to - x_from) * p.width();
    painter.setPen(QPen(style.colours.grid, 1));
    painter.drawLine(QPointF(x, p.top()), QPointF(x, p.bottom()));
    if (x - last < room) continue;
    last = x;
    painter.setPen(style.colours.muted);
    painter.drawText(QRectF(x - room / 2, p.bottom() + kFoot, room, metrics.height()), Qt::AlignHCenter | Qt::AlignTop, uiNumber(tick, x_decimals));
  }
  painter.setPen(QPen(style.colours.border, 1));
  painter.drawLine(p.bottomLeft(), p.bottomRight());
  painter.drawLine(p.topLeft(), p.bottomLeft());
  painter.setPen(style.colours.muted);
  painter.drawText(QRectF(p.left(), p.bottom() + kFoot + metrics.height(), p.width(), metrics.height()), Qt::AlignCenter, x_name);
  painter.save();
  painter.translate(p.left() - 28 - metrics.height(), p.center().y());
  painter.rotate(-90);
  painter.drawText(QRectF(-p.height() / 2, 0, p.height(), metrics.height()), Qt::AlignCenter, y_name);
  painter.restore();
}

}  // namespace hvlm::ui
