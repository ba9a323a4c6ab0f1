// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <span>
#include <vector>

namespace hvlm {

// Where each query finds its true item. `strict` = 1 + number of greater similarities, which gives a collapsed model
// rank 1; `mid` adds half of the ties and is the one to report (method.md 5.5).
struct Ranks {
  std::vector<int64_t> strict;
  std::vector<int64_t> ties;  // other items as similar as the true one
  std::vector<double> mid;
};
// Ranks of the true items.
//   similarity  [Q, G] row-major;  gallery  G;  truth  [Q] index of the true item of each query
// A NaN counts as the lowest similarity; a true item that is NaN has rank G.
Ranks rankTruth(std::span<const double> similarity, int64_t gallery, std::span<const int64_t> truth);

struct RetrievalScore {
  double r1 = 0.0, r5 = 0.0, r10 = 0.0, r50 = 0.0;  // share of queries with rank <= k
  double median_rank = 0.0;                         // mean of the middle two
  double mean_rank = 0.0;
  double mean_reciprocal_rank = 0.0;
  double geometric_mean = 0.0;  // of r1, r5, r10
};
RetrievalScore scoreRanks(std::span<const double> ranks);
double recallAt(std::span<const double> ranks, double k);

}  // namespace hvlm
