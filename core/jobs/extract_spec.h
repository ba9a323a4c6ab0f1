// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace hvlm {

struct ExtractVideo {
  std::string id;    // of the data set, without "v_"
  std::string file;
};

// Features of real videos: a vector per step, into an HDF5 file in the ActivityNet layout (/v_ID/KEY, float16) with a manifest beside it.
// Finished videos lie in OUT.parts/, so the same call goes on where it was stopped and a later one adds videos.
struct ExtractSpec {
  std::vector<ExtractVideo> videos;
  std::string out;                          // features.h5
  std::string backbone = "efficientnet-lite0";  // see engine/backbone/backbone.h
  std::string weights, layer;
  bool trust = false;
  double fps = 1.0;            // steps a second
  double offset = 0.5;         // of a step: where in it the frame is taken, 0 its start, 0.5 its middle
  int64_t stride = 1;          // frames of the video between two frames of a clip (networks that take clips)
  int64_t batch = 16;          // steps the network takes at once
  int64_t decoders = 0;        // threads that decode; 0 = one per core
  std::string key = "c3d_features";
  std::string pca;             // a file of `hvlm pca fit`: vectors are reduced before they are stored
  std::string npy;             // also ID.npy (float32) into this folder
  bool channels = false;       // side channels /v_ID/motion and /v_ID/saliency
  std::string local_memory;    // also local/ID.npy [100, D] and memory/ID.npy [5, D] into this folder
  bool hardware = false;       // try the machine's video decoder; what it cannot decode falls back
  int64_t threads = 0;
};

// Principal components of a feature file or data set.
struct PcaSpec {
  std::string features;   // an HDF5 file or folder of .npy …
  std::string key = "c3d_features";
  std::string data;       // … or a data set, of which `subset` alone is fitted
  std::string subset = "training";
  std::string file;       // the PCA: written by a fit, read otherwise
  int64_t dims = 512;
  bool whiten = false;
  bool apply = false;     // write `out` with `file` in place of fitting
  std::string out;        // features.h5 of reduced width
  int64_t threads = 0;
};

// How fast extraction is beside the machine's limits, in one run on clips it makes itself.
struct ExtractBenchSpec {
  std::string backbone = "efficientnet-lite0";
  int64_t videos = 4;
  double seconds = 40.0;
  int64_t width = 640, height = 360;
  int64_t threads = 0;
};

}  // namespace hvlm
