// SPDX-License-Identifier: Apache-2.0
#include "engine/model/mixers/banded_attention.h"

#include <ATen/Dispatch.h>
#include <ATen/Parallel.h>
#include <ATen/record_function.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/kernels/band_attention.h"
#include "support/error.h"

// Two versions of the inner loops, chosen by the processor when the library is loaded.
#define HVLM_FOR_EACH_CPU __attribute__((target_clones("arch=haswell", "default")))

namespace hvlm {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

constexpr int64_t kLanes = 8;  // partial sums of a dot product: fixed, so the result does not depend on the processor's width

template <class T>
__attribute__((always_inline)) inline T dot(const T* a, const T* b, int64_t n) {
  T sums[kLanes] = {};
  int64_t i = 0;
  for (; i + kLanes <= n; i += kLanes) {
    for (int64_t k = 0; k < kLanes; ++k) sums[k] += a[i + k] * b[i + k];
  }
  T sum = ((sums[0] + sums[4]) + (sums[1] + sums[5])) + ((sums[2] + sums[6]) + (sums[3] + sums[7]));
  for (; i < n; ++i) sum += a[i] * b[i];
  return sum;
}

template <class T>
__attribute__((always_inline)) inline void addScaled(T* into, const T* from, T scale, int64_t n) {
  for (int64_t i = 0; i < n; ++i) into[i] += scale * from[i];
}

struct Shape {
  int64_t width = 0;    // d
  int64_t channels = 0; // of a head
  int64_t reach = 0;
  int64_t span = 0;     // 2 reach + 1
  int64_t heads = 0;
};

// One head of the rows first .. last-1. `weights` [N, H, span], entry j of row t belongs to row t - reach + j.
template <class T>
__attribute__((always_inline)) inline void attendRun(const T* projected, T* out, T* weights, const Shape& s, int64_t head, int64_t first, int64_t last) {
  const T scale = T(1) / std::sqrt(static_cast<T>(s.channels));
  const int64_t row = 3 * s.width;
  for (int64_t t = first; t < last; ++t) {
    const int64_t low = std::max(first, t - s.reach), high = std::min(last - 1, t + s.reach);
    const T* query = projected + t * row + head * s.channels;
    T* weight = weights + (t * s.heads + head) * s.span;
    T top = -std::numeric_limits<T>::infinity();
    for (int64_t u = low; u <= high; ++u) {
      const T score = scale * dot(query, projected + u * row + s.width + head * s.channels, s.channels);
      weight[u - t + s.reach] = score;
      top = std::max(top, score);
    }
    T total = 0;
    for (int64_t u = low; u <= high; ++u) {
      T& w = weight[u - t + s.reach];
      w = std::exp(w - top);
      total += w;
    }
    T* result = out + t * s.width + head * s.channels;
    for (int64_t u = low; u <= high; ++u) {
      T& w = weight[u - t + s.reach];
      w /= total;
      addScaled(result, projected + u * row + 2 * s.width + head * s.channels, w, s.channels);
    }
  }
}

template <class T>
__attribute__((always_inline)) inline void attendRunBackward(const T* projected, const T* weights, const T* gradient, T* into, T* scratch, const Shape& s, int64_t head, int64_t first,
                              int64_t last) {
  const T scale = T(1) / std::sqrt(static_cast<T>(s.channels));
  const int64_t row = 3 * s.width;
  const int64_t at = head * s.channels;
  for (int64_t t = first; t < last; ++t) {
    const int64_t low = std::max(first, t - s.reach), high = std::min(last - 1, t + s.reach);
    const T* weight = weights + (t * s.heads + head) * s.span;
    const T* g = gradient + t * s.width + at;
    T mean = 0;
    for (int64_t u = low; u <= high; ++u) {
      scratch[u - low] = dot(g, projected + u * row + 2 * s.width + at, s.channels);
      mean += weight[u - t + s.reach] * scratch[u - low];
    }
    for (int64_t u = low; u <= high; ++u) {
      const T w = weight[u - t + s.reach];
      const T score = scale * w * (scratch[u - low] - mean);
      addScaled(into + t * row + at, projected + u * row + s.width + at, score, s.channels);
      addScaled(into + u * row + s.width + at, projected + t * row + at, score, s.channels);
      addScaled(into + u * row + 2 * s.width + at, g, w, s.channels);
    }
  }
}

HVLM_FOR_EACH_CPU void attend(const float* p, float* out, float* w, const Shape& s, int64_t head, int64_t first, int64_t last) {
  attendRun(p, out, w, s, head, first, last);
}
HVLM_FOR_EACH_CPU void attend(const double* p, double* out, double* w, const Shape& s, int64_t head, int64_t first, int64_t last) {
  attendRun(p, out, w, s, head, first, last);
}
HVLM_FOR_EACH_CPU void attendBackward(const float* p, const float* w, const float* g, float* into, float* scratch, const Shape& s, int64_t head,
                                      int64_t first, int64_t last) {
  attendRunBackward(p, w, g, into, scratch, s, head, first, last);
}
HVLM_FOR_EACH_CPU void attendBackward(const double* p, const double* w, const double* g, double* into, double* scratch, const Shape& s, int64_t head,
                                      int64_t first, int64_t last) {
  attendRunBackward(p, w, g, into, scratch, s, head, first, last);
}

// Calls f(head, first row, last row) for every head of every run. A run is one thread's: heads share its rows' cache lines.
template <class F>
void overHeads(const std::vector<int64_t>& offsets, int64_t heads, const F& f) {
  const auto runs = static_cast<int64_t>(offsets.size()) - 1;
  at::parallel_for(0, runs * heads, 1, [&](int64_t begin, int64_t end) {
    for (int64_t i = begin; i < end; ++i) f(i % heads, offsets[static_cast<size_t>(i / heads)], offsets[static_cast<size_t>(i / heads + 1)]);
  });
}

struct BandedAttention : torch::autograd::Function<BandedAttention> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& given, const std::vector<int64_t>& offsets, int64_t heads, int64_t reach) {
    const at::Tensor projected = given.contiguous();
    const int64_t n = projected.size(0);
    const Shape s{projected.size(1) / 3, projected.size(1) / 3 / heads, reach, 2 * reach + 1, heads};
    at::Tensor out = at::zeros({n, s.width}, projected.options());
    at::Tensor weights = at::zeros({n, heads, s.span}, projected.options());
    AT_DISPATCH_FLOATING_TYPES(projected.scalar_type(), "bandedAttention", [&] {
      overHeads(offsets, heads, [&](int64_t head, int64_t first, int64_t last) {
        attend(projected.const_data_ptr<scalar_t>(), out.data_ptr<scalar_t>(), weights.data_ptr<scalar_t>(), s, head, first, last);
      });
    });
    context->save_for_backward({projected, weights});
    context->saved_data["offsets"] = offsets;
    context->saved_data["reach"] = reach;
    return out;
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const variable_list saved = context->get_saved_variables();
    const at::Tensor& projected = saved[0];
    const at::Tensor& weights = saved[1];
    const at::Tensor g = gradients[0].contiguous();
    const auto offsets = context->saved_data["offsets"].toIntVector();
    const int64_t reach = context->saved_data["reach"].toInt();
    const int64_t heads = weights.size(1);
    const Shape s{projected.size(1) / 3, projected.size(1) / 3 / heads, reach, 2 * reach + 1, heads};
    at::Tensor into = at::zeros_like(projected);
    AT_DISPATCH_FLOATING_TYPES(projected.scalar_type(), "bandedAttention", [&] {
      overHeads(offsets, heads, [&](int64_t head, int64_t first, int64_t last) {
        std::vector<scalar_t> scratch(static_cast<size_t>(s.span));
        attendBackward(projected.const_data_ptr<scalar_t>(), weights.const_data_ptr<scalar_t>(), g.const_data_ptr<scalar_t>(), into.data_ptr<scalar_t>(),
                       scratch.data(), s, head, first, last);
      });
    });
    return {into, at::Tensor(), at::Tensor(), at::Tensor()};
  }
};

}  // namespace

at::Tensor bandedAttention(const at::Tensor& projected, const std::vector<int64_t>& offsets, int64_t heads, int64_t reach) {
  const bool fits = projected.dim() == 2 && heads >= 1 && projected.size(1) % (3 * heads) == 0 && reach >= 0 && !offsets.empty() && offsets.front() == 0 &&
                    offsets.back() == projected.size(0) && projected.is_cpu() && std::is_sorted(offsets.begin(), offsets.end());
  if (!fits) {
    throw ShapeError("bandedAttention: " + std::to_string(projected.dim() == 2 ? projected.size(0) : -1) + " rows of " +
                     std::to_string(projected.dim() == 2 ? projected.size(1) : -1) + " on the CPU, " + std::to_string(heads) + " heads, reach " +
                     std::to_string(reach) + ", offsets up to " + std::to_string(offsets.empty() ? -1 : offsets.back()));
  }
  // For observers that count its products, which are no calls of ATen (engine/eval/flops.h).
  RECORD_FUNCTION("hvlm::banded_attention", std::vector<c10::IValue>({projected, offsets, reach}));
  if (bandIsFused(projected, projected.size(1) / (3 * heads))) return fusedBandAttention(projected, offsets, heads, reach);
  return BandedAttention::apply(projected, offsets, heads, reach);
}

}  // namespace hvlm
