// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "jobs/inspection.h"

// An inspection as text: what `hvlm pyramid`, `hvlm export` and the window's exports write.
namespace hvlm {

// {"video", "run", "step", "step_seconds", "duration_seconds", "mode", "classes", "levels": [{"first_step", "last_step", "parent",
// "alpha", "share", "score", "label"}], "attention", "neighbour_similarity", "class_scores", "detections"}
nlohmann::json inspectionJson(const VideoInspection& inspection);

// One row a cell: level, cell, first_step, last_step, start_seconds, end_seconds, parent, alpha, share, label, score.
std::string pyramidCsv(const VideoInspection& inspection);

// One row a step: step, start_seconds, attention, similarity to the next step (empty for the last).
std::string attentionCsv(const VideoInspection& inspection);

// What was annotated, to stand beside what was predicted.
struct TrueSegment {
  double start_seconds = 0.0;
  double end_seconds = 0.0;
  std::string label;
};
// A row per true segment, found segment (the highest score first) and cell, in the columns of the window's timeline:
// kind ("truth", "found", "cell"), level, index, start, end (seconds), label, score, value, truth. The value of a found segment is its
// overlap (IoU) with the instance `truth` that it answers at 0.5, else the best with any of its label; of a cell its share of attention.
// Every found segment is there; the window leaves out those below its threshold.
std::string timelineCsv(const VideoInspection& inspection, const std::vector<TrueSegment>& truth);
// {"video", "run", "step", "duration_seconds", "step_seconds", "truth", "predictions", "attention", "neighbour_similarity"}
nlohmann::json timelineJson(const VideoInspection& inspection, const std::vector<TrueSegment>& truth);

}  // namespace hvlm
