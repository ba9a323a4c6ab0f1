// SPDX-License-Identifier: Apache-2.0
// One level of the pyramid in one pass, for those in which something follows each pooling.
#include <ATen/Parallel.h>
#include <ATen/record_function.h>
#include <torch/csrc/autograd/custom_function.h>

#include "engine/kernels/avx2.h"
#include "engine/kernels/level_pooling.h"
#include "engine/kernels/parts.h"

namespace hvlm {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

// Children of the windows of one level.
struct Windows {
  std::vector<int64_t> first;    // [n] row of the first child
  std::vector<uint8_t> two;      // [n] whether there is a second
  std::vector<int64_t> orphans;  // rows without a parent
};
Windows windowsOf(const std::vector<int64_t>& child_offsets, const std::vector<int64_t>& offsets) {
  Windows windows;
  for (size_t b = 0; b + 1 < offsets.size(); ++b) {
    int64_t child = child_offsets[b];
    for (int64_t j = offsets[b]; j < offsets[b + 1]; ++j, child += 2) {
      windows.first.push_back(child);
      windows.two.push_back(child + 1 < child_offsets[b + 1]);
    }
    for (; child < child_offsets[b + 1]; ++child) windows.orphans.push_back(child);
  }
  return windows;
}

struct OneLevel : torch::autograd::Function<OneLevel> {
  static variable_list forward(AutogradContext* context, const at::Tensor& given, const at::Tensor& given_w, const std::vector<int64_t>& child_offsets,
                               const std::vector<int64_t>& offsets, bool with_maxima) {
    const at::Tensor below = given.contiguous(), w = given_w.contiguous();
    const Windows windows = windowsOf(child_offsets, offsets);
    const int64_t width = below.size(1), n = offsets.back();
    at::Tensor out = at::empty({n, width}, below.options());
    at::Tensor maxima = at::empty({with_maxima ? n : 0, width}, below.options());
    at::Tensor alpha = at::zeros({below.size(0)}, below.options());
    at::parallel_for(0, n, std::max<int64_t>(1, kWorkOfAThread / (2 * width)), [&](int64_t begin, int64_t end) {
      for (int64_t j = begin; j < end; ++j) {
        const int64_t child = windows.first[static_cast<size_t>(j)];
        const bool two = windows.two[static_cast<size_t>(j)] != 0;
        const float* a = below.const_data_ptr<float>() + child * width;
        float weights[2];
        avx2::poolWindow(a, two ? a + width : nullptr, w.numel() > 0 ? w.const_data_ptr<float>() : nullptr, width, out.data_ptr<float>() + j * width,
                         with_maxima ? maxima.data_ptr<float>() + j * width : nullptr, weights);
        alpha.data_ptr<float>()[child] = weights[0];
        if (two) alpha.data_ptr<float>()[child + 1] = weights[1];
      }
    });
    context->save_for_backward({below, w, alpha});
    context->saved_data["child_offsets"] = child_offsets;
    context->saved_data["offsets"] = offsets;
    context->mark_non_differentiable({alpha});
    context->set_materialize_grads(false);
    return {out, maxima, alpha};
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const variable_list saved = context->get_saved_variables();
    const at::Tensor &below = saved[0], &w = saved[1], &alpha = saved[2];
    const int64_t width = below.size(1);
    const Windows windows = windowsOf(context->saved_data["child_offsets"].toIntVector(), context->saved_data["offsets"].toIntVector());
    const auto n = static_cast<int64_t>(windows.first.size()), parts = std::min(kParts, n);
    const at::Tensor of_out = gradients[0].defined() ? gradients[0].contiguous() : at::Tensor();
    const at::Tensor of_maxima = gradients[1].defined() && gradients[1].numel() > 0 ? gradients[1].contiguous() : at::Tensor();
    at::Tensor into = at::empty(below.sizes(), below.options());
    at::Tensor partial = at::zeros({parts, w.numel()}, w.options());
    at::parallel_for(0, parts, std::max<int64_t>(1, kWorkOfAThread * parts / (2 * width * std::max<int64_t>(1, n))), [&](int64_t begin, int64_t end) {
      avx2::PoolGradient g;
      g.w = w.numel() > 0 ? w.const_data_ptr<float>() : nullptr;
      for (int64_t part = begin; part < end; ++part) {
        g.into_w = g.w ? partial.data_ptr<float>() + part * width : nullptr;
        for (int64_t j = part * n / parts; j < (part + 1) * n / parts; ++j) {
          const int64_t child = windows.first[static_cast<size_t>(j)];
          const bool two = windows.two[static_cast<size_t>(j)] != 0;
          g.a = below.const_data_ptr<float>() + child * width;
          g.b = two ? g.a + width : nullptr;
          g.weights = alpha.const_data_ptr<float>() + child;
          g.of_out = of_out.defined() ? of_out.const_data_ptr<float>() + j * width : nullptr;
          g.of_maxima = of_maxima.defined() ? of_maxima.const_data_ptr<float>() + j * width : nullptr;
          g.into_a = into.data_ptr<float>() + child * width;
          g.into_b = two ? g.into_a + width : nullptr;
          avx2::poolWindowBackward(g, width);
        }
      }
    });
    for (const int64_t orphan : windows.orphans) into[orphan].zero_();
    return {into, w.numel() > 0 ? sumOfParts(partial) : at::Tensor(), at::Tensor(), at::Tensor(), at::Tensor()};
  }
};

}  // namespace

PooledLevel poolOneLevel(const at::Tensor& below, const at::Tensor& w, const std::vector<int64_t>& child_offsets, const std::vector<int64_t>& offsets,
                         bool with_maxima) {
  RECORD_FUNCTION("hvlm::level_pooling", std::vector<c10::IValue>({below, w.defined() ? offsets.back() : int64_t{0}}));
  const variable_list made = OneLevel::apply(below, orEmpty(w), child_offsets, offsets, with_maxima);
  return {made[0], with_maxima ? made[1] : at::Tensor(), made[2]};
}

}  // namespace hvlm
