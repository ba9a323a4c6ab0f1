// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <string>

#include "engine/backbone/backbone.h"

namespace hvlm {

// A TorchScript file: float [N, 3, 224, 224] in RGB, ImageNet's mean and deviation taken out, to [N, D]. Throws InputError without
// `trust`, for another file, or one that does not take this input.
std::unique_ptr<Backbone> makeScript(const std::string& path, bool trust, const std::string& hash);

}  // namespace hvlm
