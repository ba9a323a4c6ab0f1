// SPDX-License-Identifier: Apache-2.0
#include "data/synth_plan.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>
#include <set>

#include "data/half.h"
#include "support/random.h"
#include "support/hash.h"

namespace hvlm {
namespace {

constexpr int64_t kMostActionStates = 48;
constexpr int64_t kBackgroundStates = 4;
constexpr double kTwoClassShare = 0.2;
constexpr float kOwnShare = 0.8f;    // of a state's prototype; the rest it shares with all others
constexpr float kSceneScale = 0.3f;  // a constant offset of each video, as from its camera
constexpr uint64_t kVideoStream = 1, kFeatureStream = 2, kStateStream = 3, kPrototypeStream = 4, kClassStream = 5;

constexpr const char* kVerbs[kMostActionStates] = {
    "Lift",  "Turn",  "Push", "Pull",  "Jump",    "Reach", "Bend",  "Throw", "Catch", "Step", "Swing", "Clap",
    "Kneel", "Wave",  "Roll", "Slide", "Stretch", "Kick",  "Drop",  "Grip",  "Twist", "Lean", "Rise",  "Point",
    "Press", "Shake", "Spin", "Pour",  "Fold",    "Cut",   "Brush", "Draw",  "Stack", "Sort", "Tie",   "Wipe",
    "Knock", "Dip",   "Stir", "Carry", "Place",   "Open",  "Close", "Hold",  "Sweep", "Rub",  "Tap",   "Bow"};

// Rounded to two decimals, as annotators write times.
double centiseconds(double seconds) { return std::round(seconds * 100.0) / 100.0; }

// `total` cut into parts of at least `least` each, by random weights.
std::vector<int64_t> cut(SplitMix& random, int64_t total, int64_t parts, int64_t least) {
  std::vector<double> weights;
  double sum = 0.0;
  for (int64_t i = 0; i < parts; ++i) sum += weights.emplace_back(random.between(0.4, 1.0));
  std::vector<int64_t> sizes;
  int64_t left = total - parts * least;
  for (int64_t i = 0; i < parts; ++i) {
    const auto share =
        static_cast<int64_t>(static_cast<double>(total - parts * least) * weights[static_cast<size_t>(i)] / sum);
    sizes.push_back(least + std::min(left, share));
    left -= std::min(left, share);
  }
  sizes[static_cast<size_t>(random.below(parts))] += left;
  return sizes;
}

// Three different states for a pair of classes that no other pair has (while such triples last).
std::array<int64_t, 3> stateTriple(SplitMix& random, int64_t pair, int64_t states,
                                   std::set<std::array<int64_t, 3>>& used) {
  std::array<int64_t, 3> triple = {3 * pair, 3 * pair + 1, 3 * pair + 2};
  while (triple[2] >= states || !used.insert(triple).second) {
    do {
      for (int64_t& state : triple) state = random.below(states);
      std::sort(triple.begin(), triple.end());
    } while (triple[0] == triple[1] || triple[1] == triple[2]);
  }
  return triple;
}

}  // namespace

SynthPlan::SynthPlan(const SynthOptions& options) : options_(options) {
  const int64_t pairs = (options_.classes + 1) / 2;
  action_states_ = std::min(kMostActionStates, 3 * pairs);
  SplitMix random(mixSeed(options_.seed, kClassStream));
  std::set<std::array<int64_t, 3>> used;
  for (int64_t k = 0; k < options_.classes; ++k) {
    SynthClass made;
    made.states = k % 2 == 0 ? stateTriple(random, k / 2, action_states_, used) : classes_.back().states;
    if (k % 2 == 1) std::swap(made.states[0], made.states[2]);
    for (size_t i = 0; i < 3; ++i) {
      made.verbs[i] = kVerbs[made.states[i]];
      made.label += made.verbs[i];
    }
    classes_.push_back(made);
  }

  const auto states = static_cast<size_t>(action_states_ + kBackgroundStates);
  const auto dim = static_cast<size_t>(options_.dim);
  std::vector<float> shared(dim);
  SplitMix values(mixSeed(options_.seed, kPrototypeStream));
  for (float& v : shared) v = values.normal();
  const float shared_share = std::sqrt(1.0f - kOwnShare * kOwnShare);
  prototypes_.resize(states * dim);
  for (size_t i = 0; i < prototypes_.size(); ++i) {  // half of the channels are off, as after a ReLU; unit mean square
    prototypes_[i] = 1.4142135f * std::max(0.0f, kOwnShare * values.normal() + shared_share * shared[i % dim]);
  }

  // Subsets, main classes and two-class videos: exact shares, dealt out at random within each subset.
  const auto videos = static_cast<size_t>(options_.videos);
  is_validation_.assign(videos, false);
  main_class_.assign(videos, 0);
  has_two_classes_.assign(videos, false);
  std::vector<int64_t> order(videos);
  for (size_t i = 0; i < videos; ++i) order[i] = static_cast<int64_t>(i);
  random.shuffle(order);
  auto validation = static_cast<size_t>(std::llround(options_.validation_share * static_cast<double>(videos)));
  if (options_.validation_share > 0.0) validation = std::clamp<size_t>(validation, 1, videos - 1);
  const std::vector<int64_t> parts[2] = {{order.begin(), order.begin() + static_cast<std::ptrdiff_t>(validation)},
                                         {order.begin() + static_cast<std::ptrdiff_t>(validation), order.end()}};
  for (const std::vector<int64_t>& part : parts) {
    std::vector<int64_t> two(part.size());
    for (size_t j = 0; j < part.size(); ++j)
      two[j] = j < static_cast<size_t>(std::llround(kTwoClassShare * static_cast<double>(part.size()))) ? 1 : 0;
    random.shuffle(two);
    for (size_t j = 0; j < part.size(); ++j) {
      const auto v = static_cast<size_t>(part[j]);
      is_validation_[v] = &part == &parts[0];
      main_class_[v] = static_cast<int32_t>(static_cast<int64_t>(j) % options_.classes);
      has_two_classes_[v] = two[j] == 1 && options_.classes > 1;
    }
  }
}

SynthVideo SynthPlan::video(int64_t index) const {
  SplitMix random(mixSeed(options_.seed, kVideoStream, static_cast<uint64_t>(index)));
  const auto v = static_cast<size_t>(index);
  SynthVideo video;
  char id[32];
  std::snprintf(id, sizeof id, "synth%06lld", static_cast<long long>(index));
  video.id = id;
  video.validation = is_validation_[v];
  const auto mean = static_cast<double>(options_.mean_steps);
  // Lengths between a half and twice the mean; dividing by 1.082 makes the mean what was asked for.
  video.steps = std::clamp<int64_t>(std::llround(mean / 1.082 * std::exp2(random.between(-1.0, 1.0))),
                                    std::max<int64_t>(3, (options_.mean_steps + 1) / 2), 2 * options_.mean_steps);
  if (options_.shortest > 0) video.steps = std::max(video.steps, options_.shortest);
  if (options_.longest > 0) video.steps = std::min(video.steps, options_.longest);
  video.duration_seconds = options_.longest > 0 ? static_cast<double>(video.steps) : centiseconds(static_cast<double>(video.steps) + random.between(-0.4, 0.4));

  // A video of n segments needs room for them and for the background around them.
  constexpr int64_t kRoomySteps = 20;
  const int64_t most = std::clamp<int64_t>(video.steps / kRoomySteps, 1, 3);
  int64_t count = 1 + random.below(most);
  const bool two = has_two_classes_[v] && (most > 1 || video.steps >= 9);
  if (two) count = std::max<int64_t>(2, count);
  const int64_t least_action = std::max<int64_t>(1, std::min<int64_t>(6, video.steps / (2 * count + 1)));
  const int64_t least_gap = 1;
  const auto wanted = static_cast<int64_t>(static_cast<double>(video.steps) * random.between(0.4, 0.7));
  const int64_t action = std::clamp(wanted, count * least_action, video.steps - (count + 1) * least_gap);
  const std::vector<int64_t> lengths = cut(random, action, count, least_action);
  const std::vector<int64_t> gaps = cut(random, video.steps - action, count + 1, least_gap);
  const int64_t other =
      options_.classes > 1 ? (main_class_[v] + 1 + random.below(options_.classes - 1)) % options_.classes : 0;
  const int64_t place_of_other = random.below(count);
  int64_t at = 0;
  for (int64_t i = 0; i < count; ++i) {
    SynthSegment segment;
    segment.first_step = at + gaps[static_cast<size_t>(i)];
    segment.last_step = segment.first_step + lengths[static_cast<size_t>(i)];
    segment.start_seconds = centiseconds(static_cast<double>(segment.first_step) + random.between(-0.4, 0.4));
    segment.end_seconds = std::min(video.duration_seconds,
                                   centiseconds(static_cast<double>(segment.last_step) + random.between(-0.4, 0.4)));
    segment.label = two && i == place_of_other ? other : main_class_[v];
    at = segment.last_step;
    video.segments.push_back(segment);
  }
  return video;
}

std::vector<int64_t> SynthPlan::stateOfEachStep(int64_t index, const SynthVideo& video) const {
  SplitMix random(mixSeed(options_.seed, kStateStream, static_cast<uint64_t>(index)));
  std::vector<int64_t> states(static_cast<size_t>(video.steps), -1);
  for (const SynthSegment& segment : video.segments) {
    const SynthClass& made = classes_[static_cast<size_t>(segment.label)];
    int64_t phase = random.below(3);
    for (int64_t t = segment.first_step; t < segment.last_step;
         ++phase) {  // round and round, each state for 2 to 4 steps
      const int64_t until = std::min(segment.last_step, t + 2 + random.below(3));
      while (t < until) states[static_cast<size_t>(t++)] = made.states[static_cast<size_t>(phase % 3)];
    }
  }
  int64_t current = 0;
  int64_t left = 0;
  for (int64_t& state : states) {
    if (state >= 0) {
      left = 0;
      continue;
    }
    if (left == 0) {  // background scenes last longer than the states of an action
      current = action_states_ + random.below(kBackgroundStates);
      left = 4 + random.below(9);
    }
    state = current;
    --left;
  }
  return states;
}

void SynthPlan::fillFeatures(int64_t index, const SynthVideo& video, std::vector<uint16_t>& halves) const {
  SplitMix random(mixSeed(options_.seed, kFeatureStream, static_cast<uint64_t>(index)));
  const std::vector<int64_t> states = stateOfEachStep(index, video);
  const auto dim = static_cast<size_t>(options_.dim);
  const auto noise = static_cast<float>(options_.noise);
  std::vector<float> scene(dim);
  for (float& value : scene) value = kSceneScale * random.normal();
  halves.resize(states.size() * dim);
  std::vector<float> row(dim);
  for (size_t t = 0; t < states.size(); ++t) {
    const float* prototype = prototypes_.data() + static_cast<size_t>(states[t]) * dim;
    for (size_t c = 0; c < dim; ++c) row[c] = std::max(0.0f, prototype[c] + scene[c] + noise * random.normal());
    narrowHalf(row.data(), halves.data() + t * dim, dim);
  }
}

SynthPlan::Channels SynthPlan::channels(int64_t index, const SynthVideo& video) const {
  const std::vector<int64_t> states = stateOfEachStep(index, video);
  std::map<int64_t, int64_t> steps_of_state;
  for (const int64_t state : states) ++steps_of_state[state];
  Channels channels;
  for (size_t t = 0; t < states.size(); ++t) {
    channels.motion.push_back(t > 0 && states[t] != states[t - 1] ? 1.0f : 0.0f);
    channels.saliency.push_back(1.0f - static_cast<float>(steps_of_state.at(states[t])) / static_cast<float>(states.size()));
  }
  return channels;
}

}  // namespace hvlm
