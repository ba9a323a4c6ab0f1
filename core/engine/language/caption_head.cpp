// SPDX-License-Identifier: Apache-2.0
#include "engine/language/caption_head.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "engine/language/decoding.h"

namespace hvlm {
namespace {

constexpr int64_t kIgnored = -100;

// Padding, begin and unknown are nothing that could be written. [S, V], in place.
at::Tensor writable(at::Tensor logits) {
  logits.slice(1, 0, kEndWord).fill_(-std::numeric_limits<double>::infinity());
  logits.select(1, kUnknownWord).fill_(-std::numeric_limits<double>::infinity());
  return logits;
}

// The row of pyramid.nodes that overlaps steps [first, last) of video b most: the largest intersection over union.
int64_t nearestNode(const Pyramid& pyramid, size_t b, int64_t first, int64_t last) {
  const int64_t steps = pyramid.offsets[0][b + 1] - pyramid.offsets[0][b];
  double best = -1.0;
  int64_t row = pyramid.level_start[0] + pyramid.offsets[0][b] + first;
  for (int64_t l = 0; l < pyramid.levels(); ++l) {
    const auto& offsets = pyramid.offsets[static_cast<size_t>(l)];
    const int64_t count = offsets[b + 1] - offsets[b];
    for (int64_t j = first >> l; j < count && (j << l) < last; ++j) {
      const int64_t begin = j << l, end = std::min((j + 1) << l, steps);
      const int64_t meet = std::min(end, last) - std::max(begin, first);
      const double overlap = static_cast<double>(meet) / static_cast<double>(std::max(end, last) - std::min(begin, first));
      if (overlap > best) {
        best = overlap;
        row = pyramid.level_start[static_cast<size_t>(l)] + offsets[b] + j;
      }
    }
  }
  return row;
}

}  // namespace

CaptionHead::CaptionHead(ParameterSet& set, const LanguageOptions& options, int64_t width, int64_t words, at::Generator& generator, at::TensorOptions tensor_options)
    : options_(options) {
  norm_ = LayerNorm::create(set, "caption.norm", width, tensor_options);
  slots_ = set.add("caption.slots", normalInit({kVisualTokens, width}, 0.02, generator, tensor_options), false);
  time_ = Linear::create(set, "caption.time", 3, width, generator, tensor_options);
  projector_in_ = Linear::create(set, "caption.projector_in", width, options.width, generator, tensor_options);
  projector_out_ = Linear::create(set, "caption.projector_out", options.width, options.width, generator, tensor_options);
  DecoderShape shape;
  shape.vocabulary = words + kFirstWord;
  shape.width = options.width;
  shape.layers = options.layers;
  shape.heads = shape.kv_heads = options.heads;
  shape.hidden = 2 * options.width;
  shape.max_positions = kVisualTokens + options.max_words + 2;
  shape.tied = true;
  decoder_ = Decoder(set, "caption.", shape, generator, tensor_options);
}

at::Tensor CaptionHead::prefix(const ModelOutput& output, const std::vector<int64_t>& offsets, const std::vector<DescribedSegment>& segments, const ForwardOptions& forward) const {
  std::vector<at::Tensor> rows;
  std::vector<float> times;
  for (const DescribedSegment& s : segments) {
    const auto b = static_cast<size_t>(s.video);
    const int64_t steps = offsets[b + 1] - offsets[b], size = s.last_step - s.first_step;
    const at::Tensor own = output.h.narrow(0, offsets[b] + s.first_step, size);
    for (int64_t part = 0; part < 4; ++part) {
      const int64_t begin = std::min(size - 1, part * size / 4), end = std::max(begin + 1, (part + 1) * size / 4);
      rows.push_back(own.slice(0, begin, end).mean(0));
    }
    rows.push_back(own.mean(0));
    rows.push_back(output.pyramid.nodes[nearestNode(output.pyramid, b, s.first_step, s.last_step)]);
    rows.push_back(output.video_vector[s.video]);
    const auto share = [&](int64_t t) { return static_cast<float>(static_cast<double>(t) / static_cast<double>(steps)); };
    times.insert(times.end(), {share(s.first_step), share(s.last_step), share(size)});
  }
  const auto count = static_cast<int64_t>(segments.size());
  const at::Tensor tokens = at::stack(rows).view({count, kVisualTokens, -1});
  const at::Tensor time = time_(at::tensor(times).view({count, 1, 3}).to(tokens.options()));
  const at::Tensor in = dropout(norm_(tokens) + slots_ + time, options_.dropout, forward);
  return projector_out_(at::gelu(projector_in_(in)));
}

CaptionHead::Sentences CaptionHead::padded(const std::vector<std::vector<int64_t>>& sentences) const {
  int64_t longest = 1;
  std::vector<int64_t> lengths;
  for (const auto& sentence : sentences) {
    lengths.push_back(kVisualTokens + static_cast<int64_t>(sentence.size()) + 1);
    longest = std::max(longest, static_cast<int64_t>(sentence.size()) + 1);
  }
  const auto count = static_cast<int64_t>(sentences.size());
  Sentences out{at::full({count, longest}, static_cast<int64_t>(kPadWord), at::kLong), at::full({count, longest}, kIgnored, at::kLong), at::tensor(lengths, at::kLong)};
  for (int64_t i = 0; i < count; ++i) {
    const auto& words = sentences[static_cast<size_t>(i)];
    int64_t* in = out.inputs.data_ptr<int64_t>() + i * longest;
    int64_t* target = out.targets.data_ptr<int64_t>() + i * longest;
    in[0] = kBeginWord;
    std::copy(words.begin(), words.end(), in + 1);
    std::copy(words.begin(), words.end(), target);
    target[words.size()] = kEndWord;
  }
  return out;
}

at::Tensor CaptionHead::wordLogits(const at::Tensor& prefix, const Sentences& sentences, const ForwardOptions& forward) const {
  const at::Tensor embedded = at::cat({prefix, decoder_.embed(sentences.inputs.to(prefix.device())).to(prefix.options())}, 1);
  return decoder_.logits(decoder_.forward(embedded, sentences.lengths, nullptr, forward).slice(1, kVisualTokens));
}

at::Tensor CaptionHead::loss(const at::Tensor& prefix, const std::vector<std::vector<int64_t>>& sentences, const ForwardOptions& forward) const {
  const Sentences s = padded(sentences);
  const at::Tensor logits = wordLogits(prefix, s, forward);
  return at::cross_entropy_loss(logits.flatten(0, 1), s.targets.flatten().to(logits.device()), {}, at::Reduction::Mean, kIgnored);
}

at::Tensor CaptionHead::logLikelihood(const at::Tensor& prefix, const std::vector<std::vector<int64_t>>& sentences) const {
  const at::NoGradGuard no_grad;
  const Sentences s = padded(sentences);
  const at::Tensor each = at::cross_entropy_loss(wordLogits(prefix, s, {}).flatten(0, 1), s.targets.flatten().to(prefix.device()), {}, at::Reduction::None, kIgnored);
  return -each.view(s.targets.sizes()).sum(1);
}

// One row of word ids drawn (or the likeliest) for each row of `logits`. [S, V] -> [S]
at::Tensor CaptionHead::choose(const at::Tensor& logits, bool draw, at::Generator& generator) const {
  if (!draw) return logits.argmax(1);
  const at::Tensor probabilities = logits.to(at::kDouble).softmax(1);
  const auto [sorted, order] = probabilities.sort(1, true);
  // The smallest set of likeliest words that together reach top_p (Holtzman et al. 2020, arXiv:1904.09751, eq. 2).
  const at::Tensor kept = sorted.masked_fill(sorted.cumsum(1) - sorted >= options_.top_p, 0.0);
  return order.gather(1, kept.multinomial(1, true, generator)).squeeze(1);
}

std::vector<std::vector<int64_t>> CaptionHead::write(const at::Tensor& prefix, bool draw, at::Generator& generator) const {
  const at::NoGradGuard no_grad;
  const int64_t rows = prefix.size(0);
  std::vector<std::vector<int64_t>> out(static_cast<size_t>(rows));
  if (rows == 0) return out;
  KvCache cache;
  std::vector<bool> ended(static_cast<size_t>(rows), false);
  const auto embedded = [&](const at::Tensor& ids) { return decoder_.embed(ids.to(prefix.device()).unsqueeze(1)).to(prefix.options()); };
  at::Tensor in = at::cat({prefix, embedded(at::full({rows}, static_cast<int64_t>(kBeginWord), at::kLong))}, 1);
  for (int64_t word = 0; word < options_.max_words; ++word) {
    const at::Tensor logits = writable(decoder_.logits(decoder_.forward(in, {}, &cache).select(1, in.size(1) - 1)));
    const at::Tensor ids = choose(logits.to(at::kCPU), draw, generator).contiguous();
    bool open = false;
    for (int64_t i = 0; i < rows; ++i) {
      const auto row = static_cast<size_t>(i);
      const int64_t id = ids.const_data_ptr<int64_t>()[i];
      if (!ended[row] && id != kEndWord) out[row].push_back(id);
      ended[row] = ended[row] || id == kEndWord;
      open = open || !ended[row];
    }
    if (!open) break;
    in = embedded(ids);
  }
  return out;
}

std::vector<std::vector<std::vector<int64_t>>> CaptionHead::candidates(const at::Tensor& prefix, const std::vector<uint64_t>& seeds) const {
  const at::NoGradGuard no_grad;
  std::vector<std::vector<std::vector<int64_t>>> out(static_cast<size_t>(prefix.size(0)));
  const bool draws = options_.decoding == "nucleus" || options_.decoding == "consensus";
  at::Generator unused = makeGenerator(0);
  if (options_.decoding == "greedy" || options_.decoding == "consensus") {
    auto likeliest = write(prefix, false, unused);
    for (size_t i = 0; i < out.size(); ++i) out[i].push_back(std::move(likeliest[i]));
  }
  if (options_.decoding == "beam") {
    const GenerationOptions how{.method = "beam", .max_tokens = options_.max_words, .beams = options_.beam, .end_ids = {kEndWord}};
    const at::Tensor begin = decoder_.embed(at::full({1, 1}, static_cast<int64_t>(kBeginWord), at::kLong).to(prefix.device())).to(prefix.options());
    const auto next = [&](const at::Tensor& in, KvCache& cache) {
      return writable(decoder_.logits(decoder_.forward(in, {}, &cache).select(1, -1)));
    };
    const StepFunction step = [&](const at::Tensor& ids, KvCache& cache) {
      return next(decoder_.embed(ids.to(prefix.device()).unsqueeze(1)).to(prefix.options()), cache);
    };
    for (size_t i = 0; i < out.size(); ++i) {
      KvCache cache;
      const at::Tensor first = next(at::cat({prefix.narrow(0, static_cast<int64_t>(i), 1), begin}, 1), cache);
      out[i].push_back(generate(step, first, cache, how).ids);
    }
  }
  for (size_t i = 0; draws && i < out.size(); ++i) {  // a generator of its own: what one segment gets does not depend on the others
    at::Generator generator = makeGenerator(seeds[i]);
    const int64_t samples = options_.decoding == "consensus" ? options_.samples - 1 : 1;
    for (auto& drawn : write(prefix.narrow(0, static_cast<int64_t>(i), 1).expand({samples, -1, -1}), true, generator)) out[i].push_back(std::move(drawn));
  }
  return out;
}

}  // namespace hvlm
