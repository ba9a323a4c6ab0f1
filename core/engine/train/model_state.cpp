// SPDX-License-Identifier: Apache-2.0
#include "engine/train/model_state.h"

#include <ATen/ATen.h>

#include <nlohmann/json.hpp>

#include "engine/model/plain_tensor.h"
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

int64_t loadMatchingWeights(const CheckpointContent& content, const std::string& where, HierarchicalModel& model) {
  const auto tensors = content.files.find(content.files.contains("ema") ? "ema" : "weights");
  int64_t copied = 0;
  bool encoder = false;
  std::string differs;
  for (const Parameter& parameter : model.parameters().all()) {
    const bool known = tensors != content.files.end() && tensors->second.contains(parameter.name);
    if (known && tensors->second.at(parameter.name).shape == parameter.value.sizes().vec()) {
      copyInto(parameter.value.detach(), tensors->second.at(parameter.name), where + ": " + parameter.name);
      encoder = encoder || parameter.name.starts_with("encoder.");
      ++copied;
    } else if (differs.empty()) {
      differs = parameter.name + (known ? " of another shape" : " is not in it");
    }
  }
  if (encoder) return copied;
  throw InputError({.where = where, .expected = "an encoder of the same width and layers as this config's (train.init starts from it)",
                    .found = differs.empty() ? "none" : differs, .remedy = "Copy the group encoder from the config.yaml of that run, or leave train.init empty."});
}

}  // namespace hvlm
