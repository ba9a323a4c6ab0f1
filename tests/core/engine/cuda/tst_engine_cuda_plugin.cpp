// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <torch/csrc/autograd/autograd.h>

#include <QProcess>
#include <QRegularExpression>
#include <QStandardPaths>
#include <QtTest>
#include <filesystem>

#include "close_tensors.h"
#include "engine/cuda/device.h"
#include "engine/cuda/operators.h"
#include "grid_emulator.h"

using namespace hvlm;
using namespace hvlm::cuda;
using namespace hvlm::cuda::testing;

namespace {

constexpr int kMostRegisters = 255;

QString libraryFile() { return QString::fromStdString(pluginLibrary().string()); }
QString bodiesIn(const QString& text) {  // the kernels named in it, mangled or not
  QStringList names;
  static const QRegularExpression name(QStringLiteral("(PyramidPool|PyramidPoolBackward|PoolingVector|WindowAttention|WindowAttentionQuery|WindowAttentionKey|TemporalTerms|TemporalSum|TemporalBackward|AdamW)Body"));
  for (auto found = name.globalMatch(text); found.hasNext();) names << found.next().captured(0);
  names.removeDuplicates();
  return QString::number(names.size());
}

QString cuobjdump() {
  const QString found = QStandardPaths::findExecutable(QStringLiteral("cuobjdump"));
  if (!found.isEmpty()) return found;
  return QStandardPaths::findExecutable(QStringLiteral("cuobjdump"), {qEnvironmentVariable("CUDA_HOME") + QStringLiteral("/bin"), QStringLiteral("/usr/local/cuda/bin")});
}

}  // namespace

class TestPlugin : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void initTestCase();
  void theCompilerReportsNoSpill();
  void cuobjdumpSeesFewRegistersAndNoSpill();
  void itLoadsWithEveryKernel();
  void anotherLibraryIsNotTaken();
  void kernelsEqualTheEmulatorOnADevice();

 private:
  bool built_ = false;
};

void TestPlugin::initTestCase() { built_ = std::filesystem::exists(pluginLibrary()); }

void TestPlugin::theCompilerReportsNoSpill() {
  if (!built_) QSKIP("libhvlm_cuda.so is not built: no nvcc of CUDA 13");
  QFile file(QFileInfo(libraryFile()).dir().filePath(QStringLiteral("hvlm_cuda_resources.txt")));
  QVERIFY(file.open(QIODevice::ReadOnly));
  const QString text = QString::fromUtf8(file.readAll());
  static const QRegularExpression spill(QStringLiteral("(\\d+) bytes stack frame, (\\d+) bytes spill stores, (\\d+) bytes spill loads"));
  static const QRegularExpression used(QStringLiteral("Used (\\d+) registers"));
  int kernels = 0;
  for (auto found = spill.globalMatch(text); found.hasNext(); ++kernels) {
    const auto match = found.next();
    for (int i = 1; i <= 3; ++i) QVERIFY2(match.captured(i) == QStringLiteral("0"), qPrintable(match.captured(0)));
  }
  for (auto found = used.globalMatch(text); found.hasNext();) QVERIFY(found.next().captured(1).toInt() <= kMostRegisters);
  QVERIFY2(kernels >= 10, qPrintable(QString::number(kernels)));
  QCOMPARE(bodiesIn(text), QStringLiteral("10"));
}

void TestPlugin::cuobjdumpSeesFewRegistersAndNoSpill() {
  if (!built_) QSKIP("libhvlm_cuda.so is not built: no nvcc of CUDA 13");
  const QString tool = cuobjdump();
  if (tool.isEmpty()) QSKIP("no cuobjdump (CUDA_HOME/bin or PATH)");
  QProcess process;
  process.start(tool, {QStringLiteral("--dump-resource-usage"), libraryFile()});
  QVERIFY(process.waitForFinished(60000));
  QCOMPARE(process.exitCode(), 0);
  const QString text = QString::fromUtf8(process.readAllStandardOutput());
  static const QRegularExpression usage(QStringLiteral("REG:(\\d+) STACK:(\\d+) SHARED:(\\d+) LOCAL:(\\d+)"));
  int kernels = 0;
  for (auto found = usage.globalMatch(text); found.hasNext(); ++kernels) {
    const auto match = found.next();
    QVERIFY2(match.captured(1).toInt() <= kMostRegisters, qPrintable(match.captured(0)));
    QVERIFY2(match.captured(2).toInt() == 0 && match.captured(4).toInt() == 0, qPrintable(match.captured(0)));
  }
  QVERIFY2(kernels >= 10, qPrintable(text.left(500)));
  QCOMPARE(bodiesIn(text), QStringLiteral("10"));
}

void TestPlugin::itLoadsWithEveryKernel() {
  if (!built_) QSKIP("libhvlm_cuda.so is not built: no nvcc of CUDA 13");
  std::string problem;
  const KernelSet* kernels = loadPlugin(pluginLibrary(), problem);
  QVERIFY2(kernels, problem.c_str());
  QVERIFY(kernels->f32 && !kernels->f64);
  int found = 0;
  forEachKernel<float>([&](const char*, auto member, auto) { found += kernels->f32->*member ? 1 : 0; });
  QCOMPARE(found, 10);
  WindowAttentionArgs<float> wide;
  wide.rows = 8;
  wide.heads = 1;
  wide.channels = 4 * kMostChannels;
  QCOMPARE(kernels->f32->attention(&wide, nullptr), kNoSuchShape);
  QVERIFY(QString::fromUtf8(kernels->f32->error_text(kNoSuchShape)).contains(QStringLiteral("fit")));
  const TemporalLossArgs<float> nothing;
  QCOMPARE(kernels->f32->temporal_terms(&nothing, nullptr), 0);  // no rows, no launch
  if (!probeCudaDriver().problem.empty()) {
    TemporalLossArgs<float> one;
    one.rows = 1;
    const int code = kernels->f32->temporal_terms(&one, nullptr);
    QVERIFY(code != 0);
    QVERIFY(*kernels->f32->error_text(code) != '\0');
  }
}

void TestPlugin::anotherLibraryIsNotTaken() {
  std::string problem;
  if (built_) {
    QVERIFY(loadPlugin(pluginLibrary(), problem));  // once loaded it stays
  } else {
    QVERIFY(!loadPlugin("libm.so.6", problem));
    QVERIFY(QString::fromStdString(problem).contains(QStringLiteral("hvlm_cuda_version")));
    QVERIFY(!loadPlugin("/nowhere/libhvlm_cuda.so", problem));
    QVERIFY(QString::fromStdString(problem).contains(QStringLiteral("/nowhere/libhvlm_cuda.so")));
  }
}

// The only test that computes on a GPU.
void TestPlugin::kernelsEqualTheEmulatorOnADevice() {
  if (const CudaDriver driver = probeCudaDriver(); !driver.problem.empty()) QSKIP(("no CUDA device here: " + driver.problem).c_str());
  at::Device device(at::kCPU);
  try {
    device = openDevice("cuda");
  } catch (const InputError& error) {
    QSKIP(error.what());
  }
  if (!built_) QSKIP("libhvlm_cuda.so is not built: no nvcc of CUDA 13");
  const KernelSet* kernels = kernelsFor(at::zeros({1}, at::TensorOptions().device(device)));
  QVERIFY(kernels);
  const auto compare = [&](const at::Tensor& input, auto f) {
    const at::Tensor here = input.clone().requires_grad_(true), there = input.to(device).requires_grad_(true);
    const at::Tensor expected = f(emulatedKernels(), here), found = f(*kernels, there);
    const std::string apart = difference(found, expected, 1e-5) + difference(torch::autograd::grad({found.pow(2).sum()}, {there})[0], torch::autograd::grad({expected.pow(2).sum()}, {here})[0], 1e-4);
    QVERIFY2(apart.empty(), apart.c_str());
  };
  const std::vector<int64_t> offsets{0, 1, 1, 300, 317};
  compare(at::randn({317, 96}), [&](const KernelSet& k, const at::Tensor& x) { return windowAttention(k, x, offsets, 2, 20); });
  compare(at::randn({317, 100}), [&](const KernelSet& k, const at::Tensor& x) { return temporalSums(k, x, offsets); });
  const at::Tensor pooling = at::randn({3, 100});
  const LevelBorders borders{{0, 300, 450, 525, 563, 582}, {{0, 300}, {0, 150}, {0, 75}, {0, 38}, {0, 19}}};
  compare(at::randn({300, 100}), [&](const KernelSet& k, const at::Tensor& x) { return poolLevels(k, x, pooling.to(x.device()), borders).nodes; });
  const at::Tensor value = at::randn({5000}), gradient = at::randn({5000});
  const auto step = [&](const KernelSet& k, const at::Device& on) {
    const AdamWTensor t{value.to(on, at::kFloat, false, true), gradient.to(on), at::zeros({5000}, at::TensorOptions().device(on)), at::zeros({5000}, at::TensorOptions().device(on)), {}, 0.1};
    adamwStep(k, {t}, {.lr = 1e-2});
    return t.value;
  };
  const std::string apart = difference(step(*kernels, device), step(emulatedKernels(), at::Device(at::kCPU)), 1e-5);
  QVERIFY2(apart.empty(), apart.c_str());
}

QTEST_GUILESS_MAIN(TestPlugin)
#include "tst_engine_cuda_plugin.moc"
