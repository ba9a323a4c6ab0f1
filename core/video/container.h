// SPDX-License-Identifier: Apache-2.0
#pragma once
extern "C" {
#include <libavcodec/avcodec.h>
#include <libavformat/avformat.h>
}

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "video/video_reader.h"

// FFmpeg's objects with owners, and a file opened as hostile input. Private to the room.
namespace hvlm::video {

constexpr int kLargestSide = 16384;
constexpr int64_t kLargestPicture = int64_t{8192} * 4608;  // pixels: 8K cinema and some

std::string ffmpegText(int error);

struct PacketDeleter {
  void operator()(AVPacket* p) const { av_packet_free(&p); }
};
struct FrameDeleter {
  void operator()(AVFrame* f) const { av_frame_free(&f); }
};
struct CodecDeleter {
  void operator()(AVCodecContext* c) const { avcodec_free_context(&c); }
};
using PacketOwner = std::unique_ptr<AVPacket, PacketDeleter>;
using FrameOwner = std::unique_ptr<AVFrame, FrameDeleter>;
using CodecOwner = std::unique_ptr<AVCodecContext, CodecDeleter>;

PacketOwner newPacket();  // throws std::bad_alloc
FrameOwner newFrame();

// A file opened by content with its best video stream chosen and all others discarded. A read that gets nothing for
// `stall_seconds` fails.
class Container {
 public:
  // Throws InputError: no file, no permission, empty, not a video, only sound, a size beyond the bounds.
  // With `sound_will_do` a file of sound alone is no error (streamIndex() is -1 then; only facts() may be used).
  Container(const std::filesystem::path& path, double stall_seconds, bool sound_will_do = false);
  ~Container();
  Container(const Container&) = delete;
  Container& operator=(const Container&) = delete;

  AVFormatContext* format() const { return format_; }
  AVStream* stream() const { return format_->streams[stream_]; }
  int streamIndex() const { return stream_; }
  const VideoFacts& facts() const { return facts_; }
  double seconds(int64_t stamp) const;    // of the stream's time base
  int64_t stamp(double seconds) const;

  // The next packet of the video stream; false at the end or when reading failed (`problem` says why then).
  bool read(AVPacket* packet);
  void rewind();  // to the first packet
  const std::string& problem() const { return problem_; }
  void clearProblem() { problem_.clear(); }

  // A decoder for the stream. Throws InputError when this build has none.
  CodecOwner openDecoder(int threads, bool hardware) const;

 private:
  static int interrupted(void* self);
  void restartClock();
  void readFacts(bool sound_will_do);

  std::filesystem::path path_;
  AVFormatContext* format_ = nullptr;
  int stream_ = -1;
  double stall_seconds_;
  std::chrono::steady_clock::time_point deadline_;
  VideoFacts facts_;
  std::string problem_;
};

}  // namespace hvlm::video
