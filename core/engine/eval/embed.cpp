// SPDX-License-Identifier: Apache-2.0
#include "engine/eval/embed.h"

#include <ATen/ATen.h>
#include <malloc.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "data/batch.h"
#include "data/labels.h"
#include "engine/eval/detect.h"
#include "support/error.h"

namespace hvlm {
namespace {

constexpr int64_t kStepsPerBatch = 1024;  // what a batch holds lies in the caches better: a quarter less time than 4,096
constexpr double kMostValues = 2.5e8;  // of step vectors held at once

// Consecutive videos up to a number of steps, in the order given: results are stored in that order.
std::vector<std::vector<int64_t>> consecutiveBatches(const std::vector<int64_t>& videos, const std::vector<int64_t>& lengths) {
  std::vector<std::vector<int64_t>> batches;
  int64_t steps = 0;
  for (size_t i = 0; i < videos.size(); ++i) {
    if (batches.empty() || steps + lengths[i] > kStepsPerBatch) {
      batches.emplace_back();
      steps = 0;
    }
    batches.back().push_back(videos[i]);
    steps += lengths[i];
  }
  return batches;
}

Packed packedOf(Batch& batch) {
  const auto channel = [](std::vector<float>& values) { return values.empty() ? at::Tensor() : at::from_blob(values.data(), {static_cast<int64_t>(values.size())}, at::kFloat); };
  return {at::from_blob(batch.steps.data(), {batch.rows(), batch.columns}, at::kFloat), batch.offsets, channel(batch.motion), channel(batch.saliency)};
}

// The model reads the store's side channels.
bool readsChannels(const HierarchicalModel& model) { return model.config().merge.where == "before" && model.config().merge.criterion == "importance"; }

// Runs `each(batch)` over all batches, reading ahead.
void overBatches(const FeatureStore& store, const Catalogue& catalogue, const std::vector<int64_t>& videos, int64_t columns,
                 const Progress& progress, const std::function<void(Batch&)>& each, bool with_channels = false) {
  BatchPrefetcher prefetcher(store, catalogue, consecutiveBatches(videos, lengthsOf(catalogue, store, videos)), columns, with_channels);
  Batch batch;
  int64_t done = 0;
  while (prefetcher.next(batch)) {
    each(batch);
    malloc_trim(0);  // batches differ in size: the heap would keep holes that no later one fits
    done += batch.size();
    if (progress && !progress(done, static_cast<int64_t>(videos.size()))) throw Interrupted("stopped while reading videos");
  }
}

int64_t columnsOf(const FeatureStore& store, const Catalogue& catalogue, const std::vector<int64_t>& videos) {
  for (const int64_t v : videos) {
    if (const auto shape = store.shape(catalogue.videos[static_cast<size_t>(v)].id)) return shape->columns;
  }
  return 0;
}

// Rows of all batches in one block from the start: parts joined at the end would stand in memory twice.
class RowBlock {
 public:
  RowBlock(int64_t rows, int64_t width) : block_(at::empty({rows, width}, at::kFloat)) {}
  void add(const at::Tensor& rows) {
    block_.narrow(0, filled_, rows.size(0)).copy_(rows);
    filled_ += rows.size(0);
  }
  at::Tensor take() const { return filled_ == block_.size(0) ? block_ : block_.narrow(0, 0, filled_).clone(); }

 private:
  at::Tensor block_;
  int64_t filled_ = 0;
};

int64_t stepsOf(const Catalogue& catalogue, const FeatureStore& store, const std::vector<int64_t>& videos) {
  const auto lengths = lengthsOf(catalogue, store, videos);
  return std::accumulate(lengths.begin(), lengths.end(), int64_t{0});
}

void extendOffsets(std::vector<int64_t>& offsets, const std::vector<int64_t>& more) {
  const int64_t base = offsets.back();
  for (size_t i = 1; i < more.size(); ++i) offsets.push_back(base + more[i]);
}

}  // namespace

void overVideoBatches(const HierarchicalModel& model, const FeatureStore& store, const Catalogue& catalogue, const std::vector<int64_t>& videos, const Progress& progress,
                      const std::function<void(const Packed&, const std::vector<int64_t>&)>& each) {
  overBatches(store, catalogue, videos, model.inputDim(), progress, [&](Batch& batch) { each(packedOf(batch), batch.videos); }, readsChannels(model));
}

std::vector<int64_t> videosWithFeatures(const Catalogue& catalogue, const FeatureStore& store, const std::vector<int64_t>& videos,
                                        int64_t* missing) {
  std::vector<int64_t> present;
  for (const int64_t v : videos) {
    const auto shape = store.shape(catalogue.videos[static_cast<size_t>(v)].id);
    if (shape && shape->rows > 0) present.push_back(v);
  }
  if (missing) *missing = static_cast<int64_t>(videos.size() - present.size());
  return present;
}

std::vector<int64_t> lengthsOf(const Catalogue& catalogue, const FeatureStore& store, const std::vector<int64_t>& videos) {
  std::vector<int64_t> lengths;
  for (const int64_t v : videos) {
    const auto shape = store.shape(catalogue.videos[static_cast<size_t>(v)].id);
    lengths.push_back(shape ? shape->rows : 0);
  }
  return lengths;
}

EmbeddedSet embedVideos(const HierarchicalModel& model, const FeatureStore& store, const Catalogue& catalogue, const FeatureSpec& spec,
                        const std::vector<int64_t>& videos, const Progress& progress, const at::Tensor& video_scores, bool detect) {
  const at::NoGradGuard no_grad;
  EmbeddedSet set;
  set.videos = videos;
  set.offsets = {0};
  std::vector<at::Tensor> vectors, scores;
  RowBlock steps(stepsOf(catalogue, store, videos), model.width());
  overBatches(store, catalogue, videos, model.inputDim(), progress, [&](Batch& batch) {
    const ModelOutput output = model.forward(packedOf(batch));
    steps.add(output.h.detach());
    vectors.push_back(output.video_vector.detach().to(at::kCPU, at::kFloat).clone());
    if (output.video_logits.defined()) scores.push_back(output.video_logits.detach().softmax(1).to(at::kCPU, at::kFloat));
    extendOffsets(set.offsets, batch.offsets);
    if (!detect) return set.detections.resize(set.offsets.size() - 1);
    const auto done = static_cast<int64_t>(set.offsets.size()) - 1 - batch.size();
    const at::Tensor own = video_scores.defined() ? video_scores.narrow(0, done, batch.size()) : at::Tensor();
    std::vector<double> durations;
    for (const int64_t v : batch.videos) durations.push_back(catalogue.videos[static_cast<size_t>(v)].duration_seconds);
    for (auto& found : detectSegments(model, output, spec, durations, model.config().detect, own)) set.detections.push_back(std::move(found));
  }, readsChannels(model));
  set.steps = steps.take();
  if (vectors.empty()) {
    set.video_vectors = at::empty({0, model.width()});
    return set;
  }
  set.video_vectors = at::cat(vectors);
  if (!scores.empty()) set.video_scores = at::cat(scores);
  return set;
}

EmbeddedSet rawSet(const FeatureStore& store, const Catalogue& catalogue, const std::vector<int64_t>& videos, bool keep_steps,
                   const HierarchicalModel* encoder, const Progress& progress) {
  const at::NoGradGuard no_grad;
  EmbeddedSet set;
  set.videos = videos;
  set.offsets = {0};
  set.detections.resize(videos.size());
  const int64_t columns = encoder ? encoder->inputDim() : columnsOf(store, catalogue, videos);
  const int64_t width = encoder ? encoder->config().encoder.dim : columns;
  std::vector<at::Tensor> vectors;
  RowBlock steps(keep_steps ? stepsOf(catalogue, store, videos) : 0, width);
  overBatches(store, catalogue, videos, columns, progress, [&](Batch& batch) {
    const Packed packed = packedOf(batch);
    const at::Tensor x = encoder ? encoder->encode(packed).to(at::kCPU, at::kFloat) : packed.x;
    for (size_t b = 0; b + 1 < batch.offsets.size(); ++b) vectors.push_back(x.slice(0, batch.offsets[b], batch.offsets[b + 1]).mean(0));
    if (keep_steps) steps.add(x);
    extendOffsets(set.offsets, batch.offsets);
  });
  set.video_vectors = vectors.empty() ? at::empty({0, width}) : at::stack(vectors);
  set.steps = steps.take();
  return set;
}

std::vector<int64_t> thinned(const Catalogue& catalogue, const FeatureStore& store, const std::vector<int64_t>& videos, int64_t columns) {
  double values = 0.0;
  for (const int64_t length : lengthsOf(catalogue, store, videos)) values += static_cast<double>(length) * static_cast<double>(columns);
  const auto every = static_cast<size_t>(std::max(1.0, std::ceil(values / kMostValues)));
  std::vector<int64_t> kept;
  for (size_t i = 0; i < videos.size(); i += every) kept.push_back(videos[i]);
  return kept;
}

std::vector<std::vector<int64_t>> portions(const Catalogue& catalogue, const FeatureStore& store, const std::vector<int64_t>& videos, int64_t columns) {
  const auto lengths = lengthsOf(catalogue, store, videos);
  std::vector<std::vector<int64_t>> lists;
  double values = 0.0;
  for (size_t i = 0; i < videos.size(); ++i) {
    const double own = static_cast<double>(lengths[i]) * static_cast<double>(columns);
    if (lists.empty() || values + own > kMostValues) {
      lists.emplace_back();
      values = 0.0;
    }
    lists.back().push_back(videos[i]);
    values += own;
  }
  return lists;
}

std::vector<int64_t> stepLabelsOf(const Catalogue& catalogue, const FeatureSpec& spec, const EmbeddedSet& set) {
  std::vector<int64_t> labels;
  for (size_t b = 0; b < set.videos.size(); ++b) {
    const auto of_video = stepLabels(catalogue.videos[static_cast<size_t>(set.videos[b])], set.offsets[b + 1] - set.offsets[b], spec.stepSeconds());
    labels.insert(labels.end(), of_video.begin(), of_video.end());
  }
  return labels;
}

std::vector<int64_t> mainLabelsOf(const Catalogue& catalogue, const std::vector<int64_t>& videos) {
  std::vector<int64_t> labels;
  for (const int64_t v : videos) labels.push_back(mainLabel(catalogue.videos[static_cast<size_t>(v)]));
  return labels;
}

std::vector<std::vector<int64_t>> labelSetsOf(const Catalogue& catalogue, const std::vector<int64_t>& videos) {
  std::vector<std::vector<int64_t>> sets;
  for (const int64_t v : videos) sets.push_back(labelSet(catalogue.videos[static_cast<size_t>(v)]));
  return sets;
}

}  // namespace hvlm
