// SPDX-License-Identifier: Apache-2.0
#include "engine/eval/gemm_peak.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

#include "support/measure.h"

namespace hvlm {
namespace {

constexpr int64_t kTries = 8;

}  // namespace

double gemmGflops() {
  double best = 0.0;
  for (const int64_t size : {512, 1024}) {
    const at::Tensor a = at::ones({size, size}), b = at::ones({size, size});
    at::Tensor out = at::empty({size, size});
    for (int64_t i = 0; i < kTries; ++i) {
      const double seconds = secondsOf([&] { at::mm_out(out, a, b); });
      best = std::max(best, 2.0 * std::pow(static_cast<double>(size), 3) / seconds / 1e9);
    }
  }
  return best;
}

}  // namespace hvlm
