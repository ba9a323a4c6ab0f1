// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <unordered_map>

#include "score/caption_text.h"
#include "score/captions.h"
#include "score/dense_captions.h"
#include "score/official_files.h"
#include "support/error.h"
#include "support/json_file.h"
#include "support/text.h"

namespace hvlm {
namespace {

using nlohmann::json;

constexpr size_t kMostEvents = 1000;  // of one video, as the public script
constexpr const char* kSchemas =
    "a list of {references, hypothesis} or dense captions {video: {duration, timestamps, sentences}}";

std::string describe(const json& value) {
  if (value.is_array()) return value.empty() ? "an empty list" : "a list of another kind";
  if (!value.is_object()) return std::string("a ") + value.type_name();
  std::string text;
  for (const auto& [key, item] : value.items()) {
    if (text.size() > 100) break;
    text += (text.empty() ? "" : ", ") + shortened(key, 24);
  }
  return text.empty() ? "an empty object" : "the keys " + shortened(text, 120);
}

[[noreturn]] void refuse(const std::string& path, const std::string& expected, const json& found) {
  throw InputError({.where = path,
                    .expected = expected,
                    .found = describe(found),
                    .remedy = "Give the reference captions as --truth and the system's as --predictions."});
}

Tokens tokensOf(const json& text) { return captionTokens(asciiOnly(text.get_ref<const std::string&>())); }

json meanKeys(const CaptionScore& score) {
  json out = {{"rouge_l", score.rouge_l}, {"cider", score.cider}};
  for (size_t n = 0; n < score.bleu.size(); ++n) out["bleu" + std::to_string(n + 1)] = score.bleu[n];
  return out;
}

// ---- pairs ----

bool allStrings(const json& list) {
  return list.is_array() && !list.empty() &&
         std::all_of(list.begin(), list.end(), [](const json& t) { return t.is_string(); });
}

// The hypotheses of a pairs list by id; an item without one goes by its place.
std::map<std::string, std::string> hypotheses(const json& list, DefectList& defects) {
  std::map<std::string, std::string> by_id;
  for (size_t i = 0; i < list.size(); ++i) {
    const json& item = list[i];
    const std::string id = item.is_object() && item.contains("id")
                               ? item["id"].dump(-1, ' ', false, json::error_handler_t::replace)
                               : "#" + std::to_string(i);
    if (!item.is_object() || !item.contains("hypothesis") || !item["hypothesis"].is_string()) {
      defects.add("bad_prediction", shortened(id));
      continue;
    }
    if (!by_id.insert_or_assign(id, item["hypothesis"].get<std::string>()).second)
      defects.add("duplicate_prediction", shortened(id));
  }
  return by_id;
}

json scorePairs(const std::string& path, const json& truth, const std::string& predictions_path,
                const json& predictions) {
  if (!predictions.is_array()) refuse(predictions_path, "a list of {hypothesis}, like the truth", predictions);
  DefectList defects;
  std::map<std::string, std::string> given = hypotheses(predictions, defects);
  std::vector<CaptionPair> pairs;
  for (size_t i = 0; i < truth.size(); ++i) {
    const json& item = truth[i];
    const bool has_id = item.is_object() && item.contains("id");
    const std::string id =
        has_id ? item["id"].dump(-1, ' ', false, json::error_handler_t::replace) : "#" + std::to_string(i);
    if (!item.is_object() || !item.contains("references") || !allStrings(item["references"])) {
      defects.add("bad_truth", shortened(id));
      continue;
    }
    CaptionPair& pair = pairs.emplace_back();
    for (const json& text : item["references"]) pair.references.push_back(tokensOf(text));
    const auto found = given.find(id);
    if (found == given.end()) {
      defects.add("item_without_prediction", shortened(id));
    } else {
      pair.hypothesis = captionTokens(asciiOnly(found->second));
      given.erase(found);
    }
    if (pair.hypothesis.empty()) defects.add("caption_without_words", shortened(id));
  }
  for (const auto& [id, text] : given) defects.add("unknown_id", shortened(id));
  if (pairs.empty()) refuse(path, kSchemas, truth);
  json out = meanKeys(scoreCaptions(pairs));
  out["pairs"] = pairs.size();
  out["problems"] = defects.counts();
  out["problem_examples"] = defects.examples();
  return out;
}

// ---- dense captions ----

std::optional<CaptionEvent> eventOf(const json& times, const json& sentence) {
  if (!times.is_array() || times.size() != 2 || !times[0].is_number() || !times[1].is_number() || !sentence.is_string())
    return std::nullopt;
  CaptionEvent event{times[0].get<double>(), times[1].get<double>(), {}};
  if (!std::isfinite(event.start_seconds) || !std::isfinite(event.end_seconds)) return std::nullopt;
  event.caption = tokensOf(sentence);
  return event;
}

// Reversed and overlong times are scored as they stand, as the public script does, and counted.
void checkTimes(const CaptionEvent& event, double duration, const std::string& side, const std::string& video,
                DefectList& defects) {
  if (event.end_seconds <= event.start_seconds) defects.add("reversed_" + side, video);
  if (duration > 0.0 && event.end_seconds > duration) defects.add("past_the_end_" + side, video);
}

struct DenseFiles {
  std::vector<std::string> ids;
  std::vector<DenseVideo> videos;
  std::vector<double> durations;  // seconds; 0 when not told
  std::unordered_map<std::string, size_t> places;
};

void readTruth(const json& file, size_t set, size_t sets, DenseFiles& files, DefectList& defects) {
  for (const auto& [id, video] : file.items()) {
    const bool good = video.is_object() && video.contains("timestamps") && video.contains("sentences") &&
                      video["timestamps"].is_array() && video["sentences"].is_array() &&
                      video["timestamps"].size() == video["sentences"].size() && !video["sentences"].empty();
    if (!good) {
      defects.add("bad_truth", shortened(id));
      continue;
    }
    const auto [place, is_new] = files.places.try_emplace(id, files.videos.size());
    if (is_new) {
      files.ids.push_back(id);
      files.videos.emplace_back().references.resize(sets);
      files.durations.push_back(
          video.contains("duration") && video["duration"].is_number() ? video["duration"].get<double>() : 0.0);
    }
    std::vector<CaptionEvent>& events = files.videos[place->second].references[set];
    for (size_t e = 0; e < video["sentences"].size(); ++e) {
      std::optional<CaptionEvent> event = eventOf(video["timestamps"][e], video["sentences"][e]);
      if (!event) {
        defects.add("bad_truth", shortened(id));
        continue;
      }
      checkTimes(*event, files.durations[place->second], "truth", shortened(id), defects);
      events.push_back(std::move(*event));
    }
  }
}

int64_t readPredictions(const json& results, DenseFiles& files, DefectList& defects) {
  int64_t count = 0;
  for (const auto& [id, list] : results.items()) {
    if (!list.is_array()) {
      defects.add("bad_prediction", shortened(id));
      continue;
    }
    const auto place = files.places.find(id);
    if (place == files.places.end()) {
      defects.add("video_outside", shortened(id), static_cast<int64_t>(list.size()));
      continue;
    }
    std::vector<CaptionEvent>& events = files.videos[place->second].predicted;
    for (const json& item : list) {
      const bool has_parts = item.is_object() && item.contains("timestamp") && item.contains("sentence");
      std::optional<CaptionEvent> event = has_parts ? eventOf(item["timestamp"], item["sentence"]) : std::nullopt;
      if (!event || events.size() == kMostEvents) {
        defects.add(event ? "events_past_1000" : "bad_prediction", shortened(id));
        continue;
      }
      checkTimes(*event, files.durations[place->second], "prediction", shortened(id), defects);
      events.push_back(std::move(*event));
      ++count;
    }
  }
  for (size_t v = 0; v < files.videos.size(); ++v) {
    if (files.videos[v].predicted.empty()) defects.add("video_without_predictions", shortened(files.ids[v]));
  }
  return count;
}

json sodaKeys(const SodaScore& score) {
  return {{"precision", score.precision}, {"recall", score.recall}, {"f1", score.f1}};
}

json scoreDenseFiles(const std::vector<json>& truth, const std::string& first_path, const std::string& predictions_path,
                     const json& predictions) {
  if (!predictions.is_object() || !predictions.contains("results") || !predictions["results"].is_object()) {
    refuse(predictions_path, R"(dense captions {"results": {video: [{sentence, timestamp}]}})", predictions);
  }
  DefectList defects;
  DenseFiles files;
  for (size_t set = 0; set < truth.size(); ++set) readTruth(truth[set], set, truth.size(), files, defects);
  if (files.videos.empty()) refuse(first_path, kSchemas, truth.front());
  const int64_t events = readPredictions(predictions["results"], files, defects);

  json out = {{"dense", json::object()}};
  std::map<std::string, double> sums;
  for (const double threshold : kDenseThresholds) {
    const DenseScore score = scoreDense(files.videos, threshold);
    json& row = out["dense"][fixedNumber(threshold, 1)] = meanKeys(score.captions);
    row["precision"] = score.precision;
    row["recall"] = score.recall;
    for (const auto& [key, value] : row.items()) sums[key] += value.get<double>();
  }
  for (const auto& [key, sum] : sums) out[key] = sum / static_cast<double>(kDenseThresholds.size());
  const SodaScores soda = scoreSoda(files.videos);
  out["soda"] = {{"rouge_l", sodaKeys(soda.rouge_l)}, {"cider", sodaKeys(soda.cider)}};
  out["videos"] = files.videos.size();
  out["videos_predicted"] =
      std::count_if(files.videos.begin(), files.videos.end(), [](const DenseVideo& v) { return !v.predicted.empty(); });
  out["events"] = events;
  out["problems"] = defects.counts();
  out["problem_examples"] = defects.examples();
  return out;
}

}  // namespace

json scoreCaptionFiles(std::span<const std::string> truth, const std::string& predictions_path) {
  if (truth.empty())
    throw InputError({.where = "truth",
                      .expected = "a file of reference captions",
                      .found = "none",
                      .remedy = "Give one with --truth."});
  std::vector<json> files;
  for (const std::string& path : truth) files.push_back(readJsonFile(path));
  const bool same = truth.size() == 1 && truth.front() == predictions_path;
  const json other = same ? json() : readJsonFile(predictions_path);
  const json& predictions = same ? files.front() : other;
  json out;
  if (files.front().is_array() && files.size() == 1) {
    out = scorePairs(truth.front(), files.front(), predictions_path, predictions);
  } else {
    for (size_t f = 0; f < files.size(); ++f) {
      if (!files[f].is_object() || files[f].empty() || files[f].contains("results"))
        refuse(truth[f], kSchemas, files[f]);
    }
    out = scoreDenseFiles(files, truth.front(), predictions_path, predictions);
  }
  out["reasons"] = {{"meteor", "not offered: METEOR needs its own synonym and paraphrase tables"}};
  return out;
}

json scoreCaptionFiles(const std::string& truth, const std::string& predictions) {
  return scoreCaptionFiles(std::span<const std::string>(&truth, 1), predictions);
}

}  // namespace hvlm
