// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <vector>

namespace hvlm {

// A multinomial logistic regression on fixed features: softmax((x / scale) W^T + b). Features are divided by one number, the mean
// L2 norm of the training rows; no other scaling.
struct LinearProbe {
  at::Tensor weight;  // [C, D] float
  at::Tensor bias;    // [C] float
  double scale = 1.0;
  at::Tensor logits(const at::Tensor& x) const;         // [N, C]
  at::Tensor probabilities(const at::Tensor& x) const;  // [N, C]
};

// Minimises sum CE + ||W||^2 / (2 C) (bias free) by L-BFGS with line search, as scikit-learn's LogisticRegression does.
//   x [N, D] float;  labels [N] in [0, classes);  regularisation C > 0
// A class without rows gets what the regularisation gives it. Deterministic. `proceed` is asked after each iteration; false
// ends the fit early and throws Interrupted.
LinearProbe fitLinearProbe(const at::Tensor& x, const std::vector<int64_t>& labels, int64_t classes, double regularisation = 1.0,
                           int64_t max_iterations = 300, const std::function<bool()>& proceed = {});

// k nearest neighbours by cosine: class votes weighted equally; of classes with equal votes the one of the nearest neighbour.
//   returns [N, C] vote shares, with a trace more for nearer classes
at::Tensor nearestNeighbourVotes(const at::Tensor& bank, const std::vector<int64_t>& bank_labels, const at::Tensor& x, int64_t classes,
                                 int64_t k = 20);

}  // namespace hvlm
