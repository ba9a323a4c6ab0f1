// SPDX-License-Identifier: Apache-2.0
#include "engine/train/loss_scale.h"

#include "support/error.h"

namespace hvlm {

bool moveLossScale(TrainState& state, bool finite) {
  if (!finite) {
    if (state.loss_scale <= 1.0) {
      throw InputError({.where = "the gradient of loss.total at step " + std::to_string(state.step), .expected = "finite numbers at a loss scale of 1 (train.precision = float16)",
                        .found = "an overflow", .remedy = "Set train.precision to bfloat16 or float32, or lower train.lr."});
    }
    state.loss_scale *= 0.5;
    state.scaled_steps = 0;
    return false;
  }
  if (++state.scaled_steps >= kGoodSteps) {
    if (state.loss_scale < kLargestLossScale) state.loss_scale *= 2.0;
    state.scaled_steps = 0;
  }
  return true;
}

}  // namespace hvlm
