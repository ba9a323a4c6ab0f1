// SPDX-License-Identifier: Apache-2.0
#include "engine/entry/retrieval_index.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "engine/eval/embed.h"
#include "engine/eval/retrieval_report.h"
#include "engine/kernels/half_rows.h"
#include "engine/model/plain_tensor.h"
#include "engine/model/pyramid.h"
#include "runs/safetensors.h"
#include "score/detection.h"
#include "support/atomic_file.h"
#include "support/error.h"

namespace hvlm {
namespace {

namespace fs = std::filesystem;

constexpr size_t kMostNodes = 8;        // levels with more are too fine to keep
constexpr size_t kMostDetections = 10;  // of a video

at::Tensor int64Tensor(const std::vector<int64_t>& values) { return at::tensor(values, at::kLong); }
at::Tensor doubleTensor(const std::vector<double>& values) { return at::tensor(values, at::kDouble); }
std::vector<double> doublesOf(const at::Tensor& t) { return {t.const_data_ptr<double>(), t.const_data_ptr<double>() + t.numel()}; }

}  // namespace

RetrievalIndex makeRetrievalIndex(const LoadedModel& loaded, const Dataset& data, const std::vector<int64_t>& videos, std::string key, const IndexProgress& progress) {
  const at::NoGradGuard no_grad;
  const HierarchicalModel& model = *loaded.model;
  const double step = data.spec.features.stepSeconds();
  RetrievalIndex index;
  index.key = std::move(key);
  std::vector<at::Tensor> vectors, moments;
  int64_t done = 0;
  for (const auto& portion : portions(data.catalogue, *data.store, videos, model.width())) {
    const EmbeddedSet set = embedVideos(model, *data.store, data.catalogue, data.spec.features, portion, [&](int64_t now, int64_t) {
      return !progress || progress(done + now, static_cast<int64_t>(videos.size()));
    });
    vectors.push_back(sharedVideos(model, set));
    std::vector<std::pair<int64_t, int64_t>> rows;
    for (size_t b = 0; b < portion.size(); ++b) {
      const Video& video = data.catalogue.videos[static_cast<size_t>(portion[b])];
      const auto place = static_cast<int64_t>(index.videos.size());
      const int64_t steps = set.offsets[b + 1] - set.offsets[b];
      index.videos.push_back(video.id);
      index.durations.push_back(video.duration_seconds);
      const auto take = [&](int64_t first, int64_t last, double start, double end) {
        rows.emplace_back(set.offsets[b] + first, set.offsets[b] + last);
        index.moment_video.push_back(place);
        index.moment_start.push_back(start);
        index.moment_end.push_back(end);
      };
      for (const auto& level : levelSpans(steps, loaded.config.pyramid.mode)) {
        if (level.size() > kMostNodes) continue;
        for (const auto& [first, last] : level) take(first, last + 1, static_cast<double>(first) * step, std::min(video.duration_seconds, static_cast<double>(last + 1) * step));
      }
      for (size_t d = 0; d < std::min(kMostDetections, set.detections[b].size()); ++d) {
        const DetectedSegment& found = set.detections[b][d];
        const auto first = std::clamp<int64_t>(std::lround(found.start_seconds / step), 0, steps - 1);
        take(first, std::clamp<int64_t>(std::lround(found.end_seconds / step), first + 1, steps), found.start_seconds, found.end_seconds);
      }
    }
    moments.push_back(sharedMoments(model, set, rows).to(at::kHalf));
    done += static_cast<int64_t>(portion.size());
  }
  index.video_vectors = at::cat(vectors, 0).contiguous();
  index.moment_vectors = at::cat(moments, 0).contiguous();
  return index;
}

void writeRetrievalIndex(const fs::path& file, const RetrievalIndex& index) {
  TensorMap tensors;
  tensors["videos"] = toPlain(index.video_vectors);
  tensors["moments"] = toPlain(index.moment_vectors);
  tensors["moment_video"] = toPlain(int64Tensor(index.moment_video));
  tensors["moment_start"] = toPlain(doubleTensor(index.moment_start));
  tensors["moment_end"] = toPlain(doubleTensor(index.moment_end));
  tensors["durations"] = toPlain(doubleTensor(index.durations));
  fs::create_directories(file.parent_path());
  writeFileAtomic(file, encodeSafetensors(tensors, {{"kind", "hvlm retrieval index"}, {"key", index.key}, {"ids", nlohmann::json(index.videos).dump()}}));
}

std::shared_ptr<const RetrievalIndex> readRetrievalIndex(const fs::path& file, const std::string& key) {
  std::error_code none;
  if (!fs::exists(file, none)) return nullptr;
  try {
    std::map<std::string, std::string> metadata;
    const TensorMap tensors = readSafetensors(file, &metadata);
    if (metadata["kind"] != "hvlm retrieval index" || metadata["key"] != key) return nullptr;
    auto index = std::make_shared<RetrievalIndex>();
    const auto tensor = [&](const char* name) { return fromPlain(tensors.at(name), file.string() + ": " + name); };
    index->key = key;
    index->videos = nlohmann::json::parse(metadata["ids"]).get<std::vector<std::string>>();
    index->video_vectors = tensor("videos");
    index->moment_vectors = tensor("moments").to(at::kHalf);  // float32 in older ones
    const at::Tensor owner = tensor("moment_video");
    index->moment_video = {owner.const_data_ptr<int64_t>(), owner.const_data_ptr<int64_t>() + owner.numel()};
    index->moment_start = doublesOf(tensor("moment_start"));
    index->moment_end = doublesOf(tensor("moment_end"));
    index->durations = doublesOf(tensor("durations"));
    const auto videos = static_cast<int64_t>(index->videos.size()), moments = static_cast<int64_t>(index->moment_video.size());
    const bool whole = index->video_vectors.dim() == 2 && index->moment_vectors.dim() == 2 && index->video_vectors.size(0) == videos && index->moment_vectors.size(0) == moments &&
                       index->video_vectors.size(1) == index->moment_vectors.size(1) && index->durations.size() == index->videos.size() &&
                       index->moment_start.size() == index->moment_video.size() && index->moment_end.size() == index->moment_video.size() &&
                       std::all_of(index->moment_video.begin(), index->moment_video.end(), [videos](int64_t v) { return v >= 0 && v < videos; });
    return whole ? index : nullptr;
  } catch (const std::exception&) {
    return nullptr;
  }
}

void searchIndex(const RetrievalIndex& index, const at::Tensor& query, int64_t most, RetrievalAnswer& answer) {
  const at::NoGradGuard no_grad;
  const auto best = [](const at::Tensor& scores, int64_t count) { return scores.topk(std::min(count, scores.size(0))); };
  {
    const auto [values, places] = best(index.video_vectors.mv(query), most);
    for (int64_t i = 0; i < values.numel(); ++i) {
      const auto v = static_cast<size_t>(places.const_data_ptr<int64_t>()[i]);
      answer.videos.push_back({index.videos[v], 0.0, index.durations[v], values.const_data_ptr<float>()[i]});
    }
  }
  const auto [values, places] = best(halfRowProducts(index.moment_vectors, query.contiguous()), most * 8);
  std::vector<size_t> kept;
  for (int64_t i = 0; i < values.numel() && static_cast<int64_t>(kept.size()) < most; ++i) {
    const auto m = static_cast<size_t>(places.const_data_ptr<int64_t>()[i]);
    const bool doubled = std::any_of(kept.begin(), kept.end(), [&](size_t k) {
      return index.moment_video[k] == index.moment_video[m] && overlapOrZero(index.moment_start[k], index.moment_end[k], index.moment_start[m], index.moment_end[m]) > 0.5;
    });
    if (doubled) continue;
    kept.push_back(m);
    answer.moments.push_back({index.videos[static_cast<size_t>(index.moment_video[m])], index.moment_start[m], index.moment_end[m], values.const_data_ptr<float>()[i]});
  }
  answer.videos_searched = static_cast<int64_t>(index.videos.size());
  answer.moments_searched = static_cast<int64_t>(index.moment_video.size());
}

}  // namespace hvlm
