// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

namespace hvlm {

class MovingAverage;
namespace cuda {
struct KernelSet;
}

struct AdamWOptions {
  double beta1 = 0.9;
  double beta2 = 0.999;
  double eps = 1e-8;
};

// One trainable tensor with its own decay.
struct OptimizedTensor {
  std::string name;
  at::Tensor value;  // leaf, float or double
  double weight_decay = 0.0;
};

// AdamW (Loshchilov and Hutter 2019, arXiv:1711.05101): decoupled decay p -= lr decay p, then p -= lr m^ / (sqrt(v^) + eps) with
// bias-corrected moments. A tensor without gradient is left alone. Deterministic at a given thread count; float tensors of the CPU take
// the fused sweep (engine/kernels/adamw_sweep.h), which gives the same for any.
class AdamW {
 public:
  AdamW(std::vector<OptimizedTensor> tensors, AdamWOptions options);
  // `average`, unless nullptr, is then updated with the new values: as update() of all tensors, without reading them again.
  void step(double lr, MovingAverage* average = nullptr);
  void zeroGrad();
  // Global L2 norm of all gradients, then scales them by min(1, clip / (norm + 1e-6)); clip = 0 only measures. Before the fused sweep
  // the gradients stay as they are and step() scales what it reads.
  double clipGradients(double clip);

  int64_t steps() const { return steps_; }
  void setSteps(int64_t steps) { steps_ = steps; }
  const std::vector<OptimizedTensor>& tensors() const { return tensors_; }
  std::vector<at::Tensor>& firstMoments() { return first_; }
  std::vector<at::Tensor>& secondMoments() { return second_; }

 private:
  bool sweeps() const;
  void scaleGradients(double factor);
  void plainStep(double lr);
  void fusedStep(double lr, MovingAverage* average);
  const cuda::KernelSet* kernelsForAll(MovingAverage* average) const;
  void deviceStep(const cuda::KernelSet& kernels, double lr, MovingAverage* average);

  std::vector<OptimizedTensor> tensors_;
  AdamWOptions options_;
  std::vector<at::Tensor> first_, second_;
  int64_t steps_ = 0;
  double pending_scale_ = 1.0;  // of the gradients, for the fused sweep
};

// Moving average of the weights: a <- d a + (1 - d) p, d = min(decay, (1 + n) / (10 + n)) after n updates, so that the
// first steps do not drag the initial weights along.
class MovingAverage {
 public:
  MovingAverage(const std::vector<at::Tensor>& values, double decay);
  void update(const std::vector<at::Tensor>& values);
  // For who moves the averages: counts one update and returns 1 - d.
  double nextShare();
  std::vector<at::Tensor>& averages() { return averages_; }
  int64_t updates() const { return updates_; }
  void setUpdates(int64_t updates) { updates_ = updates; }

 private:
  std::vector<at::Tensor> averages_;
  double decay_;
  int64_t updates_ = 0;
};

}  // namespace hvlm
