// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <vector>

namespace hvlm {

// The lower levels of one long video as its stretches gave them, for the pass that goes on above them (eval/stream.h).
struct GivenLevels {
  int64_t steps = 0;              // of the video
  std::vector<at::Tensor> nodes;  // [K+1]: level l [n_l, d], as a pass over the whole video has it; undefined where nothing reads it, level K never
};

// Steps of B videos end to end: video b owns rows offsets[b] .. offsets[b+1]-1. No video is cut (but see eval/stream.h) and none is empty.
struct Packed {
  at::Tensor x;                  // [N, D] float
  std::vector<int64_t> offsets;  // [B+1], offsets[0] = 0, offsets[B] = N
  at::Tensor motion;             // [N] side channels of the feature store (merge.criterion importance); undefined: none
  at::Tensor saliency;           // [N]
  std::vector<int64_t> first_steps = {};  // [B] place of each first row in the whole of its video; empty: 0, as ever but with stretches
  std::shared_ptr<const GivenLevels> given = nullptr;  // in place of all above: only what stands on these levels is computed
  int64_t videos() const { return static_cast<int64_t>(offsets.size()) - 1; }
};

// What the packed operations of one forward pass need to know about the borders, made once and shared by all layers. A
// "run" is a stretch of rows that see each other: a video, or one level of a video.
struct RunIndex {
  std::vector<int64_t> offsets;  // [R+1]
  std::vector<int64_t> lengths;  // [R]
  at::Tensor first_rows;         // [R] int64, first row of each run
  at::Tensor last_rows;          // [R] int64
  at::Tensor run_of_row;         // [N] int64
  at::Tensor position_of_row;    // [N] int64, 0 at the start of each run
  at::Tensor length_column;      // [R, 1] int64
  int64_t rows() const { return offsets.back(); }
  int64_t runs() const { return static_cast<int64_t>(lengths.size()); }
};

// Throws ShapeError when the offsets do not rise from 0 (an empty run included).
RunIndex makeRunIndex(const std::vector<int64_t>& offsets, at::Device device);

// Rows i-1, i, i+1 of the same run side by side, zeros past its ends: [N, D] -> [N, 3 D]. Differentiable.
at::Tensor gatherNeighbours(const at::Tensor& x, const RunIndex& index);

// Mean row of each run: [N, D] -> [R, D]. Differentiable; one serial sum per run, so a run's result does not depend on
// others.
at::Tensor runMean(const at::Tensor& x, const RunIndex& index);

// Joins padded rows [B, T, D] with `lengths` into a pack (tests, exports).
Packed packPadded(const at::Tensor& padded, const std::vector<int64_t>& lengths);

// int64 index tensor on `device`.
at::Tensor indexTensor(const std::vector<int64_t>& values, at::Device device);

}  // namespace hvlm
