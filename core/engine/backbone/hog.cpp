// SPDX-License-Identifier: Apache-2.0
#include "engine/backbone/hog.h"

#include <ATen/ATen.h>

#include <numbers>

namespace hvlm {
namespace {

constexpr int64_t kSide = 128, kCells = 8, kDirections = 9;

class Hog : public Backbone {
 public:
  std::string name() const override { return "hog"; }
  int64_t width() const override { return kCells * kCells * (kDirections + 3); }
  int64_t inputSize() const override { return kSide; }
  int64_t clipFrames() const override { return 1; }
  std::string weightsHash() const override { return "built-in"; }

  at::Tensor forward(const at::Tensor& frames) override {
    const at::NoGradGuard no_grad;
    const int64_t n = frames.size(0);
    const at::Tensor colour = frames.select(1, 0).to(at::kFloat).permute({0, 3, 1, 2}) / 255.0;  // [N, 3, H, W]
    const at::Tensor grey = colour.mul(at::tensor({0.299f, 0.587f, 0.114f}).view({1, 3, 1, 1})).sum(1);
    const at::Tensor wide = at::replication_pad2d(grey.unsqueeze(1), {1, 1, 1, 1}).squeeze(1);
    const at::Tensor dx = wide.slice(1, 1, kSide + 1).slice(2, 2) - wide.slice(1, 1, kSide + 1).slice(2, 0, kSide);
    const at::Tensor dy = wide.slice(1, 2).slice(2, 1, kSide + 1) - wide.slice(1, 0, kSide).slice(2, 1, kSide + 1);
    const at::Tensor size = (dx * dx + dy * dy).sqrt();
    // Directions without sign, shared between the two nearest bins.
    at::Tensor bin = at::atan2(dy, dx) / std::numbers::pi * kDirections;
    bin = bin - (bin / kDirections).floor() * kDirections;
    const at::Tensor low = bin.floor().clamp(0, kDirections - 1), part = bin - low;
    std::vector<at::Tensor> histograms;
    for (int64_t d = 0; d < kDirections; ++d) {
      const at::Tensor before = at::eq((low + 1).remainder(kDirections), d).to(at::kFloat) * part;
      const at::Tensor own = at::eq(low, d).to(at::kFloat) * (1 - part);
      histograms.push_back((own + before) * size);
    }
    const auto cells = [&](const at::Tensor& maps) { return at::avg_pool2d(maps, {kSide / kCells, kSide / kCells}); };
    const at::Tensor oriented = cells(at::stack(histograms, 1));  // [N, 9, 8, 8]
    const at::Tensor unit = oriented / (oriented.pow(2).sum(1, true) + 1e-4).sqrt();
    return at::cat({unit, cells(colour)}, 1).reshape({n, width()}).contiguous();
  }
};

}  // namespace

std::unique_ptr<Backbone> makeHog() { return std::make_unique<Hog>(); }

}  // namespace hvlm
