// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

namespace hvlm {

// Rows of the levels of a packed pyramid of window 2, as in PyramidPlan (model/pyramid.h): children 2 j and 2 j + 1 of a video go into
// node j of the next level; in "ceil" mode the last child may be alone, in "floor" mode it may have no parent.
struct LevelLayout {
  std::vector<int64_t> level_start;           // [L+1] first row of each level; [L] = rows in all
  std::vector<std::vector<int64_t>> offsets;  // [L][B+1] rows of video b at level l, relative to the level's first
  int64_t levels() const { return static_cast<int64_t>(offsets.size()); }
  int64_t videos() const { return static_cast<int64_t>(offsets.front().size()) - 1; }
};

struct PooledLevels {
  at::Tensor nodes;  // [sum N_l, D] all levels, the steps first
  at::Tensor alpha;  // [N_0 + .. + N_L-2] weight of each row in its parent's window, no gradient; 0 without a parent
};
// The whole pyramid in one pass forwards and one backwards: blocks of 16 rows climb four levels while they are in the cache.
//
//   steps    [N_0, D]  float, fusedFor(steps)
//   pooling  [K, D]    w_l in row l-1, levels past K use the last row; undefined pools the mean
//
// The gradient of a pooling vector is summed in parts that do not depend on the threads.
PooledLevels poolAllLevels(const at::Tensor& steps, const at::Tensor& pooling, const LevelLayout& layout);

struct PooledLevel {
  at::Tensor out;     // [N_l+1, D]
  at::Tensor maxima;  // [N_l+1, D] larger of each channel; equal children share its gradient. Undefined when not wanted
  at::Tensor alpha;   // [N_l] as above
};
// One level from the rows below it, for pyramids in which something follows each pooling.
//
//   below  [N_l, D]  float
//   w      [D]       or undefined: the mean
//   child_offsets, offsets  [B+1] of the two levels
PooledLevel poolOneLevel(const at::Tensor& below, const at::Tensor& w, const std::vector<int64_t>& child_offsets, const std::vector<int64_t>& offsets,
                         bool with_maxima);

}  // namespace hvlm
