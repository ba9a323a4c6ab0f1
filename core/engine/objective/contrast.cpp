// SPDX-License-Identifier: Apache-2.0
#include "engine/objective/contrast.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include "engine/objective/unit_rows.h"
#include "support/error.h"

namespace hvlm {
namespace {

constexpr double kNever = -std::numeric_limits<double>::infinity();

void checkTemperature(const char* name, double temperature) {
  if (!(temperature > 0.0)) throw ShapeError(std::string(name) + ": temperature " + std::to_string(temperature));
}

bool areRows(const at::Tensor& x, int64_t rows, int64_t width) { return x.dim() == 2 && x.size(0) == rows && x.size(1) == width; }

}  // namespace

QueueInfoNce queueInfoNce(const at::Tensor& q, const at::Tensor& k, const at::Tensor& queue, const std::vector<int64_t>& queue_videos,
                          const std::vector<int64_t>& videos, double temperature) {
  checkTemperature("queueInfoNce", temperature);
  const auto rows = static_cast<int64_t>(videos.size());
  const auto entries = static_cast<int64_t>(queue_videos.size());
  if (rows < 1 || q.dim() != 2 || !areRows(q, rows, q.size(1)) || !areRows(k, rows, q.size(1)) || !areRows(queue, entries, q.size(1))) {
    throw ShapeError("queueInfoNce: queries of " + std::to_string(rows) + " videos with " + std::to_string(q.numel()) + " numbers, keys " +
                     std::to_string(k.numel()) + ", queue of " + std::to_string(entries) + " entries with " + std::to_string(queue.numel()));
  }
  const at::Tensor query = unitRows(q);                                            // [B, D]
  const at::Tensor positive = (query * unitRows(k.detach())).sum(1, true);         // [B, 1]
  const at::Tensor negative = at::mm(query, unitRows(queue.detach()).t());         // [B, M]
  const at::Tensor same = equalPairs(videos, queue_videos, q.device());            // [B, M]
  QueueInfoNce result;
  result.logits = at::cat({positive / temperature, (negative / temperature).masked_fill(same, kNever)}, 1);
  result.loss = -result.logits.log_softmax(1).select(1, 0).mean();
  return result;
}

KeyQueue::KeyQueue(int64_t capacity, int64_t width, at::TensorOptions options) {
  if (capacity < 1 || width < 1) throw ShapeError("KeyQueue: " + std::to_string(capacity) + " keys of width " + std::to_string(width));
  keys_ = at::zeros({capacity, width}, options.requires_grad(false));
  videos_ = at::full({capacity}, -1, at::kLong);
  counters_ = at::zeros({1}, at::kLong);
}

int64_t KeyQueue::pushed() const { return *counters_.const_data_ptr<int64_t>(); }
int64_t KeyQueue::size() const { return std::min(pushed(), capacity()); }

void KeyQueue::push(const at::Tensor& keys, const std::vector<int64_t>& videos) {
  const auto given = static_cast<int64_t>(videos.size());
  if (!areRows(keys, given, keys_.size(1)))
    throw ShapeError("KeyQueue: " + std::to_string(keys.numel()) + " numbers for " + std::to_string(given) + " keys of width " +
                     std::to_string(keys_.size(1)));
  const int64_t kept = std::min(given, capacity());
  std::vector<int64_t> places;
  for (int64_t i = given - kept; i < given; ++i) places.push_back((pushed() + i) % capacity());
  const at::Tensor slots = integerTensor(places, at::kCPU);
  const std::vector<int64_t> last(videos.end() - kept, videos.end());
  keys_.index_copy_(0, slots.to(keys_.device()), keys.detach().narrow(0, given - kept, kept).to(keys_.options()));
  videos_.index_copy_(0, slots, integerTensor(last, at::kCPU));
  counters_.add_(given);
}

// Before the first wrap the oldest key lies in slot 0, then in the slot that the next one will take.
at::Tensor KeyQueue::rows() const {
  if (pushed() <= capacity()) return keys_.narrow(0, 0, size()).clone();
  return keys_.roll(-(pushed() % capacity()), 0);
}

std::vector<int64_t> KeyQueue::videos() const {
  const int64_t* stored = videos_.const_data_ptr<int64_t>();
  std::vector<int64_t> ordered(stored, stored + size());
  if (pushed() > capacity()) std::rotate(ordered.begin(), ordered.begin() + pushed() % capacity(), ordered.end());
  return ordered;
}

void momentumUpdate(const std::vector<at::Tensor>& keys, const std::vector<at::Tensor>& queries, double momentum) {
  if (keys.size() != queries.size())
    throw ShapeError("momentumUpdate: " + std::to_string(keys.size()) + " and " + std::to_string(queries.size()) + " tensors");
  const at::NoGradGuard no_grad;
  for (size_t i = 0; i < keys.size(); ++i) {
    if (keys[i].sizes() != queries[i].sizes()) throw ShapeError("momentumUpdate: tensors " + std::to_string(i) + " differ in shape");
    at::Tensor key = keys[i];
    key.mul_(momentum).add_(queries[i], 1.0 - momentum);
  }
}

at::Tensor ntXent(const at::Tensor& a, const at::Tensor& b, double temperature) {
  checkTemperature("ntXent", temperature);
  if (a.dim() != 2 || a.sizes() != b.sizes() || a.size(0) < 1)
    throw ShapeError("ntXent: expected two [B, D], found " + std::to_string(a.numel()) + " and " + std::to_string(b.numel()) + " numbers");
  const int64_t pairs = a.size(0);
  const at::Tensor z = unitRows(at::cat({a, b}));                                                      // [2B, D]
  const at::Tensor self = at::eye(2 * pairs, at::TensorOptions(at::kBool).device(a.device()));
  const at::Tensor shares = (at::mm(z, z.t()) / temperature).masked_fill(self, kNever).log_softmax(1);  // [2B, 2B]
  return -at::cat({shares.diagonal(pairs), shares.diagonal(-pairs)}).mean();
}

namespace {

// The video of each row; throws when the offsets do not fall on the rows.
std::vector<int64_t> videoOfRow(const char* name, const at::Tensor& x, const std::vector<int64_t>& offsets) {
  if (x.dim() != 2 || offsets.empty() || offsets.front() != 0 || offsets.back() != x.size(0) || !std::is_sorted(offsets.begin(), offsets.end())) {
    throw ShapeError(std::string(name) + ": " + std::to_string(x.dim() == 2 ? x.size(0) : -1) + " rows, offsets up to " +
                     std::to_string(offsets.empty() ? -1 : offsets.back()));
  }
  std::vector<int64_t> videos;
  for (size_t b = 0; b + 1 < offsets.size(); ++b) videos.resize(static_cast<size_t>(offsets[b + 1]), static_cast<int64_t>(b));
  return videos;
}

std::vector<int64_t> videosOf(const std::vector<int64_t>& rows, const std::vector<int64_t>& video_of_row) {
  std::vector<int64_t> videos;
  for (const int64_t row : rows) {
    if (row < 0 || row >= static_cast<int64_t>(video_of_row.size()))
      throw ShapeError("stepContrast: row " + std::to_string(row) + " of " + std::to_string(video_of_row.size()));
    videos.push_back(video_of_row[static_cast<size_t>(row)]);
  }
  return videos;
}

// The first `count` of a random order of 0 .. n-1.
std::vector<int64_t> drawPlaces(int64_t n, int64_t count, at::Generator& generator) {
  const at::Tensor order = at::randperm(n, generator, at::TensorOptions(at::kLong));
  const int64_t* first = order.const_data_ptr<int64_t>();
  return {first, first + std::clamp<int64_t>(count, 0, n)};
}

}  // namespace

at::Tensor stepContrast(const at::Tensor& h, const std::vector<int64_t>& offsets, const std::vector<int64_t>& anchors,
                        const std::vector<int64_t>& positives, const std::vector<int64_t>& candidates, int64_t gap, double temperature) {
  checkTemperature("stepContrast", temperature);
  const std::vector<int64_t> video_of_row = videoOfRow("stepContrast", h, offsets);
  if (anchors.size() != positives.size())
    throw ShapeError("stepContrast: " + std::to_string(anchors.size()) + " anchors, " + std::to_string(positives.size()) + " positives");
  videosOf(positives, video_of_row);  // in range
  if (anchors.empty()) return h.sum() * 0.0;
  const at::Device device = h.device();
  const at::Tensor anchor_rows = integerTensor(anchors, device);
  const at::Tensor candidate_rows = integerTensor(candidates, device);
  const at::Tensor anchor = unitRows(h.index_select(0, anchor_rows));                                                // [A, D]
  const at::Tensor positive = (anchor * unitRows(h.index_select(0, integerTensor(positives, device)))).sum(1, true);  // [A, 1]
  const at::Tensor negative = at::mm(anchor, unitRows(h.index_select(0, candidate_rows)).t());                       // [A, C]
  const at::Tensor near = (anchor_rows.unsqueeze(1) - candidate_rows.unsqueeze(0)).abs() <= gap;
  const at::Tensor own = equalPairs(videosOf(anchors, video_of_row), videosOf(candidates, video_of_row), device).logical_and(near);
  const at::Tensor left_out = own.logical_or(equalPairs(positives, candidates, device));
  const at::Tensor logits = at::cat({positive / temperature, (negative / temperature).masked_fill(left_out, kNever)}, 1);  // [A, 1+C]
  return -logits.log_softmax(1).select(1, 0).mean();
}

StepPairs drawStepPairs(const std::vector<int64_t>& offsets, int64_t count, at::Generator& generator) {
  std::vector<int64_t> rows, first, last;  // of the videos with a pair: each row, and the ends of its video
  for (size_t b = 0; b + 1 < offsets.size(); ++b) {
    for (int64_t row = offsets[b]; row < offsets[b + 1] && offsets[b + 1] - offsets[b] >= 2; ++row) {
      rows.push_back(row);
      first.push_back(offsets[b]);
      last.push_back(offsets[b + 1] - 1);
    }
  }
  const std::vector<int64_t> places = drawPlaces(static_cast<int64_t>(rows.size()), count, generator);
  const at::Tensor coins = at::empty({static_cast<int64_t>(places.size())}, at::kDouble).uniform_(0.0, 1.0, generator);
  StepPairs pairs;
  for (size_t i = 0; i < places.size(); ++i) {
    const auto place = static_cast<size_t>(places[i]);
    const bool coin = coins.const_data_ptr<double>()[i] < 0.5;
    const bool after = rows[place] == first[place] || (rows[place] != last[place] && coin);
    pairs.anchors.push_back(rows[place]);
    pairs.positives.push_back(rows[place] + (after ? 1 : -1));
  }
  return pairs;
}

std::vector<int64_t> drawSteps(const std::vector<int64_t>& offsets, int64_t count, at::Generator& generator) {
  return drawPlaces(offsets.empty() ? 0 : offsets.back(), count, generator);
}

CropPair twoCropVectors(const at::Tensor& x, const std::vector<int64_t>& offsets, double crop_min, at::Generator& generator) {
  videoOfRow("twoCropVectors", x, offsets);
  if (!(crop_min > 0.0 && crop_min <= 1.0)) throw ShapeError("twoCropVectors: crops from a share of " + std::to_string(crop_min));
  CropPair pair;
  for (size_t b = 0; b + 1 < offsets.size(); ++b) {
    if (offsets[b + 1] - offsets[b] >= 2) pair.videos.push_back(static_cast<int64_t>(b));
  }
  if (pair.videos.empty()) {
    pair.first = pair.second = x.narrow(0, 0, 0);
    return pair;
  }
  const at::Tensor drawn = at::empty({static_cast<int64_t>(pair.videos.size()), 4}, at::kDouble).uniform_(0.0, 1.0, generator);
  const double* next = drawn.const_data_ptr<double>();
  const auto below = [&](int64_t n) { return std::min(static_cast<int64_t>(*next++ * static_cast<double>(n)), n - 1); };
  std::vector<at::Tensor> first, second;
  for (const int64_t b : pair.videos) {
    const int64_t start = offsets[static_cast<size_t>(b)];
    const int64_t nodes = offsets[static_cast<size_t>(b) + 1] - start;
    const auto shortest = std::clamp<int64_t>(static_cast<int64_t>(std::ceil(crop_min * static_cast<double>(nodes) - 1e-9)), 1, nodes);
    for (std::vector<at::Tensor>* crops : {&first, &second}) {
      const int64_t length = shortest + below(nodes - shortest + 1);
      const int64_t at_node = start + below(nodes - length + 1);
      crops->push_back(x.narrow(0, at_node, length).mean(0));
    }
  }
  pair.first = at::stack(first);
  pair.second = at::stack(second);
  return pair;
}

}  // namespace hvlm
