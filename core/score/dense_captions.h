// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "score/captions.h"

namespace hvlm {

struct CaptionEvent {
  double start_seconds = 0.0;
  double end_seconds = 0.0;
  Tokens caption;
};
// The events of one video: one list for each set of references (one annotator each), and the predicted ones.
struct DenseVideo {
  std::vector<std::vector<CaptionEvent>> references;  // a set that lacks the video has an empty list
  std::vector<CaptionEvent> predicted;                // none: the video counts as 0
};

constexpr std::array<double, 4> kDenseThresholds = {0.3, 0.5, 0.7, 0.9};

// Overlap of two events as the public script has it: intersection / (min(hull, sum of lengths) + 1e-8), in [0, 1].
double eventOverlap(const CaptionEvent& a, const CaptionEvent& b);

struct DenseScore {
  CaptionScore captions;  // means over all reference videos
  double precision = 0.0, recall = 0.0;
};
// Every predicted event is paired with every reference event of overlap >= threshold, or with one meaningless word when
// there is none; the pairs of a video are scored as a set of their own (BLEU lengths and CIDEr idf too) and the videos
// averaged. Precision is the share of predicted events with overlap > threshold to any reference, recall that of the
// references; of several reference sets the better one counts. Source: Krishna et al. 2017, arXiv:1705.00754,
// section 5.1, and its public script.
DenseScore scoreDense(std::span<const DenseVideo> videos, double threshold);

struct SodaScore {
  double precision = 0.0, recall = 0.0, f1 = 0.0;
};
struct SodaScores {
  SodaScore rouge_l;  // in [0, 1]
  SodaScore cider;    // in [0, 10]; idf over all reference captions of all videos, each a document
};
// Events of both sides in the order of time (start, then end), matched one to one without crossing so that the sum of
// overlap x sentence score is largest; that sum over the events predicted is the precision, over the reference events
// the recall. Mean over the videos; of several reference sets the one with the best F1 counts. Not SODA_c itself, whose
// sentence score is METEOR. Source: Fujita et al. 2020, "SODA: Story Oriented Dense Video Captioning Evaluation
// Framework", section 4.
SodaScores scoreSoda(std::span<const DenseVideo> videos);

// The largest sum of a matching without crossings.  scores  [R, C] row-major, not negative. 0 when empty.
double bestOrderedMatch(std::span<const double> scores, size_t rows, size_t columns);

}  // namespace hvlm
