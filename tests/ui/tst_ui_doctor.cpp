// SPDX-License-Identifier: GPL-3.0-or-later
// The report of the machine: the same from `hvlm doctor`, `--doctor` of both programs, and the window's menu. Recent things; a plain start.
#include <QMenu>
#include <QProcess>
#include <QPushButton>
#include <filesystem>

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

HVLM_GUI_TEST_MAIN(TestDoctor)
#include "tst_ui_doctor.moc"
