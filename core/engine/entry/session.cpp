// SPDX-License-Identifier: Apache-2.0
#include "engine/entry/session.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <map>

#include "engine/eval/embed.h"
#include "support/error.h"
#include "support/text.h"

namespace hvlm {
namespace fs = std::filesystem;
namespace {

std::string stampOf(const fs::path& path) {
  std::error_code error;
  const auto size = fs::is_regular_file(path, error) ? fs::file_size(path, error) : 0;
  const auto time = fs::last_write_time(path, error);
  return path.string() + ":" + std::to_string(size) + ":" + std::to_string(time.time_since_epoch().count());
}

}  // namespace

std::shared_ptr<Dataset> openDataset(const std::string& dataset_yaml) {
  static std::map<std::string, std::shared_ptr<Dataset>> opened;  // engine thread only
  auto made = std::make_shared<Dataset>();
  made->spec = readDatasetSpec(dataset_yaml);
  made->stamp = stampOf(made->spec.file) + stampOf(made->spec.annotations) + stampOf(made->spec.features.store);
  const std::string key = fs::weakly_canonical(dataset_yaml).string();
  if (const auto found = opened.find(key); found != opened.end() && found->second->stamp == made->stamp) return found->second;
  made->catalogue = readCatalogue(made->spec);
  made->store = FeatureStore::open(made->spec.features);
  opened.clear();  // one at a time: catalogues of large sets are large
  opened[key] = made;
  return made;
}

std::vector<int64_t> usableVideos(const Dataset& data, const std::string& subset) {
  const auto all = data.catalogue.subset(subset);
  if (all.empty()) {
    const auto names = data.catalogue.subsetNames();
    std::string known;
    for (const std::string& name : names) known += (known.empty() ? "" : ", ") + name;
    throw InputError({.where = data.spec.annotations.string(), .expected = "videos in the subset \"" + subset + "\"", .found = "only " + known,
                      .remedy = "Choose one of these with --subset (or train.training_subset)."});
  }
  auto usable = videosWithFeatures(data.catalogue, *data.store, all);
  if (usable.empty()) {
    throw InputError({.where = data.spec.features.store.string(), .expected = "features of the " + std::to_string(all.size()) + " videos of \"" + subset + "\"",
                      .found = "none of them", .remedy = "Check features.store, features.key and features.prefix in " + data.spec.file.string() + "."});
  }
  const auto first = data.store->shape(data.catalogue.videos[static_cast<size_t>(usable[0])].id);
  for (const int64_t v : usable) {
    const std::string& id = data.catalogue.videos[static_cast<size_t>(v)].id;
    const auto shape = data.store->shape(id);
    if (shape->columns != first->columns) {
      throw InputError({.where = data.spec.features.store.string() + ": " + id, .expected = std::to_string(first->columns) + " columns, as the other videos have",
                        .found = std::to_string(shape->columns), .remedy = "Extract the features of all videos with the same network."});
    }
  }
  return usable;
}

LoadedModel loadModel(const std::string& run_folder, const std::string& checkpoint) {
  if (!fs::exists(fs::path(run_folder) / "run.json")) {
    throw InputError({.where = run_folder, .expected = "a run folder", .found = fs::exists(run_folder) ? "a folder without run.json" : "nothing",
                      .remedy = "Name a folder that hvlm train has written."});
  }
  LoadedModel out;
  out.config = readRunConfig(fs::path(run_folder) / "config.yaml");
  const auto content = loadCheckpoint(run_folder, checkpoint, &out.warnings);
  if (!content) {
    std::string found = "none that reads back whole";
    if (!out.warnings.empty()) found += " (" + out.warnings.front() + ")";
    throw InputError({.where = run_folder + "/checkpoints", .expected = "a checkpoint", .found = found,
                      .remedy = "Train it first: hvlm train --run " + run_folder + " --resume …"});
  }
  const std::string where = run_folder + "/checkpoints/" + checkpointName(content->step);
  out.state = parseState(content->state_json, where + "/state.json");
  out.model = std::make_unique<HierarchicalModel>(out.config, out.state.input_dim, static_cast<int64_t>(out.state.classes.size()), out.config.seed);
  loadEvaluationWeights(*content, where, *out.model);
  return out;
}

void alignClasses(Dataset& data, const TrainState& state, const std::string& run_folder) {
  const auto ids = data.store->ids();
  if (!ids.empty()) {
    const auto shape = data.store->shape(ids.front());
    if (shape && shape->columns != state.input_dim) {
      throw InputError({.where = data.spec.features.store.string(), .expected = std::to_string(state.input_dim) + " columns (what " + run_folder + " was trained on)",
                        .found = std::to_string(shape->columns), .remedy = "Use features of the same extractor."});
    }
  }
  if (data.catalogue.classes == state.classes) return;
  std::map<std::string, int64_t> index;
  for (size_t i = 0; i < state.classes.size(); ++i) index[state.classes[i]] = static_cast<int64_t>(i);
  std::vector<int64_t> renumbered;
  for (const std::string& name : data.catalogue.classes) {
    const auto found = index.find(name);
    if (found == index.end()) {
      throw InputError({.where = data.spec.annotations.string(), .expected = "only classes that " + run_folder + " was trained on", .found = "\"" + name + "\"",
                        .remedy = "Evaluate on a data set with the same classes, or train a run on this one."});
    }
    renumbered.push_back(found->second);
  }
  for (Video& video : data.catalogue.videos) {
    for (Segment& segment : video.segments) {
      if (segment.label >= 0) segment.label = renumbered[static_cast<size_t>(segment.label)];
    }
  }
  data.catalogue.classes = state.classes;
}

}  // namespace hvlm
