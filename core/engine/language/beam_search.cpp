// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/language/decoding.h"
#include "support/error.h"

namespace hvlm {
namespace {

double penalty(int64_t tokens, double alpha) { return std::pow((5.0 + static_cast<double>(tokens)) / 6.0, alpha); }

bool better(const Generated& a, const Generated& b) { return a.score > b.score; }

// One way on from a live beam.
struct Candidate {
  int64_t beam = 0;
  int64_t id = 0;
  double log_probability = 0.0;  // of the whole
};

// The likeliest ways on from all beams together, best first; banned ones left out.
std::vector<Candidate> expand(const std::vector<Generated>& live, const at::Tensor& logits, const GenerationOptions& options) {
  at::Tensor totals = logProbabilities(logits);  // [B, V]
  for (size_t b = 0; b < live.size(); ++b) {
    at::Tensor row = totals[static_cast<int64_t>(b)];
    row.add_(live[b].log_probability);
    const std::vector<int64_t> banned = repeatedBy(live[b].ids, options.no_repeat_ngram);
    if (!banned.empty()) row.index_fill_(0, at::tensor(banned, at::kLong), -std::numeric_limits<double>::infinity());
  }
  // However many of them end, enough are left to go on with.
  const int64_t wanted = options.beams * (1 + static_cast<int64_t>(options.end_ids.size()));
  const auto [values, places] = totals.flatten().topk(std::min(wanted, totals.numel()));
  std::vector<Candidate> candidates;
  for (int64_t i = 0; i < values.size(0); ++i) {
    const double total = values[i].item<double>();
    const int64_t place = places[i].item<int64_t>();
    if (std::isfinite(total)) candidates.push_back({place / totals.size(1), place % totals.size(1), total});
  }
  return candidates;
}

void keepBest(std::vector<Generated>& results, int64_t most) {
  std::stable_sort(results.begin(), results.end(), better);
  if (static_cast<int64_t>(results.size()) > most) results.resize(static_cast<size_t>(most));
}

class Search {
 public:
  explicit Search(const GenerationOptions& options) : options_(options) {}

  // Takes the candidates of one step. False when the search is over.
  bool take(const std::vector<Candidate>& candidates) {
    std::vector<Generated> next;
    parents_.clear();
    for (size_t rank = 0; rank < candidates.size() && static_cast<int64_t>(next.size()) < options_.beams; ++rank) {
      const Candidate& c = candidates[rank];
      Generated grown = live_[static_cast<size_t>(c.beam)];
      grown.log_probability = c.log_probability;
      grown.score = c.log_probability / penalty(static_cast<int64_t>(grown.ids.size()) + 1, options_.length_penalty);
      if (std::find(options_.end_ids.begin(), options_.end_ids.end(), c.id) != options_.end_ids.end()) {
        grown.finish = Finish::kEnd;
        if (static_cast<int64_t>(rank) < options_.beams) finished_.push_back(std::move(grown));  // no beam would have held a lower one
        continue;
      }
      grown.ids.push_back(c.id);
      next.push_back(std::move(grown));
      parents_.push_back(c.beam);
    }
    keepBest(finished_, options_.beams);
    if (next.empty() && finished_.empty()) return false;  // all banned: the live ones are what there is
    live_ = std::move(next);
    if (over()) live_.clear();
    return !live_.empty() && static_cast<int64_t>(live_.front().ids.size()) < options_.max_tokens;
  }

  at::Tensor parents() const { return at::tensor(parents_, at::kLong); }
  at::Tensor lastIds() const {
    std::vector<int64_t> ids;
    for (const Generated& beam : live_) ids.push_back(beam.ids.back());
    return at::tensor(ids, at::kLong);
  }
  const std::vector<Generated>& live() const { return live_; }
  std::vector<Generated> results() {
    finished_.insert(finished_.end(), live_.begin(), live_.end());
    keepBest(finished_, options_.beams);
    return finished_;
  }

 private:
  // Log-probabilities only fall, so a live beam's best hope is to keep its own at the greatest length.
  bool over() const {
    if (static_cast<int64_t>(finished_.size()) < options_.beams) return false;
    if (options_.early_stop || live_.empty()) return true;
    double best = live_.front().log_probability;
    for (const Generated& beam : live_) best = std::max(best, beam.log_probability);
    return best / penalty(options_.max_tokens + 1, options_.length_penalty) <= finished_.back().score;
  }

  const GenerationOptions& options_;
  std::vector<Generated> live_ = {Generated{}};
  std::vector<Generated> finished_;
  std::vector<int64_t> parents_;
};

}  // namespace

std::vector<Generated> beamSearch(const StepFunction& step, const at::Tensor& first_logits, KvCache& cache,
                                  const GenerationOptions& options) {
  options.check();
  if (first_logits.dim() != 2 || first_logits.size(0) != 1) throw ShapeError("beam search continues one prompt: scores [1, V]");
  const at::NoGradGuard no_grad;
  Search search(options);
  at::Tensor logits = first_logits;
  while (search.take(expand(search.live(), logits, options))) {
    cache.reorder(search.parents());
    logits = step(search.lastIds(), cache);
  }
  return search.results();
}

}  // namespace hvlm
