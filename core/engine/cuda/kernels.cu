// SPDX-License-Identifier: Apache-2.0
// The plug-in libhvlm_cuda.so: launches of the bodies, float only. Knows no LibTorch, so it is built by nvcc alone.
#include <cuda_runtime.h>

#include "engine/cuda/entry_points.h"

namespace hvlm::cuda {
namespace {

template <class Body>
__global__ void __launch_bounds__(kThreads, 2) runBody(const typename Body::Args args) {
  extern __shared__ float shared[];
  const Place place{static_cast<int64_t>(blockIdx.x), static_cast<int>(threadIdx.x)};
  typename Body::State state;
  const int64_t phases = Body::phases(args, place.block);
  for (int64_t phase = 0; phase < phases; ++phase) {
    if (phase > 0) __syncthreads();
    Body::phase(phase, place, shared, args, state);
  }
}

template <class Body>
int launch(const typename Body::Args* args, void* stream) {
  const int64_t blocks = Body::blocks(*args);
  const int64_t bytes = Body::sharedValues(*args) * static_cast<int64_t>(sizeof(float));
  if (blocks == 0) return 0;
  if (bytes > kSharedBytes || blocks > 0x7fffffff) return kNoSuchShape;
  runBody<Body><<<static_cast<unsigned>(blocks), kThreads, static_cast<size_t>(bytes), static_cast<cudaStream_t>(stream)>>>(*args);
  return static_cast<int>(cudaGetLastError());
}

}  // namespace
}  // namespace hvlm::cuda

extern "C" {

int hvlm_cuda_version() { return hvlm::cuda::kPluginVersion; }

const char* hvlm_cuda_error_text(int code) {
  return code == hvlm::cuda::kNoSuchShape ? "the problem does not fit a block" : cudaGetErrorString(static_cast<cudaError_t>(code));
}

#define HVLM_ENTRY(name, Body, Args) \
  int hvlm_cuda_##name(const hvlm::cuda::Args<float>* args, void* stream) { return hvlm::cuda::launch<hvlm::cuda::Body<float>>(args, stream); }
HVLM_ENTRY(pool, PyramidPoolBody, PyramidPoolArgs)
HVLM_ENTRY(pool_backward, PyramidPoolBackwardBody, PyramidPoolArgs)
HVLM_ENTRY(pooling_vectors, PoolingVectorBody, PoolingVectorArgs)
HVLM_ENTRY(attention, WindowAttentionBody, WindowAttentionArgs)
HVLM_ENTRY(attention_queries, WindowAttentionQueryBody, WindowAttentionArgs)
HVLM_ENTRY(attention_keys, WindowAttentionKeyBody, WindowAttentionArgs)
HVLM_ENTRY(temporal_terms, TemporalTermsBody, TemporalLossArgs)
HVLM_ENTRY(temporal_sums, TemporalSumBody, TemporalLossArgs)
HVLM_ENTRY(temporal_backward, TemporalBackwardBody, TemporalLossArgs)
HVLM_ENTRY(adamw, AdamWBody, AdamWArgs)
#undef HVLM_ENTRY

}  // extern "C"
