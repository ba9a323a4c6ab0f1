// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>

#include "video/container.h"
#include "video/frame.h"
#include "video/video_reader.h"

struct SwsContext;

namespace hvlm::video {

// From a decoded frame to the picture that is shown: deinterlaced, scaled, in RGB after the file's colour space, turned upright.
class PictureMaker {
 public:
  PictureMaker(const VideoFacts& facts, const ReaderOptions& options);
  ~PictureMaker();
  PictureMaker(const PictureMaker&) = delete;
  PictureMaker& operator=(const PictureMaker&) = delete;
  // Fills width, height, layout and pixels; a frame that cannot be converted gets a `problem`.
  void fill(const AVFrame* decoded, Frame& out);

 private:
  std::pair<int, int> sizeOf(const AVFrame* decoded) const;  // before turning
  int rotation_;
  ReaderOptions options_;
  SwsContext* scaler_ = nullptr;
  FrameOwner progressive_;
};

// Replaces the lines of the second field where they comb, in place; planar 8-bit formats only (others are left alone).
void deinterlace(AVFrame* frame);

}  // namespace hvlm::video
