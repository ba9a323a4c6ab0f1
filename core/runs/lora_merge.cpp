// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "runs/weight_numbers.h"
#include "runs/weight_tools.h"
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

constexpr const char* kOtherBase = "Take the base that the adapter was trained on.";
constexpr const char* kOtherAdapter = "Only plain LoRA adapters can be merged.";

struct Scaling {
  double alpha = 0.0;
  bool by_root = false;  // rank-stabilised: alpha / sqrt(r)
  double of(int64_t rank) const { return alpha / (by_root ? std::sqrt(static_cast<double>(rank)) : static_cast<double>(rank)); }
};

// `asked` goes before adapter_config.json. What that file asks for and cannot be done here is an error, never passed over.
Scaling readScaling(const fs::path& adapter, std::optional<double> asked) {
  const fs::path file = (fs::is_directory(adapter) ? adapter : adapter.parent_path()) / "adapter_config.json";
  Scaling scaling{.alpha = asked.value_or(0.0), .by_root = false};
  if (asked && !(std::isfinite(*asked) && *asked != 0.0)) refuse("alpha", "a finite number other than 0", exactNumber(*asked), "Give the alpha that the adapter was trained with.");
  if (!fs::exists(file)) {
    if (!asked) refuse(file.string(), "lora_alpha of the adapter", "no such file", "Put adapter_config.json beside the adapter, or give alpha with --alpha.");
    return scaling;
  }
  const nlohmann::json config = readJsonFile(file, 10'000'000);
  if (!config.is_object()) refuse(file.string(), "an adapter's config", "another kind of file", "Check the file.");
  const auto truth = [&config](const char* key) { return config.contains(key) && config[key] == true; };
  for (const char* key : {"fan_in_fan_out", "use_dora"}) {
    if (truth(key)) refuse(file.string(), std::string(key) + " = false", "true", kOtherAdapter);
  }
  if (config.contains("alpha_pattern") && config["alpha_pattern"].is_object() && !config["alpha_pattern"].empty()) refuse(file.string(), "one alpha for all layers", "alpha_pattern", kOtherAdapter);
  scaling.by_root = truth("use_rslora");
  if (asked) return scaling;
  const auto alpha = config.find("lora_alpha");
  if (alpha == config.end() || !alpha->is_number() || alpha->get<double>() == 0.0) refuse(file.string(), "lora_alpha, a number other than 0", alpha == config.end() ? "none" : shortened(alpha->dump()), "Give alpha with --alpha.");
  scaling.alpha = alpha->get<double>();
  return scaling;
}

struct Pair {
  std::string a, b;  // names of the two tensors in the adapter
};

std::string withoutPrefix(std::string name) {
  constexpr std::string_view kPrefix = "base_model.model.";
  if (name.starts_with(kPrefix)) name.erase(0, kPrefix.size());
  return name;
}

// The layer's name when `name` ends as one half of a pair does.
std::optional<std::string> layerOf(const std::string& name, const std::vector<std::string>& endings) {
  for (const std::string& ending : endings) {
    if (name.size() > ending.size() && name.ends_with(ending)) return withoutPrefix(name.substr(0, name.size() - ending.size()));
  }
  return std::nullopt;
}

// Sorts the adapter's tensors: pairs by layer, and the whole tensors.
std::map<std::string, Pair> pairsOf(const TensorMap& tensors, std::vector<std::string>& whole, const fs::path& file) {
  std::map<std::string, Pair> pairs;
  for (const auto& [name, tensor] : tensors) {
    std::string* half = nullptr;
    if (const auto a = layerOf(name, {".lora_A.weight", ".lora_A.default.weight", ".lora_a"})) half = &pairs[*a].a;
    if (const auto b = layerOf(name, {".lora_B.weight", ".lora_B.default.weight", ".lora_b"})) half = &pairs[*b].b;
    if (!half && name.find("lora_") != std::string::npos) refuse(at(file, name), "lora_A.weight or lora_B.weight", "another kind of part", kOtherAdapter);
    if (!half) {
      whole.push_back(name);
    } else if (!half->empty()) {
      refuse(at(file, name), "one pair a layer", "two", "Check the adapter.");
    } else {
      *half = name;
    }
  }
  for (const auto& [layer, pair] : pairs) {
    if (pair.a.empty() || pair.b.empty()) refuse(at(file, layer), "both halves, A and B", pair.a.empty() ? "B alone" : "A alone", "The adapter is not whole: take another copy.");
  }
  return pairs;
}

// W [out, in] += scale * B [out, r] A [r, in]
void addProduct(PlainTensor& weight, const PlainTensor& a, const PlainTensor& b, float scale) {
  std::vector<float> w = tensorFloats(weight);
  const std::vector<float> left = tensorFloats(b), right = tensorFloats(a);
  const auto rows = static_cast<size_t>(weight.shape[0]), columns = static_cast<size_t>(weight.shape[1]), rank = static_cast<size_t>(a.shape[0]);
  std::vector<float> row(columns);
  for (size_t i = 0; i < rows; ++i) {
    std::fill(row.begin(), row.end(), 0.0f);
    for (size_t k = 0; k < rank; ++k) {
      const float factor = left[i * rank + k];
      for (size_t j = 0; j < columns; ++j) row[j] += factor * right[k * columns + j];
    }
    for (size_t j = 0; j < columns; ++j) w[i * columns + j] += scale * row[j];
  }
  setTensorFloats(weight, w);
}

void checkPair(const PlainTensor& weight, const PlainTensor& a, const PlainTensor& b, const std::string& where) {
  for (const PlainTensor* tensor : {&weight, &a, &b}) {
    if (!isNarrowFloat(tensor->dtype)) refuse(where, "F32, F16 or BF16", tensor->dtype, "Convert the weights to one of these.");
  }
  const bool good = weight.shape.size() == 2 && a.shape.size() == 2 && b.shape.size() == 2 && a.shape[0] > 0 && a.shape[0] == b.shape[1] && a.shape[1] == weight.shape[1] && b.shape[0] == weight.shape[0];
  if (!good) refuse(where, "A [r, in] and B [out, r] for a weight [out, in] of " + shapeText(weight.shape), "A " + shapeText(a.shape) + " and B " + shapeText(b.shape), kOtherBase);
}

}  // namespace

WeightToolReport mergeLora(const fs::path& base_path, const fs::path& adapter_path, const fs::path& out, std::optional<double> alpha) {
  const Scaling scaling = readScaling(adapter_path, alpha);
  TensorMap model = readModelWeights(base_path);
  TensorMap adapter = readModelWeights(adapter_path);
  std::vector<std::string> whole;
  const auto pairs = pairsOf(adapter, whole, adapter_path);
  if (pairs.empty()) refuse(adapter_path.string(), "pairs lora_A and lora_B", "none", "Check that this is an adapter.");
  WeightToolReport report;
  for (const auto& [layer, pair] : pairs) {
    auto found = model.find(layer + ".weight");
    if (found == model.end()) found = model.find(layer);
    if (found == model.end()) refuse(at(base_path, layer), "the layer that the adapter changes", "none of this name", kOtherBase);
    const PlainTensor &a = adapter.at(pair.a), &b = adapter.at(pair.b);
    checkPair(found->second, a, b, at(adapter_path, layer));
    addProduct(found->second, a, b, static_cast<float>(scaling.of(a.shape[0])));
    ++report.changed;
  }
  for (const std::string& name : whole) {
    const std::string target = withoutPrefix(name);
    PlainTensor& tensor = adapter.at(name);
    const auto found = model.find(target);
    if (found == model.end()) refuse(at(adapter_path, name), "a tensor that the base has too", "one of its own", kOtherBase);
    if (found->second.shape != tensor.shape) refuse(at(adapter_path, name), "the shape " + shapeText(found->second.shape), shapeText(tensor.shape), kOtherBase);
    found->second = std::move(tensor);
  }
  report.tensors = static_cast<int64_t>(model.size());
  report.copied = report.tensors - report.changed;
  PendingFile file(out);
  writeSafetensors(file.aside(), model, {{"format", "pt"}});
  file.commit();
  return report;
}

}  // namespace hvlm
