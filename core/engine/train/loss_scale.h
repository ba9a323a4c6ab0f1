// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "engine/train/model_state.h"

namespace hvlm {

inline constexpr int64_t kGoodSteps = 2000;              // without overflow before the loss scale is doubled
inline constexpr double kLargestLossScale = 16777216.0;  // 2^24

// Dynamic loss scaling of train.precision = float16: half formats lose small gradients, so the loss is multiplied before the way back and the
// gradients are divided after it. Moves `state.loss_scale` on after the way back of one step: halved where gradients overflowed, doubled after
// kGoodSteps without. Returns false when the step must be left out. Throws InputError naming train.precision when the scale would fall below 1.
// Source: Micikevicius et al. 2018, arXiv:1710.03740, 3.2.
bool moveLossScale(TrainState& state, bool finite);

}  // namespace hvlm
