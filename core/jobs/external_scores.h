// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <vector>

#include "jobs/foreign_file.h"

namespace hvlm {

// What other systems say of whole videos and of segments, as the field shares it on ActivityNet, for `eval` and `predict`.

struct VideoScores {
  std::vector<std::vector<float>> shares;  // [videos][classes], not negative, each sums to 1; empty: the file has nothing usable on the video
  std::string scale;                       // how the file's numbers became shares
  ForeignMatch match;
};
// Class scores of the videos asked for (indices into the catalogue), by content:
//   {"results": {id: [{"label", "score"}…]}}                         an ActivityNet classification result; absent labels have share 0
//   {"results": {id: [numbers]}, "class": [names]}                   as UntrimmedNet's scores are shared (cuhk_val_simp_share.json); [[numbers]] too
//   a table video,label,score (table_text.h)
// Ids with or without v_. When any number of the file is negative they are taken for logits: softmax over the classes given; else each is
// divided by the video's sum. Unknown ids and labels, lists with NaN (not_finite), of another length than "class" (bad_entry) or without
// anything to share (no_scores), labels given twice (duplicate_label, the higher counts) and videos given twice (the later counts) are
// counted, with examples. At most 2 GiB. Throws InputError for another schema, rows without "class", and a file that has nothing on any
// of the videos.
VideoScores readVideoScores(const std::filesystem::path& file, const Catalogue& catalogue, const std::vector<int64_t>& videos);

struct Proposals {
  std::vector<std::vector<ScoredSegment>> segments;  // [videos] falling score, at most kMostProposals, inside the video; label -1: any class
  double divided_by = 1.0;                           // scores of a file that go beyond 1 are divided by its highest one
  ForeignMatch match;
};
constexpr size_t kMostProposals = 1000;
// Segments of readForeignSegments() with or without labels. A score below 0 is counted (negative_score) and left out. Throws InputError as
// that does, and for a file that has nothing on any of the videos.
Proposals readProposals(const std::filesystem::path& file, const Catalogue& catalogue, const std::vector<int64_t>& videos);

}  // namespace hvlm
