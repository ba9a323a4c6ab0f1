// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "engine/model/layers.h"
#include "runs/config.h"

namespace hvlm {

// Residual experts of the domains before the video classifier: expert k adds up_k(GELU(down_k(x))) to the vector x, with up_k zero at
// the start (Houlsby et al. 2019, arXiv:1902.00751), and a router chooses by one linear layer on x.
//   soft        all experts, weighted by the softmax of the router's logits
//   hard        the expert of the largest of the same logits (ties: the first), its output times its likelihood, through which the
//               router learns (Fedus et al. 2022, arXiv:2101.03961, eq. 2)
//   confidence  hard where that likelihood is at least head.expert_confidence, else soft
//   single      one expert with the parameters of all experts and the router together (to within one inner unit), no router
class DomainExperts {
 public:
  struct Output {
    at::Tensor vectors;  // [B, d]
    at::Tensor router;   // [B, D] logits; undefined for "single"
  };
  DomainExperts() = default;
  // Throws ShapeError when head.domains is below 1 (0 must have been replaced by the data set's count).
  DomainExperts(ParameterSet& set, const HeadOptions& options, int64_t width, at::Generator& generator, at::TensorOptions tensor_options);
  bool used() const { return !down_.empty(); }
  Output operator()(const at::Tensor& x) const;  // [B, d]

 private:
  at::Tensor expert(size_t k, const at::Tensor& x) const;
  std::string kind_;
  double confidence_ = 1.0;
  Linear router_;
  std::vector<Linear> down_, up_;
};

// Load balance of a router: D times the sum over domains of (share of rows whose largest likelihood is the domain's) times (mean likelihood);
// 1 when both are even, D when all goes to one.
//   logits   [B, D]
//   returns  scalar, differentiable through the means
// Source: Fedus et al. 2022, arXiv:2101.03961, eq. 4 to 6.
at::Tensor routerBalance(const at::Tensor& logits);

}  // namespace hvlm
