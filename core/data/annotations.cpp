// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <set>
#include <tuple>

#include "data/catalogue.h"
#include "data/json_stream.h"
#include "support/atomic_file.h"
#include "support/error.h"
#include "support/text.h"

namespace hvlm {
namespace fs = std::filesystem;
namespace {

using nlohmann::json;

// An end this far behind the video's is called rounding: durations of different encodings differ by that much.
constexpr double kRoundingSeconds = 0.5;

std::string span(double start, double end) { return "[" + exactNumber(start) + ", " + exactNumber(end) + "]"; }

const json* member(const json& object, const char* key) {
  const auto* fields = object.get_ptr<const json::object_t*>();
  if (!fields) return nullptr;
  const auto it = fields->find(key);
  return it == fields->end() ? nullptr : &it->second;
}

std::optional<double> finiteNumber(const json* value) {
  if (!value || !value->is_number()) return std::nullopt;
  const double number = value->get<double>();
  return std::isfinite(number) ? std::optional(number) : std::nullopt;
}

// One ActivityNet file becomes one catalogue; every oddity ends up in `problems`.
class AnnotationReader {
 public:
  explicit AnnotationReader(const fs::path& file) : file_(file.string()) {}

  Catalogue read() {
    const std::string text = readFile(file_);
    const JsonFrame frame =
        streamJson(text, file_, "database", [this](const std::string& key, json&& entry) { readVideo(key, entry); });
    if (!frame.found || frame.is_array) {
      throw InputError({.where = file_,
                        .expected = "ActivityNet annotations: an object whose \"database\" holds one entry per video",
                        .found = frame.found ? "a \"database\" that is a list" : describeJson(frame),
                        .remedy = "Point annotations at a file in the ActivityNet schema."});
    }
    useBareIds();
    dropLabelsOutsideTaxonomy(frame.rest);
    nameClasses();
    findDomains(frame.rest);
    if (catalogue_.videos.empty()) {
      throw InputError(
          {.where = file_,
           .expected = "at least one usable video in \"database\"",
           .found = keys_seen_ == 0 ? "none" : std::to_string(keys_seen_) + " unusable ones" + firstProblem(),
           .remedy = "Check that this is the right file."});
    }
    catalogue_.index();
    return std::move(catalogue_);
  }

 private:
  void report(const char* kind, const std::string& item, std::string detail) {
    catalogue_.problems.push_back({kind, item, std::move(detail)});
  }
  std::string firstProblem() const {
    if (catalogue_.problems.empty()) return "";
    return " (" + catalogue_.problems.front().item + ": " + catalogue_.problems.front().detail + ")";
  }

  void readVideo(const std::string& key, const json& entry) {
    ++keys_seen_;
    const json* subset = member(entry, "subset");
    if (!entry.is_object() || key.empty() || !subset || !subset->is_string() ||
        subset->get_ref<const std::string&>().empty()) {
      report("bad_entry", key, !entry.is_object() ? "not an object; left out" : "has no subset; left out");
      return;
    }
    Video video;
    video.id = key;
    video.subset = subset->get<std::string>();
    const json* annotations = member(entry, "annotations");
    const bool has_list = annotations && annotations->is_array();
    if (annotations && !annotations->is_array() && !annotations->is_null()) {
      report("bad_entry", key, "\"annotations\" is not a list; taken as empty");
    }
    if (!readDuration(entry, has_list ? *annotations : json::array(), video)) return;
    if (has_list) readSegments(*annotations, video);
    catalogue_.videos.push_back(std::move(video));
  }

  bool readDuration(const json& entry, const json& annotations, Video& video) {
    const json* value = member(entry, "duration");
    const auto duration = finiteNumber(value);
    if (duration && *duration > 0.0) {
      video.duration_seconds = *duration;
      return true;
    }
    const std::string found = value ? shortened(value->dump()) : "missing";
    for (const json& annotation : annotations) {
      const json* segment = member(annotation, "segment");
      if (!segment || !segment->is_array()) continue;
      for (const json& time : *segment)
        video.duration_seconds = std::max(video.duration_seconds, finiteNumber(&time).value_or(0.0));
    }
    const bool usable = video.duration_seconds > 0.0;
    report("bad_duration", video.id,
           "duration " + found +
               (usable ? "; the end of the last segment, " + exactNumber(video.duration_seconds) + " s, is used"
                       : "; left out"));
    return usable;
  }

  void readSegments(const json& annotations, Video& video) {
    std::set<std::tuple<double, double, int64_t>> seen;
    bool sorted = true;
    double previous = std::numeric_limits<double>::lowest();
    for (const json& annotation : annotations) {
      const json* times = member(annotation, "segment");
      const auto start = times && times->is_array() && times->size() == 2 ? finiteNumber(&(*times)[0]) : std::nullopt;
      const auto end = start ? finiteNumber(&(*times)[1]) : std::nullopt;
      if (!end) {
        report("bad_segment", video.id, "segment " + shortened(times ? times->dump() : "missing") + "; dropped");
        continue;
      }
      sorted = sorted && *start >= previous;
      previous = *start;
      const json* label = member(annotation, "label");
      if (!label || !label->is_string() || label->get_ref<const std::string&>().empty()) {
        report("unknown_label", video.id,
               "label " + shortened(label ? label->dump() : "missing") + " of " + span(*start, *end) + "; dropped");
        continue;
      }
      Segment segment{*start, *end, labelNumber(label->get_ref<const std::string&>())};
      if (!seen.insert({segment.start_seconds, segment.end_seconds, segment.label}).second) {
        report("duplicate_segment", video.id, span(*start, *end) + " " + label->get<std::string>() + "; dropped");
        continue;
      }
      if (repair(segment, video)) video.segments.push_back(segment);
    }
    if (!sorted)
      report("unsorted_segments", video.id, std::to_string(annotations.size()) + " segments; sorted by start");
    std::stable_sort(video.segments.begin(), video.segments.end(), [](const Segment& a, const Segment& b) {
      return std::tie(a.start_seconds, a.end_seconds) < std::tie(b.start_seconds, b.end_seconds);
    });
  }

  // Brings a segment into [0, duration]; false when nothing of it is left.
  bool repair(Segment& segment, const Video& video) {
    const std::string before = span(segment.start_seconds, segment.end_seconds);
    const double duration = video.duration_seconds;
    if (segment.end_seconds < segment.start_seconds) {
      std::swap(segment.start_seconds, segment.end_seconds);
      report("reversed", video.id, before + "; swapped");
    }
    if (segment.start_seconds == segment.end_seconds) {
      report("zero_length", video.id, before + "; dropped");
      return false;
    }
    if (segment.start_seconds >= duration || segment.end_seconds <= 0.0) {
      report(segment.end_seconds <= 0.0 ? "before_start" : "past_end", video.id,
             before + " lies outside the " + exactNumber(duration) + " s of the video; dropped");
      return false;
    }
    if (segment.start_seconds < 0.0) {
      segment.start_seconds = 0.0;
      report("before_start", video.id, before + "; cut at 0");
    }
    if (segment.end_seconds > duration) {
      const bool rounding = segment.end_seconds <= duration + kRoundingSeconds;
      segment.end_seconds = duration;
      report(rounding ? "past_end_rounding" : "past_end", video.id,
             before + "; cut at " + exactNumber(duration) + " s");
    }
    return true;
  }

  int64_t labelNumber(const std::string& label) {
    const auto [it, is_new] = label_numbers_.try_emplace(label, static_cast<int64_t>(label_numbers_.size()));
    return it->second;
  }

  // Ids are compared after dropping what the file puts before each of them; the first of two equal ones stays.
  void useBareIds() {
    std::vector<std::string> names;
    for (const Video& video : catalogue_.videos) names.push_back(video.id);
    const std::vector<std::string> ids = bareIds(names);
    size_t dropped = 0;
    for (size_t i = 0; i < ids.size(); ++i) dropped += ids[i] != names[i] ? 1 : 0;
    if (dropped > 0 && dropped < names.size()) report("mixed_prefix", file_, std::to_string(dropped) + " of " + std::to_string(names.size()) + " ids are written with \"v_\"; it was dropped");
    std::set<std::string> seen;
    std::vector<Video> kept;
    kept.reserve(catalogue_.videos.size());
    for (size_t i = 0; i < ids.size(); ++i) {
      if (!seen.insert(ids[i]).second) {
        report("duplicate_id", names[i], "occurs again (" + catalogue_.videos[i].subset + "); the first one is used");
        continue;
      }
      kept.push_back(std::move(catalogue_.videos[i]));
      kept.back().id = ids[i];
    }
    catalogue_.videos = std::move(kept);
  }

  // A taxonomy that knows most labels decides what a label is; one that does not is of no use.
  void dropLabelsOutsideTaxonomy(const json& rest) {
    const json* taxonomy = member(rest, "taxonomy");
    if (!taxonomy || !taxonomy->is_array() || taxonomy->empty()) return;
    std::set<std::string> known;
    for (const json& node : *taxonomy) {
      const json* name = member(node, "nodeName");
      if (name && name->is_string()) known.insert(name->get<std::string>());
    }
    std::vector<bool> is_known(label_numbers_.size());
    for (const auto& [label, number] : label_numbers_) is_known[static_cast<size_t>(number)] = known.count(label) > 0;
    size_t inside = 0;
    size_t all = 0;
    for (const Video& video : catalogue_.videos) {
      for (const Segment& segment : video.segments) inside += is_known[static_cast<size_t>(segment.label)] ? 1u : 0u;
      all += video.segments.size();
    }
    if (inside == all) return;
    if (inside * 2 < all) {
      report("bad_taxonomy", file_,
             "knows the labels of " + std::to_string(inside) + " of " + std::to_string(all) + " segments; not used");
      is_taxonomy_usable_ = false;
      return;
    }
    for (Video& video : catalogue_.videos) {
      std::erase_if(video.segments, [&](const Segment& segment) {
        if (is_known[static_cast<size_t>(segment.label)]) return false;
        for (const auto& [label, number] : label_numbers_) {
          if (number != segment.label) continue;
          report("unknown_label", video.id,
                 "label \"" + shortened(label) + "\" of " + span(segment.start_seconds, segment.end_seconds) +
                     " is not in the taxonomy; dropped");
        }
        return true;
      });
    }
  }

  // The ancestor of each class that stands right below the taxonomy's root. A taxonomy goes no deeper than its number of nodes, so
  // a walk that is longer has met a circle and gives no domain. Where every class stands right below the root the taxonomy is a list
  // of classes, which groups nothing: there are no domains.
  void findDomains(const json& rest) {
    catalogue_.domain_of_class.assign(catalogue_.classes.size(), -1);
    const json* taxonomy = member(rest, "taxonomy");
    if (!is_taxonomy_usable_ || !taxonomy || !taxonomy->is_array()) return;
    std::map<std::string, std::string> parent_of;
    for (const json& node : *taxonomy) {
      const json* name = member(node, "nodeName");
      const json* parent = member(node, "parentName");
      if (name && name->is_string()) parent_of.emplace(name->get<std::string>(), parent && parent->is_string() ? parent->get<std::string>() : "");
    }
    std::vector<std::string> top(catalogue_.classes.size());
    for (size_t c = 0; c < top.size(); ++c) {
      std::string at = catalogue_.classes[c];
      for (size_t steps = 0; steps <= parent_of.size(); ++steps) {
        const auto node = parent_of.find(at);
        if (node == parent_of.end()) break;
        const auto above = parent_of.find(node->second);
        if (above != parent_of.end() && above->second.empty()) {  // its parent is the root
          top[c] = at;
          break;
        }
        at = node->second;
      }
    }
    const auto stands_alone = [](const std::string& above, const std::string& label) { return above.empty() || above == label; };
    if (std::equal(top.begin(), top.end(), catalogue_.classes.begin(), stands_alone)) return;
    const std::set<std::string> names(top.begin(), top.end());
    for (const std::string& name : names) {
      if (!name.empty()) catalogue_.domains.push_back(name);
    }
    for (size_t c = 0; c < top.size(); ++c) {
      const auto place = std::lower_bound(catalogue_.domains.begin(), catalogue_.domains.end(), top[c]);
      if (!top[c].empty()) catalogue_.domain_of_class[c] = place - catalogue_.domains.begin();
    }
  }

  // Numbers of first sight become indices into the sorted names of the labels that are left.
  void nameClasses() {
    std::set<int64_t> used;
    for (const Video& video : catalogue_.videos) {
      for (const Segment& segment : video.segments) used.insert(segment.label);
    }
    std::vector<int64_t> index(label_numbers_.size(), -1);
    for (const auto& [label, number] : label_numbers_) {  // the map is sorted by name
      if (!used.count(number)) continue;
      index[static_cast<size_t>(number)] = static_cast<int64_t>(catalogue_.classes.size());
      catalogue_.classes.push_back(label);
    }
    for (Video& video : catalogue_.videos) {
      for (Segment& segment : video.segments) segment.label = index[static_cast<size_t>(segment.label)];
    }
  }

  std::string file_;
  Catalogue catalogue_;
  std::map<std::string, int64_t> label_numbers_;
  bool is_taxonomy_usable_ = true;
  size_t keys_seen_ = 0;
};

}  // namespace

Catalogue readActivityNet(const fs::path& annotations_json) {
  Catalogue catalogue = AnnotationReader(annotations_json).read();
  catalogue.name = annotations_json.stem().string();
  return catalogue;
}

}  // namespace hvlm
