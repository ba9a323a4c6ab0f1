// SPDX-License-Identifier: Apache-2.0
#include "engine/model/mixers/kinds.h"
#include "engine/model/mixers/tiled_attention.h"

namespace hvlm {
namespace {

class GlobalMixer : public SequenceMixer {
 public:
  GlobalMixer(AttentionProjections projections, at::Tensor tokens, int64_t window)
      : projections_(std::move(projections)), tokens_(std::move(tokens)), reach_(window / 2) {}

  at::Tensor operator()(const at::Tensor& x, const RunIndex& index) const override {
    const HeadRows asking(projections_.in(tokens_), projections_.heads);  // [1, H, G, c]
    std::vector<at::Tensor> read;
    for (const at::Tensor& rows : projections_.in(x).split_with_sizes(index.lengths, 0)) {
      const HeadRows run(rows, projections_.heads);
      const HeadRows knowing = afterReading(asking, run);
      read.push_back(joinHeads(
          tiledAttention(run.query, run.key, run.value,
                         {.reach = reach_, .shared_key = knowing.key, .shared_value = knowing.value})));  // [T, d]
    }
    return projections_.out(at::cat(read, 0));
  }

 private:
  // The tokens with what they read in the run added, projected again.
  HeadRows afterReading(const HeadRows& asking, const HeadRows& run) const {
    const at::Tensor read =
        tiledAttention(asking.query, run.key, run.value, {.shared_key = asking.key, .shared_value = asking.value});
    return HeadRows(projections_.in(tokens_ + projections_.out(joinHeads(read))), projections_.heads);
  }

  AttentionProjections projections_;
  at::Tensor tokens_;  // [G, d]
  int64_t reach_;
};

}  // namespace

MixerPointer globalMixer(AttentionProjections projections, at::Tensor tokens, int64_t window) {
  return std::make_shared<GlobalMixer>(std::move(projections), std::move(tokens), window);
}

}  // namespace hvlm
