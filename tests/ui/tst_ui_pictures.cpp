// SPDX-License-Identifier: GPL-3.0-or-later
// The window in the states that pictures rarely show: nothing is cut in any. With HVLM_PICTURES naming a folder, a picture of each is kept there.
#include <QDockWidget>
#include <QTabWidget>
#include <filesystem>
#include <fstream>

#include "cut_texts.h"
#include "made_annotations.h"
#include "runs/run_record.h"
#include "ui/look/pyramid_panel.h"
#include "ui/look/pyramid_view.h"
#include "ui/shell/workers.h"
#include "ui/timeline/timeline_panel.h"
#include "ui/timeline/timeline_view.h"
#include "ui/window/main_window.h"
#include "ui_fixtures.h"

using namespace hvlm;
using namespace hvlm::ui;
using namespace hvlm::ui::testing;

class TestPictures : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void initTestCase();
  void cleanupTestCase();
  void nothingIsCut_data();
  void nothingIsCut();
  void whatWaitsIsDimmed();

 private:
  QString failedRun();
  QString synth_;
  std::unique_ptr<Sandbox> box_;
  std::unique_ptr<QueuedPrompts> prompts_;
};

void TestPictures::initTestCase() {
  box_ = std::make_unique<Sandbox>();
  prompts_ = std::make_unique<QueuedPrompts>();
  synth_ = makeSynth(*box_);
}

void TestPictures::cleanupTestCase() {
  Theme::instance().setKind(ThemeKind::kLight);
  Workers::instance().waitForDone();
}

QString TestPictures::failedRun() {
  const std::filesystem::path folder = pathOf(box_->path(QStringLiteral("runs/0007")));
  std::filesystem::create_directories(folder);
  RunRecord record = freshRecord(tinyConfig(3));
  record.name = "0007";
  record.state = "failed";
  record.epochs_done = 1;
  record.total_epochs = 3;
  record.dataset_name = "synth";
  writeRunRecord(folder, record);
  std::ofstream(folder / "config.yaml") << configYaml(tinyConfig(3));
  return qText(folder);
}

void TestPictures::nothingIsCut_data() {
  QTest::addColumn<QString>("state");
  QTest::addColumn<ThemeKind>("theme");
  QTest::addColumn<QSize>("size");
  const QSize usual(1280, 800), large(1920, 1080);
  for (const char* state : {"no-data", "no-run", "long-names", "failed-run"}) {
    QTest::newRow(qPrintable(QStringLiteral("%1 light").arg(state))) << QString(state) << ThemeKind::kLight << usual;
    QTest::newRow(qPrintable(QStringLiteral("%1 contrast large").arg(state))) << QString(state) << ThemeKind::kHighContrast << large;
  }
  QTest::newRow("no-run dark large") << QStringLiteral("no-run") << ThemeKind::kDark << large;
}

void TestPictures::nothingIsCut() {
  QFETCH(QString, state);
  QFETCH(ThemeKind, theme);
  QFETCH(QSize, size);
  Theme::instance().setKind(theme);
  hvlm::testing::MadeAnnotations made;
  MainWindow window(*prompts_, Session{});
  window.saveSessionOnClose(false);
  window.resize(size);
  window.show();
  if (state == "long-names") {
    const std::string name = "Assembling a bicycle while somebody else is watching from the window of a house";
    made.write("annotations.json", R"({"version": "made", "taxonomy": [], "database": {"a_video_with_a_very_long_name_that_no_column_has_room_for": {"subset": "validation", "duration": 100,
      "annotations": [{"label": ")" + name + R"(", "segment": [5, 60]}, {"label": ")" + name + R"( at night", "segment": [70, 90]}]}}})");
    window.openData(qText(made.path("dataset.yaml")));
    QTRY_VERIFY(window.workspace().video());
  } else if (state != "no-data") {
    window.openData(synth_);
    QTRY_VERIFY(window.workspace().video());
  }
  if (state == "failed-run") {
    window.openRuns(failedRun());
    QTRY_VERIFY(!window.workspace().run().isEmpty());
  }
  const QString pictures = qEnvironmentVariable("HVLM_PICTURES");
  for (int tab = 0; tab < window.tabs().count(); ++tab) {
    window.tabs().setCurrentIndex(tab);
    QTest::qWait(30);
    const QImage image = window.grab().toImage();
    QCOMPARE(image.size(), size * window.devicePixelRatio());
    if (!pictures.isEmpty()) QVERIFY(image.save(QStringLiteral("%1/%2-%3-%4-%5.png").arg(pictures, state, themeName(theme)).arg(size.width()).arg(tab)));
    const QStringList cut = cutTexts(window);
    QVERIFY2(cut.isEmpty(), qPrintable(window.tabs().tabText(tab) + ":\n" + cut.join('\n')));
  }
  Workers::instance().waitForDone();
}

// Another video is chosen and its pyramid is not there yet: the old one stays, pale; it goes when nothing comes.
void TestPictures::whatWaitsIsDimmed() {
  Theme::instance().setKind(ThemeKind::kLight);
  Workspace workspace;
  PyramidPanel panel(workspace);
  panel.resize(600, 400);
  panel.show();
  workspace.openData(synth_);
  QTRY_VERIFY(workspace.data());
  workspace.setRun(QStringLiteral("/runs/1"));
  const auto& videos = workspace.data()->catalogue.videos;
  workspace.selectVideo(qText(videos[0].id));
  QVERIFY(workspace.awaiting());
  auto seen = std::make_shared<VideoInspection>(makeInspection(32));
  seen->video = videos[0].id;
  workspace.setInspection(seen);
  auto* view = panel.findChild<PyramidView*>();
  QVERIFY(view->hasContent() && !view->dimmed());
  const QImage bright = view->grab().toImage();
  workspace.selectVideo(qText(videos[1].id));
  QVERIFY(workspace.awaiting());
  QVERIFY(view->hasContent() && view->dimmed());
  const QImage pale = view->grab().toImage();
  const QPoint in = view->cellRect({2, 3}).center().toPoint();
  QVERIFY(pale.pixelColor(in).lightness() > bright.pixelColor(in).lightness() + 40);
  workspace.setInspection(nullptr);
  QVERIFY(!workspace.awaiting() && !view->dimmed());
  QVERIFY(!view->hasContent());
}

HVLM_GUI_TEST_MAIN(TestPictures)
#include "tst_ui_pictures.moc"
