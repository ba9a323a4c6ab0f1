// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <span>
#include <string_view>

#include "score/caption_tokens.h"

namespace hvlm {

// Deterministic figures on free text that can stand beside a judge's scores, under their own names and never in their
// place.

// Harmonic mean of word precision and recall, words counted as often as they occur, in [0, 1]; two texts without words
// give 1, one of them 0. Source: Rajpurkar et al. 2016, arXiv:1606.05250, section 6.1 (without its removal of
// articles).
double tokenF1(const Tokens& answer, const Tokens& truth);

// Kendall's tau between the true order of events and the order in which a text mentions them, in [-1, 1]. An event is
// mentioned where its share of words found in one stretch of its own length is largest and at least one half; the
// earliest such place. Pairs mentioned at the same place count for neither side. Empty when fewer than two events are
// mentioned.
//   events  in their true order. Source: Kendall 1938, doi:10.1093/biomet/30.1-2.81.
std::optional<double> eventOrderTau(const Tokens& text, std::span<const Tokens> events);

// Agreement of two answers to paraphrased questions: their token F1, in [0, 1].
double selfAgreement(std::string_view first_answer, std::string_view second_answer);

}  // namespace hvlm
