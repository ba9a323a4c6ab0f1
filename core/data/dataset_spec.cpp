// SPDX-License-Identifier: Apache-2.0
#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <cmath>
#include <set>
#include <sstream>

#include "data/catalogue.h"
#include "support/atomic_file.h"
#include "support/error.h"
#include "support/text.h"

namespace hvlm {
namespace fs = std::filesystem;
namespace {

constexpr size_t kLargestYaml = size_t{1} << 20;
constexpr int kDeepest = 8;

// Refuses aliases and deep nesting while the parser still reads, before any tree is built.
class BoundsCheck : public YAML::EventHandler {
 public:
  explicit BoundsCheck(std::string where) : where_(std::move(where)) {}
  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark&, YAML::anchor_t) override {}
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override { refuse(mark, "plain values", "an alias (*name)"); }
  void OnScalar(const YAML::Mark&, const std::string&, YAML::anchor_t, const std::string&) override {}
  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {
    enter(mark);
  }
  void OnSequenceEnd() override { --depth_; }
  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t, YAML::EmitterStyle::value) override {
    enter(mark);
  }
  void OnMapEnd() override { --depth_; }

 private:
  void enter(const YAML::Mark& mark) {
    if (++depth_ > kDeepest) refuse(mark, "at most " + std::to_string(kDeepest) + " levels", "more");
  }
  [[noreturn]] void refuse(const YAML::Mark& mark, const std::string& expected, const std::string& found) const {
    throw InputError({.where = where_ + ", line " + std::to_string(mark.line + 1),
                      .expected = expected,
                      .found = found,
                      .remedy = "Write it out plainly; see the README for the keys of a dataset.yaml."});
  }
  std::string where_;
  int depth_ = 0;
};

class SpecReader {
 public:
  explicit SpecReader(const fs::path& file) : file_(file), folder_(fs::absolute(file).parent_path()) {}

  DatasetSpec read() {
    const YAML::Node root = load();
    eachKey(root, "", {"name", "annotations", "features", "captions", "questions", "lists", "videos"});
    spec_.file = fs::absolute(file_).lexically_normal();
    spec_.name = root["name"] ? text(root["name"], "name") : folder_.filename().string();
    if (!root["annotations"]) missing("annotations", "Add \"annotations: FILE.json\", in the ActivityNet schema.");
    spec_.annotations = path(root["annotations"], "annotations");
    if (!root["features"]) missing("features", "Add \"features: {store: features.h5, steps_per_second: 1.0}\".");
    readFeatures(root["features"]);
    for (const auto& [subset, node] : group(root["captions"], "captions")) {
      spec_.captions[subset] = path(node, "captions." + subset);
    }
    for (const auto& [subset, node] : group(root["questions"], "questions")) {
      spec_.questions[subset] = questionFiles(node, "questions." + subset);
    }
    for (const auto& [subset, node] : group(root["lists"], "lists")) {
      (subset == "blocked" ? spec_.blocked : subset == "holdout" ? spec_.holdout : spec_.lists[subset]) = path(node, "lists." + subset);
    }
    if (root["videos"] && !root["videos"].IsNull()) spec_.videos = path(root["videos"], "videos");
    return spec_;
  }

 private:
  YAML::Node load() const {
    const std::string bytes = readFile(file_, kLargestYaml);
    try {
      std::istringstream stream(bytes);
      YAML::Parser parser(stream);
      BoundsCheck bounds(file_.string());
      parser.HandleNextDocument(bounds);
      const YAML::Node root = YAML::Load(bytes);
      if (root.IsMap()) return root;
    } catch (const YAML::Exception& error) {
      throw InputError({.where = file_.string() + ", line " + std::to_string(error.mark.line + 1),
                        .expected = "valid YAML",
                        .found = shortened(error.msg),
                        .remedy = "Check the indentation and the quotes."});
    }
    throw InputError({.where = file_.string(),
                      .expected = "a dataset.yaml with the keys annotations and features",
                      .found = trimmed(bytes).empty() ? "an empty file" : "something else",
                      .remedy = "See the README for an example."});
  }

  std::string at(const YAML::Node& node, const std::string& key) const {
    const YAML::Mark mark = node.Mark();
    return file_.string() + (mark.line >= 0 ? ", line " + std::to_string(mark.line + 1) : "") +
           (key.empty() ? "" : ": " + key);
  }
  [[noreturn]] void missing(const std::string& key, const std::string& remedy) const {
    throw InputError(
        {.where = file_.string(), .expected = "the key \"" + key + "\"", .found = "none", .remedy = remedy});
  }
  [[noreturn]] void refuse(const YAML::Node& node, const std::string& key, const std::string& expected,
                           const std::string& found) const {
    throw InputError({.where = at(node, key), .expected = expected, .found = found, .remedy = "Correct this key."});
  }

  // Checks that the keys of a group are known and occur once.
  void eachKey(const YAML::Node& node, const std::string& prefix, const std::vector<std::string>& known) const {
    if (!node.IsMap()) refuse(node, prefix, "a group of keys", "a single value or a list");
    std::set<std::string> seen;
    for (const auto& entry : node) {
      const std::string key = entry.first.IsScalar() ? entry.first.Scalar() : "";
      if (std::find(known.begin(), known.end(), key) == known.end()) {
        const std::string nearest = nearestWord(key, known);
        std::string all;
        for (const std::string& word : known) all += (all.empty() ? "" : ", ") + word;
        throw InputError(
            {.where = at(entry.first, prefix),
             .expected = "a known key",
             .found = "\"" + shortened(key) + "\"",
             .remedy = nearest.empty() ? "The keys are " + all + "." : "Did you mean \"" + nearest + "\"?"});
      }
      if (!seen.insert(key).second) refuse(entry.first, prefix, "each key once", "\"" + key + "\" again");
    }
  }
  // The entries of an optional group whose keys are subset names.
  std::vector<std::pair<std::string, YAML::Node>> group(const YAML::Node& node, const std::string& key) const {
    std::vector<std::pair<std::string, YAML::Node>> entries;
    if (!node || node.IsNull()) return entries;
    if (!node.IsMap()) refuse(node, key, "a group of keys, one per subset", "a single value or a list");
    std::set<std::string> seen;
    for (const auto& entry : node) {
      if (!entry.first.IsScalar()) refuse(entry.first, key, "the name of a subset", "a structure");
      if (!seen.insert(entry.first.Scalar()).second) {
        refuse(entry.first, key, "each key once", "\"" + shortened(entry.first.Scalar()) + "\" again");
      }
      entries.emplace_back(entry.first.Scalar(), entry.second);
    }
    return entries;
  }

  std::string text(const YAML::Node& node, const std::string& key) const {
    if (node.IsNull()) return "";
    if (!node.IsScalar()) refuse(node, key, "a single value", "a structure");
    return node.Scalar();
  }
  fs::path path(const YAML::Node& node, const std::string& key) const {
    const std::string name = text(node, key);
    if (name.empty()) refuse(node, key, "a path", "nothing");
    if (name.find('\0') != std::string::npos) refuse(node, key, "a path", "a text with a NUL in it");
    return (folder_ / name).lexically_normal();  // an absolute `name` stays as it is
  }
  double number(const YAML::Node& node, const std::string& key, double most) const {
    const std::string word = text(node, key);
    const auto value = parseNumber(word);
    if (!value || !std::isfinite(*value) || *value <= 0.0 || *value > most) {
      refuse(node, key, "a number above 0 and at most " + exactNumber(most), "\"" + shortened(word) + "\"");
    }
    return *value;
  }
  int64_t whole(const YAML::Node& node, const std::string& key) const {
    const double value = number(node, key, 1e6);
    if (value != std::floor(value)) refuse(node, key, "a whole number", exactNumber(value));
    return static_cast<int64_t>(value);
  }
  std::vector<fs::path> questionFiles(const YAML::Node& node, const std::string& key) const {
    if (node.IsScalar()) return {path(node, key)};
    if (!node.IsSequence() || node.size() < 1 || node.size() > 2) {
      refuse(node, key, "[questions.json, answers.json]", "something else");
    }
    std::vector<fs::path> files;
    for (const auto& item : node) files.push_back(path(item, key));
    return files;
  }

  void readFeatures(const YAML::Node& node) {
    eachKey(node, "features", {"store", "key", "prefix", "steps_per_second", "fps", "stride", "clip"});
    FeatureSpec& features = spec_.features;
    if (!node["store"]) refuse(node, "features", "the key \"store\"", "none");
    features.store = path(node["store"], "features.store");
    if (node["key"]) features.key = text(node["key"], "features.key");
    if (node["prefix"]) features.prefix = text(node["prefix"], "features.prefix");
    const bool by_rate = static_cast<bool>(node["steps_per_second"]);
    const bool by_frames = node["fps"] || node["stride"] || node["clip"];
    if (by_rate == by_frames) {
      refuse(node, "features", "either steps_per_second, or fps, stride and clip", by_rate ? "both" : "neither");
    }
    if (by_rate) {
      features.steps_per_second = number(node["steps_per_second"], "features.steps_per_second", 1e4);
      return;
    }
    if (!node["fps"] || !node["stride"]) refuse(node, "features", "fps and stride together", "only one of them");
    features.fps = number(node["fps"], "features.fps", 1e4);
    features.stride = whole(node["stride"], "features.stride");
    features.clip = node["clip"] ? whole(node["clip"], "features.clip") : features.stride;
  }

  fs::path file_;
  fs::path folder_;
  DatasetSpec spec_;
};

}  // namespace

double FeatureSpec::stepSeconds() const {
  if (steps_per_second > 0.0) return 1.0 / steps_per_second;
  return fps > 0.0 && stride > 0 ? static_cast<double>(stride) / fps : 1.0;
}

double FeatureSpec::stepCentreSeconds(int64_t i) const {
  if (steps_per_second > 0.0 || fps <= 0.0) return (static_cast<double>(i) + 0.5) * stepSeconds();
  return (static_cast<double>(i * stride) + 0.5 * static_cast<double>(clip)) / fps;
}

DatasetSpec readDatasetSpec(const fs::path& dataset_yaml) {
  const bool is_folder = fs::is_directory(dataset_yaml);
  return SpecReader(is_folder ? dataset_yaml / "dataset.yaml" : dataset_yaml).read();
}

}  // namespace hvlm
