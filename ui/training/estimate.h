// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QString>
#include <filesystem>
#include <optional>
#include <string>

#include "runs/config.h"

namespace hvlm::ui {

struct LoadedData;

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
// Of the subset that is trained on; no videos when the data set has none of it.
EstimateInput estimateInput(const LoadedData& data, const RunConfig& config);
// What the measurement depends on: configs of one key cost the same a video.
std::string estimateKey(const RunConfig& config, const EstimateInput& input);
// From the JSON of `hvlm bench model --json` at one length; nullopt when it is another JSON.
std::optional<TrainingEstimate> estimateFrom(const std::string& json, const RunConfig& config, const EstimateInput& input);

// What the machine has free now, for a run in `run_folder` or where that will be. Reads files: on a worker.
struct FreeRoom {
  double memory_bytes = 0.0;  // 0: not known
  double disk_bytes = 0.0;
};
FreeRoom freeRoom(const std::filesystem::path& run_folder);

QString estimateText(const TrainingEstimate& estimate, const FreeRoom& room);
// Why it may not fit, a sentence for memory and for disk each; empty when it does.
QString roomProblem(const TrainingEstimate& estimate, const FreeRoom& room);

}  // namespace hvlm::ui
