// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QString>
#include <optional>
#include <string>

#include "runs/config.h"

namespace hvlm::ui {

// What a training costs, from a short measurement of its config on this machine (`hvlm bench model`).
struct TrainingEstimate {
  double seconds = 0.0;       // of all epochs, evaluations left out
  double memory_bytes = 0.0;  // weights, gradients, moments, average and the activations of a batch
  double disk_bytes = 0.0;    // three checkpoints
  int64_t parameters = 0;
};
struct EstimateInput {
  int64_t videos = 0;   // trained on in an epoch
  int64_t steps = 0;    // of a typical video
  int64_t columns = 0;  // feature width
  int64_t classes = 0;
};
// From the JSON of `hvlm bench model --json` at one length; nullopt when it is another JSON.
std::optional<TrainingEstimate> estimateFrom(const std::string& json, const RunConfig& config, const EstimateInput& input);
QString estimateText(const TrainingEstimate& estimate);
double freeMemoryBytes();  // of the machine now; 0 when unknown

}  // namespace hvlm::ui
