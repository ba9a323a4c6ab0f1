// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/empty_state.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QLabel>
#include <QPushButton>
#include <QVBoxLayout>

#include "ui/text.h"
#include "ui/workspace.h"

namespace hvlm::ui {

EmptyAsk lacking(const Workspace& workspace, bool needs_run) {
  if (workspace.loading()) return EmptyAsk::kNothing;
  if (needs_run && workspace.run().isEmpty()) return EmptyAsk::kRuns;
  if (!workspace.data()) return EmptyAsk::kData;
  return workspace.video() ? EmptyAsk::kNothing : EmptyAsk::kVideos;
}

QString lackingText(EmptyAsk ask) {
  switch (ask) {
    case EmptyAsk::kData: return uiText("No data set is open.");
    case EmptyAsk::kRuns: return uiText("No run is shown.");
    case EmptyAsk::kVideos: return uiText("No video is chosen.");
    case EmptyAsk::kNothing: break;
  }
  return {};
}

EmptyState::EmptyState(const QString& text, const QString& button, QWidget* parent) : QWidget(parent) {
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(12, 12, 12, 12);
  column->setSpacing(8);
  label_ = new QLabel(text, this);
  label_->setProperty("role", "muted");
  label_->setWordWrap(true);
  label_->setAlignment(Qt::AlignCenter);
  label_->setTextFormat(Qt::PlainText);
  label_->setTextInteractionFlags(Qt::TextSelectableByMouse);
  button_ = new QPushButton(button, this);
  button_->setObjectName(QStringLiteral("emptyStateButton"));
  button_->setVisible(!button.isEmpty());
  column->addStretch(1);
  column->addWidget(label_);
  column->addWidget(button_, 0, Qt::AlignHCenter);
  column->addStretch(1);
  connect(button_, &QPushButton::clicked, this, [this] {
    if (ask_ == EmptyAsk::kNothing) Q_EMIT pressed();
    else Q_EMIT asked(ask_);
  });
}

void EmptyState::setText(const QString& text) { label_->setText(text); }

void EmptyState::setButton(const QString& text) {
  ask_ = EmptyAsk::kNothing;
  button_->setText(text);
  button_->setVisible(!text.isEmpty());
}

void EmptyState::offer(EmptyAsk ask) {
  setButton(ask == EmptyAsk::kData ? tr("Open data set…") : ask == EmptyAsk::kRuns ? tr("Open runs…") : ask == EmptyAsk::kVideos ? tr("Choose a video") : QString());
  ask_ = ask;
}

void EmptyState::setCopy(const QString& button, const QString& text) {
  copied_ = text;
  if (!copy_ && button.isEmpty()) return;
  if (!copy_) {
    copy_ = new QPushButton(this);
    copy_->setObjectName(QStringLiteral("emptyStateCopyButton"));
    auto* column = qobject_cast<QVBoxLayout*>(layout());
    column->insertWidget(column->count() - 1, copy_, 0, Qt::AlignHCenter);
    connect(copy_, &QPushButton::clicked, this, [this] { QGuiApplication::clipboard()->setText(copied_); });
  }
  copy_->setText(button);
  copy_->setVisible(!button.isEmpty());
}

QString EmptyState::text() const { return label_->text(); }

}  // namespace hvlm::ui
