// SPDX-License-Identifier: Apache-2.0
#include "engine/objective/cross_scale.h"

#include "support/error.h"

namespace hvlm {
namespace {

struct UnitRows {
  at::Tensor unit;  // [M, D]; rows of a norm below 1e-8 are left as they are
  at::Tensor seen;  // [M] bool
};

UnitRows unitRows(const at::Tensor& x) {
  const at::Tensor norm2 = (x * x).sum(1);
  const at::Tensor seen = norm2.detach() > 1e-16;
  return {x / at::where(seen, norm2, at::ones({}, x.options())).sqrt().unsqueeze(1), seen};
}

}  // namespace

at::Tensor crossScaleLoss(const at::Tensor& projected, const at::Tensor& pooled) {
  if (projected.dim() != 2 || projected.sizes() != pooled.sizes())
    throw ShapeError("crossScaleLoss: rows of the two sides disagree");
  if (projected.size(0) == 0) return projected.sum();
  const UnitRows a = unitRows(projected);
  const UnitRows b = unitRows(pooled.detach());
  const at::Tensor cosine =
      at::where(a.seen.logical_and(b.seen), (a.unit * b.unit).sum(1), at::zeros({}, projected.options()));
  return (1.0 - cosine).mean();
}

}  // namespace hvlm
