// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>

namespace hvlm {

// How rotary positions are scaled beyond the lengths of training. Names are those of config.json.
struct RopeOptions {
  std::string type = "default";    // "default", "linear" (positions / factor) or "llama3" (low frequencies / factor)
  double theta = 10000.0;          // base of the wavelengths
  double factor = 1.0;             // "linear" and "llama3", at least 1
  double low_freq_factor = 1.0;    // "llama3": wavelengths above original / low are scaled by the whole factor ...
  double high_freq_factor = 4.0;   // ... those below original / high not at all, with a smooth passage between
  int64_t original_positions = 8192;  // "llama3": original_max_position_embeddings
};

// Radians per position of each pair of columns, [head_dim / 2] double: theta^(-2i / head_dim), scaled as `rope` says. Source: Su et al.
// 2021, arXiv:2104.09864, eq. 15; Hugging Face's modeling_rope_utils for "linear" and "llama3". Throws InputError for another type.
at::Tensor ropeFrequencies(const RopeOptions& rope, int64_t head_dim);

struct RopeTable {
  at::Tensor cosine, sine;  // [B or 1, 1, T, head_dim / 2]
};
// Of positions [B or 1, T] int64, computed in double and given in the type and on the device of `options`.
RopeTable ropeTable(const at::Tensor& positions, const at::Tensor& frequencies, at::TensorOptions options);

// Turns column i with column i + c/2 (the order of Hugging Face's weights, not that of the paper): x [B, H, T, c] -> [B, H, T, c].
at::Tensor rotate(const at::Tensor& x, const RopeTable& table);

}  // namespace hvlm
