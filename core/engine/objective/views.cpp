// SPDX-License-Identifier: Apache-2.0
#include "engine/objective/views.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <string>

#include "engine/objective/unit_rows.h"
#include "support/error.h"

namespace hvlm {
namespace {

void check(const at::Tensor& x, const std::vector<int64_t>& offsets, const ViewOptions& o, const at::Tensor& channel_std) {
  const bool rising = std::adjacent_find(offsets.begin(), offsets.end(), [](int64_t a, int64_t b) { return b <= a; }) == offsets.end();
  if (x.dim() != 2 || offsets.size() < 2 || offsets.front() != 0 || offsets.back() != x.size(0) || !rising) {
    throw ShapeError("makeView: " + std::to_string(x.dim() == 2 ? x.size(0) : -1) + " rows, offsets up to " +
                     std::to_string(offsets.empty() ? -1 : offsets.back()) + ", no video may be empty");
  }
  if (o.noise > 0.0 && (!channel_std.defined() || channel_std.numel() != x.size(1)))
    throw ShapeError("makeView: noise needs the deviation of each of the " + std::to_string(x.size(1)) + " channels");
  if (o.steps < 1 || !(o.crop_min > 0.0 && o.crop_min <= o.crop_max && o.crop_max <= 1.0))
    throw ShapeError("makeView: " + std::to_string(o.steps) + " steps, crops of " + std::to_string(o.crop_min) + " to " + std::to_string(o.crop_max));
}

// Steps of the view in the video: row below and above each, and the share of the one above.
struct Positions {
  std::vector<int64_t> below;
  std::vector<int64_t> above;
  at::Tensor share;  // [B*L, 1] double
};
Positions drawPositions(const std::vector<int64_t>& offsets, const ViewOptions& o, at::Generator& generator) {
  const auto videos = static_cast<int64_t>(offsets.size()) - 1;
  const at::Tensor drawn = at::empty({videos, 2}, at::kDouble).uniform_(0.0, 1.0, generator);
  const double* next = drawn.const_data_ptr<double>();
  Positions out{{}, {}, at::empty({videos * o.steps, 1}, at::kDouble)};
  double* share = out.share.data_ptr<double>();
  for (size_t b = 0; b + 1 < offsets.size(); ++b) {
    const int64_t last = offsets[b + 1] - offsets[b] - 1;
    const double extent = static_cast<double>(last) * (o.crop_min + (o.crop_max - o.crop_min) * *next++);
    const double start = (static_cast<double>(last) - extent) * *next++;
    for (int64_t i = 0; i < o.steps; ++i) {
      const double along = o.steps == 1 ? 0.5 : static_cast<double>(i) / static_cast<double>(o.steps - 1);
      const double position = std::clamp(start + extent * along, 0.0, static_cast<double>(last));
      const auto below = static_cast<int64_t>(position);
      out.below.push_back(offsets[b] + below);
      out.above.push_back(offsets[b] + std::min(below + 1, last));
      *share++ = position - static_cast<double>(below);
    }
  }
  return out;
}

// 1 with the chance 1 - `drop`, else 0.
at::Tensor keepMask(at::IntArrayRef sizes, double drop, const at::Tensor& like, at::Generator& generator) {
  at::Tensor keep = at::empty(sizes, at::TensorOptions(like.scalar_type()));
  keep.bernoulli_(1.0 - drop, generator);
  return keep.to(like.device());
}

}  // namespace

at::Tensor makeView(const at::Tensor& x, const std::vector<int64_t>& offsets, const ViewOptions& o, const at::Tensor& channel_std,
                    at::Generator& generator) {
  check(x, offsets, o, channel_std);
  const auto videos = static_cast<int64_t>(offsets.size()) - 1;
  const int64_t width = x.size(1);
  const Positions at_steps = drawPositions(offsets, o, generator);
  const at::Tensor share = at_steps.share.to(x.options().requires_grad(false));
  const at::Tensor below = x.index_select(0, integerTensor(at_steps.below, x.device()));
  const at::Tensor above = x.index_select(0, integerTensor(at_steps.above, x.device()));
  at::Tensor view = below + (above - below) * share;  // [B*L, D]; equal steps give exactly their value
  if (o.noise > 0.0) {
    at::Tensor noise = at::empty({videos * o.steps, width}, at::TensorOptions(x.scalar_type()));
    noise.normal_(0.0, o.noise, generator);
    view = view + noise.to(x.device()) * channel_std.detach().reshape({1, width}).to(x.options().requires_grad(false));
  }
  if (o.step_mask > 0.0) view = view * keepMask({videos * o.steps, 1}, o.step_mask, x, generator);
  if (o.channel_drop > 0.0)
    view = (view.view({videos, o.steps, width}) * keepMask({videos, 1, width}, o.channel_drop, x, generator)).view({videos * o.steps, width});
  return view;
}

}  // namespace hvlm
