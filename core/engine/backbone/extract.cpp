// SPDX-License-Identifier: Apache-2.0
#include "engine/backbone/extract.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstring>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "data/half.h"
#include "data/hdf5_writer.h"
#include "engine/backbone/frame_source.h"
#include "engine/backbone/pca.h"
#include "runs/safetensors.h"
#include "support/atomic_file.h"
#include "support/error.h"
#include "support/hash.h"
#include "support/json_file.h"
#include "support/version.h"

namespace hvlm {
namespace fs = std::filesystem;
using Json = nlohmann::json;
namespace {

constexpr int64_t kMemories = 5;  // mean vectors of equal parts of a video

double now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

PlainTensor halvesOf(const std::vector<float>& values, int64_t columns) {
  PlainTensor plain;
  plain.dtype = "F16";
  plain.shape = {static_cast<int64_t>(values.size()) / columns, columns};
  plain.bytes.resize(values.size() * 2);
  narrowHalf(values.data(), reinterpret_cast<uint16_t*>(plain.bytes.data()), values.size());
  return plain;
}

std::vector<uint16_t> halvesIn(const PlainTensor& plain) {
  std::vector<uint16_t> halves(plain.bytes.size() / 2);
  std::memcpy(halves.data(), plain.bytes.data(), plain.bytes.size());
  return halves;
}

// float32, C order (numpy's format 1.0).
void writeNpy(const fs::path& file, const std::vector<float>& values, int64_t columns) {
  std::string head = "{'descr': '<f4', 'fortran_order': False, 'shape': (" + std::to_string(static_cast<int64_t>(values.size()) / columns) + ", " + std::to_string(columns) + "), }";
  while ((head.size() + 11) % 64 != 0) head += ' ';
  head += '\n';
  std::string bytes("\x93NUMPY\x01\x00", 8);
  bytes += static_cast<char>(head.size() & 0xFF);
  bytes += static_cast<char>(head.size() >> 8);
  bytes += head;
  bytes.append(reinterpret_cast<const char*>(values.data()), values.size() * sizeof(float));
  writeFileAtomic(file, bytes);
}

// One video on its way: rows arrive in order of the batches.
struct Growing {
  std::vector<float> rows, samples, motion, saliency;
  int64_t arrived = 0;
  DecodedStep end;
  bool ended = false;
};

class Extraction {
 public:
  Extraction(const ExtractSpec& spec, const ExtractProgress& progress, const ExtractWarning& warn)
      : spec_(spec), progress_(progress), warn_(warn), parts_(spec.out + ".parts"),
        network_(makeBackbone({.name = spec.backbone, .weights = spec.weights, .layer = spec.layer, .trust = spec.trust})) {
    if (!spec.pca.empty()) {
      pca_ = loadPca(spec.pca, &whiten_);
      pca_hash_ = contentHashOfFile(spec.pca);
      applyPca(pca_, at::zeros({1, network_->width()}), whiten_);  // widths agree, or it is told before any work
    }
    width_ = pca_.mean.defined() ? pca_.components.size(0) : network_->width();
    options_ = {{"backbone", network_->name()}, {"width", width_}, {"fps", spec.fps}, {"clip", network_->clipFrames()}, {"stride", spec.stride}, {"offset", spec.offset},
                {"frame_size", network_->inputSize()}, {"crop", "shorter side scaled, middle square"}, {"weights_hash", network_->weightsHash()}, {"pca_hash", pca_hash_},
                {"channels", spec.channels}, {"local_memory", !spec.local_memory.empty()}};
    options_hash_ = contentHash(options_.dump());
  }

  Json run() {
    const double start = now();
    plan();
    decodeAll();
    Json result = {{"out", spec_.out}, {"videos", Json::array()}, {"kept", kept_}, {"width", width_}, {"failed", failed_}, {"stopped", stopped_}};
    if (!stopped_) assemble(result);
    result["seconds"] = now() - start;
    result["network_seconds"] = network_seconds_;
    result["decode_seconds"] = decode_seconds_;
    result["extracted_steps"] = extracted_;
    return result;
  }

 private:
  fs::path partOf(const std::string& id) const { return parts_ / (id + ".safetensors"); }

  // A part of the same options and the same file needs no work.
  bool isDone(const ExtractVideo& video) {
    if (!fs::exists(partOf(video.id))) return false;
    try {
      std::map<std::string, std::string> about;
      readSafetensors(partOf(video.id), &about);
      if (about["options"] != options_hash_) {
        redone_ += 1;
        return false;
      }
      return about["content"] == contentHashOfFile(video.file);
    } catch (const InputError&) {
      return false;  // damaged, or the video is gone: the work tells
    }
  }

  void plan() {
    std::map<std::string, std::string> seen;
    for (const ExtractVideo& video : spec_.videos) {
      const auto [other, fresh] = seen.emplace(video.id, video.file);
      if (!fresh) throw InputError({.where = video.file, .expected = "one file for each id", .found = "id " + video.id + " of " + other->second + " again", .remedy = "Rename one of them, or leave it out."});
    }
    std::error_code error;
    fs::create_directories(parts_, error);
    if (error) throw systemError(parts_.string(), "create the folder", error.value());
    sweepTemporaries(parts_);
    for (size_t i = 0; i < spec_.videos.size(); ++i) {
      if (isDone(spec_.videos[i])) {
        ++kept_;
      } else {
        order_.push_back(i);
      }
    }
    if (redone_ > 0) warn_(std::to_string(redone_) + " videos were extracted with other options and are extracted anew");
  }

  void decodeAll() {
    if (order_.empty()) return;
    const int64_t clip = network_->clipFrames(), side = network_->inputSize();
    const auto decoders = spec_.decoders > 0 ? spec_.decoders : std::max<int64_t>(1, std::thread::hardware_concurrency());
    const auto ahead = std::max<size_t>(static_cast<size_t>(spec_.batch) * 2, (size_t{64} << 20) / static_cast<size_t>(clip * side * side * 3));
    FrameSource source(spec_, order_, side, clip, decoders, std::min(ahead, static_cast<size_t>(spec_.batch) * 4));
    std::vector<DecodedStep> batch;
    while (auto step = source.next()) {
      if (step->end) {
        Growing& video = growing_[step->video];
        video.end = std::move(*step);
        video.ended = true;
        finishIfWhole(video.end.video);
      } else {
        batch.push_back(std::move(*step));
        if (static_cast<int64_t>(batch.size()) < spec_.batch) continue;
        through(batch);
      }
      if (!told()) {
        stopped_ = true;
        return;
      }
    }
    through(batch);
    decode_seconds_ = source.decodeSeconds();
  }

  // A batch through the network; its rows go to their videos.
  void through(std::vector<DecodedStep>& batch) {
    if (batch.empty()) return;
    const double start = now();
    const int64_t clip = network_->clipFrames(), side = network_->inputSize();
    at::Tensor frames = at::empty({static_cast<int64_t>(batch.size()), clip, side, side, 3}, at::kByte);
    for (size_t i = 0; i < batch.size(); ++i) std::memcpy(frames.data_ptr<uint8_t>() + static_cast<int64_t>(i) * clip * side * side * 3, batch[i].pixels.data(), batch[i].pixels.size());
    at::Tensor rows = network_->forward(frames);
    if (pca_.mean.defined()) rows = applyPca(pca_, rows, whiten_).to(at::kFloat).contiguous();
    network_seconds_ += now() - start;
    extracted_ += static_cast<int64_t>(batch.size());
    std::set<size_t> touched;
    for (size_t i = 0; i < batch.size(); ++i) {
      Growing& video = growing_[batch[i].video];
      const float* row = rows.const_data_ptr<float>() + static_cast<int64_t>(i) * width_;
      auto& target = batch[i].sample ? video.samples : video.rows;
      target.insert(target.end(), row, row + width_);
      if (!batch[i].sample && spec_.channels) video.motion.push_back(batch[i].motion), video.saliency.push_back(batch[i].saliency);
      ++video.arrived;
      touched.insert(batch[i].video);
    }
    batch.clear();
    for (const size_t video : touched) finishIfWhole(video);
  }

  void finishIfWhole(size_t place) {
    Growing& video = growing_[place];
    if (!video.ended) return;
    const ExtractVideo& about = spec_.videos[place];
    if (!video.end.problem.empty()) {
      failed_.push_back({{"id", about.id}, {"file", about.file}, {"reason", video.end.problem}});
      warn_(video.end.problem);
    } else if (video.arrived < video.end.steps + video.end.samples) {
      return;  // rows are still in a batch
    } else {
      store(about, video);
    }
    growing_.erase(place);
    ++done_;
  }

  void store(const ExtractVideo& about, const Growing& video) {
    if (!std::all_of(video.rows.begin(), video.rows.end(), [](float v) { return std::isfinite(v) && std::abs(v) < 65504.0f; })) {
      failed_.push_back({{"id", about.id}, {"file", about.file}, {"reason", "the network gave numbers that are not finite, or beyond float16"}});
      return;
    }
    TensorMap tensors = {{"features", halvesOf(video.rows, width_)}};
    if (spec_.channels) tensors["motion"] = halvesOf(video.motion, 1), tensors["saliency"] = halvesOf(video.saliency, 1);
    std::string content;
    try {
      content = contentHashOfFile(about.file);
    } catch (const InputError&) {
      content = "gone";  // it vanished after its last frame: kept, but never taken for the same file again
    }
    writeFileAtomic(partOf(about.id), encodeSafetensors(tensors, {{"options", options_hash_}, {"content", content}, {"file", fs::path(about.file).filename().string()},
                                                                  {"duration", std::to_string(video.end.duration)}, {"placeholders", std::to_string(video.end.placeholders)}}));
    if (!spec_.npy.empty()) writeNpy(fs::path(spec_.npy) / (about.id + ".npy"), video.rows, width_);
    if (!spec_.local_memory.empty()) storeLocalMemory(about.id, video.samples);
    if (video.end.placeholders > 0) warn_(about.file + ": " + std::to_string(video.end.placeholders) + " frames could not be decoded; the last good one stood in");
  }

  void storeLocalMemory(const std::string& id, const std::vector<float>& samples) const {
    const auto count = static_cast<int64_t>(samples.size()) / width_;
    std::vector<float> memory(static_cast<size_t>(kMemories * width_), 0.0f);
    for (int64_t m = 0; m < kMemories; ++m) {
      const int64_t from = m * count / kMemories, to = (m + 1) * count / kMemories;
      for (int64_t i = from; i < to; ++i) {
        for (int64_t k = 0; k < width_; ++k) memory[static_cast<size_t>(m * width_ + k)] += samples[static_cast<size_t>(i * width_ + k)] / static_cast<float>(to - from);
      }
    }
    writeNpy(fs::path(spec_.local_memory) / "local" / (id + ".npy"), samples, width_);
    writeNpy(fs::path(spec_.local_memory) / "memory" / (id + ".npy"), memory, width_);
  }

  bool told() {
    return progress_("extracting features (" + std::to_string(kept_ + done_) + " of " + std::to_string(spec_.videos.size()) + " videos)", kept_ + done_, static_cast<int64_t>(spec_.videos.size()));
  }

  // All parts of these options, those of earlier calls too.
  void assemble(Json& result) {
    std::map<std::string, fs::path> parts;
    for (const auto& entry : fs::directory_iterator(parts_)) {
      if (entry.path().extension() == ".safetensors") parts[entry.path().stem().string()] = entry.path();
    }
    const fs::path out = spec_.out;
    Json manifest = options_;
    manifest["program"] = versionText();
    manifest["key"] = spec_.key;
    manifest["videos"] = Json::object();
    int64_t steps = 0;
    PendingFile pending(out);
    FeatureWriter writer(pending.aside(), spec_.key);
    for (const auto& [id, part] : parts) {
      std::map<std::string, std::string> about;
      const TensorMap tensors = readSafetensors(part, &about);
      if (about["options"] != options_hash_ || !tensors.contains("features")) continue;
      const PlainTensor& features = tensors.at("features");
      writer.write(id, features.shape.at(0), features.shape.at(1), halvesIn(features));
      for (const char* channel : {"motion", "saliency"}) {
        if (tensors.contains(channel)) writer.writeChannel(id, channel, halvesIn(tensors.at(channel)));
      }
      manifest["videos"][id] = {{"file", about["file"]}, {"content", about["content"]}, {"duration", std::stod(about["duration"])}, {"steps", features.shape.at(0)}, {"placeholders", std::stoll(about["placeholders"])}};
      steps += features.shape.at(0);
      result["videos"].push_back(id);
    }
    if (result["videos"].empty()) throw InputError({.where = spec_.out, .expected = "one video at least that can be read", .found = failed_.empty() ? "none" : failed_[0].at("reason").get<std::string>(), .remedy = "See hvlm probe."});
    writer.close();
    pending.commit();
    writeJsonFile(out.string() + ".manifest.json", manifest);
    result["steps"] = steps;
    result["manifest"] = out.string() + ".manifest.json";
  }

  const ExtractSpec& spec_;
  const ExtractProgress& progress_;
  const ExtractWarning& warn_;
  fs::path parts_;
  std::unique_ptr<Backbone> network_;
  PrincipalComponents pca_;
  bool whiten_ = false;
  std::string pca_hash_, options_hash_;
  int64_t width_ = 0, kept_ = 0, redone_ = 0, extracted_ = 0, done_ = 0;
  Json options_, failed_ = Json::array();
  std::vector<size_t> order_;
  std::map<size_t, Growing> growing_;
  bool stopped_ = false;
  double network_seconds_ = 0.0, decode_seconds_ = 0.0;
};

}  // namespace

Json extractFeatures(const ExtractSpec& spec, const ExtractProgress& progress, const ExtractWarning& warn) {
  const auto refuse = [](const std::string& where, const std::string& expected, const std::string& found) {
    throw InputError({.where = where, .expected = expected, .found = found, .remedy = "See hvlm extract --help."});
  };
  if (spec.videos.empty()) refuse("VIDEO", "one video at least", "none");
  if (!(spec.fps > 0.0) || spec.fps > 1000.0) refuse("--fps", "more than 0, at most 1000 steps a second", std::to_string(spec.fps));
  if (!(spec.offset >= 0.0) || spec.offset >= 1.0) refuse("--offset", "0 to below 1, a share of a step", std::to_string(spec.offset));
  if (spec.batch < 1 || spec.batch > 4096) refuse("--batch", "1 to 4096", std::to_string(spec.batch));
  if (spec.stride < 1 || spec.stride > 1000) refuse("--stride", "1 to 1000 frames", std::to_string(spec.stride));
  return Extraction(spec, progress, warn).run();
}

}  // namespace hvlm
