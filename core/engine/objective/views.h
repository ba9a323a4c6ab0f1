// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <ATen/core/Generator.h>
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

namespace hvlm {

// One random view of each video (method.md 3, MoCo v2).
struct ViewOptions {
  int64_t steps = 64;         // L, steps of a view
  double crop_min = 0.3;      // share of the video's extent, uniform between both; in (0, 1]
  double crop_max = 1.0;
  double step_mask = 0.15;    // chance that a step of the view becomes zero
  double noise = 0.1;         // deviation of the noise over that of each channel
  double channel_drop = 0.1;  // chance that a channel is zero throughout the view of one video; the others are not rescaled
};

// In this order: a crop of a random share at a random place, linear resampling to L steps (its first and last step are the
// crop's ends; L = 1 takes its middle), Gaussian noise, step mask, channel dropout.
//
//   x            [N, D]  steps of B videos end to end, none empty
//   offsets      [B+1]
//   channel_std  [D]     may be undefined when noise is 0
//   generator            of the CPU
//   returns  [B*L, D]    view b in rows b L .. (b+1) L - 1; gradient flows to x
//
// Throws ShapeError, also for options out of range.
at::Tensor makeView(const at::Tensor& x, const std::vector<int64_t>& offsets, const ViewOptions& options, const at::Tensor& channel_std,
                    at::Generator& generator);

}  // namespace hvlm
