// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/look/attention_view.h"

#include <QMouseEvent>
#include <QPainter>
#include <QPainterPath>
#include <algorithm>
#include <cmath>

#include "support/text.h"
#include "ui/style/class_colours.h"
#include "ui/text.h"
#include "ui/timeline/time_scale.h"

namespace hvlm::ui {
namespace {

constexpr double kNames = 74.0;

double peakOf(const std::vector<float>& values) { return values.empty() ? 0.0 : static_cast<double>(*std::max_element(values.begin(), values.end())); }

}  // namespace

AttentionDifference compareAttention(const std::vector<float>& a, const std::vector<float>& b) {
  AttentionDifference out;
  if (a.size() != b.size() || a.empty()) return out;
  double mean_a = 0.0, mean_b = 0.0;
  for (size_t i = 0; i < a.size(); ++i) {
    out.overlap += static_cast<double>(std::min(a[i], b[i]));
    mean_a += static_cast<double>(a[i]) / static_cast<double>(a.size());
    mean_b += static_cast<double>(b[i]) / static_cast<double>(a.size());
  }
  double ab = 0.0, aa = 0.0, bb = 0.0;
  for (size_t i = 0; i < a.size(); ++i) {
    const double x = static_cast<double>(a[i]) - mean_a, y = static_cast<double>(b[i]) - mean_b;
    ab += x * y, aa += x * x, bb += y * y;
  }
  if (aa > 1e-18 && bb > 1e-18) out.correlation = ab / std::sqrt(aa * bb);
  return out;
}

AttentionPair::AttentionPair(QWidget* parent) : FigureCanvas(tr("Attention of two models"), tr("Where two runs or checkpoints look in the chosen video appears here."), parent) {
  setObjectName(QStringLiteral("attentionPair"));
}

void AttentionPair::setCurves(std::vector<float> up, std::vector<float> down, const QString& up_name, const QString& down_name, double duration_seconds) {
  up_ = std::move(up);
  down_ = std::move(down);
  up_name_ = up_name;
  down_name_ = down_name;
  duration_ = duration_seconds;
  update();
}

void AttentionPair::setTruth(const std::vector<Segment>& truth, const QStringList& classes) {
  truth_ = truth;
  classes_ = classes;
  update();
}

void AttentionPair::setCursor(double seconds) {
  cursor_ = seconds;
  if (hasContent()) update();
}

QRectF AttentionPair::lanes(const QRectF& place) const { return place.adjusted(kNames, 2, 0, -16); }

void AttentionPair::draw(QPainter& painter, const QRectF& place, const FigureStyle& style) const {
  const QRectF p = lanes(place);
  const double middle = p.center().y(), half = p.height() / 2.0 - 2.0;
  const auto x = [&](double seconds) { return p.left() + std::clamp(seconds / duration_, 0.0, 1.0) * p.width(); };
  for (const Segment& segment : truth_) {
    if (segment.label < 0 || segment.label >= classes_.size()) continue;
    QColor fill = classColour(classes_[segment.label]);
    fill.setAlphaF(0.22f);
    painter.fillRect(QRectF(QPointF(x(segment.start_seconds), p.top()), QPointF(x(segment.end_seconds), p.bottom())), fill);
    painter.setPen(style.colours.muted);
    drawElided(painter, QRectF(x(segment.start_seconds) + 2, p.top(), x(segment.end_seconds) - x(segment.start_seconds) - 4, 12), Qt::AlignLeft, classes_[segment.label], style.font);
  }
  const double peak = std::max({peakOf(up_), peakOf(down_), 1e-9});
  const auto curve = [&](const std::vector<float>& values, double sign, const QColor& colour) {
    if (values.empty()) return;
    QPainterPath path(QPointF(p.left(), middle));
    const double width = p.width() / static_cast<double>(values.size());
    for (size_t i = 0; i < values.size(); ++i) {
      const double y = middle - sign * half * static_cast<double>(values[i]) / peak;
      path.lineTo(p.left() + width * static_cast<double>(i), y);
      path.lineTo(p.left() + width * static_cast<double>(i + 1), y);
    }
    path.lineTo(p.right(), middle);
    path.closeSubpath();
    QColor fill = colour;
    fill.setAlphaF(0.35f);
    painter.fillPath(path, fill);
    painter.setPen(QPen(colour, 1));
    painter.drawPath(path);
  };
  curve(up_, 1.0, style.colours.series[0]);
  curve(down_, -1.0, style.colours.series[1]);
  painter.setFont(style.font);
  painter.setPen(style.colours.text);
  drawElided(painter, QRectF(place.left(), middle - half, kNames - 6, 14), Qt::AlignRight | Qt::AlignVCenter, up_name_, style.font);
  drawElided(painter, QRectF(place.left(), middle + half - 14, kNames - 6, 14), Qt::AlignRight | Qt::AlignVCenter, down_name_, style.font);
  painter.setPen(style.colours.muted);
  painter.drawText(QRectF(place.left(), middle - 7, kNames - 6, 14), Qt::AlignRight | Qt::AlignVCenter, tr("max %1").arg(uiNumber(peak, 3)));
  painter.drawText(QRectF(p.left(), p.bottom() + 2, p.width(), 14), Qt::AlignLeft, timeText(0.0));
  painter.drawText(QRectF(p.left(), p.bottom() + 2, p.width(), 14), Qt::AlignRight, timeText(duration_));
  painter.setPen(QPen(style.colours.cursor, 1));
  painter.drawLine(QPointF(x(cursor_), p.top()), QPointF(x(cursor_), p.bottom()));
}

void AttentionPair::mouseMoveEvent(QMouseEvent* event) {
  const QRectF p = lanes(place());
  const double share = (event->position().x() - p.left()) / p.width();
  if (!hasContent() || share < 0.0 || share >= 1.0) {
    Q_EMIT hovered(QString());
    return;
  }
  const auto at = [&](const std::vector<float>& values) { return values.empty() ? 0.0 : static_cast<double>(values[static_cast<size_t>(share * static_cast<double>(values.size()))]); };
  QString text = tr("%1 · %2 %3").arg(timeText(share * duration_), up_name_).arg(uiNumber(at(up_), 4));
  if (!down_.empty()) text += tr(" · %1 %2").arg(down_name_).arg(uiNumber(at(down_), 4));
  Q_EMIT hovered(text);
  if (event->buttons() & Qt::LeftButton) Q_EMIT timeChosen(share * duration_);
}

void AttentionPair::mousePressEvent(QMouseEvent* event) {
  const QRectF p = lanes(place());
  const double share = (event->position().x() - p.left()) / p.width();
  if (hasContent() && event->button() == Qt::LeftButton && share >= 0.0 && share <= 1.0) Q_EMIT timeChosen(share * duration_);
}

QRectF AttentionPair::itemPlace(int64_t item) const {
  const QRectF p = lanes(place());
  const double width = p.width() / static_cast<double>(up_.size());
  return {p.left() + width * static_cast<double>(item), p.top(), width, p.height()};
}

std::string AttentionPair::csv() const {
  std::string text = "seconds," + csvText(stdText(up_name_)) + (down_.empty() ? "" : "," + csvText(stdText(down_name_))) + "\n";
  for (size_t i = 0; i < up_.size(); ++i) {
    text += fixedNumber((static_cast<double>(i) + 0.5) * duration_ / static_cast<double>(up_.size()), 3) + "," + fixedNumber(static_cast<double>(up_[i]), 8);
    if (!down_.empty()) text += "," + (i < down_.size() ? fixedNumber(static_cast<double>(down_[i]), 8) : std::string());
    text += "\n";
  }
  return text;
}

// ---- History.

AttentionHistory::AttentionHistory(QWidget* parent)
    : FigureCanvas(tr("How attention was learned"), tr("Where the model looked after each epoch appears here, for the four videos that training keeps track of."), parent) {
  setObjectName(QStringLiteral("attentionHistory"));
}

void AttentionHistory::setSnapshots(std::vector<AttentionSnapshot> snapshots) {
  const bool at_end = row_ < 0 || row_ + 1 == static_cast<int>(snapshots_.size());
  snapshots_ = std::move(snapshots);
  const int last = static_cast<int>(snapshots_.size()) - 1;
  row_ = at_end ? last : std::min(row_, last);
  update();
}

void AttentionHistory::setRow(int row) {
  row_ = std::clamp(row, -1, static_cast<int>(snapshots_.size()) - 1);
  update();
}

QRectF AttentionHistory::grid(const QRectF& place) const { return place.adjusted(kNames, 0, 0, -32); }

int AttentionHistory::rowAt(double y) const {
  const QRectF g = grid(place());
  const int row = static_cast<int>((y - g.top()) / g.height() * static_cast<double>(snapshots_.size()));
  return y < g.top() || row >= static_cast<int>(snapshots_.size()) ? -1 : row;
}

void AttentionHistory::draw(QPainter& painter, const QRectF& place, const FigureStyle& style) const {
  const QRectF g = grid(place);
  const double row = g.height() / static_cast<double>(snapshots_.size());
  for (size_t r = 0; r < snapshots_.size(); ++r) {
    const std::vector<float>& values = snapshots_[r].attention;
    const double width = g.width() / static_cast<double>(values.size()), top = g.top() + row * static_cast<double>(r);
    for (size_t i = 0; i < values.size(); ++i) {
      painter.fillRect(QRectF(g.left() + width * static_cast<double>(i), top, width + 0.5, row + 0.5), QColor(style.map.at(evenScale(static_cast<double>(values[i]) * static_cast<double>(values.size())))));
    }
  }
  painter.setFont(style.font);
  painter.setPen(style.colours.muted);
  const auto every = std::max<size_t>(1, static_cast<size_t>(std::ceil(16.0 / row)));
  for (size_t r = 0; r < snapshots_.size(); r += every) {
    painter.drawText(QRectF(place.left(), g.top() + row * static_cast<double>(r) - 2, kNames - 6, std::max(row, 14.0)), Qt::AlignRight | Qt::AlignTop, tr("epoch %1").arg(snapshots_[r].epoch));
  }
  painter.drawText(QRectF(g.left(), g.bottom() + 2, g.width(), 14), Qt::AlignLeft, timeText(0.0));
  painter.drawText(QRectF(g.left(), g.bottom() + 2, g.width(), 14), Qt::AlignRight, timeText(snapshots_.front().duration_seconds));
  drawColourScale(painter, {g.left(), g.bottom() + 20}, 90.0, style, uiText("⅛"), uiText("8 × even share"));
  if (row_ < 0) return;
  painter.setPen(QPen(style.colours.cursor, 1.5));
  painter.drawRect(QRectF(g.left(), g.top() + row * row_, g.width() - 1, std::max(row, 2.0)));
}

void AttentionHistory::mouseMoveEvent(QMouseEvent* event) {
  const int row = hasContent() ? rowAt(event->position().y()) : -1;
  const QRectF g = grid(place());
  const double share = (event->position().x() - g.left()) / g.width();
  if (row < 0 || share < 0.0 || share >= 1.0 || snapshots_[static_cast<size_t>(row)].attention.empty()) {
    Q_EMIT hovered(QString());
    return;
  }
  const AttentionSnapshot& s = snapshots_[static_cast<size_t>(row)];
  Q_EMIT hovered(tr("epoch %1, step %2 · %3 · share %4").arg(s.epoch).arg(s.step).arg(timeText(share * s.duration_seconds)).arg(uiNumber(static_cast<double>(s.attention[static_cast<size_t>(share * static_cast<double>(s.attention.size()))]), 4)));
  if (event->buttons() & Qt::LeftButton) Q_EMIT rowChosen(row);
}

void AttentionHistory::mousePressEvent(QMouseEvent* event) {
  const int row = hasContent() ? rowAt(event->position().y()) : -1;
  if (row >= 0) Q_EMIT rowChosen(row);
}

QRectF AttentionHistory::itemPlace(int64_t item) const {
  const QRectF g = grid(place());
  const double width = g.width() / static_cast<double>(itemColumns()), row = g.height() / static_cast<double>(snapshots_.size());
  return {g.left() + width * static_cast<double>(item % itemColumns()), g.top() + row * static_cast<double>(item / itemColumns()), width, row};
}

std::string AttentionHistory::csv() const {
  std::string text = "epoch,step,part,share\n";
  for (const AttentionSnapshot& s : snapshots_) {
    for (size_t i = 0; i < s.attention.size(); ++i) text += std::to_string(s.epoch) + "," + std::to_string(s.step) + "," + std::to_string(i) + "," + fixedNumber(static_cast<double>(s.attention[i]), 6) + "\n";
  }
  return text;
}

}  // namespace hvlm::ui
