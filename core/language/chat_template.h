// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hvlm {

namespace jinja {
struct Node;
}

// One message of a talk; `role` is "system", "user" or "assistant".
struct ChatMessage {
  std::string role;
  std::string content;
};

// What a chat template sees beside the messages.
struct ChatRenderOptions {
  bool add_generation_prompt = true;  // end with what comes before an answer
  std::string bos_token;              // begin of text, as the tokenizer writes it ("<s>"); may be empty
  std::string eos_token;              // end of text ("</s>")
};

// How messages become the one text that a language model reads: a template in a small part of the Jinja language.
//
// Known are {{ … }}, {% for x in y %} with loop.index, index0, first and last, {% if/elif/else %}, {% set x = … %}, {# … #}, '-' and
// '+' at the marks; names, literals, attributes, subscripts, slices, + - * // % ~, comparisons, and/or/not/in, `is defined`,
// `a if c else b`, the filters trim and tojson, raise_exception(…) and text.strip(). As chat templates expect, a block's own line leaves
// no blank line (trim_blocks, lstrip_blocks). Anything else is refused by its name and line when the template is read.
// A plain value; rendering is const and may run on several threads.
class ChatTemplate {
 public:
  // "single" (### between messages), "two" (USER:/ASSISTANT: with </s>), "llama" ([INST] and <<SYS>>) or "chatml" (<|im_start|>).
  // Throws InputError for another name.
  static ChatTemplate named(std::string_view name);
  static std::vector<std::string> names();

  // Reads a template's text; `where` names it in errors. Throws InputError with the line for anything unknown, and for templates
  // longer than 256 KiB or nested deeper than 64 levels.
  static ChatTemplate parse(std::string_view source, std::string where = "chat template");

  // The text a model is given. Throws InputError when the template raises an error itself (raise_exception), uses a value it cannot,
  // or passes the bounds: 16 MiB of text, 1,000,000 turns of loops.
  std::string render(std::span<const ChatMessage> messages, const ChatRenderOptions& options = {}) const;

  const std::string& source() const { return source_; }

 private:
  ChatTemplate() = default;
  std::string source_, where_;
  std::shared_ptr<const std::vector<jinja::Node>> nodes_;
};

// The template of a tokenizer with the tokens it needs.
struct TokenizerTemplate {
  ChatTemplate chat;
  std::string bos_token, eos_token;  // empty when the file names none
};

// Reads `chat_template` (a text, or a list of {name, template} of which "default" is taken), `bos_token` and `eos_token` (texts, or
// objects with `content`) of a tokenizer_config.json. Throws InputError when the file has no template.
TokenizerTemplate readTokenizerTemplate(const std::filesystem::path& tokenizer_config);

}  // namespace hvlm
