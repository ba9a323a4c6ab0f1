// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>

#include "runs/config.h"

namespace hvlm {

// A benchmark of one part of the engine, beside the machine's limits measured in the same run. The result is JSON; its keys stand
// in engine/eval/bench.h. Which fields count depends on the part.
struct BenchSpec {
  std::string part = "train";  // model, train, pyramid, loss, data, text, start (loads the engine and computes one number)
  RunConfig config;            // model, train
  std::string data;            // train, data: a data set; empty: random features of a list of lengths
  std::string subset = "training";
  std::string features;        // data: an HDF5 file or a folder of .npy, in place of a data set
  std::string key = "c3d_features";
  std::string store_type = "both";  // data, made up: float16, float32 or both
  std::string keep;            // data, made up, of one type: leave the file there, for other readers
  bool cold = false;           // data: drop the file from the page cache before each pass
  std::string mix = "ucf15";   // list of lengths: equal (all `steps`), ucf15, activitynet (engine/eval/bench_lengths.h)
  int64_t videos = 64;         // of the list; a data set gives all of its own
  int64_t steps = 250;         // of one video where lengths are equal
  int64_t dim = 0;             // width of the features or nodes; 0 = the part's own
  int64_t classes = 15;
  int64_t batch = 0;           // videos at once; 0 = the config's own (model, train) or 8
  int64_t repeats = 7;         // timed passes, after two that are not counted
  bool plain = false;          // without the fused kernels
  int64_t threads = 0;
};

}  // namespace hvlm
