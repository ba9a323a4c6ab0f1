// SPDX-License-Identifier: Apache-2.0
#include "engine/entry/session.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "engine/eval/embed.h"
#include "support/error.h"
#include "support/log.h"
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

// Of every file that the catalogue and the store are read from.
std::string stampOf(const DatasetSpec& spec) {
  std::string stamp = stampOf(spec.file) + stampOf(spec.annotations) + stampOf(spec.features.store) + stampOf(spec.blocked) + stampOf(spec.holdout);
  for (const auto& [subset, file] : spec.captions) stamp += stampOf(file);
  for (const auto& [subset, files] : spec.questions) {
    for (const fs::path& file : files) stamp += stampOf(file);
  }
  for (const auto& [subset, file] : spec.lists) stamp += stampOf(file);
  return stamp;
}

}  // namespace

std::shared_ptr<const Dataset> openDataset(const std::string& dataset_yaml) {
  static std::map<std::string, std::shared_ptr<const Dataset>> opened;  // engine thread only
  auto made = std::make_shared<Dataset>();
  made->spec = readDatasetSpec(dataset_yaml);
  made->stamp = stampOf(made->spec);
  const std::string key = fs::weakly_canonical(dataset_yaml).string();
  if (const auto found = opened.find(key); found != opened.end() && found->second->stamp == made->stamp) return found->second;
  made->catalogue = readCatalogue(made->spec);
  made->store = FeatureStore::open(made->spec.features);
  opened.clear();  // one at a time: catalogues of large sets are large
  opened[key] = made;
  return made;
}

std::vector<int64_t> usableVideos(const Dataset& data, const std::string& subset, int64_t columns, const std::string& wanted_by) {
  const auto all = data.catalogue.subset(subset);
  if (all.empty()) {
    std::string known;
    for (const std::string& name : data.catalogue.subsetNames()) known += (known.empty() ? "" : ", ") + name;
    throw InputError({.where = data.spec.annotations.string(), .expected = "videos in the subset \"" + subset + "\"", .found = "only " + known,
                      .remedy = "Choose one of these with --subset (or train.training_subset)."});
  }
  auto usable = videosWithFeatures(data.catalogue, *data.store, all);
  if (usable.empty()) {
    throw InputError({.where = data.spec.features.store.string(), .expected = "features of the " + std::to_string(all.size()) + " videos of \"" + subset + "\"",
                      .found = "none of them", .remedy = "Check features.store, features.key and features.prefix in " + data.spec.file.string() + "."});
  }
  const bool any_width = columns == 0;
  for (const int64_t v : usable) {
    const std::string& id = data.catalogue.videos[static_cast<size_t>(v)].id;
    const auto shape = data.store->shape(id);
    if (columns == 0) columns = shape->columns;
    if (shape->columns == columns) continue;
    throw InputError({.where = data.spec.features.store.string() + ": " + id,
                      .expected = std::to_string(columns) + " columns, " + (any_width ? "as the other videos have" : "what " + wanted_by + " was trained on"),
                      .found = std::to_string(shape->columns), .remedy = "Use features of one extractor for all videos and runs."});
  }
  return usable;
}

LoadedModel loadModel(const std::string& run_folder, const std::string& checkpoint, at::Device device) {
  if (!fs::exists(fs::path(run_folder) / "run.json")) {
    throw InputError({.where = run_folder, .expected = "a run folder", .found = fs::exists(run_folder) ? "a folder without run.json" : "nothing",
                      .remedy = "Name a folder that hvlm train has written."});
  }
  refuseImported(run_folder, readRunRecord(run_folder), "a run with weights");
  LoadedModel out;
  out.config = readRunConfig(fs::path(run_folder) / "config.yaml");
  const auto content = loadCheckpoint(run_folder, checkpoint, &out.warnings);
  if (!content) {
    std::string found = "none that reads back whole";
    if (!out.warnings.empty()) found += " (" + out.warnings.front() + ")";
    throw InputError({.where = run_folder + "/checkpoints", .expected = "a checkpoint", .found = found,
                      .remedy = "Train it first: hvlm train --run " + run_folder + " --resume …"});
  }
  if (!device.is_cpu() && usesTower(out.config) && out.config.text.tuning != "none") {
    logInfo("a tuned text tower (text.tuning) computes on the CPU, and the model with it");
    device = at::kCPU;
  }
  const std::string where = run_folder + "/checkpoints/" + checkpointName(content->step);
  out.state = parseState(content->state_json, where + "/state.json");
  out.model = std::make_unique<HierarchicalModel>(out.config, out.state.input_dim, static_cast<int64_t>(out.state.classes.size()), out.config.seed,
                                                 at::TensorOptions().device(device));
  if (usesLanguage(out.config)) out.heads = std::make_unique<LanguageHeads>(*out.model, out.state.vocabulary, out.config.seed);
  loadEvaluationWeights(*content, where, *out.model);
  return out;
}

std::shared_ptr<const Dataset> inClassesOf(const TrainState& state, std::shared_ptr<const Dataset> data, const std::string& run_folder) {
  const double step = data->spec.features.stepSeconds();
  if (std::abs(step - state.step_seconds) > 0.01 * state.step_seconds) {
    throw InputError({.where = data->spec.file.string() + ": features", .expected = "steps of " + fixedNumber(state.step_seconds, 3) + " s (what " + run_folder + " was trained on)",
                      .found = fixedNumber(step, 3) + " s", .remedy = "Use features of the same rate, or correct steps_per_second (or fps and stride)."});
  }
  if (data->catalogue.classes == state.classes) return data;
  std::vector<int64_t> renumbered;
  for (const std::string& name : data->catalogue.classes) {
    const auto found = std::find(state.classes.begin(), state.classes.end(), name);
    if (found == state.classes.end()) {
      throw InputError({.where = data->spec.annotations.string(), .expected = "only classes that " + run_folder + " was trained on", .found = "\"" + name + "\"",
                        .remedy = "Evaluate on a data set with the same classes, or train a run on this one."});
    }
    renumbered.push_back(found - state.classes.begin());
  }
  auto aligned = std::make_shared<Dataset>(*data);
  aligned->catalogue.domain_of_class.assign(state.classes.size(), -1);
  for (size_t c = 0; c < std::min(renumbered.size(), data->catalogue.domain_of_class.size()); ++c) aligned->catalogue.domain_of_class[static_cast<size_t>(renumbered[c])] = data->catalogue.domain_of_class[c];
  for (Video& video : aligned->catalogue.videos) {
    for (Segment& segment : video.segments) {
      if (segment.label >= 0) segment.label = renumbered[static_cast<size_t>(segment.label)];
    }
  }
  aligned->catalogue.classes = state.classes;
  return aligned;
}

}  // namespace hvlm
