// SPDX-License-Identifier: Apache-2.0
#include "data/batch.h"

#include <algorithm>
#include <numeric>

#include "data/augment.h"
#include "support/random.h"
#include "support/error.h"
#include "support/hash.h"

namespace hvlm {
namespace {

constexpr size_t kBatchesAhead = 2;
constexpr int64_t kBatchesPerPool = 8;  // videos are sorted by length within pools of so many batches

VideoSteps withChannels(VideoSteps item, const FeatureStore& store, const std::string& id) {
  item.motion = store.channel(id, "motion", item.features.rows).value_or(std::vector<float>());
  item.saliency = store.channel(id, "saliency", item.features.rows).value_or(std::vector<float>());
  return item;
}

InputError notFinite(const std::string& video, int64_t row) {
  return InputError({.where = "features of video " + video + ", row " + std::to_string(row),
                     .expected = "finite numbers",
                     .found = "NaN or Inf",
                     .remedy = "Extract this video again, or leave it out with lists.blocked."});
}

// Features of one video, checked, and its side channels when asked for.
VideoSteps readChecked(const FeatureStore& store, const Catalogue& catalogue, int64_t index, int64_t columns,
                       bool with_channels) {
  const Video& video = catalogue.videos.at(static_cast<size_t>(index));
  VideoSteps item{index, store.read(video.id), {}, {}};
  checkFeatures(item.features, video.id, columns);
  return with_channels ? withChannels(std::move(item), store, video.id) : item;
}

// The channel of all items end to end, or nothing when one of them has none.
std::vector<float> joinedChannel(const std::vector<VideoSteps>& items, std::vector<float> VideoSteps::*channel) {
  std::vector<float> joined;
  for (const VideoSteps& item : items) {
    const std::vector<float>& values = item.*channel;
    if (values.empty()) return {};
    if (static_cast<int64_t>(values.size()) != item.features.rows) {
      throw ShapeError("packBatch: a channel of " + std::to_string(values.size()) + " values for " +
                       std::to_string(item.features.rows) + " steps");
    }
    joined.insert(joined.end(), values.begin(), values.end());
  }
  return joined;
}

}  // namespace

void checkFeatures(const FeatureMatrix& features, const std::string& video, int64_t columns, int64_t first_row) {
  if (columns > 0 && features.columns != columns) {
    throw InputError({.where = "features of video " + video,
                      .expected = std::to_string(columns) + " columns",
                      .found = std::to_string(features.columns),
                      .remedy = "Use the features that the others have, or leave the video out with lists.blocked."});
  }
  const int64_t row = firstNonFinite(features);
  if (row < 0) return;
  throw notFinite(video, first_row + row);
}

Batch packBatch(const std::vector<VideoSteps>& items) {
  Batch batch;
  batch.offsets.push_back(0);
  size_t total = 0;
  for (const VideoSteps& item : items) total += item.features.values.size();
  batch.steps.reserve(total);
  for (const VideoSteps& item : items) {
    if (batch.columns == 0) batch.columns = item.features.columns;
    if (item.features.columns != batch.columns) {
      throw InputError(
          {.where = "a batch",
           .expected = "features of one width",
           .found = std::to_string(batch.columns) + " and " + std::to_string(item.features.columns) + " columns",
           .remedy = "Run hvlm inspect to find the videos."});
    }
    batch.steps.insert(batch.steps.end(), item.features.values.begin(), item.features.values.end());
    batch.offsets.push_back(batch.offsets.back() + item.features.rows);
    batch.videos.push_back(item.video);
  }
  batch.motion = joinedChannel(items, &VideoSteps::motion);
  batch.saliency = joinedChannel(items, &VideoSteps::saliency);
  return batch;
}

std::vector<std::vector<int64_t>> epochOrder(const std::vector<int64_t>& lengths, int64_t batch_size, uint64_t seed,
                                             int64_t epoch, bool shuffle) {
  batch_size = std::max<int64_t>(1, batch_size);
  std::vector<int64_t> order(lengths.size());
  std::iota(order.begin(), order.end(), int64_t{0});
  SplitMix random(mixSeed(seed, static_cast<uint64_t>(epoch), 0x6f72646572ull));
  const auto length = [&](int64_t i) { return lengths[static_cast<size_t>(i)]; };
  if (shuffle) {
    random.shuffle(order);
    const int64_t pool = batch_size * kBatchesPerPool;
    const auto count = static_cast<int64_t>(order.size());
    for (int64_t first = 0; first < count; first += pool) {
      std::stable_sort(order.begin() + first, order.begin() + std::min(count, first + pool),
                       [&](int64_t a, int64_t b) { return length(a) < length(b); });
    }
  }
  std::vector<std::vector<int64_t>> batches;
  for (size_t first = 0; first < order.size(); first += static_cast<size_t>(batch_size)) {
    const size_t last = std::min(order.size(), first + static_cast<size_t>(batch_size));
    batches.emplace_back(order.begin() + static_cast<std::ptrdiff_t>(first),
                         order.begin() + static_cast<std::ptrdiff_t>(last));
  }
  if (shuffle) random.shuffle(batches);
  return batches;
}

BatchPrefetcher::BatchPrefetcher(const FeatureStore& store, const Catalogue& catalogue,
                                 std::vector<std::vector<int64_t>> batches, int64_t columns_expected, bool with_channels,
                                 const VideoAugmenter* augmenter, uint64_t augment_seed)
    : store_(store),
      catalogue_(catalogue),
      batches_(std::move(batches)),
      columns_expected_(columns_expected),
      with_channels_(with_channels),
      augmenter_(augmenter),
      augment_seed_(augment_seed) {
  const size_t readers = augmenter_ ? 1 : std::min(batches_.size(), kBatchesAhead);
  for (size_t i = 0; i < readers; ++i) threads_.emplace_back([this] { work(); });
}

BatchPrefetcher::~BatchPrefetcher() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  changed_.notify_all();
  for (std::thread& each : threads_) each.join();
}

bool BatchPrefetcher::next(Batch& batch) {
  std::unique_lock lock(mutex_);
  if (handed_ == batches_.size()) return false;
  changed_.wait(lock, [&] { return ready_.contains(handed_) || failures_.contains(handed_); });
  if (const auto failure = failures_.find(handed_); failure != failures_.end()) std::rethrow_exception(failure->second);
  if (batch.steps.capacity() > 0 && spare_.size() < kBatchesAhead) spare_.push_back(std::move(batch.steps));
  batch = std::move(ready_.extract(handed_).mapped());
  ++handed_;
  lock.unlock();
  changed_.notify_all();
  return true;
}

// All videos straight into the memory of the batch. False where the store cannot tell their shapes beforehand.
bool BatchPrefetcher::readTogether(const std::vector<int64_t>& videos, Batch& batch) const {
  std::vector<FeatureShape> shapes;
  batch.offsets.assign(1, 0);
  for (const int64_t index : videos) {
    const std::string& id = catalogue_.videos.at(static_cast<size_t>(index)).id;
    const std::optional<FeatureShape> shape = store_.shape(id);
    if (!shape) return false;
    const int64_t columns = columns_expected_ > 0 ? columns_expected_ : shapes.empty() ? shape->columns : shapes.front().columns;
    if (shape->columns != columns) return false;  // the plain way says which
    shapes.push_back(*shape);
    batch.offsets.push_back(batch.offsets.back() + shape->rows);
  }
  batch.videos = videos;
  batch.columns = shapes.empty() ? 0 : shapes.front().columns;
  batch.steps.clear();
  batch.steps.resize(static_cast<size_t>(batch.rows() * batch.columns));
  std::vector<VideoSteps> channels;
  for (size_t i = 0; i < videos.size(); ++i) {
    const std::string& id = catalogue_.videos[static_cast<size_t>(videos[i])].id;
    const int64_t bad = store_.readInto(id, shapes[i], batch.steps.data() + batch.offsets[i] * batch.columns);
    if (bad >= 0) throw notFinite(id, bad);
    if (with_channels_) channels.push_back(withChannels({videos[i], {shapes[i].rows, shapes[i].columns, {}}, {}, {}}, store_, id));
  }
  batch.motion = joinedChannel(channels, &VideoSteps::motion);
  batch.saliency = joinedChannel(channels, &VideoSteps::saliency);
  return true;
}

Batch BatchPrefetcher::readBatch(const std::vector<int64_t>& videos, StepValues memory) {
  Batch batch;
  batch.steps = std::move(memory);
  if (!augmenter_ && readTogether(videos, batch)) return batch;
  std::vector<VideoSteps> items;
  std::vector<Batch::Remade> remade;
  items.reserve(videos.size());
  for (const int64_t video : videos) {
    items.push_back(readChecked(store_, catalogue_, video, columns_expected_, with_channels_));
    if (!augmenter_) continue;
    auto made = augmenter_->remade(items.back(), mixSeed(augment_seed_, static_cast<uint64_t>(video), 0x72656d616b65ull));
    remade.emplace_back();
    if (made) {
      remade.back() = {true, std::move(made->segments)};
      items.back() = std::move(made->steps);
    }
  }
  batch = packBatch(items);
  batch.remade = std::move(remade);
  return batch;
}

void BatchPrefetcher::work() {
  std::unique_lock lock(mutex_);
  while (true) {
    const auto over = [&] { return stop_ || taken_ == batches_.size() || !failures_.empty(); };
    changed_.wait(lock, [&] { return over() || taken_ - handed_ < kBatchesAhead; });
    if (over()) return;
    const size_t place = taken_++;
    StepValues memory;
    if (!spare_.empty()) {
      memory = std::move(spare_.back());
      spare_.pop_back();
    }
    lock.unlock();
    Batch batch;
    std::exception_ptr failure;
    try {
      batch = readBatch(batches_[place], std::move(memory));
    } catch (...) {
      failure = std::current_exception();
    }
    lock.lock();
    if (failure) {
      failures_[place] = failure;
    } else {
      ready_[place] = std::move(batch);
    }
    changed_.notify_all();
  }
}

}  // namespace hvlm
