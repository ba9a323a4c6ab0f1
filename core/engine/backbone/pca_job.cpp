// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <nlohmann/json.hpp>

#include "data/catalogue.h"
#include "data/feature_store.h"
#include "data/half.h"
#include "data/hdf5_writer.h"
#include "engine/backbone/extract.h"
#include "engine/backbone/pca.h"
#include "support/atomic_file.h"
#include "support/error.h"

namespace hvlm {
namespace {

at::Tensor rowsOf(const FeatureStore& store, const std::string& id) {
  const FeatureMatrix matrix = store.read(id);
  if (const int64_t bad = firstNonFinite(matrix); bad >= 0) {
    throw InputError({.where = store.describe() + ": " + id, .expected = "finite numbers", .found = "NaN or Inf in row " + std::to_string(bad), .remedy = "Extract this video again."});
  }
  return at::from_blob(const_cast<float*>(matrix.values.data()), {matrix.rows, matrix.columns}, at::kFloat).clone();
}

void transform(const PcaSpec& spec, const FeatureStore& store, const std::vector<std::string>& ids, const PrincipalComponents& pca, bool whiten, const ExtractProgress& progress) {
  PendingFile pending(spec.out);
  FeatureWriter writer(pending.aside(), spec.key);
  const auto halvesOf = [](const float* values, size_t count) {
    std::vector<uint16_t> halves(count);
    narrowHalf(values, halves.data(), count);
    return halves;
  };
  for (size_t i = 0; i < ids.size(); ++i) {
    if (!progress("reducing features", static_cast<int64_t>(i), static_cast<int64_t>(ids.size()))) throw Interrupted("stopped; nothing was written");
    const at::Tensor rows = applyPca(pca, rowsOf(store, ids[i]), whiten).to(at::kFloat).contiguous();
    writer.write(ids[i], rows.size(0), rows.size(1), halvesOf(rows.const_data_ptr<float>(), static_cast<size_t>(rows.numel())));
    for (const std::string_view name : kChannelNames) {
      if (const auto channel = store.channel(ids[i], std::string(name), rows.size(0))) writer.writeChannel(ids[i], std::string(name), halvesOf(channel->data(), channel->size()));
    }
  }
  writer.close();
  pending.commit();
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
    const PrincipalComponents pca = loadPca(spec.file, &whiten);
    transform(spec, *store, ids, pca, whiten, progress);
    return {{"out", spec.out}, {"videos", ids.size()}, {"dims", pca.components.size(0)}};
  }
  PrincipalSums sums;
  for (size_t i = 0; i < ids.size(); ++i) {
    if (!progress("reading features", static_cast<int64_t>(i), static_cast<int64_t>(ids.size()))) throw Interrupted("stopped; nothing was written");
    sums.add(rowsOf(*store, ids[i]));
  }
  const int64_t width = sums.width();
  if (sums.rows() < 2) throw InputError({.where = "PCA", .expected = "two feature vectors at least", .found = std::to_string(sums.rows()), .remedy = "Fit it on a subset with features."});
  if (spec.dims < 1 || spec.dims > width) throw InputError({.where = "--dims", .expected = "1 to " + std::to_string(width) + ", the width of the features", .found = std::to_string(spec.dims), .remedy = "Choose fewer."});
  const PrincipalComponents pca = sums.fit(spec.dims);
  savePca(spec.file, pca, spec.whiten);
  return {{"file", spec.file}, {"videos", ids.size()}, {"rows", sums.rows()}, {"dims", spec.dims}, {"explained", pca.explained_ratio.sum().item<double>()}, {"whiten", spec.whiten}};
}

}  // namespace hvlm
