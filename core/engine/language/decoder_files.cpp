// SPDX-License-Identifier: Apache-2.0
#include "engine/language/decoder_files.h"

#include <ATen/ATen.h>

#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <vector>

#include "engine/model/plain_tensor.h"
#include "runs/safetensors.h"
#include "support/error.h"
#include "support/json_file.h"
#include "support/text.h"

namespace hvlm {
namespace {

namespace fs = std::filesystem;

constexpr const char* kAgain = "Download the model again, all files of the same version.";

[[noreturn]] void refuse(const std::string& where, const std::string& expected, const std::string& found, const std::string& remedy) {
  throw InputError({.where = where, .expected = expected, .found = found, .remedy = remedy});
}

std::string shapeText(at::IntArrayRef shape) {
  std::string text = "[";
  for (const int64_t extent : shape) text += (text.size() > 1 ? ", " : "") + std::to_string(extent);
  return text + "]";
}

// Tensors that published files hold and that say nothing new.
bool leftAside(const std::string& name, const DecoderShape& shape) {
  return name.ends_with(".self_attn.rotary_emb.inv_freq") || (shape.tied && name == "lm_head.weight");
}

// The most bytes that files of this model can have: its weights in double, the head of a tied model, and headers.
uintmax_t mostBytes(const DecoderShape& shape) {
  uintmax_t numbers = static_cast<uintmax_t>(shape.vocabulary) * static_cast<uintmax_t>(shape.width);
  uintmax_t tensors = 1;
  for (const auto& [name, sizes] : decoderWeights(shape)) {
    uintmax_t product = 1;
    for (const int64_t size : sizes) product *= static_cast<uintmax_t>(size);
    numbers += product;
    ++tensors;
  }
  return 8 * numbers + 4096 * tensors + 65536;
}

// The weight files of the folder: the only one, or the shards with the tensors that the index names for each.
std::map<std::string, std::set<std::string>> weightFiles(const fs::path& folder) {
  const fs::path index = folder / "model.safetensors.index.json";
  if (!fs::exists(index)) return {{"model.safetensors", {}}};
  const nlohmann::json root = readJsonFile(index, size_t{20} << 20);
  const auto map = root.is_object() ? root.find("weight_map") : root.end();
  if (!root.is_object() || map == root.end() || !map->is_object() || map->empty()) {
    refuse(index.string(), "an index with weight_map", "none", kAgain);
  }
  std::map<std::string, std::set<std::string>> files;
  for (const auto& [tensor, file] : map->items()) {
    const std::string name = file.is_string() ? file.get<std::string>() : "";
    if (name.empty() || name == "." || name == ".." || name.find('/') != std::string::npos) {  // no way out of the folder
      refuse(index.string() + ": " + shortened(tensor), "the name of a file beside the index", shortened(file.dump()), kAgain);
    }
    files[name].insert(tensor);
  }
  return files;
}

// Everything that is wrong with the tensors, gathered for one message.
class Faults {
 public:
  void add(std::string text) {
    if (++count_ <= kMost) texts_ += (texts_.empty() ? "" : "; ") + std::move(text);
  }
  void raise(const std::string& where) const {
    if (count_ == 0) return;
    const std::string more = count_ > kMost ? "; and " + std::to_string(count_ - kMost) + " more" : "";
    refuse(where, "the tensors that config.json describes", texts_ + more, kAgain);
  }

 private:
  static constexpr size_t kMost = 40;  // a message for a reader, not a listing
  size_t count_ = 0;
  std::string texts_;
};

void checkSizes(const fs::path& folder, const std::map<std::string, std::set<std::string>>& files, const DecoderShape& shape) {
  const uintmax_t most = mostBytes(shape);
  uintmax_t bytes = 0;
  for (const auto& [file, tensors] : files) {
    std::error_code error;
    const uintmax_t size = fs::file_size(folder / file, error);
    if (error) refuse((folder / file).string(), "a file of weights", "none that can be read", kAgain);
    bytes += size;
    if (bytes > most) {
      refuse((folder / file).string(), "at most " + humanBytes(static_cast<double>(most)) + " for the sizes of config.json",
             humanBytes(static_cast<double>(bytes)), "config.json and the weights belong to different models: download both again.");
    }
  }
}

using Tensors = std::map<std::string, at::Tensor>;

// The tensors of one file that the decoder wants, in the type of `options`; what does not fit goes to `faults`.
void take(const fs::path& file, const std::set<std::string>& named, const std::map<std::string, std::vector<int64_t>>& wanted,
          const DecoderShape& shape, at::TensorOptions options, Tensors& into, Faults& faults) {
  TensorMap tensors = readSafetensors(file);
  for (auto& [name, tensor] : tensors) {
    const std::string label = shortened(name, 200);
    if (!named.empty() && !named.contains(name)) {
      faults.add(label + " in " + file.filename().string() + ", where the index has it elsewhere or nowhere");
      continue;
    }
    if (leftAside(name, shape)) continue;
    const auto place = wanted.find(name);
    const bool numbers = tensor.dtype == "F32" || tensor.dtype == "F16" || tensor.dtype == "BF16" || tensor.dtype == "F64";
    if (place == wanted.end()) {
      faults.add("unexpected " + label);
    } else if (tensor.shape != place->second) {
      faults.add(label + " " + shapeText(tensor.shape) + " instead of " + shapeText(place->second));
    } else if (!numbers) {
      faults.add(label + " of type " + tensor.dtype + " instead of F32, F16 or BF16");
    } else if (into.contains(name)) {
      faults.add(label + " in two files");
    }
    if (place != wanted.end()) into[name] = numbers ? fromPlain(tensor, file.string() + ": " + label).to(options) : at::Tensor();
    tensor.bytes = {};  // one tensor at a time in both forms
  }
}

}  // namespace

LoadedDecoder loadDecoder(ParameterSet& set, const std::string& prefix, const fs::path& folder, at::TensorOptions options) {
  const fs::path config = folder / "config.json";
  const nlohmann::json root = readJsonFile(config, size_t{1} << 20);
  const DecoderShape shape = decoderShape(root, config.string());
  const auto files = weightFiles(folder);
  checkSizes(folder, files, shape);
  std::map<std::string, std::vector<int64_t>> wanted;
  for (const auto& [name, sizes] : decoderWeights(shape)) wanted[name] = sizes;
  Tensors tensors;
  Faults faults;
  for (const auto& [file, named] : files) take(folder / file, named, wanted, shape, options, tensors, faults);
  for (const auto& [name, sizes] : decoderWeights(shape)) {
    if (!tensors.contains(name)) faults.add("no " + name + " " + shapeText(sizes));
  }
  faults.raise(folder.string());
  LoadedDecoder loaded{.decoder = {}, .architecture = root["architectures"][0], .files = static_cast<int64_t>(files.size())};
  loaded.decoder = Decoder(set, prefix, shape, [&](const std::string& name, at::IntArrayRef) { return tensors.extract(name).mapped(); });
  return loaded;
}

void writeDecoder(const Decoder& decoder, const fs::path& folder) {
  TensorMap tensors;
  for (const auto& [name, value] : decoder.weights()) tensors[name] = toPlain(value);
  writeJsonFile(folder / "config.json", decoderConfigJson(decoder.shape()));
  writeSafetensors(folder / "model.safetensors", tensors, {{"format", "pt"}});
}

}  // namespace hvlm
