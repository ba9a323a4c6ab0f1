// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <vector>

#include "engine/model/model.h"
#include "engine/train/terms.h"

namespace hvlm {

// The terms of the detector's finer parts for one batch: "edges", the cross-entropy of start and end scores (head.edges), and "rescore",
// that of the second look's classes and qualities (head.rescore) on a sample of spans a video: the head's best proposals as they are and
// with moved ends, true segments with ends that are off by up to 0.6 of their length, and random ones. The mean over videos of the sum
// over spans is divided by 16.
std::vector<LossTerm> detectorTerms(const HierarchicalModel& model, const ModelOutput& output, const BatchTargets& targets, const LossOptions& options,
                                    const ForwardOptions& forward);

}  // namespace hvlm
