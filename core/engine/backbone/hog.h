// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>

#include "engine/backbone/backbone.h"

namespace hvlm {

// A descriptor without weights: histograms of oriented gradients (Dalal and Triggs 2005; 9 directions over 180 degrees, 8 x 8 cells of the
// picture, each cell's histogram of unit length) and the mean colour of each cell. 8 x 8 x (9 + 3) = 768 numbers.
std::unique_ptr<Backbone> makeHog();

}  // namespace hvlm
