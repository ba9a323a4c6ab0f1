// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <math.h>
#include <stdint.h>

// A kernel's body is what one thread does between two barriers. It is plain C++, so that nvcc builds it into the plug-in and the
// tests run the very same lines on the CPU (tests/core/engine/cuda/grid_emulator.h).
//
//   struct Body {
//     using Args = …;                                          // plain pointers and numbers, the same on all threads
//     struct State { … };                                      // what a thread keeps from phase to phase: registers on the device
//     static int64_t blocks(const Args&);                      // blocks of kThreads threads
//     static int64_t sharedValues(const Args&);                // numbers in the memory that the threads of a block share
//     static int64_t phases(const Args&, int64_t block);       // the same on all threads of a block
//     static void phase(int64_t phase, Place, T* shared, const Args&, State&);
//   };
//
// Between two phases of a block all its threads wait for each other, and see what the others have written. Within a phase no thread
// may read what another one writes. Blocks know nothing of each other. No atomics: the same input gives the same bits.
#if defined(__CUDACC__)
#define HVLM_HD __host__ __device__
#define HVLM_UNROLL _Pragma("unroll")
#else
#define HVLM_HD
#define HVLM_UNROLL
#endif

namespace hvlm::cuda {

constexpr int kLanes = 32;                   // threads that share a row: neighbours read neighbouring columns
constexpr int kGroups = 8;                   // rows at once
constexpr int kThreads = kLanes * kGroups;   // of every block
constexpr int kSharedBytes = 48 * 1024;      // that every device has without asking

struct Place {
  int64_t block;
  int thread;
  HVLM_HD int lane() const { return thread % kLanes; }
  HVLM_HD int group() const { return thread / kLanes; }
};

struct NoState {};

template <class T>
HVLM_HD inline T larger(T a, T b) { return a > b ? a : b; }
template <class T>
HVLM_HD inline T smaller(T a, T b) { return a < b ? a : b; }
HVLM_HD inline int64_t partsOf(int64_t whole, int64_t part) { return (whole + part - 1) / part; }

HVLM_HD inline float exponential(float x) { return expf(x); }
HVLM_HD inline double exponential(double x) { return exp(x); }
HVLM_HD inline float logarithm(float x) { return logf(x); }
HVLM_HD inline double logarithm(double x) { return log(x); }
HVLM_HD inline float root(float x) { return sqrtf(x); }
HVLM_HD inline double root(double x) { return sqrt(x); }

// Sum of the kLanes partial sums of a row, in a fixed order; every lane gets it.
template <class T>
HVLM_HD inline T laneSum(const T* partials) {
  T sum = partials[0];
  HVLM_UNROLL
  for (int i = 1; i < kLanes; ++i) sum += partials[i];
  return sum;
}

}  // namespace hvlm::cuda
