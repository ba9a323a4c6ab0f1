// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <ATen/core/Tensor.h>

#include <vector>

namespace hvlm {

// Sum of the squares of all numbers of all tensors, in double; parts of fixed size, so the same for any number of threads.
// Float tensors of the CPU; those that are not contiguous are copied first.
double fusedSquareSum(const std::vector<at::Tensor>& tensors);

// A trainable tensor and its state, all contiguous floats of the CPU and of one size.
struct SweptTensor {
  at::Tensor value;
  at::Tensor gradient;  // undefined: the value stays, its average still moves towards it
  at::Tensor first;     // moments
  at::Tensor second;
  at::Tensor average;   // undefined: none
  double decay = 1.0;   // scales the value first
};

struct SweepOptions {
  double gradient_scale = 1.0;  // of clipping
  double beta1 = 0.9;
  double beta2 = 0.999;
  double eps = 1e-8;
  double correction1 = 1.0;  // 1 - beta1^t
  double correction2 = 1.0;
  double lr = 0.0;
  double average_take = 0.0;  // share of the new value in its average
};

// Clipping, AdamW and the average of the weights with every number read and written once. The formula of train/optimizer.h.
void fusedAdamW(const std::vector<SweptTensor>& tensors, const SweepOptions& options);

// average += take (value - average) for each pair.
void fusedAverage(const std::vector<at::Tensor>& values, const std::vector<at::Tensor>& averages, double take);

}  // namespace hvlm
