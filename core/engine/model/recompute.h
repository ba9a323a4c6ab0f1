// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>
#include <vector>

#include "engine/model/layers.h"

namespace hvlm {

// Activation checkpointing: the layer runs without a graph, only its input stays, and the way back runs it again, with the same random
// draws. Source: Chen et al. 2016, arXiv:1604.06174.
//   layer    from [N, d] to [M, e]; draws from the options' generator alone; what it holds must live until the way back
//   x        [N, d]
//   weights  every leaf that the layer reads: they get their gradients from here
// Runs the layer as it is when `forward.recompute` is off or no gradient is wanted.
using RecomputedLayer = std::function<at::Tensor(const at::Tensor& x, const ForwardOptions& forward)>;
at::Tensor recomputed(const RecomputedLayer& layer, const at::Tensor& x, const std::vector<at::Tensor>& weights, const ForwardOptions& forward);

}  // namespace hvlm
