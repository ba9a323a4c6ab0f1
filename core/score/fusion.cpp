// SPDX-License-Identifier: Apache-2.0
#include "score/fusion.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace hvlm {

std::vector<float> sharesOf(std::span<const double> scores, bool logits) {
  if (scores.empty()) return {};
  double highest = scores.front();
  for (const double s : scores) {
    if (!std::isfinite(s) || (s < 0.0 && !logits)) return {};
    highest = std::max(highest, s);
  }
  std::vector<double> parts(scores.begin(), scores.end());
  if (logits) {
    for (double& p : parts) p = std::exp(p - highest);
  } else if (highest > 0.0) {
    for (double& p : parts) p /= highest;  // so that the sum of huge scores stays finite
  }
  const double sum = std::accumulate(parts.begin(), parts.end(), 0.0);
  if (!(sum > 0.0)) return {};
  std::vector<float> shares;
  shares.reserve(parts.size());
  for (const double p : parts) shares.push_back(static_cast<float>(p / sum));
  return shares;
}

std::vector<ScoredSegment> labelledProposals(std::span<const ScoredSegment> proposals, std::span<const float> shares, const ProposalFusion& options) {
  std::vector<int64_t> likeliest(shares.size());
  std::iota(likeliest.begin(), likeliest.end(), int64_t{0});
  std::stable_sort(likeliest.begin(), likeliest.end(), [&](int64_t a, int64_t b) { return shares[static_cast<size_t>(a)] > shares[static_cast<size_t>(b)]; });
  likeliest.resize(std::min(likeliest.size(), static_cast<size_t>(std::max<int64_t>(options.labels, 0))));
  std::vector<ScoredSegment> labelled;
  for (const ScoredSegment& p : proposals) {
    if (p.label >= 0) {
      labelled.push_back(p);
      continue;
    }
    if (!(p.score > 0.0)) continue;
    for (const int64_t label : likeliest) {
      const double share = static_cast<double>(shares[static_cast<size_t>(label)]);
      if (!(share > 0.0)) continue;
      labelled.push_back(p);
      labelled.back().label = label;
      labelled.back().score = std::pow(p.score * share, options.power);
    }
  }
  return labelled;
}

std::vector<ScoredSegment> joinedDetections(std::span<const ScoredSegment> own, std::span<const ScoredSegment> others, const SuppressionOptions& options, bool agnostic) {
  std::vector<ScoredSegment> all;
  all.reserve(own.size() + others.size());
  for (const auto& list : {own, others}) {
    std::copy_if(list.begin(), list.end(), std::back_inserter(all), [&](const ScoredSegment& s) { return s.score >= options.min_score; });
  }
  std::vector<ScoredSegment> joined;
  for (const Kept& k : agnostic ? softNms(all, options) : softNmsByClass(all, options)) {
    joined.push_back(all[static_cast<size_t>(k.index)]);
    joined.back().score = k.score;
  }
  return joined;
}

}  // namespace hvlm
