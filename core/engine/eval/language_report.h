// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <nlohmann/json_fwd.hpp>

#include "engine/eval/evaluate.h"

namespace hvlm {

// "qa": accuracy, interval-free, by type and with the controls majority and question_only (from the videos of `training`); "captions":
// BLEU, ROUGE-L and CIDEr of descriptions of the annotated stretches, beside the best constant sentence, the best constant sentence
// of each true class, and "dense" of the run's detections. What cannot be had is named in `absent`.
nlohmann::json languageJson(const EvaluationRequest& request, const EmbeddedSet& set, const PhaseProgress& progress, LanguageOutput& output, nlohmann::json& absent);

}  // namespace hvlm
