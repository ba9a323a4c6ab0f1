// SPDX-License-Identifier: Apache-2.0
#include "engine/entry/engine.h"

// The one C entry; the engine lives as long as the process.
extern "C" void* hvlm_create_engine() {
  static hvlm::TorchEngine engine;
  return static_cast<hvlm::JobEngine*>(&engine);
}
