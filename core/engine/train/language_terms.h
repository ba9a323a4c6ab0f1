// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <vector>

#include "data/catalogue.h"
#include "data/text_vectors.h"
#include "engine/language/language_heads.h"
#include "engine/train/terms.h"
#include "runs/config.h"

namespace hvlm {

// The terms of the heads for one batch: "answer", the cross-entropy over its questions whose answer is in the vocabulary, and
// "caption", that of the words of its captions (always the data set's captions, also where text terms read class names). A task
// without anything in the batch gives no term, so its head gets no gradient; nor does a video of index -1. `tower` may be null without the answer head.
std::vector<LossTerm> languageTerms(const LanguageHeads& heads, const TextTower* tower, const ModelOutput& output, const std::vector<int64_t>& offsets,
                                    const std::vector<int64_t>& videos, const Catalogue& catalogue, const FeatureSpec& spec, const LossOptions& options,
                                    const ForwardOptions& forward);

// Weighs the tasks of a loss by learned uncertainties: w L becomes w L exp(-s) + s / 2, with one s of `log_variance` [4] for the classes, the
// segments (focal, diou, edges and rescore), the answers and the captions; other terms stay. The terms' own values are not changed.
// Source: Kendall, Gal and Cipolla 2018, arXiv:1705.07115, eq. 10 in the form with log variances.
void weighTasks(TotalLoss& loss, const at::Tensor& log_variance);

}  // namespace hvlm
