// SPDX-License-Identifier: Apache-2.0
#include "language/stream_decoder.h"

#include "language/text_codes.h"

namespace hvlm {

std::string StreamDecoder::push(int64_t id) {
  if (!tokenizer_.isKnown(id) || (skip_special_ && tokenizer_.isSpecial(id))) return {};
  held_.push_back(id);
  held_bytes_ += tokenizer_.bytesOf(id);
  return endsInsideCharacter(held_bytes_) ? std::string() : emitted();
}

std::string StreamDecoder::finish() {
  std::string rest = held_.empty() ? std::string() : emitted();
  shown_.clear();
  return rest;
}

// The text of the held ids after the shown ones: the difference of two decodings, so that every rule of the decoder applies.
std::string StreamDecoder::emitted() {
  std::vector<int64_t> both = shown_;
  both.insert(both.end(), held_.begin(), held_.end());
  const std::string before = shown_.empty() ? std::string() : tokenizer_.decode(shown_, false);
  std::string text = tokenizer_.decode(both, false);
  text = text.starts_with(before) ? text.substr(before.size()) : tokenizer_.decode(held_, false);
  shown_ = std::move(held_);
  held_.clear();
  held_bytes_.clear();
  return text;
}

}  // namespace hvlm
