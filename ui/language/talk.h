// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QJsonObject>
#include <QString>
#include <vector>

#include "language/conversation.h"

namespace hvlm::ui {

// What is shown of a talk: beside questions and answers also what went wrong, which no model gets to read.
struct TalkEntry {
  enum Kind { kQuestion, kAnswer, kBrokenOff, kNote, kError };
  Kind kind = kQuestion;
  QString text;
  QString by;  // who answered, with how sure and how long
};

// The talk about one video, with a question that may be waiting for its answer. A plain value.
class Talk {
 public:
  explicit Talk(double duration_seconds = 0.0) : duration_(duration_seconds) {}
  double durationSeconds() const { return duration_; }
  void setDuration(double seconds) { duration_ = seconds; }
  const std::vector<TalkEntry>& entries() const { return entries_; }
  Conversation& conversation() { return conversation_; }
  const Conversation& conversation() const { return conversation_; }

  void ask(const QString& question);
  void answer(const QString& text, const QString& by);
  // No answer: says why and gives the question back. What had come of one stays on screen only.
  QString fail(const QString& message, const QString& partial);
  // The user has heard enough: what had come is the answer; without any, the question comes back.
  QString stop(const QString& partial, const QString& by);
  void note(const QString& text);
  void clear();
  // Takes a saved talk in place of this one; returns its last question when that has no answer.
  QString take(Conversation loaded);
  // What is kept over sessions: all that is shown, and what a model gets to read. A question without its answer is left out.
  QJsonObject json() const;
  static Talk fromJson(const QJsonObject& json);  // throws InputError

 private:
  double duration_ = 0.0;
  Conversation conversation_;
  std::vector<TalkEntry> entries_;
};

}  // namespace hvlm::ui
