// SPDX-License-Identifier: Apache-2.0
#include "video/thumbnails.h"

#include <algorithm>
#include <fstream>

#include "support/error.h"
#include "support/hash.h"
#include "support/paths.h"
#include "video/video_reader.h"
#include "video/video_writer.h"

namespace hvlm {
namespace fs = std::filesystem;
namespace {

constexpr size_t kSample = 1 << 20;  // bytes of the head and of the tail that stand for the content

std::string keyOf(const fs::path& video) {
  std::ifstream in(video, std::ios::binary);
  std::error_code none;
  const auto size = fs::file_size(video, none);
  std::string bytes(kSample, '\0');
  in.read(bytes.data(), static_cast<std::streamsize>(kSample));
  bytes.resize(static_cast<size_t>(in.gcount()));
  if (size > 2 * kSample) {
    std::string tail(kSample, '\0');
    in.clear();
    in.seekg(-static_cast<std::streamoff>(kSample), std::ios::end);
    in.read(tail.data(), static_cast<std::streamsize>(kSample));
    bytes += tail;
  }
  return contentHash(bytes + std::to_string(size));
}

// Strips are short MJPEG films of our own making; one that is damaged is made anew.
std::vector<FramePtr> kept(const fs::path& file, int count) {
  std::vector<FramePtr> frames;
  std::error_code none;
  if (!fs::exists(file, none)) return frames;
  try {
    VideoReader reader(file);
    if (reader.frameCount() != count) return {};
    for (int i = 0; i < count; ++i) {
      frames.push_back(reader.frame(i));
      if (!frames.back()->problem.empty()) return {};
    }
    fs::last_write_time(file, fs::file_time_type::clock::now(), none);  // used just now
  } catch (const InputError&) {
    return {};
  }
  return frames;
}

void keep(const fs::path& file, const std::vector<FramePtr>& frames) {
  const Frame& first = *frames.front();
  std::error_code none;
  fs::create_directories(file.parent_path(), none);
  try {
    VideoWriter writer(file, {.codec = "mjpeg", .container = "avi", .width = first.width, .height = first.height, .rate_num = 1});
    for (const FramePtr& frame : frames) writer.write(*frame);
    writer.close();
  } catch (const InputError&) {
    return;  // a cache that cannot be written is no failure
  }
  std::vector<std::pair<fs::file_time_type, fs::path>> all;
  int64_t bytes = 0;
  for (const auto& entry : fs::directory_iterator(file.parent_path(), none)) {
    all.emplace_back(entry.last_write_time(none), entry.path());
    bytes += static_cast<int64_t>(entry.file_size(none));
  }
  std::sort(all.begin(), all.end());
  for (const auto& [time, path] : all) {
    if (bytes <= kStripCacheBytes) break;
    bytes -= static_cast<int64_t>(fs::file_size(path, none));
    fs::remove(path, none);
  }
}

}  // namespace

fs::path stripFolder() { return cacheFolder() / "strips"; }

std::vector<FramePtr> filmStrip(const fs::path& video, int count, int height, const std::atomic<bool>& stop) {
  const ProbeResult probe = probeVideo(video, false);
  if (!probe.readable || !probe.has_video) {
    throw InputError({.where = video.string(), .expected = "a video", .found = probe.problem.empty() ? "only sound" : probe.problem, .remedy = "See hvlm probe."});
  }
  const VideoFacts& facts = probe.facts;
  const double shape = static_cast<double>(facts.display_width) * facts.pixel_aspect_num / facts.pixel_aspect_den / std::max(1, facts.display_height);
  const int even_height = std::max(2, height / 2 * 2), even_width = std::clamp(static_cast<int>(even_height * shape) / 2 * 2, 2, 1024);
  const fs::path file = stripFolder() / (keyOf(video) + "-" + std::to_string(count) + "x" + std::to_string(even_width) + "x" + std::to_string(even_height) + ".avi");
  if (auto frames = kept(file, count); !frames.empty()) return frames;
  ReaderOptions options;
  options.threads = 1;
  options.exact_width = even_width;
  options.exact_height = even_height;
  VideoReader reader(video, options);
  if (reader.frameCount() == 0) return {};
  const auto& times = reader.index().times;
  std::vector<FramePtr> frames;
  bool whole = true;
  for (int i = 0; i < count && !stop; ++i) {
    const double at = times.front() + (times.back() - times.front()) * (i + 0.5) / count;
    frames.push_back(reader.keyFrameNear(at));
    whole = whole && frames.back()->problem.empty();
  }
  if (static_cast<int>(frames.size()) == count && whole) keep(file, frames);
  return frames;
}

}  // namespace hvlm
