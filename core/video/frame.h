// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace hvlm {

enum class PixelLayout { rgb24, bgra32 };  // bytes R G B; bytes B G R 255 (a QImage's Format_RGB32)

// One decoded picture, turned upright (after the file's rotation), square pixels are not forced: see `VideoFacts::pixel_aspect`.
// Rows follow one another without padding: width * bytesPerPixel bytes each.
struct Frame {
  int64_t index = -1;       // 0-based in order of presentation; -1 while the index is not there yet
  double seconds = 0.0;     // presentation time; the first frame of a file need not be 0
  int width = 0;            // of `pixels`, after rotation and scaling
  int height = 0;
  PixelLayout layout = PixelLayout::bgra32;
  std::vector<uint8_t> pixels;
  std::string problem;      // not empty: a placeholder (pixels empty), and why: the frame is missing or could not be decoded
  int bytesPerPixel() const { return layout == PixelLayout::rgb24 ? 3 : 4; }
};
using FramePtr = std::shared_ptr<const Frame>;

}  // namespace hvlm
