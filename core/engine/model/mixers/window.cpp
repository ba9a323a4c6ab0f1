// SPDX-License-Identifier: Apache-2.0
#include "engine/cuda/operators.h"
#include "engine/kernels/band_attention.h"
#include "engine/model/mixers/banded_attention.h"
#include "engine/model/mixers/kinds.h"
#include "engine/model/mixers/tiled_attention.h"

namespace hvlm {
namespace {

// From here on matrix products of tiles are faster.
constexpr int64_t kNarrowReach = 32;
constexpr int64_t kFusedReach = 512;

class WindowMixer : public AttentionMixer {
 public:
  WindowMixer(AttentionProjections projections, int64_t window)
      : AttentionMixer(std::move(projections)), reach_(window / 2) {}

  at::Tensor operator()(const at::Tensor& x, const RunIndex& index) const override {
    if (const cuda::KernelSet* kernels = cuda::kernelsFor(x); kernels && cuda::attentionFits(x.size(1), projections_.heads)) {
      return projections_.out(cuda::windowAttention(*kernels, projections_.in(x), index.offsets, projections_.heads, reach_));
    }
    const int64_t narrow = bandIsFused(x, x.size(1) / projections_.heads) ? kFusedReach : kNarrowReach;
    if (reach_ > narrow || !x.is_cpu()) return AttentionMixer::operator()(x, index);
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
