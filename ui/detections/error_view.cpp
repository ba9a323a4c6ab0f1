// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/detections/error_view.h"

#include <QFontMetricsF>
#include <QMouseEvent>
#include <QPainter>
#include <cmath>

#include "support/text.h"
#include "ui/text.h"

namespace hvlm::ui {
namespace {

constexpr int kRows = static_cast<int>(kDetectionErrors) + 1;  // the hits first
constexpr double kTallest = 190.0;                             // of a group of recalls
constexpr double kGap = 10.0;                                  // between the kinds and the recalls, and between their groups

QString percent(double share) { return QStringLiteral("%1 %").arg(uiNumber(100.0 * share, 1)); }
QString upTo(const RecallBin& bin) { return std::isfinite(bin.up_to) ? QString::number(bin.up_to) : QStringLiteral("∞"); }

}  // namespace

ErrorView::ErrorView(QWidget* parent) : FigureCanvas(tr("Error profile"), tr("Why predictions are wrong, and what each kind of error costs, appears here."), parent) {
  setObjectName(QStringLiteral("errorView"));
}

void ErrorView::setProfile(std::optional<ErrorProfile> profile) {
  profile_ = std::move(profile);
  update();
}

void ErrorView::setChosen(std::optional<DetectionError> kind) {
  chosen_ = kind;
  update();
}

std::vector<ErrorView::Bins> ErrorView::groups() const {
  return {{tr("share of video"), &profile_->coverage}, {tr("seconds"), &profile_->length}, {tr("in the video"), &profile_->instances}};
}

// Rows spread a little where there is room.
double ErrorView::rowHeight(const QRectF& place, const QFont& font) const {
  const double line = QFontMetricsF(font).height();
  return std::clamp(place.height() * 0.5 / (kRows + 1), line + 3.0, line + 10.0);
}

QRectF ErrorView::rowOf(DetectionError kind) const {
  const QRectF p = place();
  const double row = rowHeight(p, screenStyle().font);
  return {p.left(), p.top() + row * (2.0 + static_cast<double>(kind)), p.width(), row};
}

std::optional<DetectionError> ErrorView::kindAt(QPointF position) const {
  for (size_t e = 0; e < kDetectionErrors && profile_; ++e) {
    if (rowOf(static_cast<DetectionError>(e)).contains(position)) return static_cast<DetectionError>(e);
  }
  return std::nullopt;
}

QRectF ErrorView::groupPlace(const QRectF& place, const QFont& font, size_t group) const {
  const double top = place.top() + rowHeight(place, font) * (kRows + 1) + kGap;
  // As wide as its bins are many: 5, 5, 4.
  constexpr double kBins[] = {5.0, 5.0, 4.0};
  const double unit = (place.width() - 2 * kGap) / 14.0;
  double left = place.left();
  for (size_t g = 0; g < group; ++g) left += kBins[g] * unit + kGap;
  return {left, top, kBins[group] * unit, std::clamp(place.bottom() - top, 0.0, kTallest)};
}

void ErrorView::drawKinds(QPainter& painter, const QRectF& place, const FigureStyle& style) const {
  const QFontMetricsF metrics(style.font);
  const double row = rowHeight(place, style.font);
  double label = metrics.horizontalAdvance(tr("right"));
  for (size_t e = 0; e < kDetectionErrors; ++e) label = std::max(label, metrics.horizontalAdvance(errorText(static_cast<DetectionError>(e))));
  label = std::min(label + 8, place.width() * 0.35);
  const bool narrow = place.width() < 360.0;  // counts give way to the bars: they are told under the pointer
  const double numbers = metrics.horizontalAdvance(narrow ? QStringLiteral("100.0 %") : QStringLiteral("100.0 % · 99999")) + 6, gain = metrics.horizontalAdvance(QStringLiteral("+0.0000")) + 8;
  const double left = place.left() + label, width = std::max(8.0, place.width() - label - numbers - gain);
  painter.setFont(style.font);
  painter.setPen(style.colours.muted);
  drawElided(painter, QRectF(place.left(), place.top(), place.width() - gain - 4, row), Qt::AlignLeft | Qt::AlignVCenter,
             tr("best 10 N of each class, tIoU %1").arg(uiNumber(profile_->threshold, 2)), style.font);
  painter.drawText(QRectF(place.right() - gain, place.top(), gain, row), Qt::AlignRight | Qt::AlignVCenter, tr("gain"));
  for (int r = 0; r < kRows; ++r) {
    const bool right = r == 0;
    const auto kind = static_cast<DetectionError>(std::max(0, r - 1));
    const ErrorOfKind& error = profile_->errors[static_cast<size_t>(kind)];
    const double share = right ? profile_->true_positive_share : error.share;
    const int64_t count = right ? profile_->true_positives : error.count;
    const QRectF line(place.left(), place.top() + row * (r + 1), place.width(), row);
    if (!right && chosen_ == kind) painter.fillRect(line, style.colours.range);
    painter.setPen(style.colours.text);
    drawElided(painter, QRectF(line.left(), line.top(), label - 6, row), Qt::AlignRight | Qt::AlignVCenter, right ? tr("right") : errorText(kind), style.font);
    const QRectF bar(left, line.top() + row * 0.2, width, row * 0.6);
    painter.fillRect(bar, style.colours.grid);
    painter.fillRect(QRectF(bar.left(), bar.top(), bar.width() * std::clamp(share, 0.0, 1.0), bar.height()), right ? style.colours.good : style.colours.series[1]);
    painter.setPen(style.colours.muted);
    painter.drawText(QRectF(bar.right() + 4, line.top(), numbers - 4, row), Qt::AlignRight | Qt::AlignVCenter, narrow ? percent(share) : QStringLiteral("%1 · %2").arg(percent(share)).arg(count));
    if (right) continue;
    painter.setPen(style.colours.text);
    painter.drawText(QRectF(place.right() - gain, line.top(), gain, row), Qt::AlignRight | Qt::AlignVCenter, QStringLiteral("+%1").arg(uiNumber(error.gain, 4)));
  }
}

void ErrorView::drawGroup(QPainter& painter, const QRectF& place, const FigureStyle& style, const Bins& group) const {
  const QFontMetricsF metrics(style.font);
  const double line = metrics.height();
  const QRectF bars = place.adjusted(0, line + 2, 0, -2 * line - 2);
  if (bars.height() < 8.0) return;
  const double step = bars.width() / static_cast<double>(group.bins->size());
  painter.setPen(QPen(style.colours.border, 1));
  painter.drawLine(bars.bottomLeft(), bars.bottomRight());
  QFont narrow = style.font;  // numbers as wide as their bars
  if (const double widest = metrics.horizontalAdvance(QStringLiteral("100")) + 3; widest > step) {
    narrow.setPixelSize(std::max(6, static_cast<int>(std::floor(QFontInfo(style.font).pixelSize() * step / widest))));
  }
  painter.setFont(narrow);
  for (size_t b = 0; b < group.bins->size(); ++b) {
    const RecallBin& bin = (*group.bins)[b];
    const QRectF whole(bars.left() + step * static_cast<double>(b) + 1.5, bars.top(), step - 3, bars.height());
    const double height = bin.recall() * bars.height();
    painter.fillRect(whole, style.colours.grid);
    painter.fillRect(QRectF(whole.left(), whole.bottom() - height, whole.width(), height), style.colours.series[0]);
    painter.setPen(bin.instances > 0 ? style.colours.text : style.colours.muted);
    painter.drawText(QRectF(whole.center().x() - step, bars.top() - line - 1, 2 * step, line), Qt::AlignCenter, bin.instances > 0 ? QString::number(std::lround(100.0 * bin.recall())) : QStringLiteral("–"));
    painter.setPen(style.colours.muted);
    painter.drawText(QRectF(whole.center().x() - step, bars.bottom() + 1, 2 * step, line), Qt::AlignCenter, upTo(bin));
  }
  painter.setPen(style.colours.muted);
  drawElided(painter, QRectF(place.left(), bars.bottom() + 1 + line, place.width(), line), Qt::AlignCenter, group.title, style.font);
}

void ErrorView::draw(QPainter& painter, const QRectF& place, const FigureStyle& style) const {
  const QFontMetricsF metrics(style.font);
  painter.setRenderHint(QPainter::Antialiasing, false);
  painter.setFont(style.font);
  drawKinds(painter, place, style);
  const auto all = groups();
  const QRectF first = groupPlace(place, style.font, 0);
  if (first.height() < 4 * metrics.height()) return;
  painter.setPen(style.colours.muted);
  drawElided(painter, QRectF(place.left(), first.top(), place.width(), metrics.height()), Qt::AlignLeft | Qt::AlignVCenter,
             tr("instances found, in %, by … up to"), style.font);
  for (size_t g = 0; g < all.size(); ++g) drawGroup(painter, groupPlace(place, style.font, g).adjusted(0, metrics.height() + 2, 0, 0), style, all[g]);
}

const RecallBin* ErrorView::binAt(QPointF position, QString* name) const {
  if (!profile_) return nullptr;
  const auto all = groups();
  for (size_t g = 0; g < all.size(); ++g) {
    const QRectF p = groupPlace(place(), screenStyle().font, g);
    if (!p.contains(position)) continue;
    *name = all[g].title;
    const auto count = static_cast<double>(all[g].bins->size());
    return &(*all[g].bins)[static_cast<size_t>(std::clamp(std::floor((position.x() - p.left()) / p.width() * count), 0.0, count - 1.0))];
  }
  return nullptr;
}

void ErrorView::mouseMoveEvent(QMouseEvent* event) {
  QString group;
  if (const auto kind = kindAt(event->position())) {
    const ErrorOfKind& error = profile_->errors[static_cast<size_t>(*kind)];
    Q_EMIT hovered(tr("%1: %2 of %3 predictions; without them the average normalised mAP of %4 would be %5 higher")
                       .arg(errorText(*kind)).arg(error.count).arg(profile_->predictions).arg(uiNumber(profile_->normalized_average_map, 3)).arg(uiNumber(error.gain, 4)));
  } else if (const RecallBin* bin = binAt(event->position(), &group)) {
    Q_EMIT hovered(tr("%1 above %2, up to %3: %4 of %5 instances found").arg(group).arg(bin->above).arg(upTo(*bin)).arg(bin->found).arg(bin->instances));
  } else {
    Q_EMIT hovered(QString());
  }
}

void ErrorView::mousePressEvent(QMouseEvent* event) {
  if (const auto kind = kindAt(event->position())) Q_EMIT kindChosen(static_cast<int>(*kind));
}

int64_t ErrorView::itemCount() const {
  if (!profile_) return 0;
  return static_cast<int64_t>(kDetectionErrors + profile_->coverage.size() + profile_->length.size() + profile_->instances.size());
}

QRectF ErrorView::itemPlace(int64_t item) const {
  auto at = static_cast<size_t>(item);
  if (at < kDetectionErrors) return rowOf(static_cast<DetectionError>(at));
  at -= kDetectionErrors;
  const auto all = groups();
  for (size_t g = 0; g < all.size(); at -= all[g].bins->size(), ++g) {
    if (at >= all[g].bins->size()) continue;
    const QRectF p = groupPlace(place(), screenStyle().font, g);
    const double width = p.width() / static_cast<double>(all[g].bins->size());
    return {p.left() + width * static_cast<double>(at), p.top(), width, p.height()};
  }
  return {};
}

std::string ErrorView::csv() const {
  std::string text = "part,name,count,share,gain\n";
  if (!profile_) return text;
  text += "predictions,true_positive," + std::to_string(profile_->true_positives) + "," + exactNumber(profile_->true_positive_share) + ",\n";
  for (size_t e = 0; e < kDetectionErrors; ++e) {
    const ErrorOfKind& error = profile_->errors[e];
    text += std::string("predictions,") + errorName(static_cast<DetectionError>(e)) + "," + std::to_string(error.count) + "," + exactNumber(error.share) + "," + exactNumber(error.gain) + "\n";
  }
  const std::pair<const char*, const std::vector<RecallBin>*> parts[] = {{"recall_by_coverage", &profile_->coverage}, {"recall_by_length", &profile_->length}, {"recall_by_instances", &profile_->instances}};
  for (const auto& [part, bins] : parts) {
    for (const RecallBin& bin : *bins) {
      text += std::string(part) + ",up to " + (std::isfinite(bin.up_to) ? exactNumber(bin.up_to) : std::string("inf")) + "," + std::to_string(bin.instances) + "," + exactNumber(bin.recall()) + ",\n";
    }
  }
  return text;
}

}  // namespace hvlm::ui
