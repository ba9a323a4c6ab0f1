// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "data/catalogue.h"
#include "data/feature_store.h"
#include "engine/model/model.h"
#include "engine/train/model_state.h"
#include "runs/config.h"
#include "runs/run_folder.h"

namespace hvlm {

// An opened data set. Kept between jobs on the same file while it does not change.
struct Dataset {
  DatasetSpec spec;
  Catalogue catalogue;
  std::unique_ptr<FeatureStore> store;
  std::string stamp;  // file times and sizes, to notice a change
};
std::shared_ptr<Dataset> openDataset(const std::string& dataset_yaml);

// The videos of a subset that have features. Throws InputError for an unknown or empty subset and when no video has features.
std::vector<int64_t> usableVideos(const Dataset& data, const std::string& subset);

// A model with the evaluation weights of a run's checkpoint.
struct LoadedModel {
  RunConfig config;
  TrainState state;
  std::unique_ptr<HierarchicalModel> model;
  std::vector<std::string> warnings;  // a damaged checkpoint was passed over
};
LoadedModel loadModel(const std::string& run_folder, const std::string& checkpoint);

// The data set's classes must be the run's, and its features of the run's width and step. Classes that only the run knows are fine:
// labels of `data` are renumbered to the run's order. Throws InputError naming what differs.
void alignClasses(Dataset& data, const TrainState& state, const std::string& run_folder);

}  // namespace hvlm
