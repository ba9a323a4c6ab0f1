// SPDX-License-Identifier: Apache-2.0
// A run's evaluation with its model on a second device says what it says on the CPU.
#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <QTemporaryDir>
#include <QtTest>

#include "core/engine/tiny_run.h"
#include "data/synth.h"
#include "engine/entry/inspect_video.h"
#include "engine/entry/session.h"
#include "engine/eval/evaluate.h"
#include "pretend_device.h"

using namespace hvlm::testing;
using nlohmann::json;

namespace {

// The device's kernels sum in another order; shares over few videos jump when a tie falls the other way.
bool alike(const json& a, const json& b) {
  if (a.is_number() && b.is_number()) return std::abs(a.get<double>() - b.get<double>()) <= 1e-3 * std::max(1.0, std::abs(b.get<double>()));
  return a == b;
}

}  // namespace

class TestEvaluation : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void initTestCase();
  void reportsAreAlike_data();
  void reportsAreAlike();

 private:
  QTemporaryDir folder_;
  std::string data_;
  int runs_ = 0;
};

void TestEvaluation::initTestCase() {
  pretendDevice();
  hvlm::SynthOptions synth;
  synth.videos = 14;
  synth.dim = 8;
  synth.classes = 2;
  synth.mean_steps = 16;
  hvlm::writeSynthetic(synth, folder_.filePath(QStringLiteral("data")).toStdString());
  data_ = folder_.filePath(QStringLiteral("data/dataset.yaml")).toStdString();
}

void TestEvaluation::reportsAreAlike_data() {
  QTest::addColumn<QString>("settings");
  QTest::newRow("both heads") << "";
  QTest::newRow("no head") << "head.classify=false head.detect=false";
  QTest::newRow("edges and a second look") << "head.edges=true head.rescore=true head.boundary=trident";
  QTest::newRow("texts, answers and descriptions") << "loss.text=0.5 loss.segment_text=0.5 head.answer=true head.caption=true text.buckets=32 language.width=16 language.layers=1 language.heads=2";
}
void TestEvaluation::reportsAreAlike() {
  QFETCH(QString, settings);
  hvlm::RunConfig config = tinyConfig();
  config.train.epochs = 1;
  std::vector<std::string> list;
  for (const QString& setting : settings.split(QLatin1Char(' '), Qt::SkipEmptyParts)) list.push_back(setting.toStdString());
  hvlm::applySettings(config, list);
  const std::string run = folder_.filePath(QStringLiteral("run%1").arg(++runs_)).toStdString();
  QCOMPARE(runJob(trainSpec(config, data_, run)), std::string());
  at::set_num_threads(1);
  const auto evaluate = [&](at::Device device) {
    const hvlm::LoadedModel loaded = hvlm::loadModel(run, "last", device);
    const auto data = hvlm::openDataset(data_);
    const auto videos = hvlm::usableVideos(*data, "validation");
    const auto baselines = hvlm::loadBaselines(run);
    return hvlm::evaluateRun({*loaded.model, *data->store, data->catalogue, data->spec.features, videos, baselines, true, true, loaded.heads.get()},
                             [](const std::string&, int64_t, int64_t) { return true; });
  };
  try {
    const hvlm::Evaluation expected = evaluate(at::kCPU), found = evaluate(pretendDevice());
    QVERIFY(at::allclose(found.set.steps, expected.set.steps, 1e-4, 1e-5));
    QVERIFY(found.set.steps.is_cpu());
    QCOMPARE(found.language.answers.size(), expected.language.answers.size());
    QCOMPARE(found.language.captions.size(), expected.language.captions.size());
    const json wanted = expected.report.flatten(), got = found.report.flatten();
    for (const auto& [key, value] : wanted.items()) {
      if (key == "/seconds") continue;
      QVERIFY2(got.contains(key), key.c_str());
      QVERIFY2(alike(got.at(key), value), (key + ": " + got.at(key).dump() + ", expected " + value.dump()).c_str());
    }
    const hvlm::LoadedModel loaded = hvlm::loadModel(run, "last", pretendDevice());
    const auto data = hvlm::openDataset(data_);
    const std::string id = data->catalogue.videos[static_cast<size_t>(hvlm::usableVideos(*data, "validation").front())].id;
    QVERIFY(!hvlm::inspectVideo(*loaded.model, *data, id, 1, run).levels.empty());
  } catch (const std::exception& error) {
    QFAIL(QByteArray(error.what()).left(400).constData());
  }
}

QTEST_GUILESS_MAIN(TestEvaluation)
#include "tst_engine_cuda_evaluation.moc"
