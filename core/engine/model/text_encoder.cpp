// SPDX-License-Identifier: Apache-2.0
#include "engine/model/text_encoder.h"

#include <ATen/ATen.h>

#include <cmath>
#include <limits>

#include "engine/model/plain_tensor.h"
#include "support/error.h"

namespace hvlm {
namespace {

constexpr double kEpsilon = 1e-12;  // of BERT's layer norms
constexpr int64_t kMostLayers = 64;

std::string shapeOf(const std::vector<int64_t>& shape) {
  std::string s = "[";
  for (const int64_t n : shape) s += (s.size() > 1 ? ", " : "") + std::to_string(n);
  return s + "]";
}

class Reader {
 public:
  Reader(const TensorMap& tensors, std::string where, at::ScalarType type) : tensors_(tensors), where_(std::move(where)), type_(type) {}

  // A negative extent stands for any.
  at::Tensor get(const std::string& name, const std::vector<int64_t>& shape) const {
    const auto found = tensors_.find(name);
    if (found == tensors_.end()) refuse("a tensor " + name, "none");
    const std::vector<int64_t>& own = found->second.shape;
    bool fits = own.size() == shape.size();
    for (size_t i = 0; fits && i < shape.size(); ++i) fits = shape[i] < 0 ? own[i] > 0 : own[i] == shape[i];
    if (!fits) refuse(name + " of shape " + shapeOf(shape), shapeOf(own));
    return fromPlain(found->second, where_ + ": " + name).to(type_).contiguous();
  }
  bool has(const std::string& name) const { return tensors_.contains(name); }
  [[noreturn]] void refuse(const std::string& expected, const std::string& found) const {
    throw InputError({.where = where_, .expected = expected + " (a BERT encoder)", .found = found, .remedy = "Import the package again: hvlm weights import FOLDER --name minilm-l6"});
  }

 private:
  const TensorMap& tensors_;
  std::string where_;
  at::ScalarType type_;
};

}  // namespace

at::Tensor TextEncoder::Norm::operator()(const at::Tensor& x) const { return at::layer_norm(x, {x.size(-1)}, weight, bias, kEpsilon); }
at::Tensor TextEncoder::Affine::operator()(const at::Tensor& x) const { return at::linear(x, weight, bias); }

TextEncoder::TextEncoder(const TensorMap& weights, const std::string& where, int64_t heads, at::ScalarType type) : heads_(heads) {
  const Reader reader(weights, where, type);
  words_ = reader.get("embeddings.word_embeddings.weight", {-1, -1});
  width_ = words_.size(1);
  if (heads < 1 || width_ % heads != 0) reader.refuse("a width that " + std::to_string(heads) + " heads divide", std::to_string(width_));
  positions_ = reader.get("embeddings.position_embeddings.weight", {-1, width_});
  type_ = reader.get("embeddings.token_type_embeddings.weight", {-1, width_}).select(0, 0).contiguous();
  const auto norm = [&](const std::string& name) { return Norm{reader.get(name + ".weight", {width_}), reader.get(name + ".bias", {width_})}; };
  const auto affine = [&](const std::string& name, int64_t out, int64_t in) {
    const at::Tensor weight = reader.get(name + ".weight", {out, in});
    return Affine{weight, reader.get(name + ".bias", {weight.size(0)})};
  };
  embedding_norm_ = norm("embeddings.LayerNorm");
  for (int64_t l = 0; reader.has("encoder.layer." + std::to_string(l) + ".attention.self.query.weight"); ++l) {
    if (l == kMostLayers) reader.refuse("at most " + std::to_string(kMostLayers) + " layers", "more");
    const std::string at = "encoder.layer." + std::to_string(l) + ".";
    Layer layer;
    layer.query = affine(at + "attention.self.query", width_, width_);
    layer.key = affine(at + "attention.self.key", width_, width_);
    layer.value = affine(at + "attention.self.value", width_, width_);
    layer.output = affine(at + "attention.output.dense", width_, width_);
    layer.attention_norm = norm(at + "attention.output.LayerNorm");
    layer.intermediate = affine(at + "intermediate.dense", -1, width_);
    layer.dense = affine(at + "output.dense", width_, layer.intermediate.weight.size(0));
    layer.output_norm = norm(at + "output.LayerNorm");
    layers_.push_back(std::move(layer));
  }
  if (layers_.empty()) reader.refuse("encoder.layer.0.attention.self.query.weight", "none");
}

at::Tensor TextEncoder::embeddings(const at::Tensor& ids) const {
  const int64_t length = ids.size(1);
  return embedding_norm_(at::embedding(words_, ids) + positions_.narrow(0, 0, length).unsqueeze(0) + type_);
}

at::Tensor TextEncoder::layer(int64_t l, const at::Tensor& x, const at::Tensor& mask, const LayerTuning* tuning) const {
  using Projection = LayerTuning::Projection;
  using Branch = LayerTuning::Branch;
  const Layer& p = layers_[static_cast<size_t>(l)];
  const int64_t batch = x.size(0), length = x.size(1), head = width_ / heads_;
  const auto project = [&](const Affine& affine, Projection which, const at::Tensor& in) {
    const at::Tensor y = affine(in);
    return tuning ? tuning->projected(l, which, in, y) : y;
  };
  const auto split = [&](const at::Tensor& y) { return y.view({batch, length, heads_, head}).transpose(1, 2); };
  const at::Tensor q = split(project(p.query, Projection::kQuery, x));
  const at::Tensor k = split(project(p.key, Projection::kKey, x));
  const at::Tensor v = split(project(p.value, Projection::kValue, x));
  at::Tensor context = (q.matmul(k.transpose(2, 3)) / std::sqrt(static_cast<double>(head)) + mask).softmax(-1).matmul(v);
  if (tuning) context = tuning->attended(l, q, context);
  at::Tensor branch = project(p.output, Projection::kOutput, context.transpose(1, 2).reshape({batch, length, width_}));
  if (tuning) branch = tuning->branch(l, Branch::kAttention, branch);
  const at::Tensor attended = p.attention_norm(x + branch);
  branch = p.dense(at::gelu(p.intermediate(attended)));
  if (tuning) branch = tuning->branch(l, Branch::kFeedForward, branch);
  return p.output_norm(attended + branch);
}

std::vector<at::Tensor> TextEncoder::states(const at::Tensor& ids, const std::vector<int64_t>& lengths, const LayerTuning* tuning) const {
  if (ids.dim() != 2 || ids.size(0) != static_cast<int64_t>(lengths.size()) || ids.size(1) < 1 || ids.size(1) > positions()) {
    throw ShapeError("text encoder with " + std::to_string(positions()) + " positions: ids of " + std::to_string(ids.dim()) + " dimensions, " +
                     std::to_string(ids.dim() == 2 ? ids.size(1) : 0) + " tokens, for " + std::to_string(lengths.size()) + " texts");
  }
  at::Tensor mask = at::zeros({ids.size(0), 1, 1, ids.size(1)}, words_.options());
  for (size_t b = 0; b < lengths.size(); ++b) {
    if (lengths[b] < 1 || lengths[b] > ids.size(1)) throw ShapeError("text " + std::to_string(b) + " of " + std::to_string(lengths[b]) + " tokens in a batch of " + std::to_string(ids.size(1)));
    mask[static_cast<int64_t>(b)].slice(2, lengths[b]).fill_(-std::numeric_limits<double>::infinity());
  }
  std::vector<at::Tensor> all{embeddings(ids)};
  for (int64_t l = 0; l < layers(); ++l) all.push_back(layer(l, all.back(), mask, tuning));
  return all;
}

at::Tensor TextEncoder::embed(const at::Tensor& ids, const std::vector<int64_t>& lengths, const LayerTuning* tuning) const {
  const at::Tensor last = states(ids, lengths, tuning).back();
  at::Tensor valid = at::zeros({ids.size(0), ids.size(1), 1}, last.options());
  at::Tensor count = at::zeros({ids.size(0), 1}, last.options());
  for (size_t b = 0; b < lengths.size(); ++b) {
    valid[static_cast<int64_t>(b)].slice(0, 0, lengths[b]).fill_(1.0);
    count[static_cast<int64_t>(b)].fill_(static_cast<double>(lengths[b]));
  }
  const at::Tensor mean = (last * valid).sum(1) / count;
  return mean / mean.norm(2, {1}, true).clamp_min(1e-12);
}

}  // namespace hvlm
