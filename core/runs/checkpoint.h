// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "runs/safetensors.h"

namespace hvlm {

// A checkpoint: checkpoints/step-NNNNNNNN/ with *.safetensors, state.json and digests.json (content hash of each file),
// renamed in as a whole, then `last` (and `best`) replaced.
struct CheckpointContent {
  int64_t step = 0;
  std::map<std::string, TensorMap> files;  // "weights", "ema", "optimiser", "queue" …; written as <name>.safetensors
  std::string state_json;                  // RNG, data order, epoch … no clock or host data
};

// Keeps last, previous and best; removes older ones, and those past `content.step` (a run that went back passed them by).
// Returns the checkpoint's folder. Throws InputError and leaves every other checkpoint alone when the disk is full.
std::filesystem::path saveCheckpoint(const std::filesystem::path& run, const CheckpointContent& content, bool is_best);

// The newest checkpoint that reads back whole, for `which` "last" or "best" (falls back to the newest) or "step-00000120"
// (falls back to the one before it). Damaged ones are skipped; each of `warnings` names the damaged one, what is wrong and the
// one used instead. nullopt when there is none: a caller that starts over must say so, with the warnings.
std::optional<CheckpointContent> loadCheckpoint(const std::filesystem::path& run, const std::string& which,
                                                std::vector<std::string>* warnings);
std::vector<std::string> checkpointNames(const std::filesystem::path& run);  // "step-00000120", oldest first
std::string checkpointName(int64_t step);
std::string checkpointLink(const std::filesystem::path& run, const std::string& link);  // name that last or best points to, or ""

}  // namespace hvlm
