// SPDX-License-Identifier: Apache-2.0
#include "engine/backbone/pca.h"

#include <ATen/ATen.h>

#include "engine/model/plain_tensor.h"
#include "runs/safetensors.h"
#include "support/atomic_file.h"
#include "support/error.h"

namespace hvlm {

void PcaSums::add(const at::Tensor& part) {
  const at::NoGradGuard no_grad;
  const at::Tensor rows = part.to(at::kDouble);
  if (rows.size(0) == 0) return;
  if (!origin_.defined()) {
    origin_ = rows.mean(0);
    sum_ = at::zeros_like(origin_);
    products_ = at::zeros({rows.size(1), rows.size(1)}, at::kDouble);
  }
  const at::Tensor centred = rows - origin_;
  sum_ += centred.sum(0);
  products_ += at::mm(centred.t(), centred);
  rows_ += rows.size(0);
}

Pca PcaSums::fit(int64_t dims) const {
  const at::NoGradGuard no_grad;
  const int64_t width = rows_ > 0 ? sum_.size(0) : 0;
  if (rows_ < 2) throw InputError({.where = "PCA", .expected = "two feature vectors at least", .found = std::to_string(rows_), .remedy = "Fit it on a subset with features."});
  if (dims < 1 || dims > width) throw InputError({.where = "--dims", .expected = "1 to " + std::to_string(width) + ", the width of the features", .found = std::to_string(dims), .remedy = "Choose fewer."});
  Pca pca;
  const at::Tensor shift = sum_ / rows_;
  pca.mean = origin_ + shift;
  const at::Tensor covariance = (products_ - at::outer(shift, shift) * rows_) / (rows_ - 1);
  const auto [values, vectors] = at::linalg_eigh(covariance);  // rising
  const at::Tensor positive = values.clamp_min(0);
  pca.variance = positive.flip({0}).narrow(0, 0, dims).contiguous();
  pca.ratio = pca.variance / positive.sum().clamp_min(1e-300);
  at::Tensor components = vectors.flip({1}).narrow(1, 0, dims).t().contiguous();
  const at::Tensor largest = components.gather(1, components.abs().argmax(1, true));
  pca.components = components * at::where(largest < 0, -at::ones_like(largest), at::ones_like(largest));
  return pca;
}

at::Tensor applyPca(const Pca& pca, const at::Tensor& rows, bool whiten) {
  const at::NoGradGuard no_grad;
  if (rows.size(1) != pca.mean.size(0)) {
    throw InputError({.where = "PCA", .expected = "features of width " + std::to_string(pca.mean.size(0)) + " (what it was fitted on)", .found = std::to_string(rows.size(1)), .remedy = "Fit it on features of this backbone."});
  }
  at::Tensor out = at::mm(rows.to(at::kDouble) - pca.mean, pca.components.t());
  if (whiten) out = out / pca.variance.clamp_min(1e-12).sqrt();
  return out;
}

void savePca(const std::filesystem::path& path, const Pca& pca, bool whiten) {
  const TensorMap tensors = {{"mean", toPlain(pca.mean)}, {"components", toPlain(pca.components)}, {"variance", toPlain(pca.variance)}, {"ratio", toPlain(pca.ratio)}};
  writeFileAtomic(path, encodeSafetensors(tensors, {{"whiten", whiten ? "1" : "0"}}));
}

Pca loadPca(const std::filesystem::path& path, bool* whiten) {
  std::map<std::string, std::string> metadata;
  const TensorMap tensors = readSafetensors(path, &metadata);
  const auto get = [&](const char* name, size_t dimensions) {
    const auto found = tensors.find(name);
    if (found == tensors.end() || found->second.shape.size() != dimensions) {
      throw InputError({.where = path.string(), .expected = std::string("a PCA that hvlm pca fit wrote (tensor ") + name + ")", .found = found == tensors.end() ? "none" : "one of another shape", .remedy = "Fit it anew."});
    }
    return fromPlain(found->second, path.string()).to(at::kDouble);
  };
  Pca pca{.mean = get("mean", 1), .components = get("components", 2), .variance = get("variance", 1), .ratio = get("ratio", 1)};
  if (pca.components.size(1) != pca.mean.size(0) || pca.components.size(0) != pca.variance.size(0)) {
    throw InputError({.where = path.string(), .expected = "components as wide as the mean", .found = "others", .remedy = "Fit it anew."});
  }
  if (whiten) *whiten = metadata.contains("whiten") && metadata.at("whiten") == "1";
  return pca;
}

}  // namespace hvlm
