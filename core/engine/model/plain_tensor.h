// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <ATen/core/Tensor.h>

#include <string>

#include "runs/safetensors.h"

namespace hvlm {

// Copies between LibTorch's tensors and the plain memory that files hold. CPU, contiguous, any of F32, F64, I64, U8, BOOL, F16.
PlainTensor toPlain(const at::Tensor& tensor);
at::Tensor fromPlain(const PlainTensor& plain, const std::string& where);  // throws InputError for other types

// Copies `plain` into `target` in place; shape and type must agree. Throws InputError naming both shapes.
void copyInto(at::Tensor target, const PlainTensor& plain, const std::string& where);

}  // namespace hvlm
