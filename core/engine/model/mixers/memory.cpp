// SPDX-License-Identifier: Apache-2.0
#include "engine/model/mixers/kinds.h"
#include "engine/model/mixers/tiled_attention.h"

namespace hvlm {
namespace {

// Slot j takes steps j T / M .. (j + 1) T / M - 1.
std::vector<int64_t> slotBorders(int64_t steps, int64_t slots) {
  std::vector<int64_t> borders;
  for (int64_t j = 0; j <= slots; ++j) borders.push_back(j * steps / slots);
  return borders;
}

// Mean of the rows of each slot: [1, H, T, c] -> [1, H, M, c]. Projections are linear, so this is the projected mean.
at::Tensor merged(const at::Tensor& heads, const RunIndex& slots) {
  const at::Tensor means = runMean(joinHeads(heads), slots);  // [M, d]
  return means.view({1, slots.runs(), heads.size(1), heads.size(3)}).transpose(1, 2);
}

class MemoryMixer : public AttentionMixer {
 public:
  MemoryMixer(AttentionProjections projections, MemoryOptions options)
      : AttentionMixer(std::move(projections)), options_(std::move(options)) {}

  at::Tensor operator()(const at::Tensor& x, const RunIndex& index) const override {
    const at::Tensor read = readRuns(x, index);
    return projections_.out(options_.concatenate ? at::cat({x, read}, 1) : read);
  }

 private:
  at::Tensor attend(const HeadRows& run) const override {
    const int64_t steps = run.key.size(2);
    const int64_t slots = std::min(options_.slots, steps);
    if (slots == steps) return tiledAttention(run.query, run.key, run.value);
    if (options_.policy == "fifo") {
      return tiledAttention(run.query, run.key.narrow(2, steps - slots, slots),
                            run.value.narrow(2, steps - slots, slots));
    }
    const RunIndex index = makeRunIndex(slotBorders(steps, slots), run.key.device());
    return tiledAttention(run.query, merged(run.key, index), merged(run.value, index),
                          {.key_bias = index.length_column.view({-1}).to(run.key.scalar_type()).log()});
  }

  MemoryOptions options_;
};

}  // namespace

MixerPointer memoryMixer(AttentionProjections projections, MemoryOptions options) {
  return std::make_shared<MemoryMixer>(std::move(projections), std::move(options));
}

}  // namespace hvlm
