// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace hvlm {

// How a continuation is chosen, token by token.
struct GenerationOptions {
  std::string method = "greedy";  // the likeliest token, "beam": the likeliest whole, "sample": drawn at random
  int64_t max_tokens = 128;       // most tokens of a continuation
  int64_t beams = 4;              // "beam": continuations that are followed side by side
  double length_penalty = 0.6;    // "beam": alpha; 0 prefers short ones, more prefers long ones
  bool early_stop = true;         // "beam": ends with the first `beams` finished ones; else when no better one can come
  double temperature = 1.0;       // "sample": scores are divided by it; less is nearer to greedy
  int64_t top_k = 0;              // "sample": only the likeliest k tokens; 0: all
  double top_p = 1.0;             // "sample": only the likeliest tokens that together reach this probability
  int64_t no_repeat_ngram = 0;    // no run of so many generated tokens comes twice; 0: no such rule
  std::vector<int64_t> end_ids;   // tokens that end a continuation; not part of it

  template <class Fields>
  void describe(Fields& f) {
    f("method", method, {"greedy", "beam", "sample"}, "How tokens are chosen");
    f("max_tokens", max_tokens, {1, 1 << 20}, "Most tokens of a continuation");
    f("beams", beams, {1, 256}, "Continuations that beam search follows side by side");
    f("length_penalty", length_penalty, {0.0, 10.0}, "Exponent of beam search's length penalty; more prefers long continuations");
    f("early_stop", early_stop, {}, "Beam search ends as soon as enough continuations are finished");
    f("temperature", temperature, {1e-3, 100.0}, "Sampling divides scores by this");
    f("top_k", top_k, {0, 1 << 22}, "Sampling keeps this many of the likeliest tokens; 0 keeps all");
    f("top_p", top_p, {1e-9, 1.0}, "Sampling keeps the likeliest tokens up to this probability in sum");
    f("no_repeat_ngram", no_repeat_ngram, {0, 1024}, "Runs of this many tokens come once at most; 0 allows all");
    f("end_ids", end_ids, {0, 1 << 22}, "Tokens that end a continuation");
  }
  void check() const;  // throws InputError naming the option that is out of range
};

}  // namespace hvlm
