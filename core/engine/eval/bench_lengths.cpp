// SPDX-License-Identifier: Apache-2.0
#include "engine/eval/bench_lengths.h"

#include <array>
#include <span>

#include "support/error.h"
#include "support/random.h"

namespace hvlm {
namespace {

constexpr size_t kQuantiles = 64;
constexpr std::array<int16_t, kQuantiles> kUcf15 = {36,  42,  50,  57,  60,  63,  67,  73,  77,  80,  87,  91,  99,  103, 106, 113, 117, 125, 127, 129, 133, 136,
                                                    139, 142, 145, 147, 150, 153, 154, 160, 163, 166, 169, 170, 171, 174, 176, 178, 179, 181, 183, 186, 187, 189,
                                                    192, 194, 197, 198, 202, 206, 207, 209, 210, 212, 214, 214, 218, 221, 225, 228, 230, 232, 235, 239};
constexpr std::array<int16_t, kQuantiles> kActivityNet = {7,   12,  15,  20,  24,  27,  31,  33,  37,  40,  44,  47,  51,  54,  57,  60,  63,  66,  69,  71,  75,  78,
                                                          81,  84,  87,  91,  94,  98,  101, 105, 108, 112, 116, 119, 122, 126, 129, 133, 136, 140, 144, 147, 151, 156,
                                                          159, 163, 167, 171, 174, 179, 182, 186, 189, 193, 198, 202, 206, 210, 214, 218, 223, 227, 232, 237};
constexpr uint64_t kOrderSeed = 7;

}  // namespace

std::vector<int64_t> benchLengths(const std::string& mix, int64_t videos, int64_t steps) {
  const auto refuse = [](const std::string& where, const std::string& expected, const std::string& found) {
    throw InputError({.where = where, .expected = expected, .found = found, .remedy = "See hvlm bench --help."});
  };
  if (videos < 1) refuse("videos", "1 or more", std::to_string(videos));
  if (mix == "equal") {
    if (steps < 1) refuse("steps", "1 or more", std::to_string(steps));
    return std::vector<int64_t>(static_cast<size_t>(videos), steps);
  }
  if (mix != "ucf15" && mix != "activitynet") refuse("lengths", "equal, ucf15 or activitynet", mix);
  const std::span<const int16_t> list = mix == "ucf15" ? kUcf15 : kActivityNet;
  const auto count = static_cast<size_t>(videos);
  std::vector<int64_t> lengths;
  for (size_t i = 0; i < count; ++i) lengths.push_back(list[count < kQuantiles ? (2 * i + 1) * kQuantiles / (2 * count) : i % kQuantiles]);
  SplitMix random(kOrderSeed);
  random.shuffle(lengths);
  return lengths;
}

}  // namespace hvlm
