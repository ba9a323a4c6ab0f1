// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <filesystem>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "data/catalogue.h"
#include "score/detection.h"
#include "score/official_files.h"

namespace hvlm {

// Files of segments that other programs wrote, read as they stand and then brought to a data set's videos and classes.

struct ForeignSegment {
  int32_t video = -1;  // into ForeignSegments::videos
  int32_t label = -1;  // into ForeignSegments::labels; -1: none was given
  double start_seconds = 0.0, end_seconds = 0.0, score = 0.0;
};
struct ForeignSegments {
  std::string form;  // "ActivityNet results", "ActionFormer pickle" or "table"
  std::string tool;  // who wrote it, as far as the file tells
  std::vector<std::string> videos, labels;  // as the file names them; a label may be the text of a class number
  std::vector<ForeignSegment> segments;     // in file order
};

// By content: JSON {"results": {id: [{"label", "score", "segment"}]}} (ActivityNet, OpenTAD, BMN; a video's second list takes the place of
// the first), a pickle with video-id, t-start, t-end, label, score (ActionFormer; pickled_columns.h), or a table video, start, end, label,
// score (table_text.h). Without `needs_labels` the label may be missing, and in a table it may be empty. Entries that lack a part
// (bad_entry), hold NaN (not_finite), end before they start (reversed) or where they start (zero_length) are counted and left out.
// At most 2 GiB, 50,000,000 segments. Throws InputError for a file of another kind, and for one without any segment.
ForeignSegments readForeignSegments(const std::filesystem::path& file, bool needs_labels, DefectList& defects);

// What a file of another program had to say of the videos that were asked for.
struct ForeignMatch {
  std::string file;       // without folders
  std::string form;
  int64_t videos = 0;     // asked for
  int64_t matched = 0;    // of these, in the file with something that can be used
  int64_t elsewhere = 0;  // other videos of the data set that the file names
  int64_t used = 0;       // segments or scores
  DefectList defects;     // unknown_video, unknown_label, duplicate_video, bad_entry, …
};
nlohmann::json matchJson(const ForeignMatch& match);  // the same as keys; problems: {kind: count}, problem_examples: {kind: [items]}
std::string matchText(const nlohmann::json& match);   // for people: "12 of 14 videos …", then the problems, on one line

// [videos] lists of segments of the videos asked for (indices into the catalogue), `video` being the place in the list. A label is a class
// by name, or by its place among the sorted class names. What names an unknown video or label is counted in `match` and left out.
std::vector<std::vector<ScoredSegment>> segmentsOf(const ForeignSegments& foreign, const Catalogue& catalogue, const std::vector<int64_t>& videos, ForeignMatch& match);

// Place of a class by its name, or by the text of its number; -1 when there is none.
int64_t foreignClass(const Catalogue& catalogue, const std::string& label);

}  // namespace hvlm
