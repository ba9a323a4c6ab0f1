// SPDX-License-Identifier: Apache-2.0
#include "engine/eval/detect.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <tuple>

#include "engine/model/candidates.h"
#include "score/calibration.h"
#include "score/detection.h"

namespace hvlm {
namespace {

// Class scores of the second look for segments whose ends are moved already: class x quality, [segments].
std::vector<double> secondScores(const HierarchicalModel& model, const ModelOutput& output, const std::vector<ProposedSegment>& segments, int64_t video, int64_t steps) {
  std::map<std::pair<int64_t, int64_t>, size_t> places;
  std::vector<BorderSpan> spans;
  std::vector<size_t> span_of(segments.size());
  for (size_t i = 0; i < segments.size(); ++i) {
    const BorderSpan span = spanOf(segments[i], video, steps);
    const auto [place, is_new] = places.try_emplace({span.first, span.last}, spans.size());
    if (is_new) spans.push_back(span);
    span_of[i] = place->second;
  }
  const at::NoGradGuard no_grad;
  const RescoreHead::Scores scores = model.rescore(output, spans);
  const at::Tensor values = (scores.class_logits.sigmoid() * scores.quality_logits.sigmoid().unsqueeze(1)).to(at::kCPU, at::kFloat).contiguous();
  const float* cells = values.const_data_ptr<float>();
  std::vector<double> found(segments.size());
  for (size_t i = 0; i < segments.size(); ++i) found[i] = cells[static_cast<int64_t>(span_of[i]) * values.size(1) + segments[i].label];
  return found;
}

// Rows of the detection head whose proposals stand in memory at once: those of an hour of one-second steps are two of these.
constexpr size_t kRowsAtOnce = 4096;

// What one video's candidates are made from.
struct VideoParts {
  int64_t video = 0;  // in the batch
  int64_t steps = 0;
  const std::vector<int64_t>& rows;
  const std::vector<float>& video_scores;  // [C]; empty: not fused
  double duration = 0.0;
  BorderScores borders;  // empty without head.edges
};
struct Candidate {
  ScoredSegment found;                // seconds
  double first = 0.0, last = 0.0;     // the same ends in borders
};

// Candidates from some of the rows of a video.
std::vector<Candidate> candidatesOfRows(const HierarchicalModel& model, const ModelOutput& output, const at::Tensor& probabilities, const at::Tensor& boundaries,
                                        const std::vector<int64_t>& rows, const VideoParts& parts, const FeatureSpec& spec, const DetectOptions& options) {
  std::vector<ProposedSegment> segments = proposedSegments(output, probabilities, boundaries, rows, parts.steps, options.min_score);
  segments = movedSegments(std::move(segments), parts.borders, options.edge_reach);
  const bool second_look = model.config().head.rescore && options.rescore_fusion > 0.0 && !segments.empty();
  const std::vector<double> second = second_look ? secondScores(model, output, segments, parts.video, parts.steps) : std::vector<double>();
  std::vector<Candidate> found;
  for (size_t i = 0; i < segments.size(); ++i) {
    const ProposedSegment& segment = segments[i];
    double score = segment.score;
    if (!parts.video_scores.empty()) {
      const double of_video = parts.video_scores[static_cast<size_t>(segment.label)];
      if (of_video == 0.0) continue;  // known not to occur, whatever the exponent
      score = std::pow(score, 1.0 - options.video_fusion) * std::pow(of_video, options.video_fusion);
    }
    if (second_look) score = std::pow(score, 1.0 - options.rescore_fusion) * std::pow(second[i], options.rescore_fusion);
    if (score < options.min_score) continue;
    const double start = std::clamp(secondsOfPosition(spec, segment.first - 0.5), 0.0, parts.duration);
    const double end = std::clamp(secondsOfPosition(spec, segment.last - 0.5), 0.0, parts.duration);
    if (end - start < 1e-3) continue;
    found.push_back({{0, segment.label, start, end, score}, segment.first, segment.last});
  }
  return found;
}

// The best `most`, falling. `once`: of those of one label that lie on the same ends only the best, as movedSegments() has it among the rows
// that it sees. Each portion's best and then the best of these are the best of all.
void keepBest(std::vector<Candidate>& candidates, int64_t most, bool once) {
  std::stable_sort(candidates.begin(), candidates.end(), [](const Candidate& a, const Candidate& b) { return a.found.score > b.found.score; });
  if (once) {
    std::set<std::tuple<int64_t, double, double>> seen;
    std::erase_if(candidates, [&](const Candidate& c) { return !seen.emplace(c.found.label, c.first, c.last).second; });
  }
  if (static_cast<int64_t>(candidates.size()) > most) candidates.resize(static_cast<size_t>(most));
}

// The rows of a video in portions: all of them when they are few, else those of all levels that begin in one stretch of time, so that a
// second look at their segments reads that stretch alone.
std::vector<std::vector<int64_t>> portionsOf(const std::vector<int64_t>& rows, const std::vector<DetectionNode>& nodes) {
  if (rows.size() <= kRowsAtOnce) return {rows};
  std::vector<int64_t> by_time = rows;
  std::stable_sort(by_time.begin(), by_time.end(), [&](int64_t a, int64_t b) { return nodes[static_cast<size_t>(a)].first_step < nodes[static_cast<size_t>(b)].first_step; });
  std::vector<std::vector<int64_t>> portions;
  for (size_t first = 0; first < by_time.size(); first += kRowsAtOnce) {
    const auto begin = by_time.begin() + static_cast<std::ptrdiff_t>(first);
    portions.emplace_back(begin, begin + static_cast<std::ptrdiff_t>(std::min(kRowsAtOnce, by_time.size() - first)));
    std::sort(portions.back().begin(), portions.back().end());
  }
  return portions;
}

// Candidates of one video before suppression, best first. Long videos go portion by portion, so that memory does not grow with all that
// is proposed.
std::vector<ScoredSegment> candidatesOf(const HierarchicalModel& model, const ModelOutput& output, const at::Tensor& probabilities, const at::Tensor& boundaries,
                                        const VideoParts& parts, const FeatureSpec& spec, const DetectOptions& options) {
  const bool moved = !parts.borders.start.empty() && options.edge_reach > 0.0;
  std::vector<Candidate> best;
  const auto portions = portionsOf(parts.rows, output.detection_nodes);
  for (const std::vector<int64_t>& rows : portions) {
    const auto more = candidatesOfRows(model, output, probabilities, boundaries, rows, parts, spec, options);
    best.insert(best.end(), more.begin(), more.end());
    keepBest(best, options.pre_nms, moved && portions.size() > 1);
  }
  std::vector<ScoredSegment> found;
  for (const Candidate& c : best) found.push_back(c.found);
  return found;
}

std::vector<Kept> suppressed(const std::vector<ScoredSegment>& candidates, const DetectOptions& options) {
  const SuppressionOptions how{.sigma = options.sigma, .min_score = options.min_score, .keep = options.keep};
  return options.nms == "agnostic" ? softNms(candidates, how) : softNmsByClass(candidates, how);
}

}  // namespace

double positionOfSeconds(const FeatureSpec& spec, double seconds) {
  return (seconds - spec.stepCentreSeconds(0)) / spec.stepSeconds();
}
double secondsOfPosition(const FeatureSpec& spec, double position) {
  return spec.stepCentreSeconds(0) + position * spec.stepSeconds();
}

std::vector<std::vector<DetectedSegment>> detectSegments(const HierarchicalModel& model, const ModelOutput& output, const FeatureSpec& spec,
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
  const auto rows = detectionRowsByVideo(output);
  const auto [slope, offset] = model.scoreCalibration();
  const ScoreCalibration calibration{slope, offset};
  for (size_t b = 0; b < durations.size(); ++b) {
    std::vector<float> video_scores;
    if (video_probabilities.defined()) {
      const float* first = video_probabilities.const_data_ptr<float>() + static_cast<int64_t>(b) * video_probabilities.size(1);
      video_scores.assign(first, first + video_probabilities.size(1));
    }
    const VideoParts parts{static_cast<int64_t>(b), output.offsets[b + 1] - output.offsets[b], rows[b], video_scores, durations[b], borderScores(output, static_cast<int64_t>(b))};
    const auto candidates = candidatesOf(model, output, probabilities, boundaries, parts, spec, options);
    const auto kept = suppressed(candidates, options);
    if (options.vote > 0.0) {
      for (const ScoredSegment& s : voteBoundaries(candidates, kept, options.vote)) {  // a mean of ends may round past the last one
        all[b].push_back({std::clamp(s.start_seconds, 0.0, durations[b]), std::clamp(s.end_seconds, 0.0, durations[b]), s.label, calibrated(s.score, calibration)});
      }
      continue;
    }
    for (const Kept& k : kept) {
      const ScoredSegment& s = candidates[static_cast<size_t>(k.index)];
      all[b].push_back({s.start_seconds, s.end_seconds, s.label, calibrated(k.score, calibration)});
    }
  }
  return all;
}

}  // namespace hvlm
