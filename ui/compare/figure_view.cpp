// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/compare/figure_view.h"

#include <algorithm>

#include "ui/style/theme.h"

namespace hvlm::ui {
namespace {

constexpr double kPageWidth = kTwoColumnsMm * kPointsPerMm;  // points, as exported
constexpr double kLargest = 1.7;                             // pixels a point
constexpr int kMargin = 8;

}  // namespace

FigureView::FigureView(FigureKind kind, QWidget* parent) : QWidget(parent), kind_(kind) {
  setObjectName(figureName(kind) + QStringLiteral("FigureView"));
  setAccessibleName(tr("%1, figure").arg(figureTitle(kind)));
  setMinimumHeight(120);
  connect(&Theme::instance(), &Theme::changed, this, qOverload<>(&QWidget::update));
}

void FigureView::setTables(std::shared_ptr<const ReproductionTables> tables, const std::string& budget) {
  tables_ = std::move(tables);
  budget_ = budget;
  update();
}

bool FigureView::hasContent() const { return tables_ && hasFigure(*tables_, kind_, budget_); }

void FigureView::paintEvent(QPaintEvent*) {
  QCPPainter painter(this);
  painter.fillRect(rect(), tokens().base);
  if (!tables_) return;
  painter.setMode(QCPPainter::pmVectorized);  // no label caches: they are made for one scale
  const QSizeF size = figureSize(*tables_, kind_, budget_, kPageWidth);
  const double scale = std::min({kLargest, (width() - 2 * kMargin) / size.width(), (height() - 2 * kMargin) / size.height()});
  painter.translate(std::max(kMargin * 1.0, (width() - scale * size.width()) / 2), kMargin);
  painter.scale(scale, scale);
  drawFigure(painter, *tables_, kind_, budget_, kPageWidth, tokens());
}

}  // namespace hvlm::ui
