// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "engine/model/packed.h"

namespace hvlm {

// --- One level, any window: attention pooling (method.md 2) ---

enum class WindowRule {
  kFull,  // a window is valid only if all its steps are
  kAny,   // masked steps get weight 0; a window is valid if any step is left
};
struct PooledWindows {
  at::Tensor out;    // [..., n, D]; zeros where a window is not valid
  at::Tensor alpha;  // [..., n, k]; rows of valid windows sum to 1, others are zero
  at::Tensor valid;  // [..., n] bool
};
// Windows j = [j stride, j stride + window), only whole ones: n = floor((T - window) / stride) + 1, 0 if T < window.
// alpha = softmax over the window of w . h_i; out_j = sum alpha_i h_i. Stable for scores of any size.
//
//   h     [..., T, D]  float or double
//   w     [D]          pooling vector; zeros pool the mean
//   mask  [..., T]     bool, true = step is there; undefined = all are
//
// Gradient flows to h and w; masked steps and invalid windows get none. Throws ShapeError.
PooledWindows attentionPool(const at::Tensor& h, const at::Tensor& w, int64_t window, int64_t stride,
                            const at::Tensor& mask = {}, WindowRule rule = WindowRule::kFull);

// --- The pyramid of a packed batch: window 2, one buffer, level-major, then video ---

// Which node of which level goes where; integers only, no tensor. Row numbers are relative to the start of their level.
struct PyramidPlan {
  std::string mode;                           // "ceil" or "floor"
  std::vector<int64_t> level_start;           // [L+1] first row of each level in the buffer; [L] = rows in all
  std::vector<std::vector<int64_t>> offsets;  // [L][B+1] rows of video b at level l; a video that has stopped has none
  std::vector<std::vector<int64_t>> parent;   // [L][N_l] row of the next level it goes into; -1 = none
  std::vector<int64_t> last_level;            // [B] the video's own last level
  int64_t levels() const { return static_cast<int64_t>(offsets.size()); }
  int64_t videos() const { return static_cast<int64_t>(last_level.size()); }
  int64_t rows(int64_t level) const { return level_start[level + 1] - level_start[level]; }
};
// `levels` above the steps at most; -1 goes on until every video is one node. Throws ShapeError for an unknown mode.
PyramidPlan planPyramid(const std::vector<int64_t>& offsets, const std::string& mode, int64_t levels);

// Lengths of the levels of one video: {250, 125, 63, …} in ceil, {250, 125, 62, …} in floor mode.
std::vector<int64_t> levelLengths(int64_t steps, const std::string& mode, int64_t levels = -1);
// First and last step (both included) under each node of each level of one video.
std::vector<std::vector<std::pair<int64_t, int64_t>>> levelSpans(int64_t steps, const std::string& mode,
                                                                 int64_t levels = -1);

// The plan and its tensors: pyramid.level_start, pyramid.offsets and pyramid.parent are the plan's.
struct Pyramid : PyramidPlan {
  at::Tensor nodes;                // [sum N_l, D]; level l of video b: rows level_start[l] + offsets[l][b] …
  std::vector<at::Tensor> levels_of_nodes;  // [L] of [N_l, D], the parts of `nodes`: a loss of one level reads its own part, since the
                                            // gradient of a slice of `nodes` is a buffer as large as all of it
  std::vector<at::Tensor> alpha;   // [L-1] of [N_l], CPU, no gradient: weight of each row in its parent's window;
                                   // 1 where it has no sibling, 0 where it has no parent
  std::vector<at::Tensor> pooled;  // [L-1] of [N_l+1, D]: level l+1 before its block (for the cross-scale term)
  at::Tensor top_index;            // [B] int64: row in `nodes` of the first node of each video's last level
};

// What follows the pooling of a level: (pooled rows [N_l, D], level >= 1, borders of its videos) -> [N_l, D].
using LevelBlock = std::function<at::Tensor(const at::Tensor& pooled, int64_t level, const RunIndex& index)>;

// How two nodes become one. `alpha` of a level is then: "attention", "attention_max": the softmax weights; "mean": equal
// shares; "max": the share of the channels that each node won (a tie goes to the earlier node).
struct LevelPooling {
  std::string kind = "attention";  // attention, mean, max, attention_max (PyramidOptions::pooling)
  // attention_max only: what the maxima [N_l, D] of a level (>= 1) add to its attention-pooled rows.
  std::function<at::Tensor(const at::Tensor& maxima, int64_t level)> from_maxima;
};

// Builds all levels. `pooling` [K, D] holds w_l in row l-1; levels past K use the last row. An empty `block` is the
// identity. Throws ShapeError for an unknown kind of pooling.
Pyramid buildPyramid(const at::Tensor& steps, const at::Tensor& pooling, PyramidPlan plan,
                     const LevelBlock& block = {}, const LevelPooling& how = {});

// Nodes of each video's own last level, averaged (one node unless the levels were limited): [B, D].
at::Tensor topVectors(const Pyramid& pyramid);

// Share of every node of one video in its top, walked down the alpha path: [level][node], each level in time order. The
// shares of a level sum to 1; orphans of `floor` mode have share 0.
std::vector<std::vector<double>> alphaShares(const Pyramid& pyramid, int64_t video);
// The shares of its steps: alphaShares()[0].
std::vector<double> alphaPath(const Pyramid& pyramid, int64_t video);

}  // namespace hvlm
