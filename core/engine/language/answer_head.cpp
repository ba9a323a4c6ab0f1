// SPDX-License-Identifier: Apache-2.0
#include "engine/language/answer_head.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

namespace hvlm {
namespace {

constexpr int64_t kLevels = 16;      // with a vector of their own
constexpr double kSumScale = 60.0;   // steps: a minute of something is 1

int64_t headsOf(int64_t width) { return width % 4 == 0 ? 4 : width % 2 == 0 ? 2 : 1; }
// [n, d] -> [H, n, d/H]
at::Tensor heads(const at::Tensor& x) { return x.view({x.size(0), headsOf(x.size(1)), x.size(1) / headsOf(x.size(1))}).transpose(0, 1); }
at::Tensor joined(const at::Tensor& x) { return x.transpose(0, 1).reshape({x.size(1), x.size(0) * x.size(2)}); }

}  // namespace

AnswerHead::AnswerHead(ParameterSet& set, const LanguageOptions& options, int64_t text_width, int64_t width, int64_t answers, at::Generator& generator,
                       at::TensorOptions tensor_options)
    : options_(options), width_(width) {
  const auto linear = [&](const std::string& name, int64_t in, int64_t out) { return Linear::create(set, "answer." + name, in, out, generator, tensor_options); };
  const auto norm = [&](const std::string& name) { return LayerNorm::create(set, "answer." + name, width, tensor_options); };
  question_ = linear("question", text_width, width);
  question_norm_ = norm("question_norm");
  node_norm_ = norm("node_norm");
  level_ = set.add("answer.level", normalInit({kLevels, width}, 0.02, generator, tensor_options), false);
  time_ = linear("time", 2, width);
  for (int64_t l = 0; l < options.answer_layers; ++l) {
    const std::string at = "layers." + std::to_string(l) + ".";
    Layer layer;
    layer.norm = norm(at + "norm");
    layer.query = linear(at + "query", width, width);
    layer.key = linear(at + "key", width, width);
    layer.value = linear(at + "value", width, width);
    layer.gate_query = linear(at + "gate_query", width, width);
    layer.gate_key = linear(at + "gate_key", width, width);
    layer.gate_value = linear(at + "gate_value", width, width);
    layer.out = linear(at + "out", 2 * width, width);
    layer.feed_norm = norm(at + "feed_norm");
    layer.feed_in = linear(at + "feed_in", width, 2 * width);
    layer.feed_out = linear(at + "feed_out", 2 * width, width);
    layers_.push_back(std::move(layer));
  }
  last_norm_ = norm("last_norm");
  classifier_ = linear("classifier", width, answers);
}

AnswerHead::Memory AnswerHead::memoryOf(const Pyramid& pyramid, int64_t video, double step_seconds) const {
  const auto b = static_cast<size_t>(video);
  Memory memory;
  memory.steps = pyramid.offsets[0][b + 1] - pyramid.offsets[0][b];
  std::vector<at::Tensor> rows;
  std::vector<float> times;
  std::vector<int64_t> levels;
  for (int64_t l = 0; l < pyramid.levels(); ++l) {
    const auto& offsets = pyramid.offsets[static_cast<size_t>(l)];
    const int64_t count = offsets[b + 1] - offsets[b];
    if (count == 0) continue;
    rows.push_back(pyramid.nodes.narrow(0, pyramid.level_start[static_cast<size_t>(l)] + offsets[b], count));
    for (int64_t j = 0; j < count; ++j) {
      const double first = static_cast<double>(j << l), last = std::min(static_cast<double>((j + 1) << l), static_cast<double>(memory.steps));
      const double centre = 0.5 * (first + last);
      times.push_back(static_cast<float>(centre / static_cast<double>(memory.steps)));
      times.push_back(static_cast<float>(std::log1p(centre * step_seconds / 10.0)));  // near the start a second matters more
      levels.push_back(std::min(l, kLevels - 1));
    }
  }
  const at::Tensor nodes = at::cat(rows, 0);
  const at::Tensor time = at::tensor(times).view({-1, 2}).to(nodes.options());
  memory.nodes = node_norm_(nodes) + level_.index_select(0, indexTensor(levels, nodes.device())) + time_(time);
  return memory;
}

at::Tensor AnswerHead::attend(const Layer& layer, const at::Tensor& x, const Memory& memory, const ForwardOptions& forward) const {
  const double scale = 1.0 / std::sqrt(static_cast<double>(width_ / headsOf(width_)));
  const at::Tensor in = layer.norm(x);
  const at::Tensor weights = (heads(layer.query(in)).matmul(heads(layer.key(memory.nodes)).transpose(1, 2)) * scale).softmax(-1);
  const at::Tensor mean = joined(weights.matmul(heads(layer.value(memory.nodes))));
  const at::Tensor steps = memory.nodes.narrow(0, 0, memory.steps);
  const at::Tensor gates = (heads(layer.gate_query(in)).matmul(heads(layer.gate_key(steps)).transpose(1, 2)) * scale - 1.0).sigmoid();
  const at::Tensor sum = joined(gates.matmul(heads(layer.gate_value(steps)))) / kSumScale;
  const at::Tensor attended = x + dropout(layer.out(at::cat({mean, sum}, 1)), options_.dropout, forward);
  return attended + dropout(layer.feed_out(at::gelu(layer.feed_in(layer.feed_norm(attended)))), options_.dropout, forward);
}

at::Tensor AnswerHead::operator()(const Pyramid& pyramid, const std::vector<AskedQuestion>& questions, double step_seconds, const ForwardOptions& forward) const {
  if (questions.empty()) return at::empty({0, classifier_.weight.size(0)}, classifier_.weight.options());
  std::vector<at::Tensor> out;
  for (size_t first = 0; first < questions.size();) {
    size_t last = first;
    std::vector<at::Tensor> states;
    for (; last < questions.size() && questions[last].video == questions[first].video; ++last) states.push_back(questions[last].states);
    const Memory memory = memoryOf(pyramid, questions[first].video, step_seconds);
    at::Tensor x = dropout(question_norm_(question_(at::cat(states, 0).to(memory.nodes.options()))), options_.dropout, forward);
    for (const Layer& layer : layers_) x = attend(layer, x, memory, forward);
    x = last_norm_(x);
    int64_t row = 0;
    for (const at::Tensor& s : states) {
      out.push_back(x.narrow(0, row, s.size(0)).mean(0));
      row += s.size(0);
    }
    first = last;
  }
  return classifier_(dropout(at::stack(out), options_.dropout, forward));
}

}  // namespace hvlm
