// SPDX-License-Identifier: Apache-2.0
#include "engine/entry/bench_train.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <algorithm>
#include <numeric>

#include "data/batch.h"
#include "engine/entry/session.h"
#include "engine/eval/bench_lengths.h"
#include "engine/eval/flops.h"
#include "engine/train/optimizer.h"
#include "engine/train/trainer.h"
#include "runs/run_record.h"
#include "support/error.h"
#include "support/random.h"
#include "support/temporary_folder.h"

namespace hvlm {
namespace {

using Json = nlohmann::json;

constexpr int64_t kInputDim = 512;
constexpr int64_t kCountedSteps = 4;   // whose operations are counted, in a run of their own: counting costs time
constexpr size_t kWasteBatches = 4;

// Random features in memory: videos are windows into one table, so that a set of any size takes little.
class RandomStore : public FeatureStore {
 public:
  RandomStore(const std::vector<int64_t>& lengths, int64_t columns) : lengths_(lengths), columns_(columns) {
    const int64_t rows = *std::max_element(lengths.begin(), lengths.end()) + kShifts;
    table_.resize(static_cast<size_t>(rows * columns));
    SplitMix random(6);
    for (float& value : table_) value = random.normal();
  }
  static std::string nameOf(int64_t number) {
    const std::string digits = std::to_string(number);
    return "video" + std::string(digits.size() < 6 ? 6 - digits.size() : 0, '0') + digits;
  }
  std::vector<std::string> ids() const override {
    std::vector<std::string> names;
    for (size_t i = 0; i < lengths_.size(); ++i) names.push_back(nameOf(static_cast<int64_t>(i)));
    return names;
  }
  std::optional<FeatureShape> shape(std::string_view id) const override { return FeatureShape{lengths_.at(numberOf(id)), columns_, "float32"}; }
  FeatureMatrix read(std::string_view id) const override {
    const size_t number = numberOf(id);
    const int64_t rows = lengths_.at(number);
    const auto first = table_.begin() + static_cast<int64_t>(number) % kShifts * columns_;
    return {rows, columns_, std::vector<float>(first, first + rows * columns_)};
  }
  std::string describe() const override { return "random features"; }

 private:
  static constexpr int64_t kShifts = 61;
  static size_t numberOf(std::string_view id) { return static_cast<size_t>(std::stoll(std::string(id.substr(5)))); }
  std::vector<int64_t> lengths_;
  int64_t columns_;
  std::vector<float> table_;
};

// Up to three segments a video, with captions that name their classes.
Catalogue randomCatalogue(const std::vector<int64_t>& lengths, int64_t classes) {
  Catalogue catalogue;
  catalogue.name = "random";
  for (int64_t c = 0; c < classes; ++c) catalogue.classes.push_back("class " + RandomStore::nameOf(c));
  SplitMix random(7);
  for (size_t i = 0; i < lengths.size(); ++i) {
    const auto seconds = static_cast<double>(lengths[i]);
    Video video{.id = RandomStore::nameOf(static_cast<int64_t>(i)), .subset = "training", .duration_seconds = seconds, .segments = {}, .captions = {}, .questions = {}};
    const int64_t parts = 1 + random.below(3);
    for (int64_t part = 0; part < parts; ++part) {
      const double start = seconds * (static_cast<double>(part) + 0.3 * random.uniform()) / static_cast<double>(parts);
      const double end = seconds * (static_cast<double>(part) + 0.5 + 0.5 * random.uniform()) / static_cast<double>(parts);
      const int64_t label = random.below(classes);
      video.segments.push_back({start, end, label});
      video.captions.push_back({start, end, "someone does " + catalogue.classes[static_cast<size_t>(label)] + " in part " + std::to_string(part + 1)});
    }
    catalogue.videos.push_back(std::move(video));
  }
  catalogue.index();
  return catalogue;
}

struct Material {
  std::shared_ptr<const Dataset> dataset;  // or the next three
  Catalogue catalogue;
  std::unique_ptr<RandomStore> store;
  FeatureSpec spec;
  std::vector<int64_t> videos, lengths;
  int64_t columns = 0, classes = 0;

  TrainingData data() const { return dataset ? TrainingData{dataset->catalogue, *dataset->store, dataset->spec.features, videos, {}} : TrainingData{catalogue, *store, spec, videos, {}}; }
};

Material materialOf(const BenchSpec& spec) {
  Material m;
  if (!spec.data.empty()) {
    m.dataset = openDataset(spec.data);
    m.videos = usableVideos(*m.dataset, spec.subset);
    for (const int64_t v : m.videos) {
      const FeatureShape shape = m.dataset->store->shape(m.dataset->catalogue.videos[static_cast<size_t>(v)].id).value();
      m.lengths.push_back(shape.rows);
      m.columns = shape.columns;
    }
    m.classes = static_cast<int64_t>(m.dataset->catalogue.classes.size());
    return m;
  }
  m.lengths = benchLengths(spec.mix, spec.videos, spec.steps);
  m.columns = spec.dim > 0 ? spec.dim : kInputDim;
  m.classes = spec.classes;
  m.catalogue = randomCatalogue(m.lengths, spec.classes);
  m.store = std::make_unique<RandomStore>(m.lengths, m.columns);
  m.spec.steps_per_second = 1.0;
  m.videos.resize(m.lengths.size());
  std::iota(m.videos.begin(), m.videos.end(), int64_t{0});
  return m;
}

struct EnoughSteps {};

// Watches a training run and ends it after so many steps: by an exception, since a stop would write a checkpoint.
class StepClock : public JobObserver {
 public:
  StepClock(int64_t steps, const BenchProgress& progress, const char* phase) : steps_(steps), progress_(progress), phase_(phase) {}
  void onEvent(const JobEvent& event) override {
    if (const auto* phase = std::get_if<PhaseEvent>(&event)) proceedOrStop(progress_, phase->phase, phase->done, phase->total);
    if (std::holds_alternative<StartedEvent>(event)) mark();
    if (!std::holds_alternative<StepEvent>(event)) return;
    const double before = time_;
    const int64_t flops_before = flops_, bytes_before = bytes_;
    mark();
    seconds.push_back(time_ - before);
    flops.push_back(flops_ - flops_before);
    bytes.push_back(bytes_ - bytes_before);
    if (static_cast<int64_t>(seconds.size()) >= steps_) throw EnoughSteps();
    proceedOrStop(progress_, phase_, static_cast<int64_t>(seconds.size()), steps_);
    mark();
  }
  std::vector<double> seconds;  // of each step
  std::vector<int64_t> flops, bytes;

 private:
  void mark() {
    flops_ = flopsSoFar();
    bytes_ = trafficSoFar();
    time_ = std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
  }
  int64_t steps_;
  const BenchProgress& progress_;
  const char* phase_;
  double time_ = 0.0;
  int64_t flops_ = 0, bytes_ = 0;
};

// Returns the seconds that it waited for features.
double trainUntilEnough(const RunConfig& config, const Material& material, StepClock& clock) {
  const TemporaryFolder folder;
  RunRecord record = freshRecord(config);
  JobControl control;
  Trainer trainer(config, material.data(), folder.path().string(), record, 0, control, clock, {});
  try {
    trainer.run();
  } catch (const EnoughSteps&) {
  }
  return trainer.waitedSeconds();
}

// Clipping, AdamW and the moving average on weights and gradients of this model's shapes.
Json optimizerFigures(const RunConfig& config, const HierarchicalModel& model, int64_t repeats, const BenchLimits& limits, const BenchProgress& progress) {
  std::vector<OptimizedTensor> tensors;
  std::vector<at::Tensor> weights;
  for (const Parameter& p : model.parameters().all()) {
    at::Tensor weight = p.value.detach().clone().requires_grad_(true);
    weight.mutable_grad() = at::full_like(weight.detach(), 1e-3);
    weights.push_back(weight);
    tensors.push_back({p.name, weight, p.decay ? config.train.weight_decay : 0.0});
  }
  AdamW optimizer(std::move(tensors), AdamWOptions{});
  MovingAverage average(weights, config.train.ema > 0.0 ? config.train.ema : 0.99);
  const auto step = [&] {
    optimizer.clipGradients(1e9);
    optimizer.step(1e-4, &average);
  };
  const Spread seconds = timeInTurns({step}, repeats, progress).front();
  const double bytes = 40.0 * static_cast<double>(model.parameters().count()), gbs = bytes / seconds.median / 1e9;
  return {{"seconds", spreadJson(seconds)}, {"bytes", bytes}, {"gbs", gbs}, {"bandwidth_share", gbs / limits.copy_gbs}};
}

}  // namespace

Json benchTraining(const BenchSpec& spec, const BenchProgress& progress) {
  const Material material = materialOf(spec);
  RunConfig config = spec.config;
  if (spec.batch > 0) config.train.batch_size = spec.batch;
  const auto perEpoch = static_cast<int64_t>(epochOrder(material.lengths, config.train.batch_size, config.seed, 0).size());
  const int64_t steps = kBenchWarmUps + spec.repeats;
  config.train.epochs = steps / perEpoch + 1;
  config.train.holdout = 0.0;
  config.train.evaluate_epochs = 0;
  config.train.patience = 0;
  config.train.checkpoint_steps = 0;
  config.train.checkpoint_minutes = 0.0;
  config.train.init.clear();

  const BenchLimits limits = measureLimits(progress);
  resetPeakResident();
  StepClock timed(steps, progress, "timing steps");
  const double waited = trainUntilEnough(config, material, timed);
  const int64_t resident = peakResidentBytes();

  // The same steps again, as far as they are counted: batches are a function of the seed.
  StepClock counted(std::min(steps, kCountedSteps), progress, "counting operations and bytes");
  int64_t peak = 0;
  countFlops([&] { countTraffic([&] { peak = peakTensorBytes([&] { trainUntilEnough(config, material, counted); }); }); });

  std::vector<double> seconds(timed.seconds.begin() + kBenchWarmUps, timed.seconds.end());
  const double all = std::accumulate(seconds.begin(), seconds.end(), 0.0);
  int64_t videos = 0, rows = 0;
  for (int64_t step = kBenchWarmUps; step < steps; ++step) {
    const auto batches = epochOrder(material.lengths, config.train.batch_size, config.seed, step / perEpoch);
    for (const int64_t i : batches[static_cast<size_t>(step % perEpoch)]) {
      ++videos;
      rows += material.lengths[static_cast<size_t>(i)];
    }
  }
  // Operations and times of the very same steps.
  double flops = 0.0, bytes = 0.0, counted_seconds = 0.0;
  for (size_t i = 0; i < counted.flops.size(); ++i) {
    flops += static_cast<double>(counted.flops[i]);
    bytes += static_cast<double>(counted.bytes[i]);
    counted_seconds += timed.seconds[i];
  }
  const HierarchicalModel model(config, material.columns, material.classes, config.seed);
  const auto updates = static_cast<double>(seconds.size());
  Json answer = {{"part", "train"}, {"config_hash", configHash(spec.config)}, {"mixer", config.encoder.mixer}, {"parameters", model.parameters().count()},
                 {"videos", material.lengths.size()}, {"rows", std::accumulate(material.lengths.begin(), material.lengths.end(), int64_t{0})}, {"lengths", material.lengths},
                 {"batch", config.train.batch_size}, {"input_dim", material.columns}, {"classes", material.classes}, {"threads", at::get_num_threads()}, {"repeats", spec.repeats},
                 {"precision", config.train.precision}, {"checkpoint_activations", config.train.checkpoint_activations},
                 {"updates_per_second", updates / all}, {"videos_per_second", static_cast<double>(videos) / all}, {"steps_per_second", static_cast<double>(rows) / all},
                 {"peak_bytes", peak}, {"peak_resident_bytes", resident}};
  answer["data_wait_share"] = waited / std::accumulate(timed.seconds.begin(), timed.seconds.end(), 0.0);
  answer[spec.data.empty() ? "mix" : "data"] = spec.data.empty() ? spec.mix : spec.data;
  const Spread spread = spreadOf(seconds);
  const double scale = spread.median / counted_seconds;  // figures are per median step: what was counted, at the speed it had
  addFigures(answer, spread, flops * scale, bytes * scale, limits);
  proceedOrStop(progress, "accounting for packing", 0, 0);
  answer["waste"] = wasteAccount(model, material.lengths, epochOrder(material.lengths, config.train.batch_size, config.seed, 0), kWasteBatches);
  answer["optimizer"] = optimizerFigures(config, model, spec.repeats, limits, progress);
  return answer;
}

}  // namespace hvlm
