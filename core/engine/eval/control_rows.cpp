// SPDX-License-Identifier: Apache-2.0
#include "engine/eval/control_rows.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "engine/eval/localization_report.h"
#include "score/controls.h"
#include "support/error.h"

namespace hvlm {
namespace {

using Json = nlohmann::json;

constexpr int64_t kControlLabels = 3;  // classes a whole-video or constant-segment row names per video

// One whole-video-like row: each video with its likeliest classes by `probabilities` [B, C].
std::vector<ControlVideo> controlVideos(const Catalogue& catalogue, const std::vector<int64_t>& videos, const at::Tensor& probabilities) {
  const auto [scores, classes] = probabilities.topk(std::min(kControlLabels, probabilities.size(1)), 1);
  std::vector<ControlVideo> out;
  for (size_t i = 0; i < videos.size(); ++i) {
    ControlVideo video{static_cast<int64_t>(i), catalogue.videos[static_cast<size_t>(videos[i])].duration_seconds, {}};
    for (int64_t k = 0; k < scores.size(1); ++k) {
      video.labels.push_back({classes[static_cast<int64_t>(i)][k].item<int64_t>(), scores[static_cast<int64_t>(i)][k].item<double>()});
    }
    out.push_back(std::move(video));
  }
  return out;
}

// Each video with its true labels.
std::vector<ControlVideo> oracleVideos(const Catalogue& catalogue, const std::vector<int64_t>& videos) {
  std::vector<ControlVideo> out;
  const auto sets = labelSetsOf(catalogue, videos);
  for (size_t i = 0; i < videos.size(); ++i) {
    ControlVideo video{static_cast<int64_t>(i), catalogue.videos[static_cast<size_t>(videos[i])].duration_seconds, {}};
    for (const int64_t label : sets[i]) video.labels.push_back({label, 1.0});
    out.push_back(std::move(video));
  }
  return out;
}

Json majorityRow(const ControlContext& c) {
  const auto videos = static_cast<int64_t>(c.request.videos.size());
  const at::Tensor share = at::tensor(c.baselines.main_label_share, at::kFloat).expand({videos, -1});
  return {{"classification", classificationJson(classificationOf(share, c.labelled), "constant")}, {"videos", videos}};
}

// Raw features or the untrained encoder, with a linear probe on the mean step. `row` has their consistency already.
Json linearRow(const ControlContext& c, const EmbeddedSet& vectors, Json row, const LinearProbe& probe) {
  row["classification"] = classificationJson(classificationOf(probe.probabilities(vectors.video_vectors), c.labelled), "linear probe");
  row["feature_quality"] = featureQualityJson(vectors.video_vectors, c.labelled);
  row["videos"] = c.request.videos.size();
  return row;
}

// The shared localisation of every row: per-second linear classification of the raw steps, over every video of the subset.
Json perSecondRow(const ControlContext& c) {
  const auto& [model, store, catalogue, spec, videos, baselines, fit, controls, heads, outside, stretches] = c.request;
  const LinearProbe& probe = *c.baselines.raw_step;
  std::vector<ScoredSegment> runs;
  FrameCount frames;
  int64_t place = 0;
  for (const auto& portion : portions(catalogue, store, videos, c.raw.steps.size(1))) {
    const bool whole = portion.size() == videos.size() && c.raw.videos.size() == videos.size();
    const EmbeddedSet own = whole ? c.raw : rawSet(store, catalogue, portion, true);
    const at::Tensor probabilities = probe.probabilities(own.steps);
    const auto found = runsOfSet(own, probabilities, spec.stepSeconds(), place);
    runs.insert(runs.end(), found.begin(), found.end());
    place += static_cast<int64_t>(portion.size());
    frames.add(probabilities, stepLabelsOf(catalogue, spec, own));
    stepOn(c.progress, "per-second runs");
  }
  return {{"localization", localizationJson(catalogue, videos, runs, "own: per-second probe", true)}, {"frame_accuracy", frames.accuracy()},
          {"videos", videos.size()}};
}

// Localisation that looks at no step: segments of fixed place under the labels of a linear model or of the truth.
void addTrivialRows(const ControlContext& c, const EmbeddedSet& raw, Json& rows) {
  stepOn(c.progress, "trivial localisation");
  const auto& catalogue = c.request.catalogue;
  const auto& videos = c.request.videos;
  const auto add = [&](const char* name, const std::vector<ScoredSegment>& segments, const std::string& labels) -> Json& {
    return rows[name] = {{"localization", localizationJson(catalogue, videos, segments, labels, true)}, {"videos", videos.size()}};
  };
  const std::string linear = "own: raw features + linear", oracle = "oracle: true labels";
  const auto guessed = controlVideos(catalogue, videos, c.baselines.raw_video->probabilities(raw.video_vectors));
  const auto known = oracleVideos(catalogue, videos);
  const ConstantSegment constant{c.baselines.constant_start, c.baselines.constant_end};
  rows["always action"] = {{"localization", alwaysActionJson(catalogue, videos)}, {"videos", videos.size()}};
  add("whole video", wholeVideoSegments(guessed), linear);
  add("constant segment", constantSegments(guessed, constant), linear)["segment"] = {constant.start_share, constant.end_share};
  add("oracle label + whole video", wholeVideoSegments(known), oracle);
  if (!c.baselines.class_segments.empty()) {  // runs of older versions have none
    add("oracle label + class-median segment", classSegments(known, c.baselines.class_segments), oracle);
  }
  rows["per-second linear runs"] = perSecondRow(c);
}

}  // namespace

void stepOn(const PhaseProgress& progress, const std::string& phase) {
  if (progress && !progress(phase, 0, 0)) throw Interrupted("stopped while evaluating");
}

Json controlRows(const ControlContext& c) {
  Json rows = Json::object();
  const auto& [model, store, catalogue, spec, videos, baselines, fit, wanted, heads, outside, stretches] = c.request;
  rows["majority"] = majorityRow(c);
  stepOn(c.progress, "raw features");
  const bool whole = c.raw.videos.size() == videos.size();
  const EmbeddedSet raw = whole ? c.raw : rawSet(store, catalogue, videos, false);
  rows["raw features + linear"] = linearRow(c, raw, c.of_raw, *c.baselines.raw_video);
  if (c.baselines.random_video) {
    stepOn(c.progress, "random encoder");
    const auto untrained = untrainedLike(model, c.baselines.random_seed);
    const auto few = thinned(catalogue, store, videos, model.width());
    const EmbeddedSet random_steps = rawSet(store, catalogue, few, true, untrained.get());
    const EmbeddedSet random = few.size() == videos.size() ? random_steps : rawSet(store, catalogue, videos, false, untrained.get());
    rows["random encoder + linear"] =
        linearRow(c, random, consistencyJson(random_steps, stepLabelsOf(catalogue, spec, random_steps), nullptr), *c.baselines.random_video);
  }

  addTrivialRows(c, raw, rows);
  return rows;
}

}  // namespace hvlm
