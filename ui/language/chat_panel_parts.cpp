// SPDX-License-Identifier: GPL-3.0-or-later
// What the chat panel is made of, and what its parts say in each state.
#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QStackedWidget>
#include <QToolButton>
#include <QVBoxLayout>

#include "ui/language/backend_form.h"
#include "ui/language/chat_input.h"
#include "ui/language/chat_panel.h"
#include "ui/language/talk_view.h"
#include "ui/shell/elided_label.h"
#include "ui/shell/empty_state.h"
#include "ui/shell/notice_strip.h"
#include "ui/workspace.h"

namespace hvlm::ui {

void ChatPanel::makeWidgets(Prompts& prompts) {
  form_ = new BackendForm(prompts, this);
  notice_ = new NoticeStrip(this);
  title_ = new ElidedLabel(this, Qt::ElideMiddle);
  title_->setObjectName(QStringLiteral("chatTitle"));
  title_->setProperty("role", "title");
  clear_ = new QToolButton(this);
  clear_->setObjectName(QStringLiteral("chatClearButton"));
  clear_->setText(tr("Clear"));
  clear_->setToolTip(tr("Clear the talk about this video"));
  clear_->setAccessibleName(clear_->toolTip());
  view_ = new TalkView(this);
  hint_ = new QLabel(this);
  hint_->setObjectName(QStringLiteral("chatHint"));
  hint_->setProperty("role", "muted");
  hint_->setWordWrap(true);
  input_ = new ChatInput(this);
  input_->setObjectName(QStringLiteral("chatInput"));
  input_->setAccessibleName(tr("Question about the video"));
  input_->setPlaceholderText(tr("Ask about this video"));
  stop_ = new QPushButton(tr("Stop"), this);
  stop_->setObjectName(QStringLiteral("chatStopButton"));
  send_ = new QPushButton(tr("Send"), this);
  send_->setObjectName(QStringLiteral("chatSendButton"));
  send_->setProperty("primary", true);
  send_->setToolTip(tr("Send (Enter); Shift+Enter begins a new line"));
  auto* head = new QHBoxLayout;
  head->addWidget(title_, 1);
  head->addWidget(clear_);
  auto* foot = new QHBoxLayout;
  foot->addWidget(hint_, 1);
  foot->addWidget(stop_);
  foot->addWidget(send_);
  auto* talk = new QWidget;
  auto* parts = new QVBoxLayout(talk);
  parts->setContentsMargins(0, 0, 0, 0);
  parts->setSpacing(6);
  parts->addLayout(head);
  parts->addWidget(form_);
  parts->addWidget(view_, 1);
  parts->addWidget(input_);
  parts->addLayout(foot);
  for (QBoxLayout* row : {head, foot}) row->setSpacing(6);
  empty_ = new EmptyState(QString());
  pages_ = new QStackedWidget(this);
  pages_->addWidget(empty_);
  pages_->addWidget(talk);
  auto* column = new QVBoxLayout(this);
  column->setContentsMargins(8, 6, 8, 6);
  column->setSpacing(6);
  column->addWidget(notice_);
  column->addWidget(pages_, 1);
}

void ChatPanel::showState() {
  pages_->setCurrentIndex(ready() ? 1 : 0);
  if (!ready()) {
    const QString what = tr("Questions about a video are answered here: by the run's own heads, "
                            "or by a language model that reads what the run finds.");
    const bool no_data = !workspace_.data() && !workspace_.loading();
    QString why = tr("No data set is open.");
    if (workspace_.loading()) why = tr("Reading the data set …");
    else if (workspace_.data() && key().isEmpty()) why = tr("Choose a video of the data set.");
    else if (workspace_.data() && workspace_.run().isEmpty()) why = tr("No run is shown: choose one that was trained with text.");
    else if (workspace_.data()) why = tr("The engine is not connected to this window.");
    empty_->setText(what + QLatin1Char(' ') + why);
    empty_->setButton(no_data ? tr("Open data set…") : QString());
    if (!no_data) empty_->offer(key().isEmpty() ? lacking(workspace_, false) : lacking(workspace_, true));
    return;
  }
  title_->setText(tr("About %1").arg(workspace_.videoId()));
  const QString problem = backendProblem(form_->backend());
  stop_->setEnabled(busy());
  send_->setEnabled(!busy() && problem.isEmpty() && !inputText().trimmed().isEmpty());
  clear_->setEnabled(talk() && !talk()->entries().empty());
  if (busy()) hint_->setText(waitingShown() ? tr("Answering …") : tr("Answering about %1 …").arg(asked_video_));
  else hint_->setText(problem);
}

}  // namespace hvlm::ui
