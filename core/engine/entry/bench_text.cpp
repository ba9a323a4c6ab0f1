// SPDX-License-Identifier: Apache-2.0
#include "engine/entry/bench_text.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <algorithm>
#include <array>
#include <filesystem>

#include "engine/entry/retrieval_index.h"
#include "engine/kernels/kernels.h"
#include "engine/language/text_tower.h"
#include "engine/model/parameters.h"
#include "support/random.h"

namespace hvlm {
namespace {

using Json = nlohmann::json;

constexpr int64_t kWidth = 256;
constexpr int64_t kMomentsOfAVideo = 8 + 4 + 2 + 1 + 10;  // nodes of the levels that an index keeps, and detections
constexpr int64_t kAnswers = 20;
constexpr int64_t kRowsAtOnce = 65536;  // made in float32 before they are halved
constexpr size_t kWords = 12;

at::Tensor unitRows(int64_t rows, int64_t width, at::ScalarType type, at::Generator& random) {
  at::Tensor out = at::empty({rows, width}, at::TensorOptions().dtype(type));
  for (int64_t first = 0; first < rows; first += kRowsAtOnce) {
    const int64_t count = std::min(kRowsAtOnce, rows - first);
    const at::Tensor drawn = at::randn({count, width}, random, at::kFloat);
    out.narrow(0, first, count).copy_(drawn / drawn.norm(2, {1}, true));
  }
  return out;
}

RetrievalIndex randomIndex(int64_t videos, int64_t width, at::Generator& random) {
  RetrievalIndex index;
  const int64_t moments = videos * kMomentsOfAVideo;
  index.video_vectors = unitRows(videos, width, at::kFloat, random);
  index.moment_vectors = unitRows(moments, width, at::kHalf, random);
  for (int64_t v = 0; v < videos; ++v) {
    index.videos.push_back("v_" + std::to_string(v));
    index.durations.push_back(120.0);
    for (int64_t m = 0; m < kMomentsOfAVideo; ++m) {
      index.moment_video.push_back(v);
      index.moment_start.push_back(static_cast<double>(m));
      index.moment_end.push_back(static_cast<double>(m + 5));
    }
  }
  return index;
}

std::string sentence(uint64_t number) {
  static constexpr std::array<const char*, 16> kVocabulary = {"a", "man", "woman", "rides", "the", "bike", "up", "hill", "while", "people", "watch", "and", "then", "throws", "ball", "slowly"};
  SplitMix random(number);
  std::string text;
  for (size_t w = 0; w < kWords; ++w) text += (w > 0 ? " " : "") + std::string(kVocabulary[static_cast<size_t>(random.below(static_cast<int64_t>(kVocabulary.size())))]);
  return text;
}

}  // namespace

Json benchText(const BenchSpec& spec, const BenchProgress& progress) {
  const at::NoGradGuard no_grad;
  const int64_t width = spec.dim > 0 ? spec.dim : kWidth;
  proceedOrStop(progress, "making an index", 0, 0);
  at::Generator random = makeGenerator(1);
  const RetrievalIndex index = randomIndex(spec.videos, width, random);
  const at::Tensor query = unitRows(1, width, at::kFloat, random)[0];
  const auto search = [&] {
    RetrievalAnswer answer;
    searchIndex(index, query, kAnswers, answer);
  };
  const auto searchPlainly = [&] {
    forcePlain(true);
    search();
    forcePlain(false);
  };
  const bool minilm = std::filesystem::exists(miniLmWeights());
  TextOptions options;
  std::unique_ptr<const TextTower> own;  // keeps nothing on the disk
  if (minilm) own = std::make_unique<MiniLmTower>(miniLmWeights(), std::filesystem::path());
  const std::shared_ptr<const TextTower> hashed = minilm ? nullptr : openTextTower(options);
  const TextTower& tower = minilm ? *own : *hashed;
  uint64_t asked = 0;
  const auto encode = [&] { tower.encode(sentence(++asked)); };

  const BenchLimits limits = measureLimits(progress);
  resetPeakResident();
  std::vector<std::function<void()>> works{encode, search};
  if (fusedAvailable()) works.emplace_back(searchPlainly);
  const std::vector<Spread> spreads = timeInTurns(works, spec.repeats, progress);
  const int64_t bytes = static_cast<int64_t>(index.video_vectors.nbytes() + index.moment_vectors.nbytes());
  Json answer = {{"part", "text"}, {"threads", at::get_num_threads()}, {"repeats", spec.repeats}, {"videos", spec.videos}, {"moments", index.moment_vectors.size(0)}, {"dim", width},
                 {"index_bytes", bytes}, {"peak_resident_bytes", peakResidentBytes()},
                 {"sentence", {{"tower", tower.tag()}, {"words", kWords}, {"seconds", spreadJson(spreads[0])}}}};
  addFigures(answer, spreads[1], 0.0, static_cast<double>(bytes), limits);
  if (spreads.size() > 2) answer["plain"] = {{"seconds", spreadJson(spreads[2])}};
  return answer;
}

}  // namespace hvlm
