// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <unordered_map>
#include <vector>

namespace hvlm {

// The official annotation and prediction files read exactly as they stand, for scoring only: file order is kept and no
// segment is repaired, because the official protocol depends on both. (The catalogue of data/ repairs and sorts.)

// Label names of both files under one numbering, by first appearance.
class LabelTable {
 public:
  int64_t add(const std::string& name);
  const std::string& name(int64_t index) const { return names_[static_cast<size_t>(index)]; }

 private:
  std::vector<std::string> names_;
  std::unordered_map<std::string, int64_t> by_name_;
};

// Small defects: counted by kind, with the first few items of each kind.
class DefectList {
 public:
  void add(const std::string& kind, const std::string& item, int64_t times = 1);
  int64_t count(const std::string& kind) const;
  nlohmann::json counts() const;    // {kind: number}, only kinds that occurred
  nlohmann::json examples() const;  // {kind: [items]}

 private:
  std::map<std::string, int64_t> counts_;
  std::map<std::string, std::vector<std::string>> examples_;
};

struct FileEntry {
  int64_t label = -1;  // index into the LabelTable
  double start_seconds = 0.0;
  double end_seconds = 0.0;
  double score = 0.0;
};
struct FileVideo {
  std::string id;
  std::vector<FileEntry> entries;  // well-formed ones, in file order
};
struct OfficialFile {
  std::vector<FileVideo> videos;  // in file order; an id that occurs twice keeps its first place and its last content
};

// {"database": {id: {"subset": …, "annotations": [{"label", "segment"}]}}}; only videos of `subset`. Throws InputError
// for another schema, an unknown subset and a subset without any annotation.
OfficialFile readOfficialTruth(const std::string& path, const std::string& subset, bool needs_segments,
                               LabelTable& labels, DefectList& defects);
// {"results": {id: [{"label", "score", "segment"}]}}. Throws InputError for another schema.
OfficialFile readOfficialPredictions(const std::string& path, bool needs_segments, LabelTable& labels,
                                     DefectList& defects);

}  // namespace hvlm
