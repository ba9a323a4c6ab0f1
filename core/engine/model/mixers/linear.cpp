// SPDX-License-Identifier: Apache-2.0
#include "engine/model/mixers/kinds.h"

namespace hvlm {
namespace {

// elu(x) + 1, written so that the small values below zero keep their digits.
at::Tensor eluPlusOne(const at::Tensor& x) { return at::relu(x) + x.clamp_max(0.0).exp(); }

class LinearMixer : public AttentionMixer {
 public:
  using AttentionMixer::AttentionMixer;

 private:
  at::Tensor attend(const HeadRows& run) const override {
    const at::Tensor query = eluPlusOne(run.query);
    const at::Tensor key = eluPlusOne(run.key);
    const at::Tensor read = at::matmul(query, at::matmul(key.transpose(-2, -1), run.value));  // [1, H, T, c]
    const at::Tensor total = at::matmul(query, key.sum(-2, true).transpose(-2, -1));          // [1, H, T, 1]
    return read / at::where(total > 0, total, at::ones({}, total.options()));  // all features underflow: reads zero
  }
};

}  // namespace

MixerPointer linearMixer(AttentionProjections projections) {
  return std::make_shared<LinearMixer>(std::move(projections));
}

}  // namespace hvlm
