// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "data/catalogue.h"
#include "jobs/inspection.h"
#include "score/detection.h"

namespace hvlm {

// What a report says of detections (method.md 5.3). In all lists `video` is the place in the list of videos. Throw InputError when no
// video of the list has annotations.

std::vector<ScoredSegment> truthOf(const Catalogue& catalogue, const std::vector<int64_t>& videos);
std::vector<ScoredSegment> scoredSegments(const std::vector<std::vector<DetectedSegment>>& detections);

// Keys of `localization`, calibration_error (score/calibration.h, at tIoU 0.5) among them; with `intervals` also average_map_interval and map_50_interval, 95 % over videos (score/bootstrap.h).
nlohmann::json localizationJson(const Catalogue& catalogue, const std::vector<int64_t>& videos, const std::vector<ScoredSegment>& predictions,
                                const std::string& label_source, bool intervals = false);

// A mask of the whole video: the frame-mask figures alone, since a mask has neither labels nor segments.
nlohmann::json alwaysActionJson(const Catalogue& catalogue, const std::vector<int64_t>& videos);

// Keys of `error_profile`; `of` names the key of the report whose detections these are.
nlohmann::json errorProfileJson(const Catalogue& catalogue, const std::vector<int64_t>& videos, const std::vector<ScoredSegment>& predictions,
                                const std::string& of);

}  // namespace hvlm
