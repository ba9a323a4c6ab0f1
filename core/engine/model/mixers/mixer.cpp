// SPDX-License-Identifier: Apache-2.0
#include "engine/model/mixers/mixer.h"

#include "engine/model/mixers/kinds.h"
#include "support/error.h"

namespace hvlm {
namespace {

MixerPointer attentionMixer(ParameterSet& set, const std::string& name, const EncoderOptions& o,
                            at::Generator& generator, at::TensorOptions options) {
  const bool joins_step_and_read = o.mixer == "memory" && o.mixer_memory_fusion == "concatenation";
  AttentionProjections p =
      AttentionProjections::create(set, name, o.dim, o.heads, generator, options, joins_step_and_read ? 2 : 1);
  if (o.mixer == "full") return fullMixer(std::move(p));
  if (o.mixer == "flash") return flashMixer(std::move(p));
  if (o.mixer == "window") return windowMixer(std::move(p), o.mixer_window);
  if (o.mixer == "strided") return stridedMixer(std::move(p), o.mixer_stride);
  if (o.mixer == "memory") {
    return memoryMixer(std::move(p), {o.mixer_memory, o.mixer_memory_policy, joins_step_and_read});
  }
  if (o.mixer == "linear") return linearMixer(std::move(p));
  if (o.mixer == "global") {
    // As large as the normalised steps that share the projections with them.
    at::Tensor tokens =
        set.add(name + ".globals", normalInit({o.mixer_globals, o.dim}, 1.0, generator, options), false);
    return globalMixer(std::move(p), tokens, o.mixer_window);
  }
  if (o.mixer == "performer") {
    const at::Tensor features = orthogonalFeatures(o.mixer_features, o.dim / o.heads, generator, options);
    return performerMixer(std::move(p), {"buffers." + name + ".features", features});
  }
  throw ShapeError("unknown mixer " + o.mixer);
}

}  // namespace

std::shared_ptr<const SequenceMixer> makeMixer(ParameterSet& set, const std::string& name, const EncoderOptions& o,
                                               at::Generator& generator, at::TensorOptions options) {
  if (o.mixer == "none") return nullptr;
  if (o.mixer == "maxpool") return maxpoolMixer(o.mixer_window);
  if (o.mixer == "mamba") {
    const MambaOptions mamba{o.dim, o.mixer_expand, o.mixer_state, o.mixer_bidirectional};
    return mambaMixer(set, name + ".mamba", mamba, generator, options);
  }
  return attentionMixer(set, name + ".self_attn", o, generator, options);
}

}  // namespace hvlm
