// SPDX-License-Identifier: Apache-2.0
#include "runs/weight_tools.h"

#include <algorithm>
#include <cstring>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>
#include <vector>

#include "runs/torch_archive.h"
#include "runs/weight_numbers.h"
#include "support/atomic_file.h"
#include "support/error.h"
#include "support/json_file.h"
#include "support/text.h"

namespace hvlm {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void refuse(const std::string& where, const std::string& expected, const std::string& found, const std::string& remedy) {
  throw InputError({.where = where, .expected = expected, .found = found, .remedy = remedy});
}

std::string at(const fs::path& file, const std::string& tensor) { return file.string() + ": " + shortened(tensor, 200); }

// The one file of a folder that holds the model.
fs::path modelFile(const fs::path& path) {
  if (!fs::is_directory(path)) return path;
  for (const char* name : {"model.safetensors.index.json", "pytorch_model.bin.index.json", "model.safetensors", "pytorch_model.bin", "adapter_model.safetensors", "adapter_model.bin"}) {
    if (fs::exists(path / name)) return path / name;
  }
  std::vector<fs::path> found;
  for (const auto& entry : fs::directory_iterator(path)) {
    const std::string name = entry.path().filename().string();
    if (name.ends_with(".safetensors") || name.ends_with(".safetensors.index.json")) found.push_back(entry.path());
  }
  if (found.size() == 1) return found.front();
  refuse(path.string(), "one model (model.safetensors.index.json or model.safetensors)", std::to_string(found.size()) + " that could be it", "Name the file itself.");
}

// Tensor names by shard, as the index has them.
std::map<std::string, std::set<std::string>> readIndex(const fs::path& index) {
  constexpr size_t kLargestIndex = 200'000'000;
  const nlohmann::json root = readJsonFile(index, kLargestIndex);
  const auto map = root.is_object() ? root.find("weight_map") : root.end();
  if (!root.is_object() || map == root.end() || !map->is_object() || map->empty()) refuse(index.string(), "an index with weight_map", "none", "Name the index of a sharded model.");
  std::map<std::string, std::set<std::string>> shards;
  for (const auto& [tensor, shard] : map->items()) {
    const std::string file = shard.is_string() ? shard.get<std::string>() : std::string();
    // A shard lies beside the index: no path leads out of the folder.
    if (file.empty() || file == "." || file == ".." || file.find('/') != std::string::npos) refuse(at(index, tensor), "the name of a file beside the index", shortened(shard.dump()), "Check the index.");
    shards[file].insert(tensor);
  }
  return shards;
}

TensorMap readShards(const fs::path& index, int64_t& count) {
  const std::string remedy = "Download the model again, all files of the same version.";
  TensorMap all;
  const auto shards = readIndex(index);
  for (const auto& [file, named] : shards) {
    const fs::path shard = index.parent_path() / file;
    if (!fs::exists(shard)) refuse(shard.string(), "a shard with " + std::to_string(named.size()) + " tensors", "no such file", remedy);
    TensorMap tensors = readWeights(shard);
    for (const std::string& name : named) {
      if (!tensors.contains(name)) refuse(at(shard, name), "the tensor that the index names", "none", remedy);
    }
    for (auto& [name, tensor] : tensors) {
      if (all.contains(name)) refuse(at(shard, name), "each tensor in one shard", "it a second time", remedy);
      if (!named.contains(name)) refuse(at(shard, name), "only tensors that the index names for this shard", "one more", remedy);
      all.emplace(name, std::move(tensor));
    }
  }
  count = static_cast<int64_t>(shards.size());
  return all;
}

void write(const fs::path& out, const TensorMap& tensors) {
  PendingFile file(out);
  writeSafetensors(file.aside(), tensors, {{"format", "pt"}});
  file.commit();
}

int64_t count(const TensorMap& tensors) { return static_cast<int64_t>(tensors.size()); }

// into[i] ± other[i] over the first bytes of `into` that `other` has; whole numbers wrap around.
template <class T>
void addWhole(PlainTensor& into, const PlainTensor& other, bool subtract) {
  for (size_t i = 0; i + sizeof(T) <= other.bytes.size(); i += sizeof(T)) {
    T a, b;
    std::memcpy(&a, into.bytes.data() + i, sizeof(T));
    std::memcpy(&b, other.bytes.data() + i, sizeof(T));
    a = static_cast<T>(subtract ? a - b : a + b);
    std::memcpy(into.bytes.data() + i, &a, sizeof(T));
  }
}

void combine(PlainTensor& into, const PlainTensor& base, bool subtract, const std::string& where) {
  if (isNarrowFloat(into.dtype) && isNarrowFloat(base.dtype)) {
    std::vector<float> values = tensorFloats(into);
    const std::vector<float> others = tensorFloats(base);
    for (size_t i = 0; i < others.size(); ++i) values[i] = subtract ? values[i] - others[i] : values[i] + others[i];
    setTensorFloats(into, values);
    return;
  }
  if (into.dtype != base.dtype) refuse(where, "the base's dtype " + base.dtype, into.dtype, "Take the base that belongs to this file.");
  if (into.dtype == "I64") return addWhole<uint64_t>(into, base, subtract);
  if (into.dtype == "I32") return addWhole<uint32_t>(into, base, subtract);
  if (into.dtype == "U8") return addWhole<uint8_t>(into, base, subtract);
  refuse(where, "a dtype that can be added (F32, F16, BF16, I64, I32, U8)", into.dtype, "Convert the weights to one of these.");
}

// Same shape, or longer in the first dimension only.
bool fits(const std::vector<int64_t>& grown, const std::vector<int64_t>& base) {
  if (grown == base) return true;
  return grown.size() == base.size() && !grown.empty() && grown[0] > base[0] && std::equal(grown.begin() + 1, grown.end(), base.begin() + 1);
}

WeightToolReport addBase(const fs::path& base_path, const fs::path& other_path, const fs::path& out, bool subtract) {
  TensorMap base = readModelWeights(base_path);
  TensorMap target = readModelWeights(other_path);
  WeightToolReport report;
  for (auto& [name, tensor] : target) {
    const auto found = base.find(name);
    if (found == base.end()) {
      ++report.copied;
      continue;
    }
    const std::string where = at(other_path, name);
    if (!fits(tensor.shape, found->second.shape)) {
      refuse(where, "the shape " + shapeText(found->second.shape) + " of the base, or one longer in the first dimension", shapeText(tensor.shape), "Take the base that belongs to this file.");
    }
    report.grown += tensor.shape != found->second.shape;
    combine(tensor, found->second, subtract, where);
    base.erase(found);
    ++report.changed;
  }
  if (report.changed == 0) refuse(other_path.string(), "tensors that the base has too", "none of the same name", "Take the base that belongs to this file.");
  report.left_out = count(base);
  report.tensors = count(target);
  write(out, target);
  return report;
}

}  // namespace

TensorMap readModelWeights(const fs::path& path, int64_t* shards) {
  const fs::path file = modelFile(path);
  int64_t number = 1;
  TensorMap tensors = file.extension() == ".json" ? readShards(file, number) : readWeights(file);
  if (shards) *shards = number;
  return tensors;
}

WeightToolReport applyDelta(const fs::path& base, const fs::path& delta, const fs::path& out) { return addBase(base, delta, out, false); }
WeightToolReport makeDelta(const fs::path& base, const fs::path& target, const fs::path& out) { return addBase(base, target, out, true); }

WeightToolReport consolidate(const fs::path& index_or_folder, const fs::path& out) {
  WeightToolReport report;
  const TensorMap tensors = readModelWeights(index_or_folder, &report.shards);
  report.tensors = report.copied = count(tensors);
  write(out, tensors);
  return report;
}

}  // namespace hvlm
