// SPDX-License-Identifier: GPL-3.0-or-later
// The numbers of the looks: the colours by token, sizes of rows and type, how narrow things may become, and colours of data.
#include <QDockWidget>
#include <QLabel>
#include <QMainWindow>
#include <QTabWidget>

#include "samples.h"
#include "ui/exports/picture.h"
#include "ui/look/similarity_view.h"
#include "ui/shell/workers.h"
#include "ui/style/colour_map.h"
#include "ui/timeline/timeline_view.h"
#include "ui/training/job_status.h"
#include "ui/window/main_window.h"
#include "ui_fixtures.h"

using namespace hvlm;
using namespace hvlm::ui;
using namespace hvlm::ui::testing;

class TestLooks : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void tokensAreThoseOfTheTable_data();
  void tokensAreThoseOfTheTable();
  void rowsOfTheTimelineHaveTheirHeights();
  void levelsTakeTheRoomThereIs();
  void typeHasThreeSizes();
  void signedValuesHaveANeutralMiddle();
  void cosinesAreSignedWhereOneIs();
  void exportsHaveTheirSizes();
  void docksAndCentreShrink();
  void theTitleTellsHowFarTrainingIs();
};

void TestLooks::tokensAreThoseOfTheTable_data() {
  QTest::addColumn<QColor>("light");
  QTest::addColumn<QColor>("dark");
  QTest::addColumn<QColor>("light_found");
  QTest::addColumn<QColor>("dark_found");
  const Tokens &l = tokensOf(ThemeKind::kLight), &d = tokensOf(ThemeKind::kDark);
  const auto row = [&](const char* name, const char* light, const char* dark, QColor Tokens::*token) {
    QTest::newRow(name) << QColor(QLatin1String(light)) << QColor(QLatin1String(dark)) << l.*token << d.*token;
  };
  row("window", "#f5f6f8", "#15171c", &Tokens::window);
  row("base", "#ffffff", "#1c1f26", &Tokens::base);
  row("raised", "#eceff3", "#262a33", &Tokens::raised);
  row("text", "#1b1f24", "#e6e9ee", &Tokens::text);
  row("muted", "#57606c", "#a0a9b6", &Tokens::muted);
  row("disabled", "#9aa2ad", "#626b78", &Tokens::disabled);
  row("border", "#d4d9e0", "#333945", &Tokens::border);
  row("grid", "#e6e9ee", "#292e37", &Tokens::grid);
  row("accent", "#1f5fd6", "#76a9ff", &Tokens::accent);
  row("on accent", "#ffffff", "#0d1420", &Tokens::on_accent);
  row("good", "#1d7f3a", "#5fce82", &Tokens::good);
  row("warning", "#a45a00", "#f0a94a", &Tokens::warning);
  row("bad", "#c42b2b", "#ff7b72", &Tokens::bad);
  row("cursor", "#d6336c", "#ff6b9d", &Tokens::cursor);
}

void TestLooks::tokensAreThoseOfTheTable() {
  QFETCH(QColor, light);
  QFETCH(QColor, dark);
  QFETCH(QColor, light_found);
  QFETCH(QColor, dark_found);
  QCOMPARE(light_found.name(), light.name());
  QCOMPARE(dark_found.name(), dark.name());
  for (const auto& [kind, share] : {std::pair(ThemeKind::kLight, 0.18f), std::pair(ThemeKind::kDark, 0.22f)}) {
    const Tokens& t = tokensOf(kind);
    QCOMPARE(t.range.rgb(), t.accent.rgb());
    QVERIFY(std::abs(t.range.alphaF() - share) < 0.005f);
    QVERIFY(contrastRatio(t.muted, t.base) >= 4.5);
  }
}

void TestLooks::rowsOfTheTimelineHaveTheirHeights() {
  const TimelineContent content = makeContent(makeVideo(100.0), {"Archery", "Biking"}, std::make_shared<VideoInspection>(makeInspection(100)));
  QHash<int, int> height;
  for (const TimelineRow& row : layoutRows(content, {}, 10000)) height[static_cast<int>(row.kind)] = row.height;
  QCOMPARE(height[static_cast<int>(RowKind::kRuler)], 20);
  QCOMPARE(height[static_cast<int>(RowKind::kTruth)], 18);
  QCOMPARE(kLaneHeight, 18);
  QCOMPARE(height[static_cast<int>(RowKind::kAttention)], 36);
  QCOMPARE(kGutter, 88);
  TimelineView view;
  view.resize(900, 320);
  view.setContent(content, false);
  QCOMPARE(view.scale().left, 88);
}

void TestLooks::levelsTakeTheRoomThereIs() {
  const TimelineContent content = makeContent(makeVideo(100.0), {"Archery", "Biking"}, std::make_shared<VideoInspection>(makeInspection(100)));
  for (const auto& [room, expected] : {std::pair(0, 10), std::pair(10000, 14)}) {
    const TimelineRow* before = nullptr;
    const std::vector<TimelineRow> rows = layoutRows(content, {}, room);
    for (const TimelineRow& row : rows) {
      if (row.kind != RowKind::kLevel) continue;
      QCOMPARE(row.height, expected);
      if (before) QCOMPARE(row.top, before->top + before->height + 1);  // one pixel between
      before = &row;
    }
    QVERIFY(before);
  }
}

void TestLooks::typeHasThreeSizes() {
  QWidget window;
  const auto size = [&](const char* role) {
    auto* label = new QLabel(QStringLiteral("text"), &window);
    if (role) label->setProperty("role", role);
    label->ensurePolished();
    return label->font().pointSizeF();
  };
  const double body = size(nullptr);
  QVERIFY(std::abs(size("title") / body - 1.15) < 0.02);
  QVERIFY(std::abs(size("muted") / body - 0.9) < 0.02);
}

void TestLooks::signedValuesHaveANeutralMiddle() {
  const ColourMap& map = ColourMap::diverging();
  QVERIFY(QColor(map.at(0.5)).saturation() < 8);
  QVERIFY(QColor(map.at(0.5)).lightness() > 200);
  QVERIFY(QColor(map.at(0.0)).blue() > QColor(map.at(0.0)).red());
  QVERIFY(QColor(map.at(1.0)).red() > QColor(map.at(1.0)).blue());
  for (const double share : {0.1, 0.3, 0.45}) {  // as far from the middle, as dark, whichever the sign
    const double low = contrastRatio(QColor(map.at(share)), Qt::white), high = contrastRatio(QColor(map.at(1.0 - share)), Qt::white);
    QVERIFY2(std::abs(low - high) / std::max(low, high) < 0.35, qPrintable(QString("%1: %2 %3").arg(share).arg(low).arg(high)));
  }
}

void TestLooks::cosinesAreSignedWhereOneIs() {
  SimilarityView view(nullptr);
  view.resize(320, 360);
  view.setMatrix({1, 0.0f, 0.0f, 1}, 2, 1.0);
  QVERIFY(!view.isSigned());
  view.setMatrix({1, -1, 0, -1, 1, 0, 0, 0, 1}, 3, 1.0);
  QVERIFY(view.isSigned());
  const QImage image = view.grab().toImage();
  const QRectF s = view.matrixRect();
  const auto at = [&](int x, int y) { return image.pixelColor((s.topLeft() + QPointF((x + 0.6) * s.width() / 3, (y + 0.6) * s.height() / 3)).toPoint()); };
  QVERIFY(at(2, 0).saturation() < 12);          // 0: neutral
  QVERIFY(at(1, 0).blue() > at(1, 0).red());    // -1
  QVERIFY(at(1, 1).red() > at(1, 1).blue());    // 1
}

void TestLooks::exportsHaveTheirSizes() {
  QCOMPARE(exportFont().pixelSize(), 8);  // a pixel is a point in a file: see kPointsPerMm
  QCOMPARE(kOneColumnMm, 85.0);
  QVERIFY(std::abs(kPointsPerMm * 25.4 - 72.0) < 1e-9);
  SimilarityView view(nullptr);
  view.setMatrix({1, 0.5f, 0.5f, 1}, 2, 1.0);
  const QString svg = QString::fromUtf8(view.picture(PictureFormat::kSvg));
  QVERIFY(svg.contains(QStringLiteral("font-size=\"8\"")));
  QVERIFY(svg.contains(QStringLiteral("viewBox=\"0 0 %1").arg(QString::number(85.0 * kPointsPerMm, 'g', 6).left(4))));
}

void TestLooks::docksAndCentreShrink() {
  Sandbox box;
  QueuedPrompts prompts;
  MainWindow window(prompts, Session{});
  window.saveSessionOnClose(false);
  window.resize(1280, 800);
  window.show();
  QVERIFY(QTest::qWaitForWindowExposed(&window));
  for (const QDockWidget* dock : window.findChildren<QDockWidget*>()) {
    const Qt::DockWidgetArea area = window.dockWidgetArea(const_cast<QDockWidget*>(dock));
    if (area != Qt::LeftDockWidgetArea && area != Qt::RightDockWidgetArea) continue;
    const int least = std::max(dock->minimumSizeHint().width(), dock->minimumWidth());
    QVERIFY2(least <= 200, qPrintable(QString("%1 takes at least %2").arg(dock->objectName()).arg(least)));
  }
  const int centre = window.centralWidget()->minimumSizeHint().width();
  QVERIFY2(centre <= 640, qPrintable(QString::number(centre)));
  Workers::instance().waitForDone();
}

void TestLooks::theTitleTellsHowFarTrainingIs() {
  JobStatus status;
  QCOMPARE(progressText(status), QString());
  status.state = JobState::kPreparing;
  status.total_epochs = 80;
  status.epochs_done = 31;
  QCOMPARE(progressText(status), QString("epoch 31/80"));
  status.state = JobState::kRunning;
  status.step = 31;
  status.total_steps = 80;
  status.steps_per_second = 49.0 / 130.0;
  QVERIFY2(progressText(status).startsWith("epoch 31/80 ETA 2:"), qPrintable(progressText(status)));
  status.evaluates = true;
  QCOMPARE(progressText(status), QString());
  status.evaluates = false;
  status.state = JobState::kDone;
  QCOMPARE(progressText(status), QString());
}

HVLM_GUI_TEST_MAIN(TestLooks)
#include "tst_ui_looks.moc"
