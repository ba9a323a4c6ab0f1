// SPDX-License-Identifier: Apache-2.0
#include "engine/kernels/level_pooling.h"

#include <ATen/Parallel.h>
#include <ATen/record_function.h>
#include <torch/csrc/autograd/custom_function.h>

#include "engine/kernels/avx2.h"
#include "engine/kernels/parts.h"

namespace hvlm {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

constexpr int64_t kCacheFloats = 1 << 21;  // 8 MB
constexpr int64_t kGroupLevels = 4;  // levels that a block climbs: 16 rows of 1,024 floats and their nodes fit the second cache

// Layout handed through autograd as one list: L, B, level_start, offsets.
std::vector<int64_t> flattened(const LevelLayout& layout) {
  std::vector<int64_t> list{layout.levels(), layout.videos()};
  list.insert(list.end(), layout.level_start.begin(), layout.level_start.end());
  for (const auto& offsets : layout.offsets) list.insert(list.end(), offsets.begin(), offsets.end());
  return list;
}
LevelLayout restored(const std::vector<int64_t>& list) {
  const int64_t levels = list[0], videos = list[1];
  LevelLayout layout;
  auto at = list.begin() + 2;
  const auto take = [&at](int64_t count) {
    std::vector<int64_t> part(at, at + count);
    at += count;
    return part;
  };
  layout.level_start = take(levels + 1);
  for (int64_t l = 0; l < levels; ++l) layout.offsets.push_back(take(videos + 1));
  return layout;
}

struct Range {
  int64_t first = 0;
  int64_t last = 0;
  int64_t count() const { return last - first; }
};

// Nodes of one video under one node of level `top`, down to level `base`: a block.
struct Block {
  int64_t video = 0;
  int64_t index = 0;  // node of level `top`, which need not exist
};

// Levels base .. top, climbed block by block.
class Group {
 public:
  Group(const LevelLayout& layout, int64_t base) : layout_(layout), base_(base), top_(std::min(base + kGroupLevels, layout.levels() - 1)) {
    const int64_t rows = int64_t{1} << (top_ - base_);
    for (int64_t b = 0; b < layout.videos(); ++b) {
      const int64_t count = (countOf(b, base_) + rows - 1) / rows;
      for (int64_t i = 0; i < count; ++i) blocks_.push_back({b, i});
    }
  }
  int64_t base() const { return base_; }
  int64_t top() const { return top_; }
  int64_t size() const { return static_cast<int64_t>(blocks_.size()); }
  const Block& block(int64_t i) const { return blocks_[static_cast<size_t>(i)]; }
  // Nodes of a level in a block, counted within the video.
  Range nodes(const Block& block, int64_t level) const {
    const int64_t shift = top_ - level, count = countOf(block.video, level);
    return {std::min(block.index << shift, count), std::min((block.index + 1) << shift, count)};
  }
  int64_t countOf(int64_t video, int64_t level) const {
    const auto& offsets = layout_.offsets[static_cast<size_t>(level)];
    return offsets[static_cast<size_t>(video) + 1] - offsets[static_cast<size_t>(video)];
  }
  // Row within the level.
  int64_t row(const Block& block, int64_t level, int64_t node) const { return layout_.offsets[static_cast<size_t>(level)][static_cast<size_t>(block.video)] + node; }
  int64_t bufferRow(const Block& block, int64_t level, int64_t node) const { return layout_.level_start[static_cast<size_t>(level)] + row(block, level, node); }

 private:
  const LevelLayout& layout_;
  int64_t base_, top_;
  std::vector<Block> blocks_;
};

// Whether a result of so many numbers is larger than the caches of the cores that make it.
bool goesPastCaches(const at::Tensor& t) { return t.size(1) % 8 == 0 && t.numel() >= kCacheFloats; }

int64_t blockGrain(int64_t width) { return std::max<int64_t>(1, kWorkOfAThread / (width << kGroupLevels)); }

// Row of the pooling vectors [K, D] that serves `level`.
int64_t poolingRow(const at::Tensor& pooling, int64_t level) { return std::min(level, pooling.size(0)) - 1; }
const float* poolingOf(const at::Tensor& pooling, int64_t level, int64_t width) {
  return pooling.numel() > 0 ? pooling.const_data_ptr<float>() + poolingRow(pooling, level) * width : nullptr;
}

void climb(const Group& group, const Block& block, const float* steps, const at::Tensor& pooling, int64_t width, bool past_caches, float* nodes, float* alpha) {
  if (group.base() == 0) {
    const Range own = group.nodes(block, 0);
    const int64_t first = group.bufferRow(block, 0, own.first) * width;
    avx2::copyFloats(steps + first, own.count() * width, past_caches, nodes + first);
  }
  for (int64_t level = group.base() + 1; level <= group.top(); ++level) {
    const float* w = poolingOf(pooling, level, width);
    const float* below = level == 1 ? steps : nodes;  // in the cache either way
    const Range parents = group.nodes(block, level);
    const int64_t children = group.countOf(block.video, level - 1);
    for (int64_t j = parents.first; j < parents.last; ++j) {
      const int64_t child = group.bufferRow(block, level - 1, 2 * j);
      const bool two = 2 * j + 1 < children;
      float weights[2];
      avx2::poolWindow(below + child * width, two ? below + (child + 1) * width : nullptr, w, width, nodes + group.bufferRow(block, level, j) * width, nullptr,
                       weights);
      alpha[child] = weights[0];
      if (two) alpha[child + 1] = weights[1];
    }
  }
}

// What the way down reads and writes; rows of `above` and `below` are counted within their level.
struct Descent {
  const float* nodes;    // [sum N_l, D]
  const float* alpha;    // flat
  const float* arriving; // [sum N_l, D] gradient of the nodes
  const float* above;    // [N_top, D] whole gradients of level `top`; nullptr: those that arrive
  float* below;          // [N_base, D] whole gradients of level `base`
  int64_t width;
  bool past_caches;  // `below`, if it is the result
};

// `scratch` holds the gradients between base and top, a slot of 2^(top - level) rows for each level; `into_w` [levels of the group, D].
void descend(const Group& group, const Block& block, const Descent& d, const at::Tensor& pooling, float* scratch, float* into_w) {
  const auto slot = [&](int64_t level, int64_t node) {  // of a level strictly between base and top
    const int64_t rows = int64_t{1} << (group.top() - level);
    return scratch + (rows - 2 + node - (block.index << (group.top() - level))) * d.width;
  };
  const auto place = [&](int64_t level, int64_t node) {
    return level == group.base() ? d.below + group.row(block, level, node) * d.width : slot(level, node);
  };
  for (int64_t level = group.top(); level > group.base(); --level) {
    const Range parents = group.nodes(block, level), children = group.nodes(block, level - 1);
    avx2::PoolGradient g;
    g.w = poolingOf(pooling, level, d.width);
    g.past_caches = d.past_caches && level == group.base() + 1;
    g.into_w = g.w ? into_w + (level - group.base() - 1) * d.width : nullptr;
    for (int64_t j = parents.first; j < parents.last; ++j) {
      const int64_t child = group.bufferRow(block, level - 1, 2 * j);
      const bool two = 2 * j + 1 < children.last;
      g.a = d.nodes + child * d.width;
      g.b = two ? g.a + d.width : nullptr;
      g.weights = d.alpha + child;
      if (level < group.top()) {
        g.of_out = slot(level, j);
      } else {
        g.of_out = d.above ? d.above + group.row(block, level, j) * d.width : d.arriving + group.bufferRow(block, level, j) * d.width;
      }
      g.of_a = d.arriving + child * d.width;
      g.of_b = two ? g.of_a + d.width : nullptr;
      g.into_a = place(level - 1, 2 * j);
      g.into_b = two ? place(level - 1, 2 * j + 1) : nullptr;
      avx2::poolWindowBackward(g, d.width);
    }
    for (int64_t orphan = std::max(children.first, 2 * parents.last); orphan < children.last; ++orphan) {
      const float* from = d.arriving + group.bufferRow(block, level - 1, orphan) * d.width;
      std::copy(from, from + d.width, place(level - 1, orphan));
    }
  }
}

struct AllLevels : torch::autograd::Function<AllLevels> {
  static variable_list forward(AutogradContext* context, const at::Tensor& given, const at::Tensor& given_pooling, const LevelLayout& layout) {
    const at::Tensor steps = given.contiguous(), pooling = given_pooling.contiguous();
    const int64_t width = steps.size(1), levels = layout.levels();
    at::Tensor nodes = at::empty({layout.level_start.back(), width}, steps.options());
    at::Tensor alpha = at::zeros({layout.level_start[static_cast<size_t>(levels) - 1]}, steps.options());
    const bool past_caches = goesPastCaches(nodes);
    for (int64_t base = 0; base + 1 < levels; base += kGroupLevels) {
      const Group group(layout, base);
      at::parallel_for(0, group.size(), blockGrain(width), [&](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; ++i) {
          climb(group, group.block(i), steps.const_data_ptr<float>(), pooling, width, past_caches, nodes.data_ptr<float>(), alpha.data_ptr<float>());
        }
        avx2::fenceStores();
      });
    }
    context->save_for_backward({pooling, nodes, alpha});
    context->saved_data["layout"] = flattened(layout);
    context->mark_non_differentiable({alpha});
    context->set_materialize_grads(false);
    return {nodes, alpha};
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const variable_list saved = context->get_saved_variables();
    const at::Tensor &pooling = saved[0], &nodes = saved[1], &alpha = saved[2];
    const LevelLayout layout = restored(context->saved_data["layout"].toIntVector());
    const at::Tensor arriving = gradients[0].contiguous();
    const int64_t width = nodes.size(1);
    at::Tensor of_pooling = at::zeros(pooling.sizes(), pooling.options());
    at::Tensor above, below;
    for (int64_t base = (layout.levels() - 2) / kGroupLevels * kGroupLevels; base >= 0; base -= kGroupLevels) {
      const Group group(layout, base);
      below = at::empty({layout.offsets[static_cast<size_t>(base)].back(), width}, nodes.options());
      const int64_t parts = std::min(kParts, group.size()), own = group.top() - base;
      at::Tensor partial = at::zeros({pooling.numel() > 0 ? parts : 0, own, width}, nodes.options());
      const Descent d{nodes.const_data_ptr<float>(), alpha.const_data_ptr<float>(), arriving.const_data_ptr<float>(),
                      above.defined() ? above.const_data_ptr<float>() : nullptr, below.data_ptr<float>(), width, base == 0 && goesPastCaches(nodes)};
      at::parallel_for(0, parts, std::max<int64_t>(1, blockGrain(width) * parts / std::max<int64_t>(1, group.size())), [&](int64_t begin, int64_t end) {
        std::vector<float> scratch(static_cast<size_t>((int64_t{1} << own) * width));
        for (int64_t part = begin; part < end; ++part) {
          for (int64_t i = part * group.size() / parts; i < (part + 1) * group.size() / parts; ++i) {
            descend(group, group.block(i), d, pooling, scratch.data(), partial.data_ptr<float>() + part * own * width);
          }
        }
        avx2::fenceStores();
      });
      if (pooling.numel() > 0) {
        const at::Tensor sums = sumOfParts(partial);  // [own, D]
        for (int64_t l = 0; l < own; ++l) of_pooling[poolingRow(pooling, base + 1 + l)].add_(sums[l]);
      }
      above = below;
    }
    return {below, of_pooling, at::Tensor()};
  }
};

}  // namespace

PooledLevels poolAllLevels(const at::Tensor& steps, const at::Tensor& pooling, const LevelLayout& layout) {
  if (layout.levels() < 2) return {steps, at::empty({0}, steps.options())};
  // For observers that count its products, which are no calls of ATen (engine/eval/flops.h): the windows whose scores are taken.
  const int64_t windows = pooling.defined() ? layout.level_start.back() - layout.level_start[1] : 0;
  RECORD_FUNCTION("hvlm::level_pooling", std::vector<c10::IValue>({steps, windows}));
  const variable_list made = AllLevels::apply(steps, orEmpty(pooling), layout);
  return {made[0], made[1]};
}

}  // namespace hvlm
