// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <ATen/core/Tensor.h>

#include <filesystem>

#include "engine/objective/spectrum.h"

namespace hvlm {

// [n, D] -> [n, K] double; with `whiten` each component has unit variance. Throws InputError for rows of another width.
at::Tensor applyPca(const PrincipalComponents& pca, const at::Tensor& rows, bool whiten);

// safetensors: mean, components, variance, ratio (float64); metadata whiten = 0 or 1.
void savePca(const std::filesystem::path& path, const PrincipalComponents& pca, bool whiten);
PrincipalComponents loadPca(const std::filesystem::path& path, bool* whiten);  // throws InputError

}  // namespace hvlm
