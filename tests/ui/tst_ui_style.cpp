// SPDX-License-Identifier: GPL-3.0-or-later
#include <QLabel>
#include <algorithm>
#include <array>
#include <numeric>
#include <set>

#include "ui/style/class_colours.h"
#include "ui/style/colour_map.h"
#include "ui/timeline/timeline_view.h"
#include "ui_fixtures.h"

using namespace hvlm::ui;

namespace {

constexpr int kPatience = 20000;  // ms: a busy machine is slow, not wrong
constexpr std::array kKinds = {ThemeKind::kLight, ThemeKind::kDark, ThemeKind::kHighContrast};

// WCAG 2 and CIE L*a*b* worked anew from their texts, so that the program's own arithmetic is not its own judge.
double linear(int channel) {
  const double v = channel / 255.0;
  return v <= 0.04045 ? v / 12.92 : std::pow((v + 0.055) / 1.055, 2.4);
}
double luminance(const QColor& c) { return 0.2126 * linear(c.red()) + 0.7152 * linear(c.green()) + 0.0722 * linear(c.blue()); }
double contrast(const QColor& a, const QColor& b) {
  const double light = std::max(luminance(a), luminance(b));
  const double dark = std::min(luminance(a), luminance(b));
  return (light + 0.05) / (dark + 0.05);
}
double labCurve(double t) { return t > 216.0 / 24389.0 ? std::cbrt(t) : (24389.0 / 27.0 * t + 16.0) / 116.0; }
double lightness(const QColor& c) { return 116.0 * labCurve(luminance(c)) - 16.0; }  // 0 to 100
// Linear light as it is seen without the cones for red (protanopia) or for green (deuteranopia), rows of red, green and blue.
// Machado, Oliveira and Fernandes 2009, "A physiologically-based model for simulation of color vision deficiency", severity 1.
using Sight = std::array<std::array<double, 3>, 3>;
constexpr Sight kUsualSight = {{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}};
constexpr Sight kProtanopia = {{{0.152286, 1.052583, -0.204868}, {0.114503, 0.786281, 0.099216}, {-0.003882, -0.048116, 1.051998}}};
constexpr Sight kDeuteranopia = {{{0.367322, 0.860646, -0.227968}, {0.280085, 0.672501, 0.047413}, {-0.011820, 0.042940, 0.968881}}};

// CIE 1976 distance of two colours; 2.3 is about the least that is seen.
double difference(const QColor& a, const QColor& b, const Sight& sight = kUsualSight) {
  const auto lab = [&sight](const QColor& c) {
    const std::array light = {linear(c.red()), linear(c.green()), linear(c.blue())};
    const auto seen = [&](size_t i) { return std::clamp(std::inner_product(light.begin(), light.end(), sight[i].begin(), 0.0), 0.0, 1.0); };
    const double r = seen(0), g = seen(1), u = seen(2);
    const double x = labCurve((0.4124 * r + 0.3576 * g + 0.1805 * u) / 0.9505);
    const double y = labCurve(0.2126 * r + 0.7152 * g + 0.0722 * u);
    const double z = labCurve((0.0193 * r + 0.1192 * g + 0.9505 * u) / 1.089);
    return std::array{116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)};
  };
  const auto p = lab(a), q = lab(b);
  return std::hypot(p[0] - q[0], p[1] - q[1], p[2] - q[2]);
}

// Words read at 4.5:1, in high contrast at 7:1; on bars only icons are good, warning, bad or accent: 3:1.
double leastOf(const std::string& ink, const std::string& ground, ThemeKind kind) {
  if (ground == "raised" && ink != "text" && ink != "muted") return 3.0;
  return kind == ThemeKind::kHighContrast ? 7.0 : 4.5;
}

}  // namespace

class TestStyle : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void init() { Theme::instance().setKind(ThemeKind::kLight); }
  void cleanupTestCase() { Theme::instance().setKind(ThemeKind::kLight); }
  void contrastIsThatOfWcag_data();
  void contrastIsThatOfWcag();
  void textIsReadable_data();
  void textIsReadable();
  void linesStandOutAndDiffer_data();
  void linesStandOutAndDiffer();
  void tokensAreThoseOfTheDesign();
  void theStyleSheetLeavesNoNameOpen_data();
  void theStyleSheetLeavesNoNameOpen();
  void aClassKeepsItsColour_data();
  void aClassKeepsItsColour();
  void coloursOfASetDiffer_data();
  void coloursOfASetDiffer();
  void namesSpreadOverTheSet();
  void inkIsReadableOnEveryClassColour();
  void mapsRiseInLightness_data();
  void mapsRiseInLightness();
  void aMapIsClamped();
  void aShareFindsItsPlaceOnTheScale_data();
  void aShareFindsItsPlaceOnTheScale();
  void switchingThemesReachesThePalette();
  void whatIsShownFollowsTheTheme();
  void everyIconIsThere_data();
  void everyIconIsThere();
};

void TestStyle::contrastIsThatOfWcag_data() {
  QTest::addColumn<QColor>("a");
  QTest::addColumn<QColor>("b");
  QTest::addColumn<double>("ratio");
  QTest::newRow("black on white is 21") << QColor(Qt::black) << QColor(Qt::white) << 21.0;
  QTest::newRow("the order does not matter") << QColor(Qt::white) << QColor(Qt::black) << 21.0;
  QTest::newRow("a colour on itself is 1") << QColor(12, 80, 200) << QColor(12, 80, 200) << 1.0;
  QTest::newRow("#767676 on white is the known 4.54") << QColor(0x76, 0x76, 0x76) << QColor(Qt::white) << 4.542;
}
void TestStyle::contrastIsThatOfWcag() {
  QFETCH(QColor, a);
  QFETCH(QColor, b);
  QFETCH(double, ratio);
  QVERIFY(std::abs(contrastRatio(a, b) - ratio) < 0.001);
  QVERIFY(std::abs(contrast(a, b) - ratio) < 0.001);
}

void TestStyle::textIsReadable_data() {
  QTest::addColumn<QColor>("ink");
  QTest::addColumn<QColor>("ground");
  QTest::addColumn<double>("least");
  for (const ThemeKind kind : kKinds) {
    const Tokens& t = tokensOf(kind);
    const std::pair<const char*, QColor> inks[] = {{"text", t.text}, {"muted", t.muted}, {"good", t.good},
                                                   {"warning", t.warning}, {"bad", t.bad}, {"accent", t.accent}};
    const std::pair<const char*, QColor> grounds[] = {{"window", t.window}, {"base", t.base}, {"raised", t.raised}};
    for (const auto& [ink, ink_colour] : inks) {
      for (const auto& [ground, ground_colour] : grounds) {
        QTest::addRow("%s: %s reads on %s", qPrintable(themeName(kind)), ink, ground)
            << ink_colour << ground_colour << leastOf(ink, ground, kind);
      }
    }
    QTest::addRow("%s: text on the accent reads", qPrintable(themeName(kind))) << t.on_accent << t.accent << 4.5;
  }
}
void TestStyle::textIsReadable() {
  QFETCH(QColor, ink);
  QFETCH(QColor, ground);
  QFETCH(double, least);
  const double ratio = contrast(ink, ground);
  QVERIFY2(ratio >= least, qPrintable(QString::number(ratio)));
}

void TestStyle::linesStandOutAndDiffer_data() {
  QTest::addColumn<int>("kind");
  for (const ThemeKind kind : kKinds) {
    QTest::addRow("%s: lines and cursor stand out from the plot, lines differ", qPrintable(themeName(kind))) << static_cast<int>(kind);
  }
}
void TestStyle::linesStandOutAndDiffer() {
  QFETCH(int, kind);
  const Tokens& t = tokensOf(static_cast<ThemeKind>(kind));
  QVERIFY(contrast(t.cursor, t.base) >= 3.0);
  for (size_t i = 0; i < t.series.size(); ++i) {
    QVERIFY2(contrast(t.series[i], t.base) >= 3.0, qPrintable(t.series[i].name()));
    for (size_t j = i + 1; j < t.series.size(); ++j) {
      QVERIFY2(difference(t.series[i], t.series[j]) >= 12.0, qPrintable(t.series[i].name() + t.series[j].name()));
    }
  }
}

void TestStyle::tokensAreThoseOfTheDesign() {
  const Tokens& light = tokensOf(ThemeKind::kLight);
  QCOMPARE(light.window.name(), QString("#f5f6f8"));
  QCOMPARE(light.accent.name(), QString("#1f5fd6"));
  QCOMPARE(std::lround(light.range.alphaF() * 100), 18L);
  const Tokens& dark = tokensOf(ThemeKind::kDark);
  QCOMPARE(dark.base.name(), QString("#1c1f26"));
  QCOMPARE(dark.cursor.name(), QString("#ff6b9d"));
  QCOMPARE(std::lround(dark.range.alphaF() * 100), 22L);
}

void TestStyle::theStyleSheetLeavesNoNameOpen_data() {
  QTest::addColumn<int>("kind");
  for (const ThemeKind kind : kKinds) QTest::addRow("%s: every token is filled in", qPrintable(themeName(kind))) << static_cast<int>(kind);
}
void TestStyle::theStyleSheetLeavesNoNameOpen() {
  QFETCH(int, kind);
  const auto theme = static_cast<ThemeKind>(kind);
  const QString sheet = styleSheetOf(tokensOf(theme), theme);
  QVERIFY(sheet.contains(tokensOf(theme).accent.name()));
  QVERIFY2(!sheet.contains('@'), qPrintable(sheet.mid(sheet.indexOf('@'), 40)));
}

void TestStyle::aClassKeepsItsColour_data() {
  QTest::addColumn<QString>("name");
  QTest::addColumn<QString>("colour");
  // Pinned: a change would recolour every figure made before.
  QTest::newRow("Archery keeps its colour over versions") << "Archery" << "#9083f5";
  QTest::newRow("Long jump keeps its colour over versions") << "Long jump" << "#c93c8c";
  QTest::newRow("a name beyond ASCII keeps its colour over versions") << QString::fromUtf8("Kälteübung") << "#c35462";
}
void TestStyle::aClassKeepsItsColour() {
  QFETCH(QString, name);
  QFETCH(QString, colour);
  QCOMPARE(classColour(name).name(), colour);
  QCOMPARE(classColour(name).name(), colour);
}

void TestStyle::coloursOfASetDiffer_data() {
  QTest::addColumn<int>("sight");
  QTest::addColumn<double>("least");
  QTest::newRow("for usual sight") << 0 << 6.0;
  QTest::newRow("without the cones for red") << 1 << 5.0;
  QTest::newRow("without the cones for green") << 2 << 5.0;
}
void TestStyle::coloursOfASetDiffer() {
  QFETCH(int, sight);
  QFETCH(double, least);
  const std::array sights = {kUsualSight, kProtanopia, kDeuteranopia};
  const auto& set = classColourSet();
  QCOMPARE(set.size(), size_t{20});
  for (size_t i = 0; i < set.size(); ++i) {
    for (size_t j = i + 1; j < set.size(); ++j) {
      const double apart = difference(set[i], set[j], sights[static_cast<size_t>(sight)]);
      QVERIFY2(apart >= least, qPrintable(QString("%1 and %2: %3").arg(set[i].name(), set[j].name()).arg(apart)));
    }
  }
}

void TestStyle::namesSpreadOverTheSet() {
  std::set<QString> used;
  for (int i = 0; i < 200; ++i) used.insert(classColour(QString("class %1").arg(i)).name());
  QVERIFY2(used.size() >= 50, qPrintable(QString::number(used.size())));  // of 60; 58 are expected
}

void TestStyle::inkIsReadableOnEveryClassColour() {
  for (const QColor& base : classColourSet()) {
    for (const QColor& colour : {base, base.lighter(118), base.darker(122)}) {
      QVERIFY2(contrast(readableOn(colour), colour) >= 4.5, qPrintable(colour.name()));
    }
  }
}

void TestStyle::mapsRiseInLightness_data() {
  QTest::addColumn<bool>("cividis");
  QTest::newRow("viridis never darkens as the value grows") << false;
  QTest::newRow("cividis never darkens as the value grows") << true;
}
void TestStyle::mapsRiseInLightness() {
  QFETCH(bool, cividis);
  const ColourMap& map = cividis ? ColourMap::cividis() : ColourMap::viridis();
  const auto at = [&map](double share) { return lightness(QColor(map.at(share))); };
  double before = -1.0;
  for (int i = 0; i < 256; ++i) {
    QVERIFY2(at(i / 255.0) >= before - 0.35, qPrintable(QString::number(i)));  // 8-bit rounding
    before = std::max(before, at(i / 255.0));
  }
  const double climb = at(1.0) - at(0.0);
  QVERIFY(climb > 65.0);
  for (int i = 0; i < 10; ++i) QVERIFY(at((i + 1) / 10.0) - at(i / 10.0) < climb / 4);  // no tenth holds a quarter of it
}

void TestStyle::aMapIsClamped() {
  const ColourMap& map = ColourMap::viridis();
  QCOMPARE(QColor(map.at(0.0)).name(), QString("#440154"));
  QCOMPARE(QColor(map.at(1.0)).name(), QString("#fde725"));
  QCOMPARE(map.at(-1.0), map.at(0.0));
  QCOMPARE(map.at(2.0), map.at(1.0));
  QCOMPARE(map.at(std::nan("")), map.at(0.0));
  QCOMPARE(&dataColours(), &ColourMap::viridis());
  Theme::instance().setKind(ThemeKind::kHighContrast);
  QCOMPARE(&dataColours(), &ColourMap::cividis());
}

void TestStyle::aShareFindsItsPlaceOnTheScale_data() {
  QTest::addColumn<double>("ratio");
  QTest::addColumn<double>("place");
  QTest::newRow("even lies in the middle") << 1.0 << 0.5;
  QTest::newRow("eight times even is the top") << 8.0 << 1.0;
  QTest::newRow("more than that stays there") << 100.0 << 1.0;
  QTest::newRow("an eighth is the bottom") << 0.125 << 0.0;
  QTest::newRow("twice even is two thirds up") << 2.0 << 2.0 / 3.0;
  QTest::newRow("nothing is the bottom") << 0.0 << 0.0;
  QTest::newRow("NaN is the bottom") << std::nan("") << 0.0;
}
void TestStyle::aShareFindsItsPlaceOnTheScale() {
  QFETCH(double, ratio);
  QFETCH(double, place);
  QVERIFY(std::abs(evenScale(ratio) - place) < 1e-12);
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

void TestStyle::whatIsShownFollowsTheTheme() {
  TimelineView timeline;
  QLabel label("muted");
  label.setProperty("role", "muted");
  for (QWidget* widget : {static_cast<QWidget*>(&timeline), static_cast<QWidget*>(&label)}) {
    widget->resize(400, 200);
    widget->show();
    QVERIFY(QTest::qWaitForWindowExposed(widget));
  }
  const auto ground = [&] { return timeline.grab().toImage().pixelColor(3, 190); };
  QCOMPARE(ground(), tokensOf(ThemeKind::kLight).base);
  QSignalSpy changed(&Theme::instance(), &Theme::changed);
  for (const ThemeKind kind : {ThemeKind::kDark, ThemeKind::kHighContrast, ThemeKind::kLight, ThemeKind::kLight}) {
    Theme::instance().setKind(kind);
    const Tokens& t = tokensOf(kind);
    QCOMPARE(QApplication::palette().color(QPalette::Window), t.window);
    QCOMPARE(QApplication::palette().color(QPalette::Text), t.text);
    QVERIFY(qApp->styleSheet().contains(t.raised.name()));
    QTRY_COMPARE_WITH_TIMEOUT(ground(), t.base, kPatience);
    QTRY_COMPARE_WITH_TIMEOUT(label.palette().color(QPalette::WindowText), t.muted, kPatience);
  }
  QCOMPARE(changed.count(), 3);  // the same theme again says nothing
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
