// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace hvlm {

// One level of a video's temporal pyramid as the window draws it.
struct PyramidLevel {
  // Cell j covers the input steps first_step[j] .. last_step[j] (both included).
  std::vector<int64_t> first_step;
  std::vector<int64_t> last_step;
  std::vector<int64_t> parent;   // cell of the next level it went into; -1 = none (odd last step in `floor`, or the top)
  std::vector<float> alpha;      // attention weight in its parent's window; 1 where there is no choice, 0 without parent
  std::vector<float> share;      // share in the top token along the alpha path; level sums are 1 (less for orphans in `floor`)
  std::vector<float> score;      // highest class score of the detection head at this cell; empty without head or level
  std::vector<int64_t> label;    // its class; same length as score
};
struct DetectedSegment {
  double start_seconds = 0.0;
  double end_seconds = 0.0;
  int64_t label = -1;
  double score = 0.0;
};
constexpr int64_t kMostStepValues = int64_t{1} << 24;  // 64 MB of float32
// Everything the timeline shows of one video under one model state. Plain memory, made on the engine thread.
struct VideoInspection {
  std::string video;
  std::string run_folder;
  int64_t step = 0;             // optimiser step of the weights
  double step_seconds = 1.0;
  double duration_seconds = 0.0;
  std::vector<std::string> classes;
  std::string mode;             // "ceil" or "floor"
  std::vector<PyramidLevel> levels;            // [0] = the steps
  std::vector<float> attention;                // share of each step in the video vector, sums to 1
  std::vector<float> neighbour_similarity;     // cosine of encoder outputs of steps t, t+1; length T-1
  int64_t width = 0;                           // of a step vector
  std::vector<float> step_vectors;             // [T, width] encoder outputs, row-major; empty beyond kMostStepValues
  std::vector<float> class_scores;             // video classifier probabilities, by class
  std::vector<DetectedSegment> detections;     // falling score
};

}  // namespace hvlm
