// SPDX-License-Identifier: GPL-3.0-or-later
#include <QAbstractItemModelTester>
#include <QAccessible>
#include <QComboBox>
#include <QDockWidget>
#include <QLabel>
#include <QLineEdit>
#include <QListView>
#include <QPushButton>
#include <QTabWidget>
#include <QToolButton>
#include <atomic>
#include <fstream>
#include <mutex>
#include <semaphore>

#include "fake_server.h"
#include "jobs/runner.h"
#include "support/error.h"
#include "support/paths.h"
#include "ui/language/backend_form.h"
#include "ui/language/chat_input.h"
#include "ui/language/chat_panel.h"
#include "ui/language/found_lists.h"
#include "ui/language/found_mark.h"
#include "ui/language/hit_model.h"
#include "ui/language/search_panel.h"
#include "ui/language/talk_view.h"
#include "ui/shell/action_list.h"
#include "ui/shell/notice_strip.h"
#include "ui/shell/session.h"
#include "ui/shell/translation.h"
#include "ui/shell/workers.h"
#include "ui/timeline/timeline_panel.h"
#include "ui/window/main_window.h"
#include "ui_fixtures.h"

using namespace hvlm;
using namespace hvlm::ui;
using namespace hvlm::ui::testing;
using hvlm::testing::FakeServer;

namespace {

// Answers as the test says; what it was asked is kept.
class FakeEngine : public JobEngine {
 public:
  using OnText = std::function<void(std::string_view)>;
  std::function<RetrievalAnswer(const RetrieveSpec&, std::stop_token)> on_retrieve;
  std::function<VideoEvidence(const EvidenceSpec&)> on_evidence;
  std::function<AskAnswer(const AskSpec&, std::stop_token, const OnText&)> on_ask;
  std::atomic<int> evidence_asked{0};

  void setThreads(int64_t) override {}
  void run(const JobSpec&, JobControl&, JobObserver&) override {}
  VideoInspection inspect(const InspectSpec&) override { return {}; }
  RetrievalAnswer retrieve(const RetrieveSpec& spec, std::stop_token stop) override {
    keep([&] { retrieved_.push_back(spec); });
    return on_retrieve(spec, stop);
  }
  VideoEvidence evidence(const EvidenceSpec& spec) override {
    ++evidence_asked;
    return on_evidence ? on_evidence(spec) : VideoEvidence{.video = spec.video, .duration_seconds = 20.0, .segments = {{2.0, 5.0, "Archery", 0.8}}};
  }
  AskAnswer ask(const AskSpec& spec, std::stop_token stop, const OnText& on_text) override {
    keep([&] { asked_.push_back(spec); });
    return on_ask(spec, stop, on_text);
  }
  std::vector<std::pair<std::string, std::string>> libraries() override { return {}; }
  std::vector<RetrieveSpec> retrieved() { return copy(retrieved_); }
  std::vector<AskSpec> asked() { return copy(asked_); }

 private:
  template <class Act>
  void keep(Act act) {
    const std::lock_guard lock(mutex_);
    act();
  }
  template <class List>
  List copy(const List& list) {
    const std::lock_guard lock(mutex_);
    return list;
  }
  std::mutex mutex_;
  std::vector<RetrieveSpec> retrieved_;
  std::vector<AskSpec> asked_;
};

// Blocks the engine's thread until the window gives up.
void untilStopped(const std::stop_token& stop) {
  while (!stop.stop_requested()) std::this_thread::sleep_for(std::chrono::milliseconds(1));
  throw Interrupted("stopped");
}

}  // namespace

class TestLanguage : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void init();
  void cleanup();
  void aSearchShowsVideosAndMoments();
  void aClickSeeksAndMarks();
  void enterOpensAndEscapeClears();
  void whatIsMissingIsSaid();
  void aNewerQueryWins();
  void whatWasFoundStaysMeanwhile();
  void anAnswerStreams();
  void aMomentInAnAnswerSeeks();
  void enterSendsShiftEnterDoesNot();
  void stopEndsAnAnswer();
  void aFailureGivesTheQuestionBack();
  void aModelReadsEvidenceAndHistory();
  void aServerIsOffWithoutAnAddress();
  void aServerGetsEvidenceAndHistory();
  void aServerThatFailsIsALine_data();
  void aServerThatFailsIsALine();
  void everyVideoHasItsTalk();
  void talksAreSavedAndLoaded();
  void whatAModelWritesIsText();
  void closingWhileAnEngineAnswersDoesNotWait();
  void layoutsFromBeforeGetTheNewPanels();
  void everyControlHasAName();
  void pictures();

 private:
  void open();
  RetrievalAnswer answerOf(const std::string& tower = "minilm");
  void ask(const QString& question);
  QString talkText() { return window_->chat().view()->toPlainText(); }
  template <class Widget>
  Widget* find(const char* name) { return window_->findChild<Widget*>(QLatin1String(name)); }
  void type(const char* name, const QString& text) { find<QLineEdit>(name)->setText(text); }

  std::unique_ptr<Sandbox> box_;
  std::unique_ptr<QueuedPrompts> prompts_;
  std::unique_ptr<FakeEngine> engine_;
  std::unique_ptr<JobRunner> runner_;
  std::unique_ptr<MainWindow> window_;
};

void TestLanguage::init() {
  box_ = std::make_unique<Sandbox>();
  prompts_ = std::make_unique<QueuedPrompts>();
  engine_ = std::make_unique<FakeEngine>();
  runner_ = std::make_unique<JobRunner>([this]() -> JobEngine& { return *engine_; });
  window_ = std::make_unique<MainWindow>(*prompts_, Session{});
  window_->saveSessionOnClose(false);
  window_->setLanguageRunner(runner_.get());
  window_->resize(1280, 800);
  window_->show();
  QVERIFY(QTest::qWaitForWindowActive(window_.get()));
}

void TestLanguage::cleanup() {
  window_.reset();
  runner_.reset();
  engine_.reset();
  Workers::instance().waitForDone();
  prompts_.reset();
  box_.reset();
  Theme::instance().setKind(ThemeKind::kLight);
}

// A data set and a run, both panels in sight.
void TestLanguage::open() {
  window_->openData(makeSynth(*box_));
  QTRY_VERIFY(window_->workspace().video());
  window_->workspace().setRun(box_->path("run"));
  window_->actionList()["askVideo"]->trigger();
  window_->actionList()["searchByWords"]->trigger();
  QTRY_VERIFY(find<QLineEdit>("wordSearchEdit")->hasFocus());
}

RetrievalAnswer TestLanguage::answerOf(const std::string& tower) {
  const auto& videos = window_->workspace().data()->catalogue.videos;
  RetrievalAnswer answer;
  for (size_t i = 1; i < 6 && i < videos.size(); ++i) answer.videos.push_back({videos[i].id, 0.0, videos[i].duration_seconds, 0.9 - 0.15 * static_cast<double>(i)});
  for (size_t i = 1; i < 9; ++i) answer.moments.push_back({videos[i % videos.size()].id, 3.0, 7.5, 0.95 - 0.2 * static_cast<double>(i)});
  answer.videos_searched = 24;
  answer.moments_searched = 480;
  answer.text_seconds = 0.011;
  answer.search_seconds = 0.002;
  answer.text_tower = tower;
  return answer;
}

void TestLanguage::ask(const QString& question) {
  find<ChatInput>("chatInput")->setPlainText(question);
  find<QPushButton>("chatSendButton")->click();
}

void TestLanguage::aSearchShowsVideosAndMoments() {
  open();
  QAbstractItemModelTester check(window_->search().found().videos(), QAbstractItemModelTester::FailureReportingMode::QtTest);
  engine_->on_retrieve = [answer = answerOf()](const RetrieveSpec&, std::stop_token) { return answer; };
  QTest::keyClicks(find<QLineEdit>("wordSearchEdit"), "a person shoots an arrow");
  QTest::keyClick(find<QLineEdit>("wordSearchEdit"), Qt::Key_Return);
  HitModel* moments = window_->search().found().moments();
  QTRY_COMPARE(moments->rowCount(), 8);
  QCOMPARE(window_->search().found().videos()->rowCount(), 5);
  QCOMPARE(moments->index(0).data(HitModel::kSpan).toString(), QString("00:03 – 00:08"));
  QCOMPARE(moments->index(0).data(HitModel::kSimilarity).toDouble(), 0.75);
  QCOMPARE(find<QLabel>("searchCount")->text(), QString("searched 24 videos, 480 moments in 13 ms, text: minilm"));
  QVERIFY(find<QListView>("foundMoments")->isVisible() && !window_->search().busy());
  const auto specs = engine_->retrieved();
  QCOMPARE(specs.size(), size_t(1));
  QCOMPARE(specs[0].query, std::string("a person shoots an arrow"));
  QCOMPARE(specs[0].subset, std::string("validation"));
  QCOMPARE(qText(specs[0].run_folder), box_->path("run"));
  QCOMPARE(qText(specs[0].data), window_->workspace().data()->file);
  // A pause in typing searches too, and another subset at once.
  QTest::keyClicks(find<QLineEdit>("wordSearchEdit"), "s");
  QTRY_COMPARE(engine_->retrieved().size(), size_t(2));
  auto* subset = find<QComboBox>("searchSubsetCombo");
  subset->setCurrentIndex(subset->findText("training"));
  Q_EMIT subset->activated(subset->currentIndex());
  QTRY_COMPARE(engine_->retrieved().size(), size_t(3));
  QCOMPARE(engine_->retrieved()[2].subset, std::string("training"));
}

void TestLanguage::aClickSeeksAndMarks() {
  open();
  const RetrievalAnswer answer = answerOf();
  engine_->on_retrieve = [answer](const RetrieveSpec&, std::stop_token) { return answer; };
  window_->search().search("arrow");
  auto* list = find<QListView>("foundMoments");
  QTRY_VERIFY(list->isVisible() && list->model()->rowCount() == 8);
  QCOMPARE(window_->foundMark().span(), std::nullopt);
  QTest::mouseClick(list->viewport(), Qt::LeftButton, {}, list->visualRect(list->model()->index(1, 0)).center());
  QCOMPARE(window_->workspace().videoId(), qText(answer.moments[1].video));
  QCOMPARE(window_->workspace().cursorSeconds(), 3.0);
  QVERIFY(window_->foundMark().isVisible());
  QCOMPARE(*window_->foundMark().span(), std::pair(3.0, 7.5));
  // The band lies over the lanes between the two moments, and follows the zoom.
  TimelineView* view = window_->timeline().view();
  const auto inBand = [&](double seconds) {
    const int y = heightOf(view->rows()) - 1;
    return view->grab().toImage().pixelColor(static_cast<int>(view->scale().pixelAt(seconds)), y - 2);
  };
  const QColor within = inBand(5.0);
  window_->foundMark().hide();
  const QColor bare = inBand(5.0);
  window_->foundMark().show();
  QVERIFY(within != bare);
  QCOMPARE(inBand(9.0), [&] { window_->foundMark().hide(); const QColor c = inBand(9.0); window_->foundMark().show(); return c; }());
  view->zoom(2.0);
  QVERIFY(inBand(5.0) == within || inBand(5.0) != bare);
  // The mouse goes through it.
  QTest::mouseClick(view, Qt::LeftButton, {}, QPoint(static_cast<int>(view->scale().pixelAt(5.0)), view->rows()[2].top + 4));
  QVERIFY(std::abs(window_->workspace().cursorSeconds() - 5.0) < 0.1);
  // A video as a whole is opened without a mark; another video takes the mark away.
  auto* videos = find<QListView>("foundVideos");
  QTest::mouseClick(videos->viewport(), Qt::LeftButton, {}, videos->visualRect(videos->model()->index(2, 0)).center());
  QCOMPARE(window_->workspace().videoId(), qText(answer.videos[2].video));
  QCOMPARE(window_->foundMark().span(), std::nullopt);
}

void TestLanguage::enterOpensAndEscapeClears() {
  open();
  const RetrievalAnswer answer = answerOf();
  engine_->on_retrieve = [answer](const RetrieveSpec&, std::stop_token) { return answer; };
  window_->search().search("arrow");
  auto* list = find<QListView>("foundMoments");
  QTRY_VERIFY(list->isVisible());
  list->setFocus();
  list->setCurrentIndex(list->model()->index(3, 0));
  QVERIFY(window_->workspace().videoId() != qText(answer.moments[3].video));  // walking the rows opens nothing
  QTest::keyClick(list, Qt::Key_Return);
  QCOMPARE(window_->workspace().videoId(), qText(answer.moments[3].video));
  QVERIFY(window_->foundMark().span());
  QTest::keyClick(find<QLineEdit>("wordSearchEdit"), Qt::Key_Escape);
  QCOMPARE(list->model()->rowCount(), 0);
  QVERIFY(find<QLineEdit>("wordSearchEdit")->text().isEmpty() && !window_->foundMark().span() && !window_->foundMark().isVisible());
}

void TestLanguage::whatIsMissingIsSaid() {
  QVERIFY(window_->search().stateText().contains("No data set is open"));
  QVERIFY(window_->chat().stateText().contains("No data set is open"));
  window_->openData(makeSynth(*box_));
  QTRY_VERIFY(window_->workspace().video());
  QVERIFY(window_->search().stateText().contains("No run is shown"));
  QVERIFY(window_->chat().stateText().contains("No run is shown"));
  window_->workspace().setRun(box_->path("run"));
  engine_->on_retrieve = [](const RetrieveSpec& spec, std::stop_token) -> RetrievalAnswer {
    throw InputError({.where = spec.run_folder, .expected = "a run trained with text", .found = "one without text terms", .remedy = "Train one with objective.text.weight above 0."});
  };
  window_->search().search("arrow");
  QTRY_VERIFY2(window_->search().stateText().contains("one without text terms"), qPrintable(window_->search().stateText()));
  QVERIFY(!window_->search().busy());
  window_->setLanguageRunner(nullptr);
  window_->workspace().setRun(box_->path("other"));
  QVERIFY(window_->search().stateText().contains("not connected"));
}

void TestLanguage::aNewerQueryWins() {
  open();
  std::atomic<bool> stopped = false;
  engine_->on_retrieve = [&stopped, answer = answerOf("hashed")](const RetrieveSpec& spec, std::stop_token stop) {
    if (spec.query == "slow") {
      try {
        untilStopped(stop);
      } catch (const Interrupted&) {
        stopped = true;
        throw;
      }
    }
    return answer;
  };
  window_->search().search("slow");
  QTRY_COMPARE(engine_->retrieved().size(), size_t(1));
  window_->search().search("fast");
  QTRY_COMPARE(window_->search().found().moments()->rowCount(), 8);
  QVERIFY(stopped);
  QCOMPARE(engine_->retrieved().back().query, std::string("fast"));
  QVERIFY(find<QLabel>("searchCount")->text().endsWith("hashed"));
  QTest::qWait(30);
  QVERIFY(!window_->search().busy() && window_->search().stateText().isEmpty());  // the older one's end says nothing
}

void TestLanguage::whatWasFoundStaysMeanwhile() {
  open();
  std::binary_semaphore go(0);
  engine_->on_retrieve = [&go, answer = answerOf()](const RetrieveSpec& spec, std::stop_token) {
    if (spec.query == "more") go.acquire();
    return answer;
  };
  window_->search().search("arrow");
  QTRY_COMPARE(window_->search().found().moments()->rowCount(), 8);
  window_->search().search("more");
  QTRY_COMPARE(engine_->retrieved().size(), size_t(2));
  QVERIFY(window_->search().busy() && find<QWidget>("searchProgress")->isVisible());
  QCOMPARE(window_->search().found().moments()->rowCount(), 8);
  QVERIFY(find<QListView>("foundMoments")->isVisible());
  go.release();
  QTRY_VERIFY(!window_->search().busy());
}

void TestLanguage::anAnswerStreams() {
  open();
  std::counting_semaphore<> go(0);
  engine_->on_ask = [&go](const AskSpec&, std::stop_token, const FakeEngine::OnText& on_text) -> AskAnswer {
    on_text("Somebody draws");
    go.acquire();
    on_text(" a bow.");
    return {.text = "Somebody draws a bow.", .by = "answer head", .confidence = 0.62, .seconds = 1.24};
  };
  ask("What happens?");
  QTRY_VERIFY(talkText().contains("Somebody draws"));
  QVERIFY(window_->chat().busy() && !talkText().contains("bow"));
  QVERIFY(talkText().contains("You") && talkText().contains("What happens?"));
  QVERIFY(find<QPushButton>("chatStopButton")->isEnabled() && !find<QPushButton>("chatSendButton")->isEnabled());
  go.release();
  QTRY_VERIFY(!window_->chat().busy());
  QVERIFY2(talkText().contains("Answer · answer head · 62 % sure · 1.2 s"), qPrintable(talkText()));
  QVERIFY(talkText().contains("Somebody draws a bow."));
  QCOMPARE(talkText().count("Somebody"), 1);
  const AskSpec spec = engine_->asked().front();
  QCOMPARE(spec.question, std::string("What happens?"));
  QVERIFY(spec.model_folder.empty() && engine_->evidence_asked == 0);
  QCOMPARE(qText(spec.video), window_->workspace().videoId());
}

void TestLanguage::aMomentInAnAnswerSeeks() {
  open();
  engine_->on_ask = [](const AskSpec&, std::stop_token, const FakeEngine::OnText&) -> AskAnswer {
    return {.text = "At [00:04] and in [00:06-00:09], not at [99:99] or [00:04", .by = "captions"};
  };
  ask("When?");
  QTRY_VERIFY(!window_->chat().busy());
  TalkView* view = window_->chat().view();
  const auto click = [&](const QString& text) {
    QTextCursor found = view->document()->find(text);
    QVERIFY(!found.isNull());
    found.setPosition(found.selectionStart() + 3);
    QTest::mouseClick(view->viewport(), Qt::LeftButton, {}, view->cursorRect(found).center());
  };
  click("[00:06-00:09]");
  QCOMPARE(window_->workspace().cursorSeconds(), 6.0);
  QCOMPARE(*window_->foundMark().span(), std::pair(6.0, 9.0));
  click("[00:04]");
  QCOMPARE(window_->workspace().cursorSeconds(), 4.0);
  QCOMPARE(*window_->foundMark().span(), std::pair(4.0, 4.0));
  click("[99:99]");
  QCOMPARE(window_->workspace().cursorSeconds(), 4.0);
}

void TestLanguage::enterSendsShiftEnterDoesNot() {
  open();
  engine_->on_ask = [](const AskSpec& spec, std::stop_token, const FakeEngine::OnText&) -> AskAnswer { return {.text = spec.question, .by = "captions"}; };
  auto* input = find<ChatInput>("chatInput");
  QTest::keyClicks(input, "one");
  QTest::keyClick(input, Qt::Key_Return, Qt::ShiftModifier);
  QTest::keyClicks(input, "two");
  QVERIFY(engine_->asked().empty());
  QTest::keyClick(input, Qt::Key_Return);
  QTRY_COMPARE(engine_->asked().size(), size_t(1));
  QCOMPARE(engine_->asked()[0].question, std::string("one\ntwo"));
  QVERIFY(input->toPlainText().isEmpty());
  QTRY_VERIFY(!window_->chat().busy());
  QTest::keyClick(input, Qt::Key_Return);  // nothing to send
  QCOMPARE(engine_->asked().size(), size_t(1));
}

void TestLanguage::stopEndsAnAnswer() {
  open();
  engine_->on_ask = [](const AskSpec& spec, std::stop_token stop, const FakeEngine::OnText& on_text) -> AskAnswer {
    if (spec.question == "much") on_text("Half an answer");
    untilStopped(stop);
    return {};
  };
  ask("nothing");
  QTRY_COMPARE(engine_->asked().size(), size_t(1));
  find<QPushButton>("chatStopButton")->click();
  QVERIFY(!window_->chat().busy());
  QCOMPARE(window_->chat().inputText(), QString("nothing"));
  QVERIFY(talkText().contains("Stopped.") && window_->chat().talk()->conversation().messages().empty());
  ask("much");
  QTRY_VERIFY(talkText().contains("Half an answer"));
  find<QPushButton>("chatStopButton")->click();
  QVERIFY(window_->chat().inputText().isEmpty());  // what had come is an answer
  QCOMPARE(window_->chat().talk()->conversation().messages().back().content, std::string("Half an answer"));
  QTRY_VERIFY(runner_->idle());
  QVERIFY(!talkText().contains("No answer"));
}

void TestLanguage::aFailureGivesTheQuestionBack() {
  open();
  engine_->on_ask = [](const AskSpec& spec, std::stop_token, const FakeEngine::OnText& on_text) -> AskAnswer {
    if (spec.question == "broken") on_text("Some");
    if (spec.question == "blank") return {.text = " \n"};
    throw InputError({.where = "run", .expected = "an answer head", .found = "none", .remedy = "Train one."});
  };
  ask("first");
  find<ChatInput>("chatInput")->setPlainText("typed since");
  QTRY_VERIFY(!window_->chat().busy());
  QCOMPARE(window_->chat().inputText(), QString("first\ntyped since"));
  QVERIFY2(talkText().contains("No answer: ") && talkText().contains("an answer head"), qPrintable(talkText()));
  QVERIFY(window_->chat().talk()->conversation().messages().empty());
  ask("broken");
  QTRY_VERIFY(!window_->chat().busy());
  QVERIFY(talkText().contains("broken off") && talkText().contains("Some"));
  QCOMPARE(window_->chat().inputText(), QString("broken"));
  ask("blank");
  QTRY_VERIFY(!window_->chat().busy());
  QCOMPARE(window_->chat().inputText(), QString("blank"));
  find<QToolButton>("chatClearButton")->click();
  QVERIFY(talkText().isEmpty());
}

void TestLanguage::aModelReadsEvidenceAndHistory() {
  open();
  engine_->on_ask = [](const AskSpec& spec, std::stop_token, const FakeEngine::OnText&) -> AskAnswer { return {.text = "re: " + spec.question, .by = "tiny llama"}; };
  window_->chat().form().setBackend(BackendKind::kModel);
  ask("early");
  QVERIFY(!window_->chat().busy() && engine_->asked().empty());
  QVERIFY(find<QLabel>("chatHint")->text().contains("folder"));
  prompts_->paths.enqueue(box_->path("llama"));
  find<QPushButton>("modelFolderButton")->click();
  auto* chosen = find<QComboBox>("chatTemplateCombo");
  QCOMPARE(chosen->count(), 5);
  chosen->setCurrentIndex(chosen->findData("chatml"));
  ask("one");
  QTRY_VERIFY(!window_->chat().busy());
  ask("two");
  QTRY_COMPARE(engine_->asked().size(), size_t(2));
  QTRY_VERIFY(!window_->chat().busy());
  const AskSpec spec = engine_->asked()[1];
  QCOMPARE(qText(spec.model_folder), box_->path("llama"));
  QCOMPARE(spec.chat_template, std::string("chatml"));
  QCOMPARE(spec.messages.size(), size_t(4));
  QCOMPARE(spec.messages[0].role, std::string("system"));
  QVERIFY(spec.messages[0].content.find("Archery") != std::string::npos);
  QCOMPARE(spec.messages[2].content, std::string("re: one"));
  QCOMPARE(spec.messages[3].content, std::string("two"));
  QVERIFY(!find<QComboBox>("backendCombo")->itemText(1).isEmpty() && find<QWidget>("serverAddressEdit")->isHidden() == false);
  QVERIFY(!find<QWidget>("serverAddressEdit")->isVisible() && chosen->isVisible());
}

void TestLanguage::aServerIsOffWithoutAnAddress() {
  open();
  window_->chat().form().setBackend(BackendKind::kServer);
  QVERIFY(find<QLineEdit>("serverAddressEdit")->text().isEmpty());
  QVERIFY(find<QLabel>("serverWhereLabel")->text().startsWith("Off"));
  ask("secret");
  window_->chat().send();
  QVERIFY(!window_->chat().busy());
  QCOMPARE(engine_->evidence_asked, 0);
  QVERIFY(!find<QPushButton>("chatSendButton")->isEnabled());
  type("serverAddressEdit", "ftp://example.org");
  QVERIFY(!find<QPushButton>("chatSendButton")->isEnabled());
  QVERIFY(find<QLineEdit>("serverAddressEdit")->property("invalid").toBool());
  type("serverAddressEdit", "https://models.example.org/v1");
  const QString where = find<QLabel>("serverWhereLabel")->text();
  QVERIFY2(where.contains("https://models.example.org/v1/chat/completions") && where.contains("leave this computer"), qPrintable(where));
  QCOMPARE(find<QLineEdit>("serverKeyEdit")->echoMode(), QLineEdit::Password);
}

void TestLanguage::aServerGetsEvidenceAndHistory() {
  open();
  using namespace hvlm::testing;
  FakeServer server([](const FakeServer::Peer& peer) {
    peer.send(eventHead() + wordEvent("An archer ") + wordEvent("[00:02-00:05]") + doneEvent());
  });
  window_->chat().form().setBackend(BackendKind::kServer);
  type("serverAddressEdit", qText(server.address()));
  type("serverModelEdit", "small-model");
  type("serverKeyEdit", "key-of-mine");
  QVERIFY(find<QLabel>("serverWhereLabel")->text().contains("on this computer"));
  QCOMPARE(server.requests(), 0);
  ask("Who is seen?");
  QTRY_VERIFY(!window_->chat().busy());
  QVERIFY2(talkText().contains("An archer [00:02-00:05]"), qPrintable(talkText()));
  QVERIFY(talkText().contains("Answer · small-model"));
  ask("And then?");
  QTRY_COMPARE(server.requests(), 2);
  QTRY_VERIFY(!window_->chat().busy());
  const std::string request = server.request();
  const std::string body = request.substr(request.find("\r\n\r\n"));
  for (const char* part : {"Archery", "Who is seen?", "An archer ", "And then?", "small-model", "\"system\""}) QVERIFY2(body.find(part) != std::string::npos, part);
  QVERIFY(request.find("key-of-mine") != std::string::npos && body.find("key-of-mine") == std::string::npos);
  QVERIFY(engine_->asked().empty());
}

void TestLanguage::aServerThatFailsIsALine_data() {
  QTest::addColumn<int>("kind");
  QTest::addColumn<QString>("said");
  QTest::newRow("nobody listens") << 0 << "";
  QTest::newRow("refused") << 1 << "401";
  QTest::newRow("garbage") << 2 << "";
  QTest::newRow("silence is stopped by hand") << 3 << "";
}

void TestLanguage::aServerThatFailsIsALine() {
  using namespace hvlm::testing;
  QFETCH(int, kind);
  QFETCH(QString, said);
  open();
  auto server = std::make_unique<FakeServer>([kind](const FakeServer::Peer& peer) {
    if (kind == 1) peer.send(reply("401 Unauthorized", "application/json", R"({"error": {"message": "wrong key"}})"));
    if (kind == 2) peer.send("\x01\x02 what is this\r\n");
    if (kind == 3) peer.hang();
  });
  const QString address = qText(server->address());
  if (kind == 0) server.reset();
  window_->chat().form().setBackend(BackendKind::kServer);
  type("serverAddressEdit", address);
  ask("Hello?");
  if (kind == 3) {
    QTRY_COMPARE(server->requests(), 1);
    find<QPushButton>("chatStopButton")->click();
  }
  QTRY_VERIFY(!window_->chat().busy());
  QCOMPARE(window_->chat().inputText(), QString("Hello?"));
  QVERIFY2(talkText().contains(kind == 3 ? "Stopped." : "No answer: ") && talkText().contains(said), qPrintable(talkText()));
}

void TestLanguage::everyVideoHasItsTalk() {
  open();
  std::binary_semaphore go(0);
  engine_->on_ask = [&go](const AskSpec& spec, std::stop_token, const FakeEngine::OnText& on_text) -> AskAnswer {
    if (spec.question == "slow") {
      on_text("half ");
      go.acquire();
    }
    return {.text = "about " + spec.video, .by = "captions"};
  };
  const QString first = window_->workspace().videoId();
  ask("quick");
  QTRY_VERIFY(talkText().contains("about " + first));
  ask("slow");
  QTRY_VERIFY(talkText().contains("half"));
  window_->actionList()["nextVideo"]->trigger();
  const QString second = window_->workspace().videoId();
  QVERIFY(second != first && talkText().isEmpty());
  QVERIFY(find<QLabel>("chatHint")->text().contains(first));  // says whose answer is under way
  window_->workspace().selectVideo(first);
  QVERIFY(talkText().contains("half"));                       // and what has come is there
  window_->workspace().selectVideo(second);
  go.release();
  QTRY_VERIFY(!window_->chat().busy());
  QVERIFY(talkText().isEmpty());
  ask("quick");
  QTRY_VERIFY(talkText().contains("about " + second));
  window_->workspace().selectVideo(first);
  QCOMPARE(window_->chat().talk()->conversation().messages().size(), size_t(4));
  QVERIFY(!talkText().contains("about " + second));
}

void TestLanguage::talksAreSavedAndLoaded() {
  open();
  window_->actionList()["saveTalk"]->trigger();
  QVERIFY(window_->chat().notice()->text().contains("no talk"));
  engine_->on_ask = [](const AskSpec&, std::stop_token, const FakeEngine::OnText&) -> AskAnswer { return {.text = "Yes, at [00:03].", .by = "captions"}; };
  ask("Is there a bow?");
  QTRY_VERIFY(!window_->chat().busy());
  const QString file = box_->path("talk.json");
  prompts_->paths.enqueue(file);
  window_->actionList()["saveTalk"]->trigger();
  QTRY_VERIFY(window_->chat().notice()->text().contains("talk.json"));
  window_->actionList()["nextVideo"]->trigger();
  prompts_->paths.enqueue(file);
  window_->actionList()["loadTalk"]->trigger();
  QTRY_VERIFY(talkText().contains("Is there a bow?") && talkText().contains("Yes, at [00:03]."));
  std::ofstream(pathOf(box_->path("bad.json"))) << "{}";
  prompts_->paths.enqueue(box_->path("bad.json"));
  window_->actionList()["loadTalk"]->trigger();
  QTRY_VERIFY2(window_->chat().notice()->text().contains("bad.json"), qPrintable(window_->chat().notice()->text()));
  QVERIFY(talkText().contains("Is there a bow?"));
}

void TestLanguage::whatAModelWritesIsText() {
  open();
  const std::string evil = "<b>bold</b> <img src='http://127.0.0.1:1/x.png'> <a href='moment:1/2'>x</a> & \xff";
  engine_->on_ask = [evil](const AskSpec&, std::stop_token, const FakeEngine::OnText& on_text) -> AskAnswer {
    on_text(evil);
    return {.text = evil, .by = "<i>it</i>"};
  };
  ask("<u>under</u>");
  QTRY_VERIFY(!window_->chat().busy());
  QVERIFY(talkText().contains("<b>bold</b> <img src=") && talkText().contains("<u>under</u>") && talkText().contains("<i>it</i>"));
  QVERIFY(!window_->chat().view()->toHtml().contains("<img"));
}

void TestLanguage::closingWhileAnEngineAnswersDoesNotWait() {
  open();
  engine_->on_ask = [](const AskSpec&, std::stop_token stop, const FakeEngine::OnText& on_text) -> AskAnswer {
    on_text("begun");
    untilStopped(stop);
    return {};
  };
  ask("long?");
  QTRY_VERIFY(talkText().contains("begun"));
  QElapsedTimer clock;
  clock.start();
  window_.reset();
  QVERIFY(clock.elapsed() < 2000);
  runner_.reset();  // the engine's thread has left the question
  QVERIFY(clock.elapsed() < 2500);
}

void TestLanguage::layoutsFromBeforeGetTheNewPanels() {
  open();
  for (const char* name : {"searchDock", "chatDock"}) window_->removeDockWidget(find<QDockWidget>(name));
  Session old;
  old.docks = window_->saveState();
  MainWindow again(*prompts_, old);
  again.saveSessionOnClose(false);
  again.show();
  again.openData(box_->path("synth/dataset.yaml"));
  QTRY_VERIFY(again.workspace().video());
  again.actionList()["searchByWords"]->trigger();
  auto* search = again.findChild<QDockWidget*>("searchDock");
  QTRY_VERIFY(search->isVisible());
  QVERIFY(!search->isFloating());
  QCOMPARE(again.dockWidgetArea(search), Qt::LeftDockWidgetArea);
  again.actionList()["askVideo"]->trigger();
  QTRY_VERIFY(again.findChild<QDockWidget*>("chatDock")->isVisible());
  QCOMPARE(again.dockWidgetArea(again.findChild<QDockWidget*>("chatDock")), Qt::RightDockWidgetArea);
}

void TestLanguage::everyControlHasAName() {
  open();
  for (const BackendKind kind : {BackendKind::kRun, BackendKind::kModel, BackendKind::kServer}) {
    window_->chat().form().setBackend(kind);
    for (QWidget* panel : {static_cast<QWidget*>(&window_->chat()), static_cast<QWidget*>(&window_->search())}) {
      for (QWidget* widget : panel->findChildren<QWidget*>()) {
        const bool control = qobject_cast<QAbstractButton*>(widget) || qobject_cast<QLineEdit*>(widget) || qobject_cast<QAbstractItemView*>(widget) ||
                             qobject_cast<QComboBox*>(widget) || qobject_cast<QTextEdit*>(widget) || qobject_cast<QPlainTextEdit*>(widget);
        if (!control || widget->objectName().startsWith("qt_") || widget->inherits("QLineEditIconButton") || !widget->isVisible()) continue;
        QAccessibleInterface* face = QAccessible::queryAccessibleInterface(widget);
        QVERIFY2(face && !face->text(QAccessible::Name).isEmpty(), qPrintable(QString("%1 %2").arg(widget->metaObject()->className(), widget->objectName())));
      }
    }
  }
}

// For looking at: HVLM_PICTURES=DIR saves the window with both panels, light and dark, in the language HVLM_PICTURES_LANGUAGE.
void TestLanguage::pictures() {
  const QString folder = qEnvironmentVariable("HVLM_PICTURES");
  if (folder.isEmpty()) QSKIP("set HVLM_PICTURES to a folder to get the pictures");
  const QString language = qEnvironmentVariable("HVLM_PICTURES_LANGUAGE");
  if (useLanguage(language.isEmpty() ? QStringLiteral("en") : language)) {
    cleanup();
    init();
  }
  const auto back = qScopeGuard([] { useLanguage(QStringLiteral("en")); });
  window_->openData(qText(bundled("resources/demo/data/dataset.yaml")));
  QTRY_VERIFY(window_->workspace().video());
  window_->workspace().setRun(qText(bundled("resources/demo/run")));
  for (const char* name : {"askVideo", "searchByWords"}) window_->actionList()[name]->trigger();
  engine_->on_retrieve = [answer = answerOf()](const RetrieveSpec& spec, std::stop_token) -> RetrievalAnswer {
    if (spec.query == "error") throw InputError({.where = "/home/someone/runs/0142/checkpoints/best.safetensors", .expected = "a run trained with text terms", .found = "one without", .remedy = "Set objective.text.weight above 0 and train it anew."});
    return answer;
  };
  engine_->on_ask = [](const AskSpec& spec, std::stop_token stop, const FakeEngine::OnText& on_text) -> AskAnswer {
    if (spec.question.starts_with("Bad")) throw InputError({.where = "run 0142", .expected = "an answer head", .found = "none", .remedy = "Train with objective.answers.weight above 0, or choose a language model."});
    if (spec.question.starts_with("More")) {
      on_text("Before that, somebody walks to the line and ");
      untilStopped(stop);
    }
    return {.text = "An archer draws a bow at [00:03-00:08] and shoots. The arrow hits the target at [00:09]; a second shot follows later.", .by = "answer head", .confidence = 0.62, .seconds = 1.24};
  };
  window_->search().search("a person shoots an arrow");
  QTRY_COMPARE(window_->search().found().moments()->rowCount(), 8);
  auto* list = find<QListView>("foundMoments");
  list->setCurrentIndex(list->model()->index(1, 0));
  Q_EMIT list->clicked(list->currentIndex());
  ask("What happens in this video, and when is the arrow shot?");
  QTRY_VERIFY(!window_->chat().busy());
  ask("Bad question");
  QTRY_VERIFY(!window_->chat().busy());
  ask("More, please");
  QTRY_VERIFY(talkText().contains("walks"));
  const auto save = [&](const char* name) {
    for (const ThemeKind kind : {ThemeKind::kLight, ThemeKind::kDark}) {
      Theme::instance().setKind(kind);
      QTest::qWait(150);
      QVERIFY(window_->grab().save(QStringLiteral("%1/%2-%3.png").arg(folder, QLatin1String(name), themeName(kind))));
    }
  };
  save("language");
  window_->chat().stop();
  window_->chat().form().setBackend(BackendKind::kServer);
  save("server-off");
  type("serverAddressEdit", "https://models.example.org/v1");
  type("serverKeyEdit", "secret");
  window_->search().search("error");
  QTRY_VERIFY(!window_->search().stateText().isEmpty() && !window_->search().busy());
  save("server");
  window_->chat().form().setBackend(BackendKind::kModel);
  save("model");
}

HVLM_GUI_TEST_MAIN(TestLanguage)
#include "tst_ui_language.moc"
