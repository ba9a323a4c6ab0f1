// SPDX-License-Identifier: Apache-2.0
#include "engine/language/tuned_files.h"

#include <ATen/ATen.h>
#include <fcntl.h>
#include <stdio.h>  // renameat2

#include <algorithm>
#include <vector>

#include "engine/model/plain_tensor.h"
#include "runs/safetensors.h"
#include "support/atomic_file.h"
#include "support/describe.h"
#include "support/error.h"
#include "support/hash.h"
#include "support/json_file.h"
#include "support/text.h"

namespace hvlm {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr const char* kForm = "hvlm tune";
constexpr const char* kPeft = "base_model.model.";  // before a layer's name in PEFT's files

[[noreturn]] void refuse(const std::string& where, const std::string& expected, const std::string& found, const std::string& remedy) {
  throw InputError({.where = where, .expected = expected, .found = found, .remedy = remedy});
}

json recordJson(const TunedRecord& r) {
  json out = {{"made_by", kForm},
              {"stage", r.stage},
              {"model", r.model_folder},
              {"model_hash", r.model_hash},
              {"run", r.run_folder},
              {"run_id", r.run_id},
              {"checkpoint_step", r.checkpoint_step},
              {"chat_template", r.chat_template},
              {"visual_levels", levelsText(r.visual)},
              {"visual_tokens", r.visual.tokens},
              {"node_width", r.node_width},
              {"model_width", r.model_width},
              {"history", r.history}};
  if (r.stage == "lora") out["lora"] = {{"rank", r.lora.rank}, {"alpha", r.lora.alpha}};
  return out;
}

json adapterConfig(const TunedRecord& r) {
  return {{"peft_type", "LORA"}, {"task_type", "CAUSAL_LM"},   {"base_model_name_or_path", r.model_folder},
          {"r", r.lora.rank},    {"lora_alpha", r.lora.alpha}, {"target_modules", r.lora.targets},
          {"bias", "none"},      {"fan_in_fan_out", false}};
}

TensorMap plainOf(const ParameterSet& set, const std::string& prefix) {
  TensorMap tensors;
  for (const Parameter& p : set.all()) tensors[prefix + p.name] = toPlain(p.value);
  return tensors;
}

void restore(const ParameterSet& set, const std::string& prefix, const fs::path& file) {
  TensorMap tensors = readSafetensors(file);
  for (const Parameter& p : set.all()) {
    const auto found = tensors.find(prefix + p.name);
    const std::string where = file.string() + ": " + prefix + p.name;
    if (found == tensors.end()) refuse(where, "a tensor of this name", "none", "Take the folder as hvlm tune wrote it.");
    const at::Tensor value = fromPlain(found->second, where);
    if (value.sizes() != p.value.sizes() || !value.is_floating_point()) {
      refuse(where, std::to_string(p.value.numel()) + " numbers in the shape that tune.json and the model give", "another shape or type",
             "Take the folder as hvlm tune wrote it, with the model it was made for.");
    }
    copyInto(p.value, toPlain(value.to(p.value.scalar_type())), where);
    tensors.erase(found);
  }
  if (!tensors.empty())
    refuse(file.string() + ": " + shortened(tensors.begin()->first, 200), "only tensors that tune.json announces", "one more",
           "Take the folder as hvlm tune wrote it.");
}

// Two folders change their names in one step; where the file system cannot, one after the other.
void exchange(const fs::path& a, const fs::path& b) {
  if (::renameat2(AT_FDCWD, a.c_str(), AT_FDCWD, b.c_str(), RENAME_EXCHANGE) == 0) return;
  const fs::path aside = b.string() + ".old";
  fs::remove_all(aside);
  fs::rename(b, aside);
  fs::rename(a, b);
  fs::rename(aside, a);
}

}  // namespace

bool isTunedFolder(const fs::path& folder) {
  std::error_code error;
  return fs::exists(folder / "tune.json", error);
}

TunedRecord readTunedRecord(const fs::path& folder) {
  const fs::path file = folder / "tune.json";
  const std::string remedy = "Name a folder that hvlm tune has written.";
  if (!fs::exists(file))
    refuse(folder.string(), "a folder of hvlm tune (tune.json)", fs::exists(folder) ? "none in it" : "nothing there", remedy);
  const json root = readJsonFile(file, size_t{64} << 20);
  if (!root.is_object() || root.value("made_by", json()) != kForm)
    refuse(file.string(), "what hvlm tune writes", "another kind of file", remedy);
  const auto text = [&](const char* key) {
    const auto found = root.find(key);
    if (found == root.end() || !found->is_string())
      refuse(file.string() + ": " + key, "a text", found == root.end() ? "none" : shortened(found->dump()), remedy);
    return found->get<std::string>();
  };
  const auto number = [&](const json& object, const char* key, int64_t lowest, int64_t highest) {
    const auto found = object.find(key);
    const bool whole = found != object.end() && found->is_number_integer();
    if (!whole || found->get<int64_t>() < lowest || found->get<int64_t>() > highest) {
      refuse(file.string() + ": " + key, "a whole number from " + std::to_string(lowest) + " to " + std::to_string(highest),
             found == object.end() ? "none" : shortened(found->dump()), remedy);
    }
    return found->get<int64_t>();
  };
  TunedRecord r;
  r.stage = text("stage");
  if (r.stage != "projector" && r.stage != "lora") refuse(file.string() + ": stage", "projector or lora", shortened(r.stage), remedy);
  r.model_folder = text("model");
  r.model_hash = text("model_hash");
  r.run_folder = text("run");
  r.run_id = text("run_id");
  r.chat_template = text("chat_template");
  r.checkpoint_step = number(root, "checkpoint_step", 0, int64_t{1} << 50);
  r.visual = visualOptions(text("visual_levels"), number(root, "visual_tokens", 1, 4096));
  r.node_width = number(root, "node_width", 1, 65536);
  r.model_width = number(root, "model_width", 1, 65536);
  r.history = root.value("history", json::object());
  if (r.stage != "lora") return r;
  const json lora = root.value("lora", json());
  if (!lora.is_object() || !lora.value("alpha", json()).is_number()) refuse(file.string() + ": lora", "rank and alpha", "none", remedy);
  r.lora = tunedLora(number(lora, "rank", 1, 4096), lora["alpha"].get<double>(), 0.0);
  return r;
}

std::string modelHash(const fs::path& model_folder) {
  std::vector<fs::path> files = {model_folder / "config.json"};
  for (const auto& entry : fs::directory_iterator(model_folder)) {
    if (entry.path().extension() == ".safetensors") files.push_back(entry.path());
  }
  std::sort(files.begin() + 1, files.end());
  std::string hashes;
  for (const fs::path& file : files) hashes += file.filename().string() + " " + contentHashOfFile(file) + "\n";
  return contentHash(hashes);
}

LoraOptions tunedLora(int64_t rank, double alpha, double dropout) {
  LoraOptions options;
  options.rank = rank;
  options.alpha = alpha;
  options.dropout = dropout;
  options.targets = {"q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"};
  return options;
}

void writeTuned(const fs::path& folder, const TunedRecord& record, const SeeingDecoder& model) {
  const fs::path whole = fs::absolute(folder).lexically_normal();
  const fs::path target = whole.has_filename() ? whole : whole.parent_path();
  const fs::path next = target.parent_path() / ("." + target.filename().string() + ".next-epoch");
  const auto fill = [&](const fs::path& to) {
    writeSafetensors(to / "projector.safetensors", plainOf(model.projecting, ""));
    if (record.stage == "lora") {
      writeSafetensors(to / "lora.safetensors", plainOf(model.adapting, kPeft), {{"format", "pt"}});
      writeJsonFile(to / "adapter_config.json", adapterConfig(record));
    }
    writeJsonFile(to / "tune.json", recordJson(record));
  };
  std::error_code error;
  if (!fs::exists(target, error)) return writeFolderAtomic(target, fill);
  fs::remove_all(next, error);
  writeFolderAtomic(next, fill);
  exchange(next, target);
  fs::remove_all(next, error);
}

void loadTuned(const fs::path& folder, const TunedRecord& record, int64_t node_width, bool adapters, SeeingDecoder& model) {
  const std::string file = (folder / "tune.json").string();
  if (record.model_width != model.decoder.shape().width) {
    refuse(file + ": model_width", std::to_string(model.decoder.shape().width) + ", the hidden_size of the language model",
           std::to_string(record.model_width), "Use the model that this folder was tuned for (" + record.model_folder + ").");
  }
  if (record.node_width != node_width) {
    refuse(file + ": node_width", std::to_string(node_width) + ", the width of the run", std::to_string(record.node_width),
           "Use the run that this folder was tuned with (" + record.run_folder + ").");
  }
  at::Generator generator = makeGenerator(0);  // what it draws is replaced
  model.addProjector(node_width, generator);
  restore(model.projecting, "", folder / "projector.safetensors");
  if (!adapters || record.stage != "lora") return;
  model.decoder.addLora(model.adapting, record.lora, generator);
  restore(model.adapting, kPeft, folder / "lora.safetensors");
}

}  // namespace hvlm
