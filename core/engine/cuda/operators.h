// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "engine/cuda/plugin.h"

// The kernels as operators with autograd: the same numbers up to rounding as the plain versions they are named after, which stay the
// reference and the fallback. Call them with what kernelsFor() gives. All throw ShapeError for shapes that do not fit, and
// std::runtime_error when a launch fails.
namespace hvlm::cuda {

// Which rows of the buffer are which level of which video, as in PyramidPlan (engine/model/pyramid.h).
struct LevelBorders {
  std::vector<int64_t> level_start;           // [L+1]
  std::vector<std::vector<int64_t>> offsets;  // [L][B+1]; a video may be empty
};
struct PooledLevels {
  at::Tensor nodes;  // [rows, D] level 0 = `steps`, then what was pooled; level-major
  at::Tensor alpha;  // [rows] weight of each row in its parent's window, 1 where it has no sibling, 0 without parent; no gradient
};
// buildPyramid() with pooling "attention" and no block, all levels at once: ceil((L-1) / 5) launches, and as many backwards.
//   steps    [N_0, D]
//   pooling  [K, D]   w_l in row l-1; levels past K use the last row
PooledLevels poolLevels(const KernelSet& kernels, const at::Tensor& steps, const at::Tensor& pooling, const LevelBorders& borders);

// bandedAttention(): projected [N, 3 d], offsets [R+1] -> [N, d]. Kept for the backward pass: the inputs, the result and one number
// per row and head. `attentionFits` is false for heads of more channels than a block can hold.
bool attentionFits(int64_t width, int64_t heads);
at::Tensor windowAttention(const KernelSet& kernels, const at::Tensor& projected, const std::vector<int64_t>& offsets, int64_t heads, int64_t reach);

// temporalLoss().per_video_sum: h [N, D], offsets [B+1], gate [N-1] or undefined (no gradient) -> [B].
at::Tensor temporalSums(const KernelSet& kernels, const at::Tensor& h, const std::vector<int64_t>& offsets, const at::Tensor& gate = {});

// One step of AdamW and MovingAverage (engine/train/optimizer.h) on all tensors in one launch.
struct AdamWTensor {
  at::Tensor value;
  at::Tensor gradient;       // undefined: the tensor is left alone, its average is not
  at::Tensor first, second;  // moments
  at::Tensor average;        // undefined: none is kept
  double weight_decay = 0.0;
};
struct AdamWStep {
  int64_t step = 1;  // 1 for the first
  double lr = 0.0, beta1 = 0.9, beta2 = 0.999, eps = 1e-8;
  double gradient_scale = 1.0;  // what clipping multiplies gradients with; they themselves stay as they are
  double average_decay = 0.0;   // of this update
};
void adamwStep(const KernelSet& kernels, const std::vector<AdamWTensor>& tensors, const AdamWStep& step);

}  // namespace hvlm::cuda
