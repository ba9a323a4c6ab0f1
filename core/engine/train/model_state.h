// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "engine/language/vocabulary.h"
#include "engine/model/model.h"
#include "engine/objective/detection.h"
#include "engine/train/optimizer.h"
#include "runs/checkpoint.h"

namespace hvlm {

// What a checkpoint says beside its tensors (state.json): where training stands and what the model was built for.
struct TrainState {
  int64_t step = 0;           // training steps done
  int64_t epoch = 0;          // the epoch in progress
  int64_t batch_in_epoch = 0; // batches of it already done
  double best_score = -1e300; // of the selection on the held-out slice
  int64_t best_step = -1;
  double running_positives = -1.0;
  int64_t average_updates = 0;
  double loss_scale = 65536.0;  // train.precision float16: what the loss is multiplied with before the way back
  int64_t scaled_steps = 0;     // steps since it last changed
  int64_t still_steps = 0;      // of `step`, those that moved nothing: gradients that overflowed, batches without a term
  uint64_t seed = 0;          // every random number is a function of (seed, step), so no generator state is needed
  int64_t input_dim = 0;
  std::vector<std::string> classes;
  double step_seconds = 1.0;
  std::string config_hash;
  LanguageVocabulary vocabulary;  // of the heads that answer and describe; empty without them
};
std::string stateJson(const TrainState& state);
TrainState parseState(const std::string& json, const std::string& where);

// All of a training run's memory as a checkpoint and back. restoreCheckpoint writes in place; tensors of other names or shapes
// throw InputError naming them.
CheckpointContent makeCheckpoint(const TrainState& state, const HierarchicalModel& model, AdamW& optimizer, MovingAverage* average);
void restoreCheckpoint(const CheckpointContent& content, const std::string& where, HierarchicalModel& model, AdamW& optimizer,
                       MovingAverage* average);

// The weights to evaluate: the moving average when the checkpoint has one, else the raw weights.
void loadEvaluationWeights(const CheckpointContent& content, const std::string& where, HierarchicalModel& model);

// The evaluation weights of another run as initial ones: parameters of equal name and shape are copied. Those that only one of the two has
// keep their values, and so do those that differ only in how many classes, answers or words each run has (a new classifier). Throws
// InputError when another shape differs, or when one of the two lacks a part of the encoder: it lists the first ten with both shapes and
// says how many there are.
struct MatchedWeights {
  int64_t copied = 0;
  std::vector<std::string> fresh;  // "head.classify.weight [5, 32] here, [3, 32] there"
};
MatchedWeights loadMatchingWeights(const CheckpointContent& content, const std::string& where, const TrainState& state,
                                   HierarchicalModel& model);
std::string firstOf(const std::vector<std::string>& names);  // at most ten, then "and 3 more"

}  // namespace hvlm
