// SPDX-License-Identifier: Apache-2.0
#include "engine/language/seeing_decoder.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fstream>

#include "support/error.h"
#include "support/text.h"

namespace hvlm {

void SeeingDecoder::addProjector(int64_t width, at::Generator& generator) {
  freeze(base, "");
  const auto options = base.all().front().value.options().requires_grad(false);
  projector = VisualProjector(projecting, width, decoder.shape().width, embeddingDeviation(decoder), generator, options);
}

at::Tensor SeeingDecoder::embed(const std::vector<int64_t>& ids, const VisualTokens& seen) const {
  const auto place = std::find(ids.begin(), ids.end(), kVisualPlace);
  if (place == ids.end()) throw ShapeError("a talk without a place for what is seen");
  if (seen.nodes.size(1) != projector.in()) {
    throw ShapeError("nodes of " + std::to_string(seen.nodes.size(1)) + " numbers for a projector of " + std::to_string(projector.in()));
  }
  const auto words = [&](auto begin, auto end) { return decoder.embed(at::tensor(std::vector<int64_t>(begin, end), at::kLong)); };
  return at::cat({words(ids.begin(), place), projector(seen), words(place + 1, ids.end())}, 0);
}

SeeingDecoder::Loss SeeingDecoder::loss(std::span<const SeenTalk> talks, const ForwardOptions& forward) const {
  std::vector<at::Tensor> rows;
  std::vector<int64_t> lengths, places, targets;
  int64_t longest = 0;
  for (const SeenTalk& t : talks) longest = std::max(longest, t.length());
  for (const SeenTalk& t : talks) {
    const at::Tensor row = embed(t.talk->ids, *t.seen);
    const int64_t begin = static_cast<int64_t>(rows.size()) * longest;
    int64_t place = 0;  // of the token in the row
    for (size_t i = 0; i < t.talk->ids.size(); ++i) {
      if (t.talk->learned[i]) {
        places.push_back(begin + place - 1);  // the step before it foretells it
        targets.push_back(t.talk->ids[i]);
      }
      place += t.talk->ids[i] == kVisualPlace ? t.seen->nodes.size(0) : 1;
    }
    lengths.push_back(row.size(0));
    rows.push_back(at::constant_pad_nd(row, {0, 0, 0, longest - row.size(0)}));
  }
  Loss loss;
  loss.tokens = static_cast<int64_t>(targets.size());
  const at::Tensor hidden =
      decoder.forward(at::stack(rows), at::tensor(lengths, at::kLong), nullptr, forward).flatten(0, 1);  // [B T, width]
  const at::Tensor logits = decoder.logits(hidden.index_select(0, at::tensor(places, at::kLong)));       // [learned, vocabulary]
  loss.sum = at::cross_entropy_loss(logits, at::tensor(targets, at::kLong), {}, at::Reduction::Sum);
  return loss;
}

double embeddingDeviation(const Decoder& decoder) {
  const at::NoGradGuard no_grad;
  const at::Tensor some = decoder.embed(at::arange(std::min<int64_t>(decoder.shape().vocabulary, 4096)));
  const double deviation = some.pow(2).mean().sqrt().item<double>();
  return std::isfinite(deviation) && deviation > 0.0 ? deviation : 0.02;
}

double tuningBytes(const DecoderShape& shape, double file_bytes, int64_t tokens) {
  double numbers = 0.0;
  for (const auto& [name, sizes] : decoderWeights(shape)) {
    double product = 1.0;
    for (const int64_t size : sizes) product *= static_cast<double>(size);
    numbers += product;
  }
  // Of each layer stay about 12 rows of the width and 4 of the SwiGLU part (attention keeps no scores); of the head two of the vocabulary.
  const double each =
      static_cast<double>(shape.layers) * (12.0 * static_cast<double>(shape.width) + 4.0 * static_cast<double>(shape.hidden));
  return 4.0 * numbers + file_bytes + 4.0 * static_cast<double>(tokens) * (each + 2.0 * static_cast<double>(shape.vocabulary));
}

void requireMemory(const DecoderShape& shape, double file_bytes, int64_t tokens, double available, const std::string& where) {
  const double needed = tuningBytes(shape, file_bytes, tokens);
  if (available <= 0.0 || needed <= available) return;
  throw InputError(
      {.where = where,
       .expected = "about " + humanBytes(needed) + " of free memory (weights in float32, the file while it is read, activations)",
       .found = humanBytes(available),
       .remedy = "Take a smaller model, lower --max-tokens, or close other programs."});
}

double availableMemory() {
  std::ifstream file("/proc/meminfo");
  for (std::string line; std::getline(file, line);) {
    double kilobytes = 0.0;
    if (std::sscanf(line.c_str(), "MemAvailable: %lf kB", &kilobytes) == 1) return kilobytes * 1024.0;
  }
  return 0.0;
}

}  // namespace hvlm
