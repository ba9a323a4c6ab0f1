// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <fstream>

#include "data/feature_store.h"
#include "data/report.h"
#include "support/error.h"
#include "support/hash.h"
#include "support/text.h"

namespace hvlm {
namespace fs = std::filesystem;
namespace {

constexpr uint64_t kSampleBytes = 4096;
constexpr uint64_t kSamples = 32;
constexpr size_t kShapes = 64;
constexpr size_t kSampledFiles = 256;

// Size and some evenly spread blocks of a file, the first and the last among them.
std::string sampleOf(const fs::path& path) {
  std::error_code error;
  const uint64_t size = fs::file_size(path, error);
  if (error) throw systemError(path.string(), "read the features", error.value());
  std::ifstream in(path, std::ios::binary);
  std::string sample = std::to_string(size) + "\n";
  std::string block;
  for (uint64_t i = 0; i < kSamples; ++i) {
    const uint64_t last = size > kSampleBytes ? size - kSampleBytes : 0;
    block.resize(std::min(kSampleBytes, size));
    in.seekg(static_cast<std::streamoff>(last / (kSamples - 1) * i + (i + 1 == kSamples ? last % (kSamples - 1) : 0)));
    in.read(block.data(), static_cast<std::streamsize>(block.size()));
    sample.append(block, 0, static_cast<size_t>(in.gcount()));
    if (last == 0) break;
  }
  return sample;
}

std::string featureManifest(const FeatureSpec& spec) {
  const auto store = FeatureStore::open(spec);
  const std::vector<std::string> ids = store->ids();
  std::string manifest =
      spec.key + "\n" + exactNumber(spec.stepSeconds()) + "\n" + exactNumber(spec.stepCentreSeconds(0)) + "\n";
  for (const std::string& id : ids) manifest += id + "\n";
  const size_t stride = std::max<size_t>(1, ids.size() / kShapes);
  for (size_t i = 0; i < ids.size(); i += stride) {
    try {
      const auto shape = store->shape(ids[i]);
      manifest += std::to_string(shape->rows) + "x" + std::to_string(shape->columns) + shape->type + "\n";
    } catch (const InputError&) {
      manifest += "unreadable\n";
    }
  }
  if (!fs::is_directory(spec.store)) return manifest + sampleOf(spec.store);
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(spec.store)) {
    if (entry.path().extension() == ".npy") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  const size_t file_stride = std::max<size_t>(1, files.size() / kSampledFiles);
  for (size_t i = 0; i < files.size(); i += file_stride) manifest += contentHash(sampleOf(files[i])) + "\n";
  return manifest;
}

}  // namespace

std::string datasetHash(const DatasetSpec& spec) {
  std::string text = contentHashOfFile(spec.annotations) + "\n";
  for (const auto& [subset, file] : spec.captions) text += "captions " + subset + " " + contentHashOfFile(file) + "\n";
  for (const auto& [subset, files] : spec.questions) {
    for (const fs::path& file : files) text += "questions " + subset + " " + contentHashOfFile(file) + "\n";
  }
  for (const auto& [subset, file] : spec.lists) text += "list " + subset + " " + contentHashOfFile(file) + "\n";
  if (!spec.blocked.empty()) text += "blocked " + contentHashOfFile(spec.blocked) + "\n";
  if (!spec.holdout.empty()) text += "holdout " + contentHashOfFile(spec.holdout) + "\n";
  return contentHash(text + contentHash(featureManifest(spec.features)));
}

std::string splitHash(const Catalogue& catalogue, const std::string& subset) {
  std::string text;
  for (const int64_t i : catalogue.subset(subset)) text += catalogue.videos[static_cast<size_t>(i)].id + "\n";
  return contentHash(text);
}

}  // namespace hvlm
