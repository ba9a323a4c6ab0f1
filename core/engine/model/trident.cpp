// SPDX-License-Identifier: Apache-2.0
#include "engine/model/trident.h"

#include <ATen/ATen.h>

#include "support/error.h"

namespace hvlm {

at::Tensor tridentDistances(const at::Tensor& ends, const at::Tensor& offsets, int64_t bins, const RunIndex& index) {
  const int64_t width = bins + 1;
  if (ends.dim() != 2 || ends.size(1) != 2 || offsets.dim() != 2 || offsets.size(0) != ends.size(0) || offsets.size(1) != 2 * width || ends.size(0) != index.rows()) {
    throw ShapeError("tridentDistances: ends of " + std::to_string(ends.numel()) + ", offsets of " + std::to_string(offsets.numel()) + " numbers, " + std::to_string(bins) + " bins, " +
                     std::to_string(index.rows()) + " nodes");
  }
  const auto longs = index.position_of_row.options();
  const at::Tensor bin = at::arange(width, longs).unsqueeze(0);                                              // [1, B + 1]
  const at::Tensor row = at::arange(ends.size(0), longs).unsqueeze(1);                                       // [M, 1]
  const at::Tensor before = index.position_of_row.unsqueeze(1);                                              // nodes on the left
  const at::Tensor behind = index.length_column.squeeze(1).index_select(0, index.run_of_row).unsqueeze(1) - 1 - before;
  const at::Tensor numbers = at::arange(width, ends.options());
  const auto side = [&](int64_t which, const at::Tensor& rows, const at::Tensor& there) {
    const at::Tensor near = ends.select(1, which).index_select(0, rows.reshape({-1})).view({-1, width});
    const at::Tensor scores = (near + offsets.narrow(1, which * width, width)).masked_fill(there.logical_not(), -1e30);
    return at::mv(scores.softmax(1), numbers);
  };
  const at::Tensor left = side(0, (row - at::minimum(bin, before)), bin <= before);
  const at::Tensor right = side(1, (row + at::minimum(bin, behind)), bin <= behind);
  return at::stack({left, right}, 1);
}

}  // namespace hvlm
