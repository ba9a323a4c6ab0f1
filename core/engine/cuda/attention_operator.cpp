// SPDX-License-Identifier: Apache-2.0
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>

#include "engine/cuda/operator_parts.h"

namespace hvlm::cuda {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

// First and last row of each row's run, one after the other: [2 N].
std::vector<int64_t> runBorders(const std::vector<int64_t>& offsets) {
  std::vector<int64_t> first, last;
  for (size_t r = 0; r + 1 < offsets.size(); ++r) {
    const auto rows = static_cast<size_t>(offsets[r + 1] - offsets[r]);
    first.insert(first.end(), rows, offsets[r]);
    last.insert(last.end(), rows, offsets[r + 1] - 1);
  }
  first.insert(first.end(), last.begin(), last.end());
  return first;
}

template <class T>
WindowAttentionArgs<T> argsOf(const at::Tensor& projected, const at::Tensor& borders, const at::Tensor& out, const at::Tensor& log_sum, int64_t reach) {
  WindowAttentionArgs<T> a;
  a.projected = projected.const_data_ptr<T>();
  a.first = borders.const_data_ptr<int64_t>();
  a.last = a.first + projected.size(0);
  a.out = out.data_ptr<T>();
  a.log_sum = log_sum.data_ptr<T>();
  a.rows = projected.size(0);
  a.heads = log_sum.size(1);
  a.channels = out.size(1) / a.heads;
  a.reach = reach;
  return a;
}

struct AttentionFunction : torch::autograd::Function<AttentionFunction> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& projected, const std::vector<int64_t>& offsets, int64_t heads, int64_t reach, const KernelSet& kernels) {
    const at::Tensor borders = numbersOn(runBorders(offsets), projected.device());
    const at::Tensor out = at::empty({projected.size(0), projected.size(1) / 3}, projected.options());
    const at::Tensor log_sum = at::empty({projected.size(0), heads}, projected.options());
    byType(projected, [&](auto zero) {
      using T = decltype(zero);
      const auto& table = tableOf<T>(kernels);
      launch(table, table.attention, argsOf<T>(projected, borders, out, log_sum, reach), projected);
    });
    context->save_for_backward({projected, out, log_sum, borders});
    context->saved_data["reach"] = reach;
    context->saved_data["kernels"] = handleOf(kernels);
    return out;
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const variable_list s = context->get_saved_variables();
    const KernelSet& kernels = kernelsOf(context->saved_data["kernels"].toInt());
    const at::Tensor& projected = s[0];
    const at::Tensor g = gradients[0].contiguous();
    const int64_t heads = s[2].size(1);
    const at::Tensor dot = (g * s[1]).view({g.size(0), heads, g.size(1) / heads}).sum(2);  // [N, H]
    const at::Tensor into = at::empty_like(projected);
    byType(projected, [&](auto zero) {
      using T = decltype(zero);
      const auto& table = tableOf<T>(kernels);
      WindowAttentionArgs<T> args = argsOf<T>(projected, s[3], s[1], s[2], context->saved_data["reach"].toInt());
      args.gradient = g.const_data_ptr<T>();
      args.dot = dot.const_data_ptr<T>();
      args.into = into.data_ptr<T>();
      launch(table, table.attention_queries, args, projected);
      launch(table, table.attention_keys, args, projected);
    });
    return {into, at::Tensor(), at::Tensor(), at::Tensor(), at::Tensor()};
  }
};

}  // namespace

bool attentionFits(int64_t width, int64_t heads) { return heads >= 1 && width % heads == 0 && width / heads <= kMostChannels; }

at::Tensor windowAttention(const KernelSet& kernels, const at::Tensor& projected, const std::vector<int64_t>& offsets, int64_t heads, int64_t reach) {
  const bool fits = projected.dim() == 2 && heads >= 1 && projected.size(1) % (3 * heads) == 0 && reach >= 0 && attentionFits(projected.size(1) / 3, heads) && !offsets.empty() &&
                    offsets.front() == 0 && offsets.back() == projected.size(0) && std::is_sorted(offsets.begin(), offsets.end());
  if (!fits) {
    throw ShapeError("windowAttention: " + std::to_string(projected.dim() == 2 ? projected.size(0) : -1) + " rows of " + std::to_string(projected.dim() == 2 ? projected.size(1) : -1) + ", " +
                     std::to_string(heads) + " heads of up to " + std::to_string(kMostChannels) + " channels, reach " + std::to_string(reach));
  }
  return AttentionFunction::apply(projected.contiguous(), offsets, heads, reach, kernels);
}

}  // namespace hvlm::cuda
