// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <vector>

// What benchmarks share: times, their spread, the machine's memory.
namespace hvlm {

double secondsOf(const std::function<void()>& work);  // wall clock

// Median and quartiles, between two values where they fall there; zeros for none.
struct Spread {
  double median = 0.0, low = 0.0, high = 0.0;
};
Spread spreadOf(std::vector<double> values);
nlohmann::json spreadJson(const Spread& spread);  // {"median", "iqr_low", "iqr_high"}

// Bytes a second that `threads` threads read and write together while they copy between arrays of `bytes` bytes in all, each thread
// its own part: the best of several passes, as in STREAM's "copy" (McCalpin 1995). A plain copy delivers half of it.
// 0 bytes: arrays past the last cache (at most 256 MiB each), so that memory itself is measured.
double copyBandwidth(int64_t threads, int64_t bytes = 0);

// Highest resident memory of this process in bytes since the last reset, or since it began where the system has no reset.
int64_t peakResidentBytes();
bool resetPeakResident();

}  // namespace hvlm
