// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>

#include "engine/model/packed.h"

namespace hvlm {

// Distances of the trident head (TriDet, Shi et al. 2023, arXiv:2303.07347, section 3.3): the mean over bins 0 .. B of a softmax whose
// scores are the start (end) scores of the B + 1 nodes on the left (right), the node itself first, plus the node's own offset scores.
// Bins past the ends of the run have no share.
//   ends [M, 2] start and end score of every node, offsets [M, 2 (B + 1)] scores of the left bins, then of the right;
//   returns [M, 2] distances in strides of the node's level, 0 .. B. Differentiable. Throws ShapeError.
at::Tensor tridentDistances(const at::Tensor& ends, const at::Tensor& offsets, int64_t bins, const RunIndex& index);

}  // namespace hvlm
