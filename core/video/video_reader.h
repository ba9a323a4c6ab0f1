// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "video/frame.h"

namespace hvlm {

// What the file says of itself, before a frame is decoded.
struct VideoFacts {
  std::string container;    // FFmpeg's names of the format, "mov,mp4,m4a,3gp,3g2,mj2"
  std::string codec;        // "h264"
  std::string profile;      // "High"; empty when unknown
  std::string pixel_format;
  int width = 0, height = 0;                  // coded
  int display_width = 0, display_height = 0;  // after rotation, before the pixel aspect
  int rotation = 0;                           // degrees counter-clockwise the coded picture is turned to be shown: 0, 90, -90, -180
  int pixel_aspect_num = 1, pixel_aspect_den = 1;
  double duration = 0.0;    // seconds, of the container
  double start_time = 0.0;  // seconds
  double average_rate = 0.0;  // frames a second as the container says; not to be trusted for times
  int64_t header_frames = 0;  // what the container claims; 0 = no claim
  bool interlaced = false;  // known after the first decoded frame; pictures are deinterlaced
  bool has_audio = false;
  std::string audio_codec;
  int audio_rate = 0, audio_channels = 0;
};

struct ReaderOptions {
  PixelLayout layout = PixelLayout::bgra32;
  int max_width = 0, max_height = 0;    // 0 = as coded; else pictures are scaled down to fit (never up), keeping the aspect
  int exact_width = 0, exact_height = 0;  // both > 0: scaled to exactly this, whatever the aspect
  int square = 0;                       // > 0: the shorter side is scaled to so many pixels, then the middle square is cut out
  int64_t cache_bytes = int64_t{256} << 20;  // decoded pictures kept, least recently used go first
  int threads = 0;                      // of the decoder; 0 = 2
  bool hardware = false;                // try the machine's video decoder; falls back in silence
  bool deinterlace = true;
  bool background_index = false;        // true: the constructor returns before the index is whole (see indexReady)
  double stall_seconds = 5.0;           // a read that gets no byte for so long fails
};

// Presentation times of every frame, from the packets (nothing is decoded). Frames an edit list hides are left out.
struct VideoIndex {
  std::vector<double> times;      // seconds, rising, one per shown frame
  std::vector<int64_t> key_frames;  // indices of frames a decoder can start at, rising
  std::string problem;            // not empty: the file broke off; `times` holds what was readable
};

// Reads exact frames of one video file. Opened by content, never by suffix. Every file is taken as hostile: sizes are bounded, a
// broken packet costs its frames (placeholders), not the file. Not thread-safe: one reader per thread.
class VideoReader {
 public:
  // Throws InputError naming what is wrong: no file, no permission, empty, not a video, only sound, no decoder for the codec
  // ("AV1, no decoder in this build", with an ffmpeg line to convert it), a size beyond 16,384 a side or 37 megapixels (8K).
  explicit VideoReader(const std::filesystem::path& path, const ReaderOptions& options = {});
  ~VideoReader();
  VideoReader(VideoReader&&) noexcept;
  VideoReader& operator=(VideoReader&&) noexcept;

  const VideoFacts& facts() const;
  const std::filesystem::path& path() const;

  bool indexReady() const;             // always true without background_index
  double indexProgress() const;        // 0..1
  const VideoIndex& index();           // waits until it is whole
  int64_t frameCount();                // waits for the index
  double timeOf(int64_t frame);        // waits for the index; throws InputError outside 0..count-1
  int64_t frameAt(double seconds);     // index of the frame shown at that time: the last with time <= seconds, at least 0; waits

  // The exact frame, by the time stamps: seeks to the key frame before it, decodes on. A frame that cannot be decoded comes back as a
  // placeholder with `problem`; never throws for broken content. Throws InputError for an index outside the file.
  FramePtr frame(int64_t index);
  // The same by time; works before the index is whole (then `index` of the result may be -1).
  FramePtr frameAtTime(double seconds);
  // The cached frame nearest to `index`, or null: at once, nothing is decoded.
  FramePtr nearestCached(int64_t index) const;
  // A key frame near the time, quickly (for dragging and film strips); not exact.
  FramePtr keyFrameNear(double seconds);
  int64_t cachedBytes() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// What `hvlm probe` prints of one file: the keys of the contract; frames are counted by decoding.
struct ProbeResult {
  VideoFacts facts;
  int64_t bytes = 0;
  bool readable = false;
  bool has_video = false;
  int64_t frames = 0;
  double video_duration = 0.0;
  std::string average_frame_rate, real_frame_rate, sample_aspect_ratio;  // "25/1", "1:1"
  std::string problem;  // why it is not readable, or what broke on the way
};
ProbeResult probeVideo(const std::filesystem::path& path, bool count_frames = true);  // never throws for bad content
std::string probeJson(const ProbeResult& probe);  // one object, keys as in the contract

}  // namespace hvlm
