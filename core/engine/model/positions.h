// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>

namespace hvlm {

// Rows first .. first + steps - 1 of the position table (sinusoidTable(), layers.h), [steps, width]: a stretch of a long video needs no
// table as long as the video. The numbers are those of the whole table, bit for bit.
at::Tensor sinusoidRows(int64_t first, int64_t steps, int64_t width, at::TensorOptions options);

}  // namespace hvlm
