// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QAbstractListModel>
#include <QStyledItemDelegate>
#include <vector>

#include "jobs/language.h"

namespace hvlm::ui {

class Thumbnails;

// What a search has found, best first: videos, or moments in them.
class HitModel : public QAbstractListModel {
  Q_OBJECT
 public:
  enum Role { kSpan = Qt::UserRole, kSimilarity };
  HitModel(Thumbnails& thumbnails, QObject* parent = nullptr);
  void setHits(std::vector<RetrievalHit> hits);
  const RetrievalHit* hitAt(int row) const;
  int rowCount(const QModelIndex& parent = {}) const override;
  QVariant data(const QModelIndex& index, int role) const override;

 private:
  Thumbnails& thumbnails_;
  std::vector<RetrievalHit> hits_;
};

// "01:05 – 01:12"
QString spanText(double from_seconds, double to_seconds);

// A row: picture, id above its span, the similarity as a number above a bar (0 is empty, 1 is full).
class HitDelegate : public QStyledItemDelegate {
  Q_OBJECT
 public:
  using QStyledItemDelegate::QStyledItemDelegate;
  void setDimmed(bool dimmed) { dimmed_ = dimmed; }  // a newer search is under way
  QSize sizeHint(const QStyleOptionViewItem& option, const QModelIndex& index) const override;
  void paint(QPainter* painter, const QStyleOptionViewItem& option, const QModelIndex& index) const override;

 private:
  bool dimmed_ = false;
};

}  // namespace hvlm::ui
