// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <ATen/core/Generator.h>
#include <ATen/core/Tensor.h>

#include <memory>
#include <string>
#include <vector>

#include "engine/model/packed.h"
#include "engine/model/parameters.h"
#include "runs/config.h"

namespace hvlm {

// How the steps of a run see each other: what a transformer layer does before its feed-forward part. Nothing crosses
// the border of a run, so a video's result does not depend on its neighbours in the pack. Sums run in a fixed order.
class SequenceMixer {
 public:
  SequenceMixer() = default;
  virtual ~SequenceMixer() = default;
  SequenceMixer(const SequenceMixer&) = delete;
  SequenceMixer& operator=(const SequenceMixer&) = delete;

  virtual at::Tensor operator()(const at::Tensor& x, const RunIndex& index) const = 0;  // [N, d] -> [N, d]
  // Drawn once from the model's seed and not trained; stored with the weights.
  virtual std::vector<NamedTensor> buffers() const { return {}; }
};

// The mixer that `options.mixer` names, of width `options.dim`, its parameters below `name` ("encoder.layers.0");
// nullptr for "none". The attention mixers share names and shapes of the projections, and draw them first: one seed
// gives all of them the same ones. Throws ShapeError for an unknown name or heads that do not divide the width.
std::shared_ptr<const SequenceMixer> makeMixer(ParameterSet& set, const std::string& name,
                                               const EncoderOptions& options, at::Generator& generator,
                                               at::TensorOptions tensor_options);

}  // namespace hvlm
