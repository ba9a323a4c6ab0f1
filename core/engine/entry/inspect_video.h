// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

#include "engine/entry/session.h"
#include "jobs/inspection.h"

namespace hvlm {

// Everything the timeline shows of one video under these weights. Throws InputError for an unknown video or one without features.
VideoInspection inspectVideo(const HierarchicalModel& model, const Dataset& data, const std::string& video_id, int64_t step,
                             const std::string& run_folder);

}  // namespace hvlm
