// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>

#include <nlohmann/json.hpp>

#include "engine/cuda/device.h"
#include "engine/entry/engine.h"
#include "engine/eval/embed.h"
#include "jobs/embedding_file.h"
#include "support/error.h"
#include "support/log.h"

namespace hvlm {
namespace {

void append(std::vector<float>& to, const at::Tensor& values) {
  const at::Tensor plain = values.to(at::kFloat).contiguous();
  to.insert(to.end(), plain.const_data_ptr<float>(), plain.const_data_ptr<float>() + plain.numel());
}

// Every k-th step, counted over all videos, so that at most `most` are kept.
int64_t strideFor(const Dataset& data, const std::vector<int64_t>& videos, int64_t most) {
  int64_t steps = 0;
  for (const int64_t length : lengthsOf(data.catalogue, *data.store, videos)) steps += length;
  return std::max<int64_t>(1, (steps + most - 1) / most);
}

void take(const EmbeddedSet& set, const Dataset& data, int64_t stride, int64_t& counted, EmbeddingFile& out) {
  const auto labels = stepLabelsOf(data.catalogue, data.spec.features, set);
  const auto main = mainLabelsOf(data.catalogue, set.videos);
  append(out.vectors, set.video_vectors);
  if (set.video_scores.defined()) append(out.scores, set.video_scores);
  std::vector<int64_t> rows;
  for (size_t v = 0; v < set.videos.size(); ++v) {
    const int64_t index = out.videoCount();
    out.videos.push_back(data.catalogue.videos[static_cast<size_t>(set.videos[v])].id);
    out.labels.push_back(main[v]);
    for (int64_t row = set.offsets[v]; row < set.offsets[v + 1]; ++row) {
      if (counted++ % stride != 0) continue;
      rows.push_back(row);
      out.moment_video.push_back(index);
      out.moment_step.push_back(row - set.offsets[v]);
      out.moment_label.push_back(labels[static_cast<size_t>(row)]);
    }
  }
  if (!rows.empty()) append(out.moments, set.steps.index_select(0, at::tensor(rows)));
}

}  // namespace

void TorchEngine::embed(const EmbedSpec& spec, JobControl& control, JobObserver& observer) {
  const at::Device device = openDevice(spec.device);
  setThreads(spec.threads);
  LoadedModel loaded = loadModel(spec.run_folder, spec.checkpoint, device);
  for (const std::string& warning : loaded.warnings) {
    logWarning(warning);
    observer.onEvent(WarningEvent{warning});
  }
  const auto data = inClassesOf(loaded.state, openDataset(spec.data), spec.run_folder);
  const auto videos = usableVideos(*data, spec.subset, loaded.state.input_dim, spec.run_folder);
  EmbeddingFile out;
  out.run_id = readRunRecord(spec.run_folder).id;
  out.subset = spec.subset;
  out.encoder = loaded.config.encoder.kind;
  out.checkpoint_step = loaded.state.step;
  out.step_seconds = data->spec.features.stepSeconds();
  out.width = loaded.model->width();
  out.classes = data->catalogue.classes;
  const int64_t stride = strideFor(*data, videos, spec.most_moments);
  int64_t counted = 0, done = 0;
  for (const auto& portion : portions(data->catalogue, *data->store, videos, out.width)) {
    const auto progress = [&](int64_t now, int64_t) {
      observer.onEvent(PhaseEvent{"embedding", done + now, static_cast<int64_t>(videos.size())});
      return !control.stopRequested();
    };
    take(embedVideos(*loaded.model, *data->store, data->catalogue, data->spec.features, portion, progress), *data, stride, counted, out);
    done += static_cast<int64_t>(portion.size());
  }
  writeEmbedding(spec.out, out);
  const nlohmann::json result = {{"out", spec.out}, {"subset", spec.subset}, {"videos", out.videoCount()}, {"moments", out.momentCount()}, {"every", stride},
                                 {"width", out.width}, {"checkpoint_step", out.checkpoint_step}};
  observer.onEvent(FinishedEvent{std::to_string(out.videoCount()) + " videos and " + std::to_string(out.momentCount()) + " moments written to " + spec.out, result.dump(), false});
}

}  // namespace hvlm
