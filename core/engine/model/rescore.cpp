// SPDX-License-Identifier: Apache-2.0
#include "engine/model/rescore.h"

#include <ATen/ATen.h>

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
  const at::Device device = h.device();
  // Sums within each video that has spans, from the first step that one of them reads: those of the whole pack would make a result depend
  // on what stands before it, and those of hours would lose the last digits.
  const std::vector<Reach> reach = reachOf(parts, spans, index.lengths.size());
  std::vector<at::Tensor> sums{at::zeros({1, h.size(1)}, h.options())};
  std::vector<int64_t> base(reach.size(), 0);  // row of the video's first sum
  int64_t count = 1;
  for (size_t v = 0; v < reach.size(); ++v) {
    if (reach[v].last <= reach[v].first) continue;
    base[v] = count;
    count += reach[v].last - reach[v].first;
    sums.push_back(h.slice(0, index.offsets[v] + reach[v].first, index.offsets[v] + reach[v].last).cumsum(0));
  }
  const at::Tensor running = at::cat(sums);  // row 0 is zero: the sum before the first step of any reach
  const auto sumRows = [&](const std::vector<int64_t>& borders) {
    std::vector<int64_t> rows(borders.size());
    for (size_t i = 0; i < rows.size(); ++i) {
      const auto v = static_cast<size_t>(spans[i].video);
      const int64_t past = borders[i] - reach[v].first;
      rows[i] = past == 0 ? 0 : base[v] + past - 1;
    }
    return running.index_select(0, indexTensor(rows, device));
  };
  const auto meanOf = [&](const PartRows& rows) { return (sumRows(rows.to) - sumRows(rows.from)) * columnOf(rows.per_step, h.options()); };
  std::vector<at::Tensor> read;
  for (const PartRows& rows : parts) read.push_back(meanOf(rows));
  if (with_edges_) {
    for (const auto& rows : {start_rows, end_rows}) read.push_back(edge_logits.detach().index_select(0, indexTensor(rows, device)).sigmoid().to(h.options()));
  }
  read.push_back(columnOf(log_length, h.options()));
  read.push_back(columnOf(share, h.options()));
  const at::Tensor x = hvlm::dropout(at::cat(read, 1), dropout_, forward);
  const at::Tensor z = hvlm::dropout(at::gelu(first_(x)), dropout_, forward);
  const at::Tensor top = at::gelu(second_(z));
  return {class_out_(top), quality_out_(top).squeeze(1)};
}

}  // namespace hvlm
