// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "video/frame.h"

namespace hvlm {

struct WriterOptions {
  std::string codec = "h264";   // h264, hevc, vp9, av1, mpeg4, mjpeg
  std::string container;        // mp4, matroska, webm, avi, mpegts, mov; empty = by the file's suffix
  int width = 0, height = 0;    // even numbers
  int rate_num = 25, rate_den = 1;
  int gop = 0;                  // longest distance of key frames; 0 = the encoder's default
  int b_frames = -1;            // -1 = the encoder's default
  bool open_gop = false;
  int quality = 0;              // constant quality in the encoder's own scale; 0 = its default
  std::string preset = "veryfast";  // of x264 and x265
  double start_seconds = 0.0;   // time of the first frame
  int rotation = 0;             // written as a display matrix: degrees counter-clockwise
  bool interlaced = false;
  int threads = 1;              // one thread makes the same bytes on every machine
};

// Encodes pictures into a file (missing folders are made). Written aside and renamed by close(); without close() nothing is left.
class VideoWriter {
 public:
  VideoWriter(const std::filesystem::path& path, const WriterOptions& options);  // throws InputError (no such encoder, size, disk)
  ~VideoWriter();
  VideoWriter(const VideoWriter&) = delete;
  VideoWriter& operator=(const VideoWriter&) = delete;
  // The next picture (rgb24 or bgra32, exactly width x height), one frame interval after the one before.
  void write(const Frame& picture);
  // The same at a time of its own (seconds after start_seconds, rising): variable frame rate.
  void writeAt(const Frame& picture, double seconds);
  void close();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Whether this build of FFmpeg has an encoder for a codec of WriterOptions.
bool canEncode(const std::string& codec);

}  // namespace hvlm
