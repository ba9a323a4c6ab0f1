// SPDX-License-Identifier: Apache-2.0
#include "engine/model/encoder.h"

#include "engine/model/merging.h"
#include "engine/model/mixers/mixer.h"
#include "engine/model/positions.h"
#include "engine/model/recompute.h"
#include "support/error.h"

namespace hvlm {

Encoder::Encoder(ParameterSet& set, const EncoderOptions& o, int64_t input_dim, at::Generator& generator,
                 at::TensorOptions tensor_options, const MergeOptions& merge)
    : mean(at::zeros({input_dim}, tensor_options)),
      deviation(at::ones({input_dim}, tensor_options)),
      options_(o),
      merge_(merge),
      width_(o.kind == "raw" ? input_dim : o.dim),
      tensor_options_(tensor_options) {
  if (o.kind == "raw") return;
  projection_ = Linear::create(set, "encoder.projection", input_dim, o.dim, generator, tensor_options);
  if (o.final_norm) final_norm_ = LayerNorm::create(set, "encoder.norm", o.dim, tensor_options);
  if (o.kind == "mlp") {
    second_ = Linear::create(set, "encoder.second", o.dim, o.dim, generator, tensor_options);
    return;
  }
  for (int64_t i = 0; i < o.stem_convolutions; ++i) {
    const std::string name = "encoder.stem." + std::to_string(i);
    const size_t before = set.all().size();
    Stem stem;
    stem.convolution = Convolution3::create(set, name + ".convolution", o.dim, o.dim, generator, tensor_options);
    stem.norm = LayerNorm::create(set, name + ".norm", o.dim, tensor_options);
    stem_.push_back(std::move(stem));
    stem_weights_.push_back(set.tensorsFrom(before));
  }
  TransformerOptions layer;
  layer.width = o.dim;
  layer.hidden = std::max<int64_t>(1, std::llround(o.ffn_factor * static_cast<double>(o.dim)));
  layer.pre_norm = o.pre_norm;
  layer.activation = o.activation;
  layer.dropout = o.dropout;
  for (int64_t i = 0; i < o.layers; ++i) {
    layer.drop_path = o.drop_path * static_cast<double>(i + 1) / static_cast<double>(o.layers);
    const std::string name = "encoder.layers." + std::to_string(i);
    const size_t before = set.all().size();
    auto mixer = makeMixer(set, name, o, generator, tensor_options);
    layers_.push_back(TransformerLayer::create(set, name, layer, std::move(mixer), generator, tensor_options));
    layer_weights_.push_back(set.tensorsFrom(before));
  }
}

std::vector<NamedTensor> Encoder::mixerBuffers() const {
  std::vector<NamedTensor> all;
  for (const TransformerLayer& layer : layers_) {
    if (!layer.mixer) continue;
    for (NamedTensor& buffer : layer.mixer->buffers()) all.push_back(std::move(buffer));
  }
  return all;
}

at::Tensor Encoder::normalised(const at::Tensor& x) const {
  at::Tensor v = x.to(tensor_options_);
  if (options_.input_norm == "channel") {
    v = (v - mean) / at::where(deviation > 1e-6, deviation, at::ones({}, tensor_options_));
  } else if (options_.input_norm == "global") {
    v = (v - mean) / deviation.pow(2).mean().sqrt().clamp_min(1e-6);
  }
  return v;
}

at::Tensor Encoder::prepared(const at::Tensor& x, const ForwardOptions& forward) const {
  at::Tensor v = normalised(x);
  if (!forward.training) return v;
  if (options_.input_noise > 0.0) {
    if (!forward.generator) throw ShapeError("a training pass with input noise needs a generator");
    at::Tensor noise = at::empty(v.sizes(), v.options().device(forward.generator->device()));
    noise.normal_(0.0, options_.input_noise, forward.generator);
    v = v + noise.to(v.device());
  }
  if (options_.step_mask > 0.0) {
    if (!forward.generator) throw ShapeError("a training pass with a step mask needs a generator");
    at::Tensor keep = at::empty({v.size(0), 1}, v.options().device(forward.generator->device()));
    keep.bernoulli_(1.0 - options_.step_mask, forward.generator);  // no rescaling: the other steps stay as they are
    v = v * keep.to(v.device());
  }
  return v;
}

at::Tensor Encoder::positions(const Packed& batch, const RunIndex& index) const {
  if (!batch.first_steps.empty()) {
    if (static_cast<int64_t>(batch.first_steps.size()) != index.runs()) throw ShapeError("a pack of " + std::to_string(index.runs()) + " videos with " + std::to_string(batch.first_steps.size()) + " first steps");
    std::vector<at::Tensor> rows;
    for (size_t r = 0; r < index.lengths.size(); ++r) rows.push_back(sinusoidRows(batch.first_steps[r], index.lengths[r], options_.dim, tensor_options_));
    return rows.size() == 1 ? rows.front() : at::cat(rows);
  }
  const int64_t longest = *std::max_element(index.lengths.begin(), index.lengths.end());
  if (!table_.defined() || table_.size(0) < longest) table_ = sinusoidTable(longest, options_.dim, tensor_options_);
  return table_.index_select(0, index.position_of_row);
}

at::Tensor Encoder::layersOn(at::Tensor h, const RunIndex& index, const ForwardOptions& forward) const {
  for (size_t i = 0; i < layers_.size(); ++i) {
    h = recomputed([&layer = layers_[i], index](const at::Tensor& x, const ForwardOptions& f) { return layer(x, index, f); }, h, layer_weights_[i], forward);
  }
  return h;
}

// The transformer layers, on merged tokens when asked for.
at::Tensor Encoder::transformed(at::Tensor h, const Packed& batch, const RunIndex& index, const ForwardOptions& forward) const {
  if (merge_.where != "before" || layers_.empty()) {
    return layersOn(std::move(h), index, forward);
  }
  const MergePlan plan = planMerge(h.detach(), batch.offsets, merge_, batch.motion, batch.saliency);
  const RunIndex merged = makeRunIndex(plan.offsets, h.device());
  const at::Tensor tokens = mergeRows(h, plan);
  const at::Tensor mixed = layersOn(tokens, merged, forward);
  // Steps of one token keep what made them differ; what the layers added is the token's.
  return h + unmergeRows(mixed - tokens, plan);
}

at::Tensor Encoder::operator()(const Packed& batch, const RunIndex& index, const ForwardOptions& forward) const {
  if (options_.kind == "raw") return batch.x.to(tensor_options_);
  at::Tensor h = projection_(prepared(batch.x, forward));
  if (options_.kind == "mlp") {
    h = second_(dropout(activate(h, options_.activation), options_.dropout, forward));
  } else {
    for (size_t i = 0; i < stem_.size(); ++i) {
      const auto residual = [&stem = stem_[i], index, share = options_.dropout](const at::Tensor& x, const ForwardOptions& f) {
        return x + dropout(at::gelu(stem.norm(stem.convolution(x, index))), share, f);
      };
      h = recomputed(residual, h, stem_weights_[i], forward);
    }
    if (options_.position == "sinusoid") h = h + positions(batch, index);
    h = transformed(std::move(h), batch, index, forward);
  }
  return options_.final_norm ? final_norm_(h) : h;
}

}  // namespace hvlm
