// SPDX-License-Identifier: Apache-2.0
#include "engine/model/mixers/banded_attention.h"
#include "engine/model/mixers/kinds.h"
#include "engine/model/mixers/tiled_attention.h"

namespace hvlm {
namespace {

constexpr int64_t kNarrowReach = 32;  // from here on matrix products of tiles are faster

class WindowMixer : public AttentionMixer {
 public:
  WindowMixer(AttentionProjections projections, int64_t window)
      : AttentionMixer(std::move(projections)), reach_(window / 2) {}

  at::Tensor operator()(const at::Tensor& x, const RunIndex& index) const override {
    if (reach_ > kNarrowReach || !x.is_cpu()) return AttentionMixer::operator()(x, index);
    return projections_.out(bandedAttention(projections_.in(x), index.offsets, projections_.heads, reach_));
  }

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
