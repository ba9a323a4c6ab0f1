// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "jobs/extract_spec.h"

namespace hvlm {

// What a decoder gives to the network: the clip of one step, or the end of a video.
struct DecodedStep {
  size_t video = 0;             // place in ExtractSpec::videos
  int64_t step = 0;
  std::vector<uint8_t> pixels;  // clip x side x side x 3, RGB
  float motion = 0.0f, saliency = 0.0f;
  bool sample = false;          // one of the evenly spread frames of local_memory
  bool end = false;             // of the video: the fields below count
  int64_t steps = 0, samples = 0;
  int64_t placeholders = 0;     // frames that could not be decoded; the last good one stood in
  double duration = 0.0;
  std::string problem;          // why the video cannot be read; empty when it was
};

// Decodes the steps of many videos in threads of its own, a bounded number of steps ahead. Videos come interleaved, the steps of one in
// order.
class FrameSource {
 public:
  // `order`: places of the videos that are wanted.
  FrameSource(const ExtractSpec& spec, std::vector<size_t> order, int64_t side, int64_t clip, int64_t decoders, size_t ahead);
  ~FrameSource();
  FrameSource(const FrameSource&) = delete;
  FrameSource& operator=(const FrameSource&) = delete;
  std::optional<DecodedStep> next();  // waits; nothing when all videos have ended
  double decodeSeconds() const { return static_cast<double>(busy_us_.load()) * 1e-6; }  // of all threads together

 private:
  void work();
  void decode(size_t video);
  bool put(DecodedStep step);  // false when nobody wants more

  const ExtractSpec& spec_;
  const std::vector<size_t> order_;
  const int64_t side_, clip_;
  const size_t ahead_;
  std::mutex mutex_;
  std::condition_variable filled_, emptied_;
  std::deque<DecodedStep> queue_;
  size_t next_video_ = 0, ended_ = 0;
  bool stop_ = false;
  std::atomic<int64_t> busy_us_{0};
  std::vector<std::thread> threads_;
};

}  // namespace hvlm
