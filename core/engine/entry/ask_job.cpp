// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>

#include <algorithm>
#include <chrono>
#include <cmath>

#include "engine/entry/engine.h"
#include "engine/entry/seen_video.h"
#include "engine/language/text_tower.h"
#include "language/conversation.h"
#include "support/error.h"
#include "support/hash.h"
#include "support/text.h"

namespace hvlm {
namespace {

constexpr size_t kMostDescribed = 8;       // detections of a video
constexpr double kLeastScore = 0.1;
constexpr double kLeastShare = 0.3;        // of the best one's score

double now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

std::string momentLink(double start, double end) { return "[" + momentText(start) + (end - start < 1.0 ? "" : "-" + momentText(end)) + "]"; }

std::vector<DescribedSegment> stretchesOf(const SeenVideo& seen, double step, std::vector<DetectedSegment>& kept) {
  std::vector<DescribedSegment> out;
  for (const DetectedSegment& d : seen.detections) {
    if (out.size() == kMostDescribed) break;
    if (!out.empty() && d.score < std::max(kLeastScore, kLeastShare * kept.front().score)) continue;
    // What lies mostly inside a better one, or around it, says nothing new.
    if (std::any_of(kept.begin(), kept.end(), [&](const DetectedSegment& k) {
          const double meet = std::min(d.end_seconds, k.end_seconds) - std::max(d.start_seconds, k.start_seconds);
          return meet > 0.5 * std::min(d.end_seconds - d.start_seconds, k.end_seconds - k.start_seconds);
        })) continue;
    const auto first = std::clamp<int64_t>(std::lround(d.start_seconds / step), 0, seen.steps() - 1);
    out.push_back({0, first, std::clamp<int64_t>(std::lround(d.end_seconds / step), first + 1, seen.steps())});
    kept.push_back(d);
  }
  if (out.empty()) {
    out.push_back({0, 0, seen.steps()});
    kept.push_back({0.0, seen.video->duration_seconds, -1, 1.0});
  }
  return out;
}

// A sentence for each stretch, in their order.
std::vector<std::string> sentencesOf(const LoadedModel& loaded, const SeenVideo& seen, const std::vector<DescribedSegment>& stretches) {
  return loaded.heads->describe(seen.output, seen.offsets, stretches, mixSeed(loaded.config.seed, 0x6361707473));
}

}  // namespace

VideoEvidence TorchEngine::evidence(const EvidenceSpec& spec) {
  const KeepThreads keep;
  const at::NoGradGuard no_grad;
  if (spec.threads > 0) setThreads(spec.threads);
  const auto loaded = cachedModel(spec.run_folder, spec.checkpoint);
  const auto data = inClassesOf(loaded->state, openDataset(spec.data), spec.run_folder);
  const SeenVideo seen = seeVideo(*loaded, *data, spec.video, spec.run_folder);
  VideoEvidence out;
  out.video = seen.video->id;
  out.duration_seconds = seen.video->duration_seconds;
  std::vector<DetectedSegment> kept;
  const auto stretches = stretchesOf(seen, data->spec.features.stepSeconds(), kept);
  for (const DetectedSegment& d : kept) {
    if (d.label >= 0) out.segments.push_back({d.start_seconds, d.end_seconds, data->catalogue.classes[static_cast<size_t>(d.label)], d.score});
  }
  if (loaded->heads && loaded->heads->captions()) {
    const auto sentences = sentencesOf(*loaded, seen, stretches);
    for (size_t i = 0; i < sentences.size(); ++i) out.captions.push_back({kept[i].start_seconds, kept[i].end_seconds, sentences[i]});
  }
  if (seen.output.video_logits.defined()) {
    const at::Tensor scores = seen.output.video_logits[0].to(at::kDouble).softmax(0).contiguous();
    for (int64_t c = 0; c < scores.numel(); ++c) {
      out.classes.push_back({data->catalogue.classes[static_cast<size_t>(c)], scores.const_data_ptr<double>()[c]});
    }
    std::sort(out.classes.begin(), out.classes.end(), [](const EvidenceClass& a, const EvidenceClass& b) { return a.score > b.score; });
    if (out.classes.size() > 5) out.classes.resize(5);
  }
  return out;
}

AskAnswer TorchEngine::askHeads(const AskSpec& spec) {
  const double begun = now();
  const at::NoGradGuard no_grad;
  const auto loaded = cachedModel(spec.run_folder, spec.checkpoint);
  const bool answers = loaded->heads && loaded->heads->answers(), captions = loaded->heads && loaded->heads->captions();
  if (!answers && !captions) {
    throw InputError({.where = spec.run_folder + "/config.yaml", .expected = "a run that can answer (head.answer) or describe (head.caption)", .found = "neither",
                      .remedy = "Train one: hvlm train --config language --data DATASET.yaml --run DIR; or ask a language model or a server about this run's evidence."});
  }
  const auto data = inClassesOf(loaded->state, openDataset(spec.data), spec.run_folder);
  const SeenVideo seen = seeVideo(*loaded, *data, spec.video, spec.run_folder);
  const double step = data->spec.features.stepSeconds();
  AskAnswer answer;
  if (answers) {
    tower_ = loaded->heads->tower();
    const at::Tensor shares = loaded->heads->answerLogits(seen.output, *tower_, {{0, spec.question}}, step).softmax(1)[0];
    const int64_t best = shares.argmax().item<int64_t>();
    answer.confidence = shares[best].item<double>();
    answer.text = loaded->heads->vocabulary().answers[static_cast<size_t>(best)] + " (" + std::to_string(std::lround(100.0 * answer.confidence)) + " %).";
    answer.by = "answer head";
  }
  if (captions) {
    std::vector<DetectedSegment> kept;
    const auto stretches = stretchesOf(seen, step, kept);
    const auto sentences = sentencesOf(*loaded, seen, stretches);
    std::vector<size_t> order(sentences.size());
    for (size_t i = 0; i < order.size(); ++i) order[i] = i;
    std::sort(order.begin(), order.end(), [&](size_t a, size_t b) { return kept[a].start_seconds < kept[b].start_seconds; });
    for (const size_t i : order) {
      if (!sentences[i].empty()) answer.text += (answer.text.empty() ? "" : "\n") + momentLink(kept[i].start_seconds, kept[i].end_seconds) + " " + sentences[i];
    }
    answer.by += answer.by.empty() ? "captions" : ", captions";
  }
  answer.seconds = now() - begun;
  return answer;
}

AskAnswer TorchEngine::ask(const AskSpec& spec, std::stop_token stop, const std::function<void(std::string_view)>& on_text) {
  const KeepThreads keep;
  if (spec.threads > 0) setThreads(spec.threads);
  if (!spec.model_folder.empty() || !spec.tuned_folder.empty()) return askModel(spec, stop, on_text);
  if (trimmed(spec.question).empty()) throw InputError({.where = "question", .expected = "some words", .found = "none", .remedy = "Ask something about the video."});
  AskAnswer answer = askHeads(spec);
  if (stop.stop_requested()) throw Interrupted("stopped");
  if (on_text) on_text(answer.text);
  return answer;
}

}  // namespace hvlm
