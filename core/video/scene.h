// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <vector>

#include "video/frame.h"

namespace hvlm {

// A drawn scene for the demo: a figure in a room who strikes one pose and shows one thing per state. States are seen in single frames;
// which action it is lies in their order alone.
struct Scene {
  uint64_t seed = 1;            // room, light, clothes, camera of this video
  std::vector<int64_t> states;  // one a second; below `action_states` poses of the figure, above other sights of the room
  int64_t action_states = 12;
  int width = 320, height = 240;
};

// The picture at a time; the same scene and time give the same bytes. Moves within a state, fades between two in a quarter of a second.
Frame drawScene(const Scene& scene, double seconds);

}  // namespace hvlm
