// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "video/frame.h"

namespace hvlm {

// Side channels of a step, for token merging. Pictures are brought to 64 x 64 first; rgb24 or bgra32.

// How far things moved from `a` to `b`, in pixels of the 64 x 64 picture: block matching (8 x 8 blocks, full search of +-4, the sum of
// absolute differences), the length of each block's motion weighted by its texture. 0 for equal or flat pictures; at most 4 sqrt 2.
double motionBetween(const Frame& a, const Frame& b);

// How much there is to see: mean length of the grey gradient plus the mean distance of the colours from the picture's mean colour,
// both in shares of 255. 0 for a flat picture.
double saliencyOf(const Frame& frame);

}  // namespace hvlm
