// SPDX-License-Identifier: Apache-2.0
#include "engine/model/mixers/kinds.h"
#include "engine/model/mixers/tiled_attention.h"

namespace hvlm {
namespace {

class StridedMixer : public AttentionMixer {
 public:
  StridedMixer(AttentionProjections projections, int64_t stride)
      : AttentionMixer(std::move(projections)), stride_(stride) {}

 private:
  at::Tensor attend(const HeadRows& run) const override {
    const int64_t steps = run.key.size(2);
    return tiledAttention(run.query, run.key.slice(2, 0, steps, stride_), run.value.slice(2, 0, steps, stride_));
  }
  int64_t stride_;
};

}  // namespace

MixerPointer stridedMixer(AttentionProjections projections, int64_t stride) {
  return std::make_shared<StridedMixer>(std::move(projections), stride);
}

}  // namespace hvlm
