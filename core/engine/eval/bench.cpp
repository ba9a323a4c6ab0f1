// SPDX-License-Identifier: Apache-2.0
#include "engine/eval/bench.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <numeric>

#include "data/batch.h"
#include "engine/eval/bench_lengths.h"
#include "engine/eval/flops.h"
#include "engine/eval/gemm_peak.h"
#include "engine/model/int8_weights.h"
#include "support/error.h"

namespace hvlm {
namespace {

using Json = nlohmann::json;
using Batches = std::vector<std::vector<int64_t>>;

constexpr int64_t kInputDim = 512;
constexpr size_t kWasteBatches = 16;

// Random features of videos of these lengths, packed.
Packed randomPack(const std::vector<int64_t>& lengths, int64_t columns, at::Generator& generator) {
  Packed pack{{}, {0}, {}, {}};
  for (const int64_t steps : lengths) pack.offsets.push_back(pack.offsets.back() + steps);
  pack.x = normalInit({pack.offsets.back(), columns}, 1.0, generator, at::kFloat);
  return pack;
}

std::vector<int64_t> lengthsOf(const std::vector<int64_t>& batch, const std::vector<int64_t>& lengths) {
  std::vector<int64_t> own;
  for (const int64_t i : batch) own.push_back(lengths[static_cast<size_t>(i)]);
  return own;
}

int64_t forwardFlops(const HierarchicalModel& model, const std::vector<int64_t>& lengths) {
  at::Generator generator = makeGenerator(1);
  const Packed pack = randomPack(lengths, model.inputDim(), generator);
  return countFlops([&] {
    const at::NoGradGuard no_grad;
    model.forward(pack);
  });
}

// As a padded batch would compute it: every video as long as the longest.
int64_t paddedFlops(const HierarchicalModel& model, std::vector<int64_t> lengths) {
  std::fill(lengths.begin(), lengths.end(), *std::max_element(lengths.begin(), lengths.end()));
  return forwardFlops(model, lengths);
}

}  // namespace

void proceedOrStop(const BenchProgress& progress, const std::string& phase, int64_t done, int64_t total) {
  if (progress && !progress(phase, done, total)) throw Interrupted("stopped while measuring; nothing was written");
}

BenchLimits measureLimits(const BenchProgress& progress) {
  proceedOrStop(progress, "measuring the machine's limits", 0, 0);
  return {gemmGflops(), copyBandwidth(at::get_num_threads()) / 1e9};
}

std::vector<Spread> timeInTurns(const std::vector<std::function<void()>>& works, int64_t repeats, const BenchProgress& progress) {
  std::vector<std::vector<double>> seconds(works.size());
  const int64_t passes = (kBenchWarmUps + repeats) * static_cast<int64_t>(works.size());
  int64_t done = 0;
  for (int64_t round = -kBenchWarmUps; round < repeats; ++round) {
    for (size_t i = 0; i < works.size(); ++i) {
      proceedOrStop(progress, "timing passes", done++, passes);
      const double once = secondsOf(works[i]);
      if (round >= 0) seconds[i].push_back(once);
    }
  }
  std::vector<Spread> spreads;
  for (auto& own : seconds) spreads.push_back(spreadOf(std::move(own)));
  return spreads;
}

void addFigures(Json& answer, const Spread& seconds, double flops, double bytes, const BenchLimits& limits) {
  answer["seconds"] = spreadJson(seconds);
  if (flops > 0) {
    const double gflops = flops / seconds.median / 1e9, peak = std::max(limits.gemm_gflops, gemmGflops());
    answer.update({{"flops", flops}, {"gflops", gflops}, {"gemm_gflops", peak}, {"gemm_share", gflops / peak}});
  }
  const double gbs = bytes / seconds.median / 1e9;
  answer.update({{"bytes", bytes}, {"gbs", gbs}, {"copy_gbs", limits.copy_gbs}, {"bandwidth_share", gbs / limits.copy_gbs}});
}

Json wasteAccount(const HierarchicalModel& model, const std::vector<int64_t>& lengths, const Batches& batches, size_t most) {
  const size_t count = std::min(most, batches.size());
  int64_t packed = 0, alone = 0, padded = 0, videos = 0;
  for (size_t i = 0; i < count; ++i) {
    const std::vector<int64_t> own = lengthsOf(batches[i], lengths);
    packed += forwardFlops(model, own);
    padded += paddedFlops(model, own);
    for (const int64_t steps : own) alone += forwardFlops(model, {steps});
    videos += static_cast<int64_t>(own.size());
  }
  // The whole list in its own order, against its own work: other batches hold other videos.
  int64_t shuffled = 0, shuffled_alone = 0;
  const auto size = batches.front().size();
  for (size_t first = 0, taken = 0; first < lengths.size() && taken < count; first += size, ++taken) {
    const std::vector<int64_t> own(lengths.begin() + static_cast<std::ptrdiff_t>(first), lengths.begin() + static_cast<std::ptrdiff_t>(std::min(lengths.size(), first + size)));
    shuffled += paddedFlops(model, own);
    for (const int64_t steps : own) shuffled_alone += forwardFlops(model, {steps});
  }
  const auto share = [](int64_t useful, int64_t done) { return done > 0 ? 1.0 - static_cast<double>(useful) / static_cast<double>(done) : 0.0; };
  return {{"batches", count}, {"videos", videos}, {"flops", packed}, {"flops_alone", alone}, {"wasted_share", share(alone, packed)},
          {"padded_share", share(alone, padded)}, {"padded_shuffled_share", share(shuffled_alone, shuffled)}};
}

Json benchModelOnMix(const BenchSpec& spec, const BenchProgress& progress) {
  const std::vector<int64_t> lengths = benchLengths(spec.mix, spec.videos, spec.steps);
  const int64_t batch = spec.batch > 0 ? spec.batch : spec.config.train.batch_size;
  const Batches batches = epochOrder(lengths, batch, 1, 0);
  const HierarchicalModel model(spec.config, spec.dim > 0 ? spec.dim : kInputDim, spec.classes, spec.config.seed);
  at::Generator generator = makeGenerator(2);
  std::vector<Packed> packs;
  for (const auto& videos : batches) packs.push_back(randomPack(lengthsOf(videos, lengths), model.inputDim(), generator));
  const auto sweep = [&] {
    const at::NoGradGuard no_grad;
    for (const Packed& pack : packs) model.forward(pack);
  };
  Int8Weights int8(model.parameters());
  int8.setActive(false);
  const auto sweepInt8 = [&] {
    int8.setActive(true);
    sweep();
    int8.setActive(false);
  };
  const BenchLimits limits = measureLimits(progress);
  resetPeakResident();
  sweep();
  const int64_t resident = peakResidentBytes();
  std::vector<std::function<void()>> works{sweep};
  if (Int8Weights::supported() && model.parameters().count() > 0) works.emplace_back(sweepInt8);
  const std::vector<Spread> spreads = timeInTurns(works, spec.repeats, progress);
  const Spread& seconds = spreads.front();
  proceedOrStop(progress, "counting operations and bytes", 0, 0);
  const auto rows = std::accumulate(lengths.begin(), lengths.end(), int64_t{0});
  Json answer = {{"part", "model"}, {"config_hash", configHash(spec.config)}, {"mixer", spec.config.encoder.mixer}, {"parameters", model.parameters().count()},
                 {"mix", spec.mix}, {"videos", lengths.size()}, {"rows", rows}, {"lengths", lengths}, {"input_dim", model.inputDim()}, {"batch", batch},
                 {"threads", at::get_num_threads()}, {"repeats", spec.repeats}, {"steps_per_second", static_cast<double>(rows) / seconds.median},
                 {"videos_per_second", static_cast<double>(lengths.size()) / seconds.median}, {"peak_bytes", peakTensorBytes(sweep)}, {"peak_resident_bytes", resident}};
  addFigures(answer, seconds, static_cast<double>(countFlops(sweep)), static_cast<double>(countTraffic(sweep)), limits);
  if (spreads.size() > 1) answer["int8"] = {{"seconds", spreadJson(spreads[1])}, {"gain", seconds.median / spreads[1].median}, {"layers", int8.layers()}};
  answer["waste"] = wasteAccount(model, lengths, batches, kWasteBatches);
  return answer;
}

}  // namespace hvlm
