// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>

namespace hvlm {

struct TiledOptions {
  int64_t reach = -1;       // query t sees keys t - reach .. t + reach; negative: all keys
  at::Tensor shared_key;    // [1, H, G, c] seen by every query besides; undefined: none
  at::Tensor shared_value;  // [1, H, G, c]
  at::Tensor key_bias;      // [K] added to the scores of `key`, no gradient; undefined: none
};

// Exact softmax attention of one run without a matrix of scores: tiles of queries meet tiles of the keys they see, with
// a running maximum and sum; the backward pass makes each tile again from the row's log sum. Kept for it: the inputs,
// the result and one number per query and head. Tiles follow each other in a fixed order.
//
//   query       [1, H, T, c]
//   key, value  [1, H, K, c]   K = T when reach >= 0
//   returns     [1, H, T, c]   softmax(query key^T / sqrt(c) + bias) value
//
// Throws ShapeError when shapes disagree. Source: Dao et al. 2022, arXiv:2205.14135; running softmax: Milakov and
// Gimelshein 2018, arXiv:1805.02867.
at::Tensor tiledAttention(const at::Tensor& query, const at::Tensor& key, const at::Tensor& value,
                          const TiledOptions& options = {});

}  // namespace hvlm
