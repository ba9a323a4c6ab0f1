// SPDX-License-Identifier: Apache-2.0
#include "video/video_reader.h"

#include <algorithm>
#include <atomic>
#include <thread>

#include "support/error.h"
#include "video/decoding.h"
#include "video/frame_cache.h"
#include "video/packet_index.h"
#include "video/picture.h"

namespace hvlm {
namespace {
constexpr int kForwardWindow = 8;  // frames decoded on rather than sought for, when no key frame lies between
}

struct VideoReader::Impl {
  Impl(const std::filesystem::path& file, const ReaderOptions& o)
      : path(file), options(o), container(file, o.stall_seconds), decoding(container, std::min(o.threads > 0 ? o.threads : 2, 16), o.hardware), facts(container.facts()),
        maker(facts, o), cache(std::max<int64_t>(o.cache_bytes, 1)) {
    if (o.background_index) {
      worker = std::thread([this] { build(); });
    } else {
      build();
    }
  }
  ~Impl() {
    stop = true;
    if (worker.joinable()) worker.join();
  }

  // In the worker thread with a container of its own, or in the constructor; touches nothing that others read before `ready`.
  void build() {
    try {
      if (options.background_index) {
        video::Container own(path, options.stall_seconds);
        packets = video::buildIndex(own, stop, progress);
      } else {
        packets = video::buildIndex(container, stop, progress);
        decoding.restart();
      }
    } catch (const InputError& error) {
      packets.problem = error.what();  // the file has changed since
    }
    shown.problem = packets.problem;
    for (const auto& entry : packets.frames) shown.times.push_back(container.seconds(entry.stamp));
    shown.key_frames = packets.keys;
    ready = true;
  }
  void wait() {
    if (worker.joinable()) worker.join();
  }

  FramePtr made(int64_t stamp, int64_t index) {
    if (FramePtr known = cache.find(stamp)) return known;
    auto frame = std::make_shared<Frame>();
    frame->index = index;
    frame->seconds = container.seconds(stamp);
    facts.interlaced = facts.interlaced || decoding.frame()->interlaced_frame;
    maker.fill(decoding.frame(), *frame);
    cache.insert(stamp, frame);
    return frame;
  }
  FramePtr placeholder(int64_t stamp, int64_t index, const std::string& why) const {
    auto frame = std::make_shared<Frame>();
    frame->index = index;
    frame->seconds = container.seconds(stamp);
    frame->layout = options.layout;
    frame->problem = why;
    return frame;
  }
  std::string reason() const { return container.problem().empty() ? "the frame could not be decoded" : container.problem(); }

  int64_t frameBytes() const {
    const auto pixels = options.square > 0 ? int64_t{options.square} * options.square : options.exact_width > 0 ? int64_t{options.exact_width} * options.exact_height : int64_t{facts.width} * facts.height;
    return std::max<int64_t>(1, pixels * (options.layout == PixelLayout::rgb24 ? 3 : 4));
  }

  // Frames before the target that are worth keeping: going backward, as many as half of the cache holds.
  int64_t windowFor(int64_t target) const {
    if (target != last_asked - 1) return 0;
    return std::clamp<int64_t>(cache.limit() / frameBytes() / 2, 1, 256);
  }

  FramePtr exact(int64_t target) {
    const int64_t stamp = packets.frames[static_cast<size_t>(target)].stamp;
    const int64_t window = windowFor(target);
    last_asked = target;
    if (FramePtr known = cache.find(stamp)) return known;
    return packets.without_times ? counted(target) : timed(target, std::max<int64_t>(0, target - window));
  }

  // Streams without presentation times: frame n is the n-th that comes out.
  FramePtr counted(int64_t target) {
    if (!decoding.isStarted() || decoding.ordinal() >= target || decoding.ordinal() < 0) decoding.restart();
    while (decoding.next()) {
      const int64_t at = decoding.ordinal();
      if (at >= target || at > target - 32) {
        const auto i = static_cast<size_t>(std::min<int64_t>(at, static_cast<int64_t>(packets.frames.size()) - 1));
        FramePtr frame = made(packets.frames[i].stamp, static_cast<int64_t>(i));
        if (at == target) return frame;
      }
    }
    return placeholder(packets.frames[static_cast<size_t>(target)].stamp, target, reason());
  }

  FramePtr timed(int64_t target, int64_t keep_from) {
    const int64_t stamp = packets.frames[static_cast<size_t>(target)].stamp;
    const int64_t keep_stamp = packets.frames[static_cast<size_t>(keep_from)].stamp;
    if (!canGoOn(target)) {
      if (!decoding.start(stamp, &packets)) decoding.restart();
      position = INT64_MIN;
    }
    while (true) {
      // The frame that ended the last search may already be ours.
      if (!held) {
        if (!decoding.next(keep_stamp)) break;
        held = true;
      }
      const int64_t now = decoding.stamp();
      if (now > stamp) break;
      held = false;
      position = now;
      if (now == stamp) return made(stamp, target);
      if (now >= keep_stamp) {
        if (const int64_t index = packets.find(now); index >= 0) made(now, index);
      }
    }
    return placeholder(stamp, target, reason());
  }

  // The decoder stands before the target and no key frame lies between, or it is a few frames away.
  bool canGoOn(int64_t target) {
    const int64_t stamp = packets.frames[static_cast<size_t>(target)].stamp;
    if (held && decoding.stamp() > stamp) held = false;  // it is past it
    else if (held) return true;
    if (position == INT64_MIN || position >= stamp) {
      held = false;
      return false;
    }
    const int64_t at = packets.lastAtOrBefore(position);
    if (target - at <= kForwardWindow) return true;
    const int64_t key = packets.keyAtOrBefore(target);
    return key < 0 || packets.keys[static_cast<size_t>(key)] <= at;
  }

  // By time alone, without an index: the last frame at or before it.
  FramePtr byTime(double seconds) {
    const int64_t stamp = container.stamp(seconds);
    last_asked = -2;
    held = false;
    position = INT64_MIN;
    if (!decoding.start(stamp, nullptr)) decoding.restart();
    FramePtr best;
    while (decoding.next()) {
      if (decoding.stamp() > stamp && best) break;
      best = made(decoding.stamp(), -1);
      if (decoding.stamp() >= stamp) break;
    }
    return best ? best : placeholder(stamp, -1, reason());
  }

  std::filesystem::path path;
  ReaderOptions options;
  video::Container container;
  video::Decoding decoding;
  VideoFacts facts;
  video::PictureMaker maker;
  video::FrameCache cache;
  video::PacketIndex packets;
  VideoIndex shown;
  std::thread worker;
  std::atomic<bool> stop{false}, ready{false};
  std::atomic<double> progress{0.0};
  int64_t position = INT64_MIN;  // stamp of the last frame that was consumed
  bool held = false;             // decoding.frame() was read, but belongs to a later request
  int64_t last_asked = -2;
};

VideoReader::VideoReader(const std::filesystem::path& path, const ReaderOptions& options) : impl_(std::make_unique<Impl>(path, options)) {}
VideoReader::~VideoReader() = default;
VideoReader::VideoReader(VideoReader&&) noexcept = default;
VideoReader& VideoReader::operator=(VideoReader&&) noexcept = default;

const VideoFacts& VideoReader::facts() const { return impl_->facts; }
const std::filesystem::path& VideoReader::path() const { return impl_->path; }
bool VideoReader::indexReady() const { return impl_->ready; }
double VideoReader::indexProgress() const { return impl_->progress; }
const VideoIndex& VideoReader::index() {
  impl_->wait();
  return impl_->shown;
}
int64_t VideoReader::frameCount() { return static_cast<int64_t>(index().times.size()); }

double VideoReader::timeOf(int64_t frame) {
  const auto& times = index().times;
  if (frame < 0 || frame >= static_cast<int64_t>(times.size())) {
    throw InputError({.where = impl_->path.string(), .expected = "a frame from 0 to " + std::to_string(static_cast<int64_t>(times.size()) - 1), .found = std::to_string(frame), .remedy = "Name a frame of the video."});
  }
  return times[static_cast<size_t>(frame)];
}

int64_t VideoReader::frameAt(double seconds) {
  const auto& times = index().times;
  // A time that was printed and read back is a hair off.
  const auto after = std::upper_bound(times.begin(), times.end(), seconds + 1e-6);
  return std::max<int64_t>(0, static_cast<int64_t>(after - times.begin()) - 1);
}

FramePtr VideoReader::frame(int64_t index) {
  timeOf(index);
  return impl_->exact(index);
}

FramePtr VideoReader::frameAtTime(double seconds) {
  if (!impl_->ready) return impl_->byTime(seconds);
  if (frameCount() == 0) return impl_->placeholder(impl_->container.stamp(seconds), -1, impl_->shown.problem.empty() ? "the video has no frames" : impl_->shown.problem);
  return frame(frameAt(seconds));
}

FramePtr VideoReader::nearestCached(int64_t index) const {
  if (!impl_->ready || impl_->packets.frames.empty()) return nullptr;
  const auto last = static_cast<int64_t>(impl_->packets.frames.size()) - 1;
  return impl_->cache.nearest(impl_->packets.frames[static_cast<size_t>(std::clamp<int64_t>(index, 0, last))].stamp);
}

FramePtr VideoReader::keyFrameNear(double seconds) {
  Impl& i = *impl_;
  if (i.ready && !i.packets.keys.empty() && !i.packets.without_times) {
    const int64_t at = frameAt(seconds);
    int64_t key = std::max<int64_t>(0, i.packets.keyAtOrBefore(at));
    const auto next = static_cast<size_t>(key + 1);
    if (next < i.packets.keys.size() && i.packets.keys[next] - at < at - i.packets.keys[static_cast<size_t>(key)]) ++key;
    return frame(i.packets.keys[static_cast<size_t>(key)]);
  }
  const int64_t stamp = i.container.stamp(seconds);
  i.held = false;
  i.position = INT64_MIN;
  if (!i.decoding.start(stamp, nullptr)) i.decoding.restart();
  return i.decoding.next() ? i.made(i.decoding.stamp(), -1) : i.placeholder(stamp, -1, i.reason());
}

int64_t VideoReader::cachedBytes() const { return impl_->cache.bytes(); }

}  // namespace hvlm
