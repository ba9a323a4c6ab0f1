// SPDX-License-Identifier: Apache-2.0
#include "engine/eval/baselines.h"

#include <ATen/ATen.h>

#include <nlohmann/json.hpp>
#include <stdexcept>

#include "engine/model/plain_tensor.h"
#include "runs/safetensors.h"
#include "support/atomic_file.h"
#include "support/error.h"
#include "support/json_file.h"

namespace hvlm {
namespace {

std::filesystem::path fileOf(const std::filesystem::path& run) { return run / "probes.safetensors"; }

// The named probes, so that saving and loading are one loop.
template <class B, class F>
void eachProbe(B& baselines, F&& f) {
  f("raw_video", baselines.raw_video);
  f("raw_step", baselines.raw_step);
  f("random_video", baselines.random_video);
  f("run_video", baselines.run_video);
  f("run_step", baselines.run_step);
}

// Throws std::out_of_range when parts do not fit together.
void check(const Baselines& b) {
  const auto classes = static_cast<int64_t>(b.classes.size());
  const auto require = [](bool fits) {
    if (!fits) throw std::out_of_range("parts disagree");
  };
  require(b.main_label_share.size() == b.classes.size());
  require(b.class_segments.empty() || b.class_segments.size() == b.classes.size());
  eachProbe(b, [&](const std::string& name, const std::optional<LinearProbe>& probe) {
    if (!probe) return;
    const int64_t outputs = name.ends_with("_step") ? classes + 1 : classes;  // background comes last
    require(probe->weight.dim() == 2 && probe->weight.size(0) == outputs && probe->bias.dim() == 1 && probe->bias.size(0) == outputs);
    require(probe->scale > 0.0);
  });
  // Without control rows (and for raw features themselves) some of the raw_* and random_* probes are left out.
  require(b.raw_video.has_value() || (!b.raw_step.has_value() && !b.random_video.has_value()));
  require(b.run_video.has_value() == b.run_step.has_value() && b.run_video.has_value() == b.bank.defined());
  if (!b.bank.defined()) return;
  require(b.bank.dim() == 2 && b.bank.size(0) == static_cast<int64_t>(b.bank_labels.size()) && b.bank.size(0) > 0);
  for (const int64_t label : b.bank_labels) require(label >= 0 && label < classes);
}

}  // namespace

void saveBaselines(const std::filesystem::path& run, const Baselines& baselines) {
  TensorMap tensors;
  nlohmann::json about = {{"classes", baselines.classes},
                          {"main_label_share", baselines.main_label_share},
                          {"constant_start", baselines.constant_start},
                          {"constant_end", baselines.constant_end},
                          {"random_seed", baselines.random_seed},
                          {"bank_labels", baselines.bank_labels},
                          {"checkpoint_step", baselines.checkpoint_step}};
  for (const ConstantSegment& s : baselines.class_segments) about["class_segments"].push_back({s.start_share, s.end_share});
  eachProbe(baselines, [&](const std::string& name, const std::optional<LinearProbe>& probe) {
    if (!probe) return;
    tensors[name + ".weight"] = toPlain(probe->weight);
    tensors[name + ".bias"] = toPlain(probe->bias);
    about["scales"][name] = probe->scale;
  });
  if (baselines.bank.defined()) tensors["bank"] = toPlain(baselines.bank);
  writeFileAtomic(fileOf(run), encodeSafetensors(tensors, {{"about", about.dump()}}));
}

std::optional<Baselines> loadBaselines(const std::filesystem::path& run) {
  const std::filesystem::path path = fileOf(run);
  if (!std::filesystem::exists(path)) return std::nullopt;
  std::map<std::string, std::string> metadata;
  const TensorMap tensors = readSafetensors(path, &metadata);
  Baselines out;
  try {
    const nlohmann::json about = parseJson(metadata.at("about"), path.string());
    about.at("classes").get_to(out.classes);
    about.at("main_label_share").get_to(out.main_label_share);
    about.at("constant_start").get_to(out.constant_start);
    about.at("constant_end").get_to(out.constant_end);
    for (const auto& [start, end] : about.value("class_segments", std::vector<std::pair<double, double>>())) out.class_segments.push_back({start, end});
    about.at("random_seed").get_to(out.random_seed);
    about.at("bank_labels").get_to(out.bank_labels);
    about.at("checkpoint_step").get_to(out.checkpoint_step);
    eachProbe(out, [&](const std::string& name, std::optional<LinearProbe>& probe) {
      const auto weight = tensors.find(name + ".weight");
      if (weight == tensors.end()) return;
      probe.emplace();
      probe->weight = fromPlain(weight->second, path.string());
      probe->bias = fromPlain(tensors.at(name + ".bias"), path.string());
      about.at("scales").at(name).get_to(probe->scale);
    });
    if (const auto bank = tensors.find("bank"); bank != tensors.end()) out.bank = fromPlain(bank->second, path.string());
    check(out);
  } catch (const std::out_of_range&) {
    throw InputError({.where = path.string(), .expected = "the probes of a run", .found = "an incomplete file",
                      .remedy = "Resume the run with --resume to fit them again."});
  } catch (const nlohmann::json::exception&) {
    throw InputError({.where = path.string(), .expected = "the probes of a run", .found = "another description",
                      .remedy = "Resume the run with --resume to fit them again."});
  }
  return out;
}

}  // namespace hvlm
