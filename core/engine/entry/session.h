// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <c10/core/Device.h>

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "data/catalogue.h"
#include "data/feature_store.h"
#include "engine/language/language_heads.h"
#include "engine/model/model.h"
#include "engine/train/model_state.h"
#include "runs/config.h"
#include "runs/run_folder.h"

namespace hvlm {

// An opened data set. Kept between jobs on the same file while it does not change, and shared by them: never written to.
struct Dataset {
  DatasetSpec spec;
  Catalogue catalogue;
  std::shared_ptr<const FeatureStore> store;
  std::string stamp;  // file times and sizes, to notice a change
};
std::shared_ptr<const Dataset> openDataset(const std::string& dataset_yaml);

// The videos of a subset that have features. Throws InputError for an unknown or empty subset, when no video has features, and
// for features of several widths or of another one than `columns` (0 = any; `wanted_by` says whose width that is).
std::vector<int64_t> usableVideos(const Dataset& data, const std::string& subset, int64_t columns = 0, const std::string& wanted_by = "");

// A model with the evaluation weights of a run's checkpoint, on `device`.
struct LoadedModel {
  RunConfig config;
  TrainState state;
  std::unique_ptr<HierarchicalModel> model;
  std::unique_ptr<LanguageHeads> heads;  // when the config has one
  std::vector<std::string> warnings;  // a damaged checkpoint was passed over
};
LoadedModel loadModel(const std::string& run_folder, const std::string& checkpoint, at::Device device = at::kCPU);

// The data set with its labels in the run's numbering: itself when the classes are the same, else a copy. Classes that only the run
// knows are fine. Throws InputError for a class the run does not know and for steps of another length than the run's.
std::shared_ptr<const Dataset> inClassesOf(const TrainState& state, std::shared_ptr<const Dataset> data, const std::string& run_folder);

}  // namespace hvlm
