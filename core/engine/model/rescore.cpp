// SPDX-License-Identifier: Apache-2.0
#include "engine/model/rescore.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/model/edges.h"
#include "support/error.h"

namespace hvlm {
namespace {

constexpr int64_t kParts = 5;         // inside, before, behind, first steps, last steps
constexpr int64_t kEndSteps = 2;      // steps just within each end
constexpr int64_t kScalars = 2;       // log length, share of the video
constexpr double kClassPrior = 0.12;  // share of right classes that the scores start from

// Borders between which each part's mean lies, within its video, and the count of its steps (0: nothing there).
struct PartRows {
  std::vector<int64_t> from, to;
  std::vector<double> per_step;  // 1 / count, 0 for none
};

void addPart(PartRows& rows, int64_t steps, int64_t from, int64_t to) {
  from = std::clamp<int64_t>(from, 0, steps);
  to = std::clamp<int64_t>(to, from, steps);
  rows.from.push_back(from);
  rows.to.push_back(to);
  rows.per_step.push_back(to > from ? 1.0 / static_cast<double>(to - from) : 0.0);
}

// First and last border of a video that some part begins or ends at.
struct Reach {
  int64_t first = std::numeric_limits<int64_t>::max();  // no span yet
  int64_t last = 0;
};
std::vector<Reach> reachOf(const std::vector<PartRows>& parts, std::span<const BorderSpan> spans, size_t videos) {
  std::vector<Reach> reach(videos);
  for (const PartRows& part : parts) {
    for (size_t i = 0; i < spans.size(); ++i) {
      Reach& own = reach[static_cast<size_t>(spans[i].video)];
      own.first = std::min(own.first, part.from[i]);
      own.last = std::max(own.last, part.to[i]);
    }
  }
  return reach;
}

// Sums of rows from the first step that a span reads, video by video: those of the whole pack would make a result depend on what stands
// before it, and those of hours would lose the last digits. Row 0 is zero: the sum before the first step of any reach.
class RunningSums {
 public:
  RunningSums(const std::vector<PartRows>& parts, std::span<const BorderSpan> spans, const RunIndex& index)
      : spans_(spans), reach_(reachOf(parts, spans, index.lengths.size())), base_(reach_.size(), 0) {
    for (size_t v = 0; v < reach_.size(); ++v) {
      if (reach_[v].last <= reach_[v].first) continue;
      base_[v] = steps_ + 1;
      steps_ += reach_[v].last - reach_[v].first;
      begin_.push_back(index.offsets[v] + reach_[v].first);
      end_.push_back(index.offsets[v] + reach_[v].last);
    }
  }
  int64_t steps() const { return steps_; }
  // [1 + steps, width] from `made` of each reach's rows of h.
  template <class Make>
  at::Tensor sums(const at::Tensor& h, int64_t width, const Make& made) const {
    std::vector<at::Tensor> all{at::zeros({1, width}, h.options())};
    for (size_t i = 0; i < begin_.size(); ++i) all.push_back(made(h.slice(0, begin_[i], end_[i])).cumsum(0));
    return at::cat(all);
  }
  // The row that holds the sum up to each span's border.
  std::vector<int64_t> rows(const std::vector<int64_t>& borders) const {
    std::vector<int64_t> rows(borders.size());
    for (size_t i = 0; i < rows.size(); ++i) {
      const auto v = static_cast<size_t>(spans_[i].video);
      const int64_t past = borders[i] - reach_[v].first;
      rows[i] = past == 0 ? 0 : base_[v] + past - 1;
    }
    return rows;
  }

 private:
  std::span<const BorderSpan> spans_;
  std::vector<Reach> reach_;
  std::vector<int64_t> base_;  // row of the video's first sum
  std::vector<int64_t> begin_, end_;  // rows of h
  int64_t steps_ = 0;
};

at::Tensor columnOf(const std::vector<double>& values, const at::TensorOptions& options) {
  at::Tensor column = at::empty({static_cast<int64_t>(values.size()), 1}, at::kDouble);
  std::copy(values.begin(), values.end(), column.data_ptr<double>());
  return column.to(options);
}

}  // namespace

RescoreHead::RescoreHead(ParameterSet& set, int64_t width, int64_t hidden, int64_t classes, double dropout, bool with_edges, at::Generator& generator,
                         at::TensorOptions options)
    : dropout_(dropout), with_edges_(with_edges) {
  first_ = Linear::create(set, "rescore.first", kParts * width + kScalars + (with_edges ? 4 : 0), hidden, generator, options);
  second_ = Linear::create(set, "rescore.second", hidden, hidden, generator, options);
  class_out_.weight = set.add("rescore.class.weight", normalInit({classes, hidden}, 0.01, generator, options));
  class_out_.bias = set.add("rescore.class.bias", at::full({classes}, std::log(kClassPrior / (1.0 - kClassPrior)), options), false);
  quality_out_ = Linear::create(set, "rescore.quality", hidden, 1, generator, options);
}

struct RescoreHead::Reading {
  const std::vector<PartRows>& parts;
  RunningSums sums;
  at::Tensor rest;  // [P, others]
};

at::Tensor RescoreHead::firstLayer(const Reading& reading, const at::Tensor& h, const ForwardOptions& forward) const {
  const at::Tensor running = reading.sums.sums(h, h.size(1), [](const at::Tensor& rows) { return rows; });
  std::vector<at::Tensor> read;
  for (const PartRows& part : reading.parts) {
    const auto sumOf = [&](const std::vector<int64_t>& borders) { return running.index_select(0, indexTensor(reading.sums.rows(borders), h.device())); };
    read.push_back((sumOf(part.to) - sumOf(part.from)) * columnOf(part.per_step, h.options()));
  }
  read.push_back(reading.rest);
  return first_(hvlm::dropout(at::cat(read, 1), dropout_, forward));
}

at::Tensor RescoreHead::firstLayerOfSteps(const Reading& reading, const at::Tensor& h) const {
  const int64_t width = h.size(1), hidden = first_.weight.size(0);
  at::Tensor out = at::linear(reading.rest, first_.weight.narrow(1, kParts * width, reading.rest.size(1)), first_.bias);
  for (int64_t k = 0; k < kParts; ++k) {  // one part at a time: the sums of one fit into the caches
    const PartRows& part = reading.parts[static_cast<size_t>(k)];
    const at::Tensor weight = first_.weight.narrow(1, k * width, width);
    const at::Tensor running = reading.sums.sums(h, hidden, [&](const at::Tensor& rows) { return at::linear(rows, weight); });
    const auto sumOf = [&](const std::vector<int64_t>& borders) { return running.index_select(0, indexTensor(reading.sums.rows(borders), h.device())); };
    out.addcmul_(sumOf(part.to).sub_(sumOf(part.from)), columnOf(part.per_step, h.options()));
  }
  return out;
}

RescoreHead::Scores RescoreHead::operator()(const at::Tensor& h, const at::Tensor& edge_logits, const RunIndex& index, std::span<const BorderSpan> spans,
                                            const ForwardOptions& forward) const {
  std::vector<PartRows> parts(kParts);
  std::vector<int64_t> start_rows, end_rows;
  std::vector<double> log_length, share;
  for (const BorderSpan& span : spans) {
    const auto v = static_cast<size_t>(span.video);
    const int64_t steps = span.video >= 0 && v < index.lengths.size() ? index.lengths[v] : 0;
    if (span.first < 0 || span.last <= span.first || span.last > steps) {
      throw ShapeError("rescore: borders " + std::to_string(span.first) + " to " + std::to_string(span.last) + " of video " + std::to_string(span.video) + " with " +
                       std::to_string(steps) + " steps");
    }
    const int64_t length = span.last - span.first, context = std::max<int64_t>(2, (length + 3) / 4), offset = index.offsets[v];
    addPart(parts[0], steps, span.first, span.last);
    addPart(parts[1], steps, span.first - context, span.first);
    addPart(parts[2], steps, span.last, span.last + context);
    addPart(parts[3], steps, span.first, std::min(span.first + kEndSteps, span.last));
    addPart(parts[4], steps, std::max(span.last - kEndSteps, span.first), span.last);
    start_rows.push_back(offset + span.video + span.first);
    end_rows.push_back(offset + span.video + span.last);
    log_length.push_back(std::log(static_cast<double>(length)) / 5.0);
    share.push_back(static_cast<double>(length) / static_cast<double>(steps));
  }
  std::vector<at::Tensor> rest;  // what is no mean of steps
  if (with_edges_) {
    for (const auto& rows : {start_rows, end_rows}) rest.push_back(edge_logits.detach().index_select(0, indexTensor(rows, h.device())).sigmoid().to(h.options()));
  }
  rest.push_back(columnOf(log_length, h.options()));
  rest.push_back(columnOf(share, h.options()));
  const Reading reading{parts, RunningSums(parts, spans, index), at::cat(rest, 1)};
  const bool steps_first = !at::GradMode::is_enabled() && !(forward.training && dropout_ > 0.0) && static_cast<int64_t>(spans.size()) > reading.sums.steps();
  const at::Tensor z = hvlm::dropout(at::gelu(steps_first ? firstLayerOfSteps(reading, h) : firstLayer(reading, h, forward)), dropout_, forward);
  const at::Tensor top = at::gelu(second_(z));
  return {class_out_(top), quality_out_(top).squeeze(1)};
}

}  // namespace hvlm
