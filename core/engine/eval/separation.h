// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

namespace hvlm {

// Feature quality of video vectors (method.md 5.4): vectors centred on their mean, then unit norm; class means made unit norm.
//   vectors [N, D];  labels [N]
struct CentredSeparation {
  double intra = 0.0;       // mean over classes of the mean cosine distance to the own class mean
  double inter = 0.0;       // mean cosine distance between class means
  double separation = 0.0;  // inter - intra
};
CentredSeparation centredSeparation(const at::Tensor& vectors, const std::vector<int64_t>& labels);
at::Tensor centredUnitRows(const at::Tensor& vectors);  // [N, D] double
// tr(S_b) / tr(S_w) of the centred unit vectors; 0 when no class has any spread.
double scatterRatio(const at::Tensor& vectors, const std::vector<int64_t>& labels);
// Normalised mutual information (over the mean entropy) of the labels and the clusters that k-means makes of the centred unit
// vectors, one per class; best of several deterministic starts. 1 for a single class.
double clusterAgreement(const at::Tensor& vectors, const std::vector<int64_t>& labels, uint64_t seed = 20);

// General cluster figures (golden: separation.npz).
enum class Distance { kEuclidean, kCosine };
at::Tensor pairwiseDistances(const at::Tensor& x, Distance distance);  // [N, N] double
struct Silhouette {
  at::Tensor samples;  // [N]; 0 for a class of one
  double mean = 0.0;
  double intra_pairs = 0.0;  // mean distance over ordered pairs of one class
  double inter_pairs = 0.0;  // … of different classes
};
Silhouette silhouette(const at::Tensor& x, const std::vector<int64_t>& labels, Distance distance);
struct CentroidFigures {
  at::Tensor centroids;      // [K, D], classes in rising order
  double intra = 0.0;        // mean over classes of the mean distance to the own centroid
  double inter = 0.0;        // mean over class pairs of the distance of centroids
  double ratio = 0.0;        // inter / intra
  double davies_bouldin = 0.0;
  double calinski_harabasz = 0.0;
};
CentroidFigures centroidFigures(const at::Tensor& x, const std::vector<int64_t>& labels);

}  // namespace hvlm
