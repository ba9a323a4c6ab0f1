// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "engine/eval/probe.h"
#include "score/controls.h"

namespace hvlm {

// Everything that evaluation needs and that must be fitted on training data only: `train` fits it at its end and stores it in the run
// (probes.safetensors), `eval` only reads it.
struct Baselines {
  std::vector<std::string> classes;      // order of all class axes
  std::vector<double> main_label_share;  // [C] share of training videos by main label; the majority row
  double constant_start = 0.0;           // constant-segment row, shares of the duration, fitted on training segments
  double constant_end = 1.0;
  std::vector<ConstantSegment> class_segments;  // [C] the same by class, medians; empty in runs of older versions
  std::optional<LinearProbe> raw_video;     // mean raw features -> main label
  std::optional<LinearProbe> raw_step;      // raw step -> class or background (last column)
  std::optional<LinearProbe> random_video;  // mean step of the untrained encoder -> main label
  uint64_t random_seed = 0;                 // of that untrained encoder
  std::optional<LinearProbe> run_video;     // the run's video vector -> main label
  std::optional<LinearProbe> run_step;      // the run's step vectors -> class or background
  at::Tensor bank;                          // [M, D] the run's training video vectors, for nearest neighbours
  std::vector<int64_t> bank_labels;         // [M] main labels
  int64_t checkpoint_step = -1;             // weights that the run_* fields belong to
};

void saveBaselines(const std::filesystem::path& run, const Baselines& baselines);  // atomic
std::optional<Baselines> loadBaselines(const std::filesystem::path& run);          // nullopt: none stored; throws InputError when damaged

}  // namespace hvlm
