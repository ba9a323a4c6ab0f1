// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <string>
#include <vector>

namespace hvlm {

// What our models found in one video, as plain values: all that a language model gets to know of it. Scores in [0, 1]; one that is
// not finite is left out of the text.
struct EvidenceSegment {
  double start = 0.0, end = 0.0;  // seconds
  std::string label;
  double score = 0.0;
};
struct EvidenceCaption {
  double start = 0.0, end = 0.0;  // seconds
  std::string text;
};
struct EvidenceClass {
  std::string label;
  double score = 0.0;
};
struct VideoEvidence {
  std::string video;
  double duration_seconds = 0.0;
  std::vector<EvidenceSegment> segments;
  std::vector<EvidenceCaption> captions;
  std::vector<EvidenceClass> classes;
};

// The evidence as text, one line a finding, times as [mm:ss-mm:ss], in the order of time; the same evidence gives the same bytes.
// At most `character_budget` bytes of UTF-8: when it does not fit, the best segments and the captions (by turns, after the best
// classes) stay and a last line says how many lines are left out.
std::string evidenceText(const VideoEvidence& evidence, size_t character_budget);

// Tells a model to answer only from the evidence and to cite moments, with the evidence below.
std::string systemPrompt(const VideoEvidence& evidence, size_t character_budget = 12'000);

}  // namespace hvlm
