// SPDX-License-Identifier: Apache-2.0
#include "engine/eval/flops.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <ATen/record_function.h>
#include <c10/core/Allocator.h>
#include <c10/util/ThreadLocalDebugInfo.h>

#include <algorithm>
#include <memory>
#include <string_view>
#include <unordered_map>

namespace hvlm {
namespace {

thread_local int64_t counted_flops = 0;
thread_local int64_t counted_calls_open = 0;  // within one that is counted, what it calls is the same work

int64_t dimension(const c10::IValue& value, int64_t from_end) {
  const at::Tensor& tensor = value.toTensor();
  return tensor.dim() >= from_end ? tensor.size(-from_end) : 1;
}

// m x k times k x n, for every matrix of a batch.
int64_t productFlops(const c10::IValue& a, const c10::IValue& b) {
  const at::Tensor& left = a.toTensor();
  const int64_t columns = b.toTensor().dim() >= 2 ? dimension(b, 1) : 1;
  return 2 * left.numel() * columns;
}

// query [.., T, c], key [.., K, c], value [.., K, c]
int64_t attentionFlops(const c10::IValue& query, const c10::IValue& key) { return 4 * query.toTensor().numel() * dimension(key, 2); }

// Pairs of a row and a row of its run at most `reach` away.
int64_t bandPairs(c10::ArrayRef<int64_t> offsets, int64_t reach) {
  int64_t pairs = 0;
  for (size_t r = 0; r + 1 < offsets.size(); ++r) {
    const int64_t rows = offsets[r + 1] - offsets[r], near = std::min(reach, rows - 1);
    pairs += rows * (2 * near + 1) - near * (near + 1);
  }
  return pairs;
}

int64_t flopsOf(std::string_view name, c10::ArrayRef<const c10::IValue> inputs) {
  const auto tensors = [&](size_t first, size_t count) {
    if (inputs.size() < first + count) return false;
    for (size_t i = first; i < first + count; ++i) {
      if (!inputs[i].isTensor() || !inputs[i].toTensor().defined()) return false;
    }
    return true;
  };
  // Leaves only: matmul and linear call these.
  if ((name == "aten::mm" || name == "aten::bmm" || name == "aten::mv" || name == "aten::dot") && tensors(0, 2)) return productFlops(inputs[0], inputs[1]);
  if ((name == "aten::addmm" || name == "aten::addmm_" || name == "aten::baddbmm" || name == "aten::addmv") && tensors(1, 2)) return productFlops(inputs[1], inputs[2]);
  if ((name == "aten::_scaled_dot_product_flash_attention_for_cpu") && tensors(0, 2)) return attentionFlops(inputs[0], inputs[1]);
  if (name == "aten::_scaled_dot_product_flash_attention_for_cpu_backward" && tensors(1, 2)) return attentionFlops(inputs[1], inputs[2]) / 2 * 5;
  if (name == "aten::addcmul_" && tensors(0, 1)) return 2 * inputs[0].toTensor().numel();
  if (name == "hvlm::banded_attention" && inputs.size() == 3 && tensors(0, 1)) {  // projected [N, 3 d], offsets, reach
    const int64_t passes = at::GradMode::is_enabled() && inputs[0].toTensor().requires_grad() ? 3 : 1;
    return passes * 4 * dimension(inputs[0], 1) / 3 * bandPairs(inputs[1].toIntVector(), inputs[2].toInt());
  }
  if (name == "hvlm::level_pooling" && inputs.size() == 2 && tensors(0, 1)) {  // rows [N, d], windows whose two scores are taken
    return 4 * dimension(inputs[0], 1) * inputs[1].toInt();
  }
  return 0;
}

struct OpenCall : at::ObserverContext {};

std::unique_ptr<at::ObserverContext> onCall(const at::RecordFunction& call) {
  const int64_t flops = counted_calls_open > 0 ? 0 : flopsOf(call.name(), call.inputs());
  if (flops == 0) return nullptr;
  counted_flops += flops;
  ++counted_calls_open;
  return std::make_unique<OpenCall>();
}

void onReturn(const at::RecordFunction&, at::ObserverContext* context) {
  if (context) --counted_calls_open;
}

// Follows the allocator's reports of one thread. Only blocks that it saw come count when they go: what outlived an earlier watch
// may be freed in this one.
class MemoryMeter : public c10::MemoryReportingInfoBase {
 public:
  void reportMemoryUsage(void* block, int64_t bytes, size_t, size_t, c10::Device) override {
    if (bytes > 0) {
      sizes_[block] = bytes;
      held_ += bytes;
      peak_ = std::max(peak_, held_);
    } else if (const auto seen = sizes_.find(block); seen != sizes_.end()) {
      held_ -= seen->second;
      sizes_.erase(seen);
    }
  }
  bool memoryProfilingEnabled() const override { return true; }
  int64_t peak() const { return peak_; }

 private:
  std::unordered_map<void*, int64_t> sizes_;
  int64_t held_ = 0;
  int64_t peak_ = 0;
};

}  // namespace

int64_t countFlops(const std::function<void()>& work) {
  struct Callback {
    at::CallbackHandle handle = at::addThreadLocalCallback(at::RecordFunctionCallback(onCall, onReturn).needsInputs(true));
    ~Callback() { at::removeCallback(handle); }
  };
  counted_flops = 0;
  counted_calls_open = 0;
  const Callback callback;
  work();
  return counted_flops;
}

int64_t flopsSoFar() { return counted_flops; }

int64_t peakTensorBytes(const std::function<void()>& work) {
  const auto meter = std::make_shared<MemoryMeter>();
  {
    const c10::DebugInfoGuard guard(c10::DebugInfoKind::PROFILER_STATE, meter);
    work();
  }
  return meter->peak();
}

}  // namespace hvlm
