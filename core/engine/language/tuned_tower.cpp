// SPDX-License-Identifier: Apache-2.0
#include "engine/language/tuned_tower.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <map>

#include "engine/model/text_encoder.h"
#include "support/hash.h"

namespace hvlm {
namespace {

constexpr size_t kBatch = 32;  // texts through the network at once

TextTuningOptions tuningOptions(const TextOptions& o) {
  TextTuningOptions out;
  out.kind = o.tuning;
  out.rank = out.bottleneck = out.prefix = o.tuning_size;
  out.alpha = 2.0 * static_cast<double>(o.tuning_size);
  return out;
}

TextTuning made(const MiniLmTower& frozen, ParameterSet& set, const TextOptions& options, uint64_t seed, at::TensorOptions tensor_options) {
  at::Generator generator = makeGenerator(mixSeed(seed, 0x74756e65));
  return TextTuning(set, tuningOptions(options), frozen.encoder(), generator, tensor_options);
}

}  // namespace

TunedTower::TunedTower(std::shared_ptr<const MiniLmTower> frozen, ParameterSet& set, const TextOptions& options, uint64_t seed, at::TensorOptions tensor_options)
    : frozen_(std::move(frozen)), kind_(options.tuning), tuning_(made(*frozen_, set, options, seed, tensor_options)) {}

at::Tensor TunedTower::rows(const std::vector<std::string>& texts) const {
  // Each text once, shortest first: identical sentences are common.
  std::map<std::string, int64_t> places;
  for (const std::string& text : texts) places.try_emplace(text, 0);
  std::vector<std::pair<std::vector<int64_t>, const std::string*>> todo;
  for (const auto& [text, unused] : places) todo.emplace_back(frozen_->ids(text), &text);
  std::sort(todo.begin(), todo.end(), [](const auto& a, const auto& b) { return a.first.size() < b.first.size(); });
  std::vector<at::Tensor> parts;
  for (size_t first = 0; first < todo.size(); first += kBatch) {
    const size_t last = std::min(todo.size(), first + kBatch);
    const auto width = static_cast<int64_t>(todo[last - 1].first.size());
    at::Tensor ids = at::zeros({static_cast<int64_t>(last - first), width}, at::kLong);
    std::vector<int64_t> lengths;
    for (size_t i = first; i < last; ++i) {
      std::copy(todo[i].first.begin(), todo[i].first.end(), ids.data_ptr<int64_t>() + static_cast<int64_t>(i - first) * width);
      lengths.push_back(static_cast<int64_t>(todo[i].first.size()));
      places[*todo[i].second] = static_cast<int64_t>(i);
    }
    parts.push_back(frozen_->encoder().embed(ids, lengths, &tuning_));
  }
  std::vector<int64_t> order;
  for (const std::string& text : texts) order.push_back(places.at(text));
  return at::cat(parts, 0).index_select(0, at::tensor(order, at::kLong));
}

std::vector<float> TunedTower::encode(std::string_view text) const { return encodeAll({std::string(text)}).front(); }

std::vector<std::vector<float>> TunedTower::encodeAll(const std::vector<std::string>& texts) const {
  if (texts.empty()) return {};
  const at::NoGradGuard no_grad;
  const at::Tensor all = rows(texts).contiguous();
  std::vector<std::vector<float>> out;
  for (int64_t i = 0; i < all.size(0); ++i) {
    const float* row = all.const_data_ptr<float>() + i * all.size(1);
    out.emplace_back(row, row + all.size(1));
  }
  return out;
}

std::vector<float> TunedTower::tokenStates(std::string_view text) const {
  const at::NoGradGuard no_grad;
  const std::vector<int64_t> ids = frozen_->ids(text);
  const at::Tensor last = frozen_->encoder().states(at::tensor(ids, at::kLong).unsqueeze(0), {static_cast<int64_t>(ids.size())}, &tuning_).back()[0].contiguous();
  return {last.const_data_ptr<float>(), last.const_data_ptr<float>() + last.numel()};
}

}  // namespace hvlm
