// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <ATen/record_function.h>

#include <algorithm>
#include <memory>
#include <string_view>
#include <vector>

#include "engine/eval/flops.h"

namespace hvlm {
namespace {

thread_local int64_t counted_bytes = 0;
thread_local int64_t traffic_calls_open = 0;  // only the outermost call counts: what it calls moves the same bytes

int64_t bytesOf(const at::Tensor& tensor) {
  return tensor.defined() && tensor.layout() == at::kStrided ? tensor.numel() * static_cast<int64_t>(tensor.element_size()) : 0;
}

template <class F>
void forEachTensor(const c10::IValue& value, const F& f) {
  if (value.isTensor()) {
    if (value.toTensor().defined()) f(value.toTensor());
  } else if (value.isTensorList()) {
    for (const at::Tensor& tensor : value.toTensorVector()) {
      if (tensor.defined()) f(tensor);
    }
  }
}

struct TrafficCall : at::ObserverContext {
  int64_t read = 0;
  std::vector<const void*> storages;  // of the inputs
};

std::unique_ptr<at::ObserverContext> onCall(const at::RecordFunction& call) {
  auto context = std::make_unique<TrafficCall>();
  if (traffic_calls_open++ > 0) return context;
  for (const c10::IValue& input : call.inputs()) {
    forEachTensor(input, [&](const at::Tensor& tensor) {
      context->read += bytesOf(tensor);
      if (tensor.has_storage()) context->storages.push_back(tensor.storage().unsafeGetStorageImpl());
    });
  }
  return context;
}

// Names of calls that write into what they are given: "aten::add_", "aten::mm.out".
bool writesInPlace(std::string_view name) { return name.ends_with('_') || name.find("_out") != std::string_view::npos; }

void onReturn(const at::RecordFunction& call, at::ObserverContext* opened) {
  if (!opened || --traffic_calls_open > 0) return;
  const auto& context = static_cast<const TrafficCall&>(*opened);
  const std::string_view name = call.name();
  if (name.starts_with("aten::empty") || name.starts_with("aten::detach")) return;
  int64_t written = 0;
  bool looks_on = false;  // at the memory of an input: a view, which moves nothing
  for (const c10::IValue& output : call.outputs()) {
    forEachTensor(output, [&](const at::Tensor& tensor) {
      written += bytesOf(tensor);
      looks_on = looks_on || (tensor.has_storage() && std::find(context.storages.begin(), context.storages.end(), tensor.storage().unsafeGetStorageImpl()) != context.storages.end());
    });
  }
  if (looks_on && !writesInPlace(name)) return;
  counted_bytes += context.read + written;
}

}  // namespace

int64_t countTraffic(const std::function<void()>& work) {
  struct Callback {
    at::CallbackHandle handle = at::addThreadLocalCallback(
        at::RecordFunctionCallback(onCall, onReturn).needsInputs(true).needsOutputs(true).scopes({at::RecordScope::FUNCTION}));
    ~Callback() { at::removeCallback(handle); }
  };
  counted_bytes = 0;
  traffic_calls_open = 0;
  const Callback callback;
  work();
  return counted_bytes;
}

int64_t trafficSoFar() { return counted_bytes; }

}  // namespace hvlm
