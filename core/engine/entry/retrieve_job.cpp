// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>

#include <chrono>

#include "data/report.h"
#include "engine/entry/engine.h"
#include "engine/entry/retrieval_index.h"
#include "engine/eval/retrieval_report.h"
#include "engine/language/text_tower.h"
#include "support/error.h"
#include "support/log.h"
#include "support/text.h"

namespace hvlm {
namespace {

constexpr size_t kMostIndices = 4;  // kept in memory

double now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

}  // namespace

RetrievalAnswer TorchEngine::retrieve(const RetrieveSpec& spec, std::stop_token stop) {
  const KeepThreads keep;
  if (spec.threads > 0) setThreads(spec.threads);
  if (trimmed(spec.query).empty()) throw InputError({.where = "query", .expected = "some words", .found = "none", .remedy = "Say what to look for: hvlm retrieve \"a man rides a bike\" --run DIR"});
  const auto loaded = cachedModel(spec.run_folder, spec.checkpoint);
  if (!usesText(loaded->config)) {
    throw InputError({.where = spec.run_folder + "/config.yaml", .expected = "a run with a text term (loss.text, loss.segment_text or contrast.method = videoclip)", .found = "none",
                      .remedy = "Train one with texts: hvlm train --config language --data DATASET.yaml --run DIR"});
  }
  const auto data = inClassesOf(loaded->state, openDataset(spec.data), spec.run_folder);
  const double begun = now();
  const std::string key = datasetHash(data->spec) + "-" + std::to_string(loaded->state.step) + "-" + loaded->state.config_hash;
  const std::filesystem::path file = std::filesystem::path(spec.run_folder) / "index" / (spec.subset + ".safetensors");
  const std::string place = file.string() + "|" + key;
  std::shared_ptr<const RetrievalIndex> index = indices_.contains(place) ? indices_.at(place) : readRetrievalIndex(file, key);
  if (!index) {
    const auto videos = usableVideos(*data, spec.subset, loaded->state.input_dim, spec.run_folder);
    index = std::make_shared<RetrievalIndex>(makeRetrievalIndex(*loaded, *data, videos, key, [&](int64_t, int64_t) { return !stop.stop_requested(); }));
    try {
      writeRetrievalIndex(file, *index);
    } catch (const std::exception& error) {
      logWarning(std::string("the index is not kept: ") + error.what());  // a run folder that cannot be written to
    }
  }
  if (indices_.size() >= kMostIndices && !indices_.contains(place)) indices_.clear();
  indices_[place] = index;
  RetrievalAnswer answer;
  answer.text_tower = loaded->config.text.tower + (loaded->config.text.tuning == "none" ? "" : ", " + loaded->config.text.tuning);
  answer.index_seconds = now() - begun;
  const at::NoGradGuard no_grad;
  const double asked = now();
  const auto tower = loaded->heads ? loaded->heads->tower() : openTextTower(loaded->config.text);
  tower_ = tower;  // stays open for the next question
  const at::Tensor query = sharedRowsOfText(*loaded->model, textRows(*tower, {spec.query}).vectors)[0];
  answer.text_seconds = now() - asked;
  tower->save();
  const double begun_search = now();
  searchIndex(*index, query, std::max<int64_t>(1, spec.most), answer);
  answer.search_seconds = now() - begun_search;
  return answer;
}

}  // namespace hvlm
