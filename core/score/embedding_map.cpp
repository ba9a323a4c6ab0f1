// SPDX-License-Identifier: Apache-2.0
#include "score/embedding_map.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <string>

#include "support/error.h"

namespace hvlm {
namespace {

void check(std::span<const float> points, int64_t n, int64_t d) {
  if (n < 0 || d < 1 || points.size() != static_cast<size_t>(n) * static_cast<size_t>(d)) {
    throw InputError({.where = "map", .expected = "n x d values", .found = std::to_string(points.size()) + " values for " + std::to_string(n) + " x " + std::to_string(d), .remedy = ""});
  }
  for (size_t i = 0; i < points.size(); ++i) {
    if (std::isfinite(points[i])) continue;
    throw InputError({.where = "map: point " + std::to_string(static_cast<int64_t>(i) / d), .expected = "finite values", .found = "NaN or Inf", .remedy = "Extract or embed it again."});
  }
}

const float* rowOf(std::span<const float> points, int64_t i, int64_t d) { return points.data() + i * d; }

double squaredDistance(const float* a, const float* b, int64_t d) {
  float sum = 0.0f;
  for (int64_t k = 0; k < d; ++k) {
    const float difference = a[k] - b[k];
    sum += difference * difference;
  }
  return static_cast<double>(sum);
}

// ---- Similarities of the points.

struct Sparse {  // rows of (column, value); symmetric, sums to 1
  std::vector<size_t> start;
  std::vector<int32_t> column;
  std::vector<double> value;
};

// exp(-beta d) over the neighbours, normalised, with the beta whose entropy is log(perplexity).
std::vector<double> conditional(const std::vector<std::pair<double, int32_t>>& neighbours, double perplexity) {
  constexpr int kMostTries = 64;
  constexpr double kTolerance = 1e-5;
  const double nearest = neighbours.front().first, wanted = std::log(perplexity);
  double beta = 1.0, low = 0.0, high = INFINITY;
  std::vector<double> p(neighbours.size());
  for (int attempt = 0; attempt < kMostTries; ++attempt) {
    double sum = 0.0, weighted = 0.0;
    for (size_t k = 0; k < p.size(); ++k) {
      const double distance = neighbours[k].first - nearest;  // shifts nothing but the common factor
      p[k] = std::exp(-beta * distance);
      sum += p[k];
      weighted += p[k] * distance;
    }
    for (double& v : p) v /= sum;
    const double entropy = std::log(sum) + beta * weighted / sum;
    if (std::abs(entropy - wanted) < kTolerance) break;
    if (entropy > wanted) {
      low = beta;
      beta = std::isinf(high) ? beta * 2.0 : (beta + high) / 2.0;
    } else {
      high = beta;
      beta = (beta + low) / 2.0;
    }
  }
  return p;
}

double usedPerplexity(int64_t n, double perplexity) { return std::clamp(perplexity, 1.0, std::max(1.0, static_cast<double>(n - 1) / 3.0)); }

Sparse similarities(std::span<const float> points, int64_t n, int64_t d, double perplexity) {
  const auto k = std::min<int64_t>(n - 1, static_cast<int64_t>(3.0 * perplexity));
  std::vector<std::vector<std::pair<int32_t, double>>> rows(static_cast<size_t>(n));
  std::vector<std::pair<double, int32_t>> all(static_cast<size_t>(n - 1));
  for (int64_t i = 0; i < n; ++i) {
    size_t at = 0;
    for (int64_t j = 0; j < n; ++j) {
      if (j != i) all[at++] = {squaredDistance(rowOf(points, i, d), rowOf(points, j, d), d), static_cast<int32_t>(j)};
    }
    std::partial_sort(all.begin(), all.begin() + k, all.end());
    const std::vector<std::pair<double, int32_t>> near(all.begin(), all.begin() + k);
    const std::vector<double> p = conditional(near, perplexity);
    for (size_t e = 0; e < near.size(); ++e) {
      const double half = p[e] / (2.0 * static_cast<double>(n));
      rows[static_cast<size_t>(i)].emplace_back(near[e].second, half);
      rows[static_cast<size_t>(near[e].second)].emplace_back(static_cast<int32_t>(i), half);
    }
  }
  Sparse out;
  out.start.push_back(0);
  for (auto& row : rows) {
    std::sort(row.begin(), row.end());
    for (const auto& [column, value] : row) {
      if (!out.column.empty() && out.column.size() > out.start.back() && out.column.back() == column) out.value.back() += value;
      else out.column.push_back(column), out.value.push_back(value);
    }
    out.start.push_back(out.column.size());
  }
  return out;
}

// ---- Barnes-Hut: a quadtree whose nodes know how many points they hold and where their middle is.

class QuadTree {
 public:
  QuadTree(std::span<const MapPoint> map) : map_(map) {
    MapPoint low = map[0], high = map[0];
    for (const MapPoint& p : map) {
      for (size_t c = 0; c < 2; ++c) low[c] = std::min(low[c], p[c]), high[c] = std::max(high[c], p[c]);
    }
    const double half = std::max({high[0] - low[0], high[1] - low[1], 1e-12}) / 2.0 * 1.0001;
    nodes_.reserve(map.size() * 3);
    nodes_.push_back({{(low[0] + high[0]) / 2.0, (low[1] + high[1]) / 2.0}, half, {0.0, 0.0}, 0, -1, -1});
    for (size_t i = 0; i < map.size(); ++i) insert(static_cast<int32_t>(i));
  }

  // Sum over the other points of q^2 * (y_i - y_j), q = 1 / (1 + |y_i - y_j|^2), and of q itself. A node smaller than theta times its distance
  // stands for its points. Its own leaf counts a point too: at distance 0 it adds nothing but 1 to `z`, taken off by the caller.
  void repulsion(const MapPoint& y, double theta, MapPoint& force, double& z) const {
    std::array<int32_t, 256> stack;
    size_t top = 0;
    stack[top++] = 0;
    while (top > 0) {
      const Node& node = nodes_[static_cast<size_t>(stack[--top])];
      if (node.count == 0) continue;
      const double dx = y[0] - node.middle[0], dy = y[1] - node.middle[1], distance = dx * dx + dy * dy;
      if (node.children < 0 || 4.0 * node.half * node.half < theta * theta * distance) {
        const double q = 1.0 / (1.0 + distance), count = static_cast<double>(node.count);
        z += count * q;
        force[0] += count * q * q * dx;
        force[1] += count * q * q * dy;
        continue;
      }
      for (int32_t c = 0; c < 4; ++c) stack[top++] = node.children + c;
    }
  }

 private:
  static constexpr int kDeepest = 48;  // points that are nearer than that share a leaf
  struct Node {
    MapPoint centre;
    double half;
    MapPoint middle;   // mean of its points
    int64_t count;
    int32_t point;     // of a leaf with one point
    int32_t children;  // first of four, or -1
  };

  int32_t childOf(const Node& node, const MapPoint& p) const { return node.children + (p[0] > node.centre[0]) + 2 * (p[1] > node.centre[1]); }

  void divide(int32_t at) {
    const auto first = static_cast<int32_t>(nodes_.size());
    const MapPoint centre = nodes_[static_cast<size_t>(at)].centre;
    const double half = nodes_[static_cast<size_t>(at)].half / 2.0;
    for (int c = 0; c < 4; ++c) nodes_.push_back({{centre[0] + (c & 1 ? half : -half), centre[1] + (c & 2 ? half : -half)}, half, {0.0, 0.0}, 0, -1, -1});
    nodes_[static_cast<size_t>(at)].children = first;
  }

  void insert(int32_t point) {
    const MapPoint p = map_[static_cast<size_t>(point)];
    int32_t at = 0;
    for (int depth = 0;; ++depth) {
      Node& node = nodes_[static_cast<size_t>(at)];
      const double count = static_cast<double>(node.count);
      for (size_t c = 0; c < 2; ++c) node.middle[c] = (node.middle[c] * count + p[c]) / (count + 1.0);
      ++node.count;
      if (node.children < 0) {
        if (node.count == 1) {
          node.point = point;
          return;
        }
        if (depth >= kDeepest || map_[static_cast<size_t>(node.point)] == p) return;  // in one place, or as good as: the leaf counts them
        const int32_t older = node.point;
        const int64_t older_count = node.count - 1;
        node.point = -1;
        divide(at);
        // The older one (or several in one place) goes one level down.
        Node& below = nodes_[static_cast<size_t>(childOf(nodes_[static_cast<size_t>(at)], map_[static_cast<size_t>(older)]))];
        below.middle = map_[static_cast<size_t>(older)];
        below.count = older_count;
        below.point = older;
      }
      at = childOf(nodes_[static_cast<size_t>(at)], p);
    }
  }

  std::span<const MapPoint> map_;
  std::vector<Node> nodes_;
};

// 4 * (sum p q (y_i - y_j) * exaggeration - sum q^2 (y_i - y_j) / Z), q = 1 / (1 + d^2).
void gradient(const Sparse& p, std::span<const MapPoint> map, double theta, double exaggeration, std::vector<MapPoint>& out) {
  const size_t n = map.size();
  std::vector<MapPoint> repulsion(n, MapPoint{0.0, 0.0});
  double z = 0.0;
  if (theta > 0.0) {
    const QuadTree tree(map);
    for (size_t i = 0; i < n; ++i) tree.repulsion(map[i], theta, repulsion[i], z);
    z -= static_cast<double>(n);  // each point met itself
  } else {
    for (size_t i = 0; i < n; ++i) {
      for (size_t j = 0; j < n; ++j) {
        if (i == j) continue;
        const double dx = map[i][0] - map[j][0], dy = map[i][1] - map[j][1], q = 1.0 / (1.0 + dx * dx + dy * dy);
        z += q;
        repulsion[i][0] += q * q * dx;
        repulsion[i][1] += q * q * dy;
      }
    }
  }
  z = std::max(z, 1e-300);
  out.assign(n, MapPoint{0.0, 0.0});
  for (size_t i = 0; i < n; ++i) {
    for (size_t e = p.start[i]; e < p.start[i + 1]; ++e) {
      const auto j = static_cast<size_t>(p.column[e]);
      const double dx = map[i][0] - map[j][0], dy = map[i][1] - map[j][1];
      const double pull = exaggeration * p.value[e] / (1.0 + dx * dx + dy * dy);
      out[i][0] += pull * dx;
      out[i][1] += pull * dy;
    }
    for (size_t c = 0; c < 2; ++c) out[i][c] = 4.0 * (out[i][c] - repulsion[i][c] / z);
  }
}

void centre(std::vector<MapPoint>& map) {
  MapPoint mean = {0.0, 0.0};
  for (const MapPoint& p : map) mean[0] += p[0], mean[1] += p[1];
  for (MapPoint& p : map) p[0] -= mean[0] / static_cast<double>(map.size()), p[1] -= mean[1] / static_cast<double>(map.size());
}

}  // namespace

PrincipalPlane principalPlane(std::span<const float> points, int64_t n, int64_t d) {
  check(points, n, d);
  PrincipalPlane plane;
  plane.at.assign(static_cast<size_t>(n), MapPoint{0.0, 0.0});
  if (n < 2) return plane;
  const auto width = static_cast<size_t>(d);
  std::vector<double> mean(width, 0.0);
  for (int64_t i = 0; i < n; ++i) {
    for (size_t k = 0; k < width; ++k) mean[k] += static_cast<double>(rowOf(points, i, d)[k]) / static_cast<double>(n);
  }
  double whole = 0.0;
  std::vector<double> centred(static_cast<size_t>(n) * width);
  for (size_t i = 0; i < static_cast<size_t>(n); ++i) {
    for (size_t k = 0; k < width; ++k) {
      centred[i * width + k] = static_cast<double>(points[i * width + k]) - mean[k];
      whole += centred[i * width + k] * centred[i * width + k];
    }
  }
  if (whole <= 0.0) return plane;
  std::vector<std::vector<double>> axes;
  for (size_t axis = 0; axis < std::min<size_t>(2, width); ++axis) {
    // Power iteration on the covariance, kept apart from the axes before; begins with a fixed direction.
    std::vector<double> v(width), next(width);
    for (size_t k = 0; k < width; ++k) v[k] = std::sin(1.0 + 0.7 * static_cast<double>(k) + 3.1 * static_cast<double>(axis));
    const auto apart = [&](std::vector<double>& x) {  // orthogonal to the axes before; returns the length that is left
      for (const auto& before : axes) {
        const double dot = std::inner_product(x.begin(), x.end(), before.begin(), 0.0);
        for (size_t k = 0; k < width; ++k) x[k] -= dot * before[k];
      }
      return std::sqrt(std::inner_product(x.begin(), x.end(), x.begin(), 0.0));
    };
    double length = 0.0;
    for (int turn = 0; turn < 1000; ++turn) {
      const double norm = apart(v);
      if (norm < 1e-150) break;
      for (double& x : v) x /= norm;
      std::fill(next.begin(), next.end(), 0.0);
      for (size_t i = 0; i < static_cast<size_t>(n); ++i) {
        const double* row = &centred[i * width];
        const double dot = std::inner_product(row, row + width, v.begin(), 0.0);
        for (size_t k = 0; k < width; ++k) next[k] += dot * row[k];
      }
      length = apart(next);
      if (length <= 1e-12 * whole) break;  // no variance is left
      double moved = 0.0;
      for (size_t k = 0; k < width; ++k) moved = std::max(moved, std::abs(next[k] / length - v[k]));
      if (moved < 1e-10) break;
      v = next;
    }
    double norm = std::sqrt(std::inner_product(v.begin(), v.end(), v.begin(), 0.0));
    if (norm < 1e-150 || length <= 1e-12 * whole) break;
    const auto largest = std::max_element(v.begin(), v.end(), [](double a, double b) { return std::abs(a) < std::abs(b); });
    norm = std::copysign(norm, *largest);
    for (double& x : v) x /= norm;
    double variance = 0.0;
    for (size_t i = 0; i < static_cast<size_t>(n); ++i) {
      const double* row = &centred[i * width];
      plane.at[i][axis] = std::inner_product(row, row + width, v.begin(), 0.0);
      variance += plane.at[i][axis] * plane.at[i][axis];
    }
    plane.share[axis] = variance / whole;
    axes.push_back(std::move(v));
  }
  return plane;
}

std::vector<MapPoint> tsne(std::span<const float> points, int64_t n, int64_t d, const TsneOptions& options) {
  PrincipalPlane plane = principalPlane(points, n, d);
  if (n < 4) return plane.at;
  std::vector<MapPoint>& map = plane.at;
  double variance = 0.0;
  for (const MapPoint& p : map) variance += p[0] * p[0] / static_cast<double>(n);
  const double scale = variance > 0.0 ? 1e-4 / std::sqrt(variance) : 0.0;
  for (size_t i = 0; i < map.size(); ++i) {
    for (size_t c = 0; c < 2; ++c) map[i][c] *= scale;
    if (scale == 0.0) map[i] = {1e-4 * std::cos(static_cast<double>(i)), 1e-4 * std::sin(static_cast<double>(i))};  // all points are one: a ring
  }
  const Sparse p = similarities(points, n, d, usedPerplexity(n, options.perplexity));
  const double rate = std::max(static_cast<double>(n) / options.exaggeration / 4.0, 50.0);
  std::vector<MapPoint> slope, update(map.size(), MapPoint{0.0, 0.0}), gain(map.size(), MapPoint{1.0, 1.0});
  for (int turn = 0; turn < options.iterations; ++turn) {
    const bool early = turn < options.exaggerated;
    gradient(p, map, options.theta, early ? options.exaggeration : 1.0, slope);
    const double momentum = early ? 0.5 : 0.8;
    for (size_t i = 0; i < map.size(); ++i) {
      for (size_t c = 0; c < 2; ++c) {
        const bool same = (slope[i][c] > 0.0) == (update[i][c] > 0.0);
        gain[i][c] = std::max(same ? gain[i][c] * 0.8 : gain[i][c] + 0.2, 0.01);
        update[i][c] = momentum * update[i][c] - rate * gain[i][c] * slope[i][c];
        map[i][c] += update[i][c];
      }
    }
    centre(map);
    if (options.progress && !options.progress(turn + 1, options.iterations)) break;
  }
  return map;
}

double tsneDivergence(std::span<const float> points, int64_t n, int64_t d, std::span<const MapPoint> map, double perplexity) {
  check(points, n, d);
  const Sparse p = similarities(points, n, d, usedPerplexity(n, perplexity));
  double z = 0.0;
  const auto q = [&](size_t i, size_t j) {
    const double dx = map[i][0] - map[j][0], dy = map[i][1] - map[j][1];
    return 1.0 / (1.0 + dx * dx + dy * dy);
  };
  for (size_t i = 0; i < map.size(); ++i) {
    for (size_t j = 0; j < map.size(); ++j) z += i == j ? 0.0 : q(i, j);
  }
  double sum = 0.0;
  for (size_t i = 0; i < map.size(); ++i) {
    for (size_t e = p.start[i]; e < p.start[i + 1]; ++e) {
      if (p.value[e] > 0.0) sum += p.value[e] * std::log(p.value[e] * z / q(i, static_cast<size_t>(p.column[e])));
    }
  }
  return sum;
}

std::vector<MapPoint> tsneGradient(std::span<const float> points, int64_t n, int64_t d, std::span<const MapPoint> map, double perplexity, double theta) {
  check(points, n, d);
  std::vector<MapPoint> out;
  gradient(similarities(points, n, d, usedPerplexity(n, perplexity)), map, theta, 1.0, out);
  return out;
}

std::vector<Neighbour> nearestByCosine(std::span<const float> points, int64_t n, int64_t d, std::span<const float> query, int64_t k, int64_t leave_out) {
  const auto width = static_cast<size_t>(d);
  const auto norm = [width](const float* row) { return std::sqrt(static_cast<double>(std::inner_product(row, row + width, row, 0.0f))); };
  const double own = norm(query.data());
  std::vector<Neighbour> all;
  all.reserve(static_cast<size_t>(n));
  for (int64_t i = 0; i < n; ++i) {
    if (i == leave_out) continue;
    const float* row = rowOf(points, i, d);
    const double other = norm(row), dot = static_cast<double>(std::inner_product(row, row + width, query.data(), 0.0f));
    all.push_back({i, own > 0.0 && other > 0.0 ? static_cast<float>(dot / (own * other)) : 0.0f});
  }
  const auto kept = std::min<size_t>(all.size(), static_cast<size_t>(std::max<int64_t>(k, 0)));
  const auto nearer = [](const Neighbour& a, const Neighbour& b) { return a.similarity != b.similarity ? a.similarity > b.similarity : a.index < b.index; };
  std::partial_sort(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(kept), all.end(), nearer);
  all.resize(kept);
  return all;
}

std::vector<float> selfSimilarity(std::span<const float> rows, int64_t n, int64_t d) {
  const auto width = static_cast<size_t>(d), count = static_cast<size_t>(n);
  std::vector<float> unit(rows.begin(), rows.end());
  for (size_t i = 0; i < count; ++i) {
    float* row = &unit[i * width];
    const float norm = std::sqrt(std::inner_product(row, row + width, row, 0.0f));
    for (size_t k = 0; k < width; ++k) row[k] = norm > 0.0f ? row[k] / norm : 0.0f;
  }
  std::vector<float> out(count * count);
  for (size_t i = 0; i < count; ++i) {
    for (size_t j = i; j < count; ++j) {
      const float cosine = std::inner_product(&unit[i * width], &unit[i * width] + width, &unit[j * width], 0.0f);
      out[i * count + j] = out[j * count + i] = cosine;
    }
  }
  return out;
}

}  // namespace hvlm
