// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>

#include <QtTest>
#include <filesystem>

#include "engine/cuda/device.h"
#include "engine/cuda/plugin.h"
#include "support/log.h"

using namespace hvlm;

namespace {

CudaDriver driverOf(int version, std::vector<CudaDevice> devices, const std::string& problem = "") { return {"libcuda.so.1", problem, version, std::move(devices)}; }
const CudaDevice kNew{"New GPU", 9, 0, 8e9}, kOld{"Old GPU", 6, 1, 8e9};

// The message of what `f` throws; empty when it throws nothing.
template <class F>
QString messageOf(F f) {
  try {
    f();
  } catch (const InputError& error) {
    return QString::fromUtf8(error.what());
  }
  return {};
}

void fake(const char* name, const char* value) { qputenv(name, value); }

}  // namespace

// No test here needs a GPU; the driver is a stand-in built beside this program.
class TestDevice : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void init();
  void cleanup();
  void deviceTextsAreRead_data();
  void deviceTextsAreRead();
  void whatCannotBeUsedIsSaid_data();
  void whatCannotBeUsedIsSaid();
  void theDriverIsAsked();
  void aDriverThatFailsSaysWhy_data();
  void aDriverThatFailsSaysWhy();
  void missingLibrariesAreNamed();
  void outOfMemorySaysWhatToLower();
  void cudaWithoutItsLibrariesIsRefusedAndAutoGoesOn();
  void cudaWithoutADriverIsRefused();
  void autoTakesTheCpu();
  void cudaAfterTheCpuAsksForANewStart();
};

void TestDevice::init() { qputenv("HVLM_CUDA_DRIVER", HVLM_FAKE_DRIVER); }
void TestDevice::cleanup() {
  for (const char* name : {"HVLM_CUDA_DRIVER", "FAKE_CUDA_VERSION", "FAKE_CUDA_DEVICES", "FAKE_CUDA_CAPABILITY", "FAKE_CUDA_INIT"}) qunsetenv(name);
}

void TestDevice::deviceTextsAreRead_data() {
  QTest::addColumn<QString>("text");
  QTest::addColumn<int>("index");  // -2: refused
  QTest::newRow("auto names none") << "auto" << -1;
  QTest::newRow("cpu names none") << "cpu" << -1;
  QTest::newRow("nothing is auto") << "" << -1;
  QTest::newRow("cuda is the first") << "cuda" << 0;
  QTest::newRow("a number") << "cuda:3" << 3;
  QTest::newRow("two digits") << "cuda:12" << 12;
  QTest::newRow("no number after the colon") << "cuda:" << -2;
  QTest::newRow("a negative number") << "cuda:-1" << -2;
  QTest::newRow("a word") << "cuda:x" << -2;
  QTest::newRow("a number and more") << "cuda:1x" << -2;
  QTest::newRow("too many") << "cuda:99999999999" << -2;
  QTest::newRow("something else") << "gpu" << -2;
}
void TestDevice::deviceTextsAreRead() {
  QFETCH(QString, text);
  QFETCH(int, index);
  if (index == -2) {
    QVERIFY(messageOf([&] { deviceIndex(text.toStdString()); }).contains(QStringLiteral("auto, cpu or cuda[:i]")));
  } else {
    QCOMPARE(deviceIndex(text.toStdString()), index);
  }
}

void TestDevice::whatCannotBeUsedIsSaid_data() {
  QTest::addColumn<int>("version");
  QTest::addColumn<int>("devices");  // new ones, then an old one
  QTest::addColumn<QString>("problem");
  QTest::addColumn<int>("index");
  QTest::addColumn<QString>("said");  // empty: it can be used
  QTest::newRow("a new driver and device") << 13000 << 1 << "" << 0 << "";
  QTest::newRow("a newer driver") << 13020 << 1 << "" << 0 << "";
  QTest::newRow("no driver") << 0 << 0 << "libcuda.so.1: cannot open shared object file" << 0 << "libcuda.so.1: cannot open";
  QTest::newRow("an old driver") << 12040 << 1 << "" << 0 << "a driver for CUDA 12.4";
  QTest::newRow("an old driver that also failed") << 12040 << 0 << "initialization error" << 0 << "580 or newer";
  QTest::newRow("no device") << 13000 << 0 << "the driver sees no device" << 0 << "sees no device";
  QTest::newRow("one past the last device") << 13000 << 2 << "" << 3 << "cuda:0 to cuda:2";
  QTest::newRow("an old device") << 13000 << 1 << "" << 1 << "Old GPU of 6.1";
}
void TestDevice::whatCannotBeUsedIsSaid() {
  QFETCH(int, version);
  QFETCH(int, devices);
  QFETCH(QString, problem);
  QFETCH(int, index);
  QFETCH(QString, said);
  std::vector<CudaDevice> list(static_cast<size_t>(devices), kNew);
  if (devices > 0) list.push_back(kOld);
  const QString message = messageOf([&] { requireUsable(driverOf(version, list, problem.toStdString()), index, "cuda:" + std::to_string(index)); });
  QCOMPARE(message.isEmpty(), said.isEmpty());
  QVERIFY2(message.contains(said), qPrintable(message));
  if (!said.isEmpty()) QVERIFY2(message.startsWith(QStringLiteral("--device cuda")), qPrintable(message));
}

void TestDevice::theDriverIsAsked() {
  fake("FAKE_CUDA_DEVICES", "2");
  fake("FAKE_CUDA_CAPABILITY", "120");
  const CudaDriver driver = probeCudaDriver();
  QCOMPARE(driver.problem, std::string());
  QCOMPARE(driver.version, 13000);
  QCOMPARE(driver.devices.size(), size_t{2});
  QCOMPARE(driver.devices[1].name, std::string("Other Fake GPU"));
  QCOMPARE(driver.devices[0].major, 12);
  QCOMPARE(driver.devices[0].minor, 0);
  QCOMPARE(driver.devices[0].memory_bytes, 8.0 * (1 << 30));
  QCOMPARE(cudaVersionText(13020), std::string("13.2"));
  QCOMPARE(deviceTitle(at::Device(at::kCUDA, 1)), std::string("cuda:1 (Other Fake GPU)"));
  QCOMPARE(deviceTitle(at::Device(at::kCPU)), std::string("cpu"));
}

void TestDevice::aDriverThatFailsSaysWhy_data() {
  QTest::addColumn<QByteArray>("library");
  QTest::addColumn<QByteArray>("init");
  QTest::addColumn<QByteArray>("devices");
  QTest::addColumn<QString>("said");
  QTest::newRow("it is not there") << QByteArray("libhvlm_no_such_driver.so.1") << QByteArray("0") << QByteArray("1") << "libhvlm_no_such_driver.so.1";
  QTest::newRow("it is something else") << QByteArray("libm.so.6") << QByteArray("0") << QByteArray("1") << "no CUDA driver";
  QTest::newRow("it does not start") << QByteArray(HVLM_FAKE_DRIVER) << QByteArray("803") << QByteArray("1") << "unsupported display driver";
  QTest::newRow("it has no device") << QByteArray(HVLM_FAKE_DRIVER) << QByteArray("0") << QByteArray("0") << "no device";
}
void TestDevice::aDriverThatFailsSaysWhy() {
  QFETCH(QByteArray, library);
  QFETCH(QByteArray, init);
  QFETCH(QByteArray, devices);
  QFETCH(QString, said);
  fake("HVLM_CUDA_DRIVER", library.constData());
  fake("FAKE_CUDA_INIT", init.constData());
  fake("FAKE_CUDA_DEVICES", devices.constData());
  const CudaDriver driver = probeCudaDriver();
  QVERIFY2(QString::fromStdString(driver.problem).contains(said), driver.problem.c_str());
  QVERIFY(driver.devices.empty());
}

void TestDevice::missingLibrariesAreNamed() {
  QVERIFY(std::filesystem::exists(torchCudaLibrary().parent_path() / "libtorch_cpu.so"));
  const QString message = messageOf([] { loadTorchCuda("/nowhere/libtorch_cuda.so", "cuda"); });
  QVERIFY2(message.contains(QStringLiteral("/nowhere/libtorch_cuda.so")) && message.contains(QStringLiteral("./run --setup-cuda")), qPrintable(message));
}

void TestDevice::outOfMemorySaysWhatToLower() {
  const c10::SourceLocation here{__func__, __FILE__, __LINE__};
  const QString full = QString::fromUtf8(deviceError(c10::OutOfMemoryError(here, "CUDA out of memory. Tried to allocate 9 GiB.\nsecond line"), "cuda:1").what());
  QVERIFY2(full.contains(QStringLiteral("Tried to allocate 9 GiB")) && full.contains(QStringLiteral("train.batch_size")) && !full.contains(QStringLiteral("second line")), qPrintable(full));
  const QString other = QString::fromUtf8(deviceError(c10::Error(here, "CUDA error: an illegal memory access"), "cuda").what());
  QVERIFY2(other.contains(QStringLiteral("illegal memory access")) && other.contains(QStringLiteral("nvidia-smi")), qPrintable(other));
}

// The order of the last four is that of a process: CUDA is opened once.
void TestDevice::cudaWithoutItsLibrariesIsRefusedAndAutoGoesOn() {
  // The fake driver promises a device. CUDA's libraries are not installed here, or find no such device: both are said.
  QStringList lines;
  setLogListener([&](LogLevel, const std::string& text) { lines << QString::fromStdString(text); });
  QVERIFY(openDevice("auto").is_cpu());
  setLogListener({});
  QCOMPARE(lines.size(), 1);
  QVERIFY2(lines.front().contains(QStringLiteral("computing on the CPU")), qPrintable(lines.front()));
  const QString message = messageOf([] { openDevice("cuda:0"); });
  QVERIFY2(message.contains(QStringLiteral("./run --setup-cuda")) || message.contains(QStringLiteral("anew")), qPrintable(message));
}
void TestDevice::cudaWithoutADriverIsRefused() {
  fake("HVLM_CUDA_DRIVER", "libhvlm_no_such_driver.so.1");
  const QString message = messageOf([] { openDevice("cuda"); });
  QVERIFY2(message.contains(QStringLiteral("580 or newer")) && message.contains(QStringLiteral("--device cpu")), qPrintable(message));
}
void TestDevice::autoTakesTheCpu() {
  fake("HVLM_CUDA_DRIVER", "libhvlm_no_such_driver.so.1");
  QStringList lines;
  setLogListener([&](LogLevel, const std::string& text) { lines << QString::fromStdString(text); });
  QVERIFY(openDevice("auto").is_cpu());
  setLogListener({});
  QVERIFY2(lines.isEmpty(), "a machine without a GPU needs no line");
  QVERIFY(!cuda::kernelsFor(at::zeros({2})));
}
void TestDevice::cudaAfterTheCpuAsksForANewStart() {
  QVERIFY(openDevice("cpu").is_cpu());
  const QString message = messageOf([] { openDevice("cuda:1"); });  // the driver has one device
  QVERIFY2(message.contains(QStringLiteral("cuda:0, the only device")), qPrintable(message));
  QVERIFY(!messageOf([] { openDevice("cuda"); }).isEmpty());
}

QTEST_GUILESS_MAIN(TestDevice)
#include "tst_engine_cuda_device.moc"
