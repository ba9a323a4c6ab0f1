// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <ATen/core/Generator.h>
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "engine/language/decoder.h"
#include "engine/language/generation_options.h"
#include "engine/language/kv_cache.h"

namespace hvlm {

enum class Finish {
  kEnd,      // an end token was chosen
  kLength,   // as many tokens as allowed, or no_repeat_ngram left none to choose
  kStopped,  // the callback said so
};

struct Generated {
  std::vector<int64_t> ids;       // without the end token
  double log_probability = 0.0;   // natural; under the model itself, before temperature and cuts; the end token's included
  double score = 0.0;             // what beam search orders by; log_probability otherwise
  Finish finish = Finish::kLength;
};

// One step of any model: the ids chosen last, [B] int64 on the CPU, to the scores [B, V] of what follows. State beyond the last id
// must lie in the cache, whose rows a beam search reorders before each call.
using StepFunction = std::function<at::Tensor(const at::Tensor& last_ids, KvCache& cache)>;
// Sees each token as soon as it is chosen, on the calling thread; false stops.
using TokenCallback = std::function<bool(int64_t id, double log_probability)>;

// Continues one prompt.
//   first_logits  [1, V]  scores of the first token
//   cache         the prompt's state, one row; used up
//   generator     of the CPU, advanced by every draw; "sample" needs one
//   on_token      not with "beam", which has no token before its end
// Throws InputError for options out of range, a generator or callback that does not fit the method, and scores that are not numbers.
Generated generate(const StepFunction& step, const at::Tensor& first_logits, KvCache& cache, const GenerationOptions& options,
                   std::optional<at::Generator> generator = {}, const TokenCallback& on_token = {});

// The same over a decoder. prefix [1, P, width], P > 0: embeddings of all the prompt, tokens and visual steps alike. At most as many
// tokens as the decoder has positions for.
Generated generate(const Decoder& decoder, const at::Tensor& prefix, const GenerationOptions& options,
                   std::optional<at::Generator> generator = {}, const TokenCallback& on_token = {});

// Beam search's finished continuations, best first, at most options.beams: finished ones and those that reached max_tokens. Score:
// log_probability / ((5 + n) / 6)^alpha for n tokens, the end token counted. Source: Wu et al. 2016, arXiv:1609.08144, eq. 14 (without
// its coverage term).
std::vector<Generated> beamSearch(const StepFunction& step, const at::Tensor& first_logits, KvCache& cache,
                                  const GenerationOptions& options);

// What "sample" draws from: softmax(logits / temperature) cut to the top k, then to the smallest set of likeliest tokens whose sum
// reaches top_p, and normalised.  logits [V]  ->  [V] double on the CPU. Source: Holtzman et al. 2020, arXiv:1904.09751, eq. 2 and 3.
at::Tensor samplingProbabilities(const at::Tensor& logits, const GenerationOptions& options);

// Log-probabilities [B, V] double on the CPU. Throws InputError when a score is not a number.
at::Tensor logProbabilities(const at::Tensor& logits);
// Tokens that would end a run of n tokens which `ids` holds already.
std::vector<int64_t> repeatedBy(const std::vector<int64_t>& ids, int64_t n);

}  // namespace hvlm
