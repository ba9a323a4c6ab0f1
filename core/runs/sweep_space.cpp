// SPDX-License-Identifier: Apache-2.0
#include "runs/sweep_space.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>
#include <string_view>

#include "support/atomic_file.h"
#include "support/error.h"
#include "support/text.h"

namespace hvlm {
namespace {

constexpr size_t kLargestSpace = size_t{1} << 20;
constexpr size_t kMostChoices = 1000;
constexpr int kDeepest = 4;

struct KindName {
  SpaceKind kind;
  const char* name;
};
constexpr std::array<KindName, 5> kKinds = {{{SpaceKind::kChoice, "choice"},
                                             {SpaceKind::kUniform, "uniform"},
                                             {SpaceKind::kLogUniform, "log_uniform"},
                                             {SpaceKind::kInt, "int"},
                                             {SpaceKind::kLogInt, "log_int"}}};
constexpr const char* kForms = "a list of values, or {uniform: [a, b]}, {log_uniform: [a, b]}, {int: [a, b]}, {log_int: [a, b]}";

// Keys that trials must share to be compared at all, or that change nothing.
constexpr std::array<std::string_view, 12> kShared = {"seed", "device", "train.epochs", "train.threads", "train.checkpoint_steps", "train.checkpoint_minutes",
                                                      "train.evaluate_epochs", "train.patience", "train.holdout", "train.select", "train.training_subset", "train.init"};

bool isLogarithmic(SpaceKind kind) { return kind == SpaceKind::kLogUniform || kind == SpaceKind::kLogInt; }
bool isWhole(SpaceKind kind) { return kind == SpaceKind::kInt || kind == SpaceKind::kLogInt; }

double numberOf(const Field& field) {
  if (const auto* value = std::get_if<double*>(&field.value)) return **value;
  if (const auto* value = std::get_if<int64_t*>(&field.value)) return static_cast<double>(**value);
  return std::nan("");
}

class SpaceReader {
 public:
  explicit SpaceReader(std::string where) : where_(std::move(where)), fields_(scratch_) {}

  SweepSpace read(const std::string& text) {
    YAML::Node root;
    try {
      root = YAML::Load(text);
    } catch (const YAML::Exception& error) {
      throw InputError({.where = where_ + ", line " + std::to_string(error.mark.line + 1), .expected = "valid YAML", .found = error.msg,
                        .remedy = "Check the indentation and the quotes."});
    }
    if (!root.IsNull() && !root.IsMap()) refuse(where_, "config keys and their values", "something else", "Start from configs/spaces/recommended-small.yaml.");
    if (root.IsMap()) readGroup(root, "", 0);
    if (space_.keys.empty()) refuse(where_, "at least one config key to draw", "none", "Write one like train.lr: {log_uniform: [0.0001, 0.002]}.");
    checkOrder();
    return std::move(space_);
  }

 private:
  [[noreturn]] static void refuse(const std::string& where, const std::string& expected, const std::string& found, const std::string& remedy) {
    throw InputError({.where = where, .expected = expected, .found = found, .remedy = remedy});
  }
  std::string lineOf(const YAML::Node& node) const { return where_ + ", line " + std::to_string(node.Mark().line + 1); }

  void readGroup(const YAML::Node& node, const std::string& prefix, int depth) {
    if (depth > kDeepest) refuse(where_, "at most " + std::to_string(kDeepest) + " levels", "more", "Check the indentation.");
    for (const auto& entry : node) {
      const std::string at = lineOf(entry.first);
      if (!entry.first.IsScalar()) refuse(at, "a config key", "a structure", "Write keys as plain words.");
      const std::string path = prefix + entry.first.Scalar();
      if (const Field* field = fields_.find(path)) {
        if (!seen_.insert(path).second) refuse(at, "each key once", "\"" + path + "\" again", "Remove one of them.");
        readKey(*field, entry.second, at);
        continue;
      }
      const auto& groups = fields_.groups();
      const bool is_group = std::any_of(groups.begin(), groups.end(), [&](const auto& group) { return group.first == path; });
      if (!is_group) fields_.set(path, "", at);  // throws, naming the nearest key
      if (!entry.second.IsMap()) refuse(at + ": " + path, "config keys of this group", "a single value", "Indent its keys below it.");
      readGroup(entry.second, path + ".", depth + 1);
    }
  }

  void readKey(const Field& field, const YAML::Node& node, const std::string& at) {
    if (std::find(kShared.begin(), kShared.end(), field.path) != kShared.end()) {
      refuse(at + ": " + field.path, "a key that makes another model or another training", "one that all trials must share to be compared",
             "Set it in the config, or with --set.");
    }
    SpaceKey key;
    key.path = field.path;
    if (node.IsSequence()) {
      key.choices = valuesOf(field, node, at);
    } else if (node.IsMap()) {
      readForm(field, node, at, key);
    } else {
      refuse(at + ": " + field.path, kForms, "a single value", "A key with one value belongs into the config.");
    }
    space_.keys.push_back(std::move(key));
  }

  void readForm(const Field& field, const YAML::Node& node, const std::string& at, SpaceKey& key) {
    bool has_form = false;
    for (const auto& entry : node) {
      const std::string name = entry.first.IsScalar() ? entry.first.Scalar() : "";
      if (name == "when") {
        readCondition(field, entry.second, at, key);
        continue;
      }
      const auto kind = std::find_if(kKinds.begin(), kKinds.end(), [&](const KindName& known) { return name == known.name; });
      if (kind == kKinds.end()) {
        std::vector<std::string> known = {"when"};
        for (const KindName& one : kKinds) known.emplace_back(one.name);
        const std::string nearest = nearestWord(name, known);
        refuse(at + ": " + field.path, kForms, "\"" + shortened(name) + "\"", nearest.empty() ? "" : "Did you mean \"" + nearest + "\"?");
      }
      if (has_form) refuse(at + ": " + field.path, "one of choice, uniform, log_uniform, int, log_int", "two of them", "Remove one.");
      has_form = true;
      key.kind = kind->kind;
      if (key.kind == SpaceKind::kChoice) {
        key.choices = valuesOf(field, entry.second, at);
      } else {
        readRange(field, entry.second, at, key);
      }
    }
    if (!has_form) refuse(at + ": " + field.path, kForms, "no values", "");
  }

  // Each value as the config would keep it; the scratch config is written to on the way.
  std::vector<std::string> valuesOf(const Field& field, const YAML::Node& node, const std::string& at) const {
    if (!node.IsSequence() || node.size() == 0 || node.size() > kMostChoices) {
      refuse(at + ": " + field.path, "a list of 1 to " + std::to_string(kMostChoices) + " values", node.IsSequence() ? std::to_string(node.size()) + " values" : "something else",
             "Write it as [a, b, c].");
    }
    std::vector<std::string> values;
    for (const YAML::Node& item : node) {
      if (!item.IsScalar()) refuse(at + ": " + field.path, "plain values", "something nested", "Write it as [a, b, c].");
      fields_.set(field.path, item.Scalar(), at);
      const std::string value = trialText(field);
      if (std::find(values.begin(), values.end(), value) != values.end()) refuse(at + ": " + field.path, "each value once", value + " again", "Remove one of them.");
      values.push_back(value);
    }
    return values;
  }

  void readRange(const Field& field, const YAML::Node& node, const std::string& at, SpaceKey& key) const {
    const std::string where = at + ": " + field.path;
    const bool real = std::holds_alternative<double*>(field.value), whole = std::holds_alternative<int64_t*>(field.value);
    if (!real && !whole) refuse(where, "a list of values", "a range", "Only numbers have ranges: write [a, b, c].");
    if (whole && !isWhole(key.kind)) refuse(where, "int or log_int for a whole number", "uniform", "Write {int: [a, b]} or {log_int: [a, b]}.");
    if (!node.IsSequence() || node.size() != 2 || !node[0].IsScalar() || !node[1].IsScalar()) refuse(where, "two ends, [lowest, highest]", "something else", "");
    std::array<double, 2> ends = {};
    for (size_t i = 0; i < 2; ++i) {
      fields_.set(field.path, node[i].Scalar(), at);
      ends[i] = numberOf(field);
      if (!std::isfinite(ends[i]) || (isWhole(key.kind) && ends[i] != std::floor(ends[i]))) refuse(where, isWhole(key.kind) ? "whole numbers" : "finite numbers", node[i].Scalar(), "");
    }
    if (ends[0] >= ends[1]) refuse(where, "a lower end below the upper one", node[0].Scalar() + " and " + node[1].Scalar(), "");
    if (isLogarithmic(key.kind) && ends[0] <= 0.0) refuse(where, "a lower end above 0 for a logarithmic range", node[0].Scalar(), "Raise it, or take uniform or int.");
    key.low = ends[0];
    key.high = ends[1];
  }

  void readCondition(const Field& field, const YAML::Node& node, const std::string& at, SpaceKey& key) const {
    if (!node.IsMap()) refuse(at + ": " + field.path, "when: {key: value}", "something else", "");
    for (const auto& entry : node) {
      const std::string path = entry.first.IsScalar() ? entry.first.Scalar() : "";
      const Field* other = fields_.find(path);
      if (!other) fields_.set(path, "", at + ": " + field.path + ": when");  // throws, naming the nearest key
      if (path == field.path) refuse(at + ": " + field.path + ": when", "another key", "itself", "");
      YAML::Node list(YAML::NodeType::Sequence);
      if (entry.second.IsScalar()) list.push_back(entry.second);
      key.when.emplace_back(path, valuesOf(*other, entry.second.IsScalar() ? list : entry.second, at));
    }
  }

  // A condition is looked at when its key has been drawn.
  void checkOrder() const {
    std::set<std::string> above;
    for (const SpaceKey& key : space_.keys) {
      for (const auto& [path, values] : key.when) {
        if (!seen_.contains(path) || above.contains(path)) continue;
        refuse(where_ + ": " + key.path + ": when", "a key written above " + key.path, path + ", which stands below it", "Change their order.");
      }
      above.insert(key.path);
    }
  }

  const std::string where_;
  RunConfig scratch_;
  const Fields fields_;
  SweepSpace space_;
  std::set<std::string> seen_;
};

}  // namespace

SweepSpace parseSweepSpace(const std::string& text, const std::string& where) {
  if (text.size() > kLargestSpace) {
    throw InputError({.where = where, .expected = "at most 1 MB of YAML", .found = humanBytes(static_cast<double>(text.size())), .remedy = "This is probably another kind of file."});
  }
  return SpaceReader(where).read(text);
}

SweepSpace readSweepSpace(const std::filesystem::path& file) { return parseSweepSpace(readFile(file, kLargestSpace), file.string()); }

nlohmann::json spaceJson(const SweepSpace& space) {
  nlohmann::json list = nlohmann::json::array();
  for (const SpaceKey& key : space.keys) {
    nlohmann::json one = {{"key", key.path}};
    const auto kind = std::find_if(kKinds.begin(), kKinds.end(), [&](const KindName& known) { return known.kind == key.kind; });
    one[kind->name] = key.kind == SpaceKind::kChoice ? nlohmann::json(key.choices) : nlohmann::json({key.low, key.high});
    for (const auto& [path, values] : key.when) one["when"][path] = values;
    list.push_back(std::move(one));
  }
  return list;
}

}  // namespace hvlm
