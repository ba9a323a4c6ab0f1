// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <cstdint>

namespace hvlm {

// IEEE 754 binary16 to float and back (round to nearest, ties to even; NaN stays NaN, overflow gives Inf).
// The ones for many values use the processor's F16C instructions when it has them.
void widenHalf(const uint16_t* halves, float* floats, size_t count);
void widenHalfPortably(const uint16_t* halves, float* floats, size_t count);  // the same without F16C
uint16_t narrowToHalf(float value);
void narrowHalf(const float* floats, uint16_t* halves, size_t count);

}  // namespace hvlm
