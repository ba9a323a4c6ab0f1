// SPDX-License-Identifier: Apache-2.0
#include "engine/model/consensus.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <numeric>

#include "support/error.h"

namespace hvlm {
namespace {

at::Tensor meanOfHighest(const at::Tensor& own, int64_t top) {
  return std::get<0>(own.topk(std::min(top, own.size(0)), 0)).mean(0);
}

void check(const at::Tensor& logits, const std::vector<int64_t>& counts, const std::string& kind, int64_t top, const at::Tensor& attention) {
  const bool known = kind == "average" || kind == "max" || kind == "topk" || kind == "attention";
  if (!known) throw ShapeError("unknown consensus " + kind + ", expected average, max, topk or attention");
  const int64_t segments = std::accumulate(counts.begin(), counts.end(), int64_t{0});
  const bool each_has_one = std::all_of(counts.begin(), counts.end(), [](int64_t count) { return count >= 1; });
  if (logits.dim() != 2 || counts.empty() || !each_has_one || segments != logits.size(0)) {
    throw ShapeError("segmentConsensus: " + std::to_string(logits.dim() == 2 ? logits.size(0) : -1) + " rows for " + std::to_string(segments) +
                     " segments of " + std::to_string(counts.size()) + " videos");
  }
  if (kind == "topk" && top < 1) throw ShapeError("segmentConsensus: the top " + std::to_string(top) + " segments");
  if (kind == "attention" && (!attention.defined() || attention.dim() != 1 || attention.size(0) != segments))
    throw ShapeError("segmentConsensus: attention needs one score for each of the " + std::to_string(segments) + " segments");
}

}  // namespace

std::vector<int64_t> segmentSteps(int64_t length, int64_t segments, std::optional<at::Generator> generator) {
  if (length < 1 || segments < 1)
    throw ShapeError("segmentSteps: " + std::to_string(segments) + " segments of " + std::to_string(length) + " steps");
  at::Tensor drawn;  // [segments] in [0, 1)
  if (generator) drawn = at::empty({segments}, at::kDouble).uniform_(0.0, 1.0, generator);
  std::vector<int64_t> steps;
  for (int64_t k = 0; k < segments; ++k) {
    const int64_t first = k * length / segments;
    const int64_t count = std::max<int64_t>((k + 1) * length / segments - first, 1);
    const int64_t inside = generator ? static_cast<int64_t>(drawn.const_data_ptr<double>()[k] * static_cast<double>(count)) : count / 2;
    steps.push_back(first + std::min(inside, count - 1));
  }
  return steps;
}

at::Tensor segmentConsensus(const at::Tensor& logits, const std::vector<int64_t>& counts, const std::string& kind, int64_t top,
                            const at::Tensor& attention) {
  check(logits, counts, kind, top, attention);
  std::vector<at::Tensor> videos;
  int64_t first = 0;
  for (const int64_t count : counts) {
    const at::Tensor own = logits.narrow(0, first, count);  // [count, C]
    if (kind == "average") videos.push_back(own.mean(0));
    if (kind == "max") videos.push_back(meanOfHighest(own, 1));  // of equal ones a single segment gets the gradient
    if (kind == "topk") videos.push_back(meanOfHighest(own, top));
    if (kind == "attention") videos.push_back((attention.narrow(0, first, count).softmax(0).unsqueeze(1) * own).sum(0));
    first += count;
  }
  return at::stack(videos);
}

}  // namespace hvlm
