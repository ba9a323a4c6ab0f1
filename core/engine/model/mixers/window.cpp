// SPDX-License-Identifier: Apache-2.0
#include "engine/model/mixers/kinds.h"
#include "engine/model/mixers/tiled_attention.h"

namespace hvlm {
namespace {

class WindowMixer : public AttentionMixer {
 public:
  WindowMixer(AttentionProjections projections, int64_t window)
      : AttentionMixer(std::move(projections)), reach_(window / 2) {}

 private:
  at::Tensor attend(const HeadRows& run) const override {
    return tiledAttention(run.query, run.key, run.value, {.reach = reach_});
  }
  int64_t reach_;
};

}  // namespace

MixerPointer windowMixer(AttentionProjections projections, int64_t window) {
  return std::make_shared<WindowMixer>(std::move(projections), window);
}

}  // namespace hvlm
