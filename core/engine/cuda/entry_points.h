// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "engine/cuda/bodies/adamw_ema.h"
#include "engine/cuda/bodies/pyramid_pool.h"
#include "engine/cuda/bodies/temporal_loss.h"
#include "engine/cuda/bodies/window_attention.h"

namespace hvlm::cuda {

// Raised whenever an argument struct or the meaning of an entry point changes; a plug-in of another version is not used.
constexpr int kPluginVersion = 1;
constexpr int kNoSuchShape = -1;  // returned for a problem that does not fit a block's shared memory

// The kernels as functions: queue the work on `stream` (a cudaStream_t), return 0 or a code for errorText. Filled from the plug-in's
// C entry points hvlm_cuda_<name>, or by the tests with the emulator.
template <class T>
struct KernelTable {
  int (*pool)(const PyramidPoolArgs<T>*, void* stream) = nullptr;
  int (*pool_backward)(const PyramidPoolArgs<T>*, void* stream) = nullptr;
  int (*pooling_vectors)(const PoolingVectorArgs<T>*, void* stream) = nullptr;
  int (*attention)(const WindowAttentionArgs<T>*, void* stream) = nullptr;
  int (*attention_queries)(const WindowAttentionArgs<T>*, void* stream) = nullptr;
  int (*attention_keys)(const WindowAttentionArgs<T>*, void* stream) = nullptr;
  int (*temporal_terms)(const TemporalLossArgs<T>*, void* stream) = nullptr;
  int (*temporal_sums)(const TemporalLossArgs<T>*, void* stream) = nullptr;
  int (*temporal_backward)(const TemporalLossArgs<T>*, void* stream) = nullptr;
  int (*adamw)(const AdamWArgs<T>*, void* stream) = nullptr;
  const char* (*error_text)(int code) = nullptr;
};

// Calls f(name, pointer to member, body) for every kernel: the one list of them.
template <class T, class F>
void forEachKernel(F f) {
  using K = KernelTable<T>;
  f("pool", &K::pool, PyramidPoolBody<T>{});
  f("pool_backward", &K::pool_backward, PyramidPoolBackwardBody<T>{});
  f("pooling_vectors", &K::pooling_vectors, PoolingVectorBody<T>{});
  f("attention", &K::attention, WindowAttentionBody<T>{});
  f("attention_queries", &K::attention_queries, WindowAttentionQueryBody<T>{});
  f("attention_keys", &K::attention_keys, WindowAttentionKeyBody<T>{});
  f("temporal_terms", &K::temporal_terms, TemporalTermsBody<T>{});
  f("temporal_sums", &K::temporal_sums, TemporalSumBody<T>{});
  f("temporal_backward", &K::temporal_backward, TemporalBackwardBody<T>{});
  f("adamw", &K::adamw, AdamWBody<T>{});
}

}  // namespace hvlm::cuda
