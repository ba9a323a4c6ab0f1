// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <optional>
#include <vector>

#include "data/batch.h"
#include "data/catalogue.h"
#include "data/feature_store.h"
#include "data/labels.h"
#include "support/random.h"

namespace hvlm {

struct AugmentOptions {
  double recompose = 0.0;  // share of the videos that are put together anew
  double stretch = 0.0;    // largest change of a video's length, a share of it
};

// A video as training sees it once: other steps, and the segments that then hold.
struct RemadeVideo {
  VideoSteps steps;
  std::vector<Segment> segments;  // seconds of the remade video
};

// Makes new training videos out of annotated ones. Recomposing keeps a video's layout (length, segment times, which segments share
// a class) and draws for each of its classes another one of the data set, for each segment steps of segments of that class, for
// the rest steps that no segment covers; pieces shorter than their place are joined. It is copy-paste of whole segments, the
// temporal form of Ghiasi et al. 2021, arXiv:2012.07177. Stretching picks steps at another rate (nearest ones, so nothing is
// blurred). Pure in (video, seed); any thread, one at a time.
class VideoAugmenter {
 public:
  // `videos` are those that may be drawn from. All references must outlive this.
  VideoAugmenter(const FeatureStore& store, const Catalogue& catalogue, const FeatureSpec& spec, const std::vector<int64_t>& videos, AugmentOptions options);
  // nullopt: this time the video stays as it is. `own` are the video's steps. Side channels are dropped. Reads other videos of the
  // store; throws InputError as it does.
  std::optional<RemadeVideo> remade(const VideoSteps& own, uint64_t seed) const;

 private:
  struct Stretch {
    int64_t video = -1;
    StepRange range;
  };
  std::vector<Segment> layOut(const Video& video, int64_t steps, SplitMix& random, std::vector<int64_t>& label_of_step) const;
  void fill(FeatureMatrix& out, int64_t first, int64_t last, const std::vector<Stretch>& from, SplitMix& random) const;
  RemadeVideo recomposed(const VideoSteps& own, SplitMix& random) const;
  void stretched(RemadeVideo& video, SplitMix& random) const;

  const FeatureStore& store_;
  const Catalogue& catalogue_;
  FeatureSpec spec_;
  AugmentOptions options_;
  std::vector<std::vector<Stretch>> of_class_;  // stretches of steps of one segment
  std::vector<Stretch> background_;
  std::vector<int64_t> classes_;  // that have a stretch
};

}  // namespace hvlm
