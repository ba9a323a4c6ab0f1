// SPDX-License-Identifier: Apache-2.0
#include "engine/language/decoder.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <map>
#include <tuple>

#include "support/error.h"
#include "support/text.h"

namespace hvlm {
namespace {

std::string sizesText(const at::Tensor& x) {
  std::string text = "[";
  for (const int64_t size : x.sizes()) text += (text.size() > 1 ? ", " : "") + std::to_string(size);
  return text + "]";
}

Decoder::WeightSource randomWeights(at::Generator& generator, at::TensorOptions options) {
  return [&generator, options](const std::string& name, at::IntArrayRef shape) {
    if (shape.size() > 1) return normalInit(shape, 0.02, generator, options);
    return name.ends_with(".bias") ? at::zeros(shape, options) : at::ones(shape, options);
  };
}

// [B, T, H c] -> [B, H, T, c]
at::Tensor splitHeads(const at::Tensor& x, int64_t heads) { return x.unflatten(-1, {heads, x.size(-1) / heads}).transpose(1, 2); }

// Each key head G times in a row, as many as there are query heads: [B, K, S, c] -> [B, K G, S, c].
at::Tensor repeated(const at::Tensor& x, int64_t groups) {
  if (groups == 1) return x;
  return x.unsqueeze(2).expand({x.size(0), x.size(1), groups, x.size(2), x.size(3)}).flatten(1, 2);
}

void checkLengths(const at::Tensor& lengths, const at::Tensor& x) {
  if (!lengths.defined()) return;
  if (lengths.dim() != 1 || lengths.size(0) != x.size(0) || lengths.scalar_type() != at::kLong) {
    throw ShapeError("embeddings " + sizesText(x) + " need lengths [B] of whole numbers, found " + sizesText(lengths));
  }
  if (lengths.numel() > 0 && (lengths.min().item<int64_t>() < 0 || lengths.max().item<int64_t>() > x.size(1))) {
    throw ShapeError("lengths of rows must lie between 0 and the " + std::to_string(x.size(1)) + " steps of the batch");
  }
}

void checkRoom(int64_t positions, int64_t most) {
  if (positions <= most) return;
  throw InputError({.where = "language decoder", .expected = "at most " + std::to_string(most) + " tokens and visual steps",
                    .found = std::to_string(positions), .remedy = "Shorten the prompt, or ask for fewer new tokens or visual steps."});
}

// Which slot [B or 1, 1, T, used + T] each new step sees behind `used` cached ones: no later one, no padding (but itself, so that
// padding has a finite result). Undefined: every one.
at::Tensor cachedMask(const KvCache& cache, int64_t steps, const at::Tensor& lengths, at::Device device) {
  const auto whole = at::TensorOptions().dtype(at::kLong).device(device);
  if (steps == 1 && !cache.valid.defined()) return {};
  const at::Tensor slot = at::arange(cache.used + steps, whole).unsqueeze(0);                        // [1, S]
  const at::Tensor self = at::arange(cache.used, cache.used + steps, whole).unsqueeze(1);            // [T, 1]
  const at::Tensor causal = (slot <= self).unsqueeze(0);                                             // [1, T, S]
  if (!cache.valid.defined() && !lengths.defined()) return causal.unsqueeze(1);
  const int64_t rows = cache.rows();
  const at::Tensor old = cache.valid.defined() ? cache.valid : at::ones({rows, cache.used}, whole.dtype(at::kBool));
  const at::Tensor added = lengths.defined() ? at::arange(steps, whole).unsqueeze(0) < lengths.to(device).unsqueeze(1)
                                             : at::ones({rows, steps}, whole.dtype(at::kBool));
  const at::Tensor valid = at::cat({old, added}, 1).unsqueeze(1);                                    // [B, 1, S]
  return (causal & (valid | (slot == self).unsqueeze(0))).unsqueeze(1);
}

}  // namespace

at::Tensor rmsNorm(const at::Tensor& x, const at::Tensor& weight, double epsilon) {
  return x * at::rsqrt(x.pow(2).mean(-1, true) + epsilon) * weight;
}

struct Decoder::Pass {
  RopeTable rope;
  at::Tensor mask;        // of cached passes; undefined: see `causal`
  bool causal = true;     // each step sees itself and those before it
  KvCache* cache = nullptr;
  const ForwardOptions& forward;
};

Decoder::Decoder(ParameterSet& set, const std::string& prefix, const DecoderShape& shape, const WeightSource& source)
    : shape_(shape), prefix_(prefix) {
  shape.check("language decoder");
  const WeightShapes weights = decoderWeights(shape);
  for (const auto& [name, sizes] : weights) {  // before any is added, so that a failure leaves the set alone
    if (set.find(prefix + name)) throw ShapeError("parameter " + prefix + name + " is there already");
  }
  std::map<std::string, at::Tensor> leaves;
  for (const auto& [name, sizes] : weights) {
    leaves[name] = set.add(prefix + name, source(name, sizes), sizes.size() > 1);
    if (leaves[name].sizes() != at::IntArrayRef(sizes)) throw ShapeError(name + " was given as " + sizesText(leaves[name]));
  }
  embedding_ = leaves.at("model.embed_tokens.weight");
  norm_ = leaves.at("model.norm.weight");
  head_ = shape.tied ? embedding_ : leaves.at("lm_head.weight");
  frequencies_ = ropeFrequencies(shape.rope, shape.headWidth()).to(embedding_.device());
  for (int64_t i = 0; i < shape.layers; ++i) {
    const std::string name = "model.layers." + std::to_string(i) + ".";
    const auto projection = [&](const char* part) {
      const auto found = leaves.find(name + part + ".bias");
      const at::Tensor bias = found == leaves.end() ? at::Tensor() : found->second;
      return Projection{name + part, {leaves.at(name + part + ".weight"), bias}, {}};
    };
    layers_.push_back({leaves.at(name + "input_layernorm.weight"), leaves.at(name + "post_attention_layernorm.weight"),
                       projection("self_attn.q_proj"), projection("self_attn.k_proj"), projection("self_attn.v_proj"),
                       projection("self_attn.o_proj"), projection("mlp.gate_proj"), projection("mlp.up_proj"),
                       projection("mlp.down_proj")});
  }
}

Decoder::Decoder(ParameterSet& set, const std::string& prefix, const DecoderShape& shape, at::Generator& generator,
                 at::TensorOptions options)
    : Decoder(set, prefix, shape, randomWeights(generator, options)) {}

at::Tensor Decoder::embed(const at::Tensor& ids) const {
  if (ids.scalar_type() != at::kLong) throw ShapeError("ids of tokens are whole numbers of 64 bits");
  if (ids.numel() > 0) {
    const int64_t lowest = ids.min().item<int64_t>(), highest = ids.max().item<int64_t>();
    if (lowest < 0 || highest >= shape_.vocabulary) {
      throw InputError({.where = "language decoder",
                        .expected = "token ids from 0 to " + std::to_string(shape_.vocabulary - 1),
                        .found = std::to_string(lowest < 0 ? lowest : highest),
                        .remedy = "Use the tokenizer that belongs to these weights."});
    }
  }
  return at::embedding(embedding_, ids);
}

at::Tensor Decoder::attend(const Layer& layer, const at::Tensor& x, int64_t index, const Pass& pass) const {
  const int64_t groups = shape_.heads / shape_.kv_heads;
  at::Tensor query = rotate(splitHeads(layer.query(x, pass.forward), shape_.heads), pass.rope);    // [B, H, T, c]
  at::Tensor key = rotate(splitHeads(layer.key(x, pass.forward), shape_.kv_heads), pass.rope);     // [B, K, T, c]
  at::Tensor value = splitHeads(layer.value(x, pass.forward), shape_.kv_heads);
  if (pass.cache) std::tie(key, value) = pass.cache->append(static_cast<size_t>(index), key, value);
  const auto mask = pass.mask.defined() ? std::optional<at::Tensor>(pass.mask) : std::nullopt;
  at::Tensor out;
  if (x.size(1) == 1) {  // the heads of a group are rows of one product with its keys: none of these is copied
    out = at::scaled_dot_product_attention(query.reshape({x.size(0), shape_.kv_heads, groups, -1}), key, value, mask);
    out = out.reshape({x.size(0), shape_.heads, 1, -1});
  } else {
    out = at::scaled_dot_product_attention(query, repeated(key, groups), repeated(value, groups), mask, 0.0, pass.causal);
  }
  return layer.out(out.transpose(1, 2).flatten(2), pass.forward);  // [B, T, width]
}

at::Tensor Decoder::forward(const at::Tensor& embeddings, const at::Tensor& lengths, KvCache* cache,
                            const ForwardOptions& forward) const {
  if (embeddings.dim() != 3 || embeddings.size(2) != shape_.width) {
    throw ShapeError("a decoder of width " + std::to_string(shape_.width) + " takes [B, T, width], found " + sizesText(embeddings));
  }
  checkLengths(lengths, embeddings);
  const int64_t rows = embeddings.size(0), steps = embeddings.size(1);
  const bool continued = cache && cache->used > 0;
  if (continued && cache->rows() != rows) {
    throw ShapeError("a cache of " + std::to_string(cache->rows()) + " rows and embeddings " + sizesText(embeddings));
  }
  const at::Device device = embeddings.device();
  at::Tensor positions = at::arange(steps, at::TensorOptions().dtype(at::kLong).device(device)).unsqueeze(0);  // [B or 1, T]
  const at::Tensor added = lengths.defined() ? lengths.to(device) : at::full({rows}, steps, positions.options());
  const at::Tensor after = continued ? cache->positions + added : added;
  if (rows > 0) checkRoom(after.max().item<int64_t>(), shape_.max_positions);
  if (continued) positions = cache->positions.unsqueeze(1) + positions;
  const at::AutoGradMode gradient(at::GradMode::is_enabled() && !cache);
  const Pass pass{.rope = ropeTable(positions, frequencies_, embeddings.options()),
                  .mask = continued ? cachedMask(*cache, steps, lengths, device) : at::Tensor(),
                  .causal = !continued,
                  .cache = cache,
                  .forward = forward};
  at::Tensor x = embeddings;
  for (size_t i = 0; i < layers_.size(); ++i) {
    const Layer& layer = layers_[i];
    x = x + attend(layer, rmsNorm(x, layer.attention_norm, shape_.norm_epsilon), static_cast<int64_t>(i), pass);
    const at::Tensor normed = rmsNorm(x, layer.mlp_norm, shape_.norm_epsilon);
    x = x + layer.down(at::silu(layer.gate(normed, forward)) * layer.up(normed, forward), forward);
  }
  if (cache) cache->advance(rows, steps, lengths);
  return rmsNorm(x, norm_, shape_.norm_epsilon);
}

at::Tensor Decoder::logits(const at::Tensor& hidden) const { return at::linear(hidden, head_); }

}  // namespace hvlm
