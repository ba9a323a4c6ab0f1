// SPDX-License-Identifier: Apache-2.0
#include "engine/backbone/pca.h"

#include <ATen/ATen.h>

#include "engine/model/plain_tensor.h"
#include "runs/safetensors.h"
#include "support/atomic_file.h"
#include "support/error.h"

namespace hvlm {

at::Tensor applyPca(const PrincipalComponents& pca, const at::Tensor& rows, bool whiten) {
  const at::NoGradGuard no_grad;
  if (rows.size(1) != pca.mean.size(0)) {
    throw InputError({.where = "PCA", .expected = "features of width " + std::to_string(pca.mean.size(0)) + " (what it was fitted on)", .found = std::to_string(rows.size(1)), .remedy = "Fit it on features of this backbone."});
  }
  at::Tensor out = at::mm(rows.to(at::kDouble) - pca.mean, pca.components.t());
  if (whiten) out = out / pca.explained_variance.clamp_min(1e-12).sqrt();
  return out;
}

void savePca(const std::filesystem::path& path, const PrincipalComponents& pca, bool whiten) {
  const TensorMap tensors = {{"mean", toPlain(pca.mean)}, {"components", toPlain(pca.components)}, {"variance", toPlain(pca.explained_variance)}, {"ratio", toPlain(pca.explained_ratio)}};
  writeFileAtomic(path, encodeSafetensors(tensors, {{"whiten", whiten ? "1" : "0"}}));
}

PrincipalComponents loadPca(const std::filesystem::path& path, bool* whiten) {
  std::map<std::string, std::string> metadata;
  const TensorMap tensors = readSafetensors(path, &metadata);
  const auto get = [&](const char* name, size_t dimensions) {
    const auto found = tensors.find(name);
    if (found == tensors.end() || found->second.shape.size() != dimensions) {
      throw InputError({.where = path.string(), .expected = std::string("a PCA that hvlm pca fit wrote (tensor ") + name + ")", .found = found == tensors.end() ? "none" : "one of another shape", .remedy = "Fit it anew."});
    }
    return fromPlain(found->second, path.string()).to(at::kDouble);
  };
  PrincipalComponents pca{.mean = get("mean", 1), .components = get("components", 2), .explained_variance = get("variance", 1), .explained_ratio = get("ratio", 1)};
  if (pca.components.size(1) != pca.mean.size(0) || pca.components.size(0) != pca.explained_variance.size(0)) {
    throw InputError({.where = path.string(), .expected = "components as wide as the mean", .found = "others", .remedy = "Fit it anew."});
  }
  if (whiten) *whiten = metadata.contains("whiten") && metadata.at("whiten") == "1";
  return pca;
}

}  // namespace hvlm
