// SPDX-License-Identifier: Apache-2.0
// What a run finds with int8 weights is what it finds without.
#include <QTemporaryDir>
#include <QtTest>
#include <cmath>

#include "core/engine/tiny_run.h"
#include "engine/entry/session.h"
#include "engine/eval/evaluate.h"
#include "engine/model/int8_weights.h"

using namespace hvlm;
using namespace hvlm::testing;

class TestEvalInt8 : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void theSameDetections();

 private:
  QTemporaryDir folder_;
};

void TestEvalInt8::theSameDetections() {
  if (!Int8Weights::supported()) QSKIP("this processor has no int8 products");
  const std::string data = writeSet(folder_.filePath("data").toStdString(), classSet(3, 8, 4)), run = folder_.filePath("run").toStdString();
  RunConfig config = tinyConfig();
  config.encoder.dim = 64;
  config.head.width = 64;
  config.train.epochs = 10;
  QCOMPARE(runJob(trainSpec(config, data, run)), std::string());
  const auto set = openDataset(data);
  const auto videos = usableVideos(*set, "validation");
  const std::optional<Baselines> none;
  const auto mapOf = [&](bool with_int8, int64_t* layers) {
    const LoadedModel loaded = loadModel(run, "best");
    Int8Weights int8(loaded.model->parameters());
    int8.setActive(with_int8);
    const Evaluation evaluation = evaluateRun({*loaded.model, *set->store, set->catalogue, set->spec.features, videos, none, false, false}, [](const std::string&, int64_t, int64_t) { return true; });
    if (layers) *layers = int8.layers();
    return std::pair{evaluation.report.at("localization").at("average_map").get<double>(), evaluation.report.at("classification").at("top1").get<double>()};
  };
  int64_t layers = 0;
  const auto plain = mapOf(false, nullptr), found = mapOf(true, &layers);
  QVERIFY(layers > 4);
  QVERIFY2(plain.first > 0.2, qPrintable(QString::number(plain.first)));  // there is something to lose
  QVERIFY2(std::abs(found.first - plain.first) <= 0.02, qPrintable(QString("%1 beside %2").arg(found.first).arg(plain.first)));
  QVERIFY(std::abs(found.second - plain.second) <= 0.1);
}

QTEST_GUILESS_MAIN(TestEvalInt8)
#include "tst_eval_int8.moc"
