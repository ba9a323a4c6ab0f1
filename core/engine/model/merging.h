// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "engine/model/packed.h"
#include "runs/config.h"

namespace hvlm {

// Which rows of a pack become one token. A token is one row, or an odd row of its run with one or both of its even
// neighbours: 1 to 3 rows that lie side by side, so tokens keep the order of the rows. All tensors are without gradient
// and on the device of the rows.
struct MergePlan {
  std::vector<int64_t> offsets;  // [R+1] run r owns tokens offsets[r] .. offsets[r+1]-1
  at::Tensor token_of_row;       // [N] int64, the token that each row went into
  at::Tensor weight_of_row;      // [N] share of the row in its token, > 0, sums to 1 per token (float64 rows: float64, others: float32)
  at::Tensor size;               // [M] int64 rows of each token; sums to N
  at::Tensor mass;               // [M] sum of the rows' weights before they are scaled to shares (criterion similarity: the size), as weight_of_row
  at::Tensor members;            // [3, M] int64 rows of each token, its first row again where it has fewer than three
  at::Tensor present;            // [3, M] 1 where `members` is a row of its own, else 0, as weight_of_row
  int64_t rows() const { return token_of_row.size(0); }
  int64_t tokens() const { return offsets.back(); }
};

// Bipartite soft matching along time, between neighbours only (linear in T): each even row of a run (row 0, 2, … of it)
// picks the better of its two odd neighbours, and the r best pairs of the run are merged, earlier ones first among equals.
//
//   x         [N, d]  floating point; read without gradient
//   offsets   [R+1]   runs of rows (videos, or one level of them), none empty; what is planned for a run depends on its
//                     rows alone
//   motion    [N]     side channel >= 0, or undefined: ||x_t - x_{t-1}||, 0 in a run's first row
//   saliency  [N]     side channel >= 0, or undefined: ||x_t - mean of the 9 steps around it||, fewer at the ends
//
// Score: the cosine (criterion similarity; plain means), or the cosine less the mean importance of the two rows
// (criterion importance; means weighted by 0.001 + importance), with importance = options.motion * motion +
// options.saliency * saliency, each channel divided by its maximum in the run.
// r: floor(ratio T), or (schedule adaptive) the number of picked pairs with cosine >= threshold, held between
// ceil(min_ratio T) and floor(max_ratio T).
// Never merged, so that a run may give fewer than r: pairs whose cosine is negative or not a number; and a second
// neighbour into a row of zeros if the two neighbours' cosine is negative. So a token that holds a row other than zero is
// never zero. The cosine with a row of zeros counts as 0.
// Throws ShapeError when rows, offsets or channels disagree. `options.where` is not read.
// Source: Bolya et al. 2023, arXiv:2210.09461, section 3 (there between all pairs).
MergePlan planMerge(const at::Tensor& x, const std::vector<int64_t>& offsets, const MergeOptions& options,
                    const at::Tensor& motion = {}, const at::Tensor& saliency = {});

// Weighted mean row of each token: [N, d] -> [M, d]. Differentiable once in x; gathers only, so the same at any number of
// threads and on every device. Throws ShapeError.
at::Tensor mergeRows(const at::Tensor& x, const MergePlan& plan);

// A token's row copied to each row that went into it: [M, d] -> [N, d]. Differentiable once in y. Throws ShapeError.
at::Tensor unmergeRows(const at::Tensor& y, const MergePlan& plan);

// [M] int64: place of each token's first row in its run, for position tables. `index` describes the unmerged rows.
at::Tensor mergedPositions(const MergePlan& plan, const RunIndex& index);

}  // namespace hvlm
