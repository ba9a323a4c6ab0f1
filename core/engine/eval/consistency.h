// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

namespace hvlm {

// Temporal consistency with its controls (method.md 5.1) of packed step vectors.
struct Consistency {
  double tc = 0.0;              // mean cosine of neighbouring steps, macro over videos with two or more steps
  double r_in = 0.0;            // mean cosine of random pairs of one video, 5 or more steps apart; see has_far_steps
  double r_x = 0.0;             // mean cosine of random pairs from different videos; see has_other_videos
  double cac = 0.0;             // chanceAdjusted(tc, r_x)
  double ts = 0.0;              // chanceAdjusted(tc, r_in)
  double centred = 0.0;         // tc of vectors with the overall mean taken away
  double mean_std = 0.0;        // standard deviation per dimension over all steps
  double min_std = 0.0;
  double dead_dimensions = 0.0; // share of dimensions with a deviation under 1 % of the mean one (or under 1e-8)
  double effective_rank = 0.0;  // of the column-centred matrix of all steps
  double within_std = 0.0;      // of steps around their own video's mean, root mean square over dimensions
  double within_std_share = 0.0;  // within-video deviation over total deviation
  double uniformity = 0.0;      // log mean exp(-2 ||u - u'||^2) over random pairs
  double boundary_contrast = 0.0;  // mean neighbour cosine inside segments minus across boundaries
  double boundary_auc = 0.0;    // AUC of 1 - cos as a boundary detector at +-1 step; 0.5 without boundaries
  bool has_boundaries = false;
  bool has_far_steps = false;     // a video longer than 5 steps: without one r_in and ts mean nothing
  bool has_other_videos = false;  // two or more videos: without them r_x, cac and uniformity mean nothing
  // Mean of each video with two or more steps. Its bootstrap (score/bootstrap.h) gives the interval of tc; the interval of cac follows from
  // it with r_x held fixed, since r_x is a mean over pairs of videos and varies far less.
  std::vector<double> tc_of_video;
  std::string verdict;          // "healthy", "constant in time", "collapsed"
};

// The verdict line of method.md 5.1.
std::string verdictOf(double effective_rank, double r_x, double within_std_share);

double chanceAdjusted(double tc, double by_chance);  // (tc - chance) / (1 - chance), 0 if 1 - chance < 1e-3

// tc alone. 0 when no video has two steps.
double temporalConsistency(const at::Tensor& h, const std::vector<int64_t>& offsets);

bool hasNeighbours(const std::vector<int64_t>& offsets);  // a video with two or more steps

//   h            [N, d] float, steps of all videos end to end, on the CPU
//   offsets      [B+1]
//   step_labels  [N] class of each step, -1 = background; empty: no boundary figures
// Random pairs come from a fixed seed, so the same vectors give the same figures. Throws InputError when no video has two steps.
Consistency measureConsistency(const at::Tensor& h, const std::vector<int64_t>& offsets, const std::vector<int64_t>& step_labels,
                               uint64_t seed = 20);

// Area under the ROC curve with ties counted half; 0.5 when one side is empty.
double areaUnderRoc(const std::vector<double>& scores, const std::vector<uint8_t>& positive);

}  // namespace hvlm
