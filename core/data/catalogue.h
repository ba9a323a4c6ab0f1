// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <filesystem>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace hvlm {

// Where a data set's features lie and what one row of them means in time.
struct FeatureSpec {
  std::filesystem::path store;       // HDF5 file or folder of .npy, absolute after reading
  std::string key = "c3d_features";  // HDF5 dataset below the video's group; "" = found by shape
  std::string prefix = "";           // put before the id in .npy names (v_)
  double steps_per_second = 0.0;     // either this …
  double fps = 0.0;                  // … or these three: frames per second, frames between rows, frames per clip
  int64_t stride = 0;
  int64_t clip = 0;
  // Seconds covered by one row, and the time of the centre of row i (method.md, head of the page).
  double stepSeconds() const;
  double stepCentreSeconds(int64_t i) const;
};

// A dataset.yaml as it stands, paths made absolute. Contract: DESIGN.md, "Files".
struct DatasetSpec {
  std::filesystem::path file;
  std::string name;
  std::filesystem::path annotations;
  FeatureSpec features;
  std::map<std::string, std::filesystem::path> captions;                // subset -> file
  std::map<std::string, std::vector<std::filesystem::path>> questions;  // subset -> {questions, answers}
  std::map<std::string, std::filesystem::path> lists;                   // subset -> ids to keep
  std::filesystem::path blocked;                                        // ids to leave out, or empty
  std::filesystem::path holdout;                                        // ids to select by in place of a random slice, or empty
  std::filesystem::path videos;                                         // or empty
};
DatasetSpec readDatasetSpec(const std::filesystem::path& dataset_yaml);  // throws InputError; unknown keys are errors

struct Segment {
  double start_seconds = 0.0;
  double end_seconds = 0.0;
  int64_t label = -1;  // index into Catalogue::classes
};
struct Caption {
  double start_seconds = 0.0;
  double end_seconds = 0.0;
  std::string text;
};
struct Question {
  std::string id;
  std::string text;
  std::string answer;  // empty when unknown
  int64_t type = -1;   // 0..8 as in ActivityNet-QA
};
struct Video {
  std::string id;  // without the "v_" that some files put before every id (a few real ids start with v_ and keep it)
  std::string subset;
  double duration_seconds = 0.0;
  std::vector<Segment> segments;  // as annotated, sorted by start, defects repaired or dropped (see Problem)
  std::vector<Caption> captions;
  std::vector<Question> questions;
  bool held_out = false;  // on the data set's list of videos to select by (lists.holdout)
};

// A defect found while reading: counted and listed, never fatal.
struct Problem {
  std::string kind;    // one of problemKinds(): "zero_length", "reversed", "past_end", "duplicate_segment", …
  std::string item;    // video id, file or question id
  std::string detail;  // numbers and what was done about it
};

struct ProblemKind {
  std::string kind;
  std::string meaning;  // half a sentence for people, with what was done about it
};
const std::vector<ProblemKind>& problemKinds();

// Owned by whoever read it; unchanging after reading, so any thread may look.
class Catalogue {
 public:
  std::string name;
  std::vector<std::string> classes;  // sorted by name, so indices are the same for the same set of labels
  std::vector<Video> videos;         // sorted by id
  std::vector<Problem> problems;
  // Top level of the annotations' taxonomy (the children of its root that lead to a class), sorted; empty without a usable taxonomy.
  std::vector<std::string> domains;
  std::vector<int64_t> domain_of_class;  // index into domains, -1 when the taxonomy does not say; as long as `classes`

  const Video* find(std::string_view id) const;                     // with or without "v_"
  int64_t findIndex(std::string_view id) const;                     // -1 when unknown
  std::vector<int64_t> subset(std::string_view subset_name) const;  // indices into videos, in order
  std::vector<std::string> subsetNames() const;
  int64_t classIndex(std::string_view label) const;  // -1 when unknown
  void index();                                      // call after filling `videos`

 private:
  std::unordered_map<std::string, int64_t> by_id_;
};

// Reads annotations (and captions, questions, lists when named). Throws InputError only when nothing can be used: a
// missing file, another schema, no video at all.
Catalogue readCatalogue(const DatasetSpec& spec);
// The ActivityNet annotation file alone (for `score` and imports).
Catalogue readActivityNet(const std::filesystem::path& annotations_json);
std::string bareId(std::string_view id);  // drops a leading "v_"
// The ids behind the names one file uses: "v_" is dropped where all names have it; in a mixed file names of 11
// characters keep it, since they are whole YouTube ids (ActivityNet has v_Vg4a8igc0 and v_UmAH95xls).
std::vector<std::string> bareIds(const std::vector<std::string>& names);

}  // namespace hvlm
