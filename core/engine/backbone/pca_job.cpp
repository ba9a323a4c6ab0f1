// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <unistd.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "data/catalogue.h"
#include "data/feature_store.h"
#include "data/half.h"
#include "data/hdf5_writer.h"
#include "engine/backbone/extract.h"
#include "engine/backbone/pca.h"
#include "support/error.h"

namespace hvlm {
namespace fs = std::filesystem;
namespace {

at::Tensor rowsOf(const FeatureStore& store, const std::string& id) {
  const FeatureMatrix matrix = store.read(id);
  if (const int64_t bad = firstNonFinite(matrix); bad >= 0) {
    throw InputError({.where = store.describe() + ": " + id, .expected = "finite numbers", .found = "NaN or Inf in row " + std::to_string(bad), .remedy = "Extract this video again."});
  }
  return at::from_blob(const_cast<float*>(matrix.values.data()), {matrix.rows, matrix.columns}, at::kFloat).clone();
}

void transform(const PcaSpec& spec, const FeatureStore& store, const std::vector<std::string>& ids, const Pca& pca, bool whiten, const ExtractProgress& progress) {
  const fs::path out = spec.out, aside = out.parent_path() / ("." + out.filename().string() + ".tmp-" + std::to_string(getpid()) + "-0");
  try {
    fs::remove(aside);
    FeatureWriter writer(aside, spec.key);
    for (size_t i = 0; i < ids.size(); ++i) {
      if (!progress("reducing features", static_cast<int64_t>(i), static_cast<int64_t>(ids.size()))) throw Interrupted("stopped; nothing was written");
      const at::Tensor rows = applyPca(pca, rowsOf(store, ids[i]), whiten).to(at::kFloat).contiguous();
      std::vector<uint16_t> halves(static_cast<size_t>(rows.numel()));
      narrowHalf(rows.const_data_ptr<float>(), halves.data(), halves.size());
      writer.write(ids[i], rows.size(0), rows.size(1), halves);
      for (const std::string_view name : kChannelNames) {
        const auto channel = store.channel(ids[i], std::string(name), rows.size(0));
        if (!channel) continue;
        std::vector<uint16_t> narrow(channel->size());
        narrowHalf(channel->data(), narrow.data(), narrow.size());
        writer.writeChannel(ids[i], std::string(name), narrow);
      }
    }
    writer.close();
    fs::rename(aside, out);
  } catch (...) {
    std::error_code ignored;
    fs::remove(aside, ignored);
    throw;
  }
}

}  // namespace

nlohmann::json runPca(const PcaSpec& spec, const ExtractProgress& progress) {
  std::unique_ptr<FeatureStore> store;
  std::vector<std::string> ids;
  if (!spec.data.empty()) {
    const DatasetSpec data = readDatasetSpec(spec.data);
    const Catalogue catalogue = readCatalogue(data);
    store = FeatureStore::open(data.features);
    for (const int64_t v : catalogue.subset(spec.subset)) {
      const std::string& id = catalogue.videos[static_cast<size_t>(v)].id;
      if (store->shape(id)) ids.push_back(id);
    }
    if (ids.empty()) throw InputError({.where = spec.data, .expected = "videos of \"" + spec.subset + "\" with features", .found = "none", .remedy = "Name another --subset."});
  } else {
    FeatureSpec features;
    features.store = spec.features;
    features.key = spec.key;
    features.steps_per_second = 1.0;
    store = FeatureStore::open(features);
    ids = store->ids();
  }
  if (spec.apply) {
    bool whiten = false;
    const Pca pca = loadPca(spec.file, &whiten);
    transform(spec, *store, ids, pca, whiten, progress);
    return {{"out", spec.out}, {"videos", ids.size()}, {"dims", pca.components.size(0)}};
  }
  PcaSums sums;
  for (size_t i = 0; i < ids.size(); ++i) {
    if (!progress("reading features", static_cast<int64_t>(i), static_cast<int64_t>(ids.size()))) throw Interrupted("stopped; nothing was written");
    sums.add(rowsOf(*store, ids[i]));
  }
  const Pca pca = sums.fit(spec.dims);
  savePca(spec.file, pca, spec.whiten);
  return {{"file", spec.file}, {"videos", ids.size()}, {"rows", sums.rows()}, {"dims", spec.dims}, {"explained", pca.ratio.sum().item<double>()}, {"whiten", spec.whiten}};
}

}  // namespace hvlm
