// SPDX-License-Identifier: Apache-2.0
#include "engine/model/positions.h"

#include <ATen/ATen.h>

#include <cmath>

namespace hvlm {

at::Tensor sinusoidRows(int64_t first, int64_t steps, int64_t width, at::TensorOptions options) {
  at::Tensor table = at::zeros({steps, width}, at::kDouble);
  auto cells = table.accessor<double, 2>();
  for (int64_t i = 0; i < width; ++i) {
    const double frequency =
        std::exp(static_cast<double>(i / 2 * 2) * (-std::log(10000.0) / static_cast<double>(width)));
    for (int64_t t = 0; t < steps; ++t) {
      const double angle = static_cast<double>(first + t) * frequency;
      cells[t][i] = i % 2 == 0 ? std::sin(angle) : std::cos(angle);
    }
  }
  return table.to(options);
}

}  // namespace hvlm
