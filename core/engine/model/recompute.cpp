// SPDX-License-Identifier: Apache-2.0
#include "engine/model/recompute.h"

#include <ATen/ATen.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/custom_function.h>

namespace hvlm {
namespace {

// What the way back needs besides tensors; a holder the graph can own.
struct Held : torch::CustomClassHolder {
  RecomputedLayer layer;
  ForwardOptions forward;
  at::ScalarType format = at::kFloat;  // the way back may run on another thread
};

struct Recompute : torch::autograd::Function<Recompute> {
  static at::Tensor forward(torch::autograd::AutogradContext* context, const c10::intrusive_ptr<Held>& held, const at::Tensor& x, at::TensorList weights) {
    ForwardOptions now = held->forward;
    if (held->forward.generator) held->forward.generator = held->forward.generator->clone();  // as it stood before the draws
    torch::autograd::variable_list saved{x};
    saved.insert(saved.end(), weights.begin(), weights.end());
    context->save_for_backward(std::move(saved));
    context->saved_data["held"] = c10::IValue::make_capsule(held);
    const ProductsOfTraining as_on_the_way_back;
    return held->layer(x, now);
  }

  static torch::autograd::variable_list backward(torch::autograd::AutogradContext* context, const torch::autograd::variable_list& gradients) {
    const auto held = c10::static_intrusive_pointer_cast<Held>(context->saved_data["held"].toCapsule());
    const auto saved = context->get_saved_variables();
    const at::AutoGradMode with_graph(true);
    const ProductPrecision precision(held->format);
    torch::autograd::variable_list wanted{saved[0].detach().requires_grad_(true)};
    for (size_t i = 1; i < saved.size(); ++i) wanted.push_back(saved[i]);
    ForwardOptions again = held->forward;
    if (again.generator) again.generator = again.generator->clone();  // a second way back draws the same
    const at::Tensor out = held->layer(wanted[0], again);
    auto found = torch::autograd::grad({out}, wanted, {gradients[0]}, {}, false, /*allow_unused=*/true);
    torch::autograd::variable_list all{at::Tensor()};  // of `held`
    all.insert(all.end(), found.begin(), found.end());
    return all;
  }
};

}  // namespace

at::Tensor recomputed(const RecomputedLayer& layer, const at::Tensor& x, const std::vector<at::Tensor>& weights, const ForwardOptions& forward) {
  if (!forward.recompute || !at::GradMode::is_enabled()) return layer(x, forward);
  auto held = c10::make_intrusive<Held>();
  held->layer = layer;
  held->forward = forward;
  held->forward.recompute = false;
  held->format = ProductPrecision::current();
  return Recompute::apply(held, x, at::TensorList(weights));  // as a list: a vector would not be seen as tensors
}

}  // namespace hvlm
