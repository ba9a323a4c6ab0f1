// SPDX-License-Identifier: Apache-2.0
#include "engine/train/detection_terms.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <set>

#include "engine/model/candidates.h"
#include "engine/objective/edges.h"
#include "support/random.h"

namespace hvlm {
namespace {

constexpr double kProposalFloor = 0.02;
constexpr size_t kProposals = 64;  // of a video
constexpr int kNearTruth = 6;      // spans around each true segment
constexpr int kRandom = 8;         // of a video
constexpr std::array<double, 4> kJitter = {0.0, 0.1, 0.3, 0.6};  // of the segment's length, two deviations
constexpr double kRandomLength = 20.0;                            // mean length of a random span, steps
constexpr double kRescoreScale = 16.0;

void addProposals(std::vector<ProposedSegment> found, const BorderScores& borders, double reach, std::vector<ProposedSegment>& all) {
  const auto moved = movedSegments(found, borders, reach);
  if (!borders.start.empty()) found.insert(found.end(), moved.begin(), moved.end());
  std::stable_sort(found.begin(), found.end(), [](const ProposedSegment& a, const ProposedSegment& b) { return a.score > b.score; });
  if (found.size() > kProposals) found.resize(kProposals);
  all.insert(all.end(), found.begin(), found.end());
}

void addDrawn(const std::vector<TruthSegment>& truth, int64_t steps, SplitMix& random, std::vector<ProposedSegment>& all) {
  for (const TruthSegment& segment : truth) {
    for (int i = 0; i < kNearTruth; ++i) {
      const double deviation = 0.5 * (segment.end - segment.start) * kJitter[static_cast<size_t>(random.below(kJitter.size()))];
      all.push_back({segment.start + 0.5 + deviation * random.normal(), segment.end + 0.5 + deviation * random.normal()});
    }
  }
  for (int i = 0; i < kRandom; ++i) {
    const double first = random.between(0.0, static_cast<double>(steps) - 1.0);
    all.push_back({first, first + 1.0 - kRandomLength * std::log(1.0 - random.uniform())});
  }
}

// Whole-border spans of a batch to learn from, each once.
std::vector<BorderSpan> sampledSpans(const ModelOutput& output, const BatchTargets& targets, double reach, SplitMix random) {
  const at::NoGradGuard no_grad;
  const at::Tensor probabilities = output.class_logits.detach().sigmoid().to(at::kCPU, at::kFloat).contiguous();
  const at::Tensor boundaries = output.boundaries.detach().to(at::kCPU, at::kFloat).contiguous();
  const auto rows = detectionRowsByVideo(output);
  std::vector<BorderSpan> spans;
  for (size_t b = 0; b < rows.size(); ++b) {
    const int64_t steps = output.offsets[b + 1] - output.offsets[b];
    const auto video = static_cast<int64_t>(b);
    std::vector<ProposedSegment> all;
    addProposals(proposedSegments(output, probabilities, boundaries, rows[b], steps, kProposalFloor), borderScores(output, video), reach, all);
    addDrawn(targets.segments[b], steps, random, all);
    std::set<std::pair<int64_t, int64_t>> seen;
    for (const ProposedSegment& segment : all) {
      const BorderSpan span = spanOf(segment, video, steps);
      if (seen.insert({span.first, span.last}).second) spans.push_back(span);
    }
  }
  return spans;
}

}  // namespace

std::vector<LossTerm> detectorTerms(const HierarchicalModel& model, const ModelOutput& output, const BatchTargets& targets, const LossOptions& options,
                                    const ForwardOptions& forward) {
  std::vector<LossTerm> terms;
  if (output.edge_logits.defined() && options.edges > 0.0) {
    int64_t segments = 0;
    for (const auto& own : targets.segments) segments += static_cast<int64_t>(own.size());
    terms.push_back({"edges", options.edges, edgeLoss(output.edge_logits, edgeTargets(targets.segments, output.offsets, output.edge_logits.options()), segments), {}});
  }
  if (model.config().head.rescore && output.class_logits.defined() && options.rescore > 0.0) {
    at::Tensor seed = at::empty({1}, at::kLong);
    at::Generator generator = *forward.generator;
    seed.random_(generator);
    const auto spans = sampledSpans(output, targets, model.config().detect.edge_reach, SplitMix(static_cast<uint64_t>(seed.item<int64_t>())));
    const RescoreHead::Scores scores = model.rescore(output, spans, forward);
    std::vector<SpanOfVideo> places;
    for (const BorderSpan& span : spans) places.push_back({span.video, static_cast<double>(span.first) - 0.5, static_cast<double>(span.last) - 0.5});
    const SpanTargets wanted = spanTargets(places, targets.segments, model.classes(), scores.class_logits.options());
    const double normaliser = kRescoreScale * static_cast<double>(targets.segments.size());
    terms.push_back({"rescore", options.rescore, rescoreLoss(scores.class_logits, scores.quality_logits, wanted, normaliser), {}});
  }
  return terms;
}

}  // namespace hvlm
