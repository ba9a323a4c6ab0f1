// SPDX-License-Identifier: GPL-3.0-or-later
#include <set>

#include "ui/style/class_colours.h"
#include "ui/style/colour_map.h"
#include "ui_fixtures.h"

using namespace hvlm::ui;

class TestStyle : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void textIsReadable_data();
  void textIsReadable();
  void aClassKeepsItsColour();
  void coloursOfASetDiffer();
  void mapsRiseInLightness();
  void aShareFindsItsPlaceOnTheScale_data();
  void aShareFindsItsPlaceOnTheScale();
  void switchingThemesReachesThePalette();
  void everyIconIsThere_data();
  void everyIconIsThere();
};

void TestStyle::textIsReadable_data() {
  QTest::addColumn<int>("kind");
  QTest::newRow("light text has 4.5:1") << 0;
  QTest::newRow("dark text has 4.5:1") << 1;
  QTest::newRow("high-contrast text has 7:1") << 2;
}
void TestStyle::textIsReadable() {
  QFETCH(int, kind);
  const Tokens& t = tokensOf(static_cast<ThemeKind>(kind));
  const double least = kind == 2 ? 7.0 : 4.5;
  for (const QColor& background : {t.window, t.base, t.raised}) {
    for (const QColor& ink : {t.text, t.muted}) QVERIFY2(contrastRatio(ink, background) >= least, qPrintable(ink.name()));
  }
  for (const QColor& ink : {t.good, t.warning, t.bad, t.accent}) QVERIFY2(contrastRatio(ink, t.base) >= 4.5, qPrintable(ink.name()));
  QVERIFY(contrastRatio(t.on_accent, t.accent) >= 4.5);
  for (const QColor& line : t.series) QVERIFY2(contrastRatio(line, t.base) >= 3.0, qPrintable(line.name()));
}

void TestStyle::aClassKeepsItsColour() {
  QCOMPARE(classColour("Archery"), classColour("Archery"));
  // Pinned: a change would recolour every figure made before.
  QCOMPARE(classColour("Archery").name(), QString("#9083f5"));
}

void TestStyle::coloursOfASetDiffer() {
  std::set<QRgb> seen;
  for (const QColor& colour : classColourSet()) seen.insert(colour.rgb());
  QCOMPARE(seen.size(), size_t{20});
}

void TestStyle::mapsRiseInLightness() {
  for (const ColourMap* map : {&ColourMap::viridis(), &ColourMap::cividis()}) {
    double last = 0.0;
    for (int i = 0; i <= 100; ++i) {
      const double ratio = contrastRatio(QColor(map->at(i / 100.0)), Qt::black);
      QVERIFY2(ratio >= last - 0.02, qPrintable(QString::number(i)));
      last = ratio;
    }
  }
  QCOMPARE(QColor(ColourMap::viridis().at(0.0)).name(), QString("#440154"));
  QCOMPARE(QColor(ColourMap::viridis().at(1.0)).name(), QString("#fde725"));
  QCOMPARE(ColourMap::viridis().at(std::nan("")), ColourMap::viridis().at(0.0));
}

void TestStyle::aShareFindsItsPlaceOnTheScale_data() {
  QTest::addColumn<double>("ratio");
  QTest::addColumn<double>("place");
  QTest::newRow("even lies in the middle") << 1.0 << 0.5;
  QTest::newRow("eight times even is the top") << 8.0 << 1.0;
  QTest::newRow("more than that stays there") << 100.0 << 1.0;
  QTest::newRow("an eighth is the bottom") << 0.125 << 0.0;
  QTest::newRow("nothing is the bottom") << 0.0 << 0.0;
}
void TestStyle::aShareFindsItsPlaceOnTheScale() {
  QFETCH(double, ratio);
  QFETCH(double, place);
  QCOMPARE(evenScale(ratio), place);
}

void TestStyle::switchingThemesReachesThePalette() {
  QSignalSpy changed(&Theme::instance(), &Theme::changed);
  Theme::instance().setKind(ThemeKind::kDark);
  QCOMPARE(QApplication::palette().color(QPalette::Base), tokensOf(ThemeKind::kDark).base);
  QCOMPARE(changed.count(), 1);
  const QImage dark = icon("play").pixmap(16, 16).toImage();
  Theme::instance().setKind(ThemeKind::kLight);
  QVERIFY(dark != icon("play").pixmap(16, 16).toImage());
}

void TestStyle::everyIconIsThere_data() {
  QTest::addColumn<QString>("name");
  for (const char* name : {"play", "pause", "stop", "resume", "folder", "export", "search", "warning", "good", "bad", "info", "close",
                           "zoom-in", "zoom-out", "fit", "follow", "refresh", "runs", "pyramid", "curve", "table", "copy", "save",
                           "reset", "demo", "theme", "queued", "running", "stopped", "lost", "help", "command"}) {
    QTest::newRow(name) << QString(name);
  }
}
void TestStyle::everyIconIsThere() {
  QFETCH(QString, name);
  const QImage picture = icon(qPrintable(name)).pixmap(32, 32).toImage();
  int inked = 0;
  for (int y = 0; y < picture.height(); ++y) {
    for (int x = 0; x < picture.width(); ++x) inked += qAlpha(picture.pixel(x, y)) > 0;
  }
  QVERIFY2(inked > 30, qPrintable(name));
}

HVLM_GUI_TEST_MAIN(TestStyle)
#include "tst_ui_style.moc"
