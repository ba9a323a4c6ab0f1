// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/language/found_mark.h"

#include <QEvent>
#include <QPainter>
#include <algorithm>
#include <cmath>

#include "ui/language/hit_model.h"
#include "ui/style/text_size.h"
#include "ui/style/theme.h"
#include "ui/timeline/timeline_view.h"
#include "ui/workspace.h"

namespace hvlm::ui {

FoundMark::FoundMark(TimelineView& view, Workspace& workspace) : QWidget(&view), view_(view), workspace_(workspace) {
  setObjectName(QStringLiteral("foundMark"));
  setAttribute(Qt::WA_TransparentForMouseEvents);
  setAttribute(Qt::WA_NoSystemBackground);
  setFocusPolicy(Qt::NoFocus);
  setGeometry(view_.rect());
  hide();
  view_.installEventFilter(this);
  connect(&workspace_, &Workspace::videoChanged, this, [this] {
    if (workspace_.videoId() != video_) clear();
  });
}

void FoundMark::mark(double from_seconds, double to_seconds) {
  const double end = view_.content().duration_seconds;
  span_ = std::pair(std::clamp(from_seconds, 0.0, end), std::clamp(std::max(from_seconds, to_seconds), 0.0, end));
  video_ = workspace_.videoId();
  setAccessibleName(tr("Found: %1").arg(spanText(span_->first, span_->second)));
  setGeometry(view_.rect());
  show();
  raise();
  view_.update();
}

void FoundMark::clear() {
  span_.reset();
  video_.clear();
  hide();
}

bool FoundMark::eventFilter(QObject* watched, QEvent* event) {
  if (watched == &view_ && event->type() == QEvent::Resize) setGeometry(view_.rect());
  return QWidget::eventFilter(watched, event);
}

// Drawn anew with the view below it, whose zoom it follows.
void FoundMark::paintEvent(QPaintEvent*) {
  if (!span_ || view_.rows().empty()) return;
  const Tokens& t = tokens();
  const TimeScale& scale = view_.scale();
  QPainter painter(this);
  painter.scale(view_.drawnAt(), view_.drawnAt());
  painter.setFont(fontFor(view_.font(), view_.drawnAt()));
  const double lanes_end = scale.left + scale.width;
  const double shift = view_.headShift();  // whole video and time stay visible while the lanes scroll
  double top = view_.rows().front().top + shift;
  const double bottom = heightOf(view_.rows());
  for (const TimelineRow& row : view_.rows()) {
    if (row.kind == RowKind::kRuler) top = row.top + row.height + shift;  // the times and the cursor's flag stay readable
    if (row.kind != RowKind::kOverview) continue;  // where in the whole video, however far the lanes are zoomed in
    const double pixels = (scale.width - 1) / std::max(view_.content().duration_seconds, 1e-6);
    const double left = scale.left + span_->first * pixels, right = scale.left + span_->second * pixels;
    painter.fillRect(QRectF(left - 0.5, row.top + shift + row.height - 3, std::max(3.0, right - left), 3), t.accent);
  }
  const double from = scale.pixelAt(span_->first), to = std::max(scale.pixelAt(span_->second), from + 2.0);
  if (to < scale.left || from > lanes_end) return;
  const double left = std::max(from, static_cast<double>(scale.left)), right = std::min(to, lanes_end);
  painter.fillRect(QRectF(left, top, right - left, bottom - top), t.range);
  for (const double edge : {from, to}) {
    if (edge < scale.left || edge > lanes_end) continue;
    const double inward = edge == from ? 1.0 : -1.0, reach = std::min(5.0, (right - left) / 2);
    painter.fillRect(QRectF(edge - 0.75, top, 1.5, bottom - top), t.accent);
    for (const double y : {top, bottom - 1.5}) painter.fillRect(QRectF(std::min(edge, edge + inward * reach), y, reach, 1.5), t.accent);
  }
  // The word stands below the lanes; without room there, beside the flag of the cursor, which is at the beginning when the mark is new.
  const QString text = tr("found");
  const QFontMetricsF metrics(painter.font());
  const double width = metrics.horizontalAdvance(text) + 8, cursor = scale.pixelAt(view_.cursorSeconds());
  const double flag = metrics.horizontalAdvance(timeText(view_.cursorSeconds())) / 2 + 6;
  double at = std::clamp(left, static_cast<double>(scale.left), lanes_end - width);
  if (at < cursor + flag && at + width > cursor - flag) at = cursor + flag + width <= lanes_end ? cursor + flag : cursor - flag - width;
  const double height = metrics.height() + 1;
  const bool below = bottom + height <= this->height() / view_.drawnAt();
  const QRectF tag(below ? std::min(left, lanes_end - width) : at, below ? bottom : top - 20, width, height);
  painter.fillRect(tag, t.accent);
  painter.setPen(t.on_accent);
  painter.drawText(tag, Qt::AlignCenter, text);
}

}  // namespace hvlm::ui
