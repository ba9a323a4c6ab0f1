// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "data/synth.h"

namespace hvlm {

// What one class is made of: three latent states that follow one another in a circle. Classes 2k and 2k+1 use the same
// states in opposite order, so the bag of steps cannot tell them apart.
struct SynthClass {
  std::string label;
  std::array<int64_t, 3> states = {};
  std::array<std::string, 3> verbs;
};

struct SynthSegment {
  int64_t first_step = 0;  // steps first_step .. last_step-1
  int64_t last_step = 0;
  double start_seconds = 0.0;
  double end_seconds = 0.0;
  int64_t label = 0;  // index into SynthPlan::classes
};

struct SynthVideo {
  std::string id;
  bool validation = false;
  int64_t steps = 0;
  double duration_seconds = 0.0;
  std::vector<SynthSegment> segments;
};

// The whole set without its features: a pure function of the options. Videos are made one by one, so that a set of any
// size can be streamed.
class SynthPlan {
 public:
  explicit SynthPlan(const SynthOptions& options);
  const std::vector<SynthClass>& classes() const { return classes_; }
  SynthVideo video(int64_t index) const;
  // Features of that video as binary16 bits, [steps, dim].
  void fillFeatures(int64_t index, const SynthVideo& video, std::vector<uint16_t>& halves) const;
  // Side channels of that video, one value per step, from its states without the noise: motion is 1 where the state
  // changes, saliency the share of steps in other states.
  struct Channels {
    std::vector<float> motion, saliency;
  };
  Channels channels(int64_t index, const SynthVideo& video) const;
  // The latent state of each step: below actionStates() those of actions, above the background's.
  std::vector<int64_t> stateOfEachStep(int64_t index, const SynthVideo& video) const;
  int64_t actionStates() const { return action_states_; }

 private:

  SynthOptions options_;
  std::vector<SynthClass> classes_;
  int64_t action_states_ = 0;
  std::vector<float> prototypes_;      // [action states + background states, dim]
  std::vector<bool> is_validation_;    // per video
  std::vector<int32_t> main_class_;    // per video
  std::vector<bool> has_two_classes_;  // per video
};

}  // namespace hvlm
