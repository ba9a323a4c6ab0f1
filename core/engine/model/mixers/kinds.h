// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <memory>
#include <string>

#include "engine/model/mixers/attention.h"
#include "engine/model/mixers/mixer.h"

// Each mixer from its weights. makeMixer() (mixer.h) draws them and chooses by name.
namespace hvlm {

using MixerPointer = std::shared_ptr<const SequenceMixer>;

// Softmax attention within each run, by LibTorch's own kernel.
MixerPointer fullMixer(AttentionProjections projections);
// The same numbers in tiles: memory grows with T, not with its square, forwards and backwards.
MixerPointer flashMixer(AttentionProjections projections);
// Step t sees the `window` steps around it, itself in the middle; `window` is odd.
MixerPointer windowMixer(AttentionProjections projections, int64_t window);
// Every step sees steps 0, s, 2 s … of its run.
MixerPointer stridedMixer(AttentionProjections projections, int64_t stride);
// G learned tokens [G, d] first read the whole run (and each other), then every step sees its window and those tokens:
// two rounds of attention over [tokens; steps], masked to full rows of the tokens, then to band + tokens.
MixerPointer globalMixer(AttentionProjections projections, at::Tensor tokens, int64_t window);

// Every step reads a bank of at most `slots` rows that its own run filled. "merge": neighbouring steps are averaged
// into slots of nearly equal size, and the logarithm of that size is added to the slot's score, so that a slot counts
// as often as its steps. "fifo": the newest steps. A bank with room for the run is the run: full attention.
struct MemoryOptions {
  int64_t slots = 64;
  std::string policy = "merge";
  bool concatenate = false;  // false: the read is the branch; true: a linear layer joins step and read, out [d, 2 d]
};
MixerPointer memoryMixer(AttentionProjections projections, MemoryOptions options);

// Kernel attention with elu + 1, non-causal. Source: Katharopoulos et al. 2020, arXiv:2006.16236.
MixerPointer linearMixer(AttentionProjections projections);
// FAVOR+: `features` [m, c] holds random directions. Source: Choromanski et al. 2021, arXiv:2009.14794.
MixerPointer performerMixer(AttentionProjections projections, NamedTensor features);
// Rows of Gaussian length, orthogonal in blocks of `channels`: [features, channels].
at::Tensor orthogonalFeatures(int64_t features, int64_t channels, at::Generator& generator, at::TensorOptions options);

// Largest value of the window around each step, channel by channel; no weights.
MixerPointer maxpoolMixer(int64_t window);

// Selective state space block, one scan along the run and, if `bidirectional`, one against it, summed before the gate.
// Source: Gu and Dao 2023, arXiv:2312.00752; both directions: Zhu et al. 2024, arXiv:2401.09417.
struct MambaOptions {
  int64_t width = 256;
  int64_t expand = 2;  // inner width over the model width
  int64_t state = 16;  // numbers that each inner channel carries along the run
  bool bidirectional = true;
};
MixerPointer mambaMixer(ParameterSet& set, const std::string& name, const MambaOptions& options,
                        at::Generator& generator, at::TensorOptions tensor_options);

}  // namespace hvlm
