// SPDX-License-Identifier: Apache-2.0
#include "video/scene.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

#include "support/random.h"
#include "support/hash.h"

namespace hvlm {
namespace {

constexpr double kTau = 2.0 * std::numbers::pi;
constexpr double kFade = 0.25;  // seconds

struct Colour {
  double r = 0, g = 0, b = 0;
};
Colour hue(double h, double saturation, double value) {
  const auto channel = [&](double shift) {
    const double x = std::fmod(h * 6.0 + shift, 6.0);
    return value * (1.0 - saturation * std::clamp(std::min(x, 4.0 - x), 0.0, 1.0));
  };
  return {channel(5.0), channel(3.0), channel(1.0)};
}

// What differs from video to video.
struct Look {
  Colour wall, floor, shirt, trousers;
  double scale = 1.0, left = 0.0, drift = 0.0, light = 1.0, phase = 0.0;
};
Look lookOf(uint64_t seed) {
  SplitMix random(mixSeed(seed, 0x7363656eull));
  Look look;
  look.wall = hue(random.uniform(), 0.18, 0.80);
  look.floor = hue(random.uniform(), 0.30, 0.50);
  look.shirt = hue(random.uniform(), 0.55, 0.65);
  look.trousers = hue(random.uniform(), 0.35, 0.35);
  look.scale = random.between(0.92, 1.08);
  look.left = random.between(-0.05, 0.05);
  look.drift = random.between(0.01, 0.025);
  look.light = random.between(0.88, 1.08);
  look.phase = random.uniform();
  return look;
}

// Draws with coverage from signed distances, in units of the picture's height, origin in the middle.
class Canvas {
 public:
  Canvas(Frame& frame, const Look& look, double seconds) : frame_(frame), unit_(frame.height * look.scale) {
    centre_x_ = frame.width * (0.5 + look.left) + unit_ * look.drift * std::sin(kTau * (seconds / 11.0 + look.phase));
    centre_y_ = frame.height * 0.5 + unit_ * 0.6 * look.drift * std::cos(kTau * (seconds / 13.0 + look.phase));
    light_ = look.light;
  }
  template <class Distance>
  void fill(double left, double top, double right, double bottom, Colour colour, double opacity, const Distance& distance) {
    const int x0 = std::max(0, static_cast<int>(centre_x_ + left * unit_) - 1), x1 = std::min(frame_.width - 1, static_cast<int>(centre_x_ + right * unit_) + 1);
    const int y0 = std::max(0, static_cast<int>(centre_y_ + top * unit_) - 1), y1 = std::min(frame_.height - 1, static_cast<int>(centre_y_ + bottom * unit_) + 1);
    const double values[3] = {colour.r * light_ * 255, colour.g * light_ * 255, colour.b * light_ * 255};
    for (int y = y0; y <= y1; ++y) {
      for (int x = x0; x <= x1; ++x) {
        const double d = distance((x + 0.5 - centre_x_) / unit_, (y + 0.5 - centre_y_) / unit_) * unit_;
        const double cover = std::clamp(0.5 - d, 0.0, 1.0) * opacity;
        if (cover <= 0.0) continue;
        uint8_t* pixel = &frame_.pixels[(static_cast<size_t>(y) * static_cast<size_t>(frame_.width) + static_cast<size_t>(x)) * 3];
        for (int c = 0; c < 3; ++c) pixel[c] = static_cast<uint8_t>(std::clamp(pixel[c] + (values[c] - pixel[c]) * cover, 0.0, 255.0));
      }
    }
  }
  void disc(double x, double y, double r, Colour colour, double opacity) {
    fill(x - r, y - r, x + r, y + r, colour, opacity, [=](double u, double v) { return std::hypot(u - x, v - y) - r; });
  }
  void limb(double ax, double ay, double bx, double by, double r, Colour colour, double opacity) {
    fill(std::min(ax, bx) - r, std::min(ay, by) - r, std::max(ax, bx) + r, std::max(ay, by) + r, colour, opacity, [=](double u, double v) {
      const double dx = bx - ax, dy = by - ay, t = std::clamp(((u - ax) * dx + (v - ay) * dy) / std::max(1e-9, dx * dx + dy * dy), 0.0, 1.0);
      return std::hypot(u - ax - t * dx, v - ay - t * dy) - r;
    });
  }
  void box(double x, double y, double half_width, double half_height, Colour colour, double opacity, double turn = 0.0) {
    const double reach = std::hypot(half_width, half_height), c = std::cos(turn), s = std::sin(turn);
    fill(x - reach, y - reach, x + reach, y + reach, colour, opacity, [=](double u, double v) {
      const double a = std::abs(c * (u - x) + s * (v - y)) - half_width, b = std::abs(c * (v - y) - s * (u - x)) - half_height;
      return std::hypot(std::max(a, 0.0), std::max(b, 0.0)) + std::min(std::max(a, b), 0.0);
    });
  }
  // A star or a regular corner shape, by the usual folding of the angle.
  void corners(double x, double y, double r, int count, double inner, Colour colour, double opacity, double turn) {
    fill(x - r, y - r, x + r, y + r, colour, opacity, [=](double u, double v) {
      const double wedge = kTau / count;
      double angle = std::atan2(v - y, u - x) - turn;
      angle -= std::floor(angle / wedge) * wedge;
      angle = std::min(angle, wedge - angle);  // 0 .. half a wedge, tips at 0
      const double d = std::hypot(u - x, v - y), px = d * std::cos(angle), py = d * std::sin(angle);
      const double qx = inner * r * std::cos(wedge / 2), qy = inner * r * std::sin(wedge / 2);
      const double ex = qx - r, ey = qy, length = std::hypot(ex, ey);
      return ((px - r) * ey - py * ex) / length;
    });
  }
  void ring(double x, double y, double r, double thickness, Colour colour, double opacity) {
    fill(x - r - thickness, y - r - thickness, x + r + thickness, y + r + thickness, colour, opacity, [=](double u, double v) { return std::abs(std::hypot(u - x, v - y) - r) - thickness; });
  }

 private:
  Frame& frame_;
  double unit_, centre_x_ = 0, centre_y_ = 0, light_ = 1;
};

void paintRoom(Frame& frame, const Look& look) {
  const double horizon = frame.height * 0.72;
  for (int y = 0; y < frame.height; ++y) {
    const bool floor = y > horizon;
    const double shade = floor ? 0.8 + 0.35 * (y - horizon) / (frame.height - horizon) : 0.9 + 0.15 * y / horizon;
    const Colour base = floor ? look.floor : look.wall;
    for (int x = 0; x < frame.width; ++x) {
      const double off = (x - frame.width * 0.5) / frame.width, vignette = 1.0 - 0.35 * off * off * 4.0 * 0.5;
      uint8_t* pixel = &frame.pixels[(static_cast<size_t>(y) * static_cast<size_t>(frame.width) + static_cast<size_t>(x)) * 3];
      const double k = shade * vignette * look.light * 255.0;
      pixel[0] = static_cast<uint8_t>(std::clamp(base.r * k, 0.0, 255.0));
      pixel[1] = static_cast<uint8_t>(std::clamp(base.g * k, 0.0, 255.0));
      pixel[2] = static_cast<uint8_t>(std::clamp(base.b * k, 0.0, 255.0));
    }
  }
}

// The thing a state shows: form and colour go round with different periods, so that every state has its own pair.
void paintThing(Canvas& canvas, int64_t state, double x, double y, double opacity, double turn) {
  const Colour colour = hue(std::fmod(static_cast<double>(state) * 0.381966, 1.0), 0.85, 0.9), dark = {colour.r * 0.45, colour.g * 0.45, colour.b * 0.45};
  constexpr double r = 0.115;
  switch (state % 6) {
    case 0: canvas.disc(x, y, r, colour, opacity), canvas.disc(x - 0.03, y - 0.03, r * 0.35, {1, 1, 1}, opacity * 0.6); break;
    case 1: canvas.box(x, y, r * 0.85, r * 0.85, colour, opacity, turn), canvas.box(x, y, r * 0.85, r * 0.2, dark, opacity, turn), canvas.box(x, y, r * 0.2, r * 0.85, dark, opacity, turn); break;
    case 2: canvas.ring(x, y, r * 0.75, r * 0.28, colour, opacity); break;
    case 3: canvas.corners(x, y, r * 1.25, 5, 0.45, colour, opacity, turn - kTau / 4); break;
    case 4: canvas.corners(x, y, r * 1.25, 3, 0.5, colour, opacity, turn - kTau / 4), canvas.disc(x, y, r * 0.25, dark, opacity); break;
    default:
      for (int i = -2; i <= 2; ++i) canvas.box(x + i * 0.045, y, 0.014, r, i % 2 ? dark : colour, opacity, turn * 0.3);
  }
}

struct Pose {
  double left, right;  // arms: angle from hanging down, outward, in turns
  double lean, bend;   // of the body, share of its height
};
constexpr std::array<Pose, 12> kPoses = {{{0.48, 0.48, 0, 0}, {0.25, 0.25, 0, 0}, {0.02, 0.27, 0.05, 0}, {0.27, 0.02, -0.05, 0}, {0.42, 0.30, 0, -0.06}, {0.05, 0.46, 0.08, 0},
                                          {0.10, 0.12, 0.12, 0.16}, {0.46, 0.05, -0.08, 0}, {0.33, 0.42, 0, 0}, {0.12, 0.20, -0.12, 0.10}, {0.36, 0.16, 0.06, 0.05}, {0.16, 0.16, 0, 0.2}}};

void paintFigure(Canvas& canvas, const Look& look, int64_t state, double seconds, double opacity) {
  const Pose pose = kPoses[static_cast<size_t>(state) % kPoses.size()];
  const double swing = std::sin(kTau * seconds * 0.8) * 0.02, hip_y = 0.12 + pose.bend * 0.5, neck_x = pose.lean, neck_y = -0.14 + pose.bend;
  const Colour skin = {0.87, 0.68, 0.55};
  canvas.limb(0, hip_y, -0.06, 0.36, 0.033, look.trousers, opacity);
  canvas.limb(0, hip_y, 0.06, 0.36, 0.033, look.trousers, opacity);
  canvas.limb(0, hip_y - 0.01, neck_x, neck_y + 0.05, 0.062, look.shirt, opacity);
  const auto hand = [&](double turns, double side) {
    const double angle = (turns + swing) * kTau;
    const double x = neck_x + side * (0.05 + 0.2 * std::sin(angle)), y = neck_y + 0.04 + 0.2 * std::cos(angle);
    canvas.limb(neck_x + side * 0.05, neck_y + 0.04, x, y, 0.025, look.shirt, opacity);
    canvas.disc(x, y, 0.03, skin, opacity);
    return std::pair(x, y);
  };
  const auto [left_x, left_y] = hand(pose.left, -1.0);
  const auto [right_x, right_y] = hand(pose.right, 1.0);
  canvas.disc(neck_x * 1.3, neck_y - 0.075, 0.068, skin, opacity);
  canvas.limb(neck_x * 1.3 - 0.05, neck_y - 0.115, neck_x * 1.3 + 0.05, neck_y - 0.115, 0.03, {0.25, 0.17, 0.12}, opacity);
  const bool on_left = state % 3 == 1;
  paintThing(canvas, state, on_left ? left_x - 0.1 : right_x + 0.1, on_left ? left_y : right_y, opacity, kTau * (seconds * 0.05 + swing));
}

// Sights of the room that belong to no action: the figure stands aside, something else is seen.
void paintElsewhere(Canvas& canvas, const Look& look, int64_t sight, double seconds, double opacity) {
  const double sway = std::sin(kTau * seconds * 0.3) * 0.01;
  const Colour wood = {0.48, 0.33, 0.2}, leaf = {0.2, 0.5, 0.25};
  switch (sight % 4) {
    case 0:  // a plant
      canvas.box(0.25, 0.27, 0.07, 0.09, {0.7, 0.4, 0.3}, opacity);
      for (int i = 0; i < 7; ++i) canvas.limb(0.25, 0.2, 0.25 + 0.2 * std::sin(i - 3.0) + sway, -0.05 - 0.03 * (i % 3), 0.022, leaf, opacity);
      break;
    case 1:  // a table with a lamp
      canvas.box(0, 0.18, 0.4, 0.02, wood, opacity), canvas.box(-0.33, 0.29, 0.02, 0.1, wood, opacity), canvas.box(0.33, 0.29, 0.02, 0.1, wood, opacity);
      canvas.limb(-0.1, 0.16, -0.1, -0.1, 0.012, {0.2, 0.2, 0.2}, opacity), canvas.corners(-0.1, -0.12, 0.13, 3, 0.5, {0.95, 0.85, 0.5}, opacity, -kTau / 4);
      break;
    case 2:  // a window
      canvas.box(-0.1, -0.13, 0.3, 0.2, {0.95, 0.95, 0.95}, opacity), canvas.box(-0.1, -0.13, 0.27, 0.17, {0.55, 0.75, 0.95}, opacity);
      canvas.box(-0.1, -0.13, 0.012, 0.17, {0.95, 0.95, 0.95}, opacity), canvas.disc(-0.02 + 3 * sway, -0.17, 0.05, {1, 1, 0.85}, opacity);
      break;
    default:  // shelves
      for (int row = 0; row < 3; ++row) {
        canvas.box(0.05, -0.2 + row * 0.19, 0.33, 0.012, wood, opacity);
        for (int i = 0; i < 9; ++i) canvas.box(-0.24 + i * 0.07, -0.26 + row * 0.19, 0.022, 0.045 + 0.01 * ((i * 7 + row) % 3), hue(0.13 * (i + 3 * row), 0.4, 0.55), opacity);
      }
  }
  const double x = -0.45 + sway;
  canvas.limb(x, 0.12, x - 0.03, 0.36, 0.03, look.trousers, opacity), canvas.limb(x, 0.12, x + 0.03, 0.36, 0.03, look.trousers, opacity);
  canvas.limb(x, 0.1, x, -0.08, 0.06, look.shirt, opacity), canvas.disc(x, -0.21, 0.065, {0.87, 0.68, 0.55}, opacity);
}

}  // namespace

Frame drawScene(const Scene& scene, double seconds) {
  const Look look = lookOf(scene.seed);
  Frame frame{.seconds = seconds, .width = scene.width, .height = scene.height, .layout = PixelLayout::rgb24, .pixels = {}, .problem = {}};
  frame.pixels.resize(static_cast<size_t>(scene.width) * static_cast<size_t>(scene.height) * 3);
  paintRoom(frame, look);
  if (scene.states.empty()) return frame;
  Canvas canvas(frame, look, seconds);
  const auto last = static_cast<int64_t>(scene.states.size()) - 1;
  const auto at = std::clamp<int64_t>(static_cast<int64_t>(seconds), 0, last);
  const auto paint = [&](int64_t state, double opacity) {
    if (state < scene.action_states) {
      paintFigure(canvas, look, state, seconds, opacity);
    } else {
      paintElsewhere(canvas, look, state - scene.action_states, seconds, opacity);
    }
  };
  const int64_t now = scene.states[static_cast<size_t>(at)], before = at > 0 ? scene.states[static_cast<size_t>(at - 1)] : now;
  const double in = seconds - static_cast<double>(at);
  if (before != now && in < kFade) paint(before, 1.0 - in / kFade);
  paint(now, before != now ? std::min(1.0, in / kFade) : 1.0);
  // Grain, as of a camera.
  SplitMix grain(mixSeed(scene.seed, static_cast<uint64_t>(std::llround(seconds * 1000.0))));
  for (size_t i = 0; i < frame.pixels.size(); i += 24) {
    uint64_t bits = grain.next();
    for (size_t k = i; k < std::min(frame.pixels.size(), i + 24); ++k) {
      const int noise = static_cast<int>(bits & 7) - 3;
      bits >>= 2;
      frame.pixels[k] = static_cast<uint8_t>(std::clamp(frame.pixels[k] + noise, 0, 255));
    }
  }
  return frame;
}

}  // namespace hvlm
