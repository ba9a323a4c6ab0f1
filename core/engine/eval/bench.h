// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "engine/model/model.h"
#include "jobs/bench_spec.h"
#include "support/measure.h"

// Benchmarks of parts of the engine (`hvlm bench`), all in the threads that are set. `progress` is asked before every pass; false
// throws Interrupted. Every answer has
//   part, threads, repeats
//   seconds {median, iqr_low, iqr_high}  of one pass (quartiles)
//   flops, gflops (10^9 a second)        products alone (flops.h); absent where a part has none
//   gemm_gflops, gemm_share              the machine's peak (gemm_peak.h), measured before and after in the same run, and gflops over it
//   bytes, gbs                           moved by a pass, and 10^9 of them a second: the operands of its calls (flops.h), or the least that
//                                        must move (pyramid, loss, data)
//   copy_gbs, bandwidth_share            what a copy reads and writes (support/measure.h) in the same run, and gbs over it
//   peak_bytes, peak_resident_bytes      tensors of a pass over what was there before; resident memory of the process since the passes began
namespace hvlm {

using BenchProgress = std::function<bool(const std::string& phase, int64_t done, int64_t total)>;

inline constexpr int64_t kBenchWarmUps = 2;  // passes before those that count

struct BenchLimits {
  double gemm_gflops = 0.0;
  double copy_gbs = 0.0;
};
BenchLimits measureLimits(const BenchProgress& progress);

void proceedOrStop(const BenchProgress& progress, const std::string& phase, int64_t done, int64_t total);  // throws Interrupted

// Times each of `works` in turn, so that a machine that slows down meets all of them; two rounds of warm-up first.
std::vector<Spread> timeInTurns(const std::vector<std::function<void()>>& works, int64_t repeats, const BenchProgress& progress);

// Adds seconds, gflops, gbs and the shares to an answer; `flops` 0: the part has no products.
void addFigures(nlohmann::json& answer, const Spread& seconds, double flops, double bytes, const BenchLimits& limits);

// What packing wastes, in operations of the forward pass of `batches` (indices into `lengths`, at most `most` of them):
//   batches, videos, flops, flops_alone (each video by itself), wasted_share (what the packed pass does over that),
//   padded_share (what a batch padded to its longest video would waste), padded_shuffled_share (the same for batches in list order)
nlohmann::json wasteAccount(const HierarchicalModel& model, const std::vector<int64_t>& lengths, const std::vector<std::vector<int64_t>>& batches, size_t most);

// Inference over all videos of a list of lengths in packed batches, one pass = all of them. More keys: config_hash, mixer, parameters, mix, videos,
// rows, lengths [in list order], batch, steps_per_second (of the videos), videos_per_second, waste; int8 {seconds, gain (over the median), layers}: the same with
// int8 weights (model/int8_weights.h), passes in turns, where the processor has them.
nlohmann::json benchModelOnMix(const BenchSpec& spec, const BenchProgress& progress);

// Attention pooling of all levels, forward and backward, on `batch` videos (8 x 250 x 1,024). More keys: kernel (fused or plain), plain {seconds, gbs, bandwidth_share,
// peak_bytes, traffic_bytes: what its calls move} where both are there, rows, dim, lengths, copy_gbs_same_size: a copy of arrays as large as the data of a pass, which caches
// may hold; bandwidth_share is over that.
nlohmann::json benchPyramid(const BenchSpec& spec, const BenchProgress& progress);
nlohmann::json benchTemporalLoss(const BenchSpec& spec, const BenchProgress& progress);  // the same of the temporal loss

// One epoch of features as training reads them. More keys: stores [{type, file_bytes, videos, rows, columns, seconds, cold_seconds (median, with
// `cold`), gbs (float32 that came out), memcpy_gbs, memcpy_share, videos_per_second}].
nlohmann::json benchData(const BenchSpec& spec, const BenchProgress& progress);

}  // namespace hvlm
