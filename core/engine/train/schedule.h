// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

namespace hvlm {

// Linear warm-up, then cosine, by 0-based optimiser step i of `total` (golden: schedule.npz):
//   i < warmup: base (i + 1) / warmup;  else minimum + (base - minimum)/2 (1 + cos(pi (i - warmup)/(total - warmup))),
// held at its end past `total`; warmup >= total gives base after the warm-up.
double learningRate(int64_t step, int64_t total, int64_t warmup, double base, double minimum);

}  // namespace hvlm
