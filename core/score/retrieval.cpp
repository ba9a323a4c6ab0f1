// SPDX-License-Identifier: Apache-2.0
#include "score/retrieval.h"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace hvlm {

Ranks rankTruth(std::span<const double> similarity, int64_t gallery, std::span<const int64_t> truth) {
  const auto width = static_cast<size_t>(gallery);
  assert(similarity.size() == truth.size() * width);
  Ranks ranks;
  for (size_t q = 0; q < truth.size(); ++q) {
    const std::span<const double> row = similarity.subspan(q * width, width);
    const double own = row[static_cast<size_t>(truth[q])];
    int64_t strict = gallery;
    int64_t ties = 0;
    if (!std::isnan(own)) {
      strict = 1 + std::count_if(row.begin(), row.end(), [own](double s) { return s > own; });
      ties = std::count(row.begin(), row.end(), own) - 1;
    }
    ranks.strict.push_back(strict);
    ranks.ties.push_back(ties);
    ranks.mid.push_back(static_cast<double>(strict) + 0.5 * static_cast<double>(ties));
  }
  return ranks;
}

double recallAt(std::span<const double> ranks, double k) {
  if (ranks.empty()) return 0.0;
  const auto found = std::count_if(ranks.begin(), ranks.end(), [k](double rank) { return rank <= k; });
  return static_cast<double>(found) / static_cast<double>(ranks.size());
}

RetrievalScore scoreRanks(std::span<const double> ranks) {
  RetrievalScore score;
  if (ranks.empty()) return score;
  score.r1 = recallAt(ranks, 1);
  score.r5 = recallAt(ranks, 5);
  score.r10 = recallAt(ranks, 10);
  score.r50 = recallAt(ranks, 50);
  score.geometric_mean = std::cbrt(score.r1 * score.r5 * score.r10);
  std::vector<double> sorted(ranks.begin(), ranks.end());
  std::sort(sorted.begin(), sorted.end());
  const size_t n = sorted.size();
  score.median_rank = n % 2 == 1 ? sorted[n / 2] : 0.5 * (sorted[n / 2 - 1] + sorted[n / 2]);
  for (const double rank : sorted) {
    score.mean_rank += rank;
    score.mean_reciprocal_rank += 1.0 / rank;
  }
  score.mean_rank /= static_cast<double>(n);
  score.mean_reciprocal_rank /= static_cast<double>(n);
  return score;
}

}  // namespace hvlm
