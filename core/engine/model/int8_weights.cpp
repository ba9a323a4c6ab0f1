// SPDX-License-Identifier: Apache-2.0
#include "engine/model/int8_weights.h"

#include <ATen/ATen.h>
#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/core/grad_mode.h>
#include <ATen/native/quantized/PackedParams.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/kernels/avx2.h"
#include "engine/kernels/kernels.h"

namespace hvlm {
namespace {

constexpr int64_t kLeast = 64;  // rows and columns of a weight from which it is packed: below, nothing is gained
// Of a row that comes in. 127 and no more: AVX2 adds two products of 8 bits in 16, and 2 x 127 x 127 is the most that fits.
constexpr double kCodes = 127.0;
constexpr int64_t kRowsAtOnce = 512;
constexpr int64_t kRowsOfTask = 64;

thread_local Int8Weights* current = nullptr;

// Moves a row into [0, 1]; one that is not finite gives NaN, as it would without int8.
avx2::RowRange toUnit(const float* x, int64_t columns, float* unit) {
  const avx2::RowRange found = avx2::rowRange(x, columns);
  if (!found.finite || !std::isfinite(found.range)) {
    std::fill(unit, unit + columns, 0.0f);
    return {0.0f, std::numeric_limits<float>::quiet_NaN(), false};
  }
  avx2::moveRow(x, found.low, found.range > 0.0f ? 1.0f / found.range : 0.0f, columns, unit);
  return found;
}

}  // namespace

struct Int8Weights::Layer {
  c10::intrusive_ptr<LinearPackedParamsBase> packed;
  at::Tensor sums;  // [out] of each row of the weight, as it was packed
  uint32_t version = 0;

  void pack(const at::Tensor& weight) {
    const at::NoGradGuard no_grad;
    const at::Tensor w = weight.detach().contiguous();
    const at::Tensor scales = w.abs().amax(1).to(at::kDouble).div(127.0).clamp_min(1e-30);
    const at::Tensor codes = at::quantize_per_channel(w, scales, at::zeros({w.size(0)}, at::kLong), 0, at::kQInt8);
    sums = codes.dequantize().sum(1);
    const at::QEngine engine = at::globalContext().qEngine();
    at::globalContext().setQEngine(at::kFBGEMM);
    torch::jit::Stack stack{codes, c10::IValue()};
    c10::Dispatcher::singleton().findSchemaOrThrow("quantized::linear_prepack", "").callBoxed(stack);
    at::globalContext().setQEngine(engine);
    packed = stack.front().toCustomClass<LinearPackedParamsBase>();
    version = weight._version();
  }

  // [n, in] -> [n, out]: with x = low + range u, u in [0, 1], a row gives range (u . w) + low sum(w) + bias. Portions of rows, so that what lies
  // between stays in the caches: FBGEMM holds as many whole numbers as results.
  at::Tensor product(const at::Tensor& x, const at::Tensor& bias) const {
    const int64_t rows = x.size(0), columns = x.size(1), width = sums.size(0);
    at::Tensor unit = at::empty({std::min(rows, kRowsAtOnce), columns}, x.options()), out = at::empty({rows, width}, x.options());
    std::vector<avx2::RowRange> ranges(static_cast<size_t>(unit.size(0)));
    for (int64_t first = 0; first < rows; first += kRowsAtOnce) {
      const int64_t count = std::min(kRowsAtOnce, rows - first);
      const float* from = x.const_data_ptr<float>() + first * columns;
      float* to = unit.mutable_data_ptr<float>();
      at::parallel_for(0, count, kRowsOfTask, [&](int64_t begin, int64_t end) {
        for (int64_t r = begin; r < end; ++r) ranges[static_cast<size_t>(r)] = toUnit(from + r * columns, columns, to + r * columns);
      });
      const at::Tensor products = packed->apply_with_input_q_dq_qweight_dq_output_fp32(unit.narrow(0, 0, count), 1.0 / kCodes, 0);
      const float *y = products.const_data_ptr<float>(), *own = sums.const_data_ptr<float>(), *add = bias.const_data_ptr<float>();
      float* into = out.mutable_data_ptr<float>() + first * width;
      at::parallel_for(0, count, kRowsOfTask, [&](int64_t begin, int64_t end) {
        for (int64_t r = begin; r < end; ++r) {
          const avx2::RowRange& range = ranges[static_cast<size_t>(r)];
          avx2::moveRowBack(y + r * width, range.range, range.low, own, add, width, into + r * width);
        }
      });
    }
    return out;
  }
};

Int8Weights::Int8Weights(const ParameterSet& parameters) : before_(current) {
  for (const Parameter& p : parameters.all()) {
    const bool fits = p.value.dim() == 2 && p.value.size(0) >= kLeast && p.value.size(1) >= kLeast && p.value.scalar_type() == at::kFloat && p.value.is_cpu();
    if (fits) layers_.emplace(p.value.unsafeGetTensorImpl(), nullptr);
  }
  current = this;
}
Int8Weights::~Int8Weights() { current = before_; }

bool Int8Weights::supported() {
  if (!fusedAvailable()) return false;
  const auto& engines = at::globalContext().supportedQEngines();
  return std::find(engines.begin(), engines.end(), at::kFBGEMM) != engines.end();
}

bool Int8Weights::active() { return current && current->active_; }

int64_t Int8Weights::layers() const {
  return std::count_if(layers_.begin(), layers_.end(), [](const auto& layer) { return layer.second != nullptr; });
}

at::Tensor Int8Weights::product(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias) {
  if (!current || !current->active_ || at::GradMode::is_enabled() || x.scalar_type() != at::kFloat || x.numel() == 0 || !bias.defined()) return {};
  const auto found = current->layers_.find(weight.unsafeGetTensorImpl());
  if (found == current->layers_.end()) return {};
  std::unique_ptr<Layer>& layer = found->second;
  if (!layer) layer = std::make_unique<Layer>();
  if (!layer->packed || layer->version != weight._version()) layer->pack(weight);
  auto sizes = x.sizes().vec();
  sizes.back() = weight.size(0);
  return layer->product(x.contiguous().view({-1, x.size(-1)}), bias).view(sizes);
}

}  // namespace hvlm
