// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace hvlm {

using MapPoint = std::array<double, 2>;

// Principal components (Pearson 1901): `points` is [n, d] row-major. Coordinates on the two directions of largest variance, centred; the entry of
// largest magnitude of each direction is positive, so that the map does not flip. `share` is each axis' part of the whole variance.
// Throws InputError for values that are not finite, or when points.size() != n * d.
struct PrincipalPlane {
  std::vector<MapPoint> at;
  MapPoint share = {0.0, 0.0};
};
PrincipalPlane principalPlane(std::span<const float> points, int64_t n, int64_t d);

struct TsneOptions {
  double perplexity = 30.0;  // at most (n - 1) / 3 is used
  int iterations = 750;
  int exaggerated = 250;     // of them with `exaggeration`
  double exaggeration = 12.0;
  double theta = 0.5;        // 0 = the exact gradient
  std::function<bool(int done, int total)> progress;  // false ends it early; the map so far is returned
};

// t-SNE (van der Maaten and Hinton 2008) with the Barnes-Hut gradient (van der Maaten 2014, JMLR 15): similarities over 3 * perplexity nearest
// neighbours, symmetrised; begins with the principal plane scaled to a standard deviation of 1e-4; step size max(n / exaggeration / 4, 50) (Belkina et
// al. 2019), momentum 0.5, then 0.8 after the exaggeration. No randomness: the same points give the same map. Memory O(n * perplexity), neighbours by
// O(n^2 d) comparison. Fewer than 4 points: their principal plane. Throws as principalPlane.
std::vector<MapPoint> tsne(std::span<const float> points, int64_t n, int64_t d, const TsneOptions& options = {});

// Kullback-Leibler divergence of a map from the points' similarities, over all pairs of the map (O(n^2)).
double tsneDivergence(std::span<const float> points, int64_t n, int64_t d, std::span<const MapPoint> map, double perplexity);

// Gradient of that divergence at `map`, as tsne() follows it; for tests of the approximation.
std::vector<MapPoint> tsneGradient(std::span<const float> points, int64_t n, int64_t d, std::span<const MapPoint> map, double perplexity, double theta);

struct Neighbour {
  int64_t index = 0;
  float similarity = 0.0f;
};
// The k points of largest cosine to `query` [d], falling; of equals the one of lower index first. A zero vector has similarity 0 to all.
std::vector<Neighbour> nearestByCosine(std::span<const float> points, int64_t n, int64_t d, std::span<const float> query, int64_t k, int64_t leave_out = -1);

// Cosines of all pairs of rows, [n, n] row-major; 0 for zero rows. A video's self-similarity matrix.
std::vector<float> selfSimilarity(std::span<const float> rows, int64_t n, int64_t d);

}  // namespace hvlm
