// SPDX-License-Identifier: Apache-2.0
#include "engine/model/mixers/selective_scan.h"

#include <torch/csrc/autograd/custom_function.h>

#include "support/error.h"

namespace hvlm {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

constexpr int64_t kChunk = 32;  // rows whose states are held at once

struct Chunk {
  int64_t first = 0;
  int64_t count = 0;
  int64_t slot = -1;  // of the state before its first row; -1: zeros, a run begins
};

struct ChunkList {
  std::vector<Chunk> chunks;
  int64_t slots = 0;
};

ChunkList chunksOf(const std::vector<int64_t>& offsets) {
  ChunkList list;
  for (size_t r = 0; r + 1 < offsets.size(); ++r) {
    for (int64_t first = offsets[r]; first < offsets[r + 1]; first += kChunk) {
      const int64_t slot = first == offsets[r] ? -1 : list.slots++;
      list.chunks.push_back({first, std::min(kChunk, offsets[r + 1] - first), slot});
    }
  }
  return list;
}

// The five inputs without gradient history; `rate` turned to [S, E].
struct Rows {
  at::Tensor x, step, rate, input, output;
  Rows of(const Chunk& c) const {
    const auto own = [&](const at::Tensor& t) { return t.narrow(0, c.first, c.count); };
    return {own(x), own(step), rate, own(input), own(output)};
  }
  at::Tensor decay() const { return at::mul(step.unsqueeze(1), rate).exp_(); }       // [L, S, E]
  at::Tensor drive() const { return (step * x).unsqueeze(1) * input.unsqueeze(2); }  // [L, S, E]
  at::Tensor zeroState() const { return at::zeros(rate.sizes(), rate.options()); }   // [S, E]
};

// `values` come as what enters at each row and leave as the states: v_t += decay_t v_{t-1}, v_{-1} = `before`.
void runForwards(at::Tensor& values, const at::Tensor& decay, const at::Tensor& before) {
  at::Tensor last = before;
  for (int64_t t = 0; t < values.size(0); ++t) {
    at::Tensor row = values.select(0, t);
    row.addcmul_(decay.select(0, t), last);
    last = row;
  }
}

// The same against the run: v_t += decay_{t+1} v_{t+1}, and `after` enters the last row as it is. Returns decay_0 v_0.
at::Tensor runBackwards(at::Tensor& values, const at::Tensor& decay, const at::Tensor& after) {
  at::Tensor arriving = after;
  for (int64_t t = values.size(0) - 1; t >= 0; --t) {
    at::Tensor row = values.select(0, t);
    row.add_(arriving);
    arriving = row * decay.select(0, t);
  }
  return arriving;
}

struct SelectiveScan : torch::autograd::Function<SelectiveScan> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& x, const at::Tensor& step,
                            const at::Tensor& rate, const at::Tensor& input, const at::Tensor& output,
                            const std::vector<int64_t>& offsets) {
    const Rows all{x, step, rate.t().contiguous(), input, output};
    const ChunkList list = chunksOf(offsets);
    at::Tensor y = at::empty(x.sizes(), x.options());
    at::Tensor kept = at::empty({list.slots, rate.size(1), rate.size(0)}, x.options());  // [slots, S, E]
    at::Tensor state = all.zeroState();
    for (const Chunk& chunk : list.chunks) {
      const Rows rows = all.of(chunk);
      if (chunk.slot < 0) state = all.zeroState();
      if (chunk.slot >= 0) kept.select(0, chunk.slot).copy_(state);
      at::Tensor states = rows.drive();
      runForwards(states, rows.decay(), state);
      y.narrow(0, chunk.first, chunk.count).copy_(at::bmm(rows.output.unsqueeze(1), states).squeeze(1));
      state = states.select(0, chunk.count - 1).clone();
    }
    context->save_for_backward({x, step, rate, input, output, kept});
    context->saved_data["offsets"] = offsets;
    return y;
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const variable_list saved = context->get_saved_variables();
    const Rows all{saved[0], saved[1], saved[2].t().contiguous(), saved[3], saved[4]};
    const at::Tensor& kept = saved[5];
    const ChunkList list = chunksOf(context->saved_data["offsets"].toIntVector());
    Rows g{at::empty_like(all.x), at::empty_like(all.step), at::zeros_like(all.rate), at::empty_like(all.input),
           at::empty_like(all.output)};
    at::Tensor arriving = all.zeroState();
    for (auto chunk = list.chunks.rbegin(); chunk != list.chunks.rend(); ++chunk) {
      const at::Tensor before = chunk->slot < 0 ? all.zeroState() : kept.select(0, chunk->slot);
      arriving = chunkBackward(all.of(*chunk), before, arriving, gradients[0].narrow(0, chunk->first, chunk->count),
                               g.of(*chunk));
      if (chunk->slot < 0) arriving = all.zeroState();  // the row before belongs to another run
    }
    return {g.x, g.step, g.rate.t(), g.input, g.output, at::Tensor()};
  }

  // Fills the rows of `g`, adds to its rate; returns the gradient of `before`.
  static at::Tensor chunkBackward(const Rows& rows, const at::Tensor& before, const at::Tensor& arriving,
                                  const at::Tensor& upstream, const Rows& g) {
    const at::Tensor decay = rows.decay();
    at::Tensor states = rows.drive();
    runForwards(states, decay, before);
    g.output.copy_(at::bmm(states, upstream.unsqueeze(2)).squeeze(2));
    at::Tensor pull = rows.output.unsqueeze(2) * upstream.unsqueeze(1);  // gradient of each row's state, [L, S, E]
    const at::Tensor leaving = runBackwards(pull, decay, arriving);
    g.input.copy_(at::bmm(pull, (rows.step * rows.x).unsqueeze(2)).squeeze(2));
    const at::Tensor drive_gradient = at::bmm(rows.input.unsqueeze(1), pull).squeeze(1);  // of step x, [L, E]
    g.x.copy_(drive_gradient * rows.step);
    if (rows.x.size(0) > 1) {
      pull.narrow(0, 1, rows.x.size(0) - 1).mul_(states.narrow(0, 0, rows.x.size(0) - 1));
    }
    pull.select(0, 0).mul_(before);
    pull.mul_(decay);  // now of step rate
    g.step.copy_((pull * rows.rate).sum(1).add_(drive_gradient * rows.x));
    g.rate.add_((pull * rows.step.unsqueeze(1)).sum(0));
    return leaving;
  }
};

}  // namespace

at::Tensor selectiveScan(const at::Tensor& x, const at::Tensor& step, const at::Tensor& rate, const at::Tensor& input,
                         const at::Tensor& output, const std::vector<int64_t>& offsets) {
  const bool rows = x.dim() == 2 && rate.dim() == 2 && input.dim() == 2 && x.sizes() == step.sizes() &&
                    input.sizes() == output.sizes() && x.size(0) == input.size(0);
  if (!rows || x.size(1) != rate.size(0) || input.size(1) != rate.size(1) || offsets.empty() ||
      offsets.back() != x.size(0)) {
    throw ShapeError("selectiveScan: x of " + std::to_string(x.numel()) + " numbers, step " +
                     std::to_string(step.numel()) + ", rate " + std::to_string(rate.numel()) + ", input " +
                     std::to_string(input.numel()) + ", output " + std::to_string(output.numel()) + ", rows up to " +
                     std::to_string(offsets.empty() ? 0 : offsets.back()));
  }
  return SelectiveScan::apply(x, step, rate, input, output, offsets);
}

}  // namespace hvlm
