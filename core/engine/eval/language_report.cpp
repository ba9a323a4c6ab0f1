// SPDX-License-Identifier: Apache-2.0
#include "engine/eval/language_report.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>

#include "engine/eval/caption_report.h"
#include "engine/eval/control_rows.h"
#include "engine/language/text_tower.h"
#include "engine/language/video_texts.h"
#include "score/answers.h"
#include "score/captions.h"
#include "score/dense_captions.h"
#include "score/question_lookup.h"
#include "support/error.h"
#include "support/hash.h"

namespace hvlm {
namespace {

using Json = nlohmann::json;

constexpr size_t kMostEvents = 10;       // detections of a video that are described
constexpr double kLeastEventScore = 0.1;

// Steps of a stretch in seconds, at least one.
DescribedSegment segmentOf(int64_t place, double start, double end, double step, int64_t steps) {
  const auto first = std::clamp<int64_t>(static_cast<int64_t>(std::lround(start / step)), 0, steps - 1);
  const auto last = std::clamp<int64_t>(static_cast<int64_t>(std::lround(end / step)), first + 1, steps);
  return {place, first, last};
}

Json shareJson(const AnswerScore& score) {
  Json out = {{"accuracy", score.all.share().value_or(0.0)}, {"per_type", Json::object()}};
  if (const auto free = score.free.share()) out["free"] = *free;
  for (size_t type = 0; type < kAnswerTypes; ++type) {
    if (const auto share = score.types[type].share()) out["per_type"][std::to_string(type)] = *share;
  }
  return out;
}

struct Asked {
  const Question* question;
  std::string given;
};

Json answersJson(const std::vector<Asked>& asked, const EvaluationRequest& request, const LanguageVocabulary& vocabulary) {
  AnswerTally all;
  QuestionLookup lookup;
  for (const int64_t v : request.catalogue.subset(request.model.config().train.training_subset)) {
    for (const Question& q : request.catalogue.videos[static_cast<size_t>(v)].questions) {
      if (q.answer.empty()) continue;
      all.add(q.answer);
      lookup.add(q.text, q.answer);
    }
  }
  const auto score = [&](const auto& answer_of) {
    std::vector<AnsweredQuestion> list;
    for (const Asked& a : asked) list.push_back({a.question->answer, answer_of(a), static_cast<int>(a.question->type), true});
    return scoreAnswers(list);
  };
  const AnswerScore own = score([](const Asked& a) { return a.given; });
  Json out = shareJson(own);
  if (own.official_free) out["official_free"] = *own.official_free;
  const auto known = std::count_if(asked.begin(), asked.end(), [&](const Asked& a) {
    return std::find(vocabulary.answers.begin(), vocabulary.answers.end(), a.question->answer) != vocabulary.answers.end();
  });
  out["questions"] = asked.size();
  out["answers_known"] = static_cast<double>(known) / static_cast<double>(asked.size());
  out["controls"] = {{"majority", shareJson(score([&](const Asked&) { return all.best(); }))},
                     {"question_only", shareJson(score([&](const Asked& a) { return lookup.answer(a.question->text, all.best()); }))}};
  return out;
}

}  // namespace

Json languageJson(const EvaluationRequest& request, const EmbeddedSet& set, const PhaseProgress& progress, LanguageOutput& output, Json& absent) {
  const at::NoGradGuard no_grad;
  Json out = Json::object();
  if (!request.heads) return out;
  const LanguageHeads& heads = *request.heads;
  const auto& catalogue = request.catalogue;
  const double step = request.spec.stepSeconds();
  std::shared_ptr<const TextTower> tower;
  if (heads.answers()) tower = heads.tower();
  std::vector<Asked> asked;
  std::vector<Spoken> spoken;
  std::vector<DenseVideo> dense;
  size_t place = 0;  // in set.videos
  const auto each = [&](const Packed& packed, const std::vector<int64_t>& videos) {
    const ModelOutput model_output = request.model.forward(packed);
    std::vector<std::pair<int64_t, std::string>> questions;
    const size_t first_asked = asked.size();
    std::vector<DescribedSegment> segments;
    std::vector<std::pair<GivenCaption, const Caption*>> stretches;  // no caption: an event of the run
    for (size_t b = 0; b < videos.size(); ++b, ++place) {
      const Video& video = catalogue.videos[static_cast<size_t>(videos[b])];
      const int64_t steps = packed.offsets[b + 1] - packed.offsets[b];
      for (const Question& q : video.questions) {
        if (!heads.answers() || q.answer.empty()) continue;
        questions.emplace_back(static_cast<int64_t>(b), q.text);
        asked.push_back({&q, ""});
      }
      if (!heads.captions()) continue;
      const auto take = [&](double start, double end, const Caption* caption) {
        segments.push_back(segmentOf(static_cast<int64_t>(b), start, end, step, steps));
        stretches.push_back({GivenCaption{video.id, start, end, ""}, caption});
      };
      for (const Caption& c : video.captions) take(c.start_seconds, c.end_seconds, &c);
      for (size_t d = 0; d < std::min(kMostEvents, set.detections[place].size()); ++d) {
        const DetectedSegment& found = set.detections[place][d];
        if (found.score >= kLeastEventScore) take(found.start_seconds, found.end_seconds, nullptr);
      }
    }
    if (!questions.empty()) {
      const at::Tensor best = heads.answerLogits(model_output, *tower, questions, step).argmax(1).to(at::kCPU).contiguous();
      for (int64_t i = 0; i < best.numel(); ++i) {
        Asked& a = asked[first_asked + static_cast<size_t>(i)];
        a.given = heads.vocabulary().answers[static_cast<size_t>(best.const_data_ptr<int64_t>()[i])];
        output.answers.push_back({a.question->id, a.given});
      }
    }
    const std::vector<std::string> sentences = heads.describe(model_output, packed.offsets, segments, mixSeed(request.model.config().seed, 0x6361707473));
    for (size_t i = 0; i < sentences.size(); ++i) {
      auto& [given, caption] = stretches[i];
      given.sentence = sentences[i];
      const Video& video = catalogue.videos[static_cast<size_t>(videos[static_cast<size_t>(segments[i].video)])];
      if (caption) spoken.push_back({captionTokens(caption->text), captionTokens(given.sentence), classOfStretch(video, caption->start_seconds, caption->end_seconds)});
      (caption ? output.captions : output.events).push_back(given);
    }
  };
  overVideoBatches(request.model, request.store, catalogue, request.videos,
                   [&](int64_t done, int64_t total) { return !progress || progress("answers and captions", done, total); }, each);
  if (heads.answers()) {
    if (asked.empty()) {
      absent["qa"] = "no question with an answer in this subset";
    } else {
      out["qa"] = answersJson(asked, request, heads.vocabulary());
    }
  }
  if (!heads.captions()) return out;
  if (spoken.empty()) {
    absent["captions"] = "no captions in this subset";
    return out;
  }
  out["captions"] = captionsJson(spoken, request, progress);
  std::map<std::string, std::vector<CaptionEvent>> events;
  for (const GivenCaption& e : output.events) events[e.video].push_back({e.start_seconds, e.end_seconds, captionTokens(e.sentence)});
  for (const int64_t v : request.videos) {
    const Video& video = catalogue.videos[static_cast<size_t>(v)];
    if (video.captions.empty()) continue;
    DenseVideo& one = dense.emplace_back();
    one.references.emplace_back();
    for (const Caption& c : video.captions) one.references.front().push_back({c.start_seconds, c.end_seconds, captionTokens(c.text)});
    one.predicted = events[video.id];
  }
  if (!request.model.config().head.detect) {
    absent["captions.dense"] = "the run has no detection head";
    return out;
  }
  Json& of_events = out["captions"]["dense"];
  for (const double threshold : kDenseThresholds) {
    const DenseScore score = scoreDense(dense, threshold);
    Json row = captionJson(score.captions);
    row["precision"] = score.precision;
    row["recall"] = score.recall;
    of_events[std::to_string(threshold).substr(0, 3)] = row;
  }
  const SodaScores soda = scoreSoda(dense);
  of_events["soda"] = {{"rouge_l", soda.rouge_l.f1}, {"cider", soda.cider.f1}};
  of_events["events"] = output.events.size();
  return out;
}

}  // namespace hvlm
