// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <vector>

#include "data/catalogue.h"
#include "data/feature_store.h"
#include "engine/eval/embed.h"
#include "engine/model/model.h"

// Long videos by stretches: what a pass over the whole video gives, up to rounding, with the activations of one stretch in memory. Every
// stretch is read and computed with a margin on both sides that is as wide as the outputs see (convolutions, attention windows, the
// pyramid's blocks, the detection head), and only its inner part is kept; the pyramid goes on above the joined nodes of level K. What is
// kept of a video grows with it: by the detection head's outputs, some 150 + 16 C bytes a step for C classes, and by 4 d more when step
// vectors of width d are read again (head.rescore, or another head.video_vector than top).
namespace hvlm {

struct StretchPlan {
  int64_t level = 0;   // K: the highest level that stretches compute; they begin and end at multiples of 2^K steps, where windows do
  int64_t steps = 0;   // of one stretch, its inner part
  int64_t margin = 0;  // steps more on both sides, within the video
};
// `chunk_steps` rounded up to whole windows of level K. Throws InputError naming the key when the config sees whole videos at once: an
// encoder.mixer of unbounded reach, or merge.where.
StretchPlan planStretches(const HierarchicalModel& model, int64_t chunk_steps);

// One stretch: its rows and those of its margins.
struct Stretch {
  int64_t first = 0, end = 0;            // inner part
  int64_t read_first = 0, read_end = 0;  // with margins
};
// Those of a video, in order; the inner parts cover it once.
std::vector<Stretch> stretchesOf(const StretchPlan& plan, int64_t steps);

using RowReader = std::function<FeatureMatrix(int64_t first, int64_t count)>;  // features of these rows of the video
// The output for one video of `steps` > plan.steps, as forward() has it for a pack of this video alone, but: `pyramid` begins with level K,
// `h` is undefined unless it is read again, and the cross-scale terms are absent. `told` hears the end of the inner part after every
// stretch; when it says false, Interrupted is thrown.
ModelOutput forwardByStretches(const HierarchicalModel& model, int64_t steps, const StretchPlan& plan, const RowReader& read,
                               const std::function<bool(int64_t done)>& told = {});

// embedVideos() without its step vectors (`steps` is empty), longer videos than a stretch by stretches, the others in packs. Progress counts
// steps.
EmbeddedSet embedByStretches(const HierarchicalModel& model, const FeatureStore& store, const Catalogue& catalogue, const FeatureSpec& spec,
                             const std::vector<int64_t>& videos, const StretchPlan& plan, const Progress& progress = {}, const at::Tensor& video_scores = {},
                             bool detect = true);

// Mean of the untouched features of each video, [B, D], read `chunk_steps` rows at a time.
at::Tensor meanFeatures(const FeatureStore& store, const Catalogue& catalogue, const std::vector<int64_t>& videos, int64_t chunk_steps);

}  // namespace hvlm
