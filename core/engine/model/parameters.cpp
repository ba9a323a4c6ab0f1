// SPDX-License-Identifier: Apache-2.0
#include "engine/model/parameters.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/core/grad_mode.h>

#include "support/error.h"

namespace hvlm {

at::Tensor& ParameterSet::add(const std::string& name, at::Tensor value, bool decay) {
  if (find(name)) throw ShapeError("parameter " + name + " is there already");
  parameters_.push_back({name, value.detach().contiguous().requires_grad_(true), decay});
  return parameters_.back().value;
}

std::vector<std::string> ParameterSet::names() const {
  std::vector<std::string> all_names;
  for (const Parameter& p : parameters_) all_names.push_back(p.name);
  return all_names;
}

std::vector<at::Tensor> ParameterSet::tensors() const {
  std::vector<at::Tensor> values;
  for (const Parameter& p : parameters_) values.push_back(p.value);
  return values;
}

std::vector<at::Tensor> ParameterSet::tensorsFrom(size_t first) const {
  std::vector<at::Tensor> values;
  for (size_t i = first; i < parameters_.size(); ++i) values.push_back(parameters_[i].value);
  return values;
}

const at::Tensor* ParameterSet::find(const std::string& name) const {
  for (const Parameter& p : parameters_) {
    if (p.name == name) return &p.value;
  }
  return nullptr;
}

int64_t ParameterSet::count() const {
  int64_t numbers = 0;
  for (const Parameter& p : parameters_) numbers += p.value.numel();
  return numbers;
}

void ParameterSet::zeroGrad() {
  for (Parameter& p : parameters_) p.value.mutable_grad() = at::Tensor();
}

void ParameterSet::copyFrom(const ParameterSet& other) {
  if (other.size() != size()) {
    throw ShapeError("parameter sets of " + std::to_string(size()) + " and " + std::to_string(other.size()) +
                     " tensors");
  }
  const at::NoGradGuard no_grad;
  for (Parameter& p : parameters_) {
    const at::Tensor* source = other.find(p.name);
    if (!source) throw ShapeError("parameter " + p.name + " is missing in the set copied from");
    if (source->sizes() != p.value.sizes()) {
      throw ShapeError("parameter " + p.name + " has " + std::to_string(p.value.numel()) + " numbers here and " +
                       std::to_string(source->numel()) + " in the set copied from");
    }
    p.value.copy_(*source);
  }
}

at::Generator makeGenerator(uint64_t seed) { return at::make_generator<at::CPUGeneratorImpl>(seed); }

at::Tensor xavierUniform(int64_t fan_out, int64_t fan_in, at::Generator& generator, at::TensorOptions options) {
  const double bound = std::sqrt(6.0 / static_cast<double>(fan_in + fan_out));
  at::Tensor values = at::empty({fan_out, fan_in}, at::kFloat);
  values.uniform_(-bound, bound, generator);
  return values.to(options);
}

at::Tensor normalInit(at::IntArrayRef sizes, double deviation, at::Generator& generator, at::TensorOptions options) {
  at::Tensor values = at::empty(sizes, at::kFloat);
  values.normal_(0.0, deviation, generator);
  return values.to(options);
}

}  // namespace hvlm
