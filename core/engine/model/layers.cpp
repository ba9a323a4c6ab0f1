// SPDX-License-Identifier: Apache-2.0
#include "engine/model/layers.h"

#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>

#include "engine/model/int8_weights.h"
#include "engine/model/mixers/mixer.h"
#include "engine/model/positions.h"
#include "support/error.h"

namespace hvlm {
namespace {

thread_local at::ScalarType product_format = at::kFloat;
thread_local bool products_of_training = false;
constexpr int64_t kRowsByTap = 64;  // of a convolution, from which it goes tap by tap where nothing is learned; not tuned

// lowbias32 of Ellis and Wellons: every bit of the place moves every bit of the result.
inline uint32_t scrambled(uint32_t x) {
  x = (x ^ (x >> 16)) * 0x7feb352dU;
  x = (x ^ (x >> 15)) * 0x846ca68bU;
  return x ^ (x >> 16);
}

// Zeros for a share of the places and `kept` elsewhere: place i is a hash of the seed and i, so threads may fill any part.
template <class T>
__attribute__((always_inline)) inline void fillMask(T* mask, int64_t begin, int64_t end, uint64_t seed, double share, double kept) {
  const auto threshold = static_cast<uint32_t>(share * 4294967296.0);
  const auto low = static_cast<uint32_t>(seed), high = static_cast<uint32_t>(seed >> 32);
  for (int64_t i = begin; i < end; ++i) {
    mask[i] = scrambled((static_cast<uint32_t>(i) * 0x9E3779B9U + low) ^ high) < threshold ? T(0) : static_cast<T>(kept);
  }
}
__attribute__((target_clones("arch=haswell", "default"))) void fill(float* mask, int64_t begin, int64_t end, uint64_t seed, double share, double kept) {
  fillMask(mask, begin, end, seed, share, kept);
}
__attribute__((target_clones("arch=haswell", "default"))) void fill(double* mask, int64_t begin, int64_t end, uint64_t seed, double share, double kept) {
  fillMask(mask, begin, end, seed, share, kept);
}

// Zeros and 1 / (1 - share). One number of the generator seeds the whole mask: a draw for each element took a tenth of a training
// step. Made on the CPU, so that a seed means the same on every device.
at::Tensor keepMask(at::IntArrayRef sizes, double share, const at::TensorOptions& like, const ForwardOptions& options) {
  if (!options.generator) throw ShapeError("a training pass with dropout, noise or masks needs a generator");
  const auto seed = static_cast<uint64_t>(at::empty({}, at::kLong).random_(options.generator).item<int64_t>());
  at::Tensor mask = at::empty(sizes, like.device(at::kCPU));
  at::parallel_for(0, mask.numel(), 1 << 15, [&](int64_t begin, int64_t end) {
    if (mask.scalar_type() == at::kDouble) {
      fill(mask.data_ptr<double>(), begin, end, seed, share, 1.0 / (1.0 - share));
    } else {
      fill(mask.data_ptr<float>(), begin, end, seed, share, 1.0 / (1.0 - share));
    }
  });
  return mask.to(like.device());
}

}  // namespace

ProductsOfTraining::ProductsOfTraining() : before_(products_of_training) { products_of_training = true; }
ProductsOfTraining::~ProductsOfTraining() { products_of_training = before_; }
bool ProductsOfTraining::current() { return products_of_training || at::GradMode::is_enabled(); }

ProductPrecision::ProductPrecision(at::ScalarType format) : before_(product_format) { product_format = format; }
ProductPrecision::~ProductPrecision() { product_format = before_; }
at::ScalarType ProductPrecision::current() { return product_format; }

Linear Linear::create(ParameterSet& set, const std::string& name, int64_t in, int64_t out, at::Generator& generator,
                      at::TensorOptions options) {
  Linear layer;
  layer.weight = set.add(name + ".weight", xavierUniform(out, in, generator, options));
  layer.bias = set.add(name + ".bias", at::zeros({out}, options), false);
  return layer;
}

at::Tensor Linear::operator()(const at::Tensor& x) const {
  if (at::Tensor y = Int8Weights::product(x, weight, bias); y.defined()) return y;
  const at::ScalarType format = ProductPrecision::current();
  if (format == at::kFloat || x.scalar_type() != at::kFloat) return at::linear(x, weight, bias);
  return at::linear(x.to(format), weight.to(format), bias.to(format)).to(at::kFloat);
}

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

// Three products that add up in place, so that the rows with their neighbours ([N, 3 in]) are never put together. What crosses a border is
// taken back: the rows at the ends of runs are kept and put there again.
at::Tensor Convolution3::tapByTap(const at::Tensor& x, const RunIndex& index) const {
  const int64_t n = x.size(0), in = x.size(1);
  const auto tap = [&](int64_t which) { return taps.weight.narrow(1, which * in, in).t(); };
  at::Tensor out = at::addmm(taps.bias, x, tap(1));
  const at::Tensor first = out.index_select(0, index.first_rows);
  out.narrow(0, 1, n - 1).addmm_(x.narrow(0, 0, n - 1), tap(0));
  out.index_copy_(0, index.first_rows, first);
  const at::Tensor last = out.index_select(0, index.last_rows);
  out.narrow(0, 0, n - 1).addmm_(x.narrow(0, 1, n - 1), tap(2));
  return out.index_copy_(0, index.last_rows, last);
}

at::Tensor Convolution3::operator()(const at::Tensor& x, const RunIndex& index) const {
  const bool plain = !ProductsOfTraining::current() && ProductPrecision::current() == at::kFloat && !Int8Weights::active() && x.is_cpu() && x.dim() == 2;
  if (plain && x.size(0) == index.rows() && x.size(0) >= kRowsByTap) return tapByTap(x, index);
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

at::Tensor sinusoidTable(int64_t steps, int64_t width, at::TensorOptions options) { return sinusoidRows(0, steps, width, options); }

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
