// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "runs/safetensors.h"

namespace hvlm {

// bfloat16 and IEEE half to float and back: round to nearest, ties to even; NaN stays NaN, overflow gives Inf.
float fromBfloat(uint16_t bits);
uint16_t toBfloat(float value);
float fromHalf(uint16_t bits);
uint16_t toHalf(float value);

bool isNarrowFloat(const std::string& dtype);  // F32, F16 or BF16: what the two below take

// The numbers of a tensor as float32, and float32 back into the tensor's dtype (sizes must agree).
std::vector<float> tensorFloats(const PlainTensor& tensor);
void setTensorFloats(PlainTensor& tensor, const std::vector<float>& values);

std::string shapeText(const std::vector<int64_t>& shape);  // "[2, 3]"

}  // namespace hvlm
