// SPDX-License-Identifier: Apache-2.0
#include "engine/kernels/band_attention.h"

#include <torch/csrc/autograd/custom_function.h>

#include <new>

#include "engine/kernels/avx2.h"
#include "engine/kernels/kernels.h"
#include "engine/kernels/tasks.h"

namespace hvlm {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

constexpr int64_t kLanes = 8;
constexpr int64_t kSmallWork = 1 << 14;  // rows x keys x heads below which a second thread costs more than it gives

struct Release {
  void operator()(float* memory) const { ::operator delete(memory, std::align_val_t(64)); }
};

// Aligned memory that grows to the largest run.
class Memory {
 public:
  float* of(int64_t floats) {
    if (floats > size_) data_.reset(static_cast<float*>(::operator new(static_cast<size_t>(floats) * sizeof(float), std::align_val_t(64))));
    size_ = std::max(size_, floats);
    return data_.get();
  }

 private:
  std::unique_ptr<float, Release> data_;
  int64_t size_ = 0;
};

// Calls f(band, scratch) for every head of every run.
template <class F>
void overHeads(const avx2::Band& band, const std::vector<int64_t>& offsets, bool backward, const F& f) {
  const auto runs = static_cast<int64_t>(offsets.size()) - 1;
  const bool small = offsets.back() * (2 * band.reach + kLanes) * band.heads < kSmallWork;
  overTasks(runs * band.heads, small, [&] {
    return [&, memory = Memory(), own = band](int64_t task) mutable {
      own.head = task / runs;
      own.first = offsets[static_cast<size_t>(task % runs)];
      own.last = offsets[static_cast<size_t>(task % runs) + 1];
      if (own.first < own.last) f(own, memory.of(avx2::bandScratch(own, backward)));
    };
  });
}

avx2::Band bandOf(const at::Tensor& projected, int64_t heads, int64_t reach) {
  avx2::Band band;
  band.projected = projected.const_data_ptr<float>();
  band.width = projected.size(1) / 3;
  band.channels = band.width / heads;
  band.heads = heads;
  band.reach = std::min(reach, projected.size(0));
  return band;
}

struct BandAttention : torch::autograd::Function<BandAttention> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& given, const std::vector<int64_t>& offsets, int64_t heads, int64_t reach) {
    const at::Tensor projected = given.contiguous();
    at::Tensor out = at::empty({projected.size(0), projected.size(1) / 3}, projected.options());
    at::Tensor softmax = at::empty({projected.size(0), heads, 2}, projected.options());
    overHeads(bandOf(projected, heads, reach), offsets, false, [&](const avx2::Band& band, float* scratch) {
      avx2::bandForward(band, out.data_ptr<float>(), softmax.data_ptr<float>(), scratch);
    });
    context->save_for_backward({projected, softmax});
    context->saved_data["offsets"] = offsets;
    context->saved_data["reach"] = reach;
    return out;
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const variable_list saved = context->get_saved_variables();
    const at::Tensor g = gradients[0].contiguous();
    at::Tensor into = at::empty(saved[0].sizes(), saved[0].options());
    overHeads(bandOf(saved[0], saved[1].size(1), context->saved_data["reach"].toInt()), context->saved_data["offsets"].toIntVector(), true,
              [&](const avx2::Band& band, float* scratch) {
                avx2::bandBackward(band, saved[1].const_data_ptr<float>(), g.const_data_ptr<float>(), into.data_ptr<float>(), scratch);
              });
    return {into, at::Tensor(), at::Tensor(), at::Tensor()};
  }
};

}  // namespace

bool bandIsFused(const at::Tensor& rows, int64_t channels) { return fusedFor(rows) && channels > 0 && channels % kLanes == 0; }

at::Tensor fusedBandAttention(const at::Tensor& projected, const std::vector<int64_t>& offsets, int64_t heads, int64_t reach) {
  return BandAttention::apply(projected, offsets, heads, reach);
}

}  // namespace hvlm
