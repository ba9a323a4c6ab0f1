// SPDX-License-Identifier: Apache-2.0
// What a model gives for made-up steps, for the tests of the heads that answer and describe.
#pragma once
#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <cmath>
#include <vector>

#include "core/engine/language/tiny_decoder.h"
#include "engine/model/model.h"

namespace hvlm::testing {

constexpr int64_t kWidth = 16;
inline const std::vector<int64_t> kOffsets{0, 9, 10, 31};  // three videos of 9, 1 and 21 steps

inline double distance(const at::Tensor& a, const at::Tensor& b) {
  return a.sizes() == b.sizes() ? (a - b).abs().max().item<double>() : INFINITY;
}

// What a model gives for random steps, without a network in front.
inline ModelOutput outputOf(const at::Tensor& steps, const std::vector<int64_t>& offsets) {
  ModelOutput out;
  out.h = steps;
  out.pyramid = buildPyramid(steps, at::zeros({1, steps.size(1)}, steps.options()), planPyramid(offsets, "ceil", -1));
  out.video_vector = topVectors(out.pyramid);
  return out;
}
inline ModelOutput randomOutput(uint64_t seed = 4) { return outputOf(randomSteps(1, kOffsets.back(), kWidth, seed)[0], kOffsets); }
inline ModelOutput alone(const ModelOutput& all, size_t video) {
  return outputOf(all.h.slice(0, kOffsets[video], kOffsets[video + 1]), {0, kOffsets[video + 1] - kOffsets[video]});
}

inline LanguageOptions smallOptions() {
  LanguageOptions options;
  options.width = 32;
  options.layers = 1;
  options.heads = 4;
  options.max_words = 8;
  options.dropout = 0.0;
  return options;
}

}  // namespace hvlm::testing
