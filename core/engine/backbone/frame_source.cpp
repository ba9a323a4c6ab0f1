// SPDX-License-Identifier: Apache-2.0
#include "engine/backbone/frame_source.h"

#include <sys/resource.h>
#include <time.h>

#include <algorithm>
#include <cmath>

#include "support/error.h"
#include "video/side_channels.h"
#include "video/video_reader.h"

namespace hvlm {
namespace {

constexpr int64_t kSamples = 100;             // of local_memory
constexpr int64_t kMostSteps = 1'000'000;     // of one video

int64_t threadMicroseconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return now.tv_sec * 1'000'000 + now.tv_nsec / 1000;
}

// Frames of one video as the network wants them; a frame that is missing is replaced by the last good one.
class Clips {
 public:
  Clips(VideoReader& reader, int64_t side, int64_t clip, int64_t stride) : reader_(reader), side_(side), clip_(clip), stride_(stride) {}

  FramePtr good(int64_t frame) {
    FramePtr found = reader_.frame(std::clamp<int64_t>(frame, 0, reader_.frameCount() - 1));
    if (found->problem.empty()) {
      last_ = found;
    } else {
      ++placeholders;
    }
    return last_;
  }
  // The clip in the middle of which `frame` stands; false while there is no good frame at all.
  bool take(int64_t frame, std::vector<uint8_t>& pixels) {
    pixels.clear();
    const int64_t first = frame - (clip_ / 2) * stride_;
    for (int64_t i = 0; i < clip_; ++i) {
      const FramePtr picture = good(first + i * stride_);
      if (!picture) return false;
      pixels.insert(pixels.end(), picture->pixels.begin(), picture->pixels.end());
    }
    return pixels.size() == static_cast<size_t>(clip_ * side_ * side_ * 3);
  }
  int64_t placeholders = 0;

 private:
  VideoReader& reader_;
  int64_t side_, clip_, stride_;
  FramePtr last_;
};

double durationOf(VideoReader& reader) {
  const auto& times = reader.index().times;
  const auto frames = static_cast<double>(times.size());
  const double span = times.back() - times.front();
  return times.size() < 2 ? 0.0 : span * frames / (frames - 1.0);  // the last frame is shown as long as the others on average
}

}  // namespace

FrameSource::FrameSource(const ExtractSpec& spec, std::vector<size_t> order, int64_t side, int64_t clip, int64_t decoders, size_t ahead)
    : spec_(spec), order_(std::move(order)), side_(side), clip_(clip), ahead_(std::max<size_t>(ahead, 1)) {
  const auto threads = std::min<int64_t>(decoders, static_cast<int64_t>(order_.size()));
  for (int64_t i = 0; i < threads; ++i) threads_.emplace_back([this] { work(); });
}

FrameSource::~FrameSource() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  emptied_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

std::optional<DecodedStep> FrameSource::next() {
  std::unique_lock lock(mutex_);
  filled_.wait(lock, [&] { return !queue_.empty() || ended_ == order_.size(); });
  if (queue_.empty()) return std::nullopt;
  DecodedStep step = std::move(queue_.front());
  queue_.pop_front();
  lock.unlock();
  emptied_.notify_one();
  return step;
}

bool FrameSource::put(DecodedStep step) {
  std::unique_lock lock(mutex_);
  emptied_.wait(lock, [&] { return stop_ || queue_.size() < ahead_; });
  if (stop_) return false;
  ended_ += step.end;
  queue_.push_back(std::move(step));
  lock.unlock();
  filled_.notify_one();
  return true;
}

void FrameSource::work() {
  // Behind the network: where the cores are shared, its threads wait for each other at every layer, and a decoder between them holds up all of them.
  // Decoders fill what is left, and run alone while the network waits for frames. Without the right to be nice nothing changes but speed.
  constexpr int kBehind = 19;
  setpriority(PRIO_PROCESS, 0, kBehind);
  while (true) {
    size_t video = 0;
    {
      const std::lock_guard lock(mutex_);
      if (stop_ || next_video_ >= order_.size()) return;
      video = order_[next_video_++];
    }
    decode(video);
  }
}

void FrameSource::decode(size_t video) {
  DecodedStep end{.video = video, .pixels = {}, .end = true, .problem = {}};
  int64_t before = threadMicroseconds();
  const auto count = [&] {
    const int64_t now = threadMicroseconds();
    busy_us_ += now - before;
    before = now;
  };
  try {
    ReaderOptions options;
    options.layout = PixelLayout::rgb24;
    options.square = static_cast<int>(side_);
    options.threads = 1;
    options.hardware = spec_.hardware;
    options.cache_bytes = std::max<int64_t>(int64_t{16} << 20, clip_ * side_ * side_ * 3 * 2);
    VideoReader reader(spec_.videos[video].file, options);
    if (reader.frameCount() == 0) {
      throw InputError({.where = spec_.videos[video].file, .expected = "frames", .found = reader.index().problem.empty() ? "none" : reader.index().problem, .remedy = "Copy or download it again."});
    }
    Clips clips(reader, side_, clip_, spec_.stride);
    end.duration = durationOf(reader);
    end.steps = std::clamp<int64_t>(std::llround(end.duration * spec_.fps), 1, kMostSteps);
    end.samples = spec_.local_memory.empty() ? 0 : kSamples;
    const double first = reader.index().times.front();
    for (int64_t i = 0; i < end.steps + end.samples; ++i) {
      DecodedStep step{.video = video, .step = i, .pixels = {}, .problem = {}};
      step.sample = i >= end.steps;
      const double at = step.sample ? (static_cast<double>(i - end.steps) + 0.5) * end.duration / static_cast<double>(kSamples) : (static_cast<double>(i) + spec_.offset) / spec_.fps;
      if (step.sample) step.step = i - end.steps;
      const int64_t frame = reader.frameAt(first + at);
      if (!clips.take(frame, step.pixels)) {
        // Nothing good before this step: the first good frame of the video stands in, if there is any.
        int64_t ahead = frame;
        while (ahead < reader.frameCount() && !clips.good(ahead)) ++ahead;
        if (!clips.take(frame, step.pixels)) throw InputError({.where = spec_.videos[video].file, .expected = "frames that can be decoded", .found = reader.frame(frame)->problem, .remedy = "Copy or download it again."});
      }
      if (spec_.channels && !step.sample) {
        const FramePtr now = clips.good(frame), later = clips.good(frame + 1);
        step.motion = static_cast<float>(motionBetween(*now, *later));
        step.saliency = static_cast<float>(saliencyOf(*now));
      }
      count();
      if (!put(std::move(step))) return;
      before = threadMicroseconds();
    }
    end.placeholders = clips.placeholders;
  } catch (const std::exception& error) {
    end.problem = error.what();
  }
  count();
  put(std::move(end));
}

}  // namespace hvlm
