// SPDX-License-Identifier: Apache-2.0
#include "engine/eval/fit_baselines.h"

#include <ATen/ATen.h>

#include "score/controls.h"
#include "support/error.h"
#include "support/hash.h"

namespace hvlm {
namespace {

constexpr int64_t kMostProbeRows = 200000;

// Rows of videos with a main label, with that label.
struct Labelled {
  at::Tensor rows;
  std::vector<int64_t> labels;
};
Labelled labelledRows(const at::Tensor& rows, const std::vector<int64_t>& labels) {
  std::vector<int64_t> kept;
  Labelled out;
  for (size_t i = 0; i < labels.size(); ++i) {
    if (labels[i] < 0) continue;
    kept.push_back(static_cast<int64_t>(i));
    out.labels.push_back(labels[i]);
  }
  out.rows = rows.index_select(0, at::tensor(kept, at::kLong));
  return out;
}

// Steps with their class, background as class `classes`; every k-th step when there are very many.
Labelled stepRows(const at::Tensor& steps, std::vector<int64_t> labels, int64_t classes) {
  for (int64_t& label : labels) {
    if (label < 0) label = classes;
  }
  const int64_t every = std::max<int64_t>(1, (steps.size(0) + kMostProbeRows - 1) / kMostProbeRows);
  if (every == 1) return {steps, labels};
  Labelled out;
  for (size_t i = 0; i < labels.size(); i += static_cast<size_t>(every)) out.labels.push_back(labels[i]);
  out.rows = steps.slice(0, 0, steps.size(0), every);
  return out;
}

}  // namespace

std::unique_ptr<HierarchicalModel> untrainedLike(const HierarchicalModel& model, uint64_t seed) {
  auto made = std::make_unique<HierarchicalModel>(model.config(), model.inputDim(), model.classes(), seed);
  const auto from = model.buffers();
  const auto to = made->buffers();
  const at::NoGradGuard no_grad;
  for (size_t i = 0; i < from.size(); ++i) to[i].value.detach().copy_(from[i].value);
  return made;
}

Baselines fitBaselines(const HierarchicalModel& model, int64_t checkpoint_step, const FeatureStore& store, const Catalogue& catalogue,
                       const FeatureSpec& spec, const std::vector<int64_t>& training_videos, const PhaseProgress& progress, bool controls) {
  Baselines out;
  out.classes = catalogue.classes;
  out.checkpoint_step = checkpoint_step;
  const auto classes = static_cast<int64_t>(catalogue.classes.size());
  const auto videos = videosWithFeatures(catalogue, store, training_videos);
  const auto labels = mainLabelsOf(catalogue, videos);
  const auto phase = [&](const std::string& name) {
    return Progress([&progress, name](int64_t done, int64_t total) { return !progress || progress(name, done, total); });
  };
  const auto proceed = [&](const std::string& name) {
    if (progress && !progress(name, 0, 0)) throw Interrupted("stopped while fitting " + name);
    return [&progress, name] { return !progress || progress(name, 0, 0); };
  };

  out.main_label_share.assign(static_cast<size_t>(classes), 0.0);
  double labelled = 0.0;
  for (const int64_t label : labels) {
    if (label < 0) continue;
    out.main_label_share[static_cast<size_t>(label)] += 1.0;
    labelled += 1.0;
  }
  for (double& share : out.main_label_share) share /= std::max(1.0, labelled);

  std::vector<double> durations;
  std::vector<ScoredSegment> truth;
  for (size_t i = 0; i < videos.size(); ++i) {
    const Video& video = catalogue.videos[static_cast<size_t>(videos[i])];
    durations.push_back(video.duration_seconds);
    for (const Segment& s : video.segments) truth.push_back({static_cast<int64_t>(i), s.label, s.start_seconds, s.end_seconds, 1.0});
  }
  if (!truth.empty()) {
    const ConstantSegment constant = fitConstantSegment(durations, truth);
    out.constant_start = constant.start_share;
    out.constant_end = constant.end_share;
    out.class_segments = fitMedianSegments(durations, truth, classes, constant);
  }
  if (labelled == 0.0) return out;  // nothing to learn from

  const auto video_probe = [&](const at::Tensor& vectors, const std::string& name) {
    const Labelled rows = labelledRows(vectors, labels);
    return fitLinearProbe(rows.rows, rows.labels, classes, 1.0, 300, proceed(name));
  };
  const auto step_probe = [&](const EmbeddedSet& set, const std::string& name) {
    const Labelled rows = stepRows(set.steps, stepLabelsOf(catalogue, spec, set), classes);
    return fitLinearProbe(rows.rows, rows.labels, classes + 1, 1.0, 300, proceed(name));
  };
  {
    const EmbeddedSet raw = rawSet(store, catalogue, videos, false, nullptr, phase("reading raw features"));
    out.raw_video = video_probe(raw.video_vectors, "the raw-feature probe");
    if (controls) {
      const EmbeddedSet steps = rawSet(store, catalogue, thinned(catalogue, store, videos, raw.video_vectors.size(1)), true, nullptr,
                                       phase("reading raw steps"));
      out.raw_step = step_probe(steps, "the per-second probe");
    }
  }
  if (controls && model.config().encoder.kind != "raw") {
    out.random_seed = mixSeed(model.config().seed, 0xA11CE);
    const auto untrained = untrainedLike(model, out.random_seed);
    const EmbeddedSet random = rawSet(store, catalogue, videos, false, untrained.get(), phase("embedding with an untrained encoder"));
    out.random_video = video_probe(random.video_vectors, "the random-encoder probe");
  }
  const EmbeddedSet own = embedVideos(model, store, catalogue, spec, thinned(catalogue, store, videos, model.width()),
                                      phase("embedding the training videos"), {}, /*detect=*/false);
  const Labelled bank = labelledRows(own.video_vectors, mainLabelsOf(catalogue, own.videos));
  out.bank = bank.rows;
  out.bank_labels = bank.labels;
  out.run_video = fitLinearProbe(bank.rows, bank.labels, classes, 1.0, 300, proceed("the run's video probe"));
  out.run_step = step_probe(own, "the run's step probe");
  return out;
}

}  // namespace hvlm
