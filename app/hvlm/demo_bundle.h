// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <filesystem>

namespace hvlm::cli {

struct BundleOptions {
  std::filesystem::path data;  // folder of the demo's data set: annotations, captions, features.h5, videos/
  std::filesystem::path run;   // a finished run on it
  std::filesystem::path out;   // must not exist
  int64_t videos = 8;          // of the validation subset: the first of each class in turn
};

// The small finished demo that comes with the program: some validation videos with their features and texts, and a run that can be looked into
// (weights as float16, every fifth step of its curves, its report and predictions on the whole subset). It cannot be trained on: `hvlm demo` makes
// the whole. The same input gives the same bytes; no path, host or clock of the machine stays in it. Throws InputError.
void writeDemoBundle(const BundleOptions& options);

}  // namespace hvlm::cli
