// SPDX-License-Identifier: GPL-3.0-or-later
// The report of the machine: the same from `hvlm doctor`, `--doctor` of both programs, and the window's menu. Recent things; a plain start.
#include <QMenu>
#include <QProcess>
#include <QPushButton>
#include <filesystem>

#include "support/atomic_file.h"
#include "support/paths.h"
#include "ui/jobs/job_queue.h"
#include "ui/shell/action_list.h"
#include "ui/shell/text_dialog.h"
#include "ui/shell/workers.h"
#include "ui/window/main_window.h"
#include "ui_fixtures.h"
#include "video/codecs.h"

using namespace hvlm;
using namespace hvlm::ui;
using namespace hvlm::ui::testing;
namespace fs = std::filesystem;

namespace {

constexpr int kPatience = 60000;  // ms

QString outputOf(const char* program, const QStringList& arguments) {
  QProcess process;
  process.start(qText(executableFolder() / program), arguments);
  if (!process.waitForFinished(kPatience) || process.exitCode() != 0) return QStringLiteral("failed: ") + QString::fromUtf8(process.readAllStandardError());
  return QString::fromUtf8(process.readAllStandardOutput());
}

const QStringList kTold = {QStringLiteral("FFmpeg"), QStringLiteral("libavcodec"), QStringLiteral("decoders"), QStringLiteral("h264"), QStringLiteral("cache folder"),
                           QStringLiteral("compute threads"), QStringLiteral("device")};

}  // namespace

class TestDoctor : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void decodersAreNamed();
  void bothProgramsReport();
  void theWindowShowsIt();
  void recentThingsOpenAgain();
  void aPlainStartLeavesTheStateAlone();
};

void TestDoctor::decodersAreNamed() {
  QStringList names;
  bool any = false;
  for (const auto& [name, there] : videoDecoders()) {
    names.append(qText(name));
    any = any || there;
  }
  QCOMPARE(names, (QStringList{"h264", "hevc", "vp9", "av1", "mpeg4"}));
  QVERIFY(any);
  QCOMPARE(ffmpegVersions().size(), size_t{4});
}

void TestDoctor::bothProgramsReport() {
  const Sandbox box;
  for (const QString& text : {outputOf("hvlm", {QStringLiteral("doctor")}), outputOf("hvlm", {QStringLiteral("--doctor")}), outputOf("hvlm-workbench", {QStringLiteral("--doctor")})}) {
    for (const QString& part : kTold) QVERIFY2(text.contains(part), qPrintable(part + QStringLiteral(" is not in ") + text));
  }
}

void TestDoctor::theWindowShowsIt() {
  const Sandbox box;
  QueuedPrompts prompts;
  MainWindow window(prompts, Session{});
  window.saveSessionOnClose(false);
  window.actionList()["doctor"]->trigger();
  QTRY_VERIFY_WITH_TIMEOUT(window.findChild<TextDialog*>(), kPatience);
  const QString text = window.findChild<TextDialog*>()->text();
  for (const QString& part : kTold) QVERIFY2(text.contains(part), qPrintable(text));
  Workers::instance().waitForDone();
}

void TestDoctor::recentThingsOpenAgain() {
  const Sandbox box;
  const QString dataset = makeSynth(box, 6);
  QueuedPrompts prompts;
  Session session;
  {
    MainWindow window(prompts, Session{});
    window.saveSessionOnClose(false);
    window.openData(dataset);
    QTRY_VERIFY_WITH_TIMEOUT(window.workspace().video(), kPatience);
    session = window.session();
    Workers::instance().waitForDone();
  }
  QCOMPARE(session.recent, QStringList{dataset});
  Session again;
  again.recent = session.recent;
  MainWindow window(prompts, again);
  window.saveSessionOnClose(false);
  QAction* entry = nullptr;
  for (const QMenu* menu : window.findChildren<QMenu*>()) {
    for (QAction* each : menu->actions()) {
      if (each->toolTip() == dataset) entry = each;
    }
  }
  QVERIFY(entry);
  QCOMPARE(entry->text(), QStringLiteral("synth"));
  entry->trigger();
  QTRY_VERIFY_WITH_TIMEOUT(window.workspace().video(), kPatience);
  QCOMPARE(window.workspace().data()->file, dataset);
  Workers::instance().waitForDone();
}

// Files that would be set aside when they were read, and written anew at the end, are as they were.
void TestDoctor::aPlainStartLeavesTheStateAlone() {
  const Sandbox box;
  const fs::path state = stateFolder();
  fs::create_directories(state);
  for (const char* name : {"window.json", "history.json"}) writeFileAtomic(state / name, std::string("no JSON of ours: ") + name);
  const auto listed = [&] {
    std::map<std::string, std::pair<std::string, fs::file_time_type>> files;
    for (const auto& entry : fs::recursive_directory_iterator(state)) {
      if (entry.is_regular_file()) files[entry.path().string()] = {readFile(entry.path()), entry.last_write_time()};
      else files[entry.path().string()] = {};
    }
    return files;
  };
  const auto before = listed();
  const auto run = [&](const QStringList& arguments) {
    QProcess program;
    QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
    environment.insert(QStringLiteral("QT_QPA_PLATFORM"), QStringLiteral("offscreen"));
    program.setProcessEnvironment(environment);
    program.start(qText(executableFolder() / "hvlm-workbench"), arguments);
    QVERIFY(program.waitForStarted(kPatience));
    QTest::qWait(3000);  // longer than the session's own rhythm
    program.terminate();  // closes the window as a person would
    QVERIFY(program.waitForFinished(kPatience));
    QCOMPARE(program.exitStatus(), QProcess::NormalExit);
  };
  run({QStringLiteral("--safe")});
  QVERIFY(listed() == before);
  run({});  // an ordinary start reads, and sets aside what it cannot use: what is compared here can differ
  QVERIFY(listed() != before);
}

HVLM_GUI_TEST_MAIN(TestDoctor)
#include "tst_ui_doctor.moc"
