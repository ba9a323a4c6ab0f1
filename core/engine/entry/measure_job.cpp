// SPDX-License-Identifier: Apache-2.0
#include "engine/entry/engine.h"
#include "support/error.h"

namespace hvlm {

void TorchEngine::measure(const MeasureSpec& spec, JobControl& control, JobObserver& observer) {
  (void)spec, (void)control, (void)observer;
  throw std::runtime_error("being written");
}

}  // namespace hvlm
