// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>

#include "engine/backbone/backbone.h"
#include "runs/safetensors.h"

namespace hvlm {

// C3D (Tran et al. 2015, the Sports-1M network): eight 3x3x3 convolutions, five poolings, fc6 and fc7 of 4,096 after ReLU. Clips of 16
// frames of 112 x 112; bytes in RGB minus the means 104, 117, 128 of B, G, R (the network was trained on BGR: channels are turned).
// Weights: "conv1a.weight" … "fc7.bias", also "conv1.", "conv3a." as usual ports name them, with or without a prefix.
std::unique_ptr<Backbone> makeC3d(const TensorMap& weights, const std::string& where, const std::string& layer, const std::string& hash);

}  // namespace hvlm
