// SPDX-License-Identifier: Apache-2.0
#include "engine/model/mixers/kinds.h"
#include "engine/model/mixers/tiled_attention.h"

namespace hvlm {
namespace {

class FlashMixer : public AttentionMixer {
 public:
  using AttentionMixer::AttentionMixer;

 private:
  at::Tensor attend(const HeadRows& run) const override { return tiledAttention(run.query, run.key, run.value); }
};

}  // namespace

MixerPointer flashMixer(AttentionProjections projections) {
  return std::make_shared<FlashMixer>(std::move(projections));
}

}  // namespace hvlm
