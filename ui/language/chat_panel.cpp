// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/language/chat_panel.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QPushButton>
#include <QStackedWidget>
#include <QToolButton>

#include "support/error.h"
#include "ui/language/backend_form.h"
#include "ui/language/chat_input.h"
#include "ui/language/talk_view.h"
#include "ui/shell/background.h"
#include "ui/shell/empty_state.h"
#include "ui/shell/notice_strip.h"
#include "ui/shell/prompts.h"
#include "ui/style/theme.h"
#include "ui/text.h"
#include "ui/workspace.h"

namespace hvlm::ui {

ChatPanel::ChatPanel(Workspace& workspace, Prompts& prompts, QWidget* parent)
    : QWidget(parent), workspace_(workspace), prompts_(prompts) {
  setObjectName(QStringLiteral("chatPanel"));
  makeWidgets(prompts);
  connect(empty_, &EmptyState::pressed, this, &ChatPanel::openDataAsked);
  connect(form_, &BackendForm::changed, this, &ChatPanel::showState);
  connect(clear_, &QToolButton::clicked, this, &ChatPanel::clear);
  connect(send_, &QPushButton::clicked, this, &ChatPanel::send);
  connect(stop_, &QPushButton::clicked, this, &ChatPanel::stop);
  connect(input_, &ChatInput::submitted, this, &ChatPanel::send);
  connect(input_, &ChatInput::textChanged, this, &ChatPanel::showState);
  connect(view_, &TalkView::momentChosen, this, [this](double from, double to) { Q_EMIT momentChosen(workspace_.videoId(), from, to); });
  connect(&Theme::instance(), &Theme::changed, this, &ChatPanel::showTalk);
  for (const auto say : {&Workspace::dataChanged, &Workspace::videoChanged}) connect(&workspace_, say, this, &ChatPanel::showTalk);
  for (const auto say : {&Workspace::runChanged, &Workspace::loadingChanged}) connect(&workspace_, say, this, &ChatPanel::showState);
  connect(&answerer_, &Answerer::systemMade, this, [this](const QString& text) {
    if (Talk* talk = waiting()) talk->conversation().setSystem(stdText(text));
  });
  connect(&answerer_, &Answerer::pieceArrived, this, [this](const QString& text) {
    if (heard_.isEmpty() && waitingShown()) view_->beginAnswer(asked_by_);
    heard_ += text;
    if (waitingShown()) view_->addPiece(text);
  });
  connect(&answerer_, &Answerer::answered, this, [this](const QString& text, const QString& by) {
    if (Talk* talk = waiting()) talk->answer(text, by);
    used(asked_key_);
    showTalk();
  });
  connect(&answerer_, &Answerer::failed, this, [this](const QString& message) {
    if (Talk* talk = waiting()) giveBack(talk->fail(message, heard_.trimmed()));
    used(asked_key_);
    showTalk();
  });
  showTalk();
}

void ChatPanel::setRunner(JobRunner* runner) {
  if (!runner) stop();
  answerer_.setRunner(runner);
  showState();
}

void ChatPanel::focusInput() {
  if (ready()) input_->setFocus(Qt::ShortcutFocusReason);
}

QString ChatPanel::inputText() const { return input_->toPlainText(); }
QString ChatPanel::stateText() const { return pages_->currentIndex() == 0 ? empty_->text() : QString(); }

QString ChatPanel::key() const {
  return workspace_.video() ? workspace_.data()->file + QLatin1Char('\n') + workspace_.videoId() : QString();
}

bool ChatPanel::ready() const { return !key().isEmpty() && !workspace_.run().isEmpty() && answerer_.canAsk(); }

const Talk* ChatPanel::talk() const {
  const auto found = talks_.find(key());
  return found == talks_.end() ? nullptr : &found->second;
}

Talk& ChatPanel::current() {
  Talk& talk = talks_[key()];
  talk.setDuration(workspace_.video()->duration_seconds);
  return talk;
}

Talk* ChatPanel::waiting() {
  const auto found = talks_.find(asked_key_);
  return found == talks_.end() ? nullptr : &found->second;
}

void ChatPanel::send() {
  const QString question = inputText().trimmed();
  const Backend backend = form_->backend();
  if (question.isEmpty() || busy() || !ready() || !backendProblem(backend).isEmpty()) return;
  Talk& talk = current();
  talk.ask(question);
  used(key());
  input_->clear();
  asked_key_ = key();
  asked_video_ = workspace_.videoId();
  asked_by_ = backendName(backend);
  heard_.clear();
  EvidenceSpec about;
  about.run_folder = stdText(workspace_.run());
  about.data = stdText(workspace_.data()->file);
  about.video = stdText(asked_video_);
  answerer_.ask(backend, about, talk.conversation());
  showTalk();
}

void ChatPanel::stop() {
  if (!busy()) return;
  answerer_.stop();
  if (Talk* talk = waiting()) giveBack(talk->stop(heard_.trimmed(), asked_by_));
  used(asked_key_);
  showTalk();
}

// A question without an answer comes back into the input, before what has been typed since.
void ChatPanel::giveBack(const QString& question) {
  if (question.isEmpty()) return;
  const QString typed = inputText();
  input_->setPlainText(typed.isEmpty() ? question : question + QLatin1Char('\n') + typed);
  input_->moveCursor(QTextCursor::End);
}

void ChatPanel::clear() {
  if (key().isEmpty()) return;
  if (busy() && waitingShown()) stop();
  current().clear();
  used(key());
  showTalk();
}

void ChatPanel::used(const QString& key) {
  last_used_.removeAll(key);
  last_used_.append(key);
  Q_EMIT talksChanged();
}

QByteArray ChatPanel::talksJson() const {
  QJsonArray talks;
  qsizetype bytes = 0;
  for (auto key = last_used_.crbegin(); key != last_used_.crend() && talks.size() < kMostTalks; ++key) {
    const auto found = talks_.find(*key);
    if (found == talks_.end() || found->second.entries().empty()) continue;
    QJsonObject talk = found->second.json();
    talk.insert("about", *key);
    bytes += QJsonDocument(talk).toJson(QJsonDocument::Compact).size();
    if (bytes > kMostBytes) break;
    talks.prepend(talk);
  }
  return QJsonDocument(QJsonObject{{"version", 1}, {"talks", talks}}).toJson(QJsonDocument::Compact);
}

void ChatPanel::restoreTalks(const QByteArray& json) {
  const QJsonDocument document = QJsonDocument::fromJson(json);
  if (document["version"].toInt() != 1) throw InputError({.where = "talks.json", .expected = "talks of version 1", .found = stdText(QString::fromUtf8(json.left(40))), .remedy = ""});
  const QJsonArray talks = document["talks"].toArray();
  QStringList before;
  for (const QJsonValue& each : talks) {
    const QString key = each["about"].toString();
    if (key.isEmpty() || last_used_.contains(key)) continue;
    talks_.insert_or_assign(key, Talk::fromJson(each.toObject()));
    before.append(key);
  }
  last_used_ = before + last_used_;
  showTalk();
}

void ChatPanel::saveTalk() {
  const Talk* now = talk();
  if (!now || now->conversation().messages().empty()) {
    notice_->show(NoticeLevel::kInfo, tr("There is no talk about a video to save yet."));
    return;
  }
  const QString name = workspace_.videoId() + QStringLiteral("-talk.json");
  const QString file = prompts_.saveFile(this, tr("Save the talk"), name, tr("Talks (*.json)"));
  if (file.isEmpty()) return;
  inBackground(this, [file, conversation = now->conversation()] { conversation.save(pathOf(file)); },
               [this, file] { notice_->show(NoticeLevel::kGood, tr("The talk was saved as %1.").arg(file)); },
               [this](const QString& message) { notice_->show(NoticeLevel::kBad, message); });
}

void ChatPanel::loadTalk() {
  if (key().isEmpty() || busy()) {
    const QString why = busy() ? tr("An answer is under way: stop it or wait for it.")
                               : tr("Choose the video that the talk is about first.");
    notice_->show(NoticeLevel::kInfo, why);
    return;
  }
  const QString file = prompts_.openFile(this, tr("Load a talk"), tr("Talks (*.json);;All files (*)"));
  if (file.isEmpty()) return;
  inBackground(
      this, [file] { return Conversation::load(pathOf(file)); },
      [this, wanted = key()](Conversation loaded) {
        if (wanted != key() || busy()) return;
        notice_->clear();
        giveBack(current().take(std::move(loaded)));
        used(key());
        showTalk();
      },
      [this](const QString& message) { notice_->show(NoticeLevel::kBad, message); });
}

void ChatPanel::showTalk() {
  if (!key().isEmpty()) {
    view_->showTalk(current());
    if (busy() && waitingShown() && !heard_.isEmpty()) {
      view_->beginAnswer(asked_by_);
      view_->addPiece(heard_);
    }
  }
  showState();
}

}  // namespace hvlm::ui
