// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <span>
#include <vector>

#include "score/detection.h"

namespace hvlm {

// Evidence of other systems on one video, joined with a run's own detections.

// Any finite scores of classes as shares: none negative, sum 1. `logits` takes the softmax, else each is divided by the sum. Empty when
// there is nothing to share: no score, one that is not finite, a negative one without `logits`, or a sum of 0.
std::vector<float> sharesOf(std::span<const double> scores, bool logits);

struct ProposalFusion {
  int64_t labels = 2;  // classes that a proposal without a label takes: the video's likeliest
  double power = 0.5;  // of proposal score times class share: 1 as BSN and BMN print it, 0.5 the geometric mean (ActionFormer)
};
// Segments without a label (label -1) get the video's likeliest classes, one copy each; score = (score of the proposal × share of the
// class)^power. Both powers rank alike; 0.5 has the scale of detections whose score is itself a geometric mean of segment and video.
// Equal shares go to the lower class; classes of share 0 are left out. A segment with a label is a detection already: it keeps label and
// score.
//   shares  [C] sums to 1
// In order of the proposals, then of falling share. Sources: Lin et al. 2018 (BSN, arXiv:1806.02964, sec. 4.3) and 2019 (BMN,
// arXiv:1907.09702, sec. 5.4): proposals with the top-2 video classes of UntrimmedNet; Zhang et al. 2022 (ActionFormer, arXiv:2202.07925).
std::vector<ScoredSegment> labelledProposals(std::span<const ScoredSegment> proposals, std::span<const float> shares, const ProposalFusion& options = {});

// Both lists as one: what scores below options.min_score is left out, Gaussian soft-NMS runs once more over all (of one class each, or
// `agnostic` over all classes), falling score. `own` comes first among equals. A list that was suppressed before is decayed again by
// its own segments; what does not overlap keeps its score.
std::vector<ScoredSegment> joinedDetections(std::span<const ScoredSegment> own, std::span<const ScoredSegment> others, const SuppressionOptions& options,
                                            bool agnostic = false);

}  // namespace hvlm
