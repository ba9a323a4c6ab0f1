// SPDX-License-Identifier: Apache-2.0
#include "engine/eval/retrieval_report.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>

#include "score/detection.h"
#include "score/retrieval.h"

namespace hvlm {
namespace {

using Json = nlohmann::json;

constexpr int64_t kQueries = 1024;  // rows of a similarity matrix at once
constexpr std::array kOverlaps = {0.3, 0.5, 0.7};

at::Tensor unitRows(const at::Tensor& x) { return x / x.norm(2, {1}, true).clamp_min(1e-12); }

Json ranksJson(const std::vector<double>& ranks, int64_t gallery) {
  const RetrievalScore s = scoreRanks(ranks);
  return {{"r1", s.r1}, {"r5", s.r5}, {"r10", s.r10}, {"r50", s.r50}, {"median_rank", s.median_rank}, {"mean_rank", s.mean_rank}, {"mean_reciprocal_rank", s.mean_reciprocal_rank},
          {"geometric_mean", s.geometric_mean}, {"queries", ranks.size()}, {"gallery", gallery}, {"chance_r1", 1.0 / static_cast<double>(gallery)}};
}

// Query i belongs to item i.
Json diagonalJson(const at::Tensor& queries, const at::Tensor& items) {
  std::vector<double> ranks;
  for (int64_t first = 0; first < queries.size(0); first += kQueries) {
    const int64_t last = std::min(queries.size(0), first + kQueries);
    const at::Tensor similarity = queries.slice(0, first, last).matmul(items.t()).to(at::kDouble).contiguous();
    std::vector<int64_t> truth(static_cast<size_t>(last - first));
    std::iota(truth.begin(), truth.end(), first);
    const Ranks found = rankTruth({similarity.const_data_ptr<double>(), static_cast<size_t>(similarity.numel())}, items.size(0), truth);
    ranks.insert(ranks.end(), found.mid.begin(), found.mid.end());
  }
  return ranksJson(ranks, items.size(0));
}

struct Window {
  int64_t first, last;  // steps first .. last-1
};
// The candidates of grounding: windows of eight lengths, the whole video down to an eighth, each a quarter of its length after the last.
std::vector<Window> windowsOf(int64_t steps) {
  std::vector<Window> windows;
  for (int64_t k = 1; k <= 8; ++k) {
    const auto length = std::max<int64_t>(1, (steps + k - 1) / k);
    const int64_t hop = std::max<int64_t>(1, length / 4);
    for (int64_t first = 0; first + length <= steps; first += hop) windows.push_back({first, first + length});
  }
  return windows;
}

double overlapOf(const Window& w, const VideoText& text, double step) {
  return overlapOrZero(static_cast<double>(w.first) * step, static_cast<double>(w.last) * step, text.start_seconds, text.end_seconds);
}

struct Grounding {
  std::array<double, kOverlaps.size()> r1{}, r5{}, random{};
  int64_t queries = 0;
  Json json() const {
    Json out = {{"queries", queries}};
    for (size_t k = 0; k < kOverlaps.size(); ++k) {
      const auto share = [&](double sum) { return sum / static_cast<double>(std::max<int64_t>(1, queries)); };
      out[std::to_string(kOverlaps[k]).substr(0, 3)] = {{"r1", share(r1[k])}, {"r5", share(r5[k])}, {"random_r1", share(random[k])}};
    }
    return out;
  }
};

// Windows in falling similarity, without those that overlap a better one by more than half.
void ground(const at::Tensor& similarity, const std::vector<Window>& windows, const VideoText& text, double step, Grounding& out) {
  const at::Tensor order = similarity.argsort(0, true).contiguous();
  std::vector<double> best;  // overlap with the truth of the kept ones
  std::vector<Window> kept;
  for (int64_t i = 0; i < order.numel() && kept.size() < 5; ++i) {
    const Window w = windows[static_cast<size_t>(order.const_data_ptr<int64_t>()[i])];
    const auto near = [&w](const Window& k) {
      return overlapOrZero(static_cast<double>(k.first), static_cast<double>(k.last), static_cast<double>(w.first), static_cast<double>(w.last)) > 0.5;
    };
    if (std::any_of(kept.begin(), kept.end(), near)) continue;
    kept.push_back(w);
    best.push_back(overlapOf(w, text, step));
  }
  ++out.queries;
  for (size_t k = 0; k < kOverlaps.size(); ++k) {
    out.r1[k] += !best.empty() && best.front() >= kOverlaps[k];
    out.r5[k] += std::any_of(best.begin(), best.end(), [&](double o) { return o >= kOverlaps[k]; });
    double hits = 0.0;
    for (const Window& w : windows) hits += overlapOf(w, text, step) >= kOverlaps[k];
    out.random[k] += windows.empty() ? 0.0 : hits / static_cast<double>(windows.size());
  }
}

}  // namespace

// The model may live on a device; rows come from the CPU and are compared there.
at::Tensor sharedRowsOfVideo(const HierarchicalModel& model, const at::Tensor& vectors) {
  return unitRows(model.sharedVideo(vectors.to(model.logLogitScale().device()))).to(at::kCPU);
}
at::Tensor sharedRowsOfText(const HierarchicalModel& model, const at::Tensor& vectors) {
  return unitRows(model.sharedText(vectors.to(model.logLogitScale().device()))).to(at::kCPU);
}

at::Tensor sharedVideos(const HierarchicalModel& model, const EmbeddedSet& set) {
  if (model.config().loss.text > 0) return sharedRowsOfVideo(model, set.video_vectors);
  std::vector<std::pair<int64_t, int64_t>> rows;
  for (size_t b = 0; b + 1 < set.offsets.size(); ++b) rows.emplace_back(set.offsets[b], set.offsets[b + 1]);
  return sharedMoments(model, set, rows);
}

at::Tensor sharedMoments(const HierarchicalModel& model, const EmbeddedSet& set, const std::vector<std::pair<int64_t, int64_t>>& rows) {
  at::Tensor means = at::empty({static_cast<int64_t>(rows.size()), set.steps.size(1)}, set.steps.options());
  for (size_t i = 0; i < rows.size(); ++i) means[static_cast<int64_t>(i)].copy_(set.steps.slice(0, rows[i].first, rows[i].second).mean(0));
  return sharedRowsOfVideo(model, means);
}

Json retrievalJson(const HierarchicalModel& model, const TextTower& tower, const EmbeddedSet& set, const Catalogue& catalogue, const FeatureSpec& spec) {
  const at::NoGradGuard no_grad;
  std::vector<std::string> paragraphs, sentences;
  std::vector<int64_t> places, owner;
  std::vector<std::pair<int64_t, int64_t>> rows;
  std::vector<VideoText> spoken;
  for (size_t b = 0; b < set.videos.size(); ++b) {
    const auto texts = textsOf(catalogue.videos[static_cast<size_t>(set.videos[b])], catalogue, spec, set.offsets[b + 1] - set.offsets[b], model.config().text);
    if (texts.empty()) continue;
    places.push_back(static_cast<int64_t>(b));
    paragraphs.push_back(paragraphOf(texts));
    for (const VideoText& text : texts) {
      sentences.push_back(text.text);
      rows.emplace_back(set.offsets[b] + text.first_step, set.offsets[b] + text.last_step);
      owner.push_back(static_cast<int64_t>(b));
      spoken.push_back(text);
    }
  }
  if (places.size() < 2) return Json::object();
  const at::Tensor videos = sharedVideos(model, set).index_select(0, at::tensor(places));
  const at::Tensor told = sharedRowsOfText(model, textRows(tower, paragraphs).vectors);
  const at::Tensor moments = sharedMoments(model, set, rows);
  const at::Tensor said = sharedRowsOfText(model, textRows(tower, sentences).vectors);
  Json out = {{"text_to_video", diagonalJson(told, videos)}, {"video_to_text", diagonalJson(videos, told)}, {"text_to_moment", diagonalJson(said, moments)}};
  Grounding grounding;
  for (size_t i = 0; i < spoken.size();) {
    const auto b = static_cast<size_t>(owner[i]);
    const std::vector<Window> windows = windowsOf(set.offsets[b + 1] - set.offsets[b]);
    std::vector<std::pair<int64_t, int64_t>> windows_rows;
    for (const Window& w : windows) windows_rows.emplace_back(set.offsets[b] + w.first, set.offsets[b] + w.last);
    const at::Tensor candidates = sharedMoments(model, set, windows_rows);
    for (; i < spoken.size() && static_cast<size_t>(owner[i]) == b; ++i) {
      ground(candidates.matmul(said[static_cast<int64_t>(i)]), windows, spoken[i], spec.stepSeconds(), grounding);
    }
  }
  out["grounding"] = grounding.json();
  return out;
}

at::Tensor promptScores(const HierarchicalModel& model, const TextTower& tower, const EmbeddedSet& set, const std::vector<std::string>& classes) {
  const at::NoGradGuard no_grad;
  std::vector<std::string> prompts;
  for (const std::string& name : classes) prompts.push_back(classPrompt(name));
  const at::Tensor scale = model.logLogitScale().to(at::kCPU).exp().clamp_max(100.0);
  return (sharedVideos(model, set).matmul(sharedRowsOfText(model, textRows(tower, prompts).vectors).t()) * scale).softmax(1);
}

}  // namespace hvlm
