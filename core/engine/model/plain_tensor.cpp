// SPDX-License-Identifier: Apache-2.0
#include "engine/model/plain_tensor.h"

#include <ATen/ATen.h>

#include <cstring>

#include "support/error.h"

namespace hvlm {
namespace {

struct TypeName {
  at::ScalarType type;
  const char* name;
};
constexpr TypeName kTypes[] = {{at::kFloat, "F32"}, {at::kDouble, "F64"}, {at::kLong, "I64"}, {at::kInt, "I32"},
                               {at::kByte, "U8"},   {at::kBool, "BOOL"},  {at::kHalf, "F16"}, {at::kBFloat16, "BF16"}};

std::string shapeText(at::IntArrayRef shape) {
  std::string text = "[";
  for (const int64_t extent : shape) text += (text.size() > 1 ? ", " : "") + std::to_string(extent);
  return text + "]";
}

}  // namespace

PlainTensor toPlain(const at::Tensor& tensor) {
  const at::Tensor source = tensor.detach().to(at::kCPU).contiguous();
  PlainTensor plain;
  plain.dtype.clear();
  for (const TypeName& entry : kTypes) {
    if (entry.type == source.scalar_type()) plain.dtype = entry.name;
  }
  TORCH_INTERNAL_ASSERT(!plain.dtype.empty(), "unsupported tensor type");
  plain.shape.assign(source.sizes().begin(), source.sizes().end());
  plain.bytes.resize(source.nbytes());
  if (!plain.bytes.empty()) std::memcpy(plain.bytes.data(), source.const_data_ptr(), plain.bytes.size());
  return plain;
}

at::Tensor fromPlain(const PlainTensor& plain, const std::string& where) {
  for (const TypeName& entry : kTypes) {
    if (plain.dtype != entry.name) continue;
    at::Tensor tensor = at::empty(plain.shape, at::TensorOptions().dtype(entry.type));
    if (tensor.nbytes() != plain.bytes.size()) break;
    if (!plain.bytes.empty()) std::memcpy(tensor.mutable_data_ptr(), plain.bytes.data(), plain.bytes.size());
    return tensor;
  }
  throw InputError({.where = where, .expected = "a tensor of a known type with all its bytes", .found = plain.dtype,
                    .remedy = "The file was written by another program or is damaged."});
}

void copyInto(at::Tensor target, const PlainTensor& plain, const std::string& where) {
  const at::Tensor source = fromPlain(plain, where);
  if (source.sizes() != target.sizes()) {
    throw InputError({.where = where, .expected = "shape " + shapeText(target.sizes()), .found = shapeText(source.sizes()),
                      .remedy = "The weights belong to another config: use the config.yaml of their run."});
  }
  const at::NoGradGuard no_grad;
  target.copy_(source);
}

}  // namespace hvlm
