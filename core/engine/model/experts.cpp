// SPDX-License-Identifier: Apache-2.0
#include "engine/model/experts.h"

#include <ATen/ATen.h>

#include "support/error.h"

namespace hvlm {

DomainExperts::DomainExperts(ParameterSet& set, const HeadOptions& o, int64_t width, at::Generator& generator, at::TensorOptions options)
    : kind_(o.experts), confidence_(o.expert_confidence) {
  if (o.experts == "none") return;
  if (o.domains < 1) throw ShapeError("head.experts = " + o.experts + " with head.domains = " + std::to_string(o.domains) + ": the number of domains must be known");
  int64_t experts = o.domains;
  int64_t inner = o.expert_width;
  if (kind_ == "single") {
    const int64_t one = 2 * width + 1;  // numbers of an inner unit: a row of down, its bias, a column of up
    const int64_t all = experts * (inner * one + width) + experts * (width + 1);
    experts = 1;
    inner = std::max<int64_t>(1, (all - width + one / 2) / one);
  } else {
    router_ = Linear::create(set, "head.router", width, experts, generator, options);
  }
  for (int64_t k = 0; k < experts; ++k) {
    const std::string name = "head.experts." + std::to_string(k);
    down_.push_back(Linear::create(set, name + ".down", width, inner, generator, options));
    up_.push_back(Linear::create(set, name + ".up", inner, width, generator, options));
    at::NoGradGuard no_grad;
    up_.back().weight.zero_();
    up_.back().bias.zero_();
  }
}

at::Tensor DomainExperts::expert(size_t k, const at::Tensor& x) const { return up_[k](at::gelu(down_[k](x))); }

DomainExperts::Output DomainExperts::operator()(const at::Tensor& x) const {
  if (kind_ == "single") return {x + expert(0, x), {}};
  const at::Tensor logits = router_(x);
  at::Tensor shares = logits.softmax(1);  // [B, D]
  if (kind_ != "soft") {
    const auto [best, which] = shares.max(1, true);
    at::Tensor only = at::zeros_like(shares).scatter_(1, which, 1.0).detach();  // 1 where the expert is used
    if (kind_ == "confidence") only = at::where(best.detach() >= confidence_, only, at::ones_like(only));
    shares = shares * only;
  }
  std::vector<at::Tensor> outputs;
  for (size_t k = 0; k < down_.size(); ++k) outputs.push_back(expert(k, x));
  return {x + (at::stack(outputs, 1) * shares.unsqueeze(2)).sum(1), logits};
}

at::Tensor routerBalance(const at::Tensor& logits) {
  const at::Tensor likelihood = logits.softmax(1);
  const int64_t domains = logits.size(1);
  const at::Tensor used = at::zeros_like(likelihood).scatter_(1, std::get<1>(likelihood.max(1, true)), 1.0).detach().mean(0);
  return (used * likelihood.mean(0)).sum() * static_cast<double>(domains);
}

}  // namespace hvlm
