// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/language/talk.h"

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
