// SPDX-License-Identifier: Apache-2.0
// The training itself: batches, loss, epochs. What comes before and after it: tune_decoder_job.cpp.
#include <ATen/ATen.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <thread>

#include "engine/entry/tune_decoder_job.h"
#include "engine/train/schedule.h"
#include "support/error.h"
#include "support/hash.h"
#include "support/random.h"
#include "support/text.h"

namespace hvlm {
namespace {

using nlohmann::json;

constexpr double kWarmup = 0.03;  // share of the steps (Liu et al. 2023, arXiv:2304.08485, appendix C)
constexpr double kClip = 1.0;

double now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

}  // namespace

std::vector<std::vector<size_t>> TuneDecoderJob::batchesOf(const std::vector<size_t>& order) const {
  std::vector<std::vector<size_t>> batches;
  for (size_t i = 0; i < order.size(); ++i) {
    if (i % static_cast<size_t>(spec_.batch_size) == 0) batches.emplace_back();
    batches.back().push_back(order[i]);
  }
  return batches;
}

// Cross-entropy summed over the learned tokens of a batch, and their number. With `learn` the gradient of the mean is added up, over
// passes of talks of similar length: the sum does not depend on how they are cut.
std::pair<double, int64_t> TuneDecoderJob::lossOf(const std::vector<size_t>& batch, bool learn, const ForwardOptions& forward) {
  std::vector<size_t> order = batch;
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    return std::pair(talks_.talks[a].tokens.ids.size(), a) < std::pair(talks_.talks[b].tokens.ids.size(), b);
  });
  const std::vector<VisualTokens> seen = sight_->of(talks_.talks, order);
  int64_t learned = 0;
  for (const size_t i : order) learned += std::count(talks_.talks[i].tokens.learned.begin(), talks_.talks[i].tokens.learned.end(), true);
  double sum = 0.0;
  for (size_t begin = 0, end = 0; begin < order.size(); begin = end) {
    std::vector<SeenTalk> pass;
    for (; end < order.size(); ++end) {
      const SeenTalk talk{&talks_.talks[order[end]].tokens, &seen[end]};
      int64_t longest = talk.length();
      for (const SeenTalk& t : pass) longest = std::max(longest, t.length());
      if (!pass.empty() && longest * static_cast<int64_t>(pass.size() + 1) > kTokensAtOnce) break;
      pass.push_back(talk);
    }
    const SeeingDecoder::Loss loss = model_.loss(pass, forward);
    sum += loss.sum.item<double>();
    if (learn) (loss.sum / static_cast<double>(learned)).backward();
  }
  return {sum, learned};
}

double TuneDecoderJob::trainStep(AdamW& optimizer, const std::vector<size_t>& batch, double lr, at::Generator& generator) {
  ForwardOptions forward;
  forward.training = true;
  forward.generator = generator;
  optimizer.zeroGrad();
  const auto [sum, learned] = lossOf(batch, true, forward);
  const double loss = sum / static_cast<double>(learned);
  const double norm = optimizer.clipGradients(kClip);
  if (!std::isfinite(loss) || !std::isfinite(norm)) {
    throw InputError({.where = "step " + std::to_string(optimizer.steps() + 1),
                      .expected = "a finite loss",
                      .found = exactNumber(std::isfinite(loss) ? norm : loss),
                      .remedy = "Lower --lr; the last finished epoch is kept."});
  }
  optimizer.step(lr);
  return loss;
}

double TuneDecoderJob::heldOutLoss() {
  if (held_out_.empty()) return std::numeric_limits<double>::quiet_NaN();
  const at::NoGradGuard no_grad;
  double sum = 0.0;
  int64_t learned = 0;
  for (const auto& batch : batchesOf(held_out_)) {
    if (control_.stopRequested()) return std::numeric_limits<double>::quiet_NaN();
    const auto [part, tokens] = lossOf(batch, false, {});
    sum += part;
    learned += tokens;
  }
  return sum / static_cast<double>(learned);
}

bool TuneDecoderJob::goOn(int64_t step) {
  if (control_.between_steps) control_.between_steps("", {});
  bool said = false;
  while (control_.pauseRequested() && !control_.stopRequested()) {
    if (!std::exchange(said, true)) observer_.onEvent(StateEvent{"paused", step});
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    if (control_.between_steps) control_.between_steps("", {});
  }
  if (said && !control_.stopRequested()) observer_.onEvent(StateEvent{"running", step});
  return !control_.stopRequested();
}

void TuneDecoderJob::train() {
  std::vector<OptimizedTensor> tensors;
  for (const ParameterSet* set : {&model_.projecting, &model_.adapting}) {
    for (const Parameter& p : set->all()) tensors.push_back({p.name, p.value, 0.0});
  }
  AdamW optimizer(tensors, {});
  const auto per_epoch = static_cast<int64_t>(batchesOf(trained_).size());
  const int64_t total = per_epoch * spec_.epochs;
  const auto warmup = static_cast<int64_t>(std::ceil(kWarmup * static_cast<double>(total)));
  at::Generator generator = makeGenerator(mixSeed(spec_.seed, 0x64726f70));
  observer_.onEvent(StartedEvent{spec_.out, 0, total, spec_.epochs});
  first_held_out_ = heldOutLoss();
  const double begun = now();
  double best = std::numeric_limits<double>::infinity();
  int64_t step = 0, best_epoch = 0, seen = 0;
  for (int64_t epoch = 1; epoch <= spec_.epochs; ++epoch) {
    std::vector<size_t> order = trained_;
    SplitMix(mixSeed(spec_.seed, static_cast<uint64_t>(epoch))).shuffle(order);
    double sum = 0.0;
    for (const auto& batch : batchesOf(order)) {
      if (!goOn(step)) return finish(best_epoch, true);
      const double lr = learningRate(step, total, warmup, lr_, 0.0);
      const double loss = trainStep(optimizer, batch, lr, generator);
      ++step;
      sum += loss;
      seen += static_cast<int64_t>(batch.size());
      observer_.onEvent(StepEvent{
          step, static_cast<double>(step) / static_cast<double>(per_epoch), now() - begun, seen, {{"loss/total", loss}, {"lr", lr}}});
    }
    const double mean = sum / static_cast<double>(per_epoch), held = heldOutLoss();
    if (control_.stopRequested()) return finish(best_epoch, true);
    const bool is_best = held_out_.empty() || held < best;
    epochs_.push_back({{"epoch", epoch}, {"loss", mean}, {"held_out_loss", std::isfinite(held) ? json(held) : json()}});
    observer_.onEvent(EpochEvent{epoch, step, now() - begun, {{"loss/total", mean}}});
    if (!held_out_.empty()) observer_.onEvent(EvaluatedEvent{step, "held out", is_best, {{"loss", held}}});
    if (!is_best) continue;
    best = held;
    best_epoch = epoch;
    write(best_epoch);
    observer_.onEvent(CheckpointEvent{step, spec_.out, true});
  }
  finish(best_epoch, false);
}

}  // namespace hvlm
