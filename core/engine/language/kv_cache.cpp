// SPDX-License-Identifier: Apache-2.0
#include "engine/language/kv_cache.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <utility>

#include "support/error.h"

namespace hvlm {
namespace {

// `buffer` with room for `slots`, its first `used` kept.
at::Tensor grown(const at::Tensor& buffer, const at::Tensor& like, int64_t used, int64_t slots) {
  at::Tensor larger = at::zeros({like.size(0), like.size(1), slots, like.size(3)}, like.options().requires_grad(false));
  if (used > 0) larger.narrow(2, 0, used).copy_(buffer.narrow(2, 0, used));
  return larger;
}

}  // namespace

std::pair<at::Tensor, at::Tensor> KvCache::append(size_t layer, const at::Tensor& key, const at::Tensor& value) {
  const at::NoGradGuard no_grad;
  if (layer >= keys.size()) {
    if (used > 0) throw ShapeError("a cache of " + std::to_string(keys.size()) + " layers and a decoder with more");
    keys.resize(layer + 1);
    values.resize(layer + 1);
  }
  const int64_t wanted = used + key.size(2);
  at::Tensor& k = keys[layer];
  at::Tensor& v = values[layer];
  if (k.defined() && used > 0 && (k.size(0) != key.size(0) || k.size(1) != key.size(1) || k.size(3) != key.size(3))) {
    throw ShapeError("a cache of " + std::to_string(k.size(0)) + " rows, " + std::to_string(k.size(1)) + " heads of " +
                     std::to_string(k.size(3)) + " and steps of " + std::to_string(key.size(0)) + ", " + std::to_string(key.size(1)) +
                     " of " + std::to_string(key.size(3)));
  }
  if (!k.defined() || used == 0 || k.size(2) < wanted) {
    const int64_t slots = (wanted + chunk - 1) / chunk * chunk;
    k = grown(k, key, used, slots);
    v = grown(v, value, used, slots);
  }
  k.narrow(2, used, key.size(2)).copy_(key);
  v.narrow(2, used, value.size(2)).copy_(value);
  return {k.narrow(2, 0, wanted), v.narrow(2, 0, wanted)};
}

void KvCache::advance(int64_t rows, int64_t steps, const at::Tensor& lengths) {
  const auto options = at::TensorOptions().dtype(at::kLong).device(keys.empty() ? at::Device(at::kCPU) : keys.front().device());
  if (!positions.defined()) positions = at::zeros({rows}, options);
  positions = positions + (lengths.defined() ? lengths.to(options) : at::full({rows}, steps, options));
  if (lengths.defined() || valid.defined()) {
    if (!valid.defined()) valid = at::ones({rows, used}, options.dtype(at::kBool));
    const at::Tensor added = lengths.defined() ? at::arange(steps, options).unsqueeze(0) < lengths.to(options).unsqueeze(1)
                                               : at::ones({rows, steps}, options.dtype(at::kBool));
    valid = at::cat({valid, added}, 1);
  }
  used += steps;
}

void KvCache::reorder(const at::Tensor& rows) {
  const at::NoGradGuard no_grad;
  if (rows.dim() != 1 || rows.scalar_type() != at::kLong) throw ShapeError("rows of a cache are asked for by a list of whole numbers");
  for (std::vector<at::Tensor>* buffers : {&keys, &values}) {
    for (at::Tensor& buffer : *buffers) buffer = buffer.index_select(0, rows.to(buffer.device()));
  }
  if (valid.defined()) valid = valid.index_select(0, rows.to(valid.device()));
  if (positions.defined()) positions = positions.index_select(0, rows.to(positions.device()));
}

}  // namespace hvlm
