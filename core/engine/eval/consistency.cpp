// SPDX-License-Identifier: Apache-2.0
#include "engine/eval/consistency.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

#include "engine/objective/spectrum.h"
#include "support/error.h"
#include "support/hash.h"

namespace hvlm {
namespace {

constexpr int64_t kFarSteps = 5;            // pairs of one video count as random from here on
constexpr int64_t kPairsInsideVideo = 256;  // sampled per video for r_in
constexpr int64_t kPairsAcross = 50000;     // sampled for r_x and uniformity
constexpr int64_t kRowsAtOnce = 2048;       // of a subset, so that no copy of all its steps stands beside them

// A stream of uniform integers that is the same on every machine.
class Picker {
 public:
  explicit Picker(uint64_t seed) : seed_(seed) {}
  int64_t below(int64_t n) { return static_cast<int64_t>(mixSeed(seed_, count_++) % static_cast<uint64_t>(n)); }

 private:
  uint64_t seed_;
  uint64_t count_ = 0;
};

at::Tensor indexTensor(const std::vector<int64_t>& values) { return at::tensor(values, at::kLong); }

at::Tensor unitRows(const at::Tensor& x) { return x / x.norm(2, 1, true).clamp_min(1e-8); }

// Cosines of neighbouring rows of h - centre (centre undefined: of h), [N-1]; those that cross a video border are meaningless and skipped by the
// caller.
at::Tensor neighbourCosines(const at::Tensor& h, const at::Tensor& centre = {}) {
  const int64_t n = h.size(0);
  const at::Tensor cosines = at::empty({std::max<int64_t>(0, n - 1)}, at::kFloat);
  for (int64_t first = 0; first + 1 < n; first += kRowsAtOnce) {
    const int64_t pairs = std::min(kRowsAtOnce, n - 1 - first);
    const at::Tensor rows = h.narrow(0, first, pairs + 1);
    const at::Tensor unit = unitRows((centre.defined() ? rows - centre : rows).to(at::kFloat));
    cosines.narrow(0, first, pairs).copy_((unit.narrow(0, 0, pairs) * unit.narrow(0, 1, pairs)).sum(1));
  }
  return cosines;
}

// Runs `each` on some rows after the others, as float64.
void overRows(const at::Tensor& h, const std::function<void(const at::Tensor&)>& each) {
  for (int64_t first = 0; first < h.size(0); first += kRowsAtOnce) each(h.narrow(0, first, std::min(kRowsAtOnce, h.size(0) - first)).to(at::kDouble));
}

at::Tensor meanRow(const at::Tensor& h) {  // [1, d] float64
  at::Tensor sum = at::zeros({1, h.size(1)}, at::kDouble);
  overRows(h, [&](const at::Tensor& rows) { sum += rows.sum(0, true); });
  return sum / static_cast<double>(h.size(0));
}

// Mean of each video's first T-1 values, for videos with two or more steps.
std::vector<double> neighbourMeans(const at::Tensor& cosines, const std::vector<int64_t>& offsets) {
  const at::Tensor c = cosines.to(at::kDouble).contiguous();
  const double* values = c.const_data_ptr<double>();
  std::vector<double> means;
  for (size_t b = 0; b + 1 < offsets.size(); ++b) {
    const int64_t pairs = offsets[b + 1] - offsets[b] - 1;
    if (pairs < 1) continue;
    means.push_back(std::accumulate(values + offsets[b], values + offsets[b] + pairs, 0.0) / static_cast<double>(pairs));
  }
  return means;
}

double meanOf(const std::vector<double>& values) {
  return values.empty() ? 0.0 : std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

// Runs `each` on the unit vectors of some pairs after the others.
void overPairs(const at::Tensor& h, const std::vector<int64_t>& a, const std::vector<int64_t>& b, const std::function<void(const at::Tensor&, const at::Tensor&)>& each) {
  const at::Tensor left = indexTensor(a), right = indexTensor(b);
  for (int64_t first = 0; first < left.size(0); first += kRowsAtOnce) {
    const int64_t count = std::min(kRowsAtOnce, left.size(0) - first);
    const auto rowsOf = [&](const at::Tensor& index) { return unitRows(h.index_select(0, index.narrow(0, first, count)).to(at::kFloat)); };
    each(rowsOf(left), rowsOf(right));
  }
}

double sumOfCosines(const at::Tensor& ua, const at::Tensor& ub) { return (ua * ub).sum(1).sum(at::kDouble).item<double>(); }

double meanCosineOfPairs(const at::Tensor& h, const std::vector<int64_t>& a, const std::vector<int64_t>& b) {
  double sum = 0.0;
  overPairs(h, a, b, [&](const at::Tensor& ua, const at::Tensor& ub) { sum += sumOfCosines(ua, ub); });
  return a.empty() ? 0.0 : sum / static_cast<double>(a.size());
}

double randomInside(const at::Tensor& h, const std::vector<int64_t>& offsets, Picker& picker, bool& found) {
  double sum = 0.0;
  int64_t videos = 0;
  for (size_t v = 0; v + 1 < offsets.size(); ++v) {
    const int64_t length = offsets[v + 1] - offsets[v];
    if (length <= kFarSteps) continue;
    std::vector<int64_t> a, b;
    for (int64_t i = 0; i < kPairsInsideVideo; ++i) {
      // Uniform over ordered pairs that lie kFarSteps or more apart: reject the near ones.
      int64_t first = 0, second = 0;
      do {
        first = picker.below(length);
        second = picker.below(length);
      } while (std::abs(first - second) < kFarSteps);
      a.push_back(offsets[v] + first);
      b.push_back(offsets[v] + second);
    }
    sum += meanCosineOfPairs(h, a, b);
    ++videos;
  }
  found = videos > 0;
  return found ? sum / static_cast<double>(videos) : 0.0;
}

struct AcrossFigures {
  bool found = false;
  double mean_cosine = 0.0;
  double uniformity = 0.0;
};

AcrossFigures randomAcross(const at::Tensor& h, const std::vector<int64_t>& offsets, Picker& picker) {
  AcrossFigures out;
  std::vector<int64_t> filled;
  for (size_t v = 0; v + 1 < offsets.size(); ++v) {
    if (offsets[v + 1] > offsets[v]) filled.push_back(static_cast<int64_t>(v));
  }
  if (filled.size() < 2) return out;
  out.found = true;
  const auto videos = static_cast<int64_t>(filled.size());
  std::vector<int64_t> a, b;
  for (int64_t i = 0; i < kPairsAcross; ++i) {
    const int64_t first = picker.below(videos);
    const int64_t second = (first + 1 + picker.below(videos - 1)) % videos;
    for (const auto& [video, list] : {std::pair(first, &a), std::pair(second, &b)}) {
      const int64_t start = offsets[static_cast<size_t>(filled[static_cast<size_t>(video)])];
      const int64_t end = offsets[static_cast<size_t>(filled[static_cast<size_t>(video)] + 1)];
      list->push_back(start + picker.below(end - start));
    }
  }
  double cosines = 0.0, potentials = 0.0;
  overPairs(h, a, b, [&](const at::Tensor& ua, const at::Tensor& ub) {
    cosines += sumOfCosines(ua, ub);
    potentials += (ua - ub).pow(2).sum(1).mul(-2.0).exp().sum(at::kDouble).item<double>();
  });
  out.mean_cosine = cosines / static_cast<double>(kPairsAcross);
  out.uniformity = std::log(std::max(1e-300, potentials / static_cast<double>(kPairsAcross)));
  return out;
}

void measureSpread(const at::Tensor& h, const at::Tensor& centre, const std::vector<int64_t>& offsets, Consistency& out) {
  at::Tensor squares = at::zeros({h.size(1)}, at::kDouble);  // of deviations from the overall mean
  overRows(h, [&](const at::Tensor& rows) { squares += (rows - centre).pow(2).sum(0); });
  const at::Tensor deviation = (squares / static_cast<double>(std::max<int64_t>(1, h.size(0) - 1))).sqrt();
  out.mean_std = deviation.mean().item<double>();
  out.min_std = deviation.min().item<double>();
  const double dead_under = std::max(1e-8, 0.01 * out.mean_std);
  out.dead_dimensions = (deviation < dead_under).to(at::kDouble).mean().item<double>();
  double within = 0.0;
  for (size_t v = 0; v + 1 < offsets.size(); ++v) {
    if (offsets[v + 1] == offsets[v]) continue;
    const at::Tensor rows = h.slice(0, offsets[v], offsets[v + 1]).to(at::kDouble);
    within += (rows - rows.mean(0, true)).pow(2).sum().item<double>();
  }
  const double total = squares.sum().item<double>();
  out.within_std = std::sqrt(within / static_cast<double>(h.numel()));
  out.within_std_share = total > 0.0 ? std::sqrt(within / total) : 0.0;
}

void measureBoundaries(const at::Tensor& cosines, const std::vector<int64_t>& offsets, const std::vector<int64_t>& labels,
                       Consistency& out) {
  const at::Tensor c = cosines.to(at::kDouble).contiguous();
  const double* cos = c.data_ptr<double>();
  double inside = 0.0, across = 0.0;
  int64_t inside_count = 0, across_count = 0;
  std::vector<double> scores;
  std::vector<uint8_t> near;
  for (size_t v = 0; v + 1 < offsets.size(); ++v) {
    const int64_t first = offsets[v];
    const int64_t last = offsets[v + 1] - 1;
    const auto changes = [&](int64_t t) {
      return t >= first && t < last && labels[static_cast<size_t>(t)] != labels[static_cast<size_t>(t + 1)];
    };
    for (int64_t t = first; t < last; ++t) {
      scores.push_back(1.0 - cos[t]);
      near.push_back(changes(t - 1) || changes(t) || changes(t + 1) ? 1 : 0);
      if (changes(t)) {
        across += cos[t];
        ++across_count;
      } else if (labels[static_cast<size_t>(t)] >= 0) {
        inside += cos[t];
        ++inside_count;
      }
    }
  }
  out.has_boundaries = across_count > 0;
  if (inside_count > 0 && across_count > 0) {
    out.boundary_contrast = inside / static_cast<double>(inside_count) - across / static_cast<double>(across_count);
  }
  out.boundary_auc = areaUnderRoc(scores, near);
}

}  // namespace

double areaUnderRoc(const std::vector<double>& scores, const std::vector<uint8_t>& positive) {
  std::vector<size_t> order(scores.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) { return scores[a] < scores[b]; });
  double rank_sum = 0.0;
  double positives = 0.0;
  for (size_t i = 0; i < order.size();) {
    size_t j = i;
    while (j < order.size() && scores[order[j]] == scores[order[i]]) ++j;
    const double rank = (static_cast<double>(i) + static_cast<double>(j) + 1.0) / 2.0;
    for (size_t k = i; k < j; ++k) {
      if (positive[order[k]]) {
        rank_sum += rank;
        positives += 1.0;
      }
    }
    i = j;
  }
  const double negatives = static_cast<double>(scores.size()) - positives;
  if (positives == 0.0 || negatives == 0.0) return 0.5;
  return (rank_sum - positives * (positives + 1.0) / 2.0) / (positives * negatives);
}

bool hasNeighbours(const std::vector<int64_t>& offsets) {
  for (size_t v = 0; v + 1 < offsets.size(); ++v) {
    if (offsets[v + 1] - offsets[v] >= 2) return true;
  }
  return false;
}

double chanceAdjusted(double tc, double by_chance) { return 1.0 - by_chance < 1e-3 ? 0.0 : (tc - by_chance) / (1.0 - by_chance); }

double temporalConsistency(const at::Tensor& h, const std::vector<int64_t>& offsets) {
  if (!hasNeighbours(offsets)) return 0.0;
  const at::NoGradGuard no_grad;
  return meanOf(neighbourMeans(neighbourCosines(h), offsets));
}

std::string verdictOf(double effective_rank, double r_x, double within_std_share) {
  if (effective_rank < 2.0 || 1.0 - r_x < 1e-3) return "collapsed";
  if (within_std_share < 0.01) return "constant in time";
  return "healthy";
}

Consistency measureConsistency(const at::Tensor& h, const std::vector<int64_t>& offsets, const std::vector<int64_t>& step_labels,
                               uint64_t seed) {
  if (!hasNeighbours(offsets)) {
    throw InputError({.where = "temporal consistency", .expected = "a video with two or more steps", .found = "none",
                      .remedy = "Choose another subset."});
  }
  const at::NoGradGuard no_grad;
  Consistency out;
  Picker picker(seed);
  const at::Tensor cosines = neighbourCosines(h);
  out.tc_of_video = neighbourMeans(cosines, offsets);
  out.tc = meanOf(out.tc_of_video);
  out.r_in = randomInside(h, offsets, picker, out.has_far_steps);
  const AcrossFigures across = randomAcross(h, offsets, picker);
  out.has_other_videos = across.found;
  out.r_x = across.mean_cosine;
  out.uniformity = across.uniformity;
  out.cac = chanceAdjusted(out.tc, out.r_x);
  out.ts = chanceAdjusted(out.tc, out.r_in);
  const at::Tensor centre = meanRow(h);
  out.centred = meanOf(neighbourMeans(neighbourCosines(h, centre.to(h.scalar_type())), offsets));
  measureSpread(h, centre, offsets, out);
  out.effective_rank = effectiveRank(singularValuesByGram(h, /*centred=*/true));
  if (!step_labels.empty()) measureBoundaries(cosines, offsets, step_labels, out);
  out.verdict = verdictOf(out.effective_rank, out.r_x, out.within_std_share);
  return out;
}

}  // namespace hvlm
