// SPDX-License-Identifier: Apache-2.0
#include "engine/language/decoding.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "support/describe.h"
#include "support/error.h"

namespace hvlm {
namespace {

[[noreturn]] void refuse(const std::string& where, const std::string& expected, const std::string& found, const std::string& remedy) {
  throw InputError({.where = where, .expected = expected, .found = found, .remedy = remedy});
}

void checkStart(const at::Tensor& first_logits) {
  if (first_logits.dim() == 2 && first_logits.size(0) == 1 && first_logits.size(1) > 0) return;
  throw ShapeError("generation continues one prompt: scores [1, V]");
}

// The likeliest token, or one drawn from what sampling allows; -1 when every token is banned.
int64_t choose(const at::Tensor& log_probabilities, const GenerationOptions& options, std::optional<at::Generator>& generator) {
  const int64_t best = log_probabilities.argmax().item<int64_t>();
  if (std::isinf(log_probabilities[best].item<double>())) return -1;
  if (options.method == "greedy") return best;
  return at::multinomial(samplingProbabilities(log_probabilities, options), 1, false, generator).item<int64_t>();
}

at::Tensor withoutRepeats(const at::Tensor& log_probabilities, const std::vector<int64_t>& ids, int64_t n) {
  const std::vector<int64_t> banned = repeatedBy(ids, n);
  if (banned.empty()) return log_probabilities;
  return log_probabilities.index_fill(0, at::tensor(banned, at::kLong), -std::numeric_limits<double>::infinity());
}

}  // namespace

void GenerationOptions::check() const {
  GenerationOptions copy = *this;
  const Fields fields(copy);
  for (const Field& field : fields.all()) fields.set(field.path, fieldText(field), "generation");
}

at::Tensor logProbabilities(const at::Tensor& logits) {
  const at::Tensor values = logits.detach().to(at::kCPU, at::kDouble).log_softmax(-1);
  if (values.isnan().any().item<bool>()) {
    refuse("language decoder", "scores that are numbers", "NaN", "The weights are damaged or training diverged: use another checkpoint.");
  }
  return values;
}

std::vector<int64_t> repeatedBy(const std::vector<int64_t>& ids, int64_t n) {
  std::vector<int64_t> banned;
  const auto size = static_cast<int64_t>(ids.size());
  if (n < 1 || size < n) return banned;
  const auto tail = ids.end() - (n - 1);
  for (int64_t i = 0; i + n <= size; ++i) {
    if (std::equal(tail, ids.end(), ids.begin() + i)) banned.push_back(ids[static_cast<size_t>(i + n - 1)]);
  }
  return banned;
}

at::Tensor samplingProbabilities(const at::Tensor& logits, const GenerationOptions& options) {
  const at::Tensor scores = logits.detach().to(at::kCPU, at::kDouble) / options.temperature;
  if (options.top_k == 0 && options.top_p >= 1.0) return scores.softmax(0);
  auto [sorted, order] = scores.sort(true, 0, true);
  if (options.top_k > 0 && options.top_k < sorted.size(0)) sorted.narrow(0, options.top_k, sorted.size(0) - options.top_k).fill_(-INFINITY);
  at::Tensor probabilities = sorted.softmax(0);
  if (options.top_p < 1.0) {  // a token stays while those before it have not reached p
    probabilities = probabilities * ((probabilities.cumsum(0) - probabilities) < options.top_p);
    probabilities = probabilities / probabilities.sum();
  }
  return at::zeros_like(probabilities).scatter(0, order, probabilities);
}

Generated generate(const StepFunction& step, const at::Tensor& first_logits, KvCache& cache, const GenerationOptions& options,
                   std::optional<at::Generator> generator, const TokenCallback& on_token) {
  options.check();
  checkStart(first_logits);
  const at::NoGradGuard no_grad;
  if (options.method == "beam") {
    if (on_token) refuse("generation.method", "greedy or sample for an answer that appears word by word", "beam", "Choose another method.");
    return beamSearch(step, first_logits, cache, options).front();
  }
  if (options.method == "sample" && !generator) refuse("generation.method", "a generator of random numbers", "none", "Give a seed.");
  Generated result;
  at::Tensor logits = first_logits;
  while (true) {
    const at::Tensor model = logProbabilities(logits)[0];  // [V]
    const int64_t id = choose(withoutRepeats(model, result.ids, options.no_repeat_ngram), options, generator);
    if (id < 0) break;
    const double log_probability = model[id].item<double>();
    result.log_probability += log_probability;
    if (std::find(options.end_ids.begin(), options.end_ids.end(), id) != options.end_ids.end()) {
      result.finish = Finish::kEnd;
      break;
    }
    result.ids.push_back(id);
    if (on_token && !on_token(id, log_probability)) {
      result.finish = Finish::kStopped;
      break;
    }
    if (static_cast<int64_t>(result.ids.size()) >= options.max_tokens) break;
    logits = step(at::tensor({id}, at::kLong), cache);
  }
  result.score = result.log_probability;
  return result;
}

Generated generate(const Decoder& decoder, const at::Tensor& prefix, const GenerationOptions& options,
                   std::optional<at::Generator> generator, const TokenCallback& on_token) {
  if (prefix.dim() != 3 || prefix.size(0) != 1 || prefix.size(1) < 1) throw ShapeError("generation continues one prompt: [1, P, width]");
  options.check();
  const at::NoGradGuard no_grad;
  KvCache cache;
  const at::Tensor hidden = decoder.forward(prefix, {}, &cache);
  GenerationOptions fitting = options;  // the last token is never fed back, so it needs no position
  fitting.max_tokens = std::min(options.max_tokens, decoder.shape().max_positions - prefix.size(1) + 1);
  const StepFunction step = [&](const at::Tensor& last_ids, KvCache& state) {
    const at::Tensor embedded = decoder.embed(last_ids.to(prefix.device()).unsqueeze(1));  // [B, 1, width]
    return decoder.logits(decoder.forward(embedded, {}, &state).select(1, 0));
  };
  return generate(step, decoder.logits(hidden.select(1, -1)), cache, fitting, generator, on_token);
}

}  // namespace hvlm
