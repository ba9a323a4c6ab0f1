// SPDX-License-Identifier: Apache-2.0
#include "engine/model/mixers/tiled_attention.h"

#include <torch/csrc/autograd/custom_function.h>

#include <limits>

#include "support/error.h"

namespace hvlm {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::variable_list;

constexpr int64_t kQueryTile = 128;
constexpr int64_t kBandedQueryTile = 64;  // narrow, since most keys of a wide tile lie outside a short reach
constexpr int64_t kKeyTile = 256;
constexpr double kLowest = -1e30;  // below any score, yet finite: a tile may hide all its keys from a query

// What one call is about; tensors without gradient history, [H, rows, c].
struct Problem {
  at::Tensor query, key, value, shared_key, shared_value;
  at::Tensor key_bias;  // [K], or [0]
  int64_t reach = -1;
  double scale() const { return 1.0 / std::sqrt(static_cast<double>(query.size(2))); }
  int64_t queryTile() const { return reach < 0 ? kQueryTile : kBandedQueryTile; }
};

struct Span {
  int64_t first = 0;
  int64_t count = 0;
};

std::vector<Span> spans(int64_t first, int64_t last, int64_t tile) {
  std::vector<Span> list;
  for (int64_t at = first; at < last; at += tile) list.push_back({at, std::min(tile, last - at)});
  return list;
}

// Tiles of the keys that some query of `rows` sees.
std::vector<Span> keySpans(const Problem& p, Span rows) {
  if (p.reach < 0) return spans(0, p.key.size(1), kKeyTile);
  return spans(std::max<int64_t>(0, rows.first - p.reach), std::min(p.key.size(1), rows.first + rows.count + p.reach),
               kKeyTile);
}

// Scores of scaled queries against one tile of keys, -inf beyond the reach: [H, rows, keys].
at::Tensor scores(const Problem& p, const at::Tensor& query, Span rows, Span keys) {
  at::Tensor s = at::matmul(query, p.key.narrow(1, keys.first, keys.count).transpose(1, 2));
  if (p.key_bias.numel() > 0) s.add_(p.key_bias.narrow(0, keys.first, keys.count));
  const bool all_seen = p.reach < 0 || (rows.first + rows.count - 1 - keys.first <= p.reach &&
                                        keys.first + keys.count - 1 - rows.first <= p.reach);
  if (all_seen) return s;
  const auto positions = [&](Span span) {
    return at::arange(span.first, span.first + span.count, s.options().dtype(at::kLong));
  };
  const at::Tensor hidden = (positions(rows).unsqueeze(1) - positions(keys)).abs() > p.reach;
  return s.masked_fill_(hidden, -std::numeric_limits<double>::infinity());
}

at::Tensor sharedScores(const Problem& p, const at::Tensor& query) {
  return at::matmul(query, p.shared_key.transpose(1, 2));
}

// Softmax-weighted mean of values that arrive in tiles.
struct RunningMean {
  at::Tensor top, total, sum;  // [H, rows, 1], [H, rows, 1], [H, rows, c]
  explicit RunningMean(const at::Tensor& query)
      : top(at::full({query.size(0), query.size(1), 1}, kLowest, query.options())),
        total(at::zeros_like(top)),
        sum(at::zeros_like(query)) {}
  void add(const at::Tensor& s, const at::Tensor& value) {
    const at::Tensor higher = at::maximum(top, s.amax(-1, true));
    const at::Tensor weight = (s - higher).exp_();
    const at::Tensor keep = (top - higher).exp_();
    total.mul_(keep).add_(weight.sum(-1, true));
    sum.mul_(keep).add_(at::matmul(weight, value));
    top = higher;
  }
};

struct Gradients {
  at::Tensor query, key, value, shared_key, shared_value;
};

// One tile of the backward pass; `weight` [H, rows, keys] are the softmax weights. Adds to the gradients of its keys
// and values, returns that of the scaled queries.
at::Tensor tileBackward(const at::Tensor& weight, const at::Tensor& query, const at::Tensor& key,
                        const at::Tensor& value, const at::Tensor& upstream, const at::Tensor& dot,
                        at::Tensor key_gradient, at::Tensor value_gradient) {
  value_gradient.add_(at::matmul(weight.transpose(1, 2), upstream));
  const at::Tensor score_gradient = at::matmul(upstream, value.transpose(1, 2)).sub_(dot).mul_(weight);
  key_gradient.add_(at::matmul(score_gradient.transpose(1, 2), query));
  return at::matmul(score_gradient, key);
}

Gradients backwardOf(const Problem& p, const at::Tensor& out, const at::Tensor& log_sum, const at::Tensor& upstream) {
  Gradients g{at::empty_like(p.query), at::zeros_like(p.key), at::zeros_like(p.value), at::zeros_like(p.shared_key),
              at::zeros_like(p.shared_value)};
  for (const Span rows : spans(0, p.query.size(1), p.queryTile())) {
    const auto own = [&](const at::Tensor& t) { return t.narrow(1, rows.first, rows.count); };
    const at::Tensor query = own(p.query) * p.scale();
    const at::Tensor up = own(upstream).contiguous();
    const at::Tensor dot = (up * own(out)).sum(-1, true);
    at::Tensor query_gradient = at::zeros_like(query);
    for (const Span keys : keySpans(p, rows)) {
      const auto seen = [&](const at::Tensor& t) { return t.narrow(1, keys.first, keys.count); };
      const at::Tensor weight = scores(p, query, rows, keys).sub_(own(log_sum)).exp_();
      query_gradient.add_(tileBackward(weight, query, seen(p.key), seen(p.value), up, dot, seen(g.key), seen(g.value)));
    }
    if (p.shared_key.size(1) > 0) {
      const at::Tensor weight = sharedScores(p, query).sub_(own(log_sum)).exp_();
      query_gradient.add_(
          tileBackward(weight, query, p.shared_key, p.shared_value, up, dot, g.shared_key, g.shared_value));
    }
    own(g.query).copy_(query_gradient.mul_(p.scale()));
  }
  return g;
}

struct TiledAttention : torch::autograd::Function<TiledAttention> {
  static at::Tensor forward(AutogradContext* context, const at::Tensor& query, const at::Tensor& key,
                            const at::Tensor& value, const at::Tensor& shared_key, const at::Tensor& shared_value,
                            const at::Tensor& key_bias, int64_t reach) {
    const Problem p{query, key, value, shared_key, shared_value, key_bias, reach};
    at::Tensor out = at::empty(query.sizes(), query.options());
    at::Tensor log_sum = at::empty({query.size(0), query.size(1), 1}, query.options());
    for (const Span rows : spans(0, query.size(1), p.queryTile())) {
      const at::Tensor scaled = query.narrow(1, rows.first, rows.count) * p.scale();
      RunningMean mean(scaled);
      for (const Span keys : keySpans(p, rows)) {
        mean.add(scores(p, scaled, rows, keys), value.narrow(1, keys.first, keys.count));
      }
      if (shared_key.size(1) > 0) mean.add(sharedScores(p, scaled), shared_value);
      out.narrow(1, rows.first, rows.count).copy_(mean.sum.div_(mean.total));
      log_sum.narrow(1, rows.first, rows.count).copy_(mean.total.log_().add_(mean.top));
    }
    context->save_for_backward({query, key, value, shared_key, shared_value, key_bias, out, log_sum});
    context->saved_data["reach"] = reach;
    return out;
  }

  static variable_list backward(AutogradContext* context, variable_list gradients) {
    const variable_list s = context->get_saved_variables();
    const Problem p{s[0], s[1], s[2], s[3], s[4], s[5], context->saved_data["reach"].toInt()};
    const Gradients g = backwardOf(p, s[6], s[7], gradients[0]);
    return {g.query, g.key, g.value, g.shared_key, g.shared_value, at::Tensor(), at::Tensor()};
  }
};

void checkShapes(const at::Tensor& query, const at::Tensor& key, const at::Tensor& value, const TiledOptions& o) {
  const bool heads = query.dim() == 4 && key.dim() == 4 && query.size(0) == 1 && key.size(0) == 1 &&
                     query.size(1) == key.size(1) && query.size(3) == key.size(3) && key.sizes() == value.sizes();
  const bool banded = o.reach < 0 || (heads && query.size(2) == key.size(2));
  const bool shared =
      !o.shared_key.defined() || (heads && o.shared_key.dim() == 4 && o.shared_key.sizes() == o.shared_value.sizes() &&
                                  o.shared_key.size(1) == key.size(1) && o.shared_key.size(3) == key.size(3));
  const bool biased = !o.key_bias.defined() || (heads && o.key_bias.numel() == key.size(2));
  if (heads && banded && shared && biased) return;
  const auto text = [](const at::Tensor& t) {
    std::string out = "[";
    if (t.defined()) {
      for (const int64_t extent : t.sizes()) out += (out.size() > 1 ? ", " : "") + std::to_string(extent);
    }
    return out + "]";
  };
  throw ShapeError("tiledAttention: query " + text(query) + ", key " + text(key) + ", value " + text(value) +
                   ", shared " + text(o.shared_key) + ", bias " + text(o.key_bias) + ", reach " +
                   std::to_string(o.reach));
}

}  // namespace

at::Tensor tiledAttention(const at::Tensor& query, const at::Tensor& key, const at::Tensor& value,
                          const TiledOptions& options) {
  checkShapes(query, key, value, options);
  const at::Tensor none = at::empty({key.size(1), 0, key.size(3)}, key.options());
  const at::Tensor bias = options.key_bias.defined() ? options.key_bias.detach() : at::empty({0}, key.options());
  return TiledAttention::apply(query.squeeze(0), key.squeeze(0), value.squeeze(0),
                               options.shared_key.defined() ? options.shared_key.squeeze(0) : none,
                               options.shared_key.defined() ? options.shared_value.squeeze(0) : none, bias,
                               options.reach)
      .unsqueeze(0);
}

}  // namespace hvlm
