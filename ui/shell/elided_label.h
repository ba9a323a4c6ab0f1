// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QLabel>

namespace hvlm::ui {

// One line that ends in … when there is no room; the whole is in the tool tip.
class ElidedLabel : public QLabel {
  Q_OBJECT
 public:
  explicit ElidedLabel(QWidget* parent = nullptr, Qt::TextElideMode mode = Qt::ElideRight);
  QSize minimumSizeHint() const override;
  void setText(const QString& text);

 protected:
  void paintEvent(QPaintEvent* event) override;

 private:
  Qt::TextElideMode mode_;
};

}  // namespace hvlm::ui
