// SPDX-License-Identifier: Apache-2.0
#include "engine/kernels/adamw_sweep.h"

#include <ATen/ATen.h>

#include <numeric>

#include "engine/kernels/avx2.h"
#include "engine/kernels/tasks.h"

namespace hvlm {
namespace {

constexpr int64_t kChunk = 1 << 14;      // numbers of one task: five arrays of them fit the second cache
constexpr int64_t kSmallWork = 1 << 15;  // numbers below which one thread does it

struct Chunk {
  size_t tensor = 0;
  int64_t begin = 0;
  int64_t count = 0;
};

std::vector<Chunk> chunksOf(const std::vector<at::Tensor>& tensors) {
  std::vector<Chunk> chunks;
  for (size_t i = 0; i < tensors.size(); ++i) {
    for (int64_t begin = 0; begin < tensors[i].numel(); begin += kChunk) chunks.push_back({i, begin, std::min(kChunk, tensors[i].numel() - begin)});
  }
  return chunks;
}

// Calls f(chunk, its number) for every chunk, on all threads.
template <class F>
void overChunks(const std::vector<Chunk>& chunks, const F& f) {
  int64_t numbers = 0;
  for (const Chunk& chunk : chunks) numbers += chunk.count;
  overTasks(static_cast<int64_t>(chunks.size()), numbers < kSmallWork, [&] { return [&](int64_t i) { f(chunks[static_cast<size_t>(i)], static_cast<size_t>(i)); }; });
}

float* at0(const at::Tensor& t, int64_t begin) { return t.defined() ? t.data_ptr<float>() + begin : nullptr; }

}  // namespace

double fusedSquareSum(const std::vector<at::Tensor>& tensors) {
  std::vector<at::Tensor> dense;
  for (const at::Tensor& t : tensors) dense.push_back(t.contiguous());
  const std::vector<Chunk> chunks = chunksOf(dense);
  std::vector<double> sums(chunks.size());
  overChunks(chunks, [&](const Chunk& chunk, size_t i) { sums[i] = avx2::squaredNorm(dense[chunk.tensor].const_data_ptr<float>() + chunk.begin, chunk.count); });
  return std::accumulate(sums.begin(), sums.end(), 0.0);
}

void fusedAdamW(const std::vector<SweptTensor>& tensors, const SweepOptions& o) {
  avx2::AdamWFactors common;
  common.gradient = static_cast<float>(o.gradient_scale);
  common.keep1 = static_cast<float>(o.beta1), common.take1 = static_cast<float>(1.0 - o.beta1);
  common.keep2 = static_cast<float>(o.beta2), common.take2 = static_cast<float>(1.0 - o.beta2);
  common.root_scale = static_cast<float>(1.0 / std::sqrt(o.correction2)), common.eps = static_cast<float>(o.eps);
  common.rate = static_cast<float>(o.lr / o.correction1), common.average_take = static_cast<float>(o.average_take);
  std::vector<at::Tensor> values;
  for (const SweptTensor& t : tensors) values.push_back(t.value);
  overChunks(chunksOf(values), [&](const Chunk& chunk, size_t) {
    const SweptTensor& t = tensors[chunk.tensor];
    float* const average = at0(t.average, chunk.begin);
    if (!t.gradient.defined()) {
      if (average) avx2::averageSweep(common.average_take, at0(t.value, chunk.begin), average, chunk.count);
      return;
    }
    avx2::AdamWFactors own = common;
    own.decay = static_cast<float>(t.decay);
    avx2::adamwSweep(own, at0(t.value, chunk.begin), at0(t.gradient, chunk.begin), at0(t.first, chunk.begin), at0(t.second, chunk.begin), average, chunk.count);
  });
}

void fusedAverage(const std::vector<at::Tensor>& values, const std::vector<at::Tensor>& averages, double take) {
  overChunks(chunksOf(values), [&](const Chunk& chunk, size_t) {
    avx2::averageSweep(static_cast<float>(take), at0(values[chunk.tensor], chunk.begin), at0(averages[chunk.tensor], chunk.begin), chunk.count);
  });
}

}  // namespace hvlm
