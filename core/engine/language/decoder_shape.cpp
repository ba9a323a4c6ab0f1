// SPDX-License-Identifier: Apache-2.0
#include <cmath>

#include "engine/language/decoder.h"
#include "support/error.h"
#include "support/text.h"

namespace hvlm {
namespace {

[[noreturn]] void refuse(const std::string& where, const std::string& expected, const std::string& found) {
  throw InputError({.where = where, .expected = expected, .found = found, .remedy = "Correct the config of the language decoder."});
}

void within(const std::string& where, const char* key, int64_t value, int64_t lowest, int64_t highest) {
  if (value >= lowest && value <= highest) return;
  refuse(where + ": " + key, "a whole number from " + std::to_string(lowest) + " to " + std::to_string(highest), std::to_string(value));
}

void within(const std::string& where, const char* key, double value, double lowest, double highest) {
  if (value >= lowest && value <= highest) return;
  refuse(where + ": " + key, "a number from " + exactNumber(lowest) + " to " + exactNumber(highest), exactNumber(value));
}

void checkRope(const RopeOptions& rope, const std::string& where) {
  within(where, "rope_theta", rope.theta, 1.0, 1e12);
  within(where, "rope factor", rope.factor, 1.0, 1e6);
  if (rope.type != "llama3") return;
  within(where, "low_freq_factor", rope.low_freq_factor, 1e-6, 1e6);
  within(where, "high_freq_factor", rope.high_freq_factor, 1e-6, 1e6);
  within(where, "original_max_position_embeddings", rope.original_positions, int64_t{1}, int64_t{1} << 24);
  if (rope.high_freq_factor <= rope.low_freq_factor) {
    refuse(where + ": high_freq_factor", "more than low_freq_factor " + exactNumber(rope.low_freq_factor),
           exactNumber(rope.high_freq_factor));
  }
}

void addProjection(WeightShapes& weights, const std::string& name, int64_t out, int64_t in, bool bias) {
  weights.push_back({name + ".weight", {out, in}});
  if (bias) weights.push_back({name + ".bias", {out}});
}

}  // namespace

void DecoderShape::check(const std::string& where) const {
  within(where, "vocab_size", vocabulary, 1, int64_t{1} << 22);
  within(where, "hidden_size", width, 1, 65536);
  within(where, "num_hidden_layers", layers, 1, 1024);
  within(where, "num_attention_heads", heads, 1, 1024);
  within(where, "num_key_value_heads", kv_heads, 1, heads);
  within(where, "intermediate_size", hidden, 1, int64_t{1} << 20);
  within(where, "max_position_embeddings", max_positions, 1, int64_t{1} << 24);
  within(where, "rms_norm_eps", norm_epsilon, 0.0, 1.0);
  within(where, "head_dim", head_dim, 0, 4096);
  if (heads % kv_heads != 0) {
    refuse(where + ": num_key_value_heads", "a divisor of the " + std::to_string(heads) + " attention heads", std::to_string(kv_heads));
  }
  if (head_dim == 0 && width % heads != 0) {
    refuse(where + ": hidden_size", "a multiple of the " + std::to_string(heads) + " attention heads", std::to_string(width));
  }
  if (headWidth() % 2 != 0) refuse(where + ": head_dim", "an even number", std::to_string(headWidth()));
  if (rope.type != "default" && rope.type != "linear" && rope.type != "llama3") {
    refuse(where + ": rope_type", "default, linear or llama3", shortened(rope.type));
  }
  checkRope(rope, where);
}

WeightShapes decoderWeights(const DecoderShape& shape) {
  const int64_t width = shape.width;
  const int64_t query = shape.heads * shape.headWidth();
  const int64_t key = shape.kv_heads * shape.headWidth();
  WeightShapes weights = {{"model.embed_tokens.weight", {shape.vocabulary, width}}};
  for (int64_t i = 0; i < shape.layers; ++i) {
    const std::string layer = "model.layers." + std::to_string(i) + ".";
    weights.push_back({layer + "input_layernorm.weight", {width}});
    addProjection(weights, layer + "self_attn.q_proj", query, width, shape.attention_bias);
    addProjection(weights, layer + "self_attn.k_proj", key, width, shape.attention_bias);
    addProjection(weights, layer + "self_attn.v_proj", key, width, shape.attention_bias);
    addProjection(weights, layer + "self_attn.o_proj", width, query, shape.attention_bias);
    weights.push_back({layer + "post_attention_layernorm.weight", {width}});
    addProjection(weights, layer + "mlp.gate_proj", shape.hidden, width, shape.mlp_bias);
    addProjection(weights, layer + "mlp.up_proj", shape.hidden, width, shape.mlp_bias);
    addProjection(weights, layer + "mlp.down_proj", width, shape.hidden, shape.mlp_bias);
  }
  weights.push_back({"model.norm.weight", {width}});
  if (!shape.tied) weights.push_back({"lm_head.weight", {shape.vocabulary, width}});
  return weights;
}

}  // namespace hvlm
