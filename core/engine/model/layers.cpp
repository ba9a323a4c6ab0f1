// SPDX-License-Identifier: Apache-2.0
#include "engine/model/layers.h"

#include "engine/model/mixers/mixer.h"
#include "support/error.h"

namespace hvlm {
namespace {

// Zeros and 1 / (1 - share), drawn where the generator lives, so that a seed means the same on every device.
at::Tensor keepMask(at::IntArrayRef sizes, double share, const at::TensorOptions& like, const ForwardOptions& options) {
  if (!options.generator) throw ShapeError("a training pass with dropout, noise or masks needs a generator");
  at::Tensor mask = at::empty(sizes, like.device(options.generator->device()));
  mask.bernoulli_(1.0 - share, options.generator);
  return mask.div_(1.0 - share).to(like.device());
}

}  // namespace

Linear Linear::create(ParameterSet& set, const std::string& name, int64_t in, int64_t out, at::Generator& generator,
                      at::TensorOptions options) {
  Linear layer;
  layer.weight = set.add(name + ".weight", xavierUniform(out, in, generator, options));
  layer.bias = set.add(name + ".bias", at::zeros({out}, options), false);
  return layer;
}

at::Tensor Linear::operator()(const at::Tensor& x) const { return at::linear(x, weight, bias); }

LayerNorm LayerNorm::create(ParameterSet& set, const std::string& name, int64_t width, at::TensorOptions options) {
  LayerNorm norm;
  norm.weight = set.add(name + ".weight", at::ones({width}, options), false);
  norm.bias = set.add(name + ".bias", at::zeros({width}, options), false);
  return norm;
}

at::Tensor LayerNorm::operator()(const at::Tensor& x) const {
  if (!weight.defined()) return at::layer_norm(x, {x.size(-1)}, {}, {}, epsilon);
  return at::layer_norm(x, {x.size(-1)}, weight, bias, epsilon);
}

Convolution3 Convolution3::create(ParameterSet& set, const std::string& name, int64_t in, int64_t out,
                                  at::Generator& generator, at::TensorOptions options) {
  return {Linear::create(set, name, 3 * in, out, generator, options)};
}

at::Tensor Convolution3::operator()(const at::Tensor& x, const RunIndex& index) const {
  return taps(gatherNeighbours(x, index));
}

at::Tensor dropout(const at::Tensor& x, double share, const ForwardOptions& options) {
  if (!options.training || share <= 0.0) return x;
  return x * keepMask(x.sizes(), share, x.options(), options);
}

at::Tensor dropPath(const at::Tensor& branch, double share, const RunIndex& index, const ForwardOptions& options) {
  if (!options.training || share <= 0.0) return branch;
  const at::Tensor keep = keepMask({index.runs()}, share, branch.options(), options);
  return branch * keep.index_select(0, index.run_of_row).unsqueeze(1);
}

at::Tensor activate(const at::Tensor& x, const std::string& activation) {
  if (activation == "gelu") return at::gelu(x);
  if (activation == "relu") return at::relu(x);
  throw ShapeError("unknown activation " + activation);
}

at::Tensor sinusoidTable(int64_t steps, int64_t width, at::TensorOptions options) {
  at::Tensor table = at::zeros({steps, width}, at::kDouble);
  auto cells = table.accessor<double, 2>();
  for (int64_t i = 0; i < width; ++i) {
    const double frequency =
        std::exp(static_cast<double>(i / 2 * 2) * (-std::log(10000.0) / static_cast<double>(width)));
    for (int64_t t = 0; t < steps; ++t) {
      const double angle = static_cast<double>(t) * frequency;
      cells[t][i] = i % 2 == 0 ? std::sin(angle) : std::cos(angle);
    }
  }
  return table.to(options);
}

TransformerLayer TransformerLayer::create(ParameterSet& set, const std::string& name, const TransformerOptions& o,
                                          std::shared_ptr<const SequenceMixer> mixer, at::Generator& generator,
                                          at::TensorOptions options) {
  TransformerLayer layer;
  layer.options = o;
  layer.mixer = std::move(mixer);
  if (layer.mixer) layer.norm1 = LayerNorm::create(set, name + ".norm1", o.width, options);
  layer.linear1 = Linear::create(set, name + ".linear1", o.width, o.hidden, generator, options);
  layer.linear2 = Linear::create(set, name + ".linear2", o.hidden, o.width, generator, options);
  layer.norm2 = LayerNorm::create(set, name + ".norm2", o.width, options);
  return layer;
}

at::Tensor TransformerLayer::feedForward(const at::Tensor& x, const ForwardOptions& forward) const {
  return linear2(dropout(activate(linear1(x), options.activation), options.dropout, forward));
}

at::Tensor TransformerLayer::operator()(const at::Tensor& x, const RunIndex& index,
                                        const ForwardOptions& forward) const {
  const auto branch = [&](const at::Tensor& out) {
    return dropPath(dropout(out, options.dropout, forward), options.drop_path, index, forward);
  };
  at::Tensor h = x;
  if (options.pre_norm) {
    if (mixer) h = h + branch((*mixer)(norm1(h), index));
    return h + branch(feedForward(norm2(h), forward));
  }
  if (mixer) h = norm1(h + branch((*mixer)(h, index)));
  return norm2(h + branch(feedForward(h, forward)));
}

}  // namespace hvlm
