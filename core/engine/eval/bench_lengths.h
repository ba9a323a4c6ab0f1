// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace hvlm {

// Steps of `videos` videos for benchmarks, in an order that is mixed and always the same:
//   equal        `steps` each
//   ucf15        as the training videos of ucf15 (30 to 239 steps, mean 155)
//   activitynet  as the training videos of ActivityNet 1.3 at one step a second (7 to 237 steps, mean 117)
// The last two are 64 evenly spaced quantiles of the real lengths; fewer videos take some of them evenly, more take all again.
// Throws InputError for another name and for counts below 1.
std::vector<int64_t> benchLengths(const std::string& mix, int64_t videos, int64_t steps);

}  // namespace hvlm
