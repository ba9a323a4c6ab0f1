// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "engine/entry/session.h"
#include "engine/language/talk_tokens.h"
#include "engine/language/visual_prefix.h"

namespace hvlm {

// A talk to learn from, with the steps of its video that are seen.
struct LearnedTalk {
  int64_t video = 0;       // index into Catalogue::videos
  int64_t first_step = 0;  // steps first .. last-1
  int64_t last_step = 0;
  TalkTokens tokens;
};
struct TuneTalks {
  std::vector<LearnedTalk> talks;
  std::map<std::string, int64_t> dropped;  // by reason
};

// What the captions of the videos give: a talk for each sentence about its own stretch, and one for the whole video whose answer
// lists all sentences with their moments. At most `most` ids each. Throws InputError when no video has a caption, or all are too long.
TuneTalks captionTalks(const Dataset& data, const std::vector<int64_t>& videos, const std::string& subset, const TalkReader& reader,
                       int64_t most);

// The talks of a file (language/instructions.h) about these videos, each seen as a whole. Throws InputError when there is none.
TuneTalks instructionTalks(const Dataset& data, const std::vector<int64_t>& videos, const std::string& subset, const std::string& file,
                           const TalkReader& reader, int64_t most);

// What a run's pyramid shows of talks. Keeps it all in memory when it stays below 512 MB, else passes videos through the run again.
class TalkSight {
 public:
  TalkSight(const LoadedModel& run, const Dataset& data, const VisualOptions& options) : run_(run), data_(data), options_(options) {}

  // Reads ahead all that fits; `progress` gets videos done and in all, false stops (throws Interrupted).
  void prepare(const std::vector<LearnedTalk>& talks, const std::function<bool(int64_t, int64_t)>& progress);
  // Of some of the talks of prepare(), by index, in the order given.
  std::vector<VisualTokens> of(const std::vector<LearnedTalk>& talks, const std::vector<size_t>& which) const;

 private:
  void see(const std::vector<LearnedTalk>& talks, const std::vector<size_t>& which, const std::function<bool(int64_t, int64_t)>& progress,
           const std::function<void(size_t, VisualTokens)>& take) const;

  const LoadedModel& run_;
  const Dataset& data_;
  VisualOptions options_;
  std::vector<VisualTokens> kept_;  // [talks], or empty
};

}  // namespace hvlm
