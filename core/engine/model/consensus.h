// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <ATen/core/Generator.h>
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace hvlm {

// Steps that stand for a video of `length` steps: [segments] step indices, rising. Segment k covers the steps from
// floor(k length / segments); with a generator (of the CPU) a random step of each is taken, without one its centre. A video
// shorter than the segments repeats its steps. Throws ShapeError for a length or number below 1.
// Source: Wang et al. 2016, arXiv:1608.00859, section 3.1; method.md 3, TSN.
std::vector<int64_t> segmentSteps(int64_t length, int64_t segments, std::optional<at::Generator> generator = std::nullopt);

// Class scores of a video from those of its segments.
//
//   logits     [S, C]  segments of all videos end to end
//   counts     [B]     segments of each video, at least 1
//   kind               "average", "max" (per class), "topk" (mean of each class's `top` highest, of all where there are fewer) or
//                      "attention" (weights are the softmax of `attention` within the video)
//   attention  [S]     scores; read by "attention" alone, else it may be undefined
//   returns    [B, C]  differentiable
//
// Throws ShapeError. Source: Wang et al. 2016, section 3.2, and Wang et al. 2018, arXiv:1705.02953, section 3.3.
at::Tensor segmentConsensus(const at::Tensor& logits, const std::vector<int64_t>& counts, const std::string& kind, int64_t top = 3,
                            const at::Tensor& attention = {});

}  // namespace hvlm
