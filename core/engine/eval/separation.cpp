// SPDX-License-Identifier: Apache-2.0
#include "engine/eval/separation.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <map>
#include <set>

#include "support/hash.h"

namespace hvlm {
namespace {

// Dense class numbers 0..K-1 in rising order of the labels, as an int64 tensor.
struct Classes {
  at::Tensor of_row;   // [N] int64
  at::Tensor one_hot;  // [N, K] double
  at::Tensor counts;   // [K] double
  int64_t count = 0;
};

Classes classesOf(const std::vector<int64_t>& labels) {
  std::map<int64_t, int64_t> dense;
  for (const int64_t label : std::set<int64_t>(labels.begin(), labels.end())) {
    dense.emplace(label, static_cast<int64_t>(dense.size()));
  }
  Classes out;
  out.count = static_cast<int64_t>(dense.size());
  out.of_row = at::empty({static_cast<int64_t>(labels.size())}, at::kLong);
  for (size_t i = 0; i < labels.size(); ++i) out.of_row.data_ptr<int64_t>()[i] = dense.at(labels[i]);
  out.one_hot = at::one_hot(out.of_row, out.count).to(at::kDouble);
  out.counts = out.one_hot.sum(0);
  return out;
}

at::Tensor unitRows(const at::Tensor& x) { return x / x.norm(2, 1, true).clamp_min(1e-12); }

double entropy(const at::Tensor& p) { return -at::special_xlogy(p, p).sum().item<double>(); }

struct Clusters {
  at::Tensor of_row;  // [N] int64
  double cost = 0.0;  // sum of squared distances to the own centre
};

// Lloyd's k-means from a k-means++ start; an emptied cluster keeps its centre. x [N, D] double, k <= N.
Clusters kMeans(const at::Tensor& x, int64_t k, uint64_t seed) {
  uint64_t draws = 0;
  const auto uniform = [&] { return static_cast<double>(mixSeed(seed, draws++) >> 11) * 0x1.0p-53; };
  const auto squaredTo = [&](const at::Tensor& centres) {
    return (x.pow(2).sum(1, true) - 2.0 * x.mm(centres.t()) + centres.pow(2).sum(1)).clamp_min(0.0);  // [N, k]
  };
  at::Tensor centres = x[static_cast<int64_t>(uniform() * static_cast<double>(x.size(0)))].unsqueeze(0).clone();
  while (centres.size(0) < k) {
    const at::Tensor grown = std::get<0>(squaredTo(centres).min(1)).cumsum(0);
    const at::Tensor wanted = at::full({1}, uniform() * grown[-1].item<double>(), at::kDouble);
    const int64_t next = std::min(at::searchsorted(grown, wanted, false, /*right=*/true)[0].item<int64_t>(), x.size(0) - 1);
    centres = at::cat({centres, x[next].unsqueeze(0)});
  }
  Clusters out;
  for (int iteration = 0; iteration < 100; ++iteration) {
    const auto [distances, nearest] = squaredTo(centres).min(1);
    const bool settled = out.of_row.defined() && at::equal(nearest, out.of_row);
    out.of_row = nearest;
    out.cost = distances.sum().item<double>();
    if (settled) break;
    const at::Tensor members = at::one_hot(nearest, k).to(at::kDouble);
    const at::Tensor counts = members.sum(0).unsqueeze(1);  // [k, 1]
    centres = at::where(counts > 0.0, members.t().mm(x) / counts.clamp_min(1.0), centres);
  }
  return out;
}

double meanOfUpperTriangle(const at::Tensor& square) {
  const int64_t k = square.size(0);
  if (k < 2) return 0.0;
  return (square.triu(1).sum() / (static_cast<double>(k) * static_cast<double>(k - 1) / 2.0)).item<double>();
}

}  // namespace

at::Tensor centredUnitRows(const at::Tensor& vectors) {
  const at::Tensor x = vectors.to(at::kDouble);
  return unitRows(x - x.mean(0, true));
}

double scatterRatio(const at::Tensor& vectors, const std::vector<int64_t>& labels) {
  const Classes classes = classesOf(labels);
  const at::Tensor x = centredUnitRows(vectors);
  const at::Tensor means = classes.one_hot.t().mm(x) / classes.counts.unsqueeze(1);
  const double within = (x - means.index_select(0, classes.of_row)).pow(2).sum().item<double>();
  const double between = (classes.counts * (means - x.mean(0, true)).pow(2).sum(1)).sum().item<double>();
  return within > 0.0 ? between / within : 0.0;
}

double clusterAgreement(const at::Tensor& vectors, const std::vector<int64_t>& labels, uint64_t seed) {
  constexpr uint64_t kStarts = 8;
  const Classes classes = classesOf(labels);
  const at::Tensor x = centredUnitRows(vectors);
  if (classes.count < 2) return 1.0;
  Clusters best;
  for (uint64_t start = 0; start < kStarts; ++start) {
    Clusters found = kMeans(x, classes.count, mixSeed(seed, start));
    if (start == 0 || found.cost < best.cost) best = std::move(found);
  }
  const at::Tensor joint = classes.one_hot.t().mm(at::one_hot(best.of_row, classes.count).to(at::kDouble)) / static_cast<double>(labels.size());
  const double of_labels = entropy(joint.sum(1));
  const double of_clusters = entropy(joint.sum(0));
  const double information = of_labels + of_clusters - entropy(joint);
  return of_labels + of_clusters > 0.0 ? std::clamp(2.0 * information / (of_labels + of_clusters), 0.0, 1.0) : 1.0;
}

CentredSeparation centredSeparation(const at::Tensor& vectors, const std::vector<int64_t>& labels) {
  CentredSeparation out;
  if (labels.empty()) return out;
  const Classes classes = classesOf(labels);
  const at::Tensor x = centredUnitRows(vectors);
  const at::Tensor means = unitRows(classes.one_hot.t().mm(x) / classes.counts.unsqueeze(1));
  const at::Tensor to_own = 1.0 - (x * means.index_select(0, classes.of_row)).sum(1);
  out.intra = (classes.one_hot.t().mv(to_own) / classes.counts).mean().item<double>();
  out.inter = meanOfUpperTriangle(1.0 - means.mm(means.t()));
  out.separation = out.inter - out.intra;
  return out;
}

at::Tensor pairwiseDistances(const at::Tensor& x, Distance distance) {
  const at::Tensor d = x.to(at::kDouble);
  if (distance == Distance::kEuclidean) return at::cdist(d, d, 2.0, /*compute_mode: exact*/ 2);
  const at::Tensor u = unitRows(d);
  at::Tensor out = (1.0 - u.mm(u.t())).clamp_min(0.0);
  out.fill_diagonal_(0.0);
  return out;
}

Silhouette silhouette(const at::Tensor& x, const std::vector<int64_t>& labels, Distance distance) {
  Silhouette out;
  const int64_t n = x.size(0);
  out.samples = at::zeros({n}, at::kDouble);
  if (n == 0) return out;
  const Classes classes = classesOf(labels);
  const at::Tensor d = pairwiseDistances(x, distance);
  const at::Tensor sums = d.mm(classes.one_hot);                                   // [N, K]
  const at::Tensor own_count = classes.counts.index_select(0, classes.of_row);     // [N]
  const at::Tensor own_sum = sums.gather(1, classes.of_row.unsqueeze(1)).squeeze(1);
  const at::Tensor a = own_sum / (own_count - 1.0).clamp_min(1.0);
  const at::Tensor others = (sums / classes.counts).masked_fill(classes.one_hot.to(at::kBool), 1e300);
  const at::Tensor b = std::get<0>(others.min(1));
  at::Tensor s = (b - a) / at::maximum(a, b).clamp_min(1e-300);
  s = at::where((own_count > 1.0).logical_and(b < 1e299), s, at::zeros_like(s));
  out.samples = s;
  out.mean = s.mean().item<double>();
  const double same_pairs = (classes.counts * (classes.counts - 1.0)).sum().item<double>();
  const double all_pairs = static_cast<double>(n) * static_cast<double>(n - 1);
  const double same_sum = own_sum.sum().item<double>();
  const double all_sum = d.sum().item<double>();
  out.intra_pairs = same_pairs > 0 ? same_sum / same_pairs : 0.0;
  out.inter_pairs = all_pairs > same_pairs ? (all_sum - same_sum) / (all_pairs - same_pairs) : 0.0;
  return out;
}

CentroidFigures centroidFigures(const at::Tensor& x, const std::vector<int64_t>& labels) {
  CentroidFigures out;
  const Classes classes = classesOf(labels);
  const at::Tensor d = x.to(at::kDouble);
  const auto n = static_cast<double>(d.size(0));
  const auto k = static_cast<double>(classes.count);
  out.centroids = classes.one_hot.t().mm(d) / classes.counts.unsqueeze(1);
  const at::Tensor deviations = d - out.centroids.index_select(0, classes.of_row);
  const at::Tensor radius = classes.one_hot.t().mv(deviations.norm(2, 1)) / classes.counts;  // [K]
  const at::Tensor between = at::cdist(out.centroids, out.centroids, 2.0, 2);
  out.intra = radius.mean().item<double>();
  out.inter = meanOfUpperTriangle(between);
  out.ratio = out.intra > 0.0 ? out.inter / out.intra : 0.0;
  if (classes.count > 1) {
    at::Tensor ratios = (radius.unsqueeze(0) + radius.unsqueeze(1)) / between.clamp_min(1e-300);
    ratios.fill_diagonal_(0.0);
    out.davies_bouldin = std::get<0>(ratios.max(1)).mean().item<double>();
    const at::Tensor offsets = out.centroids - d.mean(0, true);
    const double scatter_between = (classes.counts * offsets.pow(2).sum(1)).sum().item<double>();
    const double scatter_within = deviations.pow(2).sum().item<double>();
    out.calinski_harabasz = scatter_within > 0.0 ? scatter_between / scatter_within * (n - k) / (k - 1.0) : 0.0;
  }
  return out;
}

}  // namespace hvlm
