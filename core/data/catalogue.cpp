// SPDX-License-Identifier: Apache-2.0
#include "data/catalogue.h"

#include <algorithm>
#include <set>

#include "data/labels.h"
#include "data/texts.h"
#include "support/error.h"
#include "support/text.h"

namespace hvlm {
namespace {

constexpr size_t kYouTubeIdLength = 11;

bool hasPrefix(std::string_view id) { return id.size() > 2 && id.substr(0, 2) == "v_"; }

// Indices of the videos that a list names; names it does not know are listed.
std::set<int64_t> listed(Catalogue& catalogue, const std::filesystem::path& file) {
  std::set<int64_t> indices;
  for (const std::string& id : readIdList(file)) {
    const int64_t index = catalogue.findIndex(id);
    if (index >= 0) {
      indices.insert(index);
    } else {
      catalogue.problems.push_back(
          {"list_unknown_id", shortened(id), "in " + file.filename().string() + ", but not among the annotations"});
    }
  }
  return indices;
}

void applyLists(Catalogue& catalogue, const DatasetSpec& spec) {
  std::set<int64_t> left_out;
  for (const auto& [subset, file] : spec.lists) {
    const std::set<int64_t> keep = listed(catalogue, file);
    for (const int64_t i : catalogue.subset(subset)) {
      if (!keep.count(i)) left_out.insert(i);
    }
  }
  if (!spec.blocked.empty()) {
    for (const int64_t i : listed(catalogue, spec.blocked)) {
      left_out.insert(i);
      catalogue.problems.push_back({"blocked", catalogue.videos[static_cast<size_t>(i)].id,
                                    "in " + spec.blocked.filename().string() + "; left out"});
    }
  }
  if (!spec.holdout.empty()) {
    for (const int64_t i : listed(catalogue, spec.holdout)) catalogue.videos[static_cast<size_t>(i)].held_out = true;
  }
  if (left_out.empty()) return;
  std::vector<Video> kept;
  for (size_t i = 0; i < catalogue.videos.size(); ++i) {
    if (!left_out.count(static_cast<int64_t>(i))) kept.push_back(std::move(catalogue.videos[i]));
  }
  catalogue.videos = std::move(kept);
  catalogue.index();
}

// Segments that no step of the grid falls into: kept, since metrics count them, but nothing can be learnt from them.
void listSubGrid(Catalogue& catalogue, double step_seconds) {
  for (const Video& video : catalogue.videos) {
    const auto steps = static_cast<int64_t>(video.duration_seconds / step_seconds) + 1;
    for (const Segment& segment : video.segments) {
      if (stepRange(segment.start_seconds, segment.end_seconds, step_seconds, steps).size() > 0) continue;
      catalogue.problems.push_back({"sub_grid", video.id,
                                    "[" + exactNumber(segment.start_seconds) + ", " + exactNumber(segment.end_seconds) +
                                        "] holds no step of " + exactNumber(step_seconds) + " s; kept"});
    }
  }
}

void listClassesWithoutTraining(Catalogue& catalogue) {
  const auto training = catalogue.subset("training");
  if (training.empty()) return;
  std::vector<bool> trained(catalogue.classes.size(), false);
  std::vector<bool> occurs(catalogue.classes.size(), false);
  for (const Video& video : catalogue.videos) {
    for (const Segment& segment : video.segments) {
      occurs[static_cast<size_t>(segment.label)] = true;
      if (video.subset == "training") trained[static_cast<size_t>(segment.label)] = true;
    }
  }
  for (size_t i = 0; i < trained.size(); ++i) {
    if (occurs[i] && !trained[i]) {
      catalogue.problems.push_back(
          {"label_without_training", catalogue.classes[i], "occurs outside the training subset only; kept"});
    }
  }
}

}  // namespace

const std::vector<ProblemKind>& problemKinds() {
  static const std::vector<ProblemKind> kinds = {
      {"zero_length", "segments that end where they start (dropped)"},
      {"reversed", "segments that end before they start (swapped)"},
      {"past_end", "segments beyond the video's end by more than 0.5 s (cut or dropped)"},
      {"past_end_rounding", "segments beyond the video's end by at most 0.5 s (cut)"},
      {"before_start", "segments that start before 0 (cut or dropped)"},
      {"duplicate_segment", "segments given twice (second one dropped)"},
      {"sub_grid", "segments that no step falls into (kept)"},
      {"unsorted_segments", "videos whose segments are out of order (sorted)"},
      {"bad_segment", "segments without two times (dropped)"},
      {"unknown_label", "segments with no label, or one outside the taxonomy (dropped)"},
      {"bad_taxonomy", "a taxonomy that does not fit the labels (not used)"},
      {"label_without_training", "classes that never occur in training (kept)"},
      {"bad_duration", "videos without a positive duration"},
      {"bad_entry", "videos whose entry is malformed"},
      {"duplicate_id", "videos given twice (first one used)"},
      {"mixed_prefix", "files that write ids both with and without \"v_\" (dropped)"},
      {"blocked", "videos left out by the blocked list"},
      {"list_unknown_id", "ids of a list that no video has"},
      {"no_video_for_caption", "captions of unknown videos (left out)"},
      {"no_video_for_question", "questions on unknown videos (left out)"},
      {"wrong_subset", "captions or questions given for another subset (left out)"},
      {"bad_caption", "captions without text or times (left out)"},
      {"caption_reversed", "captions that end before they start (swapped)"},
      {"caption_outside", "captions beyond the video (cut)"},
      {"caption_zero_length", "captions of no length (left out)"},
      {"bad_question", "questions or answers without an id or text (left out)"},
      {"duplicate_question", "questions or answers given twice (first one used)"},
      {"question_without_answer", "questions without an answer (kept)"},
      {"answer_without_question", "answers without a question (left out)"},
      {"missing_features", "videos without features (cannot be used)"},
      {"unused_features", "features of videos that are not annotated"},
      {"bad_features", "features that cannot be read (cannot be used)"},
      {"width_mismatch", "features of another width than most (cannot be used)"},
      {"not_finite", "features with NaN or Inf (cannot be used)"},
      {"length_mismatch", "features whose length does not fit the duration"},
      {"bad_channel", "side channels that cannot be read (cannot be used with merge.criterion importance)"}};
  return kinds;
}

std::string bareId(std::string_view id) { return std::string(hasPrefix(id) ? id.substr(2) : id); }

std::vector<std::string> bareIds(const std::vector<std::string>& names) {
  const bool all = std::all_of(names.begin(), names.end(), [](const std::string& name) { return hasPrefix(name); });
  std::vector<std::string> ids;
  ids.reserve(names.size());
  for (const std::string& name : names) {
    ids.push_back(all || name.size() != kYouTubeIdLength ? bareId(name) : name);
  }
  return ids;
}

void Catalogue::index() {
  std::stable_sort(videos.begin(), videos.end(), [](const Video& a, const Video& b) { return a.id < b.id; });
  by_id_.clear();
  by_id_.reserve(videos.size());
  for (size_t i = 0; i < videos.size(); ++i) by_id_.try_emplace(videos[i].id, static_cast<int64_t>(i));
}

int64_t Catalogue::findIndex(std::string_view id) const {
  for (const std::string& form : {std::string(id), bareId(id), "v_" + std::string(id)}) {
    const auto it = by_id_.find(form);
    if (it != by_id_.end()) return it->second;
  }
  return -1;
}

const Video* Catalogue::find(std::string_view id) const {
  const int64_t i = findIndex(id);
  return i < 0 ? nullptr : &videos[static_cast<size_t>(i)];
}

std::vector<int64_t> Catalogue::subset(std::string_view subset_name) const {
  std::vector<int64_t> indices;
  for (size_t i = 0; i < videos.size(); ++i) {
    if (videos[i].subset == subset_name) indices.push_back(static_cast<int64_t>(i));
  }
  return indices;
}

std::vector<std::string> Catalogue::subsetNames() const {
  std::set<std::string> names;
  for (const Video& video : videos) names.insert(video.subset);
  return {names.begin(), names.end()};
}

int64_t Catalogue::classIndex(std::string_view label) const {
  const auto it = std::lower_bound(classes.begin(), classes.end(), label);
  return it != classes.end() && *it == label ? it - classes.begin() : -1;
}

Catalogue readCatalogue(const DatasetSpec& spec) {
  Catalogue catalogue = readActivityNet(spec.annotations);
  catalogue.name = spec.name;
  applyLists(catalogue, spec);
  if (catalogue.videos.empty()) {
    throw InputError({.where = spec.file.string(),
                      .expected = "at least one video after applying the lists",
                      .found = "none",
                      .remedy = "Check the files under \"lists\"."});
  }
  listSubGrid(catalogue, spec.features.stepSeconds());
  listClassesWithoutTraining(catalogue);
  for (const auto& [subset, file] : spec.captions) addCaptions(catalogue, subset, file);
  for (const auto& [subset, files] : spec.questions) addQuestions(catalogue, subset, files);
  return catalogue;
}

}  // namespace hvlm
