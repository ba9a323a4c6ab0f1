// SPDX-License-Identifier: GPL-3.0-or-later
// What the window may never do: destroy on Esc, keep the wrong colours, write over what it could not read, let its journal wait.
#include <QMessageBox>
#include <QPushButton>
#include <condition_variable>
#include <mutex>

#include "runs/run_record.h"
#include "support/atomic_file.h"
#include "support/paths.h"
#include "ui/log/log_panel.h"
#include "ui/runs/runs_panel.h"
#include "ui/shell/action_list.h"
#include "ui/shell/background.h"
#include "ui/shell/key_map.h"
#include "ui/shell/notice_strip.h"
#include "ui/shell/session.h"
#include "ui/training/config_form.h"
#include "ui/training/training_panel.h"
#include "ui/window/main_window.h"
#include "ui_fixtures.h"

using namespace hvlm;
using namespace hvlm::ui;
using namespace hvlm::ui::testing;
namespace fs = std::filesystem;

namespace {

QPalette paletteWith(const QColor& window, const QColor& text) {
  QPalette palette;
  palette.setColor(QPalette::Window, window);
  palette.setColor(QPalette::WindowText, text);
  return palette;
}

// Does something with the question as soon as it stands.
void whenAsked(QObject* owner, const std::function<void(QMessageBox&)>& act) {
  auto* timer = new QTimer(owner);
  QObject::connect(timer, &QTimer::timeout, owner, [timer, act] {
    auto* box = qobject_cast<QMessageBox*>(QApplication::activeModalWidget());
    if (!box || !box->isVisible()) return;
    timer->deleteLater();
    timer->stop();
    act(*box);
  });
  timer->start(10);
}

}  // namespace

class TestSafe : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void init() {
    box_ = std::make_unique<Sandbox>();
    Theme::instance().setKind(ThemeKind::kLight);
  }
  void cleanup() {
    Theme::instance().setPlatformPalette({});
    Theme::instance().setKind(ThemeKind::kLight);
    Workers::instance().waitForDone();
    box_.reset();
  }
  void escAnswersNothing_data();
  void escAnswersNothing();
  void escDoesNotTrashARun();
  void theFirstButtonIsTheDefault();
  void paletteTellsTheScheme_data();
  void paletteTellsTheScheme();
  void theSchemeFollowsTheSystem();
  void ownChangesAreNotTheSystems();
  void likeTheSystemMeansNow();
  void aBrokenFormIsSetAside();
  void aBrokenLayoutIsKept_data();
  void aBrokenLayoutIsKept();
  void clashingKeysAreKept();
  void theJournalDoesNotWait();
  void docksDoNotGlide();

 private:
  std::unique_ptr<MainWindow> window(Prompts& prompts, const Session& session = {}) const {
    auto made = std::make_unique<MainWindow>(prompts, session);
    made->saveSessionOnClose(false);
    made->show();
    return made;
  }
  std::unique_ptr<Sandbox> box_;
};

void TestSafe::escAnswersNothing_data() {
  QTest::addColumn<QStringList>("buttons");
  QTest::newRow("one") << QStringList{"Go on"};
  QTest::newRow("two") << QStringList{"Keep it", "Move to the trash"};
  QTest::newRow("three") << QStringList{"Take it up", "Begin with nothing", "Not now"};
}
void TestSafe::escAnswersNothing() {
  QFETCH(QStringList, buttons);
  DialogPrompts prompts;
  QObject owner;
  whenAsked(&owner, [](QMessageBox& box) { QTest::keyClick(&box, Qt::Key_Escape); });
  QCOMPARE(prompts.choose(nullptr, "A question", "Detail", buttons), -1);
  whenAsked(&owner, [](QMessageBox& box) { box.close(); });
  QCOMPARE(prompts.choose(nullptr, "A question", "Detail", buttons), -1);
  for (int i = 0; i < buttons.size(); ++i) {
    whenAsked(&owner, [&](QMessageBox& box) {
      for (QAbstractButton* each : box.buttons()) {
        if (each->text() == buttons[i]) each->click();
      }
    });
    QCOMPARE(prompts.choose(nullptr, "A question", "Detail", buttons), i);
  }
}

void TestSafe::escDoesNotTrashARun() {
  fs::create_directories(pathOf(box_->path("runs/a")));
  writeRunRecord(pathOf(box_->path("runs/a")), freshRecord(tinyConfig(1)));
  DialogPrompts prompts;
  auto shown = window(prompts);
  shown->openRuns(box_->path("runs/a"));
  QTRY_COMPARE(shown->runs().selected(), box_->path("runs/a"));
  bool asked = false;
  whenAsked(this, [&](QMessageBox& box) {
    asked = box.text().contains("trash");
    QTest::keyClick(&box, Qt::Key_Escape);
  });
  shown->actionList()["trashRun"]->trigger();
  Workers::instance().waitForDone();
  QVERIFY(asked);
  QVERIFY(fs::exists(pathOf(box_->path("runs/a/run.json"))));
}

void TestSafe::theFirstButtonIsTheDefault() {
  DialogPrompts prompts;
  QObject owner;
  whenAsked(&owner, [](QMessageBox& box) { QTest::keyClick(&box, Qt::Key_Return); });
  QCOMPARE(prompts.choose(nullptr, "A question", QString(), {"Keep it", "Move to the trash"}), 0);
}

void TestSafe::paletteTellsTheScheme_data() {
  QTest::addColumn<QColor>("ground");
  QTest::addColumn<QColor>("text");
  QTest::addColumn<int>("kind");
  const auto row = [](const char* name, const char* ground, const char* text, ThemeKind kind) { QTest::newRow(name) << QColor(ground) << QColor(text) << static_cast<int>(kind); };
  row("black on light grey, as most styles have it", "#efefef", "#000000", ThemeKind::kLight);
  row("dark grey on white", "#ffffff", "#232627", ThemeKind::kLight);
  row("nearly white on dark grey", "#31363b", "#fcfcfc", ThemeKind::kDark);
  row("white on a very dark grey", "#101010", "#ffffff", ThemeKind::kDark);
  row("white on black", "#000000", "#ffffff", ThemeKind::kHighContrast);
  row("black on white", "#ffffff", "#000000", ThemeKind::kHighContrast);
  row("yellow on black", "#000000", "#ffff00", ThemeKind::kHighContrast);
  row("pure, but of little contrast", "#000000", "#0000ff", ThemeKind::kDark);
}
void TestSafe::paletteTellsTheScheme() {
  QFETCH(QColor, ground);
  QFETCH(QColor, text);
  QFETCH(int, kind);
  QCOMPARE(static_cast<int>(kindOf(paletteWith(ground, text))), kind);
}

void TestSafe::theSchemeFollowsTheSystem() {
  QueuedPrompts prompts;
  auto shown = window(prompts);
  QPalette platform = paletteWith("#31363b", "#fcfcfc");
  Theme::instance().setPlatformPalette([&platform] { return platform; });
  QEvent changed(QEvent::ThemeChange);
  QApplication::sendEvent(shown.get(), &changed);
  QCOMPARE(Theme::instance().kind(), ThemeKind::kDark);
  platform = paletteWith(Qt::black, Qt::white);
  QApplication::sendEvent(shown.get(), &changed);
  QCOMPARE(Theme::instance().kind(), ThemeKind::kHighContrast);
  // Another palette on the application, as the platform puts one there.
  platform = paletteWith("#efefef", "#000000");
  QApplication::setPalette(platform);
  QTRY_COMPARE(Theme::instance().kind(), ThemeKind::kLight);
  QCOMPARE(QGuiApplication::palette().color(QPalette::Base), tokens().base);
  shown->actionList()["themeDark"]->trigger();  // the user's choice stands
  QApplication::sendEvent(shown.get(), &changed);
  QCOMPARE(Theme::instance().kind(), ThemeKind::kDark);
}

// Finding out what the platform has puts another palette on the application for a moment, which must not be taken for the platform's doing.
void TestSafe::ownChangesAreNotTheSystems() {
  QueuedPrompts prompts;
  auto shown = window(prompts);
  int read = 0;
  Theme::instance().setPlatformPalette([&read] {
    ++read;
    return paletteWith("#31363b", "#fcfcfc");
  });
  Theme::instance().setKind(ThemeKind::kHighContrast);
  QTest::qWait(50);
  QCOMPARE(read, 0);
  QCOMPARE(Theme::instance().kind(), ThemeKind::kHighContrast);
  Theme::instance().setPlatformPalette({});  // the real one, which is light here
  QEvent changed(QEvent::ThemeChange);
  QApplication::sendEvent(shown.get(), &changed);
  QSignalSpy again(&Theme::instance(), &Theme::changed);
  QTest::qWait(50);
  QCOMPARE(Theme::instance().kind(), ThemeKind::kLight);
  QCOMPARE(again.count(), 0);
  QCOMPARE(QGuiApplication::palette().color(QPalette::Window), tokens().window);
  QCOMPARE(Theme::instance().systemKind(), ThemeKind::kLight);
  QCOMPARE(QGuiApplication::palette().color(QPalette::Window), tokens().window);  // asking changes nothing
}

void TestSafe::likeTheSystemMeansNow() {
  QueuedPrompts prompts;
  Session last;
  last.theme = ThemeKind::kDark;
  last.theme_chosen = true;
  Theme::instance().setKind(ThemeKind::kDark);
  auto shown = window(prompts, last);
  shown->actionList()["themeSystem"]->trigger();
  QCOMPARE(Theme::instance().kind(), ThemeKind::kLight);
  QVERIFY(!shown->session().theme_chosen);
  Theme::instance().setPlatformPalette([] { return paletteWith("#31363b", "#fcfcfc"); });
  shown->actionList()["themeSystem"]->trigger();
  QCOMPARE(Theme::instance().kind(), ThemeKind::kDark);
}

void TestSafe::aBrokenFormIsSetAside() {
  const std::string broken = "train:\n  lr: fast\n";
  writeFileAtomic(formFile(), broken);
  QueuedPrompts prompts;
  auto shown = window(prompts);
  shown->saveSessionOnClose(true);
  fs::create_directories(pathOf(box_->path("runs")));
  shown->openRuns(box_->path("runs"));  // the window is at work: it keeps what is open
  const QString preset = qText(bundled("configs/quick.yaml"));
  shown->training().takeUp(preset, qText(formFile()));
  QTRY_COMPARE(shown->training().presetFile(), preset);
  QTRY_VERIFY2(shown->training().notice()->text().contains("training.yaml.bad"), qPrintable(shown->training().notice()->text()));
  QVERIFY(shown->training().notice()->text().contains("train.lr"));
  QTRY_VERIFY(fs::exists(formFile()));  // the form of now
  QVERIFY(readFile(formFile()) != broken);
  QCOMPARE(readFile(formFile().string() + ".bad"), broken);
  shown->saveSessionOnClose(false);
}

void TestSafe::aBrokenLayoutIsKept_data() {
  QTest::addColumn<QByteArray>("geometry");
  QTest::addColumn<QByteArray>("docks");
  QTest::addColumn<QByteArray>("centre");
  QTest::newRow("docks") << QByteArray() << QByteArray("garbage") << QByteArray();
  QTest::newRow("geometry") << QByteArray("garbage") << QByteArray() << QByteArray();
  QTest::newRow("centre") << QByteArray() << QByteArray() << QByteArray("garbage");
}
void TestSafe::aBrokenLayoutIsKept() {
  QFETCH(QByteArray, geometry);
  QFETCH(QByteArray, docks);
  QFETCH(QByteArray, centre);
  Session last;
  last.geometry = geometry;
  last.docks = docks;
  last.centre = centre;
  last.run = "/runs/precious";
  saveSession(sessionFile(), last);
  const std::string written = readFile(sessionFile());
  QString problem;
  const Session read = loadSession(sessionFile(), &problem);
  QVERIFY2(problem.isEmpty(), qPrintable(problem));
  QueuedPrompts prompts;
  auto shown = std::make_unique<MainWindow>(prompts, read);  // it writes a session of its own at its end
  shown->show();
  QTRY_VERIFY2(shown->log().model()->allText().contains("window.json.bad"), qPrintable(shown->log().model()->allText()));
  shown->close();
  Workers::instance().waitForDone();
  QCOMPARE(readFile(sessionFile().string() + ".bad"), written);
  QVERIFY(readFile(sessionFile()) != written);
}

void TestSafe::clashingKeysAreKept() {
  const KeyMap clashing{{"openDemo", {QKeySequence("Ctrl+S")}}};
  saveKeyMap(keyMapFile(), clashing);
  QueuedPrompts prompts;
  auto shown = window(prompts);
  shown->useKeys(clashing);
  QTRY_VERIFY2(shown->log().model()->allText().contains("keys.json.bad"), qPrintable(shown->log().model()->allText()));
  QCOMPARE(parseKeyMap(readFile(keyMapFile().string() + ".bad")), clashing);
  QVERIFY(!fs::exists(keyMapFile()));
  QVERIFY(shown->actionList().clashes().isEmpty());
}

// All shared threads may be taken by a long export: what keeps the user's work has its own.
void TestSafe::theJournalDoesNotWait() {
  std::mutex mutex;
  std::condition_variable freed;
  bool free = false;
  for (int i = 0; i < 20; ++i) {
    Workers::instance().run([&] {
      std::unique_lock lock(mutex);
      freed.wait(lock, [&] { return free; });
    });
  }
  QObject owner;
  QList<int> done;
  for (int i = 0; i < 50; ++i) inJournal(&owner, [i] { return i; }, [&done](int number) { done.append(number); });
  QTRY_COMPARE_WITH_TIMEOUT(done.size(), 50, 20000);
  for (int i = 0; i < 50; ++i) QCOMPARE(done[i], i);  // in the order asked for
  {
    const std::lock_guard lock(mutex);
    free = true;
  }
  freed.notify_all();
  Workers::instance().waitForDone();
}

void TestSafe::docksDoNotGlide() {
  QueuedPrompts prompts;
  QVERIFY(!window(prompts)->isAnimated());
}

HVLM_GUI_TEST_MAIN(TestSafe)
#include "tst_ui_safe.moc"
