// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "engine/language/text_tower.h"
#include "engine/language/text_tuning.h"

namespace hvlm {

// MiniLM with adapters that learn: its vectors change while they do, so nothing is kept. The adapters' parameters belong to the set
// they were made in. One thread at a time.
class TunedTower : public TextTower {
 public:
  // Adds "tuning.…" to `set`. At first its vectors are those of `frozen`.
  TunedTower(std::shared_ptr<const MiniLmTower> frozen, ParameterSet& set, const TextOptions& options, uint64_t seed, at::TensorOptions tensor_options);
  int64_t width() const override { return frozen_->width(); }
  std::string tag() const override { return "minilm, " + kind_; }
  std::vector<float> encode(std::string_view text) const override;
  std::vector<std::vector<float>> encodeAll(const std::vector<std::string>& texts) const override;
  std::vector<float> tokenStates(std::string_view text) const override;

  at::Tensor rows(const std::vector<std::string>& texts) const;  // [n, width], unit norm, with the gradient of the adapters
  const TextTuning& tuning() const { return tuning_; }

 private:
  std::shared_ptr<const MiniLmTower> frozen_;
  std::string kind_;
  TextTuning tuning_;
};

}  // namespace hvlm
