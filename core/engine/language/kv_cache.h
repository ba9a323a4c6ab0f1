// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

namespace hvlm {

// Keys and values of the steps that a decoder has seen, so that the next step costs one row. Belongs to one generation; one thread.
// Every step has a slot; slots of padding stay and are masked. Rows count their positions themselves. Grows by whole chunks.
struct KvCache {
  int64_t chunk = 128;              // slots by which it grows
  int64_t used = 0;                 // slots filled, the same for all rows
  std::vector<at::Tensor> keys;     // per layer [B, kv_heads, capacity, head_dim]
  std::vector<at::Tensor> values;   // per layer, as keys
  at::Tensor valid;                 // [B, used] bool; undefined while no slot is padding
  at::Tensor positions;             // [B] int64: the position of each row's next step; undefined while empty

  int64_t rows() const { return positions.defined() ? positions.size(0) : 0; }
  int64_t capacity() const { return keys.empty() ? 0 : keys.front().size(2); }

  // Writes the keys and values [B, kv_heads, T, head_dim] of `layer` behind the used slots, growing as needed, and returns all
  // filled ones, [B, kv_heads, used + T, head_dim] each: views that the next write may change. `used` moves by advance().
  std::pair<at::Tensor, at::Tensor> append(size_t layer, const at::Tensor& key, const at::Tensor& value);
  // After all layers: counts T more slots, of which row b used lengths[b] (undefined: all).
  void advance(int64_t rows, int64_t steps, const at::Tensor& lengths);

  // Row i becomes the old row rows[i]; there may be more or fewer than before (beams). rows [B'] int64.
  void reorder(const at::Tensor& rows);
};

}  // namespace hvlm
