// SPDX-License-Identifier: Apache-2.0
// Long videos by stretches: the same numbers as the whole pass, few rows in the model at once, and a clear no where a config sees whole
// videos.
#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <QTemporaryDir>
#include <QtTest>
#include <cmath>

#include "core/engine/objective/finite_difference.h"
#include "core/engine/tiny_run.h"
#include "engine/eval/detect.h"
#include "engine/eval/stream.h"
#include "engine/model/candidates.h"
#include "engine/model/layers.h"
#include "engine/model/positions.h"
#include "score/detection.h"

using namespace hvlm;
using namespace hvlm::testing;
using nlohmann::json;

namespace {

constexpr int64_t kInput = 6;
constexpr int64_t kClasses = 3;

RunConfig windowConfig() {
  RunConfig c;
  c.encoder.mixer = "window";
  c.encoder.mixer_window = 7;
  c.encoder.dim = 8;
  c.encoder.heads = 2;
  c.encoder.layers = 2;
  c.encoder.stem_convolutions = 2;
  c.pyramid.pooling = "attention_max";
  c.pyramid.block = "conv";
  c.pyramid.level_norm = true;
  c.head.video_vector = "attention";
  c.head.width = 6;
  c.head.detect_levels = 4;
  c.head.detect_layers = 2;
  c.head.edges = true;
  c.head.rescore = true;
  return c;
}

// Weights that do something everywhere, biases and pooling vectors too.
std::unique_ptr<HierarchicalModel> modelOf(const RunConfig& config, at::ScalarType type = at::kDouble, double by = 0.3) {
  auto model = std::make_unique<HierarchicalModel>(config, kInput, kClasses, 5, at::TensorOptions().dtype(type));
  at::Generator generator = makeGenerator(99);
  const at::NoGradGuard no_grad;
  for (const at::Tensor& p : model->parameters().tensors()) p.add_(normalInit(p.sizes(), by, generator, p.options().requires_grad(false)));
  model->setChannelStatistics(at::full({kInput}, 0.1), at::full({kInput}, 1.3));
  return model;
}

FeatureMatrix rowsOf(int64_t steps, double phase = 0.0) {
  const at::Tensor rows = someRows(steps, kInput, phase).to(at::kFloat).contiguous();
  return {steps, kInput, std::vector<float>(rows.const_data_ptr<float>(), rows.const_data_ptr<float>() + rows.numel())};
}

ModelOutput wholePass(const HierarchicalModel& model, FeatureMatrix rows) {
  const at::NoGradGuard no_grad;
  Packed pack;
  pack.x = at::from_blob(rows.values.data(), {rows.rows, rows.columns}, at::kFloat).clone();
  pack.offsets = {0, rows.rows};
  return model.forward(pack);
}

FeatureMatrix part(const FeatureMatrix& all, int64_t first, int64_t count) {
  const auto begin = all.values.begin() + first * all.columns;
  return {count, all.columns, std::vector<float>(begin, begin + count * all.columns)};
}

struct Streamed {
  ModelOutput output;
  std::vector<int64_t> read;  // rows of each call
};
Streamed byStretches(const HierarchicalModel& model, const FeatureMatrix& rows, const StretchPlan& plan) {
  Streamed out;
  out.output = forwardByStretches(model, rows.rows, plan, [&](int64_t first, int64_t count) {
    out.read.push_back(count);
    return part(rows, first, count);
  });
  return out;
}

double apart(const at::Tensor& a, const at::Tensor& b) {
  if (a.defined() != b.defined()) return 1e9;
  if (!a.defined()) return 0.0;
  if (a.sizes() != b.sizes()) return 1e8;
  return (a - b).abs().max().item<double>();
}

// What differs most between two outputs of one video, or nothing.
QString difference(const ModelOutput& now, const ModelOutput& whole, double tolerance) {
  const std::pair<const char*, double> parts[] = {{"class_logits", apart(now.class_logits, whole.class_logits)}, {"boundaries", apart(now.boundaries, whole.boundaries)},
                                                  {"edge_logits", apart(now.edge_logits, whole.edge_logits)},    {"video_vector", apart(now.video_vector, whole.video_vector)},
                                                  {"video_logits", apart(now.video_logits, whole.video_logits)}, {"h", now.h.defined() ? apart(now.h, whole.h) : 0.0}};
  for (const auto& [name, by] : parts) {
    if (!(by <= tolerance)) return QStringLiteral("%1 by %2").arg(QString::fromLatin1(name)).arg(by);
  }
  if (now.offsets != whole.offsets || now.detection_nodes.size() != whole.detection_nodes.size()) return QStringLiteral("offsets or nodes");
  for (size_t i = 0; i < now.detection_nodes.size(); ++i) {
    const DetectionNode &a = now.detection_nodes[i], &b = whole.detection_nodes[i];
    if (a.video != b.video || a.level != b.level || a.first_step != b.first_step || a.last_step != b.last_step || a.position != b.position) return QStringLiteral("node %1").arg(i);
  }
  return {};
}

FeatureSpec oneASecond() {
  FeatureSpec spec;
  spec.steps_per_second = 1.0;
  return spec;
}

QString difference(const std::vector<DetectedSegment>& now, const std::vector<DetectedSegment>& whole, double tolerance) {
  if (now.size() != whole.size()) return QStringLiteral("%1 detections in place of %2").arg(now.size()).arg(whole.size());
  for (size_t i = 0; i < now.size(); ++i) {
    if (now[i].label != whole[i].label || std::abs(now[i].score - whole[i].score) > tolerance || std::abs(now[i].start_seconds - whole[i].start_seconds) > tolerance ||
        std::abs(now[i].end_seconds - whole[i].end_seconds) > tolerance) {
      return QStringLiteral("detection %1: %2 to %3, class %4, %5 in place of %6 to %7, class %8, %9")
          .arg(i).arg(now[i].start_seconds).arg(now[i].end_seconds).arg(now[i].label).arg(now[i].score)
          .arg(whole[i].start_seconds).arg(whole[i].end_seconds).arg(whole[i].label).arg(whole[i].score);
    }
  }
  return {};
}

// Videos in memory; tells how many rows were read at once.
class FakeStore : public FeatureStore {
 public:
  std::map<std::string, FeatureMatrix, std::less<>> videos;
  mutable int64_t most_rows = 0;
  std::vector<std::string> ids() const override { return {}; }
  std::optional<FeatureShape> shape(std::string_view id) const override {
    const FeatureMatrix& found = videos.find(id)->second;
    return FeatureShape{found.rows, found.columns, "float32"};
  }
  FeatureMatrix read(std::string_view id) const override { return seen(videos.find(id)->second); }
  FeatureMatrix readRows(std::string_view id, int64_t first, int64_t count) const override { return seen(part(videos.find(id)->second, first, count)); }
  std::string describe() const override { return "made up"; }

 private:
  FeatureMatrix seen(FeatureMatrix rows) const {
    most_rows = std::max(most_rows, rows.rows);
    return rows;
  }
};

// Every proposal of a video at once, without portions: what detectSegments() must come to.
std::vector<DetectedSegment> detectedAtOnce(const HierarchicalModel& model, const ModelOutput& out, int64_t steps, const DetectOptions& options) {
  const at::Tensor p = out.class_logits.sigmoid().to(at::kFloat).contiguous(), ends = out.boundaries.to(at::kFloat).contiguous();
  const auto segments = movedSegments(proposedSegments(out, p, ends, detectionRowsByVideo(out)[0], steps, options.min_score), borderScores(out, 0), options.edge_reach);
  std::vector<BorderSpan> spans;
  for (const ProposedSegment& s : segments) spans.push_back(spanOf(s, 0, steps));
  const RescoreHead::Scores looked = model.rescore(out, spans);
  const at::Tensor second = (looked.class_logits.sigmoid() * looked.quality_logits.sigmoid().unsqueeze(1)).to(at::kFloat);
  const at::Tensor of_video = out.video_logits.softmax(1).to(at::kFloat);
  std::vector<ScoredSegment> found;
  for (size_t i = 0; i < segments.size(); ++i) {
    const ProposedSegment& s = segments[i];
    const double fused = std::pow(s.score, 1.0 - options.video_fusion) * std::pow(of_video[0][s.label].item<double>(), options.video_fusion);
    const double score = std::pow(fused, 1.0 - options.rescore_fusion) * std::pow(second[static_cast<int64_t>(i)][s.label].item<double>(), options.rescore_fusion);
    if (score >= options.min_score) found.push_back({0, s.label, s.first, s.last, score});
  }
  std::stable_sort(found.begin(), found.end(), [](const ScoredSegment& a, const ScoredSegment& b) { return a.score > b.score; });
  if (static_cast<int64_t>(found.size()) > options.pre_nms) found.resize(static_cast<size_t>(options.pre_nms));
  std::vector<DetectedSegment> kept;
  for (const Kept& k : softNmsByClass(found, {.sigma = options.sigma, .min_score = options.min_score, .keep = options.keep})) {
    const ScoredSegment& s = found[static_cast<size_t>(k.index)];
    kept.push_back({s.start_seconds, s.end_seconds, s.label, k.score});
  }
  return kept;
}

}  // namespace

class TestStream : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void stretchesCoverAVideoOnce();
  void outputsEqualTheWholePass_data();
  void outputsEqualTheWholePass();
  void aNarrowerMarginShows();
  void positionsGoOnWhereTheStretchBegins();
  void rowsInTheModelAreBounded();
  void portionsOfProposalsAreAllProposals();
  void detectionsEqualTheWholePass();
  void configsThatSeeWholeVideosAreRefused_data();
  void configsThatSeeWholeVideosAreRefused();
  void aStopIsObeyed();
  void brokenFeaturesAreNamedByTheirRow();
  void meansAreThoseOfTheWhole();
  void predictTakesTheOption();
};

void TestStream::stretchesCoverAVideoOnce() {
  const StretchPlan plan{3, 16, 24};
  for (const int64_t steps : {1, 16, 17, 40, 100}) {
    int64_t next = 0;
    for (const Stretch& s : stretchesOf(plan, steps)) {
      QCOMPARE(s.first, next);
      QVERIFY(s.end > s.first && s.end - s.first <= plan.steps && s.first % 8 == 0 && s.read_first % 8 == 0);
      QVERIFY(s.read_first == std::max<int64_t>(0, s.first - 24) && s.read_end == std::min<int64_t>(steps, s.end + 24));
      next = s.end;
    }
    QCOMPARE(next, steps);
  }
}

void TestStream::outputsEqualTheWholePass_data() {
  QTest::addColumn<QStringList>("settings");
  const auto row = [](const char* name, const QStringList& settings) { QTest::newRow(name) << settings; };
  row("as recommended for small sets", {});
  row("attention alone, paper's pyramid", {"pyramid.block=none", "pyramid.pooling=attention", "pyramid.level_norm=false", "head.rescore=false"});
  row("blocks with windows, distances from bins, top token", {"pyramid.block=window", "pyramid.block_window=5", "head.boundary=trident", "head.trident_bins=3", "head.video_vector=top"});
  row("floor mode, mean step, no second look", {"pyramid.mode=floor", "head.video_vector=mean", "head.rescore=false"});
  row("single steps of equal segments, mean pooling, maxima of windows", {"head.video_vector=segments", "pyramid.pooling=mean", "encoder.mixer=maxpool"});
  row("two levels, their nodes averaged, maximum pooling", {"pyramid.levels=2", "head.video_vector=top", "pyramid.pooling=max", "head.rescore=false"});
  row("top token without anything that reads steps again", {"head.video_vector=top", "head.rescore=false", "head.edges=false"});
  row("attention over two levels", {"pyramid.levels=2"});
  row("fewer levels detected than attended", {"head.detect_levels=1", "head.detect_layers=0"});
  row("no pyramid", {"pyramid.enabled=false", "head.video_vector=top"});
  row("no mixer, no positions, norm behind", {"encoder.mixer=none", "encoder.position=none", "encoder.pre_norm=false"});
  row("each step alone", {"encoder.kind=mlp", "encoder.mixer=full"});
  row("features as they are", {"encoder.kind=raw", "encoder.mixer=full", "pyramid.block=none"});
  row("experts before the classifier", {"head.experts=soft", "head.domains=2"});
}
void TestStream::outputsEqualTheWholePass() {
  QFETCH(QStringList, settings);
  RunConfig config = windowConfig();
  std::vector<std::string> changes;
  for (const QString& s : settings) changes.push_back(s.toStdString());
  applySettings(config, changes);
  const auto model = modelOf(config);
  int compared = 0;
  for (const int64_t steps : {9, 97, 128, 200}) {  // odd, whole windows, whole stretches
    const FeatureMatrix rows = rowsOf(steps);
    const ModelOutput whole = wholePass(*model, rows);
    for (const int64_t chunk : {3, 40, 100}) {  // the first are less than the margin
      const StretchPlan plan = planStretches(*model, chunk);
      QVERIFY(plan.steps >= chunk && plan.steps % (int64_t{1} << plan.level) == 0);
      if (steps <= plan.steps) continue;
      const Streamed streamed = byStretches(*model, rows, plan);
      const QString wrong = difference(streamed.output, whole, 1e-9);
      QVERIFY2(wrong.isEmpty(), qPrintable(QStringLiteral("%1 steps, chunks of %2: %3").arg(steps).arg(chunk).arg(wrong)));
      QCOMPARE(static_cast<int64_t>(streamed.read.size()), (steps + plan.steps - 1) / plan.steps);
      for (const int64_t count : streamed.read) QVERIFY(count <= plan.steps + 2 * plan.margin);
      ++compared;
    }
  }
  QVERIFY(compared >= 8);
}

void TestStream::aNarrowerMarginShows() {
  const auto model = modelOf(windowConfig());
  const FeatureMatrix rows = rowsOf(200);
  const ModelOutput whole = wholePass(*model, rows);
  StretchPlan plan = planStretches(*model, 16);
  // 2 + 2 x 3 = 8 steps; then 5, 4, 3 nodes with the blocks', each 2 more of the head: (3 + 2) x 8 is the widest.
  QCOMPARE(plan.level, int64_t{3});
  QCOMPARE(plan.margin, int64_t{40});
  plan.margin -= 8;
  QVERIFY(!difference(byStretches(*model, rows, plan).output, whole, 1e-9).isEmpty());
}

void TestStream::positionsGoOnWhereTheStretchBegins() {
  const at::Tensor all = sinusoidTable(50, 8, at::kDouble);
  QVERIFY(at::equal(sinusoidRows(13, 9, 8, at::kDouble), all.narrow(0, 13, 9)));
  RunConfig config = windowConfig();
  config.encoder.layers = 0;
  config.encoder.stem_convolutions = 0;
  const auto model = modelOf(config);
  FeatureMatrix rows = rowsOf(30);
  Packed pack;
  pack.x = at::from_blob(rows.values.data(), {30, kInput}, at::kFloat).clone();
  pack.offsets = {0, 30};
  const at::Tensor whole = model->encode(pack);
  Packed two;  // two parts of it in one pack
  two.x = at::cat({pack.x.narrow(0, 20, 10), pack.x.narrow(0, 5, 4)});
  two.offsets = {0, 10, 14};
  two.first_steps = {20, 5};
  QVERIFY(apart(model->encode(two), at::cat({whole.narrow(0, 20, 10), whole.narrow(0, 5, 4)})) < 1e-12);
  two.first_steps = {20};
  QVERIFY_THROWS_EXCEPTION(ShapeError, (void)model->encode(two));
}

void TestStream::rowsInTheModelAreBounded() {
  const auto model = modelOf(windowConfig(), at::kFloat);
  const StretchPlan plan = planStretches(*model, 64);
  FakeStore store;
  Catalogue catalogue;
  catalogue.videos.push_back({.id = "long", .subset = "validation", .duration_seconds = 5000.0});
  store.videos["long"] = rowsOf(5000);
  for (int64_t c = 0; c < kClasses; ++c) catalogue.classes.push_back("class " + std::to_string(c));
  int64_t told = 0, last = 0;
  const auto progress = [&](int64_t done, int64_t total) {
    ++told;
    last = done;
    return total == 5000;
  };
  const EmbeddedSet set = embedByStretches(*model, store, catalogue, oneASecond(), {0}, plan, progress);
  QVERIFY(store.most_rows <= plan.steps + 2 * plan.margin);
  QCOMPARE(told, int64_t{79});
  QCOMPARE(last, int64_t{5000});
  QVERIFY(!set.detections[0].empty() && set.steps.size(0) == 0);
  QCOMPARE(set.offsets, (std::vector<int64_t>{0, 5000}));
}

void TestStream::portionsOfProposalsAreAllProposals() {
  const auto model = modelOf(windowConfig(), at::kDouble, 0.2);
  const int64_t steps = 2900;  // 5438 rows of the head: two portions
  const ModelOutput out = wholePass(*model, rowsOf(steps));
  QVERIFY(out.class_logits.size(0) > 4096);
  DetectOptions options;
  for (const int64_t pre_nms : {50, 100000}) {
    options.pre_nms = pre_nms;
    const auto found = detectSegments(*model, out, oneASecond(), {static_cast<double>(steps)}, options);
    const QString wrong = difference(found[0], detectedAtOnce(*model, out, steps, options), 1e-5);
    QVERIFY2(wrong.isEmpty(), qPrintable(wrong));
    QVERIFY(found[0].size() > 20);
  }
}

void TestStream::detectionsEqualTheWholePass() {
  const auto model = modelOf(windowConfig(), at::kDouble, 0.2);  // in float, near ties may change places
  FakeStore store;
  Catalogue catalogue;
  for (int64_t c = 0; c < kClasses; ++c) catalogue.classes.push_back("class " + std::to_string(c));
  std::vector<int64_t> videos;
  for (const int64_t steps : {20, 200, 64, 129, 33}) {
    const std::string id = "video" + std::to_string(steps);
    catalogue.videos.push_back({.id = id, .subset = "validation", .duration_seconds = static_cast<double>(steps)});
    store.videos[id] = rowsOf(steps, 0.1 * static_cast<double>(steps));
    videos.push_back(static_cast<int64_t>(videos.size()));
  }
  at::Tensor given = at::rand({5, kClasses}, makeGenerator(3));
  given[1][0] = 0.0;  // known not to occur
  for (const at::Tensor& scores : {at::Tensor(), given}) {
    const EmbeddedSet whole = embedVideos(*model, store, catalogue, oneASecond(), videos, {}, scores);
    for (const int64_t chunk : {8, 40, 64}) {
      const EmbeddedSet now = embedByStretches(*model, store, catalogue, oneASecond(), videos, planStretches(*model, chunk), {}, scores);
      QVERIFY(apart(now.video_scores, whole.video_scores) < 1e-5);
      QVERIFY(apart(now.video_vectors, whole.video_vectors) < 1e-4);
      QCOMPARE(now.offsets, whole.offsets);
      for (size_t i = 0; i < videos.size(); ++i) {
        const QString wrong = difference(now.detections[i], whole.detections[i], 1e-4);
        QVERIFY2(wrong.isEmpty(), qPrintable(QStringLiteral("video %1, chunks of %2: %3").arg(i).arg(chunk).arg(wrong)));
        QVERIFY(now.detections[i].size() > 5);
      }
      const EmbeddedSet without = embedByStretches(*model, store, catalogue, oneASecond(), videos, planStretches(*model, chunk), {}, {}, /*detect=*/false);
      QVERIFY(apart(without.video_scores, whole.video_scores) < 1e-5 && without.detections[1].empty());
    }
  }
}

void TestStream::configsThatSeeWholeVideosAreRefused_data() {
  QTest::addColumn<QString>("setting");
  QTest::addColumn<QString>("key");
  for (const char* mixer : {"full", "flash", "strided", "global", "memory", "linear", "performer", "mamba"}) {
    QTest::newRow(mixer) << QStringLiteral("encoder.mixer=") + QString::fromLatin1(mixer) << "encoder.mixer";
  }
  for (const char* where : {"before", "between"}) QTest::newRow(qPrintable(QStringLiteral("merging ") + QString::fromLatin1(where))) << QStringLiteral("merge.where=") + QString::fromLatin1(where) << "merge.where";
}
void TestStream::configsThatSeeWholeVideosAreRefused() {
  QFETCH(QString, setting);
  QFETCH(QString, key);
  RunConfig config = windowConfig();
  applySettings(config, {setting.toStdString()});
  const auto model = modelOf(config);
  try {
    planStretches(*model, 64);
    QFAIL("no complaint");
  } catch (const InputError& error) {
    const QString text = QString::fromStdString(error.what());
    QVERIFY2(text.contains(key) && text.contains(setting.section(QLatin1Char('='), 1)) && text.contains(QStringLiteral("Leave --chunk-steps out")), qPrintable(text));
  }
}

void TestStream::aStopIsObeyed() {
  const auto model = modelOf(windowConfig());
  const FeatureMatrix rows = rowsOf(200);
  int64_t read = 0;
  const auto reader = [&](int64_t first, int64_t count) {
    ++read;
    return part(rows, first, count);
  };
  QVERIFY_THROWS_EXCEPTION(Interrupted, (void)forwardByStretches(*model, 200, planStretches(*model, 16), reader, [](int64_t done) { return done < 48; }));
  QCOMPARE(read, int64_t{3});
  QVERIFY_THROWS_EXCEPTION(ShapeError, (void)forwardByStretches(*model, 16, planStretches(*model, 16), reader));
}

void TestStream::brokenFeaturesAreNamedByTheirRow() {
  const auto model = modelOf(windowConfig(), at::kFloat);
  FakeStore store;
  Catalogue catalogue;
  catalogue.videos.push_back({.id = "long", .subset = "validation", .duration_seconds = 500.0});
  store.videos["long"] = rowsOf(500);
  store.videos["long"].values[static_cast<size_t>(321 * kInput + 2)] = std::nanf("");
  try {
    (void)embedByStretches(*model, store, catalogue, oneASecond(), {0}, planStretches(*model, 64));
    QFAIL("no complaint");
  } catch (const InputError& error) {
    QVERIFY2(QString::fromStdString(error.what()).contains(QStringLiteral("video long, row 321")), error.what());
  }
}

void TestStream::meansAreThoseOfTheWhole() {
  FakeStore store;
  Catalogue catalogue;
  catalogue.videos.push_back({.id = "a", .subset = "validation", .duration_seconds = 50.0});
  catalogue.videos.push_back({.id = "b", .subset = "validation", .duration_seconds = 7.0});
  store.videos["a"] = rowsOf(50);
  store.videos["b"] = rowsOf(7, 2.0);
  QVERIFY(apart(meanFeatures(store, catalogue, {1, 0}, 16), rawSet(store, catalogue, {1, 0}, false).video_vectors) < 1e-6);
  QCOMPARE(store.most_rows, int64_t{50});  // of rawSet()
}

void TestStream::predictTakesTheOption() {
  QTemporaryDir folder;
  const std::filesystem::path home = folder.path().toStdString();
  MadeSet made = classSet(3, 4, 2);
  for (MadeVideo& video : made.videos) {  // one longer than a stretch
    if (video.subset != "validation") continue;
    const std::vector<float> once = video.values;
    for (int i = 0; i < 5; ++i) video.values.insert(video.values.end(), once.begin(), once.end());
    break;
  }
  const std::string data = writeSet(home / "set", made), run = (home / "run").string();
  RunConfig config = tinyConfig();
  config.encoder.mixer = "window";
  config.encoder.mixer_window = 5;
  config.head.edges = true;
  config.head.rescore = true;
  config.train.epochs = 1;
  QCOMPARE(runJob(trainSpec(config, data, run)), std::string());
  const auto predicted = [&](int64_t chunk, json* result) {
    PredictSpec spec{.run_folder = run, .data = data, .out = (home / "predictions.json").string(), .chunk_steps = chunk};
    JobControl control;
    Recorder recorder;
    const std::string error = runJob(spec, control, recorder);
    if (!error.empty()) throw std::runtime_error(error);
    if (result) *result = json::parse(recorder.all<FinishedEvent>().front().result_json);
    return json::parse(readFile(home / "predictions.json")).at("results");
  };
  json told;
  const json whole = predicted(0, nullptr), now = predicted(30, &told);
  QCOMPARE(told.at("stretches").at("steps").get<int>(), 32);
  QCOMPARE(told.at("stretches").at("videos").get<int>(), 1);
  QCOMPARE(now.size(), whole.size());
  for (const auto& [id, list] : whole.items()) {
    QCOMPARE(now.at(id).size(), list.size());
    for (const json& d : list) {  // near ties may stand in another order
      QVERIFY(std::any_of(now.at(id).begin(), now.at(id).end(), [&](const json& other) {
        const auto near = [](const json& a, const json& b, double tolerance) { return std::abs(a.get<double>() - b.get<double>()) < tolerance; };
        return other.at("label") == d.at("label") && near(other.at("score"), d.at("score"), 1e-4) && near(other.at("segment")[0], d.at("segment")[0], 1e-3) &&
               near(other.at("segment")[1], d.at("segment")[1], 1e-3);
      }));
    }
  }
}

QTEST_GUILESS_MAIN(TestStream)
#include "tst_eval_stream.moc"
