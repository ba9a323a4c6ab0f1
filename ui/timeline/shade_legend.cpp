// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/timeline/shade_legend.h"

#include <QFontMetrics>
#include <QPainter>

#include "ui/style/colour_map.h"
#include "ui/style/theme.h"
#include "ui/text.h"

namespace hvlm::ui {
namespace {

constexpr int kBarWidth = 72;

std::pair<QString, QString> endsOf(CellValue value) {
  if (value == CellValue::kShare) return {uiText("⅛"), uiText("8 × even")};
  return {QStringLiteral("0"), QStringLiteral("1")};
}

}  // namespace

ShadeLegend::ShadeLegend(QWidget* parent) : QWidget(parent) {
  setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
  setAccessibleName(tr("Colour scale of the pyramid"));
  QFont small = font();
  small.setPointSizeF(small.pointSizeF() * 0.9);
  setFont(small);
  setValue(CellValue::kShare);
  connect(&Theme::instance(), &Theme::changed, this, [this] { update(); });
}

void ShadeLegend::setValue(CellValue value) {
  value_ = value;
  setToolTip(value == CellValue::kShare
                 ? tr("Share of a cell in the video vector, relative to an even spread over its level; logarithmic")
             : value == CellValue::kAlpha ? tr("Attention weight of a cell in its parent's window")
                                          : tr("Highest class score of the detection head at a cell"));
  updateGeometry();
  update();
}

QSize ShadeLegend::sizeHint() const {
  const QFontMetrics metrics(font());
  const auto [low, high] = endsOf(value_);
  return {metrics.horizontalAdvance(low) + kBarWidth + metrics.horizontalAdvance(high) + 12, 20};
}

void ShadeLegend::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  const QFontMetrics metrics(font());
  const auto [low, high] = endsOf(value_);
  painter.setPen(tokens().muted);
  const int left = metrics.horizontalAdvance(low) + 4;
  painter.drawText(QRect(0, 0, left, height()), Qt::AlignLeft | Qt::AlignVCenter, low);
  for (int x = 0; x < kBarWidth; ++x) {
    painter.fillRect(left + x, height() / 2 - 5, 1, 10, QColor(dataColours().at(x / (kBarWidth - 1.0))));
  }
  painter.drawText(QRect(left + kBarWidth + 4, 0, width() - left - kBarWidth, height()), Qt::AlignLeft | Qt::AlignVCenter, high);
}

}  // namespace hvlm::ui
