// SPDX-License-Identifier: Apache-2.0
#include "engine/eval/external.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <span>

#include "jobs/external_scores.h"
#include "score/fusion.h"
#include "support/error.h"
#include "support/text.h"

namespace hvlm {
namespace {

using Json = nlohmann::json;

std::span<const float> rowOf(const at::Tensor& shares, size_t row) {
  const auto columns = static_cast<size_t>(shares.size(1));
  return {shares.const_data_ptr<float>() + row * columns, columns};
}

// The run's own class shares of the videos at `places`, [places, C]; undefined when it has none.
at::Tensor ownShares(const EvaluationRequest& request, const std::vector<int64_t>& places, const PhaseProgress& progress) {
  const at::NoGradGuard no_grad;
  const at::Tensor stored = detectionLabelScores(request);
  if (stored.defined()) return stored.index_select(0, indexTensor(places, at::kCPU)).to(at::kFloat);
  std::vector<int64_t> videos;
  for (const int64_t place : places) videos.push_back(request.videos[static_cast<size_t>(place)]);
  std::vector<at::Tensor> rows;
  const auto telling = [&](int64_t done, int64_t total) { return !progress || progress("own class scores", done, total); };
  if (request.stretches) return embedByStretches(request.model, request.store, request.catalogue, request.spec, videos, *request.stretches, telling, {}, /*detect=*/false).video_scores;
  overVideoBatches(request.model, request.store, request.catalogue, videos, telling, [&](const Packed& packed, const std::vector<int64_t>&) {
    const at::Tensor logits = request.model.forward(packed).video_logits;
    if (logits.defined()) rows.push_back(logits.detach().softmax(1).to(at::kCPU, at::kFloat));
  });
  return rows.empty() ? at::Tensor() : at::cat(rows);
}

void takeVideoScores(const EvaluationRequest& request, const VideoScores& read, const PhaseProgress& progress, ExternalEvidence& out) {
  const auto classes = static_cast<int64_t>(request.catalogue.classes.size());
  out.video_scores = at::full({static_cast<int64_t>(read.shares.size()), classes}, 1.0 / static_cast<double>(classes), at::kFloat);
  out.scored.assign(read.shares.size(), true);
  std::vector<int64_t> lacking;
  for (size_t i = 0; i < read.shares.size(); ++i) {
    if (read.shares[i].empty()) lacking.push_back(static_cast<int64_t>(i));
    else out.video_scores[static_cast<int64_t>(i)].copy_(at::tensor(read.shares[i]));
  }
  bool own_known = true;
  if (!lacking.empty()) {
    const at::Tensor own = ownShares(request, lacking, progress);
    own_known = own.defined();
    if (own_known) out.video_scores.index_copy_(0, indexTensor(lacking, at::kCPU), own);
    for (const int64_t place : lacking) out.scored[static_cast<size_t>(place)] = own_known;
    out.warnings.push_back(read.match.file + " has nothing usable on " + std::to_string(lacking.size()) + " of " + std::to_string(read.match.videos) + " videos: these keep " +
                           (own_known ? "the run's own class scores" : "an even share of each class, since the run has no classifier"));
  }
  out.label_source = "external: " + read.match.file + " (" + std::to_string(read.match.matched) + " of " + std::to_string(read.match.videos) + " videos)";
  Json& json = out.report["video_scores"] = matchJson(read.match);
  json["shares"] = read.scale;
  json["others"] = lacking.empty() ? "none" : own_known ? "the run's own" : "even shares";
  if (request.model.config().detect.video_fusion == 0.0) {
    out.warnings.emplace_back("detect.video_fusion is 0: the file of video scores only rules out the classes that it gives no share");
  }
}

bool anyWithoutLabel(const Proposals& read) {
  for (const auto& list : read.segments) {
    for (const ScoredSegment& s : list) {
      if (s.label < 0) return true;
    }
  }
  return false;
}

void takeProposals(const EvaluationRequest& request, const std::string& file, Proposals read, ExternalEvidence& out) {
  const RunConfig& config = request.model.config();
  const bool own = config.head.classify || config.detect.labels != "own";
  if (!out.video_scores.defined() && !own && anyWithoutLabel(read)) {
    throw InputError({.where = file, .expected = "proposals with labels, or class scores of the videos", .found = "segments without labels, and a run without a video classifier",
                      .remedy = "Give the videos' class scores too, with --video-scores."});
  }
  Json& json = out.report["proposals"] = matchJson(read.match);
  if (read.divided_by != 1.0) json["divided_by"] = read.divided_by;
  out.proposals = std::move(read.segments);
}

}  // namespace

ExternalEvidence readExternal(const EvaluationRequest& request, const std::string& video_scores_file, const std::string& proposals_file, const PhaseProgress& progress) {
  ExternalEvidence out;
  out.report = Json::object();
  if (!request.model.config().head.detect && !(video_scores_file.empty() && proposals_file.empty())) {
    throw InputError({.where = video_scores_file.empty() ? proposals_file : video_scores_file, .expected = "a run with a detection head", .found = "head.detect=false",
                      .remedy = "Leave --video-scores and --proposals out: they act on detections alone."});
  }
  if (!video_scores_file.empty()) takeVideoScores(request, readVideoScores(video_scores_file, request.catalogue, request.videos), progress, out);
  if (!proposals_file.empty()) takeProposals(request, proposals_file, readProposals(proposals_file, request.catalogue, request.videos), out);
  for (const auto& [what, match] : out.report.items()) {
    if (!match.at("problems").empty()) out.warnings.push_back(matchText(match));
  }
  return out;
}

at::Tensor labelScoresWith(const EvaluationRequest& request, const ExternalEvidence* external) {
  return external && external->video_scores.defined() ? external->video_scores : detectionLabelScores(request);
}

void joinProposals(const EvaluationRequest& request, const ExternalEvidence& external, const at::Tensor& label_scores, EmbeddedSet& set) {
  if (external.proposals.empty()) return;
  const at::Tensor& given = label_scores.defined() ? label_scores : set.video_scores;
  const at::Tensor shares = given.defined() ? given.to(at::kCPU, at::kFloat).contiguous() : at::Tensor();
  const DetectOptions& detect = request.model.config().detect;
  for (size_t i = 0; i < set.detections.size(); ++i) {
    if (external.proposals[i].empty()) continue;
    const bool known = shares.defined() && (external.scored.empty() || external.scored[i]);
    const auto others = labelledProposals(external.proposals[i], known ? rowOf(shares, i) : std::span<const float>());
    std::vector<ScoredSegment> own;
    for (const DetectedSegment& d : set.detections[i]) own.push_back({0, d.label, d.start_seconds, d.end_seconds, d.score});
    set.detections[i].clear();
    const SuppressionOptions options{.sigma = detect.sigma, .min_score = detect.min_score, .keep = detect.keep};
    for (const ScoredSegment& s : joinedDetections(own, others, options, detect.nms == "agnostic")) {
      set.detections[i].push_back({s.start_seconds, s.end_seconds, s.label, s.score});
    }
  }
}

}  // namespace hvlm
