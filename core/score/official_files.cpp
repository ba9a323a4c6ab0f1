// SPDX-License-Identifier: Apache-2.0
#include "score/official_files.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>
#include <string_view>
#include <utility>

#include "support/atomic_file.h"
#include "support/error.h"
#include "support/text.h"

namespace hvlm {
namespace {

constexpr size_t kDeepest = 64;
constexpr size_t kMostExamples = 5;
constexpr size_t kLargestFile = size_t{2} << 30;  // bytes

struct ReadVideo {
  FileVideo video;
  std::string subset;
  int64_t bad_entries = 0;
  bool bad = false;  // not of the expected form at all
  bool duplicated = false;
};

// Streams one file into videos and entries without building a tree. `top_key` is "database" (annotations: an object a
// video) or "results" (predictions: a list a video).
class OfficialHandler final : public nlohmann::json_sax<nlohmann::json> {
 public:
  OfficialHandler(bool annotations, bool needs_segments, LabelTable& labels)
      : annotations_(annotations), needs_segments_(needs_segments), labels_(labels) {}

  bool null() override { return other(); }
  bool boolean(bool) override { return other(); }
  bool number_integer(number_integer_t value) override { return number(static_cast<double>(value)); }
  bool number_unsigned(number_unsigned_t value) override { return number(static_cast<double>(value)); }
  bool number_float(number_float_t value, const string_t&) override { return number(value); }
  bool string(string_t& value) override {
    if (atEntryKey("label")) {
      entry_label_ = std::move(value);
      has_label_ = true;
    } else if (node() == Node::kVideo && video_key_ == "subset") {
      current_.subset = std::move(value);
    } else {
      other();
    }
    return true;
  }
  bool binary(binary_t&) override { return other(); }
  bool start_object(std::size_t) override { return open(true); }
  bool start_array(std::size_t) override { return open(false); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }
  bool key(string_t& value) override {
    switch (node()) {
      case Node::kRoot:
        root_key_ = std::move(value), root_keys_.push_back(root_key_);
        break;
      case Node::kTop:
        video_id_ = std::move(value);
        break;
      case Node::kVideo:
        video_key_ = std::move(value);
        break;
      case Node::kEntry:
        entry_key_ = std::move(value);
        break;
      default:
        break;
    }
    return true;
  }
  bool parse_error(std::size_t position, const std::string&, const nlohmann::json::exception& error) override {
    fault_position = position;
    fault = error.id == 406 ? "a number out of range" : "something else";
    return false;
  }

  bool has_top = false;
  bool root_is_object = false;
  bool too_deep = false;
  size_t fault_position = 0;
  std::string fault;
  std::vector<ReadVideo> videos;
  const std::vector<std::string>& rootKeys() const { return root_keys_; }
  const char* topKey() const { return annotations_ ? "database" : "results"; }

 private:
  enum class Node : uint8_t { kNothing, kRoot, kTop, kVideo, kList, kEntry, kSegment, kIgnored };

  Node node() const { return stack_.empty() ? Node::kNothing : stack_.back(); }
  bool atEntryKey(std::string_view name) const { return node() == Node::kEntry && entry_key_ == name; }

  bool open(bool object) {
    if (stack_.size() >= kDeepest) {
      too_deep = true;
      return false;
    }
    const Node child = childOf(node(), object);
    stack_.push_back(child);
    if (child == Node::kEntry) startEntry();
    if (child == Node::kSegment) segment_size_ = 0, segment_bad_ = false;
    return true;
  }

  Node childOf(Node parent, bool object) {
    switch (parent) {
      case Node::kNothing:
        root_is_object = object;
        return object ? Node::kRoot : Node::kIgnored;
      case Node::kRoot:
        if (root_key_ != topKey() || !object) return Node::kIgnored;
        has_top = true;
        videos.clear();
        by_id_.clear();
        return Node::kTop;
      case Node::kTop:
        startVideo();
        if (object == annotations_) return annotations_ ? Node::kVideo : Node::kList;
        current_.bad = true;
        finishVideo();
        return Node::kIgnored;
      case Node::kVideo:
        return video_key_ == "annotations" && !object ? startList() : Node::kIgnored;
      case Node::kList:
        if (object) return Node::kEntry;
        ++current_.bad_entries;
        return Node::kIgnored;
      case Node::kEntry:
        if (entry_key_ == "segment" && !object) return Node::kSegment;
        forgetValue();
        return Node::kIgnored;
      case Node::kSegment:
        segment_bad_ = true;
        return Node::kIgnored;
      case Node::kIgnored:
        break;
    }
    return Node::kIgnored;
  }

  bool close() {
    const Node closed = node();
    stack_.pop_back();
    if (closed == Node::kEntry) finishEntry();
    if (node() == Node::kTop && (closed == Node::kVideo || closed == Node::kList)) finishVideo();
    return true;
  }

  void startVideo() {
    current_ = ReadVideo();
    current_.video.id = video_id_;
    has_list_ = !annotations_;
  }
  Node startList() {
    has_list_ = true;
    current_.video.entries.clear();
    current_.bad_entries = 0;
    return Node::kList;
  }
  void finishVideo() {
    current_.bad = current_.bad || !has_list_ || (annotations_ && current_.subset.empty());
    const auto [found, is_new] = by_id_.try_emplace(current_.video.id, videos.size());
    if (is_new) {
      videos.push_back(std::move(current_));
    } else {
      current_.duplicated = true;
      videos[found->second] = std::move(current_);
    }
  }

  void startEntry() {
    has_label_ = has_score_ = segment_bad_ = false;
    segment_size_ = 0;
  }
  void finishEntry() {
    const bool segment_good = segment_size_ == 2 && !segment_bad_;
    if (!has_label_ || (!annotations_ && !has_score_) || (needs_segments_ && !segment_good)) {
      ++current_.bad_entries;
      return;
    }
    current_.video.entries.push_back({labels_.add(entry_label_), segment_[0], segment_[1], score_});
  }
  void forgetValue() {
    if (entry_key_ == "label") has_label_ = false;
    if (entry_key_ == "score") has_score_ = false;
    if (entry_key_ == "segment") segment_bad_ = true;
  }

  bool number(double value) {
    if (node() == Node::kSegment) {
      if (segment_size_ < 2) segment_[segment_size_] = value;
      ++segment_size_;
    } else if (atEntryKey("score")) {
      score_ = value;
      has_score_ = true;
    } else {
      other();
    }
    return true;
  }
  bool other() {
    switch (node()) {
      case Node::kTop:
        startVideo();
        current_.bad = true;
        finishVideo();
        break;
      case Node::kList:
        ++current_.bad_entries;
        break;
      case Node::kEntry:
        forgetValue();
        break;
      case Node::kSegment:
        segment_bad_ = true;
        break;
      default:
        break;
    }
    return true;
  }

  const bool annotations_;
  const bool needs_segments_;
  LabelTable& labels_;
  std::vector<Node> stack_;
  std::vector<std::string> root_keys_;
  std::string root_key_, video_id_, video_key_, entry_key_, entry_label_;
  std::unordered_map<std::string, size_t> by_id_;
  ReadVideo current_;
  double segment_[2] = {0.0, 0.0};
  double score_ = 0.0;
  size_t segment_size_ = 0;
  bool segment_bad_ = false, has_label_ = false, has_score_ = false, has_list_ = false;
};

std::string listed(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + shortened(name, 24);
  return shortened(text, 120);
}

constexpr const char* kSwapHint = "Give the annotation file as --truth and the submission as --predictions.";

void parse(const std::string& path, OfficialHandler& handler) {
  const std::string text = readFile(path, kLargestFile);
  if (text.find_first_not_of(" \t\r\n") == std::string::npos) {
    throw InputError({.where = path, .expected = "JSON", .found = "an empty file", .remedy = "Check the file."});
  }
  if (!nlohmann::json::sax_parse(text.begin(), text.end(), &handler)) {
    if (handler.too_deep) {
      throw InputError({.where = path,
                        .expected = "JSON at most " + std::to_string(kDeepest) + " levels deep",
                        .found = "a deeper one",
                        .remedy = "Check that this is the right file."});
    }
    const size_t at = std::min(handler.fault_position > 0 ? handler.fault_position - 1 : 0, text.size());
    const auto line = 1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n');
    throw InputError(
        {.where = path + ", line " + std::to_string(line) + ", byte " + std::to_string(handler.fault_position),
         .expected = "valid JSON",
         .found = at >= text.size() ? "the end of the file" : handler.fault,
         .remedy = "The file is damaged or of another kind: check it."});
  }
  if (!handler.has_top) {
    std::string found = "no object at all";
    const std::vector<std::string>& keys = handler.rootKeys();
    if (handler.root_is_object) found = keys.empty() ? "an empty object" : "the keys " + listed(keys);
    if (std::find(keys.begin(), keys.end(), handler.topKey()) != keys.end()) found = "something else under that key";
    throw InputError({.where = path,
                      .expected = std::string("an object \"") + handler.topKey() + "\" of videos",
                      .found = found,
                      .remedy = kSwapHint});
  }
}

void keep(ReadVideo& read, const std::string& side, OfficialFile& file, DefectList& defects) {
  if (read.bad) defects.add("bad_" + side, read.video.id);
  if (read.bad_entries > 0) defects.add("bad_" + side, read.video.id, read.bad_entries);
  if (read.duplicated) defects.add("duplicate_" + side + "_video", read.video.id);
  file.videos.push_back(std::move(read.video));
}

}  // namespace

int64_t LabelTable::add(const std::string& name) {
  const auto [found, is_new] = by_name_.try_emplace(name, static_cast<int64_t>(names_.size()));
  if (is_new) names_.push_back(name);
  return found->second;
}

void DefectList::add(const std::string& kind, const std::string& item, int64_t times) {
  counts_[kind] += times;
  std::vector<std::string>& items = examples_[kind];
  if (items.size() < kMostExamples && (items.empty() || items.back() != item)) items.push_back(item);
}

int64_t DefectList::count(const std::string& kind) const {
  const auto found = counts_.find(kind);
  return found == counts_.end() ? 0 : found->second;
}

nlohmann::json DefectList::counts() const {
  return counts_.empty() ? nlohmann::json::object() : nlohmann::json(counts_);
}
nlohmann::json DefectList::examples() const {
  return examples_.empty() ? nlohmann::json::object() : nlohmann::json(examples_);
}

OfficialFile readOfficialTruth(const std::string& path, const std::string& subset, bool needs_segments,
                               LabelTable& labels, DefectList& defects) {
  OfficialHandler handler(true, needs_segments, labels);
  parse(path, handler);
  std::set<std::string> subsets;
  OfficialFile file;
  bool any = false;
  for (ReadVideo& read : handler.videos) {
    if (!read.subset.empty()) subsets.insert(read.subset);
    if (read.subset.empty()) defects.add("bad_truth", read.video.id);
    if (read.subset != subset) continue;
    any = any || !read.video.entries.empty();
    keep(read, "truth", file, defects);
  }
  if (!subsets.contains(subset)) {
    const std::vector<std::string> known(subsets.begin(), subsets.end());
    throw InputError(
        {.where = path,
         .expected = known.empty() ? "videos with a \"subset\"" : "one of the subsets " + listed(known),
         .found = known.empty() ? "none" : "\"" + shortened(subset) + "\"",
         .remedy = known.empty() ? "Check that this is an ActivityNet annotation file." : "Choose it with --subset."});
  }
  if (!any) {
    throw InputError({.where = path,
                      .expected = "annotations in subset \"" + shortened(subset) + "\"",
                      .found = "none",
                      .remedy = "Nothing can be scored against an empty subset: choose another with --subset."});
  }
  return file;
}

OfficialFile readOfficialPredictions(const std::string& path, bool needs_segments, LabelTable& labels,
                                     DefectList& defects) {
  OfficialHandler handler(false, needs_segments, labels);
  parse(path, handler);
  OfficialFile file;
  file.videos.reserve(handler.videos.size());
  for (ReadVideo& read : handler.videos) keep(read, "prediction", file, defects);
  return file;
}

}  // namespace hvlm
