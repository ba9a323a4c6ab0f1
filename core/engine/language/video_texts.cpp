// SPDX-License-Identifier: Apache-2.0
#include "engine/language/video_texts.h"

#include <ATen/ATen.h>

#include <map>

#include "data/labels.h"
#include "engine/language/tuned_tower.h"

namespace hvlm {

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

std::string paragraphOf(const std::vector<VideoText>& texts) {
  std::string paragraph;
  for (const VideoText& t : texts) paragraph += (paragraph.empty() ? "" : " ") + t.text;
  return paragraph;
}

TextRows textRows(const TextTower& tower, const std::vector<std::string>& texts) {
  TextRows rows;
  std::map<std::string, int64_t> known;
  const auto* tuned = dynamic_cast<const TunedTower*>(&tower);
  if (tuned && !texts.empty()) {
    rows.vectors = tuned->rows(texts);
  } else {
    rows.vectors = at::empty({static_cast<int64_t>(texts.size()), tower.width()}, at::kFloat);
    const std::vector<std::vector<float>> vectors = tower.encodeAll(texts);
    for (size_t i = 0; i < texts.size(); ++i) std::copy(vectors[i].begin(), vectors[i].end(), rows.vectors.data_ptr<float>() + static_cast<int64_t>(i) * tower.width());
  }
  for (size_t i = 0; i < texts.size(); ++i) {
    rows.groups.push_back(known.try_emplace(normalisedSentence(texts[i]), static_cast<int64_t>(known.size())).first->second);
  }
  return rows;
}

std::string classWords(const std::string& name) {
  const auto upper = [](char c) { return c >= 'A' && c <= 'Z'; };
  const auto lower = [](char c) { return c >= 'a' && c <= 'z'; };
  std::string words;
  for (size_t i = 0; i < name.size(); ++i) {
    const char c = name[i];
    if (c == '_' || c == ' ' || c == '-') {
      if (!words.empty() && words.back() != ' ') words += ' ';
      continue;
    }
    if (upper(c) && i > 0 && lower(name[i - 1]) && words.back() != ' ') words += ' ';
    words += upper(c) ? static_cast<char>(c - 'A' + 'a') : c;
  }
  if (!words.empty() && words.back() == ' ') words.pop_back();
  return words;
}

std::string classPrompt(const std::string& name) { return "a video of someone doing: " + classWords(name); }

}  // namespace hvlm
