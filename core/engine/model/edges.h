// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <vector>

#include "engine/model/layers.h"
#include "engine/model/packed.h"
#include "engine/model/parameters.h"

namespace hvlm {

// Start and end scores of every border between two steps. A video of T steps has T + 1 borders, border i lying between steps
// i - 1 and i: at position i - 0.5, counted as the nodes of the detection head are. Boundary probabilities of their own are the idea
// of BSN (Lin et al. 2018, arXiv:1806.02964); here they are read at full resolution from both sides of a border, with how much
// the features change across it.
class EdgeHead {
 public:
  EdgeHead() = default;
  EdgeHead(ParameterSet& set, int64_t width, int64_t hidden, double dropout, at::Generator& generator, at::TensorOptions options);
  //   h [N, d] step vectors, x [N, D] normalised features of the same steps;  returns [N + R, 2] logits (start, end), the borders of run r
  //   at rows index.offsets[r] + r and on. What lies past the ends of a run is zero.
  at::Tensor operator()(const at::Tensor& h, const at::Tensor& x, const RunIndex& index, const ForwardOptions& forward) const;

 private:
  double dropout_ = 0.0;
  Linear hidden_, out_;
};

// First border row of each run and one past the last: offsets[r] + r.
std::vector<int64_t> borderOffsets(const std::vector<int64_t>& offsets);

}  // namespace hvlm
