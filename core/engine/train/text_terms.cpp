// SPDX-License-Identifier: Apache-2.0
#include "engine/train/text_terms.h"

#include <ATen/ATen.h>

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
  at::Tensor apart;  // texts that say nearly the same
  if (options.text_same < 1.0) {
    const at::Tensor plain = text.detach();
    const at::Tensor unit = plain / plain.norm(2, {1}, true).clamp_min(1e-12);
    apart = unit.mm(unit.t()) >= options.text_same;
  }
  const at::Tensor loss = textInfoNce(model.sharedVideo(vectors), model.sharedText(text), model.logLogitScale(), videos, texts.groups, directionOf(options), apart);
  return {name, weight, loss, {}};
}

// Each sentence against the mean of those nodes of one level that lie within it; sentences without such a node are left out.
LossTerm levelAlignment(const HierarchicalModel& model, const TextTower& tower, const ModelOutput& output, const std::vector<std::vector<VideoText>>& texts,
                        int64_t level, double weight, const LossOptions& options) {
  const Pyramid& pyramid = output.pyramid;
  const at::Tensor& rows = pyramid.levels_of_nodes[static_cast<size_t>(level)];
  const int64_t width = int64_t{1} << level;
  std::vector<std::string> sentences;
  std::vector<int64_t> videos;
  std::vector<at::Tensor> means;
  for (size_t b = 0; b < texts.size(); ++b) {
    const int64_t first_node = pyramid.offsets[static_cast<size_t>(level)][b];
    const int64_t nodes = pyramid.offsets[static_cast<size_t>(level)][b + 1] - first_node;
    const int64_t steps = pyramid.offsets[0][b + 1] - pyramid.offsets[0][b];
    for (const VideoText& t : texts[b]) {
      const int64_t from = (t.first_step + width - 1) / width;
      const int64_t to = std::min(t.last_step >= steps ? nodes : t.last_step / width, nodes);  // the last node may be narrower than the others
      if (from >= to) continue;
      sentences.push_back(t.text);
      videos.push_back(static_cast<int64_t>(b));
      means.push_back(rows.slice(0, first_node + from, first_node + to).mean(0));
    }
  }
  if (sentences.size() < 2) return {};
  return alignment("segment_text_" + std::to_string(level), weight, model, at::stack(means), textRows(tower, sentences), videos, options);
}

}  // namespace

std::vector<LossTerm> textTerms(const HierarchicalModel& model, const TextTower& tower, const ModelOutput& output,
                                const std::vector<std::vector<VideoText>>& texts, const std::vector<int64_t>& offsets, const LossOptions& options) {
  std::vector<LossTerm> terms;
  if (options.text > 0.0) {
    std::vector<std::string> paragraphs;
    std::vector<int64_t> videos;
    for (size_t b = 0; b < texts.size(); ++b) {
      const std::string paragraph = paragraphOf(texts[b]);
      if (paragraph.empty()) continue;
      paragraphs.push_back(paragraph);
      videos.push_back(static_cast<int64_t>(b));
    }
    if (paragraphs.size() >= 2) {
      const at::Tensor vectors = output.video_vector.index_select(0, indexTensor(videos, output.video_vector.device()));
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
    const bool by_levels = options.segment_text_nodes == "levels";
    const double weight = by_levels ? options.segment_text / static_cast<double>(output.pyramid.levels()) : options.segment_text;
    for (int64_t level = 1; by_levels && level < output.pyramid.levels(); ++level) {
      LossTerm term = levelAlignment(model, tower, output, texts, level, weight, options);
      if (term.value.defined()) terms.push_back(std::move(term));
    }
    if (sentences.size() >= 2) terms.push_back(alignment("segment_text", weight, model, at::stack(means), textRows(tower, sentences), videos, options));
  }
  return terms;
}

}  // namespace hvlm
