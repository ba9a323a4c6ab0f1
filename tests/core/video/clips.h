// SPDX-License-Identifier: Apache-2.0
// Small clips whose pictures carry their own number, written by the project's encoder.
#pragma once
#include <algorithm>
#include <cstring>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "video/video_reader.h"
#include "video/video_writer.h"

namespace hvlm::testing {

constexpr int kClipWidth = 128, kClipHeight = 96;
constexpr int kCodeBlock = 16;  // pixels of one bit
constexpr int kCodeBits = 12;   // of the number; 4 more hold its checksum

inline int checksumOf(int64_t number) { return static_cast<int>((number ^ (number >> 4) ^ (number >> 8) ^ 0x5) & 0xF); }

// Two rows of eight black or white blocks: number and checksum; below them something that moves.
inline Frame codedFrame(int64_t number, int width = kClipWidth, int height = kClipHeight) {
  Frame frame;
  frame.width = width;
  frame.height = height;
  frame.layout = PixelLayout::rgb24;
  frame.pixels.resize(static_cast<size_t>(width) * static_cast<size_t>(height) * 3);
  const int64_t code = (number & 0xFFF) | (int64_t{checksumOf(number)} << kCodeBits);
  for (int y = 0; y < height; ++y) {
    for (int x = 0; x < width; ++x) {
      uint8_t* pixel = &frame.pixels[(static_cast<size_t>(y) * static_cast<size_t>(width) + static_cast<size_t>(x)) * 3];
      if (y < 2 * kCodeBlock && x < 8 * kCodeBlock) {
        const int bit = (y / kCodeBlock) * 8 + x / kCodeBlock;
        std::memset(pixel, (code >> bit) & 1 ? 235 : 16, 3);
      } else {
        pixel[0] = static_cast<uint8_t>(60 + (x + 3 * number) % 120);
        pixel[1] = static_cast<uint8_t>(60 + (y + 2 * number) % 120);
        pixel[2] = static_cast<uint8_t>(100 + ((x ^ y) & 31));
      }
    }
  }
  return frame;
}

// The number of a decoded picture; -1 when its checksum is wrong. `rotation`: what the reader turned it by.
inline int64_t codeOf(const Frame& frame, int rotation = 0) {
  if (!frame.problem.empty() || frame.pixels.empty()) return -1;
  int64_t code = 0;
  const int coded_width = rotation == 90 || rotation == -90 ? frame.height : frame.width, coded_height = rotation == 90 || rotation == -90 ? frame.width : frame.height;
  for (int bit = 0; bit < 16; ++bit) {
    const int x = (bit % 8) * kCodeBlock + kCodeBlock / 2, y = (bit / 8) * kCodeBlock + kCodeBlock / 2;
    int column = x, row = y;
    if (rotation == 90) column = y, row = coded_width - 1 - x;
    if (rotation == -90) column = coded_height - 1 - y, row = x;
    if (rotation == -180) column = coded_width - 1 - x, row = coded_height - 1 - y;
    const size_t at = (static_cast<size_t>(row) * static_cast<size_t>(frame.width) + static_cast<size_t>(column)) * static_cast<size_t>(frame.bytesPerPixel());
    if (at + 1 >= frame.pixels.size()) return -1;
    if (frame.pixels[at + 1] > 125) code |= int64_t{1} << bit;
  }
  const int64_t number = code & 0xFFF;
  return checksumOf(number) == (code >> kCodeBits) ? number : -1;
}

// Writes `frames` coded pictures; `times` (seconds) makes the rate variable.
inline void writeClip(const std::string& path, WriterOptions options, int64_t frames, const std::vector<double>& times = {}) {
  if (options.width == 0) options.width = kClipWidth, options.height = kClipHeight;
  VideoWriter writer(path, options);
  for (int64_t i = 0; i < frames; ++i) {
    const Frame frame = codedFrame(i, options.width, options.height);
    if (times.empty()) {
      writer.write(frame);
    } else {
      writer.writeAt(frame, times[static_cast<size_t>(i)]);
    }
  }
  writer.close();
}

inline std::string bytesOfFile(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}
inline void writeFile(const std::string& path, const std::string& bytes) { std::ofstream(path, std::ios::binary) << bytes; }

// Moves the start of the first edit of an MP4 by `ticks` of the media: the frames before it are hidden.
inline bool moveEditList(std::string& bytes, int64_t ticks) {
  const size_t box = bytes.find("elst");
  if (box == std::string::npos || bytes.size() < box + 24) return false;
  const size_t entry = box + 4 + 4 + 4;  // type, version and flags, count
  const bool wide = bytes[box + 4] == 1;
  const size_t at = entry + (wide ? 8 : 4);
  const int size = wide ? 8 : 4;
  int64_t value = 0;
  for (int i = 0; i < size; ++i) value = (value << 8) | static_cast<uint8_t>(bytes[at + static_cast<size_t>(i)]);
  value += ticks;
  for (int i = 0; i < size; ++i) bytes[at + static_cast<size_t>(i)] = static_cast<char>((value >> (8 * (size - 1 - i))) & 0xFF);
  return true;
}

}  // namespace hvlm::testing
