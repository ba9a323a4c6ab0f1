// SPDX-License-Identifier: Apache-2.0
#include "engine/eval/detect.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

#include "score/detection.h"

namespace hvlm {
namespace {

// Candidates of one video before suppression.
std::vector<ScoredSegment> candidatesOf(const ModelOutput& output, const at::Tensor& probabilities, const at::Tensor& boundaries,
                                        const std::vector<int64_t>& rows, const std::vector<float>& video_scores, const FeatureSpec& spec,
                                        double duration, const DetectOptions& options) {
  const int64_t classes = probabilities.size(1);
  const float* p = probabilities.const_data_ptr<float>();
  const float* d = boundaries.const_data_ptr<float>();
  std::vector<ScoredSegment> found;
  for (const int64_t row : rows) {
    const DetectionNode& node = output.detection_nodes[static_cast<size_t>(row)];
    const double start = std::clamp(secondsOfPosition(spec, node.position - d[row * 2]), 0.0, duration);
    const double end = std::clamp(secondsOfPosition(spec, node.position + d[row * 2 + 1]), 0.0, duration);
    if (end - start < 1e-3) continue;
    for (int64_t c = 0; c < classes; ++c) {
      const double segment_score = p[row * classes + c];
      if (segment_score < options.min_score) continue;
      if (!video_scores.empty() && video_scores[static_cast<size_t>(c)] == 0.0f) continue;  // known not to occur, whatever the exponent
      const double score = video_scores.empty() ? segment_score
                                                : std::pow(segment_score, 1.0 - options.video_fusion) *
                                                      std::pow(static_cast<double>(video_scores[static_cast<size_t>(c)]), options.video_fusion);
      if (score >= options.min_score) found.push_back({0, c, start, end, score});
    }
  }
  std::stable_sort(found.begin(), found.end(), [](const ScoredSegment& a, const ScoredSegment& b) { return a.score > b.score; });
  if (static_cast<int64_t>(found.size()) > options.pre_nms) found.resize(static_cast<size_t>(options.pre_nms));
  return found;
}

}  // namespace

double positionOfSeconds(const FeatureSpec& spec, double seconds) {
  return (seconds - spec.stepCentreSeconds(0)) / spec.stepSeconds();
}
double secondsOfPosition(const FeatureSpec& spec, double position) {
  return spec.stepCentreSeconds(0) + position * spec.stepSeconds();
}

std::vector<std::vector<DetectedSegment>> detectSegments(const ModelOutput& output, const FeatureSpec& spec,
                                                         const std::vector<double>& durations, const DetectOptions& options,
                                                         const at::Tensor& given_scores) {
  std::vector<std::vector<DetectedSegment>> all(durations.size());
  if (!output.class_logits.defined()) return all;
  const at::Tensor probabilities = output.class_logits.detach().sigmoid().to(at::kCPU, at::kFloat).contiguous();
  const at::Tensor boundaries = output.boundaries.detach().to(at::kCPU, at::kFloat).contiguous();
  at::Tensor video_probabilities;
  if (given_scores.defined()) {
    video_probabilities = given_scores.to(at::kCPU, at::kFloat).contiguous();
  } else if (output.video_logits.defined() && options.video_fusion > 0.0) {
    video_probabilities = output.video_logits.detach().softmax(1).to(at::kCPU, at::kFloat).contiguous();
  }
  std::vector<std::vector<int64_t>> rows(durations.size());
  for (size_t row = 0; row < output.detection_nodes.size(); ++row) {
    rows[static_cast<size_t>(output.detection_nodes[row].video)].push_back(static_cast<int64_t>(row));
  }
  for (size_t b = 0; b < durations.size(); ++b) {
    std::vector<float> video_scores;
    if (video_probabilities.defined()) {
      const float* first = video_probabilities.const_data_ptr<float>() + static_cast<int64_t>(b) * video_probabilities.size(1);
      video_scores.assign(first, first + video_probabilities.size(1));
    }
    const auto candidates = candidatesOf(output, probabilities, boundaries, rows[b], video_scores, spec, durations[b], options);
    const auto kept = softNmsByClass(candidates, {.sigma = options.sigma, .min_score = options.min_score, .keep = options.keep});
    if (options.vote > 0.0) {
      for (const ScoredSegment& s : voteBoundaries(candidates, kept, options.vote)) {  // a mean of ends may round past the last one
        all[b].push_back({std::clamp(s.start_seconds, 0.0, durations[b]), std::clamp(s.end_seconds, 0.0, durations[b]), s.label, s.score});
      }
      continue;
    }
    for (const Kept& k : kept) {
      const ScoredSegment& s = candidates[static_cast<size_t>(k.index)];
      all[b].push_back({s.start_seconds, s.end_seconds, s.label, k.score});
    }
  }
  return all;
}

}  // namespace hvlm
