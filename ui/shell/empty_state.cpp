// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/empty_state.h"

#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>

namespace hvlm::ui {

EmptyState::EmptyState(const QString& text, const QString& button, QWidget* parent) : QWidget(parent) {
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(12, 12, 12, 12);
  column->setSpacing(8);
  label_ = new QLabel(text, this);
  label_->setProperty("role", "muted");
  label_->setWordWrap(true);
  label_->setAlignment(Qt::AlignCenter);
  button_ = new QPushButton(button, this);
  button_->setObjectName(QStringLiteral("emptyStateButton"));
  button_->setVisible(!button.isEmpty());
  column->addStretch(1);
  column->addWidget(label_);
  column->addWidget(button_, 0, Qt::AlignHCenter);
  column->addStretch(1);
  connect(button_, &QPushButton::clicked, this, &EmptyState::pressed);
}

void EmptyState::setText(const QString& text) { label_->setText(text); }

void EmptyState::setButton(const QString& text) {
  button_->setText(text);
  button_->setVisible(!text.isEmpty());
}

QString EmptyState::text() const { return label_->text(); }

}  // namespace hvlm::ui
