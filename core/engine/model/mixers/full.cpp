// SPDX-License-Identifier: Apache-2.0
#include "engine/model/mixers/kinds.h"

namespace hvlm {
namespace {

class FullMixer : public AttentionMixer {
 public:
  using AttentionMixer::AttentionMixer;

 private:
  at::Tensor attend(const HeadRows& run) const override {
    return at::scaled_dot_product_attention(run.query, run.key, run.value);
  }
};

}  // namespace

MixerPointer fullMixer(AttentionProjections projections) { return std::make_shared<FullMixer>(std::move(projections)); }

}  // namespace hvlm
