// SPDX-License-Identifier: Apache-2.0
#include "runs/weight_numbers.h"

#include <bit>
#include <cassert>
#include <cstring>

namespace hvlm {
namespace {

constexpr uint32_t kInfinity = 0x7F800000u;

std::vector<uint16_t> shortsOf(const PlainTensor& tensor) {
  std::vector<uint16_t> shorts(tensor.bytes.size() / 2);
  if (!shorts.empty()) std::memcpy(shorts.data(), tensor.bytes.data(), shorts.size() * 2);
  return shorts;
}

}  // namespace

float fromBfloat(uint16_t bits) { return std::bit_cast<float>(static_cast<uint32_t>(bits) << 16); }

uint16_t toBfloat(float value) {
  const auto bits = std::bit_cast<uint32_t>(value);
  if ((bits & 0x7FFFFFFFu) > kInfinity) return static_cast<uint16_t>((bits >> 16) | 0x40u);  // a quiet NaN
  return static_cast<uint16_t>((bits + 0x7FFFu + ((bits >> 16) & 1u)) >> 16);
}

float fromHalf(uint16_t bits) {
  const uint32_t sign = static_cast<uint32_t>(bits & 0x8000u) << 16;
  const uint32_t magnitude = static_cast<uint32_t>(bits & 0x7FFFu) << 13;
  if ((bits & 0x7C00u) == 0x7C00u) return std::bit_cast<float>(sign | kInfinity | magnitude);
  // A half's exponent counts from 15, a float's from 127: the factor moves it, for subnormal halves as well.
  return std::bit_cast<float>(sign | std::bit_cast<uint32_t>(std::bit_cast<float>(magnitude) * 0x1p112f));
}

uint16_t toHalf(float value) {
  const auto bits = std::bit_cast<uint32_t>(value);
  const uint32_t sign = (bits >> 16) & 0x8000u;
  const uint32_t magnitude = bits & 0x7FFFFFFFu;
  if (magnitude > kInfinity) return static_cast<uint16_t>(sign | 0x7E00u);
  if (magnitude >= 0x477FF000u) return static_cast<uint16_t>(sign | 0x7C00u);  // 65520 and above
  if (magnitude < 0x38800000u) {  // subnormal: in [0.5, 1) the last bit of a float is worth what a half's is here
    return static_cast<uint16_t>(sign | (std::bit_cast<uint32_t>(std::bit_cast<float>(magnitude) + 0.5f) - 0x3F000000u));
  }
  return static_cast<uint16_t>(sign | ((magnitude - 0x38000000u + 0xFFFu + ((magnitude >> 13) & 1u)) >> 13));
}

bool isNarrowFloat(const std::string& dtype) { return dtype == "F32" || dtype == "F16" || dtype == "BF16"; }

std::vector<float> tensorFloats(const PlainTensor& tensor) {
  assert(isNarrowFloat(tensor.dtype));
  std::vector<float> values(tensor.bytes.size() / dtypeSize(tensor.dtype));
  if (tensor.dtype == "F32") {
    if (!values.empty()) std::memcpy(values.data(), tensor.bytes.data(), tensor.bytes.size());
    return values;
  }
  const std::vector<uint16_t> shorts = shortsOf(tensor);
  const bool half = tensor.dtype == "F16";
  for (size_t i = 0; i < shorts.size(); ++i) values[i] = half ? fromHalf(shorts[i]) : fromBfloat(shorts[i]);
  return values;
}

void setTensorFloats(PlainTensor& tensor, const std::vector<float>& values) {
  assert(isNarrowFloat(tensor.dtype) && tensor.bytes.size() == values.size() * dtypeSize(tensor.dtype));
  if (values.empty()) return;
  if (tensor.dtype == "F32") {
    std::memcpy(tensor.bytes.data(), values.data(), tensor.bytes.size());
    return;
  }
  std::vector<uint16_t> shorts(values.size());
  const bool half = tensor.dtype == "F16";
  for (size_t i = 0; i < shorts.size(); ++i) shorts[i] = half ? toHalf(values[i]) : toBfloat(values[i]);
  std::memcpy(tensor.bytes.data(), shorts.data(), tensor.bytes.size());
}

std::string shapeText(const std::vector<int64_t>& shape) {
  std::string text = "[";
  for (const int64_t extent : shape) text += (text.size() > 1 ? ", " : "") + std::to_string(extent);
  return text + "]";
}

}  // namespace hvlm
