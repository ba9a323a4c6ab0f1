// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "data/catalogue.h"
#include "data/feature_store.h"
#include "data/step_values.h"

namespace hvlm {

class VideoAugmenter;  // augment.h

// One training sample set of a video kept in memory or read on demand.
struct VideoSteps {
  int64_t video = -1;  // index into Catalogue::videos
  FeatureMatrix features;
  std::vector<float> motion, saliency;  // side channels, one value a step; empty when not asked for or not there
};

// Features as a model can read them: `columns` wide (0 = any) and finite. Throws InputError naming the video, and the row counted from
// `first_row`, its number for the first one here.
void checkFeatures(const FeatureMatrix& features, const std::string& video, int64_t columns, int64_t first_row = 0);

// Videos packed end to end: steps of video b are rows offsets[b] .. offsets[b+1]-1 of `steps`. No video is cut.
struct Batch {
  int64_t columns = 0;
  StepValues steps;              // [N, columns]
  std::vector<int64_t> offsets;  // [B+1]
  std::vector<int64_t> videos;   // [B] indices into Catalogue::videos
  // Side channels [N], or empty: only when they were asked for and every video of the batch has them.
  std::vector<float> motion, saliency;
  // What holds in place of the catalogue's annotations: [B], or empty when every video is as it was read.
  struct Remade {
    bool changed = false;           // `segments` hold instead of the catalogue's; its captions and questions do not apply
    std::vector<Segment> segments;  // seconds
  };
  std::vector<Remade> remade;
  int64_t size() const { return static_cast<int64_t>(videos.size()); }
  int64_t rows() const { return offsets.empty() ? 0 : offsets.back(); }
};
Batch packBatch(const std::vector<VideoSteps>& items);

// The order of one epoch: a pure function of (lengths, batch size, seed, epoch). Videos are shuffled, then grouped with
// others of similar length, then the batches are shuffled. Every video occurs exactly once.
//   lengths  steps of each candidate;  returns batches of indices into `lengths`
std::vector<std::vector<int64_t>> epochOrder(const std::vector<int64_t>& lengths, int64_t batch_size, uint64_t seed,
                                             int64_t epoch, bool shuffle = true);

// Reads the batches of one order ahead of the consumer (two in flight, on two threads; on one with an augmenter). next() gives them in order
// and rethrows what reading threw (InputError for NaN features names video and row). Destroying it stops the threads.
class BatchPrefetcher {
 public:
  // batches of indices into catalogue.videos. With an `augmenter` (which must outlive this) videos are remade, each by
  // `augment_seed` and its own index.
  BatchPrefetcher(const FeatureStore& store, const Catalogue& catalogue, std::vector<std::vector<int64_t>> batches,
                  int64_t columns_expected, bool with_channels = false, const VideoAugmenter* augmenter = nullptr, uint64_t augment_seed = 0);
  ~BatchPrefetcher();
  bool next(Batch& batch);  // false after the last; the memory of the batch handed in is used again

 private:
  void work();
  Batch readBatch(const std::vector<int64_t>& videos, StepValues memory);
  bool readTogether(const std::vector<int64_t>& videos, Batch& batch) const;
  const FeatureStore& store_;
  const Catalogue& catalogue_;
  std::vector<std::vector<int64_t>> batches_;
  int64_t columns_expected_;
  bool with_channels_;
  const VideoAugmenter* augmenter_;
  uint64_t augment_seed_;
  std::mutex mutex_;
  std::condition_variable changed_;
  size_t taken_ = 0, handed_ = 0;  // batches that are being or were read, and that were handed out
  std::map<size_t, Batch> ready_;  // by place in the order
  std::map<size_t, std::exception_ptr> failures_;
  std::vector<StepValues> spare_;  // memory of batches that were handed back
  bool stop_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace hvlm
