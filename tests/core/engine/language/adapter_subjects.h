// SPDX-License-Identifier: Apache-2.0
// One adapter of each kind on a frozen layer, for the tests that all of them must pass.
#pragma once
#include <ATen/ATen.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/engine/language/tiny_decoder.h"
#include "engine/model/adapters/bottleneck.h"
#include "engine/model/adapters/lora.h"
#include "engine/model/adapters/prefix.h"

namespace hvlm::testing {

// An adapter on something frozen, in double, with names below "base" and "adapter".
struct Subject {
  ParameterSet set;
  std::function<at::Tensor(const at::Tensor&)> frozen;   // without the adapter
  std::function<at::Tensor(const at::Tensor&)> adapted;
  at::Tensor input;

  std::vector<Parameter> adapters() const {
    std::vector<Parameter> found;
    for (const Parameter& p : set.all()) {
      if (p.name.starts_with("adapter") || p.name.find(".lora_") != std::string::npos) found.push_back(p);
    }
    return found;
  }
  // As after some training: every adapter weight at a random place.
  void scatter() {
    at::Generator generator = makeGenerator(21);
    const at::NoGradGuard no_grad;
    for (const Parameter& p : adapters()) p.value.copy_(normalInit(p.value.sizes(), 0.7, generator, at::kDouble));
  }
};

inline std::unique_ptr<Subject> makeSubject(const std::string& kind) {
  auto subject = std::make_unique<Subject>();
  at::Generator generator = makeGenerator(5);
  const at::TensorOptions options = at::kDouble;
  const Linear base = Linear::create(subject->set, "base", 6, 8, generator, options);
  subject->input = randomSteps(2, 5, 6, 6, at::kDouble);
  subject->frozen = base;
  if (kind == "lora") {
    LoraOptions lora;
    lora.rank = 3;
    const auto layer = LoraLinear::create(subject->set, "base", base, lora, generator);
    subject->adapted = [layer](const at::Tensor& x) { return layer(x); };
  } else if (kind == "bottleneck") {
    const auto part = Bottleneck::create(subject->set, "adapter", 8, 4, "gelu", generator, options);
    subject->adapted = [base, part](const at::Tensor& x) { return part(base(x)); };
  } else {  // four heads of two columns over two key heads; the output is the query itself, attended to nothing
    const PrefixAttention prefix(subject->set, "adapter", 2, 4, 2, 3, 2, generator, options);
    subject->adapted = [base, prefix](const at::Tensor& x) {
      const at::Tensor query = base(x).unflatten(-1, {4, 2}).transpose(1, 2);  // [B, heads, T, c]
      return prefix(query, query, 1).transpose(1, 2).flatten(2);
    };
  }
  freeze(subject->set, "base.weight");
  freeze(subject->set, "base.bias");
  return subject;
}

}  // namespace hvlm::testing
