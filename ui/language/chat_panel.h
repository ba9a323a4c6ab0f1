// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QWidget>
#include <map>

#include "ui/language/answerer.h"
#include "ui/language/talk.h"

class QLabel;
class QPushButton;
class QStackedWidget;
class QToolButton;

namespace hvlm::ui {

class BackendForm;
class ChatInput;
class ElidedLabel;
class EmptyState;
class NoticeStrip;
class Prompts;
class TalkView;
class Workspace;

// Questions about the chosen video. One talk a video, kept by whoever owns this; an answer that is under way goes into the talk it
// was asked in, whatever is chosen meanwhile. GUI thread.
class ChatPanel : public QWidget {
  Q_OBJECT
 public:
  ChatPanel(Workspace& workspace, Prompts& prompts, QWidget* parent = nullptr);
  void setRunner(JobRunner* runner);  // outlives the panel or is taken back with null
  void focusInput();
  void send();
  void stop();
  void clear();
  void saveTalk();
  void loadTalk();
  // The talks, the last used ones first to be kept: at most kMostTalks of them and kMostBytes. A talk that is here already is not replaced.
  static constexpr qsizetype kMostTalks = 100, kMostBytes = 4 << 20;
  QByteArray talksJson() const;
  void restoreTalks(const QByteArray& json);  // throws InputError
  bool busy() const { return answerer_.busy(); }
  const Talk* talk() const;           // of the chosen video, if there is one
  QString inputText() const;
  QString stateText() const;          // of the page that is shown without a talk
  BackendForm& form() { return *form_; }
  TalkView* view() { return view_; }
  NoticeStrip* notice() { return notice_; }

 Q_SIGNALS:
  void momentChosen(const QString& video, double from_seconds, double to_seconds);
  void openDataAsked();
  void talksChanged();

 private:
  void makeWidgets(Prompts& prompts);  // chat_panel_parts.cpp
  QString key() const;                // of the talk about the chosen video; empty without one
  bool ready() const;                 // there is a video, a run and an engine
  Talk& current();
  Talk* waiting();                    // the one whose question is being answered
  bool waitingShown() const { return key() == asked_key_; }
  void giveBack(const QString& question);
  void showTalk();
  void showState();                   // chat_panel_parts.cpp

  Workspace& workspace_;
  Prompts& prompts_;
  Answerer answerer_;
  void used(const QString& key);
  std::map<QString, Talk> talks_;
  QStringList last_used_;             // keys of talks_, the last used at the end
  QString asked_key_, asked_video_, asked_by_, heard_;  // of the question being answered
  NoticeStrip* notice_;
  BackendForm* form_;
  ElidedLabel* title_;
  QToolButton* clear_;
  QStackedWidget* pages_;
  EmptyState* empty_;
  TalkView* view_;
  QLabel* hint_;
  ChatInput* input_;
  QPushButton *send_, *stop_;
};

}  // namespace hvlm::ui
