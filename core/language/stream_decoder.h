// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "language/tokenizer.h"

namespace hvlm {

// Turns ids that come one at a time into text that can be shown at once: what push() gives is whole UTF-8 characters, and all of it
// together is what Tokenizer::decode() gives for all ids (for ids that make valid UTF-8). A character whose bytes are spread
// over several tokens is held back until its last byte is there. One thread at a time; the tokenizer must outlive it.
class StreamDecoder {
 public:
  explicit StreamDecoder(const Tokenizer& tokenizer, bool skip_special = true) : tokenizer_(tokenizer), skip_special_(skip_special) {}

  // The text that this id completes, maybe "". Ids without a token give nothing, as special tokens do when they are skipped.
  std::string push(int64_t id);
  // The rest at the end of the text: what is still held back, each bad part as U+FFFD. The decoder is as new then.
  std::string finish();

 private:
  std::string emitted();

  const Tokenizer& tokenizer_;
  bool skip_special_;
  std::vector<int64_t> shown_;  // the last ids whose text was given: what comes next depends on them (a blank in front, …)
  std::vector<int64_t> held_;   // ids whose text has not been given
  std::string held_bytes_;
};

}  // namespace hvlm
