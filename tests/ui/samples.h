// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <memory>
#include <random>

#include "ui_fixtures.h"

// Pyramids of both modes with random values.
namespace hvlm::ui::testing {

// The pyramid of `steps` steps, two nodes gathered into one: an odd last node forms its own window (ceil) or has no parent.
inline std::vector<PyramidLevel> pyramid(int64_t steps, bool ceil, uint32_t seed = 1) {
  std::mt19937 random(seed);
  std::uniform_real_distribution<float> unit(0.0f, 1.0f);
  std::vector<PyramidLevel> levels(1);
  for (int64_t i = 0; i < steps; ++i) {
    levels[0].first_step.push_back(i);
    levels[0].last_step.push_back(i);
  }
  while (levels.back().first_step.size() > 1) {
    PyramidLevel& below = levels.back();
    PyramidLevel above;
    const size_t count = below.first_step.size();
    for (size_t i = 0; i < count; ++i) {
      const bool orphan = !ceil && i + 1 == count && count % 2 == 1;
      below.parent.push_back(orphan ? -1 : static_cast<int64_t>(i / 2));
      if (orphan) continue;
      if (i % 2 == 0) {
        above.first_step.push_back(below.first_step[i]);
        above.last_step.push_back(below.last_step[i]);
      } else {
        above.last_step.back() = below.last_step[i];
      }
    }
    levels.push_back(std::move(above));
  }
  for (PyramidLevel& level : levels) {
    const size_t count = level.first_step.size();
    level.parent.resize(count, -1);
    float sum = 0.0f;
    for (size_t i = 0; i < count; ++i) {
      level.alpha.push_back(unit(random));
      level.share.push_back(unit(random) + 0.01f);
      level.score.push_back(unit(random));
      level.label.push_back(0);
      sum += level.share.back();
    }
    for (float& share : level.share) share /= sum;
  }
  return levels;
}

inline Video video(const std::string& id, double seconds, std::vector<Segment> segments, const std::string& subset = "validation") {
  Video made;
  made.id = id;
  made.subset = subset;
  made.duration_seconds = seconds;
  made.segments = std::move(segments);
  return made;
}

inline std::shared_ptr<VideoInspection> inspection(int64_t steps, bool ceil, std::vector<DetectedSegment> detections,
                                                   std::vector<std::string> classes) {
  auto made = std::make_shared<VideoInspection>();
  made->step = 120;
  made->step_seconds = 1.0;
  made->duration_seconds = static_cast<double>(steps);
  made->mode = ceil ? "ceil" : "floor";
  made->classes = std::move(classes);
  made->levels = pyramid(steps, ceil);
  made->attention = made->levels[0].share;
  made->class_scores.assign(made->classes.size(), 0.1f);
  made->detections = std::move(detections);
  return made;
}

}  // namespace hvlm::ui::testing
