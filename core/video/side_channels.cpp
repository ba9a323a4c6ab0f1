// SPDX-License-Identifier: Apache-2.0
#include "video/side_channels.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>

namespace hvlm {
namespace {

constexpr int kSide = 64, kBlock = 8, kReach = 4;
using Plane = std::array<float, kSide * kSide>;
struct Small {
  Plane red{}, green{}, blue{}, grey{};
};

// Area averages.
Small shrunk(const Frame& frame) {
  Small out;
  if (frame.pixels.empty()) return out;
  const bool bgra = frame.layout == PixelLayout::bgra32;
  const auto bytes = static_cast<size_t>(frame.bytesPerPixel());
  for (int y = 0; y < kSide; ++y) {
    const int top = y * frame.height / kSide, bottom = std::max(top + 1, (y + 1) * frame.height / kSide);
    for (int x = 0; x < kSide; ++x) {
      const int left = x * frame.width / kSide, right = std::max(left + 1, (x + 1) * frame.width / kSide);
      float sums[3] = {};
      for (int v = top; v < bottom; ++v) {
        for (int u = left; u < right; ++u) {
          const uint8_t* pixel = &frame.pixels[(static_cast<size_t>(v) * static_cast<size_t>(frame.width) + static_cast<size_t>(u)) * bytes];
          for (int c = 0; c < 3; ++c) sums[c] += pixel[c];
        }
      }
      const auto count = static_cast<float>((bottom - top) * (right - left));
      const size_t at = static_cast<size_t>(y) * kSide + static_cast<size_t>(x);
      out.red[at] = sums[bgra ? 2 : 0] / count, out.green[at] = sums[1] / count, out.blue[at] = sums[bgra ? 0 : 2] / count;
      out.grey[at] = 0.299f * out.red[at] + 0.587f * out.green[at] + 0.114f * out.blue[at];
    }
  }
  return out;
}

float difference(const Plane& a, const Plane& b, int x, int y, int dx, int dy) {
  float sum = 0.0f;
  for (int v = 0; v < kBlock; ++v) {
    for (int u = 0; u < kBlock; ++u) sum += std::abs(a[static_cast<size_t>((y + v) * kSide + x + u)] - b[static_cast<size_t>((y + dy + v) * kSide + x + dx + u)]);
  }
  return sum;
}

}  // namespace

double motionBetween(const Frame& first, const Frame& second) {
  const Small small_a = shrunk(first), small_b = shrunk(second);
  const Plane &a = small_a.grey, &b = small_b.grey;
  double moved = 0.0, weight = 0.0;
  for (int y = 0; y < kSide; y += kBlock) {
    for (int x = 0; x < kSide; x += kBlock) {
      float mean = 0.0f, texture = 0.0f;
      for (int v = 0; v < kBlock; ++v) {
        for (int u = 0; u < kBlock; ++u) mean += a[static_cast<size_t>((y + v) * kSide + x + u)];
      }
      mean /= kBlock * kBlock;
      for (int v = 0; v < kBlock; ++v) {
        for (int u = 0; u < kBlock; ++u) texture += std::abs(a[static_cast<size_t>((y + v) * kSide + x + u)] - mean);
      }
      if (texture < kBlock * kBlock) continue;  // flat: any motion fits
      float best = difference(a, b, x, y, 0, 0);
      int best_x = 0, best_y = 0;
      for (int dy = -kReach; dy <= kReach; ++dy) {
        for (int dx = -kReach; dx <= kReach; ++dx) {
          if (x + dx < 0 || y + dy < 0 || x + dx + kBlock > kSide || y + dy + kBlock > kSide) continue;
          const float now = difference(a, b, x, y, dx, dy);
          const bool nearer = dx * dx + dy * dy < best_x * best_x + best_y * best_y;
          if (now < best - 0.5f || (now <= best + 0.5f && nearer)) best = now, best_x = dx, best_y = dy;
        }
      }
      moved += texture * std::hypot(best_x, best_y);
      weight += texture;
    }
  }
  return weight > 0.0 ? moved / weight : 0.0;
}

double saliencyOf(const Frame& frame) {
  const Small small = shrunk(frame);
  double gradient = 0.0, mean[3] = {}, contrast = 0.0;
  for (int y = 0; y + 1 < kSide; ++y) {
    for (int x = 0; x + 1 < kSide; ++x) {
      const size_t at = static_cast<size_t>(y * kSide + x);
      gradient += std::hypot(small.grey[at + 1] - small.grey[at], small.grey[at + kSide] - small.grey[at]);
    }
  }
  const Plane* planes[3] = {&small.red, &small.green, &small.blue};
  for (int c = 0; c < 3; ++c) {
    for (const float value : *planes[c]) mean[c] += value;
    mean[c] /= kSide * kSide;
  }
  for (size_t i = 0; i < small.red.size(); ++i) contrast += std::sqrt(std::pow(small.red[i] - mean[0], 2) + std::pow(small.green[i] - mean[1], 2) + std::pow(small.blue[i] - mean[2], 2));
  return gradient / ((kSide - 1) * (kSide - 1)) / 255.0 + contrast / (kSide * kSide) / 255.0;
}

}  // namespace hvlm
