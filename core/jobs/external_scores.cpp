// SPDX-License-Identifier: Apache-2.0
#include "jobs/external_scores.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <unordered_map>

#include "data/json_stream.h"
#include "jobs/table_text.h"
#include "score/fusion.h"
#include "support/atomic_file.h"
#include "support/error.h"
#include "support/text.h"

namespace hvlm {
namespace {

using Json = nlohmann::json;

constexpr size_t kLargestFile = size_t{2} << 30;
constexpr size_t kMostScores = 100'000'000;  // of all videos
constexpr const char* kWanted = "class scores of videos: {\"results\": {id: [{\"label\", \"score\"}]}}, {\"results\": {id: [numbers]}, \"class\": [names]} or a table video,label,score";

[[noreturn]] void refuse(const std::string& where, const std::string& expected, const std::string& found, const std::string& remedy) {
  throw InputError({.where = where, .expected = expected, .found = found, .remedy = remedy});
}

// What a file says of one video: class numbers of `RawScores::labels` with their scores, or a row over the "class" list.
struct RawVideo {
  std::string name;
  std::vector<std::pair<int32_t, double>> pairs;
  std::vector<double> row;
  bool usable = true;
};
struct RawScores {
  std::vector<RawVideo> videos;
  std::vector<std::string> labels;   // of pairs
  std::vector<std::string> classes;  // of rows
  bool negative = false;             // any score is below 0
  std::string form;
};

class ScoreReader {
 public:
  ScoreReader(const std::string& where, DefectList& defects) : where_(where), defects_(defects) {}

  RawScores readJson(const std::string& text) {
    const JsonFrame frame = streamJson(text, where_, "results", [&](const std::string& id, Json&& value) { addVideo(id, value); });
    if (!frame.found || frame.is_array) refuse(where_, kWanted, frame.found ? "a list \"results\"" : describeJson(frame), "Name a file of class scores.");
    const bool rows = std::any_of(raw_.videos.begin(), raw_.videos.end(), [](const RawVideo& v) { return !v.row.empty(); });
    raw_.form = rows ? "rows of scores" : "classification results";
    if (rows) takeClasses(frame.rest);
    return std::move(raw_);
  }

  RawScores readTable(const std::string& text) {
    const std::vector<ColumnNames> wanted = {{"video", "video-id", "video_id", "id"}, {"label", "class"}, {"score"}};
    readTableText(text, where_, wanted, defects_, [&](const std::vector<std::string>& f, int64_t line) {
      const auto score = parseNumber(f[2]);
      if (f[0].empty() || f[1].empty() || !score) return defects_.add("bad_entry", "line " + std::to_string(line));
      const auto [found, fresh] = by_name_.try_emplace(f[0], raw_.videos.size());
      if (fresh) raw_.videos.push_back({.name = f[0], .pairs = {}, .row = {}});
      addPair(raw_.videos[found->second], f[1], *score);
    });
    raw_.form = "table";
    return std::move(raw_);
  }

 private:
  double counted(double score) {
    if (++scores_ > kMostScores) refuse(where_, "at most " + std::to_string(kMostScores) + " scores", "more", "Keep the videos of one subset.");
    raw_.negative = raw_.negative || score < 0.0;
    return score;
  }
  void addPair(RawVideo& video, const std::string& label, double score) {
    const auto [found, fresh] = by_label_.try_emplace(label, static_cast<int32_t>(raw_.labels.size()));
    if (fresh) raw_.labels.push_back(label);
    video.usable = video.usable && std::isfinite(score);
    video.pairs.emplace_back(found->second, counted(score));
  }

  void addVideo(const std::string& id, const Json& value) {
    if (id.empty() || !value.is_array()) return defects_.add("bad_entry", id.empty() ? "a list without an id" : shortened(id));
    RawVideo video{.name = id, .pairs = {}, .row = {}};
    const Json& list = value.size() == 1 && value[0].is_array() ? value[0] : value;
    for (const Json& entry : list) {
      if (entry.is_number() || entry.is_null()) {
        video.row.push_back(entry.is_null() ? std::numeric_limits<double>::quiet_NaN() : entry.get<double>());
        video.usable = video.usable && std::isfinite(counted(video.row.back()));
        continue;
      }
      const bool good = entry.is_object() && entry.contains("label") && entry["label"].is_string() && entry.contains("score") && (entry["score"].is_number() || entry["score"].is_null());
      if (!good) defects_.add("bad_entry", shortened(id));
      else addPair(video, entry["label"].get<std::string>(), entry["score"].is_null() ? std::numeric_limits<double>::quiet_NaN() : entry["score"].get<double>());
    }
    if (!video.row.empty() && !video.pairs.empty()) {  // bare numbers among labelled ones say nothing
      defects_.add("bad_entry", shortened(id), static_cast<int64_t>(video.row.size()));
      video.row.clear();
      video.usable = std::all_of(video.pairs.begin(), video.pairs.end(), [](const auto& pair) { return std::isfinite(pair.second); });
    }
    const auto [found, fresh] = by_name_.try_emplace(id, raw_.videos.size());
    if (fresh) {
      raw_.videos.push_back(std::move(video));
    } else {
      defects_.add("duplicate_video", shortened(id));
      raw_.videos[found->second] = std::move(video);
    }
  }

  void takeClasses(const Json& rest) {
    for (const char* key : {"class", "classes"}) {
      const auto list = rest.find(key);
      if (list == rest.end()) continue;
      if (!list->is_array() || !std::all_of(list->begin(), list->end(), [](const Json& name) { return name.is_string(); })) refuse(where_ + ": " + key, "a list of class names", "something else", "It names the columns of the scores.");
      raw_.classes = list->get<std::vector<std::string>>();
      return;
    }
    refuse(where_, "\"class\": [names], which says what the numbers of a video stand for", "rows of numbers without it", "Add the list of class names to the file; an order is not guessed.");
  }

  const std::string& where_;
  DefectList& defects_;
  RawScores raw_;
  size_t scores_ = 0;
  std::unordered_map<std::string, size_t> by_name_;
  std::unordered_map<std::string, int32_t> by_label_;
};

std::vector<int64_t> classNumbers(const std::vector<std::string>& names, const Catalogue& catalogue, DefectList& defects) {
  std::vector<int64_t> numbers;
  for (const std::string& name : names) {
    numbers.push_back(catalogue.classIndex(name));
    if (numbers.back() < 0) defects.add("unknown_label", shortened(name));
  }
  return numbers;
}

// The video's scores on the classes that both know, as shares; empty when there are none.
std::vector<float> sharesIn(const RawVideo& video, const RawScores& raw, const std::vector<int64_t>& pair_classes, const std::vector<int64_t>& row_classes, size_t classes, DefectList& defects) {
  std::map<int64_t, double> of_class;
  const auto take = [&](int64_t number, double score) {
    if (number < 0) return;
    const auto [found, fresh] = of_class.try_emplace(number, score);
    if (fresh) return;
    defects.add("duplicate_label", shortened(video.name));
    found->second = std::max(found->second, score);
  };
  if (!video.usable) {
    defects.add("not_finite", shortened(video.name));
    return {};
  }
  if (!video.row.empty() && video.row.size() != row_classes.size()) {
    defects.add("bad_entry", shortened(video.name) + ": " + std::to_string(video.row.size()) + " numbers");
    return {};
  }
  for (size_t i = 0; i < video.row.size(); ++i) take(row_classes[i], video.row[i]);
  for (const auto& [label, score] : video.pairs) take(pair_classes[static_cast<size_t>(label)], score);
  std::vector<double> scores;
  for (const auto& [number, score] : of_class) scores.push_back(score);
  const std::vector<float> shares = sharesOf(scores, raw.negative);
  if (shares.empty()) {
    defects.add("no_scores", shortened(video.name));
    return {};
  }
  std::vector<float> all(classes, 0.0F);
  size_t i = 0;
  for (const auto& [number, score] : of_class) all[static_cast<size_t>(number)] = shares[i++];
  return all;
}

void requireMatch(const ForeignMatch& match, const std::filesystem::path& file) {
  if (match.matched > 0) return;
  refuse(file.string(), "something on the " + std::to_string(match.videos) + " videos that are evaluated", shortened(matchText(matchJson(match)), 300), "Check that the file belongs to this data set and subset.");
}

}  // namespace

VideoScores readVideoScores(const std::filesystem::path& file, const Catalogue& catalogue, const std::vector<int64_t>& videos) {
  const std::string text = readFile(file, kLargestFile), where = file.string();
  const size_t mark = text.find_first_not_of(" \t\r\n", text.starts_with("\xEF\xBB\xBF") ? 3 : 0);
  if (mark == std::string::npos) refuse(where, kWanted, "an empty file", "Check the file.");
  VideoScores out;
  out.match.file = file.filename().string();
  DefectList& defects = out.match.defects;
  ScoreReader reader(where, defects);
  const RawScores raw = text[mark] == '{' || text[mark] == '[' ? reader.readJson(text) : reader.readTable(text);
  const auto pair_classes = classNumbers(raw.labels, catalogue, defects), row_classes = classNumbers(raw.classes, catalogue, defects);
  std::unordered_map<int64_t, size_t> place_of;
  for (size_t i = 0; i < videos.size(); ++i) place_of.emplace(videos[i], i);
  out.shares.resize(videos.size());
  for (const RawVideo& video : raw.videos) {
    const int64_t index = catalogue.findIndex(video.name);
    if (index < 0) {
      defects.add("unknown_video", shortened(video.name));
      continue;
    }
    const auto place = place_of.find(index);
    if (place == place_of.end()) {
      ++out.match.elsewhere;
      continue;
    }
    std::vector<float>& shares = out.shares[place->second];
    if (!shares.empty()) defects.add("duplicate_video", shortened(video.name));  // with and without v_
    shares = sharesIn(video, raw, pair_classes, row_classes, catalogue.classes.size(), defects);
    out.match.used += static_cast<int64_t>(video.row.size() + video.pairs.size());
  }
  out.scale = raw.negative ? "logits, as shares by softmax" : "scores, divided by their sum";
  out.match.form = raw.form;
  out.match.videos = static_cast<int64_t>(videos.size());
  out.match.matched = std::count_if(out.shares.begin(), out.shares.end(), [](const auto& s) { return !s.empty(); });
  requireMatch(out.match, file);
  return out;
}

Proposals readProposals(const std::filesystem::path& file, const Catalogue& catalogue, const std::vector<int64_t>& videos) {
  Proposals out;
  out.match.file = file.filename().string();
  const ForeignSegments foreign = readForeignSegments(file, false, out.match.defects);
  out.segments = segmentsOf(foreign, catalogue, videos, out.match);
  for (const auto& list : out.segments) {
    for (const ScoredSegment& s : list) out.divided_by = std::max(out.divided_by, s.score);
  }
  out.match.used = out.match.matched = 0;
  for (size_t i = 0; i < videos.size(); ++i) {
    const Video& video = catalogue.videos[static_cast<size_t>(videos[i])];
    std::vector<ScoredSegment>& list = out.segments[i];
    for (ScoredSegment& s : list) {
      if (s.score < 0.0) out.match.defects.add("negative_score", video.id);
      s.score /= out.divided_by;
      s.start_seconds = std::clamp(s.start_seconds, 0.0, video.duration_seconds);
      s.end_seconds = std::clamp(s.end_seconds, 0.0, video.duration_seconds);
    }
    std::erase_if(list, [&](const ScoredSegment& s) {
      if (s.end_seconds - s.start_seconds < 1e-3) out.match.defects.add("outside_video", video.id);
      return s.score < 0.0 || s.end_seconds - s.start_seconds < 1e-3;
    });
    std::stable_sort(list.begin(), list.end(), [](const ScoredSegment& a, const ScoredSegment& b) { return a.score > b.score; });
    if (list.size() > kMostProposals) list.resize(kMostProposals);
    out.match.used += static_cast<int64_t>(list.size());
    out.match.matched += list.empty() ? 0 : 1;
  }
  requireMatch(out.match, file);
  return out;
}

}  // namespace hvlm
