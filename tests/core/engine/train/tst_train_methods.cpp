// SPDX-License-Identifier: Apache-2.0
// Every objective of the tables trains through the engine's interface: its terms and their gradient norms are logged, it goes on
// bit for bit after a stop, and what cannot work is refused before any work.
#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <QTemporaryDir>
#include <QtTest>
#include <functional>
#include <limits>
#include <set>

#include "core/engine/tiny_run.h"
#include "engine/train/contrast.h"
#include "engine/train/level_terms.h"
#include "runs/checkpoint.h"
#include "runs/metrics.h"
#include "runs/run_folder.h"

using namespace hvlm::testing;
namespace fs = std::filesystem;

namespace {

constexpr size_t kFarVideo = 3;  // not in the first batch of the first epoch

using Change = std::function<void(hvlm::RunConfig&)>;

hvlm::RunConfig baseline(const Change& change) {
  hvlm::RunConfig c = tinyConfig();
  c.train.epochs = 4;
  c.train.checkpoint_steps = 2;
  c.train.select = "last";
  c.text.buckets = 64;
  c.text.dim = 8;
  change(c);
  return c;
}

void withoutHeads(hvlm::RunConfig& c) {
  c.pyramid.enabled = c.head.classify = c.head.detect = false;
  c.head.video_vector = "mean";
  c.head.detect_levels = 1;
  c.loss.temporal = c.loss.regulariser = c.loss.classification = c.loss.focal = c.loss.diou = 0.0;
}

struct Method {
  const char* name;
  Change change;
  std::set<std::string> terms;
};
const std::vector<Method>& methods() {
  static const std::vector<Method> all = {
      {"moco",
       [](hvlm::RunConfig& c) {
         withoutHeads(c);
         c.contrast.method = "moco", c.contrast.queue = 7, c.contrast.steps = 8, c.contrast.dim = 6;
       },
       {"contrast"}},
      {"simclr",
       [](hvlm::RunConfig& c) {
         withoutHeads(c);
         c.contrast.method = "simclr", c.contrast.steps = 8, c.contrast.dim = 6;
       },
       {"contrast"}},
      {"videoclip",
       [](hvlm::RunConfig& c) {
         withoutHeads(c);
         c.contrast.method = "videoclip", c.text.source = "labels";
       },
       {"contrast"}},
      {"tsn",
       [](hvlm::RunConfig& c) {
         withoutHeads(c);
         c.encoder.kind = "mlp", c.head.classify = true, c.head.video_vector = "segments", c.head.segments = 3, c.loss.classification = 1.0;
       },
       {"classification"}},
      {"phase 2",
       [](hvlm::RunConfig& c) {
         withoutHeads(c);
         c.pyramid.enabled = true, c.pyramid.block = "none", c.head.video_vector = "top";
         c.loss.temporal = c.loss.regulariser = 1.0, c.loss.temporal_scope = "levels";
       },
       {"temporal", "regulariser"}},
      {"all terms by level and text",
       [](hvlm::RunConfig& c) {
         c.encoder.mixer = "window", c.encoder.mixer_window = 3, c.pyramid.block = "window", c.pyramid.block_window = 3;
         c.pyramid.pooling = "attention_max", c.pyramid.level_norm = true;
         c.loss.variance = 1.0, c.loss.covariance = 0.04, c.loss.step_contrast = c.loss.persistence = 0.3, c.loss.cross = 0.1, c.loss.step_gap = 2;
         c.loss.text = c.loss.segment_text = 0.5, c.text.source = "labels";
       },
       {"temporal", "regulariser", "cross", "classification", "focal", "diou", "variance", "covariance", "step_contrast", "persistence", "text", "segment_text"}},
      {"merging",
       [](hvlm::RunConfig& c) { c.merge.where = "before", c.merge.criterion = "importance", c.merge.ratio = 0.3; },
       {"temporal", "classification", "focal", "diou"}},
  };
  return all;
}

std::map<std::string, std::string> filesOf(const std::string& run) {
  std::map<std::string, std::string> files;
  for (const auto& file : fs::directory_iterator(fs::path(run) / "checkpoints" / "last")) files[file.path().filename().string()] = hvlm::readFile(file.path());
  return files;
}

class TestTrainMethods : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void initTestCase();
  void termsAndGradientNormsAreLogged_data() { addMethods(); }
  void termsAndGradientNormsAreLogged();
  void aStoppedRunEndsAsAnUninterruptedOne_data() { addMethods(); }
  void aStoppedRunEndsAsAnUninterruptedOne();
  void impossibleCombinationsAreRefused_data();
  void impossibleCombinationsAreRefused();
  void aQueueLargerThanTheCropsIsRefused();
  void textWithoutCaptionsIsRefused();
  void aLossThatIsNotFiniteNamesTermAndStep();
  void theKeyEncoderFollowsByTheMomentum();
  void theQueueNeverHoldsMoreThanTheCropsSeen();
  void neighbourBatchesHoldEveryVideoOnce();
  void neighboursOfTheSeedShareItsBatch();
  void levelTermsFallWhenTheLevelsAreWhatTheyAskFor();
  void initialWeightsAreThoseOfTheOtherRun();
  void initialWeightsThatCannotBeAreRefusedFirst();

 private:
  static void addMethods() {
    QTest::addColumn<int>("method");
    for (size_t i = 0; i < methods().size(); ++i) QTest::newRow(methods()[i].name) << static_cast<int>(i);
  }
  std::string folder(const char* name) const { return dir_.filePath(name).toStdString(); }
  QTemporaryDir dir_;
  std::string data_;
};

void TestTrainMethods::initTestCase() {
  theEngine().setThreads(1);
  data_ = writeSet(folder("data"), classSet(3, 6, 2));
}

void TestTrainMethods::termsAndGradientNormsAreLogged() {
  QFETCH(int, method);
  const Method& m = methods()[method];
  const std::string run = folder(("logged" + std::to_string(method)).c_str());
  QCOMPARE(runJob(trainSpec(baseline(m.change), data_, run)), "");
  std::map<std::string, double> last;
  hvlm::MetricReader reader(run);
  for (const auto& point : reader.poll()) last[point.tag] = point.value;
  for (const std::string& term : m.terms) {
    QVERIFY2(last.contains("loss/" + term) && std::isfinite(last["loss/" + term]), term.c_str());
    QVERIFY2(last.contains("grad/" + term), term.c_str());
    // The paper's hinge is idle after a LayerNorm (method.md 2), and a regulariser that is met has no gradient.
    if (term != "regulariser" && term != "variance") QVERIFY2(last["grad/" + term] > 0.0, term.c_str());
  }
  QVERIFY(last.contains("train/tc") && last.contains("holdout/effective_rank"));
}

void TestTrainMethods::aStoppedRunEndsAsAnUninterruptedOne() {
  QFETCH(int, method);
  const hvlm::RunConfig config = baseline(methods()[method].change);
  const std::string whole = folder(("whole" + std::to_string(method)).c_str()), parts = folder(("parts" + std::to_string(method)).c_str());
  QCOMPARE(runJob(trainSpec(config, data_, whole)), "");
  for (const int64_t stop_after : {3, 9}) {  // inside the first epoch and inside a later one
    hvlm::JobControl control;
    Recorder recorder;
    recorder.on_step = [&](const hvlm::StepEvent& event) {
      if (event.step >= stop_after) control.requestStop();
    };
    QCOMPARE(runJob(trainSpec(config, data_, parts, fs::exists(parts)), control, recorder), "");
    QVERIFY(recorder.all<hvlm::FinishedEvent>().front().stopped);
  }
  QCOMPARE(runJob(trainSpec(config, data_, parts, true)), "");
  const auto expected = filesOf(whole), found = filesOf(parts);
  QVERIFY(config.contrast.method == "none" || config.contrast.method == "simclr" || expected.contains("contrast.safetensors"));
  for (const auto& [name, bytes] : expected) QVERIFY2(found.contains(name) && found.at(name) == bytes, name.c_str());
}

void TestTrainMethods::impossibleCombinationsAreRefused_data() {
  QTest::addColumn<QStringList>("settings");
  QTest::addColumn<QStringList>("named");
  QTest::newRow("persistence without levels") << QStringList{"loss.persistence=0.3", "pyramid.enabled=false", "head.detect_levels=1"} << QStringList{"loss.persistence", "pyramid.enabled"};
  QTest::newRow("levels of the temporal loss without levels")
      << QStringList{"loss.temporal_scope=levels", "pyramid.enabled=false", "head.detect_levels=1"} << QStringList{"loss.temporal_scope", "pyramid.enabled"};
  QTest::newRow("an even block window") << QStringList{"pyramid.block=window", "pyramid.block_window=4"} << QStringList{"pyramid.block_window", "pyramid.block"};
  QTest::newRow("a window below one") << QStringList{"encoder.mixer=window", "encoder.mixer_window=0"} << QStringList{"encoder.mixer_window"};
  QTest::newRow("merging between levels without a block") << QStringList{"merge.where=between", "pyramid.block=none"} << QStringList{"merge.where", "pyramid.block"};
  QTest::newRow("limits of merging the wrong way round")
      << QStringList{"merge.where=before", "merge.schedule=adaptive", "merge.min_ratio=0.4", "merge.max_ratio=0.1"} << QStringList{"merge.min_ratio", "merge.max_ratio"};
  QTest::newRow("contrast of raw features") << QStringList{"encoder.kind=raw", "contrast.method=moco", "pyramid.enabled=false", "head.detect=false"}
                                            << QStringList{"encoder.kind", "contrast.method"};
  QTest::newRow("crops the wrong way round") << QStringList{"contrast.method=moco", "contrast.crop_min=0.9", "contrast.crop_max=0.5"} << QStringList{"contrast.crop_min", "contrast.crop_max"};
  QTest::newRow("SimCLR of one video") << QStringList{"contrast.method=simclr", "train.batch_size=1"} << QStringList{"train.batch_size", "contrast.method"};
  QTest::newRow("a text term of one video") << QStringList{"loss.text=1", "train.batch_size=1"} << QStringList{"train.batch_size", "loss.text"};
  QTest::newRow("more best segments than segments")
      << QStringList{"head.video_vector=segments", "head.consensus=topk", "head.segments=2", "head.consensus_top=3"} << QStringList{"head.consensus_top", "head.segments"};
  QTest::newRow("a detector on raw features") << QStringList{"encoder.kind=raw", "pyramid.enabled=false", "head.detect_levels=1"} << QStringList{"head.detect", "encoder.kind"};
  QTest::newRow("clips the wrong way round") << QStringList{"contrast.method=videoclip", "contrast.clip_min_seconds=40"} << QStringList{"contrast.clip_min_seconds", "contrast.clip_max_seconds"};
}
void TestTrainMethods::impossibleCombinationsAreRefused() {
  QFETCH(QStringList, settings);
  QFETCH(QStringList, named);
  hvlm::RunConfig config;
  const std::string run = folder("refused");
  std::string message;
  try {
    std::vector<std::string> all;
    for (const QString& s : settings) all.push_back(s.toStdString());
    hvlm::applySettings(config, all);
    message = runJob(trainSpec(config, data_, run));
  } catch (const hvlm::InputError& error) {
    message = error.what();
  }
  for (const QString& key : named) QVERIFY2(message.find(key.toStdString()) != std::string::npos, message.c_str());
  QVERIFY(!fs::exists(run));
}

void TestTrainMethods::aQueueLargerThanTheCropsIsRefused() {
  hvlm::RunConfig config = baseline(methods()[0].change);
  config.contrast.queue = 1000;
  const std::string run = folder("queue");
  const std::string message = runJob(trainSpec(config, data_, run));
  for (const char* key : {"contrast.queue", "train.epochs", "1000"}) QVERIFY2(message.find(key) != std::string::npos, message.c_str());
  QVERIFY(!fs::exists(run));
}

void TestTrainMethods::textWithoutCaptionsIsRefused() {
  for (const Change& change : {Change([](hvlm::RunConfig& c) { c.loss.text = 1.0; }), Change([](hvlm::RunConfig& c) { c.contrast.method = "videoclip"; })}) {
    const std::string run = folder("captions");
    const std::string message = runJob(trainSpec(baseline(change), data_, run));
    QVERIFY2(message.find("captions") != std::string::npos, message.c_str());
    QVERIFY(message.find("loss.text") != std::string::npos || message.find("contrast.method") != std::string::npos);
    QVERIFY(!fs::exists(run));
  }
}

void TestTrainMethods::aLossThatIsNotFiniteNamesTermAndStep() {
  hvlm::RunConfig config = baseline([](hvlm::RunConfig& c) { withoutHeads(c), c.loss.covariance = 1.0; });
  config.encoder.final_norm = false;
  config.encoder.input_norm = "none";
  config.train.checkpoint_steps = 1;
  config.train.holdout = 0.0;
  MadeSet set = classSet(3, 6, 2);
  for (float& value : set.videos[kFarVideo].values) value *= 1e25f;  // finite, and the square of a covariance is not
  const std::string run = folder("nan");
  const std::string message = runJob(trainSpec(config, writeSet(folder("far"), set), run));
  QVERIFY2(message.find("loss.covariance at step ") != std::string::npos, message.c_str());
  QVERIFY2(message.find(" is kept") != std::string::npos, message.c_str());
  const auto kept = hvlm::loadCheckpoint(run, "last", nullptr);
  QVERIFY(kept.has_value());
  for (const auto& [name, tensor] : kept->files.at("weights")) {
    if (tensor.dtype != "F32") continue;
    const auto* values = reinterpret_cast<const float*>(tensor.bytes.data());
    for (size_t i = 0; i < tensor.bytes.size() / sizeof(float); ++i) QVERIFY2(std::isfinite(values[i]), name.c_str());
  }
  QCOMPARE(hvlm::readRunRecord(run).state, "failed");
}

// Rows of two channels of noise, one pack of three videos.
hvlm::Packed smallPack() {
  at::Generator generator = hvlm::makeGenerator(3);
  return {hvlm::normalInit({30, 4}, 1.0, generator, at::kFloat), {0, 9, 18, 30}, {}, {}};
}

void TestTrainMethods::theKeyEncoderFollowsByTheMomentum() {
  hvlm::RunConfig config = baseline(methods()[0].change);
  config.contrast.momentum = 0.75;
  hvlm::HierarchicalModel model(config, 4, 2, 1);
  hvlm::ContrastTask task(config, model, nullptr, 3);
  const auto keyOf = [&](const std::string& name) {
    for (const hvlm::NamedTensor& t : task.state()) {
      if (t.name == "key." + name) return t.value.clone();
    }
    return at::Tensor();
  };
  const std::string name = "encoder.projection.weight";
  const at::Tensor before = keyOf(name);
  QVERIFY(at::equal(before, *model.parameters().find(name)));
  const auto terms = task.terms(model, smallPack(), {0, 1, 2}, {}, {}, at::ones({4}), {.training = true, .generator = hvlm::makeGenerator(1)});
  QCOMPARE(terms.size(), size_t{1});
  terms[0].value.backward();
  {
    const at::NoGradGuard no_grad;
    model.parameters().find(name)->detach().add_(1.0);
  }
  task.afterStep(model);
  QVERIFY(at::allclose(keyOf(name), 0.75 * before + 0.25 * (before + 1.0), 1e-5, 1e-6));
  for (const hvlm::NamedTensor& t : task.state()) QVERIFY2(!t.value.requires_grad(), t.name.c_str());
}

void TestTrainMethods::theQueueNeverHoldsMoreThanTheCropsSeen() {
  hvlm::RunConfig config = baseline(methods()[0].change);
  hvlm::HierarchicalModel model(config, 4, 2, 1);
  hvlm::ContrastTask task(config, model, nullptr, 3);
  for (int64_t step = 0; step < 4; ++step) {
    at::Tensor seen;
    for (const hvlm::NamedTensor& t : task.state()) {
      if (t.name == "queue.counters") seen = t.value.clone();
    }
    QCOMPARE(seen.sum().item<int64_t>(), 3 * step);
    const auto terms = task.terms(model, smallPack(), {0, 1, 2}, {}, {}, at::ones({4}), {.training = true, .generator = hvlm::makeGenerator(static_cast<uint64_t>(step))});
    // The queue is empty at first: there is nothing to tell apart. Later all its keys are of the same three videos, each of which is masked for itself.
    if (step == 0) QCOMPARE(terms[0].value.item<double>(), 0.0);
    if (step > 0) QVERIFY(terms[0].value.item<double>() > 0.0);
    task.afterStep(model);
  }
}

void TestTrainMethods::neighbourBatchesHoldEveryVideoOnce() {
  hvlm::RunConfig config = baseline(methods()[2].change);
  const auto tower = hvlm::makeTextTower("hashed", config.text.buckets);
  const hvlm::HierarchicalModel model(config, 4, 2, 1);
  hvlm::ContrastTask task(config, model, tower.get(), 11);
  at::Generator generator = hvlm::makeGenerator(5);
  for (const bool known : {false, true}) {
    if (known) task.setNeighbourVectors(hvlm::normalInit({11, model.width()}, 1.0, generator, at::kFloat));
    const auto batches = task.neighbourBatches(4, 7, 2);
    QCOMPARE(batches.size(), size_t{3});
    std::multiset<int64_t> seen;
    for (const auto& batch : batches) seen.insert(batch.begin(), batch.end());
    QCOMPARE(seen.size(), size_t{11});
    QCOMPARE(std::set<int64_t>(seen.begin(), seen.end()).size(), size_t{11});
    QVERIFY(batches == task.neighbourBatches(4, 7, 2));
    QVERIFY(batches != task.neighbourBatches(4, 7, 3));
  }
}

void TestTrainMethods::neighboursOfTheSeedShareItsBatch() {
  hvlm::RunConfig config = baseline(methods()[2].change);
  const auto tower = hvlm::makeTextTower("hashed", config.text.buckets);
  const hvlm::HierarchicalModel model(config, 4, 2, 1);
  hvlm::ContrastTask task(config, model, tower.get(), 8);
  at::Tensor vectors = at::zeros({8, model.width()});
  for (int64_t v = 0; v < 8; ++v) vectors[v][v / 2] = 1.0;  // twins 0-1, 2-3, 4-5, 6-7
  task.setNeighbourVectors(vectors);
  for (const auto& batch : task.neighbourBatches(2, 1, 1)) QCOMPARE(batch[0] / 2, batch[1] / 2);
}

void TestTrainMethods::levelTermsFallWhenTheLevelsAreWhatTheyAskFor() {
  hvlm::RunConfig config = baseline([](hvlm::RunConfig& c) { c.pyramid.block = "none"; });
  const hvlm::HierarchicalModel model(config, 4, 2, 1);
  hvlm::ModelOutput output;
  hvlm::LossOptions options;
  options.persistence = options.step_contrast = 1.0;
  const auto value = [&](const at::Tensor& rows, const char* name) {
    output.pyramid = hvlm::buildPyramid(rows, at::zeros({1, rows.size(1)}), hvlm::planPyramid({0, 32, 64}, "ceil", -1));
    at::Generator generator = hvlm::makeGenerator(4);
    for (const hvlm::LossTerm& term : hvlm::levelTerms(output, options, generator)) {
      if (term.name == name) return term.value.item<double>();
    }
    return std::numeric_limits<double>::quiet_NaN();
  };
  at::Generator generator = hvlm::makeGenerator(9);
  const at::Tensor noise = hvlm::normalInit({64, 8}, 1.0, generator, at::kFloat);
  at::Tensor apart = noise * 0.01;  // two videos, each with a direction of its own
  apart.narrow(0, 0, 32).select(1, 0).add_(1.0);
  apart.narrow(0, 32, 32).select(1, 1).add_(1.0);
  QVERIFY(value(apart, "persistence") < value(noise, "persistence"));
  QVERIFY(value(apart, "persistence") < 1e-3);
  const at::Tensor slow = at::cat({at::linspace(0.0, 6.0, 64).unsqueeze(1).cos(), at::linspace(0.0, 6.0, 64).unsqueeze(1).sin()}, 1);
  QVERIFY(value(slow, "step_contrast") < value(noise.narrow(1, 0, 2), "step_contrast"));
}

}  // namespace

void TestTrainMethods::initialWeightsAreThoseOfTheOtherRun() {
  QTemporaryDir folder;
  const std::string data = writeSet(folder.filePath(QStringLiteral("set")).toStdString(), classSet(2, 5, 1));
  const std::string origin = folder.filePath(QStringLiteral("simclr")).toStdString(), run = folder.filePath(QStringLiteral("tuned")).toStdString();
  const hvlm::RunConfig contrastive = baseline(methods().at(1).change);
  QCOMPARE(runJob(trainSpec(contrastive, data, origin)), std::string());
  hvlm::RunConfig tuned = contrastive;
  tuned.contrast.method = "none";
  tuned.head.classify = true;
  tuned.loss.classification = 1.0;
  tuned.seed = 99;  // of the classifier
  tuned.train.epochs = 0;
  tuned.train.init = "../simclr";
  QCOMPARE(runJob(trainSpec(tuned, data, run)), std::string());
  const auto before = hvlm::loadCheckpoint(origin, "best", nullptr), after = hvlm::loadCheckpoint(run, "best", nullptr);
  int64_t same = 0, fresh = 0;
  for (const auto& [name, tensor] : after->files.at("ema")) {
    const auto& theirs = before->files.at("ema");
    if (!theirs.contains(name)) {
      ++fresh;
      continue;
    }
    QVERIFY2(tensor.bytes == theirs.at(name).bytes, name.c_str());
    ++same;
  }
  QVERIFY(same > 5);
  QVERIFY(fresh > 0);
  hvlm::RunConfig plain = tuned;
  plain.train.init.clear();
  QVERIFY(hvlm::configHash(plain) != hvlm::configHash(tuned));
}

void TestTrainMethods::initialWeightsThatCannotBeAreRefusedFirst() {
  QTemporaryDir folder;
  const std::string data = writeSet(folder.filePath(QStringLiteral("set")).toStdString(), classSet(2, 4, 1));
  const std::string origin = folder.filePath(QStringLiteral("origin")).toStdString(), run = folder.filePath(QStringLiteral("run")).toStdString();
  hvlm::RunConfig config = baseline([](hvlm::RunConfig& c) { withoutHeads(c), c.loss.temporal = 1.0, c.train.epochs = 1; });
  QCOMPARE(runJob(trainSpec(config, data, origin)), std::string());
  config.train.init = "../nowhere";
  const std::string missing = runJob(trainSpec(config, data, run));
  QVERIFY2(missing.find("train.init") != std::string::npos && missing.find("nowhere") != std::string::npos, missing.c_str());
  QVERIFY(!fs::exists(run));
  config.train.init = origin;
  config.encoder.dim = 8;
  const std::string narrow = runJob(trainSpec(config, data, run));
  QVERIFY2(narrow.find("encoder.") != std::string::npos && narrow.find("another shape") != std::string::npos, narrow.c_str());
  // Both shapes of each of the first ten, and how many more there are.
  QVERIFY2(narrow.find("encoder.projection.weight [8, 8] here, [16, 8] there") != std::string::npos, narrow.c_str());
  QVERIFY2(narrow.find("; and ") != std::string::npos && narrow.find(" more") != std::string::npos, narrow.c_str());
  size_t listed = 0;
  for (size_t at = narrow.find(" there"); at != std::string::npos; at = narrow.find(" there", at + 1)) ++listed;
  QCOMPARE(listed, size_t{10});
  // One layer fewer would leave weights out without a word.
  config.encoder.dim = 16;
  config.encoder.layers = 0;
  const std::string shallow = runJob(trainSpec(config, data, folder.filePath(QStringLiteral("shallow")).toStdString()));
  QVERIFY2(shallow.find("encoder.layers.0.") != std::string::npos && shallow.find("not here") != std::string::npos, shallow.c_str());
  // A head that differs in its width is refused, one that differs in its classes alone starts anew.
  config = baseline([](hvlm::RunConfig& c) { c.train.epochs = 1; });
  const std::string headed = folder.filePath(QStringLiteral("headed")).toStdString();
  QCOMPARE(runJob(trainSpec(config, data, headed)), std::string());
  config.train.init = headed;
  config.train.epochs = 0;
  const std::string other = writeSet(folder.filePath(QStringLiteral("other")).toStdString(), classSet(3, 4, 1));
  const std::string more = folder.filePath(QStringLiteral("more")).toStdString();
  QCOMPARE(runJob(trainSpec(config, other, more)), std::string());
  const auto before = hvlm::loadCheckpoint(headed, "best", nullptr), after = hvlm::loadCheckpoint(more, "best", nullptr);
  QVERIFY(after->files.at("ema").at("encoder.projection.weight").bytes == before->files.at("ema").at("encoder.projection.weight").bytes);
  config.head.width = 8;
  const std::string slim = runJob(trainSpec(config, other, folder.filePath(QStringLiteral("slim")).toStdString()));
  QVERIFY2(slim.find("detect.") != std::string::npos && slim.find("encoder.") == std::string::npos, slim.c_str());
}

QTEST_GUILESS_MAIN(TestTrainMethods)
#include "tst_train_methods.moc"
