// SPDX-License-Identifier: Apache-2.0
#include "engine/kernels/half_rows.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <algorithm>
#include <string>

#include "engine/kernels/avx2.h"
#include "engine/kernels/kernels.h"
#include "support/error.h"

namespace hvlm {
namespace {

constexpr int64_t kRowsOfATask = 2048;   // some hundred microseconds
constexpr int64_t kRowsAtOnce = 16384;   // of the plain version, which widens them first

#if defined(__x86_64__)
bool hasHalves() {
  static const bool has = __builtin_cpu_supports("f16c") != 0;
  return has;
}
#else
bool hasHalves() { return false; }
#endif

at::Tensor plainProducts(const at::Tensor& rows, const at::Tensor& query) {
  at::Tensor out = at::empty({rows.size(0)}, at::kFloat);
  for (int64_t first = 0; first < rows.size(0); first += kRowsAtOnce) {
    const int64_t last = std::min(first + kRowsAtOnce, rows.size(0));
    out.slice(0, first, last).copy_(rows.slice(0, first, last).to(at::kFloat).mv(query));
  }
  return out;
}

}  // namespace

at::Tensor halfRowProducts(const at::Tensor& rows, const at::Tensor& query) {
  if (rows.dim() != 2 || query.dim() != 1 || rows.size(1) != query.size(0) || rows.scalar_type() != at::kHalf || query.scalar_type() != at::kFloat) {
    throw ShapeError("products of rows: rows of " + std::to_string(rows.dim()) + " dimensions and width " + std::to_string(rows.dim() == 2 ? rows.size(1) : 0) + ", a query of " +
                     std::to_string(query.numel()) + " numbers; float16 and float32 are wanted");
  }
  const at::NoGradGuard no_grad;
  const at::Tensor dense = rows.contiguous(), vector = query.contiguous();
  if (!fusedAvailable() || !hasHalves() || !dense.is_cpu()) return plainProducts(dense, vector);
  at::Tensor out = at::empty({dense.size(0)}, at::kFloat);
  const auto* halves = reinterpret_cast<const uint16_t*>(dense.const_data_ptr<at::Half>());
  const int64_t width = dense.size(1);
  at::parallel_for(0, dense.size(0), kRowsOfATask, [&](int64_t begin, int64_t end) {
    avx2::halfRowProducts(halves + begin * width, end - begin, width, vector.const_data_ptr<float>(), out.data_ptr<float>() + begin);
  });
  return out;
}

}  // namespace hvlm
