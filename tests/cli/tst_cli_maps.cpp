// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <QProcess>
#include <QtTest>

#include "cli.h"
#include "support/golden.h"

using namespace hvlm::testing;

namespace {

// A pipe with a name that is full: whoever writes to it stands still until somebody reads.
class FullPipe {
 public:
  explicit FullPipe(const QString& path) : path_(path.toUtf8()) {
    if (mkfifo(path_.constData(), 0600) == 0) descriptor_ = open(path_.constData(), O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (descriptor_ < 0) return;
    const std::string block(4096, '.');
    while (write(descriptor_, block.data(), block.size()) > 0) {
    }
  }
  ~FullPipe() {
    if (descriptor_ >= 0) close(descriptor_);
  }
  bool ready() const { return descriptor_ >= 0; }
  QString path() const { return QString::fromUtf8(path_); }

 private:
  QByteArray path_;
  int descriptor_ = -1;
};

// Sleeping in write(2) to standard output: everything the command does has been done.
bool writesToStdout(qint64 pid) {
  QFile file(QStringLiteral("/proc/%1/syscall").arg(pid));
  if (!file.open(QIODevice::ReadOnly)) return false;
  return file.readAll().startsWith("1 0x1 ");
}

// /proc/PID/maps of `hvlm arguments` at the moment it prints its answer.
QByteArray mapsWhenPrinting(const QStringList& arguments) {
  QTemporaryDir folder;
  const FullPipe pipe(folder.filePath(QStringLiteral("stdout")));
  if (!pipe.ready()) return {};
  QProcess process;
  process.setStandardOutputFile(pipe.path(), QIODevice::Append);
  process.start(QString::fromStdString(binFolder()) + QStringLiteral("/hvlm"), arguments);
  QByteArray maps;
  if (process.waitForStarted() && QTest::qWaitFor([&] { return process.state() != QProcess::Running || writesToStdout(process.processId()); }, 60000) &&
      process.state() == QProcess::Running) {
    QFile file(QStringLiteral("/proc/%1/maps").arg(process.processId()));
    if (file.open(QIODevice::ReadOnly)) maps = file.readAll();
  }
  process.kill();
  process.waitForFinished();
  return maps;
}

}  // namespace

class TestMaps : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void initTestCase();
  void libTorchIsMappedOnlyWhereItComputes_data();
  void libTorchIsMappedOnlyWhereItComputes();

 private:
  QTemporaryDir folder_;
};

void TestMaps::initTestCase() { makeSet(folder_.filePath(QStringLiteral("set"))); }

void TestMaps::libTorchIsMappedOnlyWhereItComputes_data() {
  QTest::addColumn<QStringList>("arguments");
  QTest::addColumn<bool>("mapped");
  const QString dataset = folder_.filePath(QStringLiteral("set/dataset.yaml"));
  QTest::newRow("help maps no LibTorch") << QStringList{QStringLiteral("--help")} << false;
  QTest::newRow("inspect maps no LibTorch") << QStringList{QStringLiteral("inspect"), dataset} << false;
  QTest::newRow("doctor maps no LibTorch") << QStringList{QStringLiteral("doctor")} << false;
  QTest::newRow("runs list maps no LibTorch") << QStringList{QStringLiteral("runs"), QStringLiteral("list"), folder_.path()} << false;
  QTest::newRow("doctor --engine does, so this test can fail") << QStringList{QStringLiteral("doctor"), QStringLiteral("--engine")} << true;
}
void TestMaps::libTorchIsMappedOnlyWhereItComputes() {
  QFETCH(QStringList, arguments);
  QFETCH(bool, mapped);
  const QByteArray maps = mapsWhenPrinting(arguments);
  QVERIFY2(maps.contains("libhvlm_core_support"), "the process was not seen while it printed");
  QCOMPARE(maps.contains("libtorch") || maps.contains("libc10"), mapped);
  QCOMPARE(maps.contains("libhvlm_engine"), mapped);
  QVERIFY(!maps.contains("libQt6"));
}

QTEST_GUILESS_MAIN(TestMaps)
#include "tst_cli_maps.moc"
