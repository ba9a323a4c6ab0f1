// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <vector>

#include "data/catalogue.h"
#include "data/feature_store.h"
#include "engine/model/model.h"
#include "jobs/inspection.h"

namespace hvlm {

// What a model makes of a list of videos, on the CPU in float32. Held in memory as a whole: steps x d x 4 bytes (21,214 steps of 256
// columns take 22 MB, ActivityNet's validation set at 512 columns 1.2 GB).
struct EmbeddedSet {
  std::vector<int64_t> videos;   // indices into Catalogue::videos
  std::vector<int64_t> offsets;  // [B+1]
  at::Tensor steps;              // [N, d] encoder output, level 0
  at::Tensor video_vectors;      // [B, d]
  at::Tensor video_scores;       // [B, C] probabilities; undefined without the classifier
  std::vector<std::vector<DetectedSegment>> detections;  // [B]; empty lists without the head
};
// done, total; returns false to stop (then Interrupted is thrown).
using Progress = std::function<bool(int64_t, int64_t)>;

// Indices of `videos` that have features, in order. `missing` counts the others.
std::vector<int64_t> videosWithFeatures(const Catalogue& catalogue, const FeatureStore& store, const std::vector<int64_t>& videos,
                                        int64_t* missing = nullptr);
// Runs `each` over the videos in their order, packed up to some 4,096 steps at once, reading ahead. Throws Interrupted when `progress`
// says so.
void overVideoBatches(const HierarchicalModel& model, const FeatureStore& store, const Catalogue& catalogue, const std::vector<int64_t>& videos, const Progress& progress,
                      const std::function<void(const Packed& packed, const std::vector<int64_t>& videos)>& each);
// Lengths in steps of those videos.
std::vector<int64_t> lengthsOf(const Catalogue& catalogue, const FeatureStore& store, const std::vector<int64_t>& videos);

// `video_scores` [videos, C] (or undefined) take the place of the model's own class probabilities in the detections. Without `detect` the
// lists of detections are empty.
EmbeddedSet embedVideos(const HierarchicalModel& model, const FeatureStore& store, const Catalogue& catalogue, const FeatureSpec& spec,
                        const std::vector<int64_t>& videos, const Progress& progress = {}, const at::Tensor& video_scores = {}, bool detect = true);
// The untouched features in the same form: steps = X, video_vectors = mean of X, no scores. With `encoder`, what an (untrained)
// model's encoder makes of them: steps = H, video_vectors = mean of H. `keep_steps` false leaves `steps` empty.
EmbeddedSet rawSet(const FeatureStore& store, const Catalogue& catalogue, const std::vector<int64_t>& videos, bool keep_steps = true,
                   const HierarchicalModel* encoder = nullptr, const Progress& progress = {});

// Every k-th of `videos`, k the smallest for which their steps times `columns` stay within 2.5e8 values (1 GB).
std::vector<int64_t> thinned(const Catalogue& catalogue, const FeatureStore& store, const std::vector<int64_t>& videos, int64_t columns);

// `videos` in order, cut into lists that each stay within that size.
std::vector<std::vector<int64_t>> portions(const Catalogue& catalogue, const FeatureStore& store, const std::vector<int64_t>& videos, int64_t columns);

// Class of each step (labels.h) end to end, -1 = background.
std::vector<int64_t> stepLabelsOf(const Catalogue& catalogue, const FeatureSpec& spec, const EmbeddedSet& set);
// Class with the longest total time of each video; -1 for a video without segments.
std::vector<int64_t> mainLabelsOf(const Catalogue& catalogue, const std::vector<int64_t>& videos);
std::vector<std::vector<int64_t>> labelSetsOf(const Catalogue& catalogue, const std::vector<int64_t>& videos);

}  // namespace hvlm
