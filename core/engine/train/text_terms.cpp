// SPDX-License-Identifier: Apache-2.0
#include "engine/train/text_terms.h"

#include <ATen/ATen.h>

#include <map>

#include "data/labels.h"
#include "engine/objective/text.h"

namespace hvlm {
namespace {

TextDirection directionOf(const LossOptions& options) {
  return options.text_direction == "both" ? TextDirection::kBoth : TextDirection::kVideoToText;
}

// Video vectors and texts of the same rows; `videos` are places in the batch.
LossTerm alignment(const std::string& name, double weight, const HierarchicalModel& model, const at::Tensor& vectors, const TextRows& texts,
                   const std::vector<int64_t>& videos, const LossOptions& options) {
  const at::Tensor text = texts.vectors.to(vectors.options());
  const at::Tensor loss = textInfoNce(model.sharedVideo(vectors), model.sharedText(text), model.logLogitScale(), videos, texts.groups, directionOf(options));
  return {name, weight, loss, {}};
}

}  // namespace

std::vector<VideoText> textsOf(const Video& video, const Catalogue& catalogue, const FeatureSpec& spec, int64_t steps, const TextOptions& options) {
  std::vector<VideoText> out;
  const auto add = [&](const std::string& text, double start, double end) {
    const StepRange range = stepRange(start, end, spec.stepSeconds(), steps);
    if (range.size() > 0 && !text.empty()) out.push_back({text, range.first, range.last, start, end});
  };
  if (options.source == "labels") {
    for (const Segment& s : video.segments) {
      if (s.label >= 0) add(catalogue.classes[static_cast<size_t>(s.label)], s.start_seconds, s.end_seconds);
    }
  } else {
    for (const Caption& c : video.captions) add(c.text, c.start_seconds, c.end_seconds);
  }
  return out;
}

TextRows textRows(const TextTower& tower, const std::vector<std::string>& texts) {
  TextRows rows;
  std::map<std::string, int64_t> known;
  rows.vectors = at::empty({static_cast<int64_t>(texts.size()), tower.width()}, at::kFloat);
  for (size_t i = 0; i < texts.size(); ++i) {
    const std::vector<float> vector = tower.encode(texts[i]);
    std::copy(vector.begin(), vector.end(), rows.vectors.data_ptr<float>() + static_cast<int64_t>(i) * tower.width());
    rows.groups.push_back(known.try_emplace(normalisedSentence(texts[i]), static_cast<int64_t>(known.size())).first->second);
  }
  return rows;
}

std::vector<LossTerm> textTerms(const HierarchicalModel& model, const TextTower& tower, const ModelOutput& output,
                                const std::vector<std::vector<VideoText>>& texts, const std::vector<int64_t>& offsets, const LossOptions& options) {
  std::vector<LossTerm> terms;
  if (options.text > 0.0) {
    std::vector<std::string> paragraphs;
    std::vector<int64_t> videos;
    for (size_t b = 0; b < texts.size(); ++b) {
      std::string paragraph;
      for (const VideoText& t : texts[b]) paragraph += (paragraph.empty() ? "" : " ") + t.text;
      if (paragraph.empty()) continue;
      paragraphs.push_back(paragraph);
      videos.push_back(static_cast<int64_t>(b));
    }
    if (paragraphs.size() >= 2) {
      const at::Tensor vectors = output.video_vector.index_select(0, at::tensor(videos, at::kLong));
      terms.push_back(alignment("text", options.text, model, vectors, textRows(tower, paragraphs), videos, options));
    }
  }
  if (options.segment_text > 0.0) {
    std::vector<std::string> sentences;
    std::vector<int64_t> videos;
    std::vector<at::Tensor> means;
    for (size_t b = 0; b < texts.size(); ++b) {
      for (const VideoText& t : texts[b]) {
        sentences.push_back(t.text);
        videos.push_back(static_cast<int64_t>(b));
        means.push_back(output.h.slice(0, offsets[b] + t.first_step, offsets[b] + t.last_step).mean(0));
      }
    }
    if (sentences.size() >= 2) terms.push_back(alignment("segment_text", options.segment_text, model, at::stack(means), textRows(tower, sentences), videos, options));
  }
  return terms;
}

}  // namespace hvlm
