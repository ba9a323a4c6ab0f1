// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/look/figure_canvas.h"

#include <QFontMetricsF>
#include <QHelpEvent>
#include <QPainter>
#include <QToolTip>
#include <algorithm>
#include <cmath>

#include "ui/shell/empty_state.h"
#include "ui/style/text_size.h"
#include "ui/style/theme.h"

namespace hvlm::ui {
namespace {

constexpr double kMargin = 8.0;
thread_local std::vector<std::pair<QRectF, QString>>* cut_texts = nullptr;  // of the figure that is being painted

}  // namespace

FigureCanvas::FigureCanvas(const QString& name, const QString& empty_text, QWidget* parent) : QWidget(parent), name_(name), empty_text_(empty_text) {
  setAccessibleName(name);
  setMouseTracking(true);
  setFocusPolicy(Qt::StrongFocus);
  connect(&Theme::instance(), &Theme::changed, this, [this] { update(); });
}

void FigureCanvas::setEmptyText(const QString& text) {
  empty_text_ = text;
  if (!hasContent()) update();
}

void FigureCanvas::setReason(const QString& reason) {
  reason_ = reason;
  setAccessibleDescription(reason);
  if (!hasContent()) update();
}

void FigureCanvas::offer(EmptyAsk lacks) {
  lacks_ = lacks;
  if (!empty_) {
    empty_ = new EmptyState(QString(), QString(), this);
    empty_->setGeometry(rect());
  }
  empty_->offer(lacks);
  update();
}

void FigureCanvas::update() {
  QWidget::update();
  if (!empty_) return;
  const QString why = reason_.isEmpty() ? lackingText(lacks_) : QString();
  empty_->setText(why.isEmpty() ? emptyText() : emptyText() + QLatin1Char(' ') + why);
  empty_->setVisible(!hasContent());
}

double FigureCanvas::drawnAt() const { return textScale(*this); }

QRectF FigureCanvas::place() const { return QRectF(QPointF(0, 0), QSizeF(size()) / drawnAt()).adjusted(kMargin, kMargin, -kMargin, -kMargin); }

bool FigureCanvas::event(QEvent* event) {
  if (empty_ && event->type() == QEvent::Resize) empty_->setGeometry(rect());
  if (event->type() == QEvent::ToolTip) {
    const auto* help = static_cast<const QHelpEvent*>(event);
    if (const QString whole = wholeTextAt(help->pos()); !whole.isEmpty()) {
      QToolTip::showText(help->globalPos(), whole, this);
      return true;
    }
  }
  const double scale = drawnAt();
  const auto scaled = scale == 1.0 ? nullptr : scaledEvent(*event, scale);
  if (!scaled) return QWidget::event(event);
  const bool taken = QWidget::event(scaled.get());
  event->setAccepted(scaled->isAccepted());
  return taken;
}

FigureStyle FigureCanvas::screenStyle() const {
  return {tokens(), dataColours(), fontFor(font(), drawnAt() / 0.9)};
}

void FigureCanvas::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  painter.fillRect(rect(), tokens().base);
  if (!hasContent()) {
    if (empty_) return;
    painter.setPen(tokens().muted);
    painter.drawText(QRectF(rect()).adjusted(kMargin, kMargin, -kMargin, -kMargin), Qt::AlignCenter | Qt::TextWordWrap, emptyText());
    paintFocus(painter);
    return;
  }
  drawOnScreen(painter);
  paintFocus(painter);
}

void FigureCanvas::drawOnScreen(QPainter& painter) {
  cut_.clear();
  cut_texts = &cut_;
  painter.save();
  painter.scale(drawnAt(), drawnAt());
  painter.setFont(fontFor(font(), drawnAt()));
  draw(painter, place(), screenStyle());
  painter.restore();
  cut_texts = nullptr;
}

void FigureCanvas::setDimmed(bool dimmed) {
  if (dimmed == dimmed_) return;
  dimmed_ = dimmed;
  update();
}

QString FigureCanvas::wholeTextAt(QPointF pixel) const {
  const auto found = std::find_if(cut_.begin(), cut_.end(), [&](const auto& each) { return each.first.contains(pixel); });
  return found == cut_.end() ? QString() : found->second;
}

void FigureCanvas::leaveEvent(QEvent*) { Q_EMIT hovered(QString()); }

PaintedPicture FigureCanvas::painted(PictureFormat format, const PictureOptions& options) const {
  const double width = options.width_mm * kPointsPerMm, height = heightFor(width);
  return paintPicture(format, QSizeF(width, height), name_, [&](QCPPainter& painter) {
    draw(painter, QRectF(4, 4, width - 8, height - 8), {tokensOf(options.style), mapOf(options.style), exportFont()});
  }, options);
}

QByteArray FigureCanvas::picture(PictureFormat format, double width_mm) const { return painted(format, {.width_mm = width_mm}).bytes(); }

double drawColourScale(QPainter& painter, QPointF at, double width, const FigureStyle& style, const QString& low, const QString& high) {
  const QFontMetricsF metrics(style.font);
  painter.setFont(style.font);
  painter.setPen(style.colours.muted);
  const double left = metrics.horizontalAdvance(low) + 4.0;
  painter.drawText(QRectF(at.x(), at.y() - 2, left, 12), Qt::AlignLeft | Qt::AlignVCenter, low);
  constexpr int kSteps = 48;
  for (int i = 0; i < kSteps; ++i) {
    painter.fillRect(QRectF(at.x() + left + width * i / kSteps, at.y(), width / kSteps + 0.5, 8), QColor(style.map.at(i / (kSteps - 1.0))));
  }
  painter.drawText(QRectF(at.x() + left + width + 4, at.y() - 2, metrics.horizontalAdvance(high) + 4, 12), Qt::AlignLeft | Qt::AlignVCenter, high);
  return left + width + metrics.horizontalAdvance(high) + 8.0;
}

void drawHatch(QPainter& painter, const QRectF& place, const QColor& colour) {
  constexpr double kStep = 5.0;
  painter.setPen(QPen(colour, 0.8));
  for (double c = place.left() + place.top() - std::fmod(place.left() + place.top(), kStep); c < place.right() + place.bottom(); c += kStep) {
    // The line x + y = c, cut to the rectangle.
    const double x0 = std::max(place.left(), c - place.bottom()), x1 = std::min(place.right(), c - place.top());
    if (x0 < x1) painter.drawLine(QPointF(x0, c - x0), QPointF(x1, c - x1));
  }
}

void drawElided(QPainter& painter, const QRectF& place, int flags, const QString& text, const QFont& font) {
  painter.setFont(font);
  const QString shown = QFontMetricsF(font).elidedText(text, Qt::ElideRight, place.width());
  if (cut_texts && shown != text) cut_texts->emplace_back(painter.worldTransform().mapRect(place), text);
  painter.drawText(place, flags | Qt::TextSingleLine, shown);
}

}  // namespace hvlm::ui
