// SPDX-License-Identifier: Apache-2.0
#include "data/texts.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <set>

#include "data/json_stream.h"
#include "support/atomic_file.h"
#include "support/error.h"
#include "support/text.h"

namespace hvlm {
namespace fs = std::filesystem;
namespace {

using nlohmann::json;

// Captions are written with two decimals: an end this far behind the video's is the same time.
constexpr double kRoundingSeconds = 0.0101;

const json* member(const json& object, const char* key) {
  const auto* fields = object.get_ptr<const json::object_t*>();
  if (!fields) return nullptr;
  const auto it = fields->find(key);
  return it == fields->end() ? nullptr : &it->second;
}

std::string textMember(const json& object, const char* key) {
  const json* value = member(object, key);
  if (value && value->is_string()) return value->get<std::string>();
  return value && value->is_number_integer() ? value->dump() : "";
}

// The video behind an id, when it belongs to `subset`; otherwise the reason is listed under `kind` and null returned.
// Files that lists restrict are often larger than the catalogue, so one line per video is enough.
Video* videoFor(Catalogue& catalogue, const std::string& id, const std::string& subset, const char* kind,
                const std::string& what) {
  const int64_t index = catalogue.findIndex(id);
  if (index < 0) {
    catalogue.problems.push_back({kind, id, what + " of a video that is not among the annotations; left out"});
    return nullptr;
  }
  Video& video = catalogue.videos[static_cast<size_t>(index)];
  if (video.subset == subset) return &video;
  catalogue.problems.push_back(
      {"wrong_subset", id,
       what + " given for " + subset + ", but the video belongs to " + video.subset + "; left out"});
  return nullptr;
}

std::optional<Caption> readCaption(Catalogue& catalogue, const Video& video, const json& times, const json& sentence) {
  const auto number = [](const json& value) {
    const double found = value.is_number() ? value.get<double>() : std::nan("");
    return std::isfinite(found) ? found : std::nan("");
  };
  Caption caption;
  caption.text = sentence.is_string() ? trimmed(sentence.get_ref<const std::string&>()) : "";
  const bool has_times = times.is_array() && times.size() == 2;
  caption.start_seconds = has_times ? number(times[0]) : std::nan("");
  caption.end_seconds = has_times ? number(times[1]) : std::nan("");
  const auto list = [&](const char* kind, const std::string& detail) {
    catalogue.problems.push_back({kind, video.id, shortened(times.dump()) + " " + detail});
  };
  if (caption.text.empty() || std::isnan(caption.start_seconds) || std::isnan(caption.end_seconds)) {
    list("bad_caption", "has no text or no times; left out");
    return std::nullopt;
  }
  if (caption.end_seconds < caption.start_seconds) {
    std::swap(caption.start_seconds, caption.end_seconds);
    list("caption_reversed", "swapped");
  }
  if (caption.start_seconds < 0.0 || caption.end_seconds > video.duration_seconds) {
    if (caption.start_seconds < -kRoundingSeconds || caption.end_seconds > video.duration_seconds + kRoundingSeconds) {
      list("caption_outside", "lies outside the " + exactNumber(video.duration_seconds) + " s of the video; cut");
    }
    caption.start_seconds = std::clamp(caption.start_seconds, 0.0, video.duration_seconds);
    caption.end_seconds = std::clamp(caption.end_seconds, 0.0, video.duration_seconds);
  }
  if (caption.start_seconds == caption.end_seconds) {
    list("caption_zero_length", "left out");
    return std::nullopt;
  }
  return caption;
}

InputError otherSchema(const fs::path& file, const std::string& expected, const std::string& found) {
  return InputError({.where = file.string(),
                     .expected = expected,
                     .found = found,
                     .remedy = "Point the key in dataset.yaml at the right file."});
}

}  // namespace

void addCaptions(Catalogue& catalogue, const std::string& subset, const fs::path& file) {
  const std::string text = readFile(file);
  size_t with_schema = 0;
  size_t entries = 0;
  const JsonFrame frame = streamJson(text, file.string(), "", [&](const std::string& id, json&& entry) {
    ++entries;
    const json* times = member(entry, "timestamps");
    const json* sentences = member(entry, "sentences");
    if (!times || !sentences || !times->is_array() || !sentences->is_array()) {
      catalogue.problems.push_back({"bad_caption", id, "has no lists \"timestamps\" and \"sentences\"; left out"});
      return;
    }
    ++with_schema;
    Video* video = videoFor(catalogue, id, subset, "no_video_for_caption", "captions");
    if (!video) return;
    if (times->size() != sentences->size()) {
      catalogue.problems.push_back({"bad_caption", id,
                                    std::to_string(times->size()) + " timestamps but " +
                                        std::to_string(sentences->size()) +
                                        " sentences; the pairs there are are used"});
    }
    for (size_t i = 0; i < std::min(times->size(), sentences->size()); ++i) {
      if (auto caption = readCaption(catalogue, *video, (*times)[i], (*sentences)[i]))
        video->captions.push_back(*caption);
    }
  });
  const std::string expected = "captions: {\"v_ID\": {\"timestamps\": […], \"sentences\": […]}}";
  if (!frame.found || frame.is_array) throw otherSchema(file, expected, describeJson(frame));
  if (entries > 0 && with_schema == 0) throw otherSchema(file, expected, "entries without these lists");
}

void addQuestions(Catalogue& catalogue, const std::string& subset, const std::vector<fs::path>& files) {
  if (files.empty()) return;
  struct Answer {
    std::string text;
    int64_t type = -1;
    bool used = false;
  };
  std::map<std::string, Answer> answers;
  const auto each = [&](const fs::path& file, const char* wanted, const std::string& expected, const auto& take) {
    const std::string text = readFile(file);
    size_t good = 0;
    size_t all = 0;
    const JsonFrame frame = streamJson(text, file.string(), "", [&](const std::string&, json&& entry) {
      ++all;
      const std::string id = textMember(entry, "question_id");
      if (id.empty() || !member(entry, wanted)) {
        catalogue.problems.push_back(
            {"bad_question", id.empty() ? file.filename().string() : id,
             "entry " + std::to_string(all) + " lacks question_id or " + wanted + "; left out"});
        return;
      }
      ++good;
      take(id, entry);
    });
    if (!frame.found || !frame.is_array) throw otherSchema(file, expected, describeJson(frame));
    if (all > 0 && good == 0) throw otherSchema(file, expected, "entries without these keys");
  };
  if (files.size() > 1) {
    each(files[1], "answer", "answers: [{\"question_id\", \"answer\", \"type\"}, …]",
         [&](const std::string& id, const json& entry) {
           const json* type = member(entry, "type");
           Answer answer{textMember(entry, "answer"), type && type->is_number_integer() ? type->get<int64_t>() : -1};
           if (answer.type < -1 || answer.type > 8) answer.type = -1;
           if (!answers.try_emplace(id, answer).second) {
             catalogue.problems.push_back({"duplicate_question", id, "answered twice; the first answer is used"});
           }
         });
  }
  std::set<std::string> seen;
  each(files[0], "question", "questions: [{\"video_name\", \"question\", \"question_id\"}, …]",
       [&](const std::string& id, const json& entry) {
         if (!seen.insert(id).second) {
           catalogue.problems.push_back({"duplicate_question", id, "occurs twice; the first one is used"});
           return;
         }
         const auto answer = answers.find(id);
         if (answer != answers.end()) answer->second.used = true;
         Video* video =
             videoFor(catalogue, textMember(entry, "video_name"), subset, "no_video_for_question", "question " + id);
         if (!video) return;
         Question question{id, textMember(entry, "question")};
         if (answer != answers.end()) {
           question.answer = answer->second.text;
           question.type = answer->second.type;
         } else if (files.size() > 1) {
           catalogue.problems.push_back({"question_without_answer", id, "kept without one"});
         }
         video->questions.push_back(std::move(question));
       });
  for (const auto& [id, answer] : answers) {
    if (!answer.used) catalogue.problems.push_back({"answer_without_question", id, "left out"});
  }
}

std::vector<std::string> readIdList(const fs::path& file) {
  const std::string text = readFile(file, size_t{64} << 20);
  std::vector<std::string> ids;
  if (trimmed(text.substr(0, 64)).substr(0, 1) == "[") {
    streamJson(text, file.string(), "", [&](const std::string&, json&& entry) {
      if (entry.is_string()) ids.push_back(entry.get<std::string>());
    });
    return ids;
  }
  for (const std::string& line : split(text, '\n')) {
    const std::string id = trimmed(line.substr(0, line.find('#')));
    if (!id.empty()) ids.push_back(id);
  }
  return ids;
}

}  // namespace hvlm
