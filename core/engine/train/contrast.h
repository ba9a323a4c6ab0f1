// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <ATen/core/Generator.h>
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "data/text_vectors.h"
#include "engine/model/model.h"
#include "engine/objective/contrast.h"
#include "engine/train/terms.h"
#include "engine/train/text_terms.h"
#include "runs/config.h"

namespace hvlm {

// The contrastive baselines of method.md 3 while they train: MoCo v2 (momentum encoder, queue of keys), SimCLR, VideoClip (clips
// against captions, batches of near neighbours). Owned by the trainer; its state goes into checkpoints.
class ContrastTask {
 public:
  // `texts` by index into the catalogue's videos (VideoClip); they must outlive the task.
  ContrastTask(const RunConfig& config, const HierarchicalModel& model, const TextTower* tower, int64_t videos);
  ~ContrastTask();

  // The loss of one batch under the model's weights; `channel_deviation` [D] scales the views' noise. `texts` [B] belong to the
  // batch. Fewer than two pairs give no term.
  std::vector<LossTerm> terms(const HierarchicalModel& model, const Packed& batch, const std::vector<int64_t>& videos,
                              const std::vector<std::vector<VideoText>>& texts, const FeatureSpec& spec, const at::Tensor& channel_deviation,
                              const ForwardOptions& forward);
  // After the optimiser's step: the key encoder follows, the queue takes the keys of this batch.
  void afterStep(const HierarchicalModel& model);

  // VideoClip: vectors [V, d] of the training videos, renewed each epoch. Half of each batch (neighbour_share) is filled with
  // the nearest neighbours of a seed video among those not used yet; without vectors all is random. Every video occurs once.
  bool wantsNeighbours() const;
  void setNeighbourVectors(const at::Tensor& vectors);
  std::vector<std::vector<int64_t>> neighbourBatches(int64_t batch_size, uint64_t seed, int64_t epoch) const;

  // Key encoder, queue and neighbour vectors under their names; write into them to restore.
  std::vector<NamedTensor> state() const;

 private:
  std::vector<LossTerm> viewTerms(const HierarchicalModel& model, const Packed& batch, const std::vector<int64_t>& videos,
                                  const at::Tensor& channel_deviation, const ForwardOptions& forward);
  std::vector<LossTerm> clipTerms(const HierarchicalModel& model, const Packed& batch, const std::vector<std::vector<VideoText>>& texts,
                                  const FeatureSpec& spec, const ForwardOptions& forward) const;
  at::Tensor viewVectors(const HierarchicalModel& model, const at::Tensor& view, int64_t videos, const ForwardOptions& forward, at::Tensor* steps) const;

  const RunConfig config_;
  const TextTower* tower_;
  std::unique_ptr<HierarchicalModel> key_;
  std::unique_ptr<KeyQueue> queue_;
  at::Tensor neighbours_;      // [V, d]; zeros until the first epoch has ended
  at::Tensor pending_keys_;    // of the batch in work
  std::vector<int64_t> pending_videos_;
};

}  // namespace hvlm
