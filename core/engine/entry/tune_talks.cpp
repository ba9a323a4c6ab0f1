// SPDX-License-Identifier: Apache-2.0
#include "engine/entry/tune_talks.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <array>
#include <utility>

#include "engine/eval/embed.h"
#include "engine/language/video_texts.h"
#include "language/conversation.h"
#include "language/instructions.h"
#include "support/error.h"
#include "support/hash.h"

namespace hvlm {
namespace {

constexpr double kMostKept = 512e6;  // bytes

// Several wordings, so that a model does not answer to one alone (Liu et al. 2023, arXiv:2304.08485, table 11).
constexpr std::array<const char*, 4> kStretchQuestions = {"Describe what happens.", "What is going on here?", "Say briefly what is shown.",
                                                          "What can be seen?"};
constexpr std::array<const char*, 3> kVideoQuestions = {"What happens in the video, and when?",
                                                        "Describe the video with the time of each event.", "List what happens."};

template <size_t N>
std::string questionOf(const std::array<const char*, N>& wordings, const std::string& id, uint64_t index) {
  const bool first = mixSeed(hash64(id), index, 1) % 2 == 0;  // the video before the question, or after it
  const std::string words = wordings[mixSeed(hash64(id), index) % N], video(kVideoToken);
  return first ? video + "\n" + words : words + "\n" + video;
}

void add(TuneTalks& out, const TalkReader& reader, int64_t most, LearnedTalk talk, const std::vector<ChatMessage>& messages) {
  talk.tokens = reader.talk(messages, most);
  if (static_cast<int64_t>(talk.tokens.ids.size()) > most) {
    ++out.dropped["too long"];
  } else {
    out.talks.push_back(std::move(talk));
  }
}

void requireSome(const TuneTalks& out, const std::string& where, int64_t most) {
  if (!out.talks.empty()) return;
  throw InputError({.where = where,
                    .expected = "a talk of at most " + std::to_string(most) + " tokens beside the visual ones",
                    .found = "only longer ones",
                    .remedy = "Raise --max-tokens, or take a model with a longer context."});
}

int64_t stepsOf(const Dataset& data, const Video& video) { return data.store->shape(video.id).value().rows; }

std::string listed(std::vector<VideoText> texts, double duration) {
  std::sort(texts.begin(), texts.end(), [](const VideoText& a, const VideoText& b) {
    return std::pair(a.start_seconds, a.end_seconds) < std::pair(b.start_seconds, b.end_seconds);
  });
  std::string lines;
  for (const VideoText& t : texts) {
    lines +=
        (lines.empty() ? "[" : "\n[") + momentText(t.start_seconds) + "-" + momentText(std::min(t.end_seconds, duration)) + "] " + t.text;
  }
  return lines;
}

}  // namespace

TuneTalks captionTalks(const Dataset& data, const std::vector<int64_t>& videos, const std::string& subset, const TalkReader& reader,
                       int64_t most) {
  TuneTalks out;
  bool any = false;
  for (const int64_t v : videos) {
    const Video& video = data.catalogue.videos[static_cast<size_t>(v)];
    const int64_t steps = stepsOf(data, video);
    const auto texts = textsOf(video, data.catalogue, data.spec.features, steps, {});
    any = any || !texts.empty();
    for (size_t i = 0; i < texts.size(); ++i) {
      add(out, reader, most, {v, texts[i].first_step, texts[i].last_step, {}},
          {{"user", questionOf(kStretchQuestions, video.id, i)}, {"assistant", texts[i].text}});
    }
    if (texts.empty()) continue;
    add(out, reader, most, {v, 0, steps, {}},
        {{"user", questionOf(kVideoQuestions, video.id, texts.size())}, {"assistant", listed(texts, video.duration_seconds)}});
  }
  const std::string where = data.spec.file.string() + ": captions";
  if (!any) {
    throw InputError({.where = where,
                      .expected = "captions of videos of \"" + subset + "\" (the projector learns from them)",
                      .found = "none",
                      .remedy = "Name them in dataset.yaml, or give talks about the videos with --instructions."});
  }
  requireSome(out, where, most);
  return out;
}

TuneTalks instructionTalks(const Dataset& data, const std::vector<int64_t>& videos, const std::string& subset, const std::string& file,
                           const TalkReader& reader, int64_t most) {
  const InstructionSet set = readInstructions(file);
  TuneTalks out;
  out.dropped = set.dropped;
  std::map<std::string, int64_t> usable;
  for (const int64_t v : videos) usable[bareVideo(data.catalogue.videos[static_cast<size_t>(v)].id)] = v;
  bool any = false;
  for (const Instruction& item : set.items) {
    const auto found = usable.find(bareVideo(item.video));
    if (found == usable.end()) {
      ++out.dropped["no such video with features in \"" + subset + "\""];
      continue;
    }
    any = true;
    add(out, reader, most, {found->second, 0, stepsOf(data, data.catalogue.videos[static_cast<size_t>(found->second)]), {}}, item.messages);
  }
  if (!any) {
    throw InputError({.where = file,
                      .expected = "talks about videos of \"" + subset + "\" that have features in " + data.spec.features.store.string(),
                      .found = "none of " + std::to_string(set.items.size()),
                      .remedy = "Check the names of the videos, or --subset."});
  }
  requireSome(out, file, most);
  return out;
}

void TalkSight::prepare(const std::vector<LearnedTalk>& talks, const std::function<bool(int64_t, int64_t)>& progress) {
  kept_.clear();
  const double numbers =
      static_cast<double>(talks.size()) * static_cast<double>(options_.tokens * (run_.model->width() + VisualTokens::kPlaceNumbers));
  if (numbers * sizeof(float) > kMostKept) return;
  std::vector<VisualTokens> kept(talks.size());
  std::vector<size_t> all(talks.size());
  for (size_t i = 0; i < all.size(); ++i) all[i] = i;
  see(talks, all, progress, [&](size_t place, VisualTokens seen) { kept[place] = std::move(seen); });
  kept_ = std::move(kept);
}

std::vector<VisualTokens> TalkSight::of(const std::vector<LearnedTalk>& talks, const std::vector<size_t>& which) const {
  std::vector<VisualTokens> out(which.size());
  if (kept_.empty()) {
    see(talks, which, {}, [&](size_t place, VisualTokens seen) { out[place] = std::move(seen); });
  } else {
    for (size_t i = 0; i < which.size(); ++i) out[i] = kept_[which[i]];
  }
  return out;
}

void TalkSight::see(const std::vector<LearnedTalk>& talks, const std::vector<size_t>& which,
                    const std::function<bool(int64_t, int64_t)>& progress, const std::function<void(size_t, VisualTokens)>& take) const {
  const at::NoGradGuard no_grad;
  std::map<int64_t, std::vector<size_t>> places;  // of `which`, by video
  for (size_t i = 0; i < which.size(); ++i) places[talks[which[i]].video].push_back(i);
  std::vector<int64_t> videos;
  for (const auto& [video, of_video] : places) videos.push_back(video);
  overVideoBatches(*run_.model, *data_.store, data_.catalogue, videos, progress,
                   [&](const Packed& packed, const std::vector<int64_t>& batch) {
                     const ModelOutput output = run_.model->forward(packed);
                     for (size_t b = 0; b < batch.size(); ++b) {
                       for (const size_t place : places.at(batch[b])) {
                         const LearnedTalk& talk = talks[which[place]];
                         take(place, visualTokens(output.pyramid, static_cast<int64_t>(b), talk.first_step, talk.last_step,
                                                  data_.spec.features.stepSeconds(), options_));
                       }
                     }
                   });
}

}  // namespace hvlm
