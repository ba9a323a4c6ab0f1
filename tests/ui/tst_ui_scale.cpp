// SPDX-License-Identifier: GPL-3.0-or-later
// The window's pictures at scale 1, 1.25, 1.5 and 2, light and dark: the same picture, only finer. What clips or moves at a scale shows as a difference.
#include <QDir>
#include <QImage>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>
#include <cmath>
#include <set>

#include "support/paths.h"
#include "ui/text.h"

using namespace hvlm;
using namespace hvlm::ui;

namespace {

constexpr int kPatience = 120000;

// Mean absolute difference of grey values, 0..255, of two pictures brought to a quarter of the first one's size: letters may fall otherwise by a pixel.
double differenceOf(const QImage& a, const QImage& b) {
  const QSize size = a.size() / 4;
  const QImage x = a.convertToFormat(QImage::Format_Grayscale8).scaled(size, Qt::IgnoreAspectRatio, Qt::SmoothTransformation);
  const QImage y = b.convertToFormat(QImage::Format_Grayscale8).scaled(size, Qt::IgnoreAspectRatio, Qt::SmoothTransformation);
  double sum = 0.0;
  for (int row = 0; row < size.height(); ++row) {
    const uchar* p = x.constScanLine(row);
    const uchar* q = y.constScanLine(row);
    for (int column = 0; column < size.width(); ++column) sum += std::abs(int(p[column]) - int(q[column]));
  }
  return sum / static_cast<double>(size.width() * size.height());
}

}  // namespace

class TestScale : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void initTestCase();
  void picturesAreTheSame_data();
  void picturesAreTheSame();
  void themesDiffer();

 private:
  void take(const char* scale);
  QString folder(const char* scale) const { return box_.filePath(QStringLiteral("shots-") + QLatin1String(scale)); }
  QTemporaryDir box_;
};

void TestScale::take(const char* scale) {
  QProcess program;
  QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
  environment.insert(QStringLiteral("QT_SCALE_FACTOR"), QLatin1String(scale));
  environment.insert(QStringLiteral("QT_QPA_PLATFORM"), QStringLiteral("offscreen"));
  for (const char* name : {"XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME"}) environment.insert(QLatin1String(name), box_.filePath(QLatin1String(name)));
  program.setProcessEnvironment(environment);
  program.start(qText(executableFolder() / "hvlm-workbench"), {QStringLiteral("--screenshots"), folder(scale)});
  QVERIFY(program.waitForFinished(kPatience));
  QVERIFY2(program.exitCode() == 0, program.readAllStandardError().constData());
}

void TestScale::initTestCase() {
  take("1");  // the first one computes the vectors of the demo; then all begin alike
  for (const char* scale : {"1", "1.25", "1.5", "2"}) {
    take(scale);
    if (QTest::currentTestFailed()) return;
  }
}

void TestScale::picturesAreTheSame_data() {
  QTest::addColumn<QString>("name");
  for (const QString& name : QDir(folder("1")).entryList({QStringLiteral("*.png")})) QTest::newRow(qPrintable(name)) << name;
}
void TestScale::picturesAreTheSame() {
  QFETCH(QString, name);
  const QImage plain(folder("1") + QLatin1Char('/') + name);
  QVERIFY(!plain.isNull());
  for (const char* scale : {"1.25", "1.5", "2"}) {
    const QImage fine(folder(scale) + QLatin1Char('/') + name);
    QVERIFY2(!fine.isNull(), scale);
    const double factor = QString::fromLatin1(scale).toDouble();
    QVERIFY2(std::abs(fine.width() - plain.width() * factor) <= factor + 1.0, qPrintable(QString("%1 at %2").arg(fine.width()).arg(scale)));
    const bool lives = name.startsWith(QLatin1String("log")) || name.startsWith(QLatin1String("jobs"));  // times and paths of their own
    const double difference = differenceOf(plain, fine);
    QVERIFY2(difference < (lives ? 14.0 : 8.0), qPrintable(QString("%1 at scale %2: %3").arg(name, scale).arg(difference)));
  }
}

void TestScale::themesDiffer() {
  for (const QString& name : QDir(folder("1")).entryList({QStringLiteral("*-light.png")})) {
    QString dark = name;
    dark.replace(QLatin1String("-light"), QLatin1String("-dark"));
    const QImage a(folder("1") + QLatin1Char('/') + name), b(folder("1") + QLatin1Char('/') + dark);
    QVERIFY2(!b.isNull() && differenceOf(a, b) > 60.0, qPrintable(name));
  }
}

QTEST_GUILESS_MAIN(TestScale)
#include "tst_ui_scale.moc"
