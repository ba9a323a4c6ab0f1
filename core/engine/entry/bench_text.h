// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <nlohmann/json.hpp>

#include "engine/eval/bench.h"

namespace hvlm {

// What a search by words costs: `spec.videos` videos of random unit vectors of width `spec.dim` (0: 256), each with the moments that an index keeps
// of a video of 16 seconds or more, ten detections among them (retrieval_index.h); and the vector of a sentence of a dozen words, another one in every pass.
// A pass is one search. More keys than engine/eval/bench.h: videos, moments, dim, index_bytes, plain {seconds} where the kernel has run,
// sentence {tower ("minilm" or, without its weights, "hashed"), words, seconds}.
nlohmann::json benchText(const BenchSpec& spec, const BenchProgress& progress);

}  // namespace hvlm
