// SPDX-License-Identifier: Apache-2.0
#include <ATen/Parallel.h>
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "data/batch.h"
#include "data/half.h"
#include "data/hdf5_writer.h"
#include "engine/eval/bench.h"
#include "engine/eval/bench_lengths.h"
#include "support/error.h"
#include "support/random.h"
#include "support/temporary_folder.h"

namespace hvlm {
namespace fs = std::filesystem;
namespace {

using Json = nlohmann::json;

constexpr int64_t kBatch = 8, kColumns = 512;

// Random features of a list of lengths in one HDF5 file.
void writeStore(const fs::path& file, const std::string& type, const BenchSpec& spec) {
  const int64_t columns = spec.dim > 0 ? spec.dim : kColumns;
  FeatureWriter writer(file, spec.key);
  SplitMix random(5);
  std::vector<float> values;
  std::vector<uint16_t> halves;
  int64_t number = 0;
  for (const int64_t rows : benchLengths(spec.mix, spec.videos, spec.steps)) {
    values.resize(static_cast<size_t>(rows * columns));
    for (float& value : values) value = random.normal();
    const std::string id = "video" + std::to_string(number++);
    if (type == "float32") {
      writer.write(id, rows, columns, std::span<const float>(values));
      continue;
    }
    halves.resize(values.size());
    narrowHalf(values.data(), halves.data(), values.size());
    writer.write(id, rows, columns, std::span<const uint16_t>(halves));
  }
  writer.close();
}

std::vector<fs::path> filesOf(const fs::path& store) {
  if (!fs::is_directory(store)) return {store};
  std::vector<fs::path> files;
  for (const auto& entry : fs::directory_iterator(store)) {
    if (entry.is_regular_file()) files.push_back(entry.path());
  }
  return files;
}

// Asks the system to forget what it holds of these files; it may decline.
void dropFromCache(const std::vector<fs::path>& files) {
  for (const fs::path& file : files) {
    const int descriptor = open(file.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) continue;
    fdatasync(descriptor);
    posix_fadvise(descriptor, 0, 0, POSIX_FADV_DONTNEED);
    close(descriptor);
  }
}

// Over an earlier one; the temporary folder may lie on another disk.
void keepFile(const fs::path& file, const fs::path& place) {
  std::error_code error;
  fs::copy_file(file, place, fs::copy_options::overwrite_existing, error);
  if (error) throw systemError(place.string(), "write the features", error.value());
}

// What is read: all videos of a store, or a subset of a data set.
struct Source {
  FeatureSpec spec;
  Catalogue catalogue;
  std::vector<int64_t> videos;
};

Source wholeStore(const fs::path& file, const std::string& key) {
  Source source;
  source.spec.store = fs::absolute(file);
  source.spec.key = key;
  source.spec.steps_per_second = 1.0;
  for (const std::string& id : FeatureStore::open(source.spec)->ids()) {
    source.videos.push_back(static_cast<int64_t>(source.catalogue.videos.size()));
    source.catalogue.videos.push_back({.id = id, .subset = {}, .segments = {}, .captions = {}, .questions = {}});
  }
  source.catalogue.index();
  return source;
}

Source ofDataset(const BenchSpec& spec) {
  const DatasetSpec dataset = readDatasetSpec(spec.data);
  Source source{dataset.features, readCatalogue(dataset), {}};
  source.videos = source.catalogue.subset(spec.subset);
  return source;
}

Json measureStore(Source source, const BenchSpec& spec, double memcpy_gbs, const BenchProgress& progress) {
  const auto store = FeatureStore::open(source.spec);
  std::vector<int64_t> lengths;
  int64_t columns = 0;
  std::string type;
  std::erase_if(source.videos, [&](int64_t v) {
    const auto shape = store->shape(source.catalogue.videos[static_cast<size_t>(v)].id);
    if (!shape) return true;
    columns = shape->columns;
    type = shape->type;
    lengths.push_back(shape->rows);
    return false;
  });
  if (source.videos.empty()) {
    throw InputError({.where = source.spec.store.string(), .expected = "videos to read", .found = "none", .remedy = "Check --subset and --key; hvlm inspect shows what is there."});
  }
  int64_t epoch = 0, rows = 0;
  const auto read = [&] {
    auto batches = epochOrder(lengths, spec.batch > 0 ? spec.batch : kBatch, 1, epoch++);
    for (auto& batch : batches) {
      for (int64_t& index : batch) index = source.videos[static_cast<size_t>(index)];
    }
    BatchPrefetcher prefetcher(*store, source.catalogue, std::move(batches), columns);
    Batch batch;
    rows = 0;
    while (prefetcher.next(batch)) rows += batch.rows();
  };
  const auto files = filesOf(source.spec.store);
  int64_t file_bytes = 0;
  for (const fs::path& file : files) file_bytes += static_cast<int64_t>(fs::file_size(file));
  resetPeakResident();
  const Spread seconds = timeInTurns({read}, spec.repeats, progress).front();
  const double bytes = 4.0 * static_cast<double>(rows * columns), gbs = bytes / seconds.median / 1e9;
  Json answer = {{"type", type}, {"file_bytes", file_bytes}, {"videos", source.videos.size()}, {"rows", rows}, {"columns", columns}, {"seconds", spreadJson(seconds)},
                 {"bytes", bytes}, {"gbs", gbs}, {"memcpy_gbs", memcpy_gbs}, {"memcpy_share", gbs / memcpy_gbs}, {"videos_per_second", static_cast<double>(lengths.size()) / seconds.median},
                 {"steps_per_second", static_cast<double>(rows) / seconds.median}, {"peak_resident_bytes", peakResidentBytes()}};
  if (spec.cold) {
    std::vector<double> cold;
    for (int64_t i = 0; i < spec.repeats; ++i) {
      proceedOrStop(progress, "reading without the page cache", i, spec.repeats);
      dropFromCache(files);
      cold.push_back(secondsOf(read));
    }
    answer["cold_seconds"] = spreadOf(cold).median;
  }
  return answer;
}

}  // namespace

Json benchData(const BenchSpec& spec, const BenchProgress& progress) {
  const int64_t threads = at::get_num_threads();
  proceedOrStop(progress, "measuring the machine's limits", 0, 0);
  const double copy_gbs = copyBandwidth(threads) / 1e9;
  Json stores = Json::array();
  if (!spec.features.empty()) {
    stores.push_back(measureStore(wholeStore(spec.features, spec.key), spec, copy_gbs / 2, progress));
  } else if (!spec.data.empty()) {
    stores.push_back(measureStore(ofDataset(spec), spec, copy_gbs / 2, progress));
  } else {
    const TemporaryFolder folder;
    for (const std::string type : {"float16", "float32"}) {
      if (spec.store_type != "both" && spec.store_type != type) continue;
      proceedOrStop(progress, "writing features", 0, 0);
      const fs::path file = folder.path() / (type + ".h5");
      writeStore(file, type, spec);
      stores.push_back(measureStore(wholeStore(file, spec.key), spec, copy_gbs / 2, progress));
      if (!spec.keep.empty()) keepFile(file, spec.keep);
    }
  }
  const Json& last = stores.back();
  return {{"part", "data"}, {"threads", threads}, {"repeats", spec.repeats}, {"batch", spec.batch > 0 ? spec.batch : kBatch}, {"copy_gbs", copy_gbs}, {"stores", stores},
          {"seconds", last.at("seconds")}, {"bytes", last.at("bytes")}, {"gbs", last.at("gbs")}, {"bandwidth_share", last.at("memcpy_share")}, {"peak_resident_bytes", last.at("peak_resident_bytes")}};
}

}  // namespace hvlm
