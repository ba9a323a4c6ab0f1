// SPDX-License-Identifier: Apache-2.0
#include "engine/model/mixers/attention.h"

#include "support/error.h"

namespace hvlm {

AttentionProjections AttentionProjections::create(ParameterSet& set, const std::string& name, int64_t width,
                                                  int64_t heads, at::Generator& generator, at::TensorOptions options,
                                                  int64_t out_inputs) {
  if (heads < 1 || width % heads != 0) {
    throw ShapeError(std::to_string(heads) + " heads do not divide the width " + std::to_string(width));
  }
  AttentionProjections made;
  made.heads = heads;
  made.in.weight = set.add(name + ".in_proj_weight", xavierUniform(3 * width, width, generator, options));
  made.in.bias = set.add(name + ".in_proj_bias", at::zeros({3 * width}, options), false);
  made.out = Linear::create(set, name + ".out_proj", out_inputs * width, width, generator, options);
  return made;
}

HeadRows::HeadRows(const at::Tensor& projected, int64_t heads) {
  const int64_t channels = projected.size(1) / 3 / heads;
  const at::Tensor split =
      projected.view({1, projected.size(0), 3, heads, channels}).permute({2, 0, 3, 1, 4});  // [3, 1, H, T, c]
  query = split.select(0, 0);
  key = split.select(0, 1);
  value = split.select(0, 2);
}

at::Tensor joinHeads(const at::Tensor& heads) {
  return heads.transpose(1, 2).reshape({heads.size(2), heads.size(1) * heads.size(3)});
}

at::Tensor AttentionMixer::readRuns(const at::Tensor& x, const RunIndex& index) const {
  std::vector<at::Tensor> read;
  for (const at::Tensor& run : projections_.in(x).split_with_sizes(index.lengths, 0)) {
    read.push_back(joinHeads(attend(HeadRows(run, projections_.heads))));  // [T, d]
  }
  return at::cat(read, 0);
}

at::Tensor AttentionMixer::operator()(const at::Tensor& x, const RunIndex& index) const {
  return projections_.out(readRuns(x, index));
}

}  // namespace hvlm
