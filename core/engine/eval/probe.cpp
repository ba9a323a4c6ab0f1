// SPDX-License-Identifier: Apache-2.0
#include "engine/eval/probe.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <deque>

#include "support/error.h"

namespace hvlm {
namespace {

// Loss and gradient of the regularised multinomial logistic regression at the flat parameter vector [C * (D + 1)].
class LogisticObjective {
 public:
  // The rows are read as they are and divided by `scale` where they are multiplied: a scaled copy would be as large as the set.
  LogisticObjective(at::Tensor x, double scale, const std::vector<int64_t>& labels, int64_t classes, double regularisation)
      : x_(std::move(x)), scale_(scale), classes_(classes), penalty_(1.0 / regularisation) {
    one_hot_ = at::one_hot(at::tensor(labels, at::kLong), classes).to(x_.scalar_type());
  }
  int64_t size() const { return classes_ * (x_.size(1) + 1); }

  double evaluate(const at::Tensor& theta, at::Tensor& gradient) const {
    const int64_t width = x_.size(1);
    const at::Tensor weight = theta.narrow(0, 0, classes_ * width).view({classes_, width}).to(x_.scalar_type());
    const at::Tensor bias = theta.narrow(0, classes_ * width, classes_).to(x_.scalar_type());
    const at::Tensor log_p = at::log_softmax(at::addmm(bias, x_, (weight / scale_).t()), 1);
    const double loss = -(log_p * one_hot_).sum(at::kDouble).item<double>();
    const at::Tensor residual = log_p.exp() - one_hot_;                       // [N, C]
    const at::Tensor grad_w = residual.t().mm(x_).to(at::kDouble) / scale_ + theta.narrow(0, 0, classes_ * width).view({classes_, width}) * penalty_;
    gradient = at::cat({grad_w.reshape({-1}), residual.sum(0, false, at::kDouble)});
    return loss + 0.5 * penalty_ * theta.narrow(0, 0, classes_ * width).pow(2).sum().item<double>();
  }

 private:
  at::Tensor x_, one_hot_;
  double scale_;
  int64_t classes_;
  double penalty_;
};

struct Pair {
  at::Tensor s, y;
  double rho;
};

at::Tensor twoLoop(const at::Tensor& gradient, const std::deque<Pair>& pairs) {
  at::Tensor q = gradient.clone();
  std::vector<double> alpha(pairs.size());
  for (size_t i = pairs.size(); i-- > 0;) {
    alpha[i] = pairs[i].rho * pairs[i].s.dot(q).item<double>();
    q.sub_(pairs[i].y, alpha[i]);
  }
  if (!pairs.empty()) {
    const Pair& last = pairs.back();
    q.mul_(1.0 / (last.rho * last.y.dot(last.y).item<double>()));
  }
  for (size_t i = 0; i < pairs.size(); ++i) {
    const double beta = pairs[i].rho * pairs[i].y.dot(q).item<double>();
    q.add_(pairs[i].s, alpha[i] - beta);
  }
  return q.neg();
}

}  // namespace

at::Tensor LinearProbe::logits(const at::Tensor& x) const { return at::addmm(bias, x.to(at::kFloat), (weight / scale).t()); }
at::Tensor LinearProbe::probabilities(const at::Tensor& x) const { return at::softmax(logits(x), 1); }

// L-BFGS (Nocedal and Wright, algorithm 7.5) with a weak-Wolfe bisection line search. The objective is convex, so the plain
// search is enough; LibTorch's own LBFGS asks for a torch::nn-style closure and its heavy headers.
LinearProbe fitLinearProbe(const at::Tensor& x, const std::vector<int64_t>& labels, int64_t classes, double regularisation,
                           int64_t max_iterations, const std::function<bool()>& proceed) {
  if (x.size(0) == 0 || x.size(0) != static_cast<int64_t>(labels.size())) {
    throw InputError({.where = "linear probe", .expected = "one label for each row", .found = std::to_string(labels.size()) + " labels, " + std::to_string(x.size(0)) + " rows",
                      .remedy = "Check that the training subset has annotated videos."});
  }
  const at::NoGradGuard no_grad;
  LinearProbe probe;
  probe.scale = std::max(1e-12, x.norm(2, 1).mean(at::kDouble).item<double>());
  const LogisticObjective objective(x.to(at::kFloat), probe.scale, labels, classes, regularisation);
  at::Tensor theta = at::zeros({objective.size()}, at::kDouble);
  at::Tensor gradient;
  double loss = objective.evaluate(theta, gradient);
  std::deque<Pair> pairs;
  const double tolerance = 1e-4;  // on the largest gradient entry, scikit-learn's default
  for (int64_t iteration = 0; iteration < max_iterations; ++iteration) {
    if (proceed && !proceed()) throw Interrupted("the probe was stopped");
    if (gradient.abs().max().item<double>() <= tolerance) break;
    at::Tensor direction = twoLoop(gradient, pairs);
    double slope = gradient.dot(direction).item<double>();
    if (!(slope < 0.0)) {  // rounding spoilt the curvature pairs
      pairs.clear();
      direction = gradient.neg();
      slope = gradient.dot(direction).item<double>();
    }
    double step = pairs.empty() ? 1.0 / std::max(1.0, gradient.abs().sum().item<double>()) : 1.0;
    double low = 0.0, high = INFINITY, next_loss = loss;
    at::Tensor next_theta, next_gradient;
    for (int trial = 0; trial < 25; ++trial) {
      next_theta = theta + direction * step;
      next_loss = objective.evaluate(next_theta, next_gradient);
      if (!(next_loss <= loss + 1e-4 * step * slope)) {
        high = step;
      } else if (next_gradient.dot(direction).item<double>() < 0.9 * slope) {
        low = step;
      } else {
        break;
      }
      step = std::isinf(high) ? 2.0 * step : 0.5 * (low + high);
    }
    if (!(next_loss <= loss)) break;  // at the precision of float32 products
    const at::Tensor s = next_theta - theta;
    const at::Tensor y = next_gradient - gradient;
    const double sy = s.dot(y).item<double>();
    const double gained = loss - next_loss;
    theta = next_theta;
    gradient = next_gradient;
    loss = next_loss;
    if (sy > 1e-12) {
      pairs.push_back({s, y, 1.0 / sy});
      if (pairs.size() > 10) pairs.pop_front();
    }
    if (gained <= 2.2e-9 * std::max(1.0, std::abs(loss))) break;  // scipy's ftol
  }
  const int64_t width = x.size(1);
  probe.weight = theta.narrow(0, 0, classes * width).view({classes, width}).to(at::kFloat).contiguous();
  probe.bias = theta.narrow(0, classes * width, classes).to(at::kFloat).contiguous();
  return probe;
}

at::Tensor nearestNeighbourVotes(const at::Tensor& bank, const std::vector<int64_t>& bank_labels, const at::Tensor& x, int64_t classes,
                                 int64_t k) {
  const at::NoGradGuard no_grad;
  const auto unit = [](const at::Tensor& v) { return v.to(at::kFloat) / v.to(at::kFloat).norm(2, 1, true).clamp_min(1e-8); };
  const at::Tensor similarity = unit(x).mm(unit(bank).t());  // [N, M]
  const int64_t used = std::min(k, bank.size(0));
  const auto [values, indices] = similarity.topk(used, 1);
  const at::Tensor labels = at::tensor(bank_labels, at::kLong).index_select(0, indices.reshape({-1})).view({x.size(0), used});
  at::Tensor votes = at::zeros({x.size(0), classes}, at::kFloat);
  votes.scatter_add_(1, labels, at::ones({x.size(0), used}, at::kFloat));
  // A trace for each class's nearest neighbour, less than a vote, so that equal votes go to the nearer class.
  const at::Tensor nearness = (at::arange(used, 0, -1, at::kFloat) * (0.01 / static_cast<double>(used))).expand({x.size(0), used});
  votes = votes + at::zeros_like(votes).scatter_reduce(1, labels, nearness.contiguous(), "amax");
  return votes / votes.sum(1, true);
}

}  // namespace hvlm
