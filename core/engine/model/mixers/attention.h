// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "engine/model/layers.h"
#include "engine/model/mixers/mixer.h"

namespace hvlm {

// What all attention mixers share; names and shapes are those of PyTorch's MultiheadAttention.
struct AttentionProjections {
  Linear in;   // [3 d, d]: query, key, value
  Linear out;  // [d, d]
  int64_t heads = 1;
  static AttentionProjections create(ParameterSet& set, const std::string& name, int64_t width, int64_t heads,
                                     at::Generator& generator, at::TensorOptions options, int64_t out_inputs = 1);
};

// Query, key and value of one run, [1, H, T, c] each with c = d / H.
struct HeadRows {
  at::Tensor query, key, value;
  HeadRows() = default;
  HeadRows(const at::Tensor& projected, int64_t heads);  // [T, 3 d]
};
at::Tensor joinHeads(const at::Tensor& heads);  // [1, H, T, c] -> [T, d]

// Projects the pack, attends within each run, projects back.
class AttentionMixer : public SequenceMixer {
 public:
  explicit AttentionMixer(AttentionProjections projections) : projections_(std::move(projections)) {}
  at::Tensor operator()(const at::Tensor& x, const RunIndex& index) const override;

 protected:
  virtual at::Tensor attend(const HeadRows& run) const = 0;               // [1, H, T, c]
  at::Tensor readRuns(const at::Tensor& x, const RunIndex& index) const;  // [N, d], before the output projection

  AttentionProjections projections_;
};

}  // namespace hvlm
