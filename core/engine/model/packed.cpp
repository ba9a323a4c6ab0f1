// SPDX-License-Identifier: Apache-2.0
#include "engine/model/packed.h"

#include <torch/csrc/autograd/custom_function.h>

#include "support/error.h"

namespace hvlm {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

// Copies instead of gathers: three block copies and one zeroed row per border, forwards and backwards.
struct GatherNeighbours : torch::autograd::Function<GatherNeighbours> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& x, const at::Tensor& first_rows,
                            const at::Tensor& last_rows) {
    context->save_for_backward({first_rows, last_rows});
    const int64_t n = x.size(0);
    const int64_t d = x.size(1);
    at::Tensor out = at::empty({n, 3 * d}, x.options());
    at::Tensor previous = out.narrow(1, 0, d);
    at::Tensor next = out.narrow(1, 2 * d, d);
    out.narrow(1, d, d).copy_(x);
    if (n > 1) {
      previous.narrow(0, 1, n - 1).copy_(x.narrow(0, 0, n - 1));
      next.narrow(0, 0, n - 1).copy_(x.narrow(0, 1, n - 1));
    }
    previous.index_fill_(0, first_rows, 0);
    next.index_fill_(0, last_rows, 0);
    return out;
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const variable_list saved = context->get_saved_variables();
    const at::Tensor& g = gradients[0];
    const int64_t n = g.size(0);
    const int64_t d = g.size(1) / 3;
    at::Tensor x = g.narrow(1, d, d).clone();
    if (n > 1) {
      const at::Tensor previous = g.narrow(1, 0, d).index_fill(0, saved[0], 0);
      const at::Tensor next = g.narrow(1, 2 * d, d).index_fill(0, saved[1], 0);
      x.narrow(0, 0, n - 1).add_(previous.narrow(0, 1, n - 1));
      x.narrow(0, 1, n - 1).add_(next.narrow(0, 0, n - 1));
    }
    return {x, at::Tensor(), at::Tensor()};
  }
};

}  // namespace

at::Tensor indexTensor(const std::vector<int64_t>& values, at::Device device) {
  at::Tensor t = at::empty({static_cast<int64_t>(values.size())}, at::kLong);
  std::copy(values.begin(), values.end(), t.data_ptr<int64_t>());
  return t.to(device);
}

RunIndex makeRunIndex(const std::vector<int64_t>& offsets, at::Device device) {
  if (offsets.empty() || offsets.front() != 0) throw ShapeError("offsets must start with 0");
  RunIndex index;
  index.offsets = offsets;
  std::vector<int64_t> first, last, run, position;
  for (size_t r = 0; r + 1 < offsets.size(); ++r) {
    const int64_t length = offsets[r + 1] - offsets[r];
    if (length < 1) {
      throw ShapeError("run " + std::to_string(r) + " has " + std::to_string(length) + " rows, at least 1 is needed");
    }
    index.lengths.push_back(length);
    first.push_back(offsets[r]);
    last.push_back(offsets[r + 1] - 1);
    for (int64_t i = 0; i < length; ++i) {
      run.push_back(static_cast<int64_t>(r));
      position.push_back(i);
    }
  }
  index.first_rows = indexTensor(first, device);
  index.last_rows = indexTensor(last, device);
  index.run_of_row = indexTensor(run, device);
  index.position_of_row = indexTensor(position, device);
  index.length_column = indexTensor(index.lengths, device).unsqueeze(1);
  return index;
}

at::Tensor gatherNeighbours(const at::Tensor& x, const RunIndex& index) {
  if (x.dim() != 2 || x.size(0) != index.rows()) {
    throw ShapeError("gatherNeighbours: " + std::to_string(x.size(0)) + " rows, borders for " +
                     std::to_string(index.rows()));
  }
  return GatherNeighbours::apply(x, index.first_rows, index.last_rows);
}

at::Tensor runMean(const at::Tensor& x, const RunIndex& index) {
  const at::Tensor sums = at::zeros({index.runs(), x.size(1)}, x.options()).index_add(0, index.run_of_row, x);
  return sums / index.length_column;
}

Packed packPadded(const at::Tensor& padded, const std::vector<int64_t>& lengths) {
  if (padded.dim() != 3 || padded.size(0) != static_cast<int64_t>(lengths.size())) {
    throw ShapeError("packPadded: " + std::to_string(lengths.size()) + " lengths for " +
                     std::to_string(padded.size(0)) + " videos");
  }
  Packed packed;
  packed.offsets = {0};
  std::vector<at::Tensor> rows;
  for (size_t b = 0; b < lengths.size(); ++b) {
    rows.push_back(padded.select(0, static_cast<int64_t>(b)).narrow(0, 0, lengths[b]));
    packed.offsets.push_back(packed.offsets.back() + lengths[b]);
  }
  packed.x = at::cat(rows, 0);
  return packed;
}

}  // namespace hvlm
