// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <map>

#include "engine/language/decoder.h"
#include "support/error.h"

namespace hvlm {
namespace {

void refuseNone(const std::vector<std::string>& targets) {
  if (!targets.empty()) return;
  throw InputError({.where = "lora.targets", .expected = "at least one projection", .found = "none", .remedy = "Name q_proj."});
}

}  // namespace

std::vector<Decoder::Projection*> Decoder::Layer::projections() { return {&query, &key, &value, &out, &gate, &up, &down}; }
std::vector<const Decoder::Projection*> Decoder::Layer::projections() const { return {&query, &key, &value, &out, &gate, &up, &down}; }

void Decoder::addLora(ParameterSet& set, const LoraOptions& lora, at::Generator& generator) {
  lora.check("lora");
  refuseNone(lora.targets);
  for (Layer& layer : layers_) {
    for (Projection* projection : layer.projections()) {
      const std::string part = projection->name.substr(projection->name.rfind('.') + 1);
      if (std::find(lora.targets.begin(), lora.targets.end(), part) == lora.targets.end()) continue;
      projection->lora = LoraLinear::create(set, prefix_ + projection->name, projection->linear, lora, generator);
    }
  }
  for (auto& [name, leaf] : base()) leaf.requires_grad_(false);
}

std::vector<std::pair<std::string, at::Tensor>> Decoder::base() const {
  std::map<std::string, at::Tensor> leaves = {{"model.embed_tokens.weight", embedding_},
                                              {"model.norm.weight", norm_}, {"lm_head.weight", head_}};
  for (size_t i = 0; i < layers_.size(); ++i) {
    const std::string name = "model.layers." + std::to_string(i) + ".";
    leaves[name + "input_layernorm.weight"] = layers_[i].attention_norm;
    leaves[name + "post_attention_layernorm.weight"] = layers_[i].mlp_norm;
    for (const Projection* projection : layers_[i].projections()) {
      leaves[projection->name + ".weight"] = projection->linear.weight;
      leaves[projection->name + ".bias"] = projection->linear.bias;
    }
  }
  std::vector<std::pair<std::string, at::Tensor>> ordered;
  for (const auto& [name, sizes] : decoderWeights(shape_)) ordered.emplace_back(name, leaves.at(name));
  return ordered;
}

std::vector<std::pair<std::string, at::Tensor>> Decoder::weights() const {
  const at::NoGradGuard no_grad;
  std::map<std::string, at::Tensor> merged;
  for (const Layer& layer : layers_) {
    for (const Projection* projection : layer.projections()) {
      if (projection->lora) merged[projection->name + ".weight"] = projection->lora->merged();
    }
  }
  auto all = base();
  for (auto& [name, value] : all) {
    const auto found = merged.find(name);
    value = found == merged.end() ? value.detach() : found->second;
  }
  return all;
}

}  // namespace hvlm
