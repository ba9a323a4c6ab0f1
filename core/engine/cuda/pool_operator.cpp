// SPDX-License-Identifier: Apache-2.0
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>

#include "engine/cuda/operator_parts.h"

namespace hvlm::cuda {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

constexpr int64_t kRowsPerSlice = 512;  // of the pooling vectors' gradient
constexpr int64_t kMostSlices = 32;

// One launch: levels `level` + 1 … `level` + `levels`.
struct Pass {
  int64_t level = 0, levels = 0, first_tile = 0, tiles = 0;
};
// Everything a launch reads besides numbers and rows, in one tensor: level_start, offsets, videos of all tiles, first rows of all tiles.
struct PoolWork {
  std::vector<Pass> passes;
  std::vector<int64_t> numbers;
  int64_t levels = 0, videos = 0, tiles = 0;
};

PoolWork planWork(const LevelBorders& borders) {
  PoolWork work;
  work.levels = static_cast<int64_t>(borders.offsets.size());
  work.videos = static_cast<int64_t>(borders.offsets.front().size()) - 1;
  std::vector<int64_t> video, first;
  for (int64_t level = 0; level + 1 < work.levels; level += kTileLevels) {
    Pass pass{level, std::min<int64_t>(kTileLevels, work.levels - 1 - level), static_cast<int64_t>(video.size()), 0};
    const auto count = [&](int64_t l, int64_t b) {
      const auto& of_level = borders.offsets[static_cast<size_t>(l)];
      return of_level[static_cast<size_t>(b + 1)] - of_level[static_cast<size_t>(b)];
    };
    for (int64_t b = 0; b < work.videos; ++b) {
      if (count(level + 1, b) == 0) continue;  // it has stopped here
      for (int64_t row = 0; row < count(level, b); row += int64_t{1} << pass.levels) {
        video.push_back(b);
        first.push_back(row);
      }
    }
    pass.tiles = static_cast<int64_t>(video.size()) - pass.first_tile;
    work.passes.push_back(pass);
  }
  work.tiles = static_cast<int64_t>(video.size());
  work.numbers = borders.level_start;
  for (const auto& offsets : borders.offsets) work.numbers.insert(work.numbers.end(), offsets.begin(), offsets.end());
  work.numbers.insert(work.numbers.end(), video.begin(), video.end());
  work.numbers.insert(work.numbers.end(), first.begin(), first.end());
  return work;
}

template <class T>
PyramidPoolArgs<T> argsOf(const PoolWork& work, const Pass& pass, const at::Tensor& numbers, const at::Tensor& nodes, const at::Tensor& alpha, const at::Tensor& pooling) {
  PyramidPoolArgs<T> a;
  a.nodes = nodes.data_ptr<T>();
  a.alpha = alpha.data_ptr<T>();
  a.pooling = pooling.const_data_ptr<T>();
  a.level_start = numbers.const_data_ptr<int64_t>();
  a.offsets = a.level_start + work.levels + 1;
  a.tile_video = a.offsets + work.levels * (work.videos + 1) + pass.first_tile;
  a.tile_first = a.tile_video + work.tiles;
  a.tiles = pass.tiles;
  a.videos = work.videos;
  a.width = nodes.size(1);
  a.vectors = pooling.size(0);
  a.level = pass.level;
  a.levels = pass.levels;
  return a;
}

// The borders as saved_data keeps them.
std::vector<std::vector<int64_t>> listed(const LevelBorders& borders) {
  std::vector<std::vector<int64_t>> lists{borders.level_start};
  lists.insert(lists.end(), borders.offsets.begin(), borders.offsets.end());
  return lists;
}

struct PoolFunction : torch::autograd::Function<PoolFunction> {
  static variable_list forward(AutogradContext* context, const at::Tensor& steps, const at::Tensor& given_pooling, const LevelBorders& borders, const KernelSet& kernels) {
    const PoolWork work = planWork(borders);
    const at::Tensor pooling = given_pooling.contiguous();
    const at::Tensor numbers = numbersOn(work.numbers, steps.device());
    const at::Tensor nodes = at::empty({borders.level_start.back(), steps.size(1)}, steps.options());
    const at::Tensor alpha = at::zeros({nodes.size(0)}, steps.options());
    nodes.narrow(0, 0, steps.size(0)).copy_(steps);
    byType(steps, [&](auto zero) {
      using T = decltype(zero);
      const auto& table = tableOf<T>(kernels);
      for (const Pass& pass : work.passes) launch(table, table.pool, argsOf<T>(work, pass, numbers, nodes, alpha, pooling), nodes);
    });
    context->save_for_backward({nodes, alpha, pooling, numbers});
    context->saved_data["borders"] = listed(borders);
    context->saved_data["kernels"] = handleOf(kernels);
    context->mark_non_differentiable({alpha});
    return {nodes, alpha};
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const variable_list saved = context->get_saved_variables();
    const at::Tensor& nodes = saved[0];
    const at::Tensor& pooling = saved[2];
    LevelBorders borders;
    for (const c10::IValue& list : context->saved_data["borders"].toList()) {
      if (borders.level_start.empty()) {
        borders.level_start = list.toIntVector();
      } else {
        borders.offsets.push_back(list.toIntVector());
      }
    }
    const KernelSet& kernels = kernelsOf(context->saved_data["kernels"].toInt());
    const PoolWork work = planWork(borders);
    const at::Tensor gradient = gradients[0].clone(at::MemoryFormat::Contiguous);
    const at::Tensor score_gradient = at::zeros_like(saved[1]);
    const int64_t slices = std::clamp<int64_t>(nodes.size(0) / kRowsPerSlice, 1, kMostSlices);
    const at::Tensor partial = at::empty({slices, pooling.size(0), pooling.size(1)}, pooling.options());
    byType(nodes, [&](auto zero) {
      using T = decltype(zero);
      const auto& table = tableOf<T>(kernels);
      for (auto pass = work.passes.rbegin(); pass != work.passes.rend(); ++pass) {
        PyramidPoolArgs<T> args = argsOf<T>(work, *pass, saved[3], nodes, saved[1], pooling);
        args.gradient = gradient.data_ptr<T>();
        args.score_gradient = score_gradient.data_ptr<T>();
        launch(table, table.pool_backward, args, nodes);
      }
      const PoolingVectorArgs<T> args{nodes.const_data_ptr<T>(), score_gradient.const_data_ptr<T>(), partial.data_ptr<T>(), saved[3].const_data_ptr<int64_t>(),
                                      work.levels, pooling.size(0), pooling.size(1), slices};
      launch(table, table.pooling_vectors, args, nodes);
    });
    return {gradient.narrow(0, 0, borders.level_start[1]), partial.sum(0), at::Tensor(), at::Tensor()};
  }
};

}  // namespace

PooledLevels poolLevels(const KernelSet& kernels, const at::Tensor& steps, const at::Tensor& pooling, const LevelBorders& borders) {
  const bool fits = steps.dim() == 2 && pooling.dim() == 2 && pooling.size(0) >= 1 && pooling.size(1) == steps.size(1) && pooling.scalar_type() == steps.scalar_type() &&
                    pooling.device() == steps.device() && !borders.offsets.empty() && borders.level_start.size() == borders.offsets.size() + 1 && borders.level_start[1] == steps.size(0);
  if (!fits) throw ShapeError("poolLevels: " + std::to_string(steps.size(0)) + " rows, borders for " + std::to_string(borders.level_start.size() > 1 ? borders.level_start[1] : 0));
  const variable_list out = PoolFunction::apply(steps.contiguous(), pooling, borders, kernels);
  return {out[0], out[1]};
}

}  // namespace hvlm::cuda
