// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <nlohmann/json_fwd.hpp>
#include <vector>

#include "engine/eval/evaluate.h"
#include "score/captions.h"

namespace hvlm {

// An annotated stretch: what people wrote, what the run said, and the class that fills most of it (-1 = none).
struct Spoken {
  Tokens reference, given;
  int64_t label = -1;
};
int64_t classOfStretch(const Video& video, double start_seconds, double end_seconds);

// bleu1 … bleu4, rouge_l and cider.
nlohmann::json captionJson(const CaptionScore& score);

// The same of all stretches, and under "controls" (when the request asks for them) three things that look at no video:
//   best constant sentence                   one training caption said everywhere, the best one chosen by these very references
//   oracle class + its best sentence         one for each true class, chosen in the same way: an upper bound
//   oracle class + best training sentence    one for each true class, chosen in training
nlohmann::json captionsJson(const std::vector<Spoken>& spoken, const EvaluationRequest& request, const PhaseProgress& progress);

}  // namespace hvlm
