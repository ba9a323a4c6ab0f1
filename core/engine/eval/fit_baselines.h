// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "engine/eval/baselines.h"
#include "engine/eval/embed.h"
#include "runs/config.h"

namespace hvlm {

// Says what is being fitted, how far it is; returns false to stop.
using PhaseProgress = std::function<bool(const std::string& phase, int64_t done, int64_t total)>;

// Fits everything of Baselines on training videos: majority, constant segment, linear probes on raw features, on an untrained encoder
// of the same config and on the run's own vectors (`model` at `checkpoint_step`), neighbour bank. Without `controls` the probes that only
// control rows read (raw steps, untrained encoder) are left out. Throws Interrupted when stopped.
Baselines fitBaselines(const HierarchicalModel& model, int64_t checkpoint_step, const FeatureStore& store, const Catalogue& catalogue,
                       const FeatureSpec& spec, const std::vector<int64_t>& training_videos, const PhaseProgress& progress, bool controls = true);

// The untrained encoder of the random-encoder row: same config, its own seed, the run's channel statistics.
std::unique_ptr<HierarchicalModel> untrainedLike(const HierarchicalModel& model, uint64_t seed);

}  // namespace hvlm
