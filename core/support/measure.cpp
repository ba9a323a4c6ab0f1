// SPDX-License-Identifier: Apache-2.0
#include "support/measure.h"

#include <malloc.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <barrier>
#include <chrono>
#include <cmath>
#include <cstring>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <thread>

namespace hvlm {
namespace {

constexpr int64_t kSmallestArray = int64_t{64} << 20, kLargestArray = int64_t{256} << 20;
constexpr int64_t kLeastTraffic = int64_t{512} << 20;  // bytes a pass copies: small arrays are copied often, so that the clock does not matter
constexpr size_t kPasses = 5;

double now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

int64_t pastLastCache() {
  const int64_t cache = sysconf(_SC_LEVEL3_CACHE_SIZE);
  return std::clamp(2 * std::max<int64_t>(cache, 0), kSmallestArray, kLargestArray);
}

}  // namespace

double secondsOf(const std::function<void()>& work) {
  const double started = now();
  work();
  return now() - started;
}

Spread spreadOf(std::vector<double> values) {
  if (values.empty()) return {};
  std::sort(values.begin(), values.end());
  const auto at = [&](double share) {
    const double place = share * static_cast<double>(values.size() - 1);
    const auto below = static_cast<size_t>(place);
    return std::lerp(values[below], values[std::min(below + 1, values.size() - 1)], place - static_cast<double>(below));
  };
  return {at(0.5), at(0.25), at(0.75)};
}

nlohmann::json spreadJson(const Spread& spread) { return {{"median", spread.median}, {"iqr_low", spread.low}, {"iqr_high", spread.high}}; }

double copyBandwidth(int64_t threads, int64_t bytes) {
  threads = std::max<int64_t>(threads, 1);
  const int64_t part = std::max<int64_t>((bytes > 0 ? bytes : pastLastCache()) / threads, 64);
  const int64_t rounds = bytes > 0 ? std::max<int64_t>(1, kLeastTraffic / (part * threads)) : 1;
  struct Stretch {
    double first = 0.0, last = 0.0;
  };
  // Stamped by the threads themselves: with more threads than cores, one that only watches may wake up late.
  std::vector<std::array<Stretch, kPasses>> stretches(static_cast<size_t>(threads));
  std::barrier together(threads);
  {
    std::vector<std::jthread> workers;
    for (int64_t t = 0; t < threads; ++t) {
      workers.emplace_back([&, t] {
        const auto size = static_cast<size_t>(part);
        const auto from = std::make_unique_for_overwrite<char[]>(size), to = std::make_unique_for_overwrite<char[]>(size);
        std::memset(from.get(), 1, size);
        std::memset(to.get(), 2, size);
        for (Stretch& own : stretches[static_cast<size_t>(t)]) {
          together.arrive_and_wait();
          own.first = now();
          for (int64_t round = 0; round < rounds; ++round) {
            std::memcpy(to.get(), from.get(), size);
            asm volatile("" : : "r"(to.get()) : "memory");  // every copy is made
          }
          own.last = now();
        }
      });
    }
  }
  double best = 0.0;
  for (size_t pass = 0; pass < kPasses; ++pass) {
    Stretch all = stretches.front()[pass];
    for (const auto& own : stretches) all = {std::min(all.first, own[pass].first), std::max(all.last, own[pass].last)};
    best = std::max(best, 2.0 * static_cast<double>(part * threads * rounds) / std::max(all.last - all.first, 1e-9));
  }
  return best;
}

int64_t peakResidentBytes() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmHWM:")) return std::strtoll(line.c_str() + 6, nullptr, 10) * 1024;
  }
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return int64_t{1024} * usage.ru_maxrss;
}

bool resetPeakResident() {
  malloc_trim(0);
  std::ofstream clear("/proc/self/clear_refs");
  clear << "5" << std::flush;
  return clear.good();
}

}  // namespace hvlm
