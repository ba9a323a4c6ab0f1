// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/curves/curve_card.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QMouseEvent>
#include <QToolButton>
#include <QVBoxLayout>
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include "ui/style/icons.h"
#include "ui/style/theme.h"
#include "ui/text.h"

namespace hvlm::ui {
namespace {

constexpr qsizetype kMostNamed = 16;  // lines in a legend

}  // namespace

CurveCard::CurveCard(CardKind kind, QWidget* parent) : QFrame(parent), kind_(kind) {
  setObjectName(QStringLiteral("panel"));
  setMinimumHeight(210);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(8, 4, 4, 4);
  column->setSpacing(2);
  auto* head = new QHBoxLayout;
  head->setSpacing(4);
  title_ = new QLabel(cardTitle(kind), this);
  title_->setProperty("role", "title");
  title_->setToolTip(cardHelp(kind));
  note_ = new QLabel(this);
  note_->setProperty("role", "muted");
  log_ = new QToolButton(this);
  log_->setText(tr("log"));
  log_->setCheckable(true);
  log_->setToolTip(tr("Logarithmic value axis"));
  log_->setAccessibleName(tr("Logarithmic value axis of %1").arg(cardTitle(kind)));
  log_->setObjectName(cardName(kind) + QStringLiteral("LogButton"));
  log_->setMinimumHeight(24);
  auto* save = new QToolButton(this);
  save->setIcon(icon("export", IconTone::kMuted));
  save->setToolTip(tr("Export this card…"));
  save->setAccessibleName(tr("Export %1").arg(cardTitle(kind)));
  save->setFixedSize(24, 24);
  head->addWidget(title_);
  head->addWidget(note_, 1);
  head->addWidget(log_);
  head->addWidget(save);
  legend_ = new QLabel(this);
  legend_->setObjectName(cardName(kind) + QStringLiteral("Legend"));
  legend_->setTextFormat(Qt::RichText);
  legend_->setWordWrap(true);
  legend_->setAlignment(Qt::AlignLeft | Qt::AlignTop);
  legend_->setMinimumHeight(2 * legend_->fontMetrics().lineSpacing());
  legend_->setMinimumWidth(60);
  plot_ = new CurvePlot(this);
  plot_->setObjectName(cardName(kind) + QStringLiteral("Plot"));
  plot_->setAccessibleName(cardTitle(kind));
  plot_->setMouseTracking(true);
  plot_->setMinimumHeight(110);
  column->addLayout(head);
  column->addWidget(legend_);
  column->addWidget(plot_, 1);
  connect(log_, &QToolButton::toggled, this, [this](bool on) {
    log_y_ = on;
    Q_EMIT logYChanged();
  });
  connect(save, &QToolButton::clicked, this, [this] { Q_EMIT exportAsked(kind_); });
  connect(plot_, &CurvePlot::userZoomed, this, &CurveCard::userZoomed);
  connect(plot_, &CurvePlot::resetAsked, this, &CurveCard::resetAsked);
  connect(plot_, &QCustomPlot::mouseMove, this, [this](QMouseEvent* event) {
    const double x = plot_->xAxis->pixelToCoord(event->position().x());
    if (!plot_->xAxis->range().contains(x)) {
      showValues(plot_->lastValues(), QString());
      return;
    }
    showValues(plot_->valuesAt(x), tr("at %1 %2").arg(axisTitle(options_.axis), valueText(x)), event->position().y());
  });
}

void CurveCard::setLogY(bool on) { log_->setChecked(on); }

void CurveCard::setLines(const QList<CurveLine>& lines, CurveOptions options) {
  options.log_y = log_y_;
  options_ = options;
  plot_->setLines(lines, options);
  showValues(plot_->lastValues(), QString());
}

void CurveCard::redraw() { plot_->replot(QCustomPlot::rpQueuedReplot); }

// The lines that the legend names, in their order: all of a few, of many those nearest to the pointer, else the first.
QList<qsizetype> CurveCard::namedLines(const QList<double>& values, std::optional<double> pointer_y) const {
  QList<qsizetype> named(std::min(plot_->lines().size(), values.size()));
  std::iota(named.begin(), named.end(), qsizetype{0});
  if (named.size() <= kMostNamed) return named;
  if (pointer_y) {
    const auto distance = [&](qsizetype i) {
      const double pixel = plot_->yAxis->coordToPixel(values[i]);
      return std::isfinite(pixel) ? std::abs(pixel - *pointer_y) : std::numeric_limits<double>::infinity();
    };
    std::vector<double> distances;
    for (const qsizetype i : std::as_const(named)) distances.push_back(distance(i));
    std::stable_sort(named.begin(), named.end(), [&](qsizetype a, qsizetype b) {
      return distances[static_cast<size_t>(a)] < distances[static_cast<size_t>(b)];
    });
  }
  named.resize(kMostNamed);
  std::sort(named.begin(), named.end());
  return named;
}

void CurveCard::showValues(const QList<double>& values, const QString& where, std::optional<double> pointer_y) {
  QStringList parts;
  const auto& lines = plot_->lines();
  for (const qsizetype i : namedLines(values, pointer_y)) {
    static const QChar solid(0x2501), dashed(0x254D);
    const QString stroke(2, lines[i].style == Qt::SolidLine ? solid : dashed);
    // One unbreakable piece per line, so that a line's value never stands apart from its name.
    QString name = lines[i].name.toHtmlEscaped();
    name.replace(QLatin1Char(' '), QStringLiteral("&nbsp;"));
    parts.append(QStringLiteral("<span style='color:%1'>%2</span>&nbsp;%3&nbsp;%4")
                     .arg(lines[i].colour.name(), stroke, name, valueText(values[i])));
  }
  if (const qsizetype more = lines.size() - parts.size(); more > 0) parts.append(tr("… and %1 more").arg(more));
  legend_->setText(parts.join(QStringLiteral(" &nbsp; ")));
  QStringList notes;
  if (!where.isEmpty()) notes.append(where);
  const bool any_smooth = std::any_of(lines.begin(), lines.end(), [](const CurveLine& line) { return !line.markers; });
  if (options_.smoothing > 0.0 && any_smooth && where.isEmpty()) {
    notes.append(tr("smoothed %1").arg(uiShortest(options_.smoothing, 3)));
  }
  if (where.isEmpty() && plot_->thinned()) notes.append(tr("extremes of each pixel column"));
  if (plot_->hiddenPoints() > 0) notes.append(tr("%1 points hidden").arg(plot_->hiddenPoints()));
  note_->setText(notes.isEmpty() ? QString() : QStringLiteral("· ") + notes.join(QStringLiteral(" · ")));
}

}  // namespace hvlm::ui
