// SPDX-License-Identifier: Apache-2.0
#include "engine/train/model_state.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <set>

#include "engine/model/plain_tensor.h"
#include "runs/weight_numbers.h"
#include "support/error.h"
#include "support/json_file.h"

namespace hvlm {
namespace {

const PlainTensor& tensorOf(const CheckpointContent& content, const std::string& file, const std::string& name, const std::string& where) {
  const auto tensors = content.files.find(file);
  if (tensors != content.files.end()) {
    if (const auto found = tensors->second.find(name); found != tensors->second.end()) return found->second;
  }
  throw InputError({.where = where + "/" + file + ".safetensors", .expected = "a tensor named " + name, .found = "none",
                    .remedy = "The weights belong to another config: use the config.yaml of their run."});
}

void restoreModel(const CheckpointContent& content, const std::string& file, const std::string& where, HierarchicalModel& model) {
  for (const Parameter& parameter : model.parameters().all()) {
    copyInto(parameter.value.detach(), tensorOf(content, file, parameter.name, where), where + ": " + parameter.name);
  }
  for (const NamedTensor& buffer : model.buffers()) {
    copyInto(buffer.value, tensorOf(content, "weights", buffer.name, where), where + ": " + buffer.name);
  }
}

// One extent is the number of classes, answers or words of each run, and nothing else differs.
bool countsDiffer(const std::vector<int64_t>& shape, const TrainState& state, const std::vector<int64_t>& other, const TrainState& theirs) {
  if (shape.size() != other.size()) return false;
  const auto counts = [](const TrainState& s) {
    return std::array{static_cast<int64_t>(s.classes.size()), static_cast<int64_t>(s.vocabulary.answers.size()),
                      static_cast<int64_t>(s.vocabulary.words.size()) + kFirstWord};
  };
  const auto ours = counts(state), of_theirs = counts(theirs);
  int64_t differing = 0;
  for (size_t d = 0; d < shape.size(); ++d) {
    if (shape[d] == other[d]) continue;
    bool counted = false;
    for (size_t c = 0; c < ours.size(); ++c) counted = counted || (shape[d] == ours[c] && other[d] == of_theirs[c]);
    if (!counted) return false;
    ++differing;
  }
  return differing == 1;
}

}  // namespace

std::string stateJson(const TrainState& s) {
  nlohmann::json json = {{"step", s.step}, {"epoch", s.epoch}, {"batch_in_epoch", s.batch_in_epoch},
                               {"best_score", s.best_score}, {"best_step", s.best_step}, {"running_positives", s.running_positives},
                               {"average_updates", s.average_updates}, {"seed", s.seed}, {"input_dim", s.input_dim},
                               {"classes", s.classes}, {"step_seconds", s.step_seconds}, {"config_hash", s.config_hash}};
  if (s.loss_scale != TrainState().loss_scale || s.scaled_steps != 0) {
    json["loss_scale"] = s.loss_scale;
    json["scaled_steps"] = s.scaled_steps;
  }
  if (s.still_steps != 0) json["still_steps"] = s.still_steps;
  if (s.vocabulary != LanguageVocabulary{}) json["vocabulary"] = vocabularyJson(s.vocabulary);
  return json.dump(2) + "\n";
}

TrainState parseState(const std::string& text, const std::string& where) {
  const nlohmann::json json = parseJson(text, where);
  TrainState s;
  try {
    json.at("step").get_to(s.step);
    json.at("epoch").get_to(s.epoch);
    json.at("batch_in_epoch").get_to(s.batch_in_epoch);
    json.at("best_score").get_to(s.best_score);
    json.at("best_step").get_to(s.best_step);
    json.at("running_positives").get_to(s.running_positives);
    json.at("average_updates").get_to(s.average_updates);
    json.at("seed").get_to(s.seed);
    json.at("input_dim").get_to(s.input_dim);
    json.at("classes").get_to(s.classes);
    json.at("step_seconds").get_to(s.step_seconds);
    json.at("config_hash").get_to(s.config_hash);
    s.loss_scale = json.value("loss_scale", s.loss_scale);
    s.scaled_steps = json.value("scaled_steps", s.scaled_steps);
    s.still_steps = json.value("still_steps", s.still_steps);
  } catch (const nlohmann::json::exception&) {
    throw InputError({.where = where, .expected = "the state of a training run", .found = "another JSON",
                      .remedy = "The checkpoint was written by another version: train anew."});
  }
  if (json.contains("vocabulary")) s.vocabulary = vocabularyOfJson(json.at("vocabulary"), where + ": vocabulary");
  return s;
}

CheckpointContent makeCheckpoint(const TrainState& state, const HierarchicalModel& model, AdamW& optimizer, MovingAverage* average) {
  CheckpointContent content;
  content.step = state.step;
  content.state_json = stateJson(state);
  TensorMap& weights = content.files["weights"];
  for (const Parameter& parameter : model.parameters().all()) weights[parameter.name] = toPlain(parameter.value);
  for (const NamedTensor& buffer : model.buffers()) weights[buffer.name] = toPlain(buffer.value);
  TensorMap& moments = content.files["optimizer"];
  for (size_t i = 0; i < optimizer.tensors().size(); ++i) {
    moments["first." + optimizer.tensors()[i].name] = toPlain(optimizer.firstMoments()[i]);
    moments["second." + optimizer.tensors()[i].name] = toPlain(optimizer.secondMoments()[i]);
  }
  if (average) {
    TensorMap& averages = content.files["ema"];
    for (size_t i = 0; i < optimizer.tensors().size(); ++i) averages[optimizer.tensors()[i].name] = toPlain(average->averages()[i]);
  }
  return content;
}

void restoreCheckpoint(const CheckpointContent& content, const std::string& where, HierarchicalModel& model, AdamW& optimizer,
                       MovingAverage* average) {
  restoreModel(content, "weights", where, model);
  for (size_t i = 0; i < optimizer.tensors().size(); ++i) {
    const std::string& name = optimizer.tensors()[i].name;
    copyInto(optimizer.firstMoments()[i], tensorOf(content, "optimizer", "first." + name, where), where + ": first." + name);
    copyInto(optimizer.secondMoments()[i], tensorOf(content, "optimizer", "second." + name, where), where + ": second." + name);
    if (average) copyInto(average->averages()[i], tensorOf(content, "ema", name, where), where + ": ema " + name);
  }
  optimizer.setSteps(content.step);
}

void loadEvaluationWeights(const CheckpointContent& content, const std::string& where, HierarchicalModel& model) {
  restoreModel(content, content.files.contains("ema") ? "ema" : "weights", where, model);
}

std::string firstOf(const std::vector<std::string>& names) {
  constexpr size_t kMost = 10;
  std::string text;
  for (size_t i = 0; i < std::min(kMost, names.size()); ++i) text += (i > 0 ? "; " : "") + names[i];
  return names.size() > kMost ? text + "; and " + std::to_string(names.size() - kMost) + " more" : text;
}

MatchedWeights loadMatchingWeights(const CheckpointContent& content, const std::string& where, const TrainState& state,
                                   HierarchicalModel& model) {
  const TrainState theirs = parseState(content.state_json, where + "/state.json");
  const auto tensors = content.files.find(content.files.contains("ema") ? "ema" : "weights");
  MatchedWeights matched;
  std::vector<std::string> differing;
  std::set<std::string> encoder;  // what the model has of it
  for (const Parameter& parameter : model.parameters().all()) {
    const bool known = tensors != content.files.end() && tensors->second.contains(parameter.name);
    const std::vector<int64_t> shape = parameter.value.sizes().vec();
    const std::string here = parameter.name + " " + shapeText(shape) + " here, ";
    const bool of_encoder = parameter.name.starts_with("encoder.");
    if (of_encoder) encoder.insert(parameter.name);
    if (!known) {
      (of_encoder ? differing : matched.fresh).push_back(here + "not there");
      continue;
    }
    const PlainTensor& other = tensors->second.at(parameter.name);
    if (other.shape == shape) {
      copyInto(parameter.value.detach(), other, where + ": " + parameter.name);
      ++matched.copied;
    } else {
      (countsDiffer(shape, state, other.shape, theirs) ? matched.fresh : differing).push_back(here + shapeText(other.shape) + " there");
    }
  }
  if (tensors != content.files.end()) {
    for (const auto& [name, tensor] : tensors->second) {
      if (name.starts_with("encoder.") && !encoder.contains(name))
        differing.push_back(name + " " + shapeText(tensor.shape) + " there, not here");
    }
  }
  if (differing.empty() && matched.copied > 0) return matched;
  throw InputError(
      {.where = where,
       .expected = "weights that fit this config (train.init starts from them)",
       .found = differing.empty() ? "none of them" : std::to_string(differing.size()) + " of another shape: " + firstOf(differing),
       .remedy = "Copy the groups encoder, pyramid and head from the config.yaml of that run, or leave train.init empty."});
}

}  // namespace hvlm
