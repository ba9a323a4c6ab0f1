// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "support/describe.h"

namespace hvlm {

// A synthetic data set with known structure: each class is an ordered sequence of latent states, so that the bag of
// steps is less telling than their order; background states are shared by all. Written in the formats of a real data
// set.
struct SynthOptions {
  int64_t videos = 120;  // of them `validation_share` validation
  int64_t dim = 128;     // feature width
  int64_t classes = 6;
  int64_t mean_steps = 90;  // steps per video, 1 s each; lengths vary from a half to twice that
  double noise = 0.6;       // standard deviation of the noise added to each unit-scale channel
  double validation_share = 0.3;
  bool channels = false;  // also write the side channels motion and saliency
  int64_t distinct = 0;   // videos with features of their own; further ones share theirs and their layout in turn; 0 = all
  uint64_t seed = 1;
  int64_t shortest = 0, longest = 0;  // bounds of a video in steps, for sets of real files; 0 = none
  template <class F>
  void describe(F& f) {
    f("videos", videos, {2, 1e6}, "Videos in all subsets");
    f("dim", dim, {2, 65536}, "Feature width");
    f("classes", classes, {1, 1000}, "Action classes");
    f("mean_steps", mean_steps, {4, 100000}, "Mean steps of a video, one a second");
    f("noise", noise, {0.0, 100.0}, "Standard deviation of the noise on each channel");
    f("validation_share", validation_share, {0.0, 0.9}, "Share of the videos in the validation subset");
    f("channels", channels, {}, "Also write the side channels motion (1 where the scene or the action's part changes) and saliency (how rare it is in the video)");
    f("distinct", distinct, {0, 1e6}, "Videos with features of their own; further ones share them by links, for load tests of sets larger than the disk; 0 = all");
    f("seed", seed, {}, "Seed; the same seed gives the same files");
  }
};
// Writes dataset.yaml, annotations.json, features.h5 (float16, /v_ID/c3d_features, with `channels` also /v_ID/motion and /v_ID/saliency), captions_{train,val}.json and
// questions into `folder` (as a whole, atomically; refuses an existing dataset.yaml). `progress(done, total)` may be
// empty.
void writeSynthetic(const SynthOptions& options, const std::filesystem::path& folder,
                    const std::function<void(int64_t, int64_t)>& progress = {});

// The same set without its features: annotations, captions, questions and a dataset.yaml that names features.h5 and videos/, for videos
// that are drawn after the plan (synth_plan.h) and turned into features by `hvlm extract`.
void writeSyntheticTexts(const SynthOptions& options, const std::filesystem::path& folder);

}  // namespace hvlm
