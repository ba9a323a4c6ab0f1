// SPDX-License-Identifier: Apache-2.0
// Bodies of the fused kernels for processors with AVX2 and FMA. Call them only while fusedAvailable(). Plain pointers; who calls
// them owns all memory, shares the work among threads and has checked the shapes. Every sum has one fixed order.
#pragma once
#include <cstdint>

namespace hvlm::avx2 {

// --- Pooling of one window: children a and b of `width` channels; b == nullptr is a window of one ---

// out = weights[0] a + weights[1] b, weights = softmax(w . a, w . b), or equal shares with w == nullptr; a window of one has weights
// 1 and 0. `maxima`, unless nullptr, is the larger of each channel; NaN wins.
void poolWindow(const float* a, const float* b, const float* w, int64_t width, float* out, float* maxima, float* weights);

struct PoolGradient {
  const float* a = nullptr;
  const float* b = nullptr;
  const float* w = nullptr;
  const float* weights = nullptr;    // [2] of poolWindow()
  const float* of_out = nullptr;     // what arrives at `out`; nullptr: nothing
  const float* of_maxima = nullptr;  // at `maxima`; nullptr: nothing
  const float* of_a = nullptr;       // what arrives at the children from elsewhere; nullptr: nothing
  const float* of_b = nullptr;
  float* into_a = nullptr;  // written: the children's whole gradients
  float* into_b = nullptr;
  float* into_w = nullptr;  // added to; nullptr: not wanted
  bool past_caches = false;  // see fenceStores()
};
// Equal children share the gradient of their maximum.
void poolWindowBackward(const PoolGradient& gradient, int64_t width);

// to = from. `past_caches`, here and above: results that are larger than the caches go straight to memory, which saves reading what is
// about to be overwritten. They must lie on 32 bytes and be a multiple of 8 floats wide; call fenceStores() before another thread reads.
void copyFloats(const float* from, int64_t count, bool past_caches, float* to);
void fenceStores();

// --- Neighbouring rows of h [rows, width] ---

// squares[i] = h_i . h_i and products[i] = h_i . h_i+1 (0 for the last row) of rows begin .. end-1.
void neighbourProducts(const float* h, int64_t rows, int64_t width, int64_t begin, int64_t end, float* squares, float* products);
// out_i = own[i] h_i + next[i] h_i+1 + next[i-1] h_i-1 of rows begin .. end-1. A factor of 0 hides its row whatever it holds.
void neighbourMix(const float* h, int64_t rows, int64_t width, int64_t begin, int64_t end, const float* own, const float* next, float* out);

// --- Attention within a band: one head of one run ---

struct Band {
  const float* projected = nullptr;  // [N, 3 width] query, key, value side by side
  int64_t width = 0;
  int64_t channels = 0;  // of a head, a multiple of 8
  int64_t heads = 0;
  int64_t reach = 0;
  int64_t head = 0;   // this one
  int64_t first = 0;  // rows of the run
  int64_t last = 0;
};
// Floats of scratch that one call needs.
int64_t bandScratch(const Band& band, bool backward);
// out [N, width]; softmax [N, heads, 2]: each row's largest score t, and 1 / sum exp(score - t). Both, since their log sum alone rounds
// as coarsely as the scores are large.
void bandForward(const Band& band, float* out, float* softmax, float* scratch);
// Writes this head's query, key and value parts of the run's rows of `into` [N, 3 width].
void bandBackward(const Band& band, const float* softmax, const float* gradient, float* into, float* scratch);

// --- Optimiser ---

double squaredNorm(const float* x, int64_t count);

struct AdamWFactors {
  float gradient = 1;     // scales every gradient first (clipping)
  float keep1 = 0;        // beta 1
  float take1 = 0;        // 1 - beta 1
  float keep2 = 0;
  float take2 = 0;
  float decay = 1;        // the value is scaled by it first
  float root_scale = 1;   // 1 / sqrt(bias correction of the second moment)
  float eps = 0;
  float rate = 0;         // learning rate / bias correction of the first moment
  float average_take = 0; // share of the new value in its average
};
// One step of AdamW; `average`, unless nullptr, then moves towards the new value. All [count].
void adamwSweep(const AdamWFactors& f, float* value, const float* gradient, float* first, float* second, float* average, int64_t count);
// average += take (value - average)
void averageSweep(float take, const float* value, float* average, int64_t count);

// --- Rows of a linear layer with int8 weights (model/int8_weights.h) ---

struct RowRange {
  float low = 0;       // the smallest number
  float range = 0;     // the largest less the smallest
  bool finite = true;  // no NaN, no infinity among them
};
RowRange rowRange(const float* x, int64_t width);
void moveRow(const float* x, float low, float by, int64_t width, float* out);  // out = by (x - low)
// out = range y + low sums + bias; out may be y.
void moveRowBack(const float* y, float range, float low, const float* sums, const float* bias, int64_t width, float* out);

// --- Rows of a search index (half_rows.h); for processors with F16C too ---

// out[r] = rows_r . query of `count` rows of float16, one after the other.
void halfRowProducts(const uint16_t* rows, int64_t count, int64_t width, const float* query, float* out);

}  // namespace hvlm::avx2
