// SPDX-License-Identifier: Apache-2.0
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>

#include "engine/cuda/operator_parts.h"

namespace hvlm::cuda {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

template <class T>
TemporalLossArgs<T> argsOf(const at::Tensor& h, const at::Tensor& numbers, const at::Tensor& gate, const at::Tensor& by_row, int64_t videos) {
  TemporalLossArgs<T> a;
  a.h = h.const_data_ptr<T>();
  a.video = numbers.const_data_ptr<int64_t>();
  a.offsets = a.video + h.size(0);
  a.gate = gate.numel() > 0 ? gate.const_data_ptr<T>() : nullptr;
  a.norm = by_row.data_ptr<T>();
  a.cosine = a.norm + h.size(0);
  a.term = a.cosine + h.size(0);
  a.rows = h.size(0);
  a.width = h.size(1);
  a.videos = videos;
  return a;
}

struct TemporalFunction : torch::autograd::Function<TemporalFunction> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& h, const at::Tensor& gate, const std::vector<int64_t>& offsets, const KernelSet& kernels) {
    std::vector<int64_t> numbers(static_cast<size_t>(h.size(0)), -1);  // video of each pair, then the borders
    for (size_t b = 0; b + 1 < offsets.size(); ++b) {
      for (int64_t i = offsets[b]; i + 1 < offsets[b + 1]; ++i) numbers[static_cast<size_t>(i)] = static_cast<int64_t>(b);
    }
    numbers.insert(numbers.end(), offsets.begin(), offsets.end());
    const auto videos = static_cast<int64_t>(offsets.size()) - 1;
    const at::Tensor on_device = numbersOn(numbers, h.device());
    const at::Tensor by_row = at::empty({3, h.size(0)}, h.options());
    const at::Tensor sum = at::empty({videos}, h.options());
    byType(h, [&](auto zero) {
      using T = decltype(zero);
      const auto& table = tableOf<T>(kernels);
      TemporalLossArgs<T> args = argsOf<T>(h, on_device, gate, by_row, videos);
      args.sum = sum.data_ptr<T>();
      launch(table, table.temporal_terms, args, h);
      launch(table, table.temporal_sums, args, h);
    });
    context->save_for_backward({h, gate, on_device, by_row});
    context->saved_data["videos"] = videos;
    context->saved_data["kernels"] = handleOf(kernels);
    return sum;
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const variable_list s = context->get_saved_variables();
    const KernelSet& kernels = kernelsOf(context->saved_data["kernels"].toInt());
    const at::Tensor upstream = gradients[0].contiguous();
    const at::Tensor gradient = at::empty_like(s[0]);
    byType(gradient, [&](auto zero) {
      using T = decltype(zero);
      const auto& table = tableOf<T>(kernels);
      TemporalLossArgs<T> args = argsOf<T>(s[0], s[2], s[1], s[3], context->saved_data["videos"].toInt());
      args.upstream = upstream.const_data_ptr<T>();
      args.gradient = gradient.data_ptr<T>();
      launch(table, table.temporal_backward, args, gradient);
    });
    return {gradient, at::Tensor(), at::Tensor(), at::Tensor()};
  }
};

}  // namespace

at::Tensor temporalSums(const KernelSet& kernels, const at::Tensor& h, const std::vector<int64_t>& offsets, const at::Tensor& gate) {
  const bool fits = h.dim() == 2 && !offsets.empty() && offsets.front() == 0 && offsets.back() == h.size(0) && std::is_sorted(offsets.begin(), offsets.end());
  if (!fits) {
    throw ShapeError("temporalSums: " + std::to_string(h.dim() == 2 ? h.size(0) : -1) + " rows, offsets up to " + std::to_string(offsets.empty() ? -1 : offsets.back()));
  }
  if (gate.defined() && (gate.dim() != 1 || gate.size(0) != std::max<int64_t>(h.size(0) - 1, 0) || gate.scalar_type() != h.scalar_type())) {
    throw ShapeError("temporalSums: gate and pairs disagree");
  }
  const at::Tensor plain_gate = gate.defined() ? gate.detach().contiguous() : at::empty({0}, h.options());
  return TemporalFunction::apply(h.contiguous(), plain_gate, offsets, kernels);
}

}  // namespace hvlm::cuda
