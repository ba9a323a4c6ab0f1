// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string>

#include "score/detection.h"

namespace hvlm {

// What a report says of detections (method.md 5.3), the same for a run of this program and for one that another program wrote.
// `video` of both lists is a place in a list of videos. Throw InputError when the truth is empty.

// Keys of `localization`: map, average_map, hit_at_50, average_recall, … With `videos` > 0 also average_map_interval and map_50_interval,
// 95 % over that many videos (score/bootstrap.h).
nlohmann::json localizationKeys(std::span<const ScoredSegment> truth, std::span<const ScoredSegment> predictions, const std::string& label_source, size_t videos = 0);

// Keys of `error_profile`; `durations` are seconds by video, `of` names the key of the report whose detections these are.
nlohmann::json errorProfileKeys(std::span<const ScoredSegment> truth, std::span<const ScoredSegment> predictions, std::span<const double> durations, const std::string& of);

}  // namespace hvlm
