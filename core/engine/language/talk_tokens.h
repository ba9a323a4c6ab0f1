// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "language/chat_template.h"
#include "language/tokenizer.h"

namespace hvlm {

// How talks become text for a user's language model.
struct TalkTemplate {
  ChatTemplate chat;
  std::string bos_token, eos_token;  // as the template writes them
  bool begin = false;                // the tokenizer's begin goes before the text: built-in templates have none of their own
  std::string name;                  // "own", or the built-in template's
  bool missing = false;              // the model has no template: `name` stands in
};
// The template of the model in `folder`, or the built-in one that is named. Without a tokenizer_config.json, or without a template in
// it, the plain USER:/ASSISTANT: form ("two"). Throws InputError for a template that cannot be read and for an unknown name.
TalkTemplate openTalkTemplate(const std::filesystem::path& folder, const std::string& named, const Tokenizer& tokenizer);

// Ids that end an answer: the tokenizer's end and the names that chat models use.
std::vector<int64_t> endIds(const Tokenizer& tokenizer);

inline constexpr int64_t kVisualPlace = -1;  // the one id that stands for all visual tokens

// A talk as ids, kVisualPlace once among them.
struct TalkTokens {
  std::vector<int64_t> ids;
  std::vector<bool> learned;  // [ids] tokens of answers with their ends: all else is masked in the loss
};

// Turns talks into ids. The visual tokens come where <video> stands in a question, else before the first question; system texts are
// left out: what the model knows of the video, it sees. The tokenizer must outlive it; const calls may run side by side.
class TalkReader {
 public:
  TalkReader(const Tokenizer& tokenizer, TalkTemplate how);

  // The prompt of an answer to the last message. Throws InputError when the template leaves the question out.
  std::vector<int64_t> prompt(std::span<const ChatMessage> messages) const;
  // A whole talk; ends with an end token when the tokenizer has one. Stops early, of no use then, once it has more than `most` ids. Where
  // a template writes earlier turns in another way than the last one, only the last answer is learned.
  TalkTokens talk(std::span<const ChatMessage> messages, int64_t most) const;

  const TalkTemplate& how() const { return how_; }

 private:
  struct Piece {
    std::string text;
    bool answer = false;
  };
  std::string rendered(std::span<const ChatMessage> messages, bool prompt) const;
  std::vector<Piece> pieces(const std::vector<ChatMessage>& messages) const;
  std::vector<int64_t> encode(const std::string& text) const;

  const Tokenizer& tokenizer_;
  TalkTemplate how_;
  std::vector<int64_t> ends_;
};

}  // namespace hvlm
