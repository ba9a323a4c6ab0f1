// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <ATen/core/Tensor.h>

#include <nlohmann/json_fwd.hpp>

#include "data/text_vectors.h"
#include "engine/eval/embed.h"
#include "engine/eval/report_parts.h"
#include "engine/language/video_texts.h"

namespace hvlm {

// Rows of `vectors` [n, width] in the space of text and video, unit norm: [n, text.dim]; the second for text vectors of a tower.
at::Tensor sharedRowsOfVideo(const HierarchicalModel& model, const at::Tensor& vectors);
at::Tensor sharedRowsOfText(const HierarchicalModel& model, const at::Tensor& vectors);

// The vector that stands for each whole video in that space [B, text.dim]: the video vector where a term trains it (loss.text), else the
// mean of its steps.
at::Tensor sharedVideos(const HierarchicalModel& model, const EmbeddedSet& set);
// The mean of steps first .. last-1 (rows of set.steps) of each moment: [n, text.dim].
at::Tensor sharedMoments(const HierarchicalModel& model, const EmbeddedSet& set, const std::vector<std::pair<int64_t, int64_t>>& rows);

// Method.md 5.5 on the texts of a set: "text_to_video" (paragraph to video), "video_to_text", "text_to_moment" (a sentence among all
// annotated moments of the set) with r1, r5, r10, r50, median_rank, mean_rank, geometric_mean and "chance_r1" (what guessing
// gets, 1 / gallery; ranks stand in the middle of ties, so a constant similarity has the middle rank and no hit); "grounding": a sentence among windows of its own video, r1
// and r5 at tIoU 0.3, 0.5 and 0.7 with the figures of drawing windows at random. Empty without two videos with texts.
nlohmann::json retrievalJson(const HierarchicalModel& model, const TextTower& tower, const EmbeddedSet& set, const Catalogue& catalogue, const FeatureSpec& spec);

// Classes by the nearest prompt ("a video of someone doing: …") to the video's vector: scores [B, C] in [0, 1].
at::Tensor promptScores(const HierarchicalModel& model, const TextTower& tower, const EmbeddedSet& set, const std::vector<std::string>& classes);

}  // namespace hvlm
