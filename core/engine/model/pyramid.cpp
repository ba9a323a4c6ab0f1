// SPDX-License-Identifier: Apache-2.0
#include "engine/model/pyramid.h"

#include <limits>

#include "engine/cuda/operators.h"
#include "engine/kernels/kernels.h"
#include "engine/kernels/level_pooling.h"
#include "support/error.h"

namespace hvlm {
namespace {

struct WindowPool {
  at::Tensor out;    // [..., n, D]
  at::Tensor alpha;  // [..., n, k]
};

// The maths of both forms of attention pooling: windows [..., n, k, D], w [D], use [..., n, k] bool.
WindowPool poolWindows(const at::Tensor& windows, const at::Tensor& w, const at::Tensor& use) {
  const at::Tensor zero = at::zeros({}, windows.options());
  const at::Tensor seen = at::where(use.unsqueeze(-1), windows, zero);  // junk behind a mask has no say, NaN included
  const at::Tensor score = at::matmul(seen, w);                         // [..., n, k]
  const double lowest = windows.scalar_type() == at::kDouble ? -1e300 : -1e30;
  const at::Tensor top = score.detach().masked_fill(use.logical_not(), lowest).amax(-1, true);
  // Minus the window's largest score: the exponent is never positive, so nothing overflows.
  const at::Tensor weight = at::where(use, (at::where(use, score, top) - top).exp(), zero);
  const at::Tensor total = weight.sum(-1, true);
  const at::Tensor alpha = weight / at::where(total > 0, total, at::ones({}, windows.options()));
  return {(alpha.unsqueeze(-1) * seen).sum(-2), alpha};
}

// windows [n, 2, D]; a window of one repeats its row, so its maximum is that row.
at::Tensor maxima(const at::Tensor& windows) { return at::maximum(windows.select(1, 0), windows.select(1, 1)); }

// The kinds without weights of their own, with what each node gave as alpha.
WindowPool poolMean(const at::Tensor& windows, const at::Tensor& use) {
  const at::Tensor one = use.to(windows.scalar_type());
  const at::Tensor alpha = one / one.sum(-1, true);
  return {(alpha.unsqueeze(-1) * windows).sum(-2), alpha};
}
WindowPool poolMax(const at::Tensor& windows, const at::Tensor& use) {
  const at::Tensor detached = windows.detach();
  const at::Tensor first = (detached.select(1, 0) >= detached.select(1, 1)).to(windows.scalar_type()).mean(1);  // [n]
  const at::Tensor alpha = at::where(use.all(1, true), at::stack({first, 1 - first}, 1), use.to(windows.scalar_type()));
  return {maxima(windows), alpha};
}

// One level of the packed form: row numbers within the level below, two for each window.
struct PairIndex {
  std::vector<int64_t> rows;      // [2 n]; a window of one repeats its row
  std::vector<uint8_t> use;       // [2 n]
  std::vector<int64_t> slot;      // [N_below] place of each row's weight in the flat alpha; 0 without parent
  std::vector<float> has_parent;  // [N_below]
};

PairIndex pairIndex(const PyramidPlan& plan, int64_t level) {
  const std::vector<int64_t>& parents = plan.parent[level - 1];
  PairIndex index;
  index.rows.assign(2 * plan.rows(level), -1);
  index.use.assign(index.rows.size(), 0);
  index.slot.assign(parents.size(), 0);
  index.has_parent.assign(parents.size(), 0.0F);
  for (size_t i = 0; i < parents.size(); ++i) {
    if (parents[i] < 0) continue;
    int64_t place = 2 * parents[i];
    if (index.use[place]) ++place;
    index.rows[place] = static_cast<int64_t>(i);
    index.use[place] = 1;
    index.slot[i] = place;
    index.has_parent[i] = 1.0F;
  }
  for (size_t place = 1; place < index.rows.size(); place += 2) {
    if (!index.use[place]) index.rows[place] = index.rows[place - 1];
  }
  return index;
}

template <class T>
at::Tensor copyToTensor(const std::vector<T>& values, at::ScalarType type) {
  at::Tensor t = at::empty({static_cast<int64_t>(values.size())}, type);
  std::copy(values.begin(), values.end(), static_cast<T*>(t.data_ptr()));
  return t;
}

// Level l of a pyramid before anything follows it.
struct BuiltLevel {
  at::Tensor out;     // [N_l, D]
  at::Tensor maxima;  // [N_l, D]; undefined unless asked for
  at::Tensor alpha;   // [N_l-1] as in Pyramid
};

BuiltLevel plainLevel(const PyramidPlan& plan, int64_t l, const at::Tensor& below, const at::Tensor& w, const LevelPooling& how) {
  const PairIndex index = pairIndex(plan, l);
  const int64_t n = plan.rows(l);
  const at::Tensor windows = below.index_select(0, indexTensor(index.rows, below.device())).view({n, 2, below.size(1)});
  const at::Tensor use = copyToTensor(index.use, at::kByte).to(below.device(), at::kBool).view({n, 2});
  const WindowPool pool = w.defined() ? poolWindows(windows, w, use) : how.kind == "mean" ? poolMean(windows, use) : poolMax(windows, use);
  BuiltLevel level{pool.out, how.from_maxima ? maxima(windows) : at::Tensor(), {}};
  level.alpha = pool.alpha.detach().reshape({2 * n}).to(at::kCPU).index_select(0, indexTensor(index.slot, at::kCPU)) *
                copyToTensor(index.has_parent, at::kFloat);
  return level;
}

// Whether the fused kernels know this pooling of these rows.
bool poolsFused(const at::Tensor& steps, const at::Tensor& pooling, const LevelPooling& how) {
  if (!fusedFor(steps) || how.kind == "max") return false;
  return how.kind == "mean" || (fusedFor(pooling) && pooling.dim() == 2 && pooling.size(1) == steps.size(1));
}

// All levels in one pass, when nothing follows a level. The levels are views into one buffer.
//   nodes [rows, D], alpha [rows of all levels but the last, or more]
void takeAtOnce(Pyramid& pyramid, const at::Tensor& nodes, const at::Tensor& alpha) {
  std::vector<int64_t> rows;
  for (int64_t l = 0; l < pyramid.levels(); ++l) rows.push_back(pyramid.rows(l));
  pyramid.nodes = nodes;
  pyramid.levels_of_nodes = nodes.split_with_sizes(rows, 0);
  pyramid.pooled.assign(pyramid.levels_of_nodes.begin() + 1, pyramid.levels_of_nodes.end());
  rows.pop_back();
  pyramid.alpha = alpha.narrow(0, 0, pyramid.level_start[pyramid.levels() - 1]).split_with_sizes(rows, 0);
}

RunIndex levelRuns(const PyramidPlan& plan, int64_t level, at::Device device) {
  std::vector<int64_t> borders{0};
  for (const int64_t offset : plan.offsets[level]) {
    if (offset != borders.back()) borders.push_back(offset);
  }
  return makeRunIndex(borders, device);
}

}  // namespace

PooledWindows attentionPool(const at::Tensor& h, const at::Tensor& w, int64_t window, int64_t stride,
                            const at::Tensor& mask, WindowRule rule) {
  if (h.dim() < 2 || w.dim() != 1 || h.size(-1) != w.size(0) || window < 1 || stride < 1) {
    throw ShapeError("attentionPool: " + std::to_string(h.dim()) + "-d rows, pooling vector of " +
                     std::to_string(w.numel()) + ", window " + std::to_string(window) + ", stride " +
                     std::to_string(stride));
  }
  const int64_t steps = h.size(-2);
  if (mask.defined() && mask.sizes() != h.sizes().slice(0, h.dim() - 1))
    throw ShapeError("attentionPool: mask and rows disagree");
  const int64_t n = steps < window ? 0 : (steps - window) / stride + 1;
  std::vector<int64_t> rows;
  for (int64_t j = 0; j < n; ++j) {
    for (int64_t k = 0; k < window; ++k) rows.push_back(j * stride + k);
  }
  const at::Tensor index = indexTensor(rows, h.device());
  std::vector<int64_t> shape(h.sizes().begin(), h.sizes().end() - 2);
  shape.insert(shape.end(), {n, window});
  at::Tensor use = mask.defined() ? mask.to(at::kBool).index_select(-1, index).view(shape)
                                  : at::ones(shape, h.options().dtype(at::kBool));  // [..., n, k]
  const at::Tensor valid = rule == WindowRule::kFull ? use.all(-1) : use.any(-1);   // [..., n]
  use = use.logical_and(valid.unsqueeze(-1));
  shape.push_back(h.size(-1));
  const WindowPool pool = poolWindows(h.index_select(-2, index).view(shape), w, use);
  return {pool.out, pool.alpha, valid};
}

Pyramid buildPyramid(const at::Tensor& steps, const at::Tensor& pooling, PyramidPlan plan, const LevelBlock& block,
                     const LevelPooling& how) {
  const bool attends = how.kind == "attention" || how.kind == "attention_max";
  if (!attends && how.kind != "mean" && how.kind != "max") throw ShapeError("unknown pooling " + how.kind);
  if (steps.dim() != 2 || steps.size(0) != plan.rows(0)) {
    throw ShapeError("buildPyramid: " + std::to_string(steps.size(0)) + " rows, plan for " +
                     std::to_string(plan.rows(0)));
  }
  Pyramid pyramid;
  static_cast<PyramidPlan&>(pyramid) = std::move(plan);
  const bool fused = poolsFused(steps, pooling, how);
  LevelPooling wanted = how;
  if (how.kind != "attention_max") wanted.from_maxima = nullptr;
  const cuda::KernelSet* kernels = how.kind == "attention" && !block && pyramid.levels() > 1 ? cuda::kernelsFor(steps) : nullptr;
  if (kernels) {
    const cuda::PooledLevels made = cuda::poolLevels(*kernels, steps, pooling, {pyramid.level_start, pyramid.offsets});
    takeAtOnce(pyramid, made.nodes, made.alpha.to(at::kCPU));
  } else if (fused && !block && !wanted.from_maxima) {
    const PooledLevels made = poolAllLevels(steps, attends ? pooling : at::Tensor(), {pyramid.level_start, pyramid.offsets});
    takeAtOnce(pyramid, made.nodes, made.alpha);
  } else {
    std::vector<at::Tensor> levels{steps};
    for (int64_t l = 1; l < pyramid.levels(); ++l) {
      const at::Tensor w = attends ? pooling.select(0, std::min(l, pooling.size(0)) - 1) : at::Tensor();
      BuiltLevel level;
      if (fused) {
        PooledLevel made = poolOneLevel(levels.back(), w, pyramid.offsets[l - 1], pyramid.offsets[l], static_cast<bool>(wanted.from_maxima));
        level = {made.out, made.maxima, made.alpha};
      } else {
        level = plainLevel(pyramid, l, levels.back(), w, wanted);
      }
      if (wanted.from_maxima) level.out = level.out + wanted.from_maxima(level.maxima, l);
      pyramid.alpha.push_back(level.alpha);
      pyramid.pooled.push_back(level.out);
      levels.push_back(block ? block(level.out, l, levelRuns(pyramid, l, steps.device())) : level.out);
    }
    pyramid.nodes = levels.size() == 1 ? steps : at::cat(levels, 0);
    pyramid.levels_of_nodes = std::move(levels);
  }
  std::vector<int64_t> tops;
  for (int64_t b = 0; b < pyramid.videos(); ++b) {
    const int64_t last = pyramid.last_level[b];
    tops.push_back(pyramid.level_start[last] + pyramid.offsets[last][b]);
  }
  pyramid.top_index = indexTensor(tops, steps.device());
  return pyramid;
}

at::Tensor topVectors(const Pyramid& pyramid) {
  std::vector<int64_t> rows;
  std::vector<int64_t> borders{0};
  for (int64_t b = 0; b < pyramid.videos(); ++b) {
    const int64_t last = pyramid.last_level[b];
    for (int64_t i = pyramid.offsets[last][b]; i < pyramid.offsets[last][b + 1]; ++i)
      rows.push_back(pyramid.level_start[last] + i);
    borders.push_back(static_cast<int64_t>(rows.size()));
  }
  if (borders.back() == pyramid.videos()) return pyramid.nodes.index_select(0, pyramid.top_index);
  const at::Device device = pyramid.nodes.device();
  return runMean(pyramid.nodes.index_select(0, indexTensor(rows, device)), makeRunIndex(borders, device));
}

std::vector<std::vector<double>> alphaShares(const Pyramid& pyramid, int64_t video) {
  const int64_t last = pyramid.last_level.at(video);
  const auto begin = [&](int64_t l) { return pyramid.offsets[l][video]; };
  const auto count = [&](int64_t l) { return pyramid.offsets[l][video + 1] - pyramid.offsets[l][video]; };
  std::vector<std::vector<double>> shares(last + 1);
  shares[last].assign(count(last), 1.0 / static_cast<double>(count(last)));
  for (int64_t l = last - 1; l >= 0; --l) {
    const at::Tensor weights = pyramid.alpha[l].narrow(0, begin(l), count(l)).to(at::kDouble).contiguous();
    const double* alpha = weights.data_ptr<double>();
    for (int64_t i = 0; i < count(l); ++i) {
      const int64_t parent = pyramid.parent[l][begin(l) + i];
      shares[l].push_back(parent < 0 ? 0.0 : alpha[i] * shares[l + 1][parent - begin(l + 1)]);
    }
  }
  return shares;
}

std::vector<double> alphaPath(const Pyramid& pyramid, int64_t video) { return alphaShares(pyramid, video).front(); }

}  // namespace hvlm
