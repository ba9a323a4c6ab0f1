// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/notice_strip.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QVBoxLayout>
#include <QLabel>
#include <QStyle>
#include <QToolButton>

#include "support/version.h"
#include "ui/style/icons.h"
#include "ui/style/theme.h"
#include "ui/text.h"

namespace hvlm::ui {

NoticeStrip::NoticeStrip(QWidget* parent) : QFrame(parent) {
  setObjectName(QStringLiteral("notice"));
  setAccessibleName(tr("Message"));
  auto* row = new QHBoxLayout(this);
  row->setContentsMargins(8, 4, 4, 4);
  row->setSpacing(6);
  icon_ = new QLabel(this);
  label_ = new QLabel(this);
  label_->setWordWrap(true);
  label_->setTextInteractionFlags(Qt::TextSelectableByMouse | Qt::TextSelectableByKeyboard);
  label_->setTextFormat(Qt::PlainText);
  label_->setMinimumWidth(60);
  copy_ = new QToolButton(this);
  copy_->setIcon(icon("copy", IconTone::kMuted));
  copy_->setToolTip(tr("Copy with version"));
  copy_->setAccessibleName(tr("Copy message"));
  close_ = new QToolButton(this);
  close_->setObjectName(QStringLiteral("noticeCloseButton"));
  close_->setIcon(icon("close", IconTone::kMuted));
  close_->setToolTip(tr("Close"));
  close_->setAccessibleName(tr("Close message"));
  // Buttons stand below the words, so that they keep their width in a narrow panel.
  words_ = new QVBoxLayout;
  words_->setSpacing(4);
  words_->addWidget(label_);
  row->addWidget(icon_, 0, Qt::AlignTop);
  row->addLayout(words_, 1);
  row->addWidget(copy_, 0, Qt::AlignTop);
  row->addWidget(close_, 0, Qt::AlignTop);
  connect(close_, &QToolButton::clicked, this, &NoticeStrip::clear);
  connect(copy_, &QToolButton::clicked, this, [this] {
    QGuiApplication::clipboard()->setText(text() + QStringLiteral("\n") +
                                          tr("HierarchicalVLM Workbench %1 (%2)").arg(qText(versionText()), qText(revisionText())));
  });
  connect(&Theme::instance(), &Theme::changed, this, &NoticeStrip::recolour);
  hide();
}

void NoticeStrip::show(NoticeLevel level, const QString& text, const QString& action, std::function<void()> act) {
  std::vector<NoticeAction> actions;
  if (!action.isEmpty()) actions.push_back({action, std::move(act)});
  show(level, text, actions);
}

void NoticeStrip::show(NoticeLevel level, const QString& text, const std::vector<NoticeAction>& actions) {
  level_ = level;
  label_->setText(text);
  removeActions();
  for (const NoticeAction& action : actions) {
    auto* button = new QToolButton(this);
    button->setObjectName(QStringLiteral("noticeActionButton"));
    button->setToolButtonStyle(Qt::ToolButtonTextOnly);
    button->setText(action.text);
    words_->addWidget(button, 0, Qt::AlignLeft);
    button->show();  // also where the strip is seen already
    connect(button, &QToolButton::clicked, this, [this, act = action.act] {
      const auto kept = act;  // the button is on its way out
      clear();
      if (kept) kept();
    });
    actions_.push_back(button);
  }
  setAccessibleDescription(text);
  recolour();
  setVisible(true);
}

void NoticeStrip::clear() {
  label_->clear();
  removeActions();
  hide();
}

void NoticeStrip::removeActions() {
  for (QToolButton* button : std::exchange(actions_, {})) {
    words_->removeWidget(button);
    disconnect(button, nullptr, this, nullptr);
    button->hide();
    button->setParent(nullptr);
    button->deleteLater();
  }
}

QString NoticeStrip::text() const { return label_->text(); }

void NoticeStrip::recolour() {
  static constexpr const char* kNames[] = {"info", "good", "warning", "bad"};
  static constexpr IconTone kTones[] = {IconTone::kAccent, IconTone::kGood, IconTone::kWarning, IconTone::kBad};
  const auto index = static_cast<size_t>(level_);
  icon_->setPixmap(icon(kNames[index], kTones[index]).pixmap(16, 16));
  setProperty("level", QLatin1String(kNames[index]));
  style()->unpolish(this);
  style()->polish(this);
}

}  // namespace hvlm::ui
