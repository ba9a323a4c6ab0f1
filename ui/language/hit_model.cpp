// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/language/hit_model.h"

#include <QApplication>
#include <QImage>
#include <QPainter>
#include <QPainterPath>
#include <algorithm>
#include <cmath>

#include "language/conversation.h"
#include "ui/style/theme.h"
#include "ui/text.h"
#include "ui/videos/thumbnails.h"

namespace hvlm::ui {
namespace {

constexpr int kPadding = 6;
constexpr int kPictureWidth = 44;
constexpr int kBarWidth = 44;

QFont small(const QFont& font) {
  QFont smaller = font;
  smaller.setPointSizeF(font.pointSizeF() * 0.9);
  return smaller;
}

}  // namespace

QString spanText(double from_seconds, double to_seconds) {
  // A part of a second at the end still belongs to the span.
  return QStringLiteral("%1 – %2").arg(qText(momentText(from_seconds)), qText(momentText(std::ceil(to_seconds - 1e-6))));
}

HitModel::HitModel(Thumbnails& thumbnails, QObject* parent) : QAbstractListModel(parent), thumbnails_(thumbnails) {
  connect(&thumbnails_, &Thumbnails::arrived, this, [this](const QString& id) {
    for (int row = 0; row < rowCount(); ++row) {
      if (qText(hits_[static_cast<size_t>(row)].video) == id) Q_EMIT dataChanged(index(row), index(row), {Qt::DecorationRole});
    }
  });
}

void HitModel::setHits(std::vector<RetrievalHit> hits) {
  beginResetModel();
  hits_ = std::move(hits);
  endResetModel();
}

const RetrievalHit* HitModel::hitAt(int row) const { return row >= 0 && row < rowCount() ? &hits_[static_cast<size_t>(row)] : nullptr; }

int HitModel::rowCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : static_cast<int>(hits_.size()); }

QVariant HitModel::data(const QModelIndex& index, int role) const {
  const RetrievalHit* hit = index.isValid() ? hitAt(index.row()) : nullptr;
  if (!hit) return {};
  const QString id = qText(hit->video), span = spanText(hit->start_seconds, hit->end_seconds);
  const QString number = uiNumber(hit->similarity, 3);
  switch (role) {
    case Qt::DisplayRole: return id;
    case Qt::DecorationRole: return thumbnails_.expected(id) ? QVariant(thumbnails_.of(id)) : QVariant();
    case Qt::ToolTipRole: return tr("%1 · %2 · cosine similarity %3").arg(id, span, number);
    case Qt::AccessibleTextRole: return tr("%1, %2, similarity %3").arg(id, span, number);
    case kSpan: return span;
    case kSimilarity: return hit->similarity;
    default: return {};
  }
}

QSize HitDelegate::sizeHint(const QStyleOptionViewItem& option, const QModelIndex&) const {
  const int lines = option.fontMetrics.height() + QFontMetrics(small(option.font)).height() + 3;
  return {160, std::max(Thumbnails::kHeight, lines) + 2 * 3};
}

void HitDelegate::paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const {
  const Tokens& t = tokens();
  const bool chosen = option.state.testFlag(QStyle::State_Selected);
  const QColor ink = chosen ? t.on_accent : t.text, quiet = chosen ? t.on_accent : t.muted;
  painter->save();
  painter->setClipRect(option.rect);
  if (chosen) painter->fillRect(option.rect, t.accent);
  else if (option.state.testFlag(QStyle::State_MouseOver)) painter->fillRect(option.rect, t.raised);
  if (dimmed_) painter->setOpacity(0.55);
  QRect room = option.rect.adjusted(kPadding, 3, -kPadding, -3);
  const QVariant picture = index.data(Qt::DecorationRole);
  if (picture.isValid()) {
    const QRect place(room.left(), room.center().y() - Thumbnails::kHeight / 2, kPictureWidth, Thumbnails::kHeight);
    const QImage image = picture.value<QImage>();
    if (image.isNull()) {
      painter->fillRect(place, t.grid);
    } else {
      const QSize fitted = image.size().scaled(place.size(), Qt::KeepAspectRatio);
      painter->setRenderHint(QPainter::SmoothPixmapTransform);
      painter->drawImage(QRect(place.center() - QPoint(fitted.width() / 2, fitted.height() / 2), fitted), image);
    }
    room.setLeft(place.right() + 1 + kPadding);
  }
  const double similarity = index.data(HitModel::kSimilarity).toDouble();
  const QFont less = small(option.font);
  const int upper = option.fontMetrics.height(), lower = QFontMetrics(less).height();
  const int top = room.center().y() - (upper + lower + 3) / 2;
  const QRect right(room.right() - kBarWidth + 1, top, kBarWidth, upper);
  const QRect left(room.left(), top, right.left() - room.left() - kPadding, upper);
  painter->setFont(option.font);
  painter->setPen(ink);
  painter->drawText(right, Qt::AlignRight | Qt::AlignVCenter, uiNumber(similarity, 2));
  const QString id = option.fontMetrics.elidedText(index.data().toString(), Qt::ElideMiddle, left.width());
  painter->drawText(left, Qt::AlignLeft | Qt::AlignVCenter, id);
  painter->setFont(less);
  painter->setPen(quiet);
  const QRect below(left.left(), top + upper + 3, left.width(), lower);
  painter->drawText(below, Qt::AlignLeft | Qt::AlignVCenter, index.data(HitModel::kSpan).toString());
  const QRectF bar(right.left(), top + upper + 3 + lower / 2.0 - 1.5, kBarWidth, 3.0);
  painter->fillRect(bar, chosen ? QColor(t.on_accent.red(), t.on_accent.green(), t.on_accent.blue(), 80) : t.border);
  const double share = std::isfinite(similarity) ? std::clamp(similarity, 0.0, 1.0) : 0.0;
  painter->fillRect(QRectF(bar.left(), bar.top(), bar.width() * share, bar.height()), chosen ? t.on_accent : t.accent);
  painter->restore();
}

}  // namespace hvlm::ui
