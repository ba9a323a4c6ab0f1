// SPDX-License-Identifier: Apache-2.0
#include "jobs/foreign_file.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <unordered_map>
#include <utility>

#include "data/json_stream.h"
#include "jobs/table_text.h"
#include "runs/pickled_columns.h"
#include "support/atomic_file.h"
#include "support/error.h"
#include "support/text.h"

namespace hvlm {
namespace {

using Json = nlohmann::json;

constexpr size_t kLargestFile = size_t{2} << 30;
constexpr size_t kMostSegments = 50'000'000;
constexpr const char* kWanted = "detections as ActivityNet result JSON, an ActionFormer pickle, or a table video,start,end,label,score";

class Collector {
 public:
  Collector(ForeignSegments& out, const std::string& where, DefectList& defects) : out_(out), where_(where), defects_(defects) {}

  int32_t video(const std::string& name) { return number(name, video_numbers_, out_.videos); }
  int32_t label(const std::string& name) { return number(name, label_numbers_, out_.labels); }
  void add(int32_t video, int32_t label, double start, double end, double score) {
    const std::string& id = out_.videos[static_cast<size_t>(video)];
    if (!std::isfinite(start) || !std::isfinite(end) || !std::isfinite(score)) return defects_.add("not_finite", shortened(id));
    if (end < start) return defects_.add("reversed", shortened(id));
    if (end == start) return defects_.add("zero_length", shortened(id));
    if (out_.segments.size() >= kMostSegments) {
      throw InputError({.where = where_, .expected = "at most " + std::to_string(kMostSegments) + " segments", .found = "more", .remedy = "Keep the best few hundred of each video."});
    }
    out_.segments.push_back({video, label, start, end, score});
  }
  void bad(const std::string& item) { defects_.add("bad_entry", item); }
  void notFinite(const std::string& item) { defects_.add("not_finite", item); }

 private:
  int32_t number(const std::string& name, std::unordered_map<std::string, int32_t>& numbers, std::vector<std::string>& names) {
    const auto [found, fresh] = numbers.try_emplace(name, static_cast<int32_t>(names.size()));
    if (fresh) names.push_back(name);
    return found->second;
  }
  ForeignSegments& out_;
  const std::string& where_;
  DefectList& defects_;
  std::unordered_map<std::string, int32_t> video_numbers_, label_numbers_;
};

// NaN for a number that Python wrote as NaN, nothing for what is no number.
std::optional<double> numberOf(const Json& value) {
  if (value.is_null()) return std::numeric_limits<double>::quiet_NaN();
  return value.is_number() ? std::optional(value.get<double>()) : std::nullopt;
}

void addEntry(const Json& entry, const std::string& id, int32_t video, bool needs_labels, Collector& collector) {
  const auto lacks = [&](const char* part) { collector.bad(shortened(id) + ": no " + part); };
  if (!entry.is_object()) return collector.bad(shortened(id) + ": no object");
  const auto segment = entry.find("segment"), score = entry.find("score"), label = entry.find("label");
  if (segment == entry.end() || !segment->is_array() || segment->size() != 2) return lacks("segment");
  const auto start = numberOf((*segment)[0]), end = numberOf((*segment)[1]);
  if (!start || !end) return lacks("segment");
  const auto value = score == entry.end() ? std::nullopt : numberOf(*score);
  if (!value) return lacks("score");
  int32_t number = -1;
  if (label != entry.end() && label->is_string() && !label->get_ref<const std::string&>().empty()) number = collector.label(label->get_ref<const std::string&>());
  else if (label != entry.end() && label->is_number_integer()) number = collector.label(std::to_string(label->get<int64_t>()));
  else if (needs_labels) return lacks("label");
  collector.add(video, number, *start, *end, *value);
}

void readResults(const std::string& text, const std::string& where, bool needs_labels, ForeignSegments& out, DefectList& defects) {
  Collector collector(out, where, defects);
  std::vector<std::pair<size_t, size_t>> spans;  // by video: its segments, which stand together
  const JsonFrame frame = streamJson(text, where, "results", [&](const std::string& id, Json&& list) {
    if (id.empty() || !list.is_array()) return collector.bad(id.empty() ? "a list without an id" : shortened(id) + ": no list");
    const auto video = static_cast<size_t>(collector.video(id));
    const size_t first = out.segments.size();
    for (const Json& entry : list) addEntry(entry, id, static_cast<int32_t>(video), needs_labels, collector);
    if (video < spans.size()) {  // given before: the later list counts
      defects.add("duplicate_video", shortened(id));
      for (size_t i = spans[video].first; i < spans[video].second; ++i) out.segments[i].video = -1;
    }
    spans.resize(std::max(spans.size(), video + 1));
    spans[video] = {first, out.segments.size()};
  });
  if (!frame.found || frame.is_array) {
    throw InputError({.where = where, .expected = kWanted, .found = frame.found ? "a list \"results\"" : describeJson(frame), .remedy = "Name the file of results, not of annotations or settings."});
  }
  std::erase_if(out.segments, [](const ForeignSegment& s) { return s.video < 0; });
  out.form = "ActivityNet results";
  const bool official = frame.rest.contains("version") || frame.rest.contains("external_data");
  out.tool = official ? "an ActivityNet submission" : "OpenTAD or a tool with the same results";
}

void readPickle(std::string_view bytes, const std::string& where, ForeignSegments& out, DefectList& defects) {
  const auto columns = decodePickledColumns(bytes, where);
  const auto column = [&](const char* name, bool text) -> const PickledColumn& {
    const auto found = columns.find(name);
    const bool good = found != columns.end() && (found->second.size() == 0 || found->second.is_text == text || std::string(name) == "label");
    if (good) return found->second;
    std::string names;
    for (const auto& [key, values] : columns) names += (names.empty() ? "" : ", ") + key;
    throw InputError({.where = where, .expected = std::string("a column ") + name + (text ? " of texts" : " of numbers") + ", as in ActionFormer's eval_results.pkl",
                      .found = found == columns.end() ? "the columns " + shortened(names) : "another kind", .remedy = "Write the detections as ActivityNet result JSON instead."});
  };
  const PickledColumn &ids = column("video-id", true), &starts = column("t-start", false), &ends = column("t-end", false), &labels = column("label", false), &scores = column("score", false);
  const size_t rows = ids.size();
  if (starts.size() != rows || ends.size() != rows || labels.size() != rows || scores.size() != rows) {
    throw InputError({.where = where, .expected = "columns of one length", .found = std::to_string(rows) + " ids, " + std::to_string(starts.size()) + " starts, " + std::to_string(ends.size()) + " ends, " +
                      std::to_string(labels.size()) + " labels and " + std::to_string(scores.size()) + " scores", .remedy = "The file was cut short or put together wrongly: write it again."});
  }
  Collector collector(out, where, defects);
  for (size_t i = 0; i < rows; ++i) {
    const bool whole = labels.is_text || labels.numbers[i] == std::floor(labels.numbers[i]);
    if (!whole || (!labels.is_text && std::abs(labels.numbers[i]) > 1e9)) {
      collector.bad(shortened(ids.texts[i]) + ": no label");
      continue;
    }
    const std::string label = labels.is_text ? labels.texts[i] : std::to_string(static_cast<int64_t>(labels.numbers[i]));
    collector.add(collector.video(ids.texts[i]), collector.label(label), starts.numbers[i], ends.numbers[i], scores.numbers[i]);
  }
  out.form = "ActionFormer pickle";
  out.tool = "ActionFormer";
}

void readTable(const std::string& text, const std::string& where, bool needs_labels, ForeignSegments& out, DefectList& defects) {
  Collector collector(out, where, defects);
  const std::vector<ColumnNames> wanted = {{"video", "video-id", "video_id", "id"}, {"start", "t-start", "t_start"}, {"end", "t-end", "t_end"}, {"label", "class"}, {"score"}};
  readTableText(text, where, wanted, defects, [&](const std::vector<std::string>& f, int64_t line) {
    const auto start = parseNumber(f[1]), end = parseNumber(f[2]), score = parseNumber(f[4]);
    if (f[0].empty() || !start || !end || !score || (needs_labels && f[3].empty())) return collector.bad("line " + std::to_string(line));
    collector.add(collector.video(f[0]), f[3].empty() ? -1 : collector.label(f[3]), *start, *end, *score);
  });
  out.form = "table";
  out.tool = "unknown (a table)";
}

}  // namespace

ForeignSegments readForeignSegments(const std::filesystem::path& file, bool needs_labels, DefectList& defects) {
  const std::string text = readFile(file, kLargestFile), where = file.string();
  const size_t mark = text.find_first_not_of(" \t\r\n", text.starts_with("\xEF\xBB\xBF") ? 3 : 0);
  if (mark == std::string::npos) throw InputError({.where = where, .expected = kWanted, .found = "an empty file", .remedy = "Check the file."});
  ForeignSegments out;
  if (text[0] == '\x80') readPickle(text, where, out, defects);
  else if (text[mark] == '{' || text[mark] == '[') readResults(text, where, needs_labels, out, defects);
  else readTable(text, where, needs_labels, out, defects);
  if (out.segments.empty()) {
    throw InputError({.where = where, .expected = kWanted, .found = defects.counts().empty() ? "none at all" : "none that can be used (" + shortened(defects.counts().dump(), 200) + ")",
                      .remedy = "Check that this is the right file."});
  }
  return out;
}

int64_t foreignClass(const Catalogue& catalogue, const std::string& label) {
  const int64_t by_name = catalogue.classIndex(label);
  if (by_name >= 0 || label.empty() || label.size() > 9 || label.find_first_not_of("0123456789") != std::string::npos) return by_name;
  const int64_t number = std::stoll(label);
  return number < static_cast<int64_t>(catalogue.classes.size()) ? number : -1;
}

std::vector<std::vector<ScoredSegment>> segmentsOf(const ForeignSegments& foreign, const Catalogue& catalogue, const std::vector<int64_t>& videos, ForeignMatch& match) {
  std::vector<int64_t> place_of(catalogue.videos.size(), -1);
  for (size_t i = 0; i < videos.size(); ++i) place_of[static_cast<size_t>(videos[i])] = static_cast<int64_t>(i);
  constexpr int64_t kUnknown = -1, kElsewhere = -2, kTwice = -3;
  std::vector<int64_t> places;
  std::set<int64_t> seen;
  for (const std::string& name : foreign.videos) {
    const int64_t index = catalogue.findIndex(name);
    if (index < 0) match.defects.add("unknown_video", shortened(name));
    const bool twice = index >= 0 && !seen.insert(index).second;  // with and without v_
    if (twice) match.defects.add("duplicate_video", shortened(name));
    const int64_t place = index < 0 ? kUnknown : twice ? kTwice : place_of[static_cast<size_t>(index)];
    places.push_back(index >= 0 && !twice && place < 0 ? kElsewhere : place);
    if (places.back() == kElsewhere) ++match.elsewhere;
  }
  std::vector<int64_t> classes;
  for (const std::string& label : foreign.labels) classes.push_back(foreignClass(catalogue, label));
  std::vector<std::vector<ScoredSegment>> out(videos.size());
  for (const ForeignSegment& s : foreign.segments) {
    const int64_t place = places[static_cast<size_t>(s.video)];
    if (place < 0) continue;
    const int64_t label = s.label < 0 ? -1 : classes[static_cast<size_t>(s.label)];
    if (s.label >= 0 && label < 0) {
      match.defects.add("unknown_label", shortened(foreign.labels[static_cast<size_t>(s.label)]));
      continue;
    }
    out[static_cast<size_t>(place)].push_back({place, label, s.start_seconds, s.end_seconds, s.score});
    ++match.used;
  }
  match.form = foreign.form;
  match.videos = static_cast<int64_t>(videos.size());
  match.matched = std::count_if(out.begin(), out.end(), [](const auto& list) { return !list.empty(); });
  return out;
}

Json matchJson(const ForeignMatch& match) {
  return {{"file", match.file}, {"form", match.form}, {"videos", match.videos}, {"matched", match.matched}, {"elsewhere", match.elsewhere}, {"used", match.used},
          {"problems", match.defects.counts()}, {"problem_examples", match.defects.examples()}};
}

std::string matchText(const Json& match) {
  const auto count = [&](const char* key) { return std::to_string(match.value(key, int64_t{0})); };
  std::string text = match.value("file", "") + " (" + match.value("form", "") + "): " + count("matched") + " of " + count("videos") + " videos";
  if (match.value("elsewhere", int64_t{0}) > 0) text += ", " + count("elsewhere") + " of other subsets passed by";
  if (match.contains("shares")) text += ", " + match.at("shares").get<std::string>();
  const auto problems = match.find("problems");
  if (problems == match.end()) return text;
  for (const auto& [kind, number] : problems->items()) {
    text += "; " + number.dump() + " " + kind;
    std::string items;
    const auto examples = match.find("problem_examples");
    if (examples != match.end() && examples->contains(kind)) {
      for (const Json& item : examples->at(kind)) items += (items.empty() ? "" : ", ") + item.get<std::string>();
    }
    if (!items.empty()) text += " (" + items + ")";
  }
  return text;
}

}  // namespace hvlm
