// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <ATen/core/Generator.h>
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <deque>
#include <string>
#include <utility>
#include <vector>

namespace hvlm {

// A leaf tensor with a name: what the optimiser moves and a checkpoint stores.
struct Parameter {
  std::string name;   // dotted, unique within its set: "encoder.layers.0.linear1.weight"
  at::Tensor value;   // leaf, requires_grad
  bool decay = true;  // weight decay applies; false for biases, norms, scales and pooling vectors
};

// The parameters of a model in the order they were added. References stay valid as long as the set lives. One thread.
class ParameterSet {
 public:
  // Makes `value` a leaf that wants a gradient. Throws ShapeError when the name is taken.
  at::Tensor& add(const std::string& name, at::Tensor value, bool decay = true);

  const std::deque<Parameter>& all() const { return parameters_; }
  std::vector<std::string> names() const;
  std::vector<at::Tensor> tensors() const;                // handles to the leaves themselves, not copies
  std::vector<at::Tensor> tensorsFrom(size_t first) const;  // those added after the first so many
  const at::Tensor* find(const std::string& name) const;  // nullptr when there is none of that name
  int64_t size() const { return static_cast<int64_t>(parameters_.size()); }
  int64_t count() const;  // numbers in all tensors together
  void zeroGrad();        // drops the gradients
  // Copies the values of the tensors of the same names, in place. Throws ShapeError when names or shapes differ.
  void copyFrom(const ParameterSet& other);

 private:
  std::deque<Parameter> parameters_;
};

// A tensor of a model that is stored with it but not trained (channel statistics).
struct NamedTensor {
  std::string name;
  at::Tensor value;
};

// A generator of the CPU. Every random number of a model comes from one that the caller owns: no global state.
at::Generator makeGenerator(uint64_t seed);

// Initial values, drawn in float on the CPU whatever the type of the result, so one seed gives one model.
at::Tensor xavierUniform(int64_t fan_out, int64_t fan_in, at::Generator& generator,
                         at::TensorOptions options);  // [out, in]
at::Tensor normalInit(at::IntArrayRef sizes, double deviation, at::Generator& generator, at::TensorOptions options);

}  // namespace hvlm
