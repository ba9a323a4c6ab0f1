// SPDX-License-Identifier: Apache-2.0
#include "jobs/embedding_file.h"

#include <cstring>
#include <nlohmann/json.hpp>

#include "runs/safetensors.h"
#include "support/atomic_file.h"
#include "support/error.h"
#include "support/json_file.h"

namespace hvlm {
namespace {

constexpr const char* kKind = "hvlm embedding 1";

template <class T>
PlainTensor tensorOf(const std::vector<T>& values, std::vector<int64_t> shape, const char* dtype) {
  PlainTensor tensor{dtype, std::move(shape), std::vector<std::byte>(values.size() * sizeof(T))};
  if (!values.empty()) std::memcpy(tensor.bytes.data(), values.data(), tensor.bytes.size());
  return tensor;
}

[[noreturn]] void refuse(const std::filesystem::path& file, const std::string& expected, const std::string& found) {
  throw InputError({.where = file.string(), .expected = expected, .found = found, .remedy = "Make it anew with hvlm embed."});
}

// The values of a tensor that must have this type and count.
template <class T>
std::vector<T> valuesOf(const TensorMap& tensors, const std::string& name, const char* dtype, size_t count, const std::filesystem::path& file) {
  const auto found = tensors.find(name);
  if (found == tensors.end()) refuse(file, "a tensor " + name, "none");
  if (found->second.dtype != dtype || found->second.bytes.size() != count * sizeof(T)) {
    refuse(file, name + " of " + std::to_string(count) + " values " + dtype, std::to_string(found->second.bytes.size()) + " bytes " + found->second.dtype);
  }
  std::vector<T> values(count);
  if (count > 0) std::memcpy(values.data(), found->second.bytes.data(), count * sizeof(T));
  return values;
}

void checkIndices(const std::vector<int64_t>& values, int64_t lowest, int64_t end, const char* name, const std::filesystem::path& file) {
  for (const int64_t v : values) {
    if (v < lowest || v >= end) refuse(file, std::string(name) + " of " + std::to_string(lowest) + " to " + std::to_string(end - 1), std::to_string(v));
  }
}

}  // namespace

void writeEmbedding(const std::filesystem::path& file, const EmbeddingFile& e) {
  const int64_t videos = e.videoCount(), moments = e.momentCount(), classes = static_cast<int64_t>(e.classes.size());
  TensorMap tensors;
  tensors["vectors"] = tensorOf(e.vectors, {videos, e.width}, "F32");
  tensors["labels"] = tensorOf(e.labels, {videos}, "I64");
  if (!e.scores.empty()) tensors["scores"] = tensorOf(e.scores, {videos, classes}, "F32");
  tensors["moments"] = tensorOf(e.moments, {moments, e.width}, "F32");
  tensors["moment_video"] = tensorOf(e.moment_video, {moments}, "I64");
  tensors["moment_step"] = tensorOf(e.moment_step, {moments}, "I64");
  tensors["moment_label"] = tensorOf(e.moment_label, {moments}, "I64");
  const nlohmann::json about = {{"run_id", e.run_id}, {"subset", e.subset}, {"encoder", e.encoder}, {"checkpoint_step", e.checkpoint_step}, {"step_seconds", e.step_seconds},
                                {"width", e.width}, {"classes", e.classes}, {"videos", e.videos}};
  std::filesystem::create_directories(file.parent_path().empty() ? "." : file.parent_path());
  writeFileAtomic(file, encodeSafetensors(tensors, {{"kind", kKind}, {"about", about.dump()}}));
}

EmbeddingFile readEmbedding(const std::filesystem::path& file) {
  std::map<std::string, std::string> metadata;
  const TensorMap tensors = readSafetensors(file, &metadata);
  if (metadata["kind"] != kKind) refuse(file, "an embedding that hvlm embed wrote", metadata["kind"].empty() ? "another safetensors file" : metadata["kind"]);
  EmbeddingFile e;
  try {
    const nlohmann::json about = parseJson(metadata["about"], file.string());
    about.at("run_id").get_to(e.run_id);
    about.at("subset").get_to(e.subset);
    about.at("encoder").get_to(e.encoder);
    about.at("checkpoint_step").get_to(e.checkpoint_step);
    about.at("step_seconds").get_to(e.step_seconds);
    about.at("width").get_to(e.width);
    about.at("classes").get_to(e.classes);
    about.at("videos").get_to(e.videos);
  } catch (const nlohmann::json::exception& error) {
    refuse(file, "what an embedding says of itself", error.what());
  }
  const auto found = tensors.find("moment_video");
  const size_t moments = found == tensors.end() ? 0 : found->second.bytes.size() / sizeof(int64_t), videos = e.videos.size();
  if (e.width < 1 || e.width > 1'000'000 || !(e.step_seconds > 0.0)) refuse(file, "a width of 1 to 1,000,000 and steps longer than nothing", std::to_string(e.width) + " and " + std::to_string(e.step_seconds) + " s");
  const auto width = static_cast<size_t>(e.width);
  e.vectors = valuesOf<float>(tensors, "vectors", "F32", videos * width, file);
  e.labels = valuesOf<int64_t>(tensors, "labels", "I64", videos, file);
  if (tensors.contains("scores")) e.scores = valuesOf<float>(tensors, "scores", "F32", videos * e.classes.size(), file);
  e.moments = valuesOf<float>(tensors, "moments", "F32", moments * width, file);
  e.moment_video = valuesOf<int64_t>(tensors, "moment_video", "I64", moments, file);
  e.moment_step = valuesOf<int64_t>(tensors, "moment_step", "I64", moments, file);
  e.moment_label = valuesOf<int64_t>(tensors, "moment_label", "I64", moments, file);
  const auto classes = static_cast<int64_t>(e.classes.size());
  checkIndices(e.labels, -1, classes, "labels", file);
  checkIndices(e.moment_label, -1, classes, "moment_label", file);
  checkIndices(e.moment_video, 0, static_cast<int64_t>(videos), "moment_video", file);
  checkIndices(e.moment_step, 0, INT64_MAX, "moment_step", file);
  return e;
}

}  // namespace hvlm
