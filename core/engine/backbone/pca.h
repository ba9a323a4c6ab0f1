// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <ATen/core/Tensor.h>

#include <filesystem>
#include <string>

namespace hvlm {

// Principal components (Pearson 1901) of rows [N, D], in double. Signs: the loading of largest magnitude of each component is positive.
struct Pca {
  at::Tensor mean;        // [D]
  at::Tensor components;  // [K, D], unit rows
  at::Tensor variance;    // [K], explained, over n - 1
  at::Tensor ratio;       // [K], share of the whole variance
};

// Sums over rows that come in parts, so that memory does not grow with them.
class PcaSums {
 public:
  void add(const at::Tensor& rows);  // [n, D]
  int64_t rows() const { return rows_; }
  Pca fit(int64_t dims) const;  // throws InputError when dims exceeds D or there are fewer than two rows
 private:
  at::Tensor origin_, sum_, products_;  // about the first part's mean: no cancellation
  int64_t rows_ = 0;
};

// [n, D] -> [n, K]; with `whiten` each component has unit variance.
at::Tensor applyPca(const Pca& pca, const at::Tensor& rows, bool whiten);

// safetensors: mean, components, variance, ratio (float64); metadata whiten = 0 or 1.
void savePca(const std::filesystem::path& path, const Pca& pca, bool whiten);
Pca loadPca(const std::filesystem::path& path, bool* whiten);  // throws InputError

}  // namespace hvlm
