// SPDX-License-Identifier: GPL-3.0-or-later
// Talks about videos outlast the session: what is kept of one, how many, and that the window takes them up again.
#include <QSignalSpy>
#include <fstream>

#include "support/atomic_file.h"
#include "support/error.h"
#include "ui/language/chat_panel.h"
#include "ui/language/talk.h"
#include "ui/log/log_panel.h"
#include "ui/shell/action_list.h"
#include "ui/shell/session.h"
#include "ui/shell/workers.h"
#include "ui/window/main_window.h"
#include "ui_fixtures.h"

using namespace hvlm;
using namespace hvlm::ui;
using namespace hvlm::ui::testing;

namespace {

constexpr int kLong = 30000;  // ms; an upper bound for a state that must come

Talk answeredTalk() {
  Talk talk;
  talk.conversation().setSystem("You see a video.");
  talk.ask("What happens?");
  talk.answer("Somebody shoots [00:05].", "rules, 0.9");
  talk.note("Stopped.");
  return talk;
}

QByteArray talksOf(const QJsonArray& talks) { return QJsonDocument(QJsonObject{{"version", 1}, {"talks", talks}}).toJson(); }

}  // namespace

class TestTalks : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void initTestCase() { data_ = makeSynth(box_); }
  void aTalkIsKeptWhole();
  void aWaitingQuestionIsLeftOut();
  void onlySomeAreKept();
  void whatIsHereIsNotReplaced();
  void aDamagedFileIsRefused();
  void theWindowTakesThemUp();
  void theWindowKeepsThem();

 private:
  Sandbox box_;
  QString data_;
};

void TestTalks::aTalkIsKeptWhole() {
  const Talk talk = answeredTalk(), back = Talk::fromJson(talk.json());
  QCOMPARE(back.entries().size(), talk.entries().size());
  for (size_t i = 0; i < talk.entries().size(); ++i) {
    QCOMPARE(back.entries()[i].kind, talk.entries()[i].kind);
    QCOMPARE(back.entries()[i].text, talk.entries()[i].text);
    QCOMPARE(back.entries()[i].by, talk.entries()[i].by);
  }
  QCOMPARE(back.conversation().system(), talk.conversation().system());
  QCOMPARE(back.conversation().messages().size(), size_t{2});
  QCOMPARE(back.conversation().messages()[1].content, std::string("Somebody shoots [00:05]."));
}

void TestTalks::aWaitingQuestionIsLeftOut() {
  Talk talk = answeredTalk();
  talk.ask("And then?");
  const Talk back = Talk::fromJson(talk.json());
  QCOMPARE(back.entries().size(), size_t{3});
  QCOMPARE(back.conversation().messages().size(), size_t{2});
  QVERIFY_THROWS_EXCEPTION(InputError, Talk::fromJson({{"shown", QJsonArray{QJsonObject{{"kind", 99}}}}}));
}

void TestTalks::onlySomeAreKept() {
  Workspace workspace;
  QueuedPrompts prompts;
  ChatPanel panel(workspace, prompts);
  QJsonArray many;
  for (int i = 0; i < ChatPanel::kMostTalks + 20; ++i) {
    QJsonObject talk = answeredTalk().json();
    talk.insert("about", QStringLiteral("data\n%1").arg(i));
    many.append(talk);
  }
  panel.restoreTalks(talksOf(many));
  const QJsonArray kept = QJsonDocument::fromJson(panel.talksJson())["talks"].toArray();
  QCOMPARE(kept.size(), ChatPanel::kMostTalks);
  QCOMPARE(kept.last()["about"].toString(), many.last()["about"].toString());  // the last used ones
  // A talk that is too long for the file costs itself and the older ones.
  ChatPanel other(workspace, prompts);
  Talk large = answeredTalk();
  large.note(QString(ChatPanel::kMostBytes, QLatin1Char('x')));
  QJsonObject long_one = large.json();
  long_one.insert("about", "data\nlong");
  other.restoreTalks(talksOf({many[0], long_one, many[1]}));
  const QJsonArray short_ones = QJsonDocument::fromJson(other.talksJson())["talks"].toArray();
  QCOMPARE(short_ones.size(), 1);
  QCOMPARE(short_ones.at(0)["about"].toString(), many.at(1)["about"].toString());
}

void TestTalks::whatIsHereIsNotReplaced() {
  Workspace workspace;
  QueuedPrompts prompts;
  ChatPanel panel(workspace, prompts);
  QJsonObject talk = answeredTalk().json();
  talk.insert("about", "data\nvideo");
  panel.restoreTalks(talksOf({talk}));
  QJsonObject older = Talk().json();
  older.insert("about", "data\nvideo");
  panel.restoreTalks(talksOf({older}));
  QCOMPARE(QJsonDocument::fromJson(panel.talksJson())["talks"][0]["shown"].toArray().size(), 3);
}

void TestTalks::aDamagedFileIsRefused() {
  Workspace workspace;
  QueuedPrompts prompts;
  ChatPanel panel(workspace, prompts);
  QVERIFY_THROWS_EXCEPTION(InputError, panel.restoreTalks("not json"));
  QVERIFY_THROWS_EXCEPTION(InputError, panel.restoreTalks("{\"version\": 2}"));
}

void TestTalks::theWindowTakesThemUp() {
  QueuedPrompts prompts;
  MainWindow window(prompts, Session{});
  window.show();
  window.openData(data_);
  QTRY_VERIFY_WITH_TIMEOUT(window.workspace().video(), kLong);
  QJsonObject talk = answeredTalk().json();
  talk.insert("about", window.workspace().data()->file + QLatin1Char('\n') + window.workspace().videoId());
  std::filesystem::create_directories(talksFile().parent_path());
  writeFileAtomic(talksFile(), talksOf({talk}).toStdString());
  window.restoreTalks();
  QTRY_VERIFY_WITH_TIMEOUT(window.chat().talk() && window.chat().talk()->entries().size() == 3, kLong);
  // One that cannot be read is set aside and said.
  writeFileAtomic(talksFile(), "broken");
  window.restoreTalks();
  QTRY_VERIFY_WITH_TIMEOUT(window.log().model()->allText().contains("talks.json.bad"), kLong);
  QTRY_VERIFY_WITH_TIMEOUT(std::filesystem::exists(talksFile().string() + ".bad"), kLong);
  QCOMPARE(window.chat().talk()->entries().size(), size_t{3});
  window.saveSessionOnClose(false);
}

void TestTalks::theWindowKeepsThem() {
  QueuedPrompts prompts;
  MainWindow window(prompts, Session{});
  window.show();
  window.openData(data_);
  QTRY_VERIFY_WITH_TIMEOUT(window.workspace().video(), kLong);
  const QString about = window.workspace().data()->file + QLatin1Char('\n') + window.workspace().videoId();
  QJsonObject talk = answeredTalk().json(), other = talk;
  talk.insert("about", about);
  other.insert("about", "elsewhere\nvideo");
  window.chat().restoreTalks(talksOf({other, talk}));
  QSignalSpy changed(&window.chat(), &ChatPanel::talksChanged);
  window.actionList()["clearTalk"]->trigger();
  QCOMPARE(changed.count(), 1);
  const auto kept = [] {
    std::error_code none;
    const std::string text = std::filesystem::exists(talksFile(), none) ? readFile(talksFile(), size_t{1} << 24) : std::string();
    return QJsonDocument::fromJson(QByteArray::fromStdString(text))["talks"].toArray();
  };
  // Within seconds, without closing: the one that was cleared is gone, the other is there.
  QTRY_VERIFY_WITH_TIMEOUT(kept().size() == 1 && kept().at(0)["about"].toString().startsWith("elsewhere"), kLong);
  window.saveSessionOnClose(false);
  window.hide();
  Workers::instance().waitForDone();
}

HVLM_GUI_TEST_MAIN(TestTalks)
#include "tst_ui_talks.moc"
