// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/language/talk.h"

#include <QJsonArray>
#include <QJsonValue>

#include "support/error.h"
#include "ui/text.h"

namespace hvlm::ui {

void Talk::ask(const QString& question) {
  conversation_.append("user", stdText(question));
  entries_.push_back({TalkEntry::kQuestion, question, {}});
}

void Talk::answer(const QString& text, const QString& by) {
  conversation_.append("assistant", stdText(text));
  entries_.push_back({TalkEntry::kAnswer, text, by});
}

QString Talk::fail(const QString& message, const QString& partial) {
  const QString question = qText(conversation_.takeBackQuestion());
  if (!entries_.empty() && entries_.back().kind == TalkEntry::kQuestion && partial.isEmpty()) entries_.pop_back();
  if (!partial.isEmpty()) entries_.push_back({TalkEntry::kBrokenOff, partial, {}});
  entries_.push_back({TalkEntry::kError, message, {}});
  return question;
}

QString Talk::stop(const QString& partial, const QString& by) {
  if (!partial.trimmed().isEmpty()) {
    answer(partial, by);
    note(uiText("Stopped."));
    return {};
  }
  const QString question = qText(conversation_.takeBackQuestion());
  if (!entries_.empty() && entries_.back().kind == TalkEntry::kQuestion) entries_.pop_back();
  note(uiText("Stopped."));
  return question;
}

void Talk::note(const QString& text) { entries_.push_back({TalkEntry::kNote, text, {}}); }

void Talk::clear() {
  conversation_.clear();
  entries_.clear();
}

QJsonObject Talk::json() const {
  Conversation answered = conversation_;
  const bool waits = !answered.takeBackQuestion().empty();
  QJsonArray shown, messages;
  for (size_t i = 0; i < entries_.size(); ++i) {
    const TalkEntry& entry = entries_[i];
    if (waits && i + 1 == entries_.size() && entry.kind == TalkEntry::kQuestion) break;
    shown.append(QJsonObject{{"kind", static_cast<int>(entry.kind)}, {"text", entry.text}, {"by", entry.by}});
  }
  for (const ChatMessage& message : answered.messages()) messages.append(QJsonObject{{"role", qText(message.role)}, {"content", qText(message.content)}});
  return {{"system", qText(conversation_.system())}, {"shown", shown}, {"messages", messages}};
}

Talk Talk::fromJson(const QJsonObject& json) {
  Talk talk;
  talk.conversation_.setSystem(stdText(json["system"].toString()));
  const QJsonArray messages = json["messages"].toArray(), shown = json["shown"].toArray();
  for (const QJsonValue& message : messages) talk.conversation_.append(stdText(message["role"].toString()), stdText(message["content"].toString()));
  for (const QJsonValue& entry : shown) {
    const int kind = entry["kind"].toInt(-1);
    if (kind < TalkEntry::kQuestion || kind > TalkEntry::kError) {
      throw InputError({.where = "talks.json", .expected = "entries of a known kind", .found = std::to_string(kind), .remedy = ""});
    }
    talk.entries_.push_back({static_cast<TalkEntry::Kind>(kind), entry["text"].toString(), entry["by"].toString()});
  }
  return talk;
}

QString Talk::take(Conversation loaded) {
  conversation_ = std::move(loaded);
  const QString unanswered = qText(conversation_.takeBackQuestion());
  entries_.clear();
  for (const ChatMessage& message : conversation_.messages()) {
    entries_.push_back({message.role == "user" ? TalkEntry::kQuestion : TalkEntry::kAnswer, qText(message.content), {}});
  }
  return unanswered;
}

}  // namespace hvlm::ui
