// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/look/class_figures.h"

#include <QFontMetricsF>
#include <QMouseEvent>
#include <QPainter>
#include <algorithm>
#include <cmath>

#include "support/text.h"
#include "ui/style/class_colours.h"
#include "ui/text.h"

namespace hvlm::ui {
namespace {

constexpr double kRow = 20.0;  // pixels of a bar on screen

std::string csvText(const QString& text) {
  QString quoted = text;
  quoted.replace(QLatin1Char('"'), QStringLiteral("\"\""));
  return stdText(QLatin1Char('"') + quoted + QLatin1Char('"'));
}

}  // namespace

std::vector<int64_t> confusionMatrix(std::span<const int64_t> truth, std::span<const int64_t> predicted, int64_t classes) {
  std::vector<int64_t> counts(static_cast<size_t>(classes * classes), 0);
  for (size_t i = 0; i < std::min(truth.size(), predicted.size()); ++i) {
    const bool known = truth[i] >= 0 && truth[i] < classes && predicted[i] >= 0 && predicted[i] < classes;
    if (known) ++counts[static_cast<size_t>(truth[i] * classes + predicted[i])];
  }
  return counts;
}

std::vector<ReliabilityBin> reliability(std::span<const double> confidence, const std::vector<bool>& correct, int bins) {
  std::vector<ReliabilityBin> out(static_cast<size_t>(std::max(bins, 1)));
  for (size_t i = 0; i < std::min(confidence.size(), correct.size()); ++i) {
    if (!(confidence[i] >= 0.0 && confidence[i] <= 1.0)) continue;
    ReliabilityBin& bin = out[std::min(out.size() - 1, static_cast<size_t>(confidence[i] * static_cast<double>(out.size())))];
    bin.confidence += confidence[i];
    bin.accuracy += correct[i] ? 1.0 : 0.0;
    ++bin.count;
  }
  for (ReliabilityBin& bin : out) {
    if (bin.count == 0) continue;
    bin.confidence /= static_cast<double>(bin.count);
    bin.accuracy /= static_cast<double>(bin.count);
  }
  return out;
}

double expectedCalibrationError(const std::vector<ReliabilityBin>& bins) {
  double sum = 0.0;
  int64_t count = 0;
  for (const ReliabilityBin& bin : bins) {
    sum += static_cast<double>(bin.count) * std::abs(bin.accuracy - bin.confidence);
    count += bin.count;
  }
  return count > 0 ? sum / static_cast<double>(count) : 0.0;
}

// ---- Confusion.

ConfusionView::ConfusionView(QWidget* parent) : FigureCanvas(tr("Confusion matrix"), tr("How often one class is taken for another appears here."), parent) {
  setObjectName(QStringLiteral("confusionView"));
}

void ConfusionView::setCounts(const QStringList& classes, std::vector<int64_t> counts) {
  const auto n = static_cast<size_t>(classes.size());
  classes_ = counts.size() == n * n ? classes : QStringList();
  counts_ = std::move(counts);
  rows_.assign(n, 0);
  for (size_t i = 0; i < counts_.size() && n > 0; ++i) rows_[i / n] += counts_[i];
  update();
}

int64_t ConfusionView::count(int truth, int predicted) const { return counts_[static_cast<size_t>(truth) * static_cast<size_t>(classes_.size()) + static_cast<size_t>(predicted)]; }

double ConfusionView::shareOf(int truth, int predicted) const {
  const int64_t all = rows_[static_cast<size_t>(truth)];
  return all > 0 ? static_cast<double>(count(truth, predicted)) / static_cast<double>(all) : 0.0;
}

QRectF ConfusionView::grid(const QRectF& place, const QFont& font) const {
  const QFontMetricsF metrics(font);
  double longest = 0.0;
  for (const QString& name : classes_) longest = std::max(longest, metrics.horizontalAdvance(name));
  const double label = std::min(longest + 6.0, place.width() * 0.3), foot = metrics.height() + 22.0;
  const double side = std::max(10.0, std::min(place.width() - label - metrics.height(), place.height() - foot));
  return {place.left() + label + metrics.height(), place.top(), side, side};
}

QRectF ConfusionView::cellRect(int truth, int predicted) const {
  const QRectF g = grid(place(), screenStyle().font);
  const double cell = g.width() / static_cast<double>(classes_.size());
  return {g.left() + predicted * cell, g.top() + truth * cell, cell, cell};
}

QPoint ConfusionView::cellAt(QPointF position) const {
  if (classes_.isEmpty()) return {-1, -1};
  const QRectF g = grid(place(), screenStyle().font);
  if (!g.contains(position)) return {-1, -1};
  const double cell = g.width() / static_cast<double>(classes_.size());
  const int last = static_cast<int>(classes_.size()) - 1;
  return {std::min(last, static_cast<int>((position.x() - g.left()) / cell)), std::min(last, static_cast<int>((position.y() - g.top()) / cell))};
}

void ConfusionView::draw(QPainter& painter, const QRectF& place, const FigureStyle& style) const {
  const QFontMetricsF metrics(style.font);
  const QRectF g = grid(place, style.font);
  const int n = static_cast<int>(classes_.size());
  const double cell = g.width() / n;
  for (int t = 0; t < n; ++t) {
    for (int p = 0; p < n; ++p) {
      const double share = shareOf(t, p);
      const QColor fill = QColor(style.map.at(share));
      const QRectF r(g.left() + p * cell, g.top() + t * cell, cell, cell);
      painter.fillRect(r.adjusted(0, 0, cell > 6 ? -1 : 0.3, cell > 6 ? -1 : 0.3), fill);
      if (cell < metrics.height() * 1.6 || count(t, p) == 0) continue;
      painter.setFont(style.font);
      painter.setPen(readableOn(fill));
      painter.drawText(r, Qt::AlignCenter, QString::number(count(t, p)));
    }
  }
  painter.setPen(style.colours.text);
  const int every = std::max(1, static_cast<int>(std::ceil(metrics.height() / cell)));
  for (int t = 0; t < n; t += every) {
    drawElided(painter, QRectF(place.left() + metrics.height(), g.top() + t * cell, g.left() - place.left() - metrics.height() - 4, std::max(cell, metrics.height())),
               Qt::AlignRight | Qt::AlignVCenter, classes_[t], style.font);
  }
  painter.setPen(style.colours.muted);
  painter.save();
  painter.translate(place.left() + metrics.height() - 3, g.center().y());
  painter.rotate(-90);
  painter.drawText(QRectF(-g.height() / 2, -metrics.height(), g.height(), metrics.height()), Qt::AlignCenter, tr("truth"));
  painter.restore();
  painter.drawText(QRectF(g.left(), g.bottom() + 2, g.width(), metrics.height()), Qt::AlignCenter, tr("predicted, in the same order"));
  drawColourScale(painter, {g.left(), g.bottom() + metrics.height() + 8}, std::min(90.0, g.width() * 0.5), style, QStringLiteral("0"), tr("1 of the row"));
}

void ConfusionView::mouseMoveEvent(QMouseEvent* event) {
  const QPoint cell = cellAt(event->position());
  if (cell.x() < 0) {
    Q_EMIT hovered(QString());
    return;
  }
  Q_EMIT hovered(tr("%1 taken for %2: %3 of %4 (%5)").arg(classes_[cell.y()], classes_[cell.x()]).arg(count(cell.y(), cell.x())).arg(rows_[static_cast<size_t>(cell.y())]).arg(uiNumber(shareOf(cell.y(), cell.x()), 3)));
}

void ConfusionView::mousePressEvent(QMouseEvent* event) {
  const QPoint cell = cellAt(event->position());
  if (cell.x() >= 0) Q_EMIT cellChosen(cell.y(), cell.x());
}

std::string ConfusionView::csv() const {
  std::string text = "truth";
  for (const QString& name : classes_) text += "," + csvText(name);
  text += "\n";
  for (int t = 0; t < classes_.size(); ++t) {
    text += csvText(classes_[t]);
    for (int p = 0; p < classes_.size(); ++p) text += "," + std::to_string(count(t, p));
    text += "\n";
  }
  return text;
}

// ---- Reliability.

ReliabilityView::ReliabilityView(QWidget* parent) : FigureCanvas(tr("Reliability"), tr("How far confidence can be trusted appears here."), parent) {
  setObjectName(QStringLiteral("reliabilityView"));
}

void ReliabilityView::setBins(std::vector<ReliabilityBin> bins) {
  bins_ = std::move(bins);
  update();
}

bool ReliabilityView::hasContent() const {
  return std::any_of(bins_.begin(), bins_.end(), [](const ReliabilityBin& bin) { return bin.count > 0; });
}

QRectF ReliabilityView::plot(const QRectF& place) const { return place.adjusted(34, 14, -4, -28); }

void ReliabilityView::draw(QPainter& painter, const QRectF& place, const FigureStyle& style) const {
  const QRectF p = plot(place);
  const QFontMetricsF metrics(style.font);
  const auto y = [&](double share) { return p.bottom() - share * p.height(); };
  painter.setFont(style.font);
  for (int i = 0; i <= 5; ++i) {
    painter.setPen(style.colours.grid);
    painter.drawLine(QPointF(p.left(), y(i / 5.0)), QPointF(p.right(), y(i / 5.0)));
    painter.setPen(style.colours.muted);
    painter.drawText(QRectF(place.left(), y(i / 5.0) - 7, 30, 14), Qt::AlignRight | Qt::AlignVCenter, uiNumber(i / 5.0, 1));
    painter.drawText(QRectF(p.left() + p.width() * i / 5.0 - 15, p.bottom() + 1, 30, 12), Qt::AlignHCenter | Qt::AlignTop, uiNumber(i / 5.0, 1));
  }
  const double width = p.width() / static_cast<double>(bins_.size());
  int64_t most = 1;
  for (const ReliabilityBin& bin : bins_) most = std::max(most, bin.count);
  for (size_t i = 0; i < bins_.size(); ++i) {
    const ReliabilityBin& bin = bins_[i];
    if (bin.count == 0) continue;
    const QRectF whole(p.left() + width * static_cast<double>(i) + 1, y(bin.accuracy), width - 2, p.bottom() - y(bin.accuracy));
    painter.fillRect(whole, style.colours.series[0]);
    // The gap to what was promised, hatched.
    const QRectF gap(QPointF(whole.left(), y(std::max(bin.accuracy, bin.confidence))), QPointF(whole.right(), y(std::min(bin.accuracy, bin.confidence))));
    drawHatch(painter, gap, style.colours.bad);
    painter.setPen(style.colours.bad);
    painter.drawRect(gap);
    // How many there are, as a mark along the foot.
    painter.fillRect(QRectF(whole.left(), p.bottom() + 14, whole.width() * static_cast<double>(bin.count) / static_cast<double>(most), 3), style.colours.muted);
  }
  painter.setPen(QPen(style.colours.text, 1, Qt::DashLine));
  painter.drawLine(QPointF(p.left(), y(0)), QPointF(p.right(), y(1)));
  painter.setPen(style.colours.text);
  painter.drawText(QRectF(p.left(), place.top() - 2, p.width(), 14), Qt::AlignLeft | Qt::AlignVCenter, tr("accuracy by confidence · ECE %1").arg(uiNumber(expectedCalibrationError(bins_), 3)));
  painter.setPen(style.colours.muted);
  painter.drawText(QRectF(p.left(), p.bottom() + 16, p.width(), metrics.height()), Qt::AlignCenter, tr("confidence; bars below: how many"));
}

void ReliabilityView::mouseMoveEvent(QMouseEvent* event) {
  const QRectF p = plot(place());
  const double at = (event->position().x() - p.left()) / p.width() * static_cast<double>(bins_.size());
  const bool inside = !bins_.empty() && at >= 0.0 && at < static_cast<double>(bins_.size());
  if (!inside || bins_[static_cast<size_t>(at)].count == 0) {
    Q_EMIT hovered(QString());
    return;
  }
  const ReliabilityBin& bin = bins_[static_cast<size_t>(at)];
  Q_EMIT hovered(tr("%1 predictions of mean confidence %2: %3 right").arg(bin.count).arg(uiNumber(bin.confidence, 3)).arg(uiNumber(bin.accuracy, 3)));
}

QRectF ReliabilityView::itemPlace(int64_t item) const {
  const QRectF p = plot(place());
  const double width = p.width() / static_cast<double>(bins_.size());
  return {p.left() + width * static_cast<double>(item), p.top(), width, p.height()};
}

std::string ReliabilityView::csv() const {
  std::string text = "confidence,accuracy,count\n";
  for (const ReliabilityBin& bin : bins_) text += fixedNumber(bin.confidence, 6) + "," + fixedNumber(bin.accuracy, 6) + "," + std::to_string(bin.count) + "\n";
  return text;
}

// ---- Bars.

ClassBars::ClassBars(QWidget* parent) : FigureCanvas(tr("Accuracy by class"), tr("How well each class is known appears here."), parent) { setObjectName(QStringLiteral("classBars")); }

void ClassBars::setBars(std::vector<Bar> bars) {
  bars_ = std::move(bars);
  std::stable_sort(bars_.begin(), bars_.end(), [](const Bar& a, const Bar& b) { return a.value > b.value; });
  updateGeometry();
  update();
}

QSize ClassBars::sizeHint() const { return {220, static_cast<int>(kRow * static_cast<double>(bars_.size())) + 16}; }

int ClassBars::barAt(double y) const {
  const QRectF p = place();
  const double row = bars_.empty() ? 0.0 : std::min(kRow, p.height() / static_cast<double>(bars_.size()));
  const int at = row > 0.0 ? static_cast<int>((y - p.top()) / row) : -1;
  return y >= p.top() && at >= 0 && at < static_cast<int>(bars_.size()) ? at : -1;
}

void ClassBars::draw(QPainter& painter, const QRectF& place, const FigureStyle& style) const {
  const double row = std::min(kRow, place.height() / static_cast<double>(bars_.size()));
  const QFontMetricsF metrics(style.font);
  double longest = 0.0;
  for (const Bar& bar : bars_) longest = std::max(longest, metrics.horizontalAdvance(bar.name));
  const double label = std::min(longest + 8.0, place.width() * 0.45), number = metrics.horizontalAdvance(QStringLiteral("0.000 (9999)")) + 4;
  const double width = std::max(10.0, place.width() - label - number);
  for (size_t i = 0; i < bars_.size(); ++i) {
    const Bar& bar = bars_[i];
    const double top = place.top() + row * static_cast<double>(i);
    painter.setPen(style.colours.text);
    drawElided(painter, QRectF(place.left(), top, label - 6, row), Qt::AlignRight | Qt::AlignVCenter, bar.name, style.font);
    painter.fillRect(QRectF(place.left() + label, top + row * 0.2, width, row * 0.6), style.colours.grid);
    painter.fillRect(QRectF(place.left() + label, top + row * 0.2, width * std::clamp(bar.value, 0.0, 1.0), row * 0.6), classColour(bar.name));
    painter.setPen(style.colours.muted);
    painter.drawText(QRectF(place.left() + label + width + 4, top, number - 4, row), Qt::AlignLeft | Qt::AlignVCenter, QStringLiteral("%1 (%2)").arg(uiNumber(bar.value, 3)).arg(bar.count));
  }
}

void ClassBars::mouseMoveEvent(QMouseEvent* event) {
  const int at = barAt(event->position().y());
  if (at < 0) Q_EMIT hovered(QString());
  else Q_EMIT hovered(tr("%1: %2 of %3 videos right").arg(bars_[static_cast<size_t>(at)].name).arg(std::llround(bars_[static_cast<size_t>(at)].value * static_cast<double>(bars_[static_cast<size_t>(at)].count))).arg(bars_[static_cast<size_t>(at)].count));
}

void ClassBars::mousePressEvent(QMouseEvent* event) {
  const int at = barAt(event->position().y());
  if (at >= 0) Q_EMIT classChosen(bars_[static_cast<size_t>(at)].index);
}

QRectF ClassBars::itemPlace(int64_t item) const {
  const QRectF p = place();
  const double row = std::min(kRow, p.height() / static_cast<double>(bars_.size()));
  return {p.left(), p.top() + row * static_cast<double>(item), p.width(), row};
}

std::string ClassBars::csv() const {
  std::string text = "class,value,count\n";
  for (const Bar& bar : bars_) text += csvText(bar.name) + "," + fixedNumber(bar.value, 6) + "," + std::to_string(bar.count) + "\n";
  return text;
}

int64_t predictedClass(const EmbeddingFile& file, int64_t video) {
  if (file.scores.empty()) return -1;
  const auto classes = static_cast<std::ptrdiff_t>(file.classes.size());
  const auto first = file.scores.begin() + video * classes;
  return std::max_element(first, first + classes) - first;
}

ClassFigures classFigures(const EmbeddingFile& file) {
  constexpr int kBins = 10;
  ClassFigures out;
  if (file.scores.empty()) return out;
  const auto classes = static_cast<int64_t>(file.classes.size());
  std::vector<int64_t> predicted;
  std::vector<double> confidence;
  std::vector<bool> correct;
  std::vector<int64_t> of_class(static_cast<size_t>(classes), 0), right(static_cast<size_t>(classes), 0);
  for (int64_t v = 0; v < file.videoCount(); ++v) {
    predicted.push_back(predictedClass(file, v));
    const int64_t truth = file.labels[static_cast<size_t>(v)];
    if (truth < 0) continue;
    confidence.push_back(static_cast<double>(file.scores[static_cast<size_t>(v * classes + predicted.back())]));
    correct.push_back(truth == predicted.back());
    ++of_class[static_cast<size_t>(truth)];
    right[static_cast<size_t>(truth)] += truth == predicted.back();
  }
  for (const std::string& name : file.classes) out.classes.append(qText(name));
  out.counts = confusionMatrix(file.labels, predicted, classes);
  out.bins = reliability(confidence, correct, kBins);
  for (int c = 0; c < static_cast<int>(classes); ++c) {
    const int64_t count = of_class[static_cast<size_t>(c)];
    if (count > 0) out.bars.push_back({out.classes[c], static_cast<double>(right[static_cast<size_t>(c)]) / static_cast<double>(count), count, c});
  }
  return out;
}

}  // namespace hvlm::ui
