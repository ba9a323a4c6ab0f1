// SPDX-License-Identifier: Apache-2.0
#include "engine/kernels/temporal_cosine.h"

#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>

#include "engine/kernels/avx2.h"

namespace hvlm {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

constexpr int64_t kWorkOfAThread = 1 << 15;  // numbers read

int64_t grainOf(int64_t width) { return std::max<int64_t>(1, kWorkOfAThread / std::max<int64_t>(1, width)); }

struct RowFacts {
  at::Tensor squares;   // [N] h_i . h_i
  at::Tensor products;  // [N] h_i . h_i+1, 0 for the last
};

RowFacts factsOf(const at::Tensor& h) {
  RowFacts facts{at::empty({h.size(0)}, h.options()), at::empty({h.size(0)}, h.options())};
  at::parallel_for(0, h.size(0), grainOf(h.size(1)), [&](int64_t begin, int64_t end) {
    avx2::neighbourProducts(h.const_data_ptr<float>(), h.size(0), h.size(1), begin, end, facts.squares.data_ptr<float>(), facts.products.data_ptr<float>());
  });
  return facts;
}

// Reads the facts of pairs; in double, so that 1 - cos keeps what the products hold.
struct Pairs {
  const float* squares;
  const float* products;
  double floor;  // smallest square norm
  Pairs(const at::Tensor& squares_of, const at::Tensor& products_of, double smallest_norm)
      : squares(squares_of.const_data_ptr<float>()), products(products_of.const_data_ptr<float>()), floor(smallest_norm * smallest_norm) {}
  bool seen(int64_t i) const { return squares[i] > floor && squares[i + 1] > floor; }  // false for NaN
  double norms(int64_t i) const { return std::sqrt(static_cast<double>(squares[i])) * std::sqrt(static_cast<double>(squares[i + 1])); }
  double cosine(int64_t i) const { return seen(i) ? products[i] / norms(i) : 0.0; }
};

struct TemporalSums : torch::autograd::Function<TemporalSums> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& given, const at::Tensor& gate, const std::vector<int64_t>& offsets, double smallest_norm) {
    const at::Tensor h = given.contiguous();
    const RowFacts facts = factsOf(h);
    const Pairs pairs(facts.squares, facts.products, smallest_norm);
    const float* factor = gate.numel() > 0 ? gate.const_data_ptr<float>() : nullptr;
    const auto videos = static_cast<int64_t>(offsets.size()) - 1;
    at::Tensor sums = at::empty({videos}, h.options());
    for (int64_t b = 0; b < videos; ++b) {
      double sum = 0.0;
      for (int64_t i = offsets[static_cast<size_t>(b)]; i + 1 < offsets[static_cast<size_t>(b) + 1]; ++i) sum += (factor ? factor[i] : 1.0) * (1.0 - pairs.cosine(i));
      sums.data_ptr<float>()[b] = static_cast<float>(sum);
    }
    context->save_for_backward({h, gate, facts.squares, facts.products});
    context->saved_data["offsets"] = offsets;
    context->saved_data["smallest_norm"] = smallest_norm;
    return sums;
  }

  // d cos / d h_i = h_i+1 / (|h_i| |h_i+1|) - cos h_i / |h_i|^2: three scaled rows make the gradient of one.
  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const variable_list saved = context->get_saved_variables();
    const at::Tensor& h = saved[0];
    const auto offsets = context->saved_data["offsets"].toIntVector();
    const Pairs pairs(saved[2], saved[3], context->saved_data["smallest_norm"].toDouble());
    const float* factor = saved[1].numel() > 0 ? saved[1].const_data_ptr<float>() : nullptr;
    const at::Tensor upstream = gradients[0].contiguous();
    at::Tensor own = at::zeros({h.size(0)}, h.options());
    at::Tensor next = at::zeros({h.size(0)}, h.options());
    float* const to_own = own.data_ptr<float>();
    for (size_t b = 0; b + 1 < offsets.size(); ++b) {
      const double up = upstream.const_data_ptr<float>()[b];
      for (int64_t i = offsets[b]; i + 1 < offsets[b + 1]; ++i) {
        if (!pairs.seen(i)) continue;
        const double of_cosine = -up * (factor ? factor[i] : 1.0);
        next.data_ptr<float>()[i] = static_cast<float>(of_cosine / pairs.norms(i));
        const double along = of_cosine * pairs.cosine(i);
        to_own[i] -= static_cast<float>(along / pairs.squares[i]);
        to_own[i + 1] -= static_cast<float>(along / pairs.squares[i + 1]);
      }
    }
    at::Tensor into = at::empty(h.sizes(), h.options());
    at::parallel_for(0, h.size(0), grainOf(h.size(1)), [&](int64_t begin, int64_t end) {
      avx2::neighbourMix(h.const_data_ptr<float>(), h.size(0), h.size(1), begin, end, own.const_data_ptr<float>(), next.const_data_ptr<float>(),
                         into.data_ptr<float>());
    });
    return {into, at::Tensor(), at::Tensor(), at::Tensor()};
  }
};

}  // namespace

at::Tensor fusedTemporalSums(const at::Tensor& h, const std::vector<int64_t>& offsets, const at::Tensor& gate, double smallest_norm) {
  const at::Tensor factors = gate.defined() ? gate.detach().to(h.options()).contiguous() : at::empty({0}, h.options());
  return TemporalSums::apply(h, factors, offsets, smallest_norm);
}

at::Tensor fusedNeighbourCosine(const at::Tensor& h, double smallest_norm) {
  const at::Tensor rows = h.detach().contiguous();
  at::Tensor cosines = at::empty({std::max<int64_t>(rows.size(0) - 1, 0)}, rows.options());
  if (cosines.numel() == 0) return cosines;
  const RowFacts facts = factsOf(rows);
  const Pairs pairs(facts.squares, facts.products, smallest_norm);
  for (int64_t i = 0; i < cosines.size(0); ++i) cosines.data_ptr<float>()[i] = static_cast<float>(pairs.cosine(i));
  return cosines;
}

}  // namespace hvlm
