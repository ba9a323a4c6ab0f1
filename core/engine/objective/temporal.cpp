// SPDX-License-Identifier: Apache-2.0
#include "engine/objective/temporal.h"

#include <ATen/core/grad_mode.h>

#include <algorithm>

#include "engine/cuda/operators.h"
#include "engine/kernels/kernels.h"
#include "engine/kernels/temporal_cosine.h"
#include "support/error.h"

namespace hvlm {
namespace {

constexpr double kSmallestNorm = 1e-8;

at::Tensor indices(const std::vector<int64_t>& values, at::Device device) {
  at::Tensor t = at::empty({static_cast<int64_t>(values.size())}, at::kLong);
  std::copy(values.begin(), values.end(), t.data_ptr<int64_t>());
  return t.to(device);
}

// Cosine of rows i and i+1, [..., T, D] -> [..., T-1]; 0 with gradient 0 where a norm is below 1e-8. The root is taken
// of 1 in those places, so that no infinite derivative is ever multiplied by the zero.
at::Tensor neighbourCosine(const at::Tensor& h) {
  const int64_t pairs = std::max<int64_t>(h.size(-2) - 1, 0);
  const at::Tensor norm2 = (h * h).sum(-1);  // [..., T]
  const at::Tensor seen = norm2.detach() > kSmallestNorm * kSmallestNorm;
  const at::Tensor norm = at::where(seen, norm2, at::ones({}, h.options())).sqrt();
  const at::Tensor unit = h / norm.unsqueeze(-1);
  const at::Tensor cosine =
      (unit.narrow(-2, 0, pairs) * unit.narrow(-2, h.size(-2) - pairs, pairs)).sum(-1);  // [..., T-1]
  const at::Tensor both = seen.narrow(-1, 0, pairs).logical_and(seen.narrow(-1, h.size(-2) - pairs, pairs));
  return at::where(both, cosine, at::zeros({}, h.options()));
}

// `terms` [P] of the videos' pairs end to end: [B] their sums.
at::Tensor sumPerVideo(const at::Tensor& terms, const std::vector<int64_t>& pairs) {
  std::vector<int64_t> video_of_pair;
  for (size_t b = 0; b < pairs.size(); ++b) video_of_pair.insert(video_of_pair.end(), pairs[b], static_cast<int64_t>(b));
  return at::zeros({static_cast<int64_t>(pairs.size())}, terms.options()).index_add(0, indices(video_of_pair, terms.device()), terms);
}

TemporalLoss reduce(const at::Tensor& per_video_sum, std::vector<int64_t> pairs) {
  TemporalLoss loss;
  double all = 0.0, videos_with_pairs = 0.0;
  for (const int64_t own : pairs) {
    all += static_cast<double>(own);
    videos_with_pairs += own > 0 ? 1.0 : 0.0;
  }
  loss.per_video_sum = per_video_sum;
  loss.sum = loss.per_video_sum.sum();
  loss.mean_pairs = loss.sum / std::max(all, 1.0);
  const at::Tensor own = indices(pairs, per_video_sum.device()).clamp_min(1);
  loss.mean_videos = (loss.per_video_sum / own).sum() / std::max(videos_with_pairs, 1.0);
  loss.pairs = std::move(pairs);
  return loss;
}

}  // namespace

at::Tensor temporalTerms(const at::Tensor& h) {
  if (h.dim() < 2)
    throw ShapeError("temporalTerms: expected [..., T, D], found " + std::to_string(h.dim()) + " dimensions");
  return 1.0 - neighbourCosine(h);
}

TemporalLoss temporalLoss(const at::Tensor& h, const std::vector<int64_t>& offsets, const at::Tensor& gate) {
  if (h.dim() != 2 || offsets.empty() || offsets.front() != 0 || offsets.back() != h.size(0) || !std::is_sorted(offsets.begin(), offsets.end())) {
    throw ShapeError("temporalLoss: " + std::to_string(h.dim() == 2 ? h.size(0) : -1) + " rows, offsets up to " +
                     std::to_string(offsets.empty() ? -1 : offsets.back()));
  }
  if (gate.defined() && (gate.dim() != 1 || gate.size(0) != std::max<int64_t>(h.size(0) - 1, 0))) throw ShapeError("temporalLoss: gate and pairs disagree");
  std::vector<int64_t> pairs;
  for (size_t b = 0; b + 1 < offsets.size(); ++b) pairs.push_back(std::max<int64_t>(offsets[b + 1] - offsets[b] - 1, 0));
  if (const cuda::KernelSet* kernels = cuda::kernelsFor(h)) return reduce(cuda::temporalSums(*kernels, h, offsets, gate), std::move(pairs));
  if (fusedFor(h)) return reduce(fusedTemporalSums(h, offsets, gate, kSmallestNorm), std::move(pairs));
  std::vector<int64_t> rows;
  for (size_t b = 0; b + 1 < offsets.size(); ++b) {
    for (int64_t i = offsets[b]; i + 1 < offsets[b + 1]; ++i) rows.push_back(i);
  }
  at::Tensor terms = temporalTerms(h);  // [N-1], pairs across borders included
  if (gate.defined()) terms = terms * gate.detach();
  const at::Tensor sums = sumPerVideo(terms.index_select(0, indices(rows, h.device())), pairs);
  return reduce(sums, std::move(pairs));
}

TemporalLoss temporalLossPadded(const at::Tensor& h, const std::vector<int64_t>& lengths) {
  if (h.dim() != 3 || h.size(0) != static_cast<int64_t>(lengths.size())) {
    throw ShapeError("temporalLossPadded: " + std::to_string(lengths.size()) + " lengths, " +
                     std::to_string(h.size(0)) + " videos");
  }
  std::vector<at::Tensor> rows;
  std::vector<int64_t> offsets{0};
  for (size_t b = 0; b < lengths.size(); ++b) {
    if (lengths[b] < 0 || lengths[b] > h.size(1))
      throw ShapeError("temporalLossPadded: length " + std::to_string(lengths[b]));
    rows.push_back(h.select(0, static_cast<int64_t>(b)).narrow(0, 0, lengths[b]));
    offsets.push_back(offsets.back() + lengths[b]);
  }
  return temporalLoss(at::cat(rows, 0), offsets);
}

at::Tensor temporalObjective(const TemporalLoss& loss, const std::string& form) {
  if (form == "mean") return loss.mean_videos;
  if (form == "sum") return loss.sum / static_cast<double>(std::max<size_t>(loss.pairs.size(), 1));
  throw ShapeError("unknown temporal form " + form + ", expected mean or sum");
}

at::Tensor smoothnessGate(const at::Tensor& x) {
  const at::NoGradGuard no_grad;
  const at::Tensor cosine = x.dim() == 2 && fusedFor(x) ? fusedNeighbourCosine(x, kSmallestNorm) : neighbourCosine(x.detach());
  return cosine.clamp_min(0).pow(4);
}

}  // namespace hvlm
