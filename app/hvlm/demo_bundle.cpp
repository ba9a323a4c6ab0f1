// SPDX-License-Identifier: Apache-2.0
#include "demo_bundle.h"

#include <algorithm>
#include <cstring>
#include <nlohmann/json.hpp>
#include <set>
#include <vector>

#include "data/catalogue.h"
#include "data/feature_store.h"
#include "data/half.h"
#include "data/hdf5_writer.h"
#include "runs/checkpoint.h"
#include "runs/run_record.h"
#include "support/atomic_file.h"
#include "support/error.h"
#include "support/json_file.h"

namespace hvlm::cli {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kEveryStep = 5;  // of the curves
constexpr size_t kLargestMetrics = size_t{256} << 20;
constexpr const char* kSubset = "validation";

// The first video of each class, then the second of each, and so on.
std::vector<std::string> choose(const Catalogue& catalogue, int64_t wanted) {
  std::vector<std::vector<std::string>> by_class(catalogue.classes.size());
  for (const int64_t v : catalogue.subset(kSubset)) {
    const Video& video = catalogue.videos[static_cast<size_t>(v)];
    if (!video.segments.empty() && video.segments.front().label >= 0) by_class[static_cast<size_t>(video.segments.front().label)].push_back(video.id);
  }
  std::vector<std::string> chosen;
  for (size_t round = 0; static_cast<int64_t>(chosen.size()) < wanted; ++round) {
    const size_t before = chosen.size();
    for (const auto& ids : by_class) {
      if (round < ids.size() && static_cast<int64_t>(chosen.size()) < wanted) chosen.push_back(ids[round]);
    }
    if (chosen.size() == before) break;  // fewer than wanted
  }
  std::sort(chosen.begin(), chosen.end());
  return chosen;
}

// Entries of an object whose key is one of the ids, with or without "v_".
nlohmann::json entriesOf(const nlohmann::json& object, const std::set<std::string>& ids) {
  nlohmann::json kept = nlohmann::json::object();
  for (const auto& [key, value] : object.items()) {
    if (ids.contains(key) || (key.starts_with("v_") && ids.contains(key.substr(2)))) kept[key] = value;
  }
  return kept;
}

void writeData(const DatasetSpec& spec, const Catalogue& catalogue, const std::vector<std::string>& chosen, const fs::path& out) {
  const std::set<std::string> ids(chosen.begin(), chosen.end());
  fs::create_directories(out / "videos");
  nlohmann::json annotations = readJsonFile(spec.annotations);
  annotations["database"] = entriesOf(annotations.at("database"), ids);
  writeJsonFile(out / "annotations.json", annotations);
  std::string yaml = "# Made by \"hvlm demo --bundle\": some validation videos of the demo.\nname: demo\nannotations: annotations.json\n"
                     "features: {store: features.h5, key: c3d_features, steps_per_second: 1.0}\n";
  if (const auto captions = spec.captions.find(kSubset); captions != spec.captions.end()) {
    writeJsonFile(out / "captions_val.json", entriesOf(readJsonFile(captions->second), ids));
    yaml += "captions: {validation: captions_val.json}\n";
  }
  writeFileAtomic(out / "dataset.yaml", yaml + "videos: videos/\n");
  const auto store = FeatureStore::open(spec.features);
  FeatureWriter writer(out / "features.h5");
  for (const std::string& id : chosen) {
    const FeatureMatrix matrix = store->read(id);
    std::vector<uint16_t> halves(matrix.values.size());
    narrowHalf(matrix.values.data(), halves.data(), halves.size());
    writer.write(id, matrix.rows, matrix.columns, halves);
    const fs::path video = spec.videos / (id + ".mp4");
    if (fs::exists(video)) fs::copy_file(video, out / "videos" / video.filename());
  }
  writer.close();
  if (catalogue.classes.empty()) throw InputError({.where = spec.annotations.string(), .expected = "labelled videos", .found = "none", .remedy = ""});
}

PlainTensor halved(const PlainTensor& tensor) {
  if (tensor.dtype != "F32") return tensor;
  const size_t count = tensor.bytes.size() / sizeof(float);
  std::vector<float> values(count);
  std::memcpy(values.data(), tensor.bytes.data(), tensor.bytes.size());
  std::vector<uint16_t> halves(count);
  narrowHalf(values.data(), halves.data(), count);
  PlainTensor out{"F16", tensor.shape, std::vector<std::byte>(count * sizeof(uint16_t))};
  std::memcpy(out.bytes.data(), halves.data(), out.bytes.size());
  return out;
}

// What evaluation reads: the averaged weights, and of the others those that are not averaged.
void writeWeights(const fs::path& run, const fs::path& out) {
  std::vector<std::string> warnings;
  const auto content = loadCheckpoint(run, "best", &warnings);
  if (!content) throw InputError({.where = run.string(), .expected = "a checkpoint", .found = "none", .remedy = "Train the run first."});
  CheckpointContent small{content->step, {}, content->state_json};
  const auto averages = content->files.find("ema");
  if (averages != content->files.end()) {
    for (const auto& [name, tensor] : averages->second) small.files["ema"][name] = halved(tensor);
  }
  for (const auto& [name, tensor] : content->files.at("weights")) {
    if (averages == content->files.end()) small.files["weights"][name] = halved(tensor);
    else if (!averages->second.contains(name)) small.files["weights"][name] = tensor;
  }
  saveCheckpoint(out, small, true);
}

void writeCurves(const fs::path& run, const fs::path& out) {
  const std::string text = readFile(run / "metrics.jsonl", kLargestMetrics);
  std::string kept;
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size());
    const std::string line = text.substr(at, end - at);
    const nlohmann::json point = parseJson(line, "metrics.jsonl");
    const std::string tag = point.at("tag").get<std::string>();
    const bool of_step = tag.starts_with("loss/") || tag.starts_with("train/");
    if (!of_step || point.at("step").get<int64_t>() % kEveryStep == 0) kept += line + '\n';
    at = end + 1;
  }
  writeFileAtomic(out / "metrics.jsonl", kept);
}

void writeRun(const fs::path& run, const std::vector<std::string>& chosen, const fs::path& out) {
  fs::create_directories(out / "predictions");
  fs::copy_file(run / "config.yaml", out / "config.yaml");
  writeWeights(run, out);
  writeCurves(run, out);
  RunRecord record = readRunRecord(run);
  record.name = "demo";
  record.dataset_file = "../data/dataset.yaml";
  record.host.clear();
  record.device = "cpu";
  writeRunRecord(out, record);
  nlohmann::json report = readJsonFile(run / "report.json");
  report["run"] = "demo";
  writeReport(out, report);
  if (fs::exists(run / "attention.jsonl")) fs::copy_file(run / "attention.jsonl", out / "attention.jsonl");
  nlohmann::json predictions = readJsonFile(run / "predictions" / "validation.json");
  predictions["results"] = entriesOf(predictions.at("results"), std::set<std::string>(chosen.begin(), chosen.end()));
  writeFileAtomic(out / "predictions" / "validation.json", predictions.dump() + "\n");
}

}  // namespace

void writeDemoBundle(const BundleOptions& options) {
  if (fs::exists(options.out)) {
    throw InputError({.where = options.out.string(), .expected = "no folder yet", .found = "one", .remedy = "Choose another --bundle, or remove it."});
  }
  const DatasetSpec spec = readDatasetSpec(options.data / "dataset.yaml");
  const Catalogue catalogue = readCatalogue(spec);
  const std::vector<std::string> chosen = choose(catalogue, options.videos);
  const fs::path making = options.out.string() + ".making";
  fs::remove_all(making);
  writeData(spec, catalogue, chosen, making / "data");
  writeRun(options.run, chosen, making / "run");
  fs::rename(making, options.out);
}

}  // namespace hvlm::cli
