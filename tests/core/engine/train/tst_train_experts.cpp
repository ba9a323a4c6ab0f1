// SPDX-License-Identifier: Apache-2.0
// Domains of a taxonomy become experts of a run: how many there are, what the router is taught, and that a run goes on with them.
#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <QTemporaryDir>
#include <QtTest>
#include <cmath>
#include <set>

#include "core/engine/tiny_run.h"
#include "engine/entry/session.h"
#include "engine/eval/embed.h"
#include "engine/objective/classification.h"
#include "engine/train/terms.h"
#include "runs/run_folder.h"
#include "support/json_file.h"

using namespace hvlm;
using namespace hvlm::testing;
namespace fs = std::filesystem;

namespace {

using Taxonomy = std::vector<std::pair<std::string, std::string>>;  // node, parent

nlohmann::json taxonomyJson(const Taxonomy& nodes) {
  nlohmann::json list = nlohmann::json::array();
  for (const auto& [name, parent] : nodes) list.push_back({{"nodeName", name}, {"parentName", parent.empty() ? nlohmann::json() : nlohmann::json(parent)}});
  return list;
}

// Four classes, two of each domain.
const Taxonomy kTwoDomains = {{"Root", ""}, {"Home", "Root"}, {"Sports", "Root"}, {"class 0", "Sports"}, {"class 1", "Sports"}, {"class 2", "Home"}, {"class 3", "Home"}};

RunConfig expertConfig(const std::string& kind = "soft") {
  RunConfig config = tinyConfig();
  config.head.experts = kind;
  config.head.expert_width = 4;
  config.train.select = "last";
  return config;
}

double valueOf(const StepEvent& step, const std::string& tag) {
  for (const auto& [name, value] : step.values) {
    if (name == tag) return value;
  }
  return std::nan("");
}

// What a batch of these videos would teach.
TotalLoss lossOf(const at::Tensor& router_logits, const Catalogue& catalogue, const LossOptions& options) {
  std::vector<int64_t> videos;
  for (size_t v = 0; v < catalogue.videos.size(); ++v) videos.push_back(static_cast<int64_t>(v));
  ModelOutput output;
  output.router_logits = router_logits;
  RunningPositives positives;
  return totalLoss(output, {}, batchTargets(catalogue, {.steps_per_second = 1.0}, videos), options, 3, 1, positives);
}

LossOptions routerAlone() {
  LossOptions options;
  options.temporal = options.regulariser = options.classification = options.focal = options.diou = 0.0;
  return options;
}

Video videoOf(const std::string& id, const std::vector<int64_t>& labels) {
  Video video{.id = id, .subset = "training", .duration_seconds = 9.0};
  for (const int64_t label : labels) video.segments.push_back({1.0, 3.0, label});
  return video;
}

}  // namespace
Q_DECLARE_METATYPE(Taxonomy)

class TestTrainExperts : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void initTestCase() { theEngine().setThreads(1); }
  void init() { folder_ = std::make_unique<QTemporaryDir>(); }
  void theNumberComesFromTheTaxonomy_data();
  void theNumberComesFromTheTaxonomy();
  void unusableTaxonomiesAreRefusedBeforeAnyWork_data();
  void unusableTaxonomiesAreRefusedBeforeAnyWork();
  void moreDomainsThanExpertsCanBeAreRefused();
  void aNumberOfOnesOwnNeedsNoTaxonomy();
  void aRunGoesOnWithItsDomains_data();
  void aRunGoesOnWithItsDomains();
  void anotherNumberOfDomainsIsAnotherRun();
  void theRouterLearnsTheDomains();
  void videosWithoutADomainAreLeftOut();
  void withoutAnyDomainTheBalanceIsLeft();

 private:
  std::string path(const char* name) const { return folder_->filePath(QString::fromLatin1(name)).toStdString(); }
  std::string made(const Taxonomy& taxonomy, int64_t per_class = 4, int64_t classes = 4) {
    const std::string data = writeSet(path("data"), classSet(classes, per_class, 1));
    nlohmann::json annotations = readJsonFile(path("data/annotations.json"));
    annotations["taxonomy"] = taxonomyJson(taxonomy);
    writeFileAtomic(path("data/annotations.json"), annotations.dump());
    return data;
  }
  RunConfig stored() const { return readRunConfig(path("run/config.yaml")); }
  std::unique_ptr<QTemporaryDir> folder_;
};

void TestTrainExperts::theNumberComesFromTheTaxonomy_data() {
  QTest::addColumn<QString>("kind");
  for (const char* kind : {"soft", "hard", "confidence", "single"}) QTest::newRow(kind) << kind;
}
void TestTrainExperts::theNumberComesFromTheTaxonomy() {
  QFETCH(QString, kind);
  RunConfig config = expertConfig(kind.toStdString());
  config.train.epochs = 1;
  JobControl control;
  Recorder recorder;
  QCOMPARE(runJob(trainSpec(config, made(kTwoDomains), path("run")), control, recorder), std::string());
  QCOMPARE(stored().head.domains, int64_t{2});
  config.head.domains = 2;
  QCOMPARE(readRunRecord(path("run")).config_hash, configHash(config));
  const LoadedModel loaded = loadModel(path("run"), "last");
  QCOMPARE(loaded.model->parameters().find("head.experts.1.up.weight") != nullptr, kind != "single");
  QVERIFY(!loaded.model->parameters().find("head.experts.2.up.weight"));
  const StepEvent first = recorder.all<StepEvent>().front();
  for (const char* tag : {"loss/router", "loss/balance", "grad/router"}) QCOMPARE(std::isfinite(valueOf(first, tag)), kind != "single");
}

void TestTrainExperts::unusableTaxonomiesAreRefusedBeforeAnyWork_data() {
  QTest::addColumn<Taxonomy>("taxonomy");
  QTest::addColumn<QString>("found");
  QTest::newRow("none") << Taxonomy{} << "none that leads to a class";
  Taxonomy flat = {{"Root", ""}, {"class 0", "Root"}, {"class 1", "Root"}, {"class 2", "Root"}, {"class 3", "Root"}};
  QTest::newRow("a list of classes") << flat << "none that leads to a class";
  for (auto& [name, parent] : flat) {
    if (!parent.empty()) parent = "nowhere";
  }
  QTest::newRow("without a root") << flat << "none that leads to a class";
}
void TestTrainExperts::unusableTaxonomiesAreRefusedBeforeAnyWork() {
  QFETCH(Taxonomy, taxonomy);
  QFETCH(QString, found);
  const QString said = QString::fromStdString(runJob(trainSpec(expertConfig(), made(taxonomy), path("run"))));
  for (const QString& part : {QStringLiteral("annotations.json: taxonomy"), QStringLiteral("head.experts = soft"), QStringLiteral("head.domains"), found}) {
    QVERIFY2(said.contains(part), qPrintable(said + " lacks " + part));
  }
  QVERIFY(!fs::exists(path("run")));
}

void TestTrainExperts::moreDomainsThanExpertsCanBeAreRefused() {
  Taxonomy wide = {{"Root", ""}};
  for (int64_t c = 0; c < 65; ++c) {
    wide.emplace_back("domain " + std::to_string(c), "Root");
    wide.emplace_back("class " + std::to_string(c), "domain " + std::to_string(c));
  }
  const QString said = QString::fromStdString(runJob(trainSpec(expertConfig(), made(wide, 1, 65), path("run"))));
  QVERIFY2(said.contains("at most 64") && said.contains("65 names") && said.contains("head.domains"), qPrintable(said));
  QVERIFY(!fs::exists(path("run")));
}

void TestTrainExperts::aNumberOfOnesOwnNeedsNoTaxonomy() {
  RunConfig config = expertConfig();
  config.head.domains = 3;
  config.train.epochs = 1;
  JobControl control;
  Recorder recorder;
  QCOMPARE(runJob(trainSpec(config, made({}), path("run")), control, recorder), std::string());
  QCOMPARE(stored().head.domains, int64_t{3});
  const StepEvent first = recorder.all<StepEvent>().front();
  QVERIFY(std::isnan(valueOf(first, "loss/router")) && std::isfinite(valueOf(first, "loss/balance")));
}

void TestTrainExperts::aRunGoesOnWithItsDomains_data() {
  QTest::addColumn<bool>("of_the_run");
  QTest::newRow("with the config that it was started with") << false;
  QTest::newRow("with the config that it has written") << true;
}
void TestTrainExperts::aRunGoesOnWithItsDomains() {
  QFETCH(bool, of_the_run);
  const RunConfig config = expertConfig();
  const std::string data = made(kTwoDomains);
  JobControl control;
  Recorder recorder;
  recorder.on_step = [&](const StepEvent& step) {
    if (step.step == 3) control.requestStop();
  };
  QCOMPARE(runJob(trainSpec(config, data, path("run")), control, recorder), std::string());
  QCOMPARE(readRunRecord(path("run")).state, std::string("stopped"));
  QCOMPARE(config.head.domains, int64_t{0});
  QCOMPARE(runJob(trainSpec(of_the_run ? stored() : config, data, path("run"), true)), std::string());
  const RunRecord record = readRunRecord(path("run"));
  QCOMPARE(record.state, std::string("done"));
  QCOMPARE(record.resumes.size(), size_t{1});
  QCOMPARE(stored().head.domains, int64_t{2});
}

void TestTrainExperts::anotherNumberOfDomainsIsAnotherRun() {
  RunConfig config = expertConfig();
  config.train.epochs = 1;
  const std::string data = made(kTwoDomains);
  QCOMPARE(runJob(trainSpec(config, data, path("run"))), std::string());
  config.head.domains = 5;
  const QString said = QString::fromStdString(runJob(trainSpec(config, data, path("run"), true)));
  QVERIFY2(said.contains("head.domains") && said.contains("2 / 5"), qPrintable(said));
}

void TestTrainExperts::theRouterLearnsTheDomains() {
  RunConfig config = expertConfig("hard");
  config.train.epochs = 20;
  config.train.lr = 5e-3;
  config.train.holdout = 0.0;
  config.train.evaluate_epochs = 0;
  config.head.detect = false;
  config.head.detect_levels = 1;
  config.detect.video_fusion = 0.0;
  config.loss.router = 1.0;
  const std::string data = made(kTwoDomains, 6);
  JobControl control;
  Recorder recorder;
  QCOMPARE(runJob(trainSpec(config, data, path("run")), control, recorder), std::string());
  const auto steps = recorder.all<StepEvent>();
  const double before = valueOf(steps.front(), "loss/router"), after = valueOf(steps.back(), "loss/router");
  QVERIFY2(after < 0.3 * before, qPrintable(QStringLiteral("%1 -> %2").arg(before).arg(after)));

  const LoadedModel loaded = loadModel(path("run"), "last");
  const auto opened = openDataset(data);
  QCOMPARE(opened->catalogue.domains, (std::vector<std::string>{"Home", "Sports"}));
  const auto videos = usableVideos(*opened, "training");
  const at::NoGradGuard no_grad;
  int64_t right = 0;
  overVideoBatches(*loaded.model, *opened->store, opened->catalogue, videos, {}, [&](const Packed& packed, const std::vector<int64_t>& here) {
    const at::Tensor chosen = loaded.model->forward(packed).router_logits.argmax(1);
    for (size_t b = 0; b < here.size(); ++b) {
      const Video& video = opened->catalogue.videos[static_cast<size_t>(here[b])];
      const int64_t domain = opened->catalogue.domain_of_class[static_cast<size_t>(video.segments.front().label)];
      right += chosen[static_cast<int64_t>(b)].item<int64_t>() == domain;
    }
  });
  QCOMPARE(videos.size(), size_t{24});
  QVERIFY2(right >= 22, qPrintable(QString::number(right)));  // chance is 12
}

void TestTrainExperts::videosWithoutADomainAreLeftOut() {
  Catalogue catalogue;
  catalogue.classes = {"a", "b", "c"};
  catalogue.domains = {"one", "two"};
  catalogue.domain_of_class = {1, -1, 0};
  catalogue.videos = {videoOf("v0", {0}), videoOf("v1", {1}), videoOf("v2", {0, 1, 2}), videoOf("v3", {})};
  const BatchTargets targets = batchTargets(catalogue, {.steps_per_second = 1.0}, {0, 1, 2, 3});
  QCOMPARE(targets.domain_sets, (std::vector<std::vector<int64_t>>{{1}, {}, {0, 1}, {}}));
  const at::Tensor logits = at::randn({4, 2}, makeGenerator(1), at::kDouble).requires_grad_(true);
  LossOptions options = routerAlone();
  options.balance = 0.0;
  const TotalLoss loss = lossOf(logits, catalogue, options);
  QCOMPARE(loss.terms.size(), size_t{1});
  QCOMPARE(loss.terms.front().name, std::string("router"));
  QCOMPARE(loss.terms.front().weight, options.router);
  const at::Tensor likely = logits.detach().log_softmax(1);
  const double expected = -0.5 * (likely[0][1].item<double>() + 0.5 * (likely[2][0].item<double>() + likely[2][1].item<double>()));
  QVERIFY(std::abs(loss.terms.front().value.item<double>() - expected) < 1e-12);
  loss.total.backward();
  for (const int64_t row : {1, 3}) QCOMPARE(logits.grad()[row].abs().max().item<double>(), 0.0);
  for (const int64_t row : {0, 2}) QVERIFY(logits.grad()[row].abs().max().item<double>() > 0.0);
  // With fewer experts than domains, videos of the others are left out too.
  const at::Tensor narrow = at::zeros({4, 1}, at::kDouble);
  QVERIFY(lossOf(narrow, catalogue, options).terms.empty());
}

void TestTrainExperts::withoutAnyDomainTheBalanceIsLeft() {
  Catalogue catalogue;
  catalogue.classes = {"a"};
  catalogue.videos = {videoOf("v0", {0}), videoOf("v1", {0})};
  const at::Tensor logits = at::zeros({2, 4}, at::kDouble);
  const TotalLoss loss = lossOf(logits, catalogue, routerAlone());
  QCOMPARE(loss.terms.size(), size_t{1});
  QCOMPARE(loss.terms.front().name, std::string("balance"));
  QVERIFY(std::abs(loss.terms.front().value.item<double>() - 1.0) < 1e-12);
  LossOptions off = routerAlone();
  off.router = off.balance = 0.0;
  QVERIFY(lossOf(logits, catalogue, off).terms.empty());
}

QTEST_GUILESS_MAIN(TestTrainExperts)
#include "tst_train_experts.moc"
