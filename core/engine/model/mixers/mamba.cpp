// SPDX-License-Identifier: Apache-2.0
#include "engine/model/mixers/kinds.h"
#include "engine/model/mixers/selective_scan.h"

namespace hvlm {
namespace {

constexpr int64_t kTaps = 4;            // of the depthwise convolution: a step and the three before it
constexpr double kShortestStep = 1e-3;  // initial step sizes, drawn evenly on a logarithmic scale
constexpr double kLongestStep = 1e-1;

at::Tensor uniform(at::IntArrayRef sizes, double low, double high, at::Generator& generator,
                   at::TensorOptions options) {
  at::Tensor values = at::empty(sizes, at::kFloat);
  values.uniform_(low, high, generator);
  return values.to(options);
}

// Row t of each run holds row t - lag, zeros before the run begins: [N, E].
at::Tensor delayed(const at::Tensor& x, int64_t lag, const RunIndex& index) {
  if (lag == 0) return x;
  if (lag >= x.size(0)) return at::zeros_like(x);
  const at::Tensor moved = at::constant_pad_nd(x.narrow(0, 0, x.size(0) - lag), {0, 0, lag, 0}, 0);
  return moved.masked_fill((index.position_of_row < lag).unsqueeze(1),
                           0);  // a neighbour's row has no say, NaN included
}

// What one scan along the run owns.
struct Direction {
  at::Tensor taps;       // [E, kTaps], the step itself last
  at::Tensor tap_bias;   // [E]
  at::Tensor selection;  // [R + 2 S, E]: from a step to its step size (R numbers), input and output vectors
  Linear step_size;      // [E, R]
  at::Tensor log_rate;   // [E, S]
  at::Tensor skip;       // [E]

  static Direction create(ParameterSet& set, const std::string& name, const MambaOptions& o, at::Generator& generator,
                          at::TensorOptions options);
  at::Tensor operator()(const at::Tensor& x, const RunIndex& index) const;
};

Direction Direction::create(ParameterSet& set, const std::string& name, const MambaOptions& o, at::Generator& generator,
                            at::TensorOptions options) {
  const int64_t inner = o.expand * o.width;
  const int64_t rank = (o.width + 15) / 16;
  const double tap_bound = 1.0 / std::sqrt(static_cast<double>(kTaps));
  const double rank_bound = 1.0 / std::sqrt(static_cast<double>(rank));
  Direction d;
  d.taps = set.add(name + ".conv1d.weight", uniform({inner, kTaps}, -tap_bound, tap_bound, generator, options));
  d.tap_bias = set.add(name + ".conv1d.bias", at::zeros({inner}, options), false);
  d.selection = set.add(name + ".x_proj.weight", xavierUniform(rank + 2 * o.state, inner, generator, options));
  d.step_size.weight =
      set.add(name + ".dt_proj.weight", uniform({inner, rank}, -rank_bound, rank_bound, generator, options));
  const at::Tensor first_step =
      uniform({inner}, std::log(kShortestStep), std::log(kLongestStep), generator, at::kDouble).exp();
  d.step_size.bias =
      set.add(name + ".dt_proj.bias", first_step.expm1().log().to(options), false);  // softplus gives it back
  const at::Tensor rates = at::arange(1, o.state + 1, at::kDouble).log().expand({inner, o.state});
  d.log_rate = set.add(name + ".A_log", rates.to(options), false);
  d.skip = set.add(name + ".D", at::ones({inner}, options), false);
  return d;
}

at::Tensor Direction::operator()(const at::Tensor& x, const RunIndex& index) const {
  at::Tensor local = tap_bias + x * taps.select(1, kTaps - 1);
  for (int64_t lag = 1; lag < kTaps; ++lag) local = local + delayed(x, lag, index) * taps.select(1, kTaps - 1 - lag);
  const at::Tensor u = at::silu(local);  // [N, E]
  const int64_t rank = step_size.weight.size(1);
  const std::vector<at::Tensor> chosen =
      at::linear(u, selection).split_with_sizes({rank, log_rate.size(1), log_rate.size(1)}, 1);
  const at::Tensor step = at::softplus(step_size(chosen[0]));
  return selectiveScan(u, step, -log_rate.exp(), chosen[1], chosen[2], index.offsets) + u * skip;
}

// Row numbers that turn each run around.
at::Tensor reversedRows(const RunIndex& index) {
  return index.first_rows.index_select(0, index.run_of_row) + index.last_rows.index_select(0, index.run_of_row) -
         at::arange(index.rows(), index.run_of_row.options());
}

class MambaMixer : public SequenceMixer {
 public:
  MambaMixer(ParameterSet& set, const std::string& name, const MambaOptions& o, at::Generator& generator,
             at::TensorOptions options)
      : inner_(o.expand * o.width), bidirectional_(o.bidirectional) {
    in_ = set.add(name + ".in_proj.weight", xavierUniform(2 * inner_, o.width, generator, options));
    along_ = Direction::create(set, name + ".forward", o, generator, options);
    if (bidirectional_) against_ = Direction::create(set, name + ".backward", o, generator, options);
    out_ = set.add(name + ".out_proj.weight", xavierUniform(o.width, inner_, generator, options));
  }

  at::Tensor operator()(const at::Tensor& x, const RunIndex& index) const override {
    const std::vector<at::Tensor> halves = at::linear(x, in_).split_with_sizes({inner_, inner_}, 1);
    at::Tensor scanned = along_(halves[0], index);  // [N, E]
    if (bidirectional_) {
      const at::Tensor turn = reversedRows(index);
      scanned = scanned + against_(halves[0].index_select(0, turn), index).index_select(0, turn);
    }
    return at::linear(scanned * at::silu(halves[1]), out_);
  }

 private:
  int64_t inner_;
  bool bidirectional_;
  at::Tensor in_;   // [2 E, d]: what is scanned, and the gate
  at::Tensor out_;  // [d, E]
  Direction along_, against_;
};

}  // namespace

MixerPointer mambaMixer(ParameterSet& set, const std::string& name, const MambaOptions& options,
                        at::Generator& generator, at::TensorOptions tensor_options) {
  return std::make_shared<MambaMixer>(set, name, options, generator, tensor_options);
}

}  // namespace hvlm
