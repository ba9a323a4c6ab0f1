// SPDX-License-Identifier: Apache-2.0
// Chains of known probabilities and prompts of the tiny decoder, for the tests of generation.
#pragma once
#include <ATen/ATen.h>

#include <cmath>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/engine/language/tiny_decoder.h"
#include "engine/language/decoding.h"

namespace hvlm::testing {

// A chain whose next token depends on the last one only: row i holds the probabilities after token i. Starts as after token 0.
struct Chain {
  at::Tensor log_probabilities;  // [V, V]
  explicit Chain(const std::vector<double>& probabilities) {
    const auto size = static_cast<int64_t>(std::lround(std::sqrt(probabilities.size())));
    log_probabilities = at::tensor(probabilities, at::kDouble).view({size, size}).log();
  }
  StepFunction step() const {
    return [this](const at::Tensor& last, KvCache&) { return log_probabilities.index_select(0, last); };
  }
  Generated run(const GenerationOptions& options, std::optional<at::Generator> generator = {},
                const TokenCallback& on_token = {}) const {
    KvCache cache;
    return hvlm::generate(step(), log_probabilities.slice(0, 0, 1), cache, options, generator, on_token);
  }
  std::vector<Generated> beams(const GenerationOptions& options) const {
    KvCache cache;
    return hvlm::beamSearch(step(), log_probabilities.slice(0, 0, 1), cache, options);
  }
};

// Tokens: 0 start, 1 end, 2 the tempting one, 3 the better one. Greedy takes 2 (0.6), whose ways on are poor; after 3 the end is sure.
inline const Chain& temptation() {
  static const Chain chain({0.00, 0.00, 0.60, 0.40,   //
                            0.25, 0.25, 0.25, 0.25,   //
                            0.20, 0.30, 0.25, 0.25,   //
                            0.00, 1.00, 0.00, 0.00});
  return chain;
}

inline GenerationOptions optionsOf(const std::string& method, int64_t max_tokens, std::vector<int64_t> end_ids = {}) {
  GenerationOptions options;
  options.method = method;
  options.max_tokens = max_tokens;
  options.end_ids = std::move(end_ids);
  return options;
}

inline at::Tensor prompt(const Decoder& decoder) { return decoder.embed(whole({3, 11, 6}).view({1, 3})); }

// Log-probability of a continuation by one whole pass.
inline double wholeScore(const Decoder& decoder, const std::vector<int64_t>& ids) {
  std::vector<int64_t> all = {3, 11, 6};
  all.insert(all.end(), ids.begin(), ids.end());
  const auto total = static_cast<int64_t>(all.size());
  const at::Tensor tokens = at::tensor(all, at::kLong);
  const at::Tensor scores = decoder.logits(decoder.forward(decoder.embed(tokens.view({1, -1}))))[0].to(at::kDouble).log_softmax(-1);
  return scores.slice(0, 2, total - 1).gather(1, tokens.slice(0, 3).unsqueeze(1)).sum().item<double>();
}

}  // namespace hvlm::testing
