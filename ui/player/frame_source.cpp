// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/player/frame_source.h"

#include <algorithm>

#include "support/error.h"
#include "ui/text.h"
#include "video/video_reader.h"

namespace hvlm::ui {
namespace {

constexpr int64_t kCache = int64_t{192} << 20;
constexpr int kLargestShown = 1920;  // pictures are not decoded wider than screens are

OpenedVideo about(const QString& file, VideoReader& reader) {
  OpenedVideo video;
  video.file = file;
  const auto& times = reader.index().times;
  video.frames = reader.frameCount();
  if (!times.empty()) {
    video.start = times.front();
    video.end = times.size() > 1 ? times.back() + (times.back() - times.front()) / static_cast<double>(times.size() - 1) : times.back();
  }
  const VideoFacts& facts = reader.facts();
  video.width = facts.display_width;
  video.height = facts.display_height;
  video.pixel_aspect = static_cast<double>(facts.pixel_aspect_num) / facts.pixel_aspect_den;
  if (facts.rotation == 90 || facts.rotation == -90) video.pixel_aspect = 1.0 / video.pixel_aspect;
  video.sound = qText(facts.audio_codec);
  video.problem = qText(reader.index().problem);
  return video;
}

}  // namespace

FrameSource::FrameSource(QObject* parent) : QObject(parent) {
  qRegisterMetaType<OpenedVideo>();
  qRegisterMetaType<ShownFrame>();
  thread_ = std::thread([this] { work(); });
}

FrameSource::~FrameSource() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

bool FrameSource::setHardware(bool on) {
  const std::lock_guard lock(mutex_);
  return std::exchange(hardware_, on) != on;
}

void FrameSource::open(const QString& file) {
  const std::lock_guard lock(mutex_);
  wish_ = {.file = file, .seconds = std::nullopt, .frame = std::nullopt, .steps = 0};
  changed_.notify_one();
}

void FrameSource::close() { open(QString()); }

void FrameSource::request(double seconds) {
  const std::lock_guard lock(mutex_);
  wish_.seconds = seconds;
  wish_.frame.reset();
  wish_.steps = 0;
  changed_.notify_one();
}

void FrameSource::step(int64_t frames) {
  const std::lock_guard lock(mutex_);
  wish_.steps += frames;
  changed_.notify_one();
}

void FrameSource::goTo(int64_t frame) {
  const std::lock_guard lock(mutex_);
  wish_.frame = frame;
  wish_.seconds.reset();
  wish_.steps = 0;
  changed_.notify_one();
}

void FrameSource::work() {
  std::unique_ptr<VideoReader> reader;
  int64_t at = 0;
  while (true) {
    Wish wish;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [&] { return stop_ || wish_.file || wish_.moves(); });
      if (stop_) return;
      wish = std::exchange(wish_, {});
    }
    if (wish.file) {
      reader.reset();
      at = 0;
      if (wish.file->isEmpty()) continue;
      try {
        ReaderOptions options;
        options.cache_bytes = kCache;
        options.max_width = options.max_height = kLargestShown;
        {
          const std::lock_guard lock(mutex_);
          options.hardware = hardware_;
        }
        reader = std::make_unique<VideoReader>(pathOf(*wish.file), options);
        if (reader->frameCount() == 0) {
          throw InputError({.where = stdText(*wish.file), .expected = "frames", .found = "none", .remedy = "Copy or download it again."});
        }
        Q_EMIT opened(about(*wish.file, *reader));
      } catch (const std::exception& error) {
        reader.reset();
        Q_EMIT failed(*wish.file, qText(error.what()));
        continue;
      }
    }
    if (!reader || !wish.moves()) continue;
    const int64_t count = reader->frameCount();
    const int64_t before = at;
    at = std::clamp<int64_t>((wish.seconds ? reader->frameAt(*wish.seconds) : wish.frame.value_or(at)) + wish.steps, 0, count - 1);
    // A jump: what is near is shown until the exact frame is there.
    if (std::abs(at - before) > 1) {
      if (const FramePtr near = reader->nearestCached(at); near && near->index != at) Q_EMIT shown({.frame = near, .index = at, .frames = count, .exact = false});
      const std::lock_guard lock(mutex_);
      if (stop_) return;
      if (wish_.file || wish_.seconds || wish_.frame) continue;  // the mouse is further already
    }
    Q_EMIT shown({.frame = reader->frame(at), .index = at, .frames = count, .exact = true});
  }
}

}  // namespace hvlm::ui
