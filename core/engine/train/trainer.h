// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "data/batch.h"
#include "data/catalogue.h"
#include "data/feature_store.h"
#include "engine/language/language_heads.h"
#include "engine/model/model.h"
#include "engine/train/contrast.h"
#include "engine/train/model_state.h"
#include "engine/train/terms.h"
#include "jobs/engine.h"
#include "jobs/events.h"
#include "runs/config.h"
#include "runs/control.h"
#include "runs/metrics.h"
#include "runs/run_record.h"

namespace hvlm {

// The data of a training run; what it refers to must outlive the trainer.
struct TrainingData {
  const Catalogue& catalogue;
  const FeatureStore& store;
  const FeatureSpec& spec;
  std::vector<int64_t> videos;   // trained on
  std::vector<int64_t> holdout;  // kept out for selection
  at::Device device = at::kCPU;  // where model and batches lie
};

// The videos that the data set lists for selection (Video::held_out), when some but not all of `videos` are and `share` is above 0; else a
// fixed slice by a hash of the id: the same for every seed and config. {trained on, held out}, both sorted.
std::pair<std::vector<int64_t>, std::vector<int64_t>> splitHoldout(const Catalogue& catalogue, const std::vector<int64_t>& videos,
                                                                   double share);  // kept, held out

using NamedValues = std::vector<std::pair<std::string, double>>;

struct TrainerHooks {
  // Called once with the fresh model, before anything is made from its weights (train.init). May be empty.
  std::function<void(HierarchicalModel& model, const TrainState& state)> initialise;
  // Figures of the averaged weights on the held-out slice; "score" among them is what `best` is chosen by. May throw Interrupted.
  // `heads` are the model's, or null.
  std::function<NamedValues(const HierarchicalModel& model, const LanguageHeads* heads)> evaluate;
  // At the end of each epoch, and once before the first (epoch 0), with the weights being trained. May be empty; must draw no random number.
  std::function<void(const HierarchicalModel& model, int64_t step, int64_t epoch)> epoch_ended;
  // What the timeline shows of a video under the current weights.
  std::function<VideoInspection(const HierarchicalModel& model, int64_t step, const std::string& video)> inspect;
};

// One training run on the engine thread: loop, optimiser, schedule, checkpoints, metrics, control. The run folder is open and
// locked by the caller. Every random number is a function of (seed, step); batches are a function of (seed, epoch).
class Trainer {
 public:
  Trainer(const RunConfig& config, TrainingData data, std::string run_folder, RunRecord& record, int64_t segment, JobControl& control,
          JobObserver& observer, TrainerHooks hooks);
  ~Trainer();

  // Goes on from a checkpoint; returns the step. Without one (nullopt) training starts at step 0.
  int64_t restore(const CheckpointContent& content, const std::string& where);
  double waitedSeconds() const { return waited_seconds_; }  // for features that were not read yet
  // Trains to the end or to a stop request; true when it came to the end. A checkpoint of the last step is left either way.
  // Throws InputError naming term and step when a loss is not finite (the last good checkpoint stays).
  bool run();

  HierarchicalModel& model() { return *model_; }
  const TrainState& state() const { return state_; }
  int64_t totalSteps() const { return total_steps_; }

 private:
  bool prepareTexts() const;  // false when it was stopped
  bool prepareStatistics();  // false when it was stopped
  void checkFinite(const char* what, double value) const;
  std::vector<std::vector<int64_t>> batchesOf(int64_t epoch) const;
  bool trainEpoch(int64_t epoch);
  void unscaleGradients() const;
  NamedValues trainStep(Batch& batch, bool with_term_gradients);
  std::vector<std::vector<VideoText>> textsOfBatch(const Batch& batch) const;
  TotalLoss lossOf(const ModelOutput& output, const Packed& packed, const Batch& batch, const ForwardOptions& forward);
  void addTermGradients(const TotalLoss& loss, const at::Tensor& h, NamedValues& values) const;
  void addConsistency(const at::Tensor& h, const std::vector<int64_t>& offsets, NamedValues& values) const;
  bool refreshNeighbours();  // false when it was stopped
  bool finishEpoch(int64_t epoch);  // false when it was stopped: the epoch's end is then done again at the resume
  void evaluateHoldout();
  bool outOfPatience() const;  // train.patience evaluations have passed without a better score
  void saveNow(bool is_best);
  bool keepGoing();  // serves control and inspection; false = stop
  void emitPoints(const NamedValues& values);
  double wallSeconds() const;
  double epochPosition() const;

  const RunConfig config_;
  TrainingData data_;
  std::string run_folder_;
  RunRecord& record_;
  JobControl& control_;
  JobObserver& observer_;
  TrainerHooks hooks_;
  std::unique_ptr<HierarchicalModel> model_;   // being trained
  std::unique_ptr<LanguageHeads> heads_, shadow_heads_;  // of both models; when the config has such a head
  std::unique_ptr<HierarchicalModel> shadow_;  // holds the averaged weights while evaluating
  std::shared_ptr<const TextTower> tower_;  // when a term reads text
  std::unique_ptr<VideoAugmenter> augmenter_;  // when train.recompose or train.stretch asks for it
  std::unique_ptr<ContrastTask> contrast_;  // when contrast.method asks for it
  std::unique_ptr<AdamW> optimizer_;
  std::unique_ptr<MovingAverage> average_;
  RunningPositives positives_;
  TrainState state_;
  MetricWriter metrics_;
  ControlReader control_file_;
  int64_t segment_ = 0;
  int64_t batches_per_epoch_ = 0;
  int64_t total_steps_ = 0;
  int64_t videos_done_ = 0;
  double waited_seconds_ = 0.0;
  double wall_before_ = 0.0;      // of earlier segments
  double start_time_ = 0.0;
  double last_checkpoint_time_ = 0.0;
  int64_t saved_step_ = -1;
  int64_t saved_epoch_ = -1;
  bool paused_by_file_ = false;
};

}  // namespace hvlm
