// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QTextBrowser>

namespace hvlm::ui {

class Talk;
struct TalkEntry;

// Questions, answers and what went wrong, one below the other. Everything is drawn as plain text, whatever a model writes; moments in
// answers are links, for the mouse and for the keyboard (Tab, Enter). GUI thread.
class TalkView : public QTextBrowser {
  Q_OBJECT
 public:
  explicit TalkView(QWidget* parent = nullptr);
  void showTalk(const Talk& talk);       // as it stands; ends an answer that was being written
  void beginAnswer(const QString& by);   // its pieces follow
  void addPiece(const QString& text);

 Q_SIGNALS:
  void momentChosen(double from_seconds, double to_seconds);

 protected:
  QVariant loadResource(int, const QUrl&) override { return {}; }  // nothing is ever fetched

 private:
  void add(const TalkEntry& entry, double duration_seconds);
  QTextCursor frame(const TalkEntry& entry, const QString& role);
  void addAnswer(QTextCursor& cursor, const QString& text, double duration_seconds);
  bool atEnd() const;
  void toEnd();

  QTextCursor answer_;  // the end of the answer being written
};

}  // namespace hvlm::ui
