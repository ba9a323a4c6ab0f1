// SPDX-License-Identifier: Apache-2.0
// The parts that kernels of our own are for, beside the plain version.
#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include "engine/eval/bench.h"
#include "engine/eval/bench_lengths.h"
#include "engine/eval/flops.h"
#include "engine/kernels/kernels.h"
#include "engine/model/pyramid.h"
#include "engine/objective/temporal.h"

namespace hvlm {
namespace {

using Json = nlohmann::json;

constexpr int64_t kVideos = 8, kWidth = 1024, kPoolingVectors = 16;

struct Rows {
  std::vector<int64_t> lengths, offsets{0};
  at::Tensor values;  // [N, D], a leaf
};

Rows randomRows(const BenchSpec& spec) {
  Rows rows;
  rows.lengths = benchLengths(spec.mix, spec.batch > 0 ? spec.batch : kVideos, spec.steps);
  for (const int64_t steps : rows.lengths) rows.offsets.push_back(rows.offsets.back() + steps);
  at::Generator generator = makeGenerator(3);
  rows.values = normalInit({rows.offsets.back(), spec.dim > 0 ? spec.dim : kWidth}, 1.0, generator, at::kFloat).requires_grad_(true);
  return rows;
}

// `least_bytes`: what a pass must read and write when nothing in between leaves the caches.
Json measureKernel(const BenchSpec& spec, const char* part, const Rows& rows, int64_t least_bytes, const std::function<void()>& clear, const std::function<void()>& forward_backward,
                   const BenchProgress& progress) {
  const auto pass = [&] {
    clear();
    forward_backward();
  };
  const auto peakOf = [&](const std::function<void()>& work) {  // of a pass that frees nothing made before it
    clear();
    const int64_t peak = peakTensorBytes(work);
    clear();
    return peak;
  };
  const BenchLimits limits = measureLimits(progress);
  const double same_size = copyBandwidth(at::get_num_threads(), least_bytes / 2) / 1e9;
  const bool fused = fusedAvailable();
  const auto plain_pass = [&pass] {
    forcePlain(true);
    pass();
    forcePlain(false);
  };
  resetPeakResident();
  const std::vector<Spread> spreads = timeInTurns(fused ? std::vector<std::function<void()>>{pass, plain_pass} : std::vector<std::function<void()>>{pass}, spec.repeats, progress);
  const int64_t resident = peakResidentBytes();
  const Spread& seconds = spreads.front();
  const double bytes = static_cast<double>(least_bytes);
  Json answer = {{"part", part}, {"kernel", fused ? "fused" : "plain"}, {"mix", spec.mix}, {"lengths", rows.lengths}, {"rows", rows.values.size(0)}, {"dim", rows.values.size(1)},
                 {"threads", at::get_num_threads()}, {"repeats", spec.repeats}, {"videos_per_second", static_cast<double>(rows.lengths.size()) / seconds.median},
                 {"steps_per_second", static_cast<double>(rows.values.size(0)) / seconds.median}, {"peak_bytes", peakOf(pass)}, {"peak_resident_bytes", resident}};
  addFigures(answer, seconds, 0.0, bytes, limits);
  answer["copy_gbs_same_size"] = same_size;
  answer["bandwidth_share"] = bytes / seconds.median / 1e9 / same_size;
  if (fused) {
    const double gbs = bytes / spreads[1].median / 1e9;
    answer["plain"] = {{"seconds", spreadJson(spreads[1])}, {"gbs", gbs}, {"bandwidth_share", gbs / same_size}, {"peak_bytes", peakOf(plain_pass)}, {"traffic_bytes", countTraffic(plain_pass)}};
  } else {
    answer["traffic_bytes"] = countTraffic(pass);
  }
  return answer;
}

}  // namespace

Json benchPyramid(const BenchSpec& spec, const BenchProgress& progress) {
  Rows rows = randomRows(spec);
  at::Generator generator = makeGenerator(4);
  const int64_t width = rows.values.size(1);
  at::Tensor pooling = normalInit({kPoolingVectors, width}, 0.05, generator, at::kFloat).requires_grad_(true);
  const PyramidPlan plan = planPyramid(rows.offsets, "ceil", -1);
  const int64_t nodes = plan.level_start.back(), above = nodes - rows.values.size(0);
  const at::Tensor upstream = normalInit({nodes, width}, 1.0, generator, at::kFloat);
  const auto clear = [&] {
    rows.values.mutable_grad() = at::Tensor();
    pooling.mutable_grad() = at::Tensor();
  };
  const auto pass = [&] {
    buildPyramid(rows.values, pooling, planPyramid(rows.offsets, "ceil", -1)).nodes.backward(upstream);
  };
  // Forward: steps read, all nodes written. Backward: nodes and their gradients read, the steps' gradient written.
  const int64_t least = 4 * width * (rows.values.size(0) + nodes + 2 * nodes + rows.values.size(0));
  Json answer = measureKernel(spec, "pyramid", rows, least, clear, pass, progress);
  answer["nodes_above"] = above;
  return answer;
}

Json benchTemporalLoss(const BenchSpec& spec, const BenchProgress& progress) {
  Rows rows = randomRows(spec);
  const auto clear = [&] { rows.values.mutable_grad() = at::Tensor(); };
  const auto pass = [&] { temporalLoss(rows.values, rows.offsets).mean_videos.backward(); };
  // Forward: steps read. Backward: steps read, their gradient written.
  return measureKernel(spec, "loss", rows, 3 * 4 * rows.values.numel(), clear, pass, progress);
}

}  // namespace hvlm
