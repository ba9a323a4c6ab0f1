// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <nlohmann/json.hpp>

#include "engine/eval/bench.h"

namespace hvlm {

// Real training steps of a config: reading, forward, losses, backward, clipping, optimiser, moving average and metrics, as `hvlm train` does
// them, without evaluation and checkpoints. Videos are random features of a list of lengths, or a data set. More keys than engine/eval/bench.h:
//   config_hash, mixer, parameters, mix or data, videos, rows (of all videos), lengths, batch, input_dim, classes
//   updates_per_second, videos_per_second, steps_per_second  over all timed steps, so with what only some of them do
//   waste  (wasteAccount)
//   optimizer {seconds, bytes, gbs, bandwidth_share}  clipping, AdamW and moving average alone on the same weights; bytes: 40 a number
//          (weight, two moments and average read and written, gradient read twice)
// A pass is one optimiser step.
nlohmann::json benchTraining(const BenchSpec& spec, const BenchProgress& progress);

}  // namespace hvlm
