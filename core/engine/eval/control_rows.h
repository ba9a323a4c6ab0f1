// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "engine/eval/evaluate.h"
#include "engine/eval/report_parts.h"

namespace hvlm {

// Everything the control rows need of the subset.
struct ControlContext {
  const EvaluationRequest& request;
  const Baselines& baselines;  // with all raw_* probes
  const LabelledVideos& labelled;
  const EmbeddedSet& raw;        // untouched features, thinned when there are very many
  const nlohmann::json& of_raw;  // their consistency
  const PhaseProgress& progress;
};

// The rows of the report that a reader must see beside any number of a run: majority class, linear models of the raw features and of an
// untrained encoder, and localisation without looking (method.md 5.2, 5.3).
nlohmann::json controlRows(const ControlContext& context);

void stepOn(const PhaseProgress& progress, const std::string& phase);  // throws Interrupted when asked to stop

}  // namespace hvlm
