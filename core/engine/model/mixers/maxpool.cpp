// SPDX-License-Identifier: Apache-2.0
#include "engine/model/mixers/kinds.h"

namespace hvlm {
namespace {

class MaxpoolMixer : public SequenceMixer {
 public:
  explicit MaxpoolMixer(int64_t window) : reach_(window / 2) {}

  at::Tensor operator()(const at::Tensor& x, const RunIndex& index) const override {
    std::vector<at::Tensor> pooled;
    for (const at::Tensor& run : x.split_with_sizes(index.lengths, 0)) {
      const int64_t reach = std::min(reach_, run.size(0) - 1);  // past both ends of the run there is nothing to see
      const at::Tensor channels = run.t().unsqueeze(0);         // [1, d, T]
      pooled.push_back(at::max_pool1d(channels, {2 * reach + 1}, {1}, {reach}).squeeze(0).t());
    }
    return at::cat(pooled, 0);
  }

 private:
  int64_t reach_;
};

}  // namespace

MixerPointer maxpoolMixer(int64_t window) { return std::make_shared<MaxpoolMixer>(window); }

}  // namespace hvlm
