// SPDX-License-Identifier: Apache-2.0
#include "engine/language/talk_tokens.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "language/instructions.h"
#include "support/error.h"
#include "support/json_file.h"

namespace hvlm {
namespace {

namespace fs = std::filesystem;

constexpr const char* kPlain = "two";

bool hasTemplate(const fs::path& config) {
  if (!fs::exists(config)) return false;
  const nlohmann::json root = readJsonFile(config, size_t{16} << 20);
  return root.is_object() && root.contains("chat_template") && !root["chat_template"].is_null();
}

TalkTemplate builtIn(const std::string& name, const Tokenizer& tokenizer) {
  const int64_t end = tokenizer.special().end;
  return {.chat = ChatTemplate::named(name),
          .bos_token = {},
          .eos_token = end >= 0 ? tokenizer.tokenOf(end) : std::string(),
          .begin = true,
          .name = name};
}

void removeAll(std::string& text, std::string_view what, size_t from) {
  for (size_t at = text.find(what, from); at != std::string::npos; at = text.find(what, at)) text.erase(at, what.size());
}

// Questions and answers with exactly one <video>, in a question.
std::vector<ChatMessage> withVideo(std::span<const ChatMessage> messages) {
  std::vector<ChatMessage> out;
  bool placed = false;
  for (const ChatMessage& m : messages) {
    if (m.role == "system") continue;
    out.push_back(m);
    std::string& text = out.back().content;
    const size_t at = m.role == "user" && !placed ? text.find(kVideoToken) : std::string::npos;
    placed = placed || at != std::string::npos;
    removeAll(text, kVideoToken, at == std::string::npos ? 0 : at + kVideoToken.size());
  }
  for (ChatMessage& m : out) {
    if (!placed && m.role == "user") {
      m.content = std::string(kVideoToken) + "\n" + m.content;
      placed = true;
    }
  }
  return out;
}

}  // namespace

TalkTemplate openTalkTemplate(const fs::path& folder, const std::string& named, const Tokenizer& tokenizer) {
  if (!named.empty() && named != "own") return builtIn(named, tokenizer);
  const fs::path config = folder / "tokenizer_config.json";
  if (!hasTemplate(config)) {
    TalkTemplate plain = builtIn(kPlain, tokenizer);
    plain.missing = true;
    return plain;
  }
  TokenizerTemplate own = readTokenizerTemplate(config);
  return {.chat = std::move(own.chat),
          .bos_token = std::move(own.bos_token),
          .eos_token = std::move(own.eos_token),
          .begin = false,
          .name = "own"};
}

std::vector<int64_t> endIds(const Tokenizer& tokenizer) {
  std::vector<int64_t> ids;
  if (tokenizer.special().end >= 0) ids.push_back(tokenizer.special().end);
  for (const char* name : {"<|im_end|>", "<|eot_id|>", "</s>", "<|endoftext|>"}) {
    const int64_t id = tokenizer.idOf(name);
    if (id >= 0 && std::find(ids.begin(), ids.end(), id) == ids.end()) ids.push_back(id);
  }
  return ids;
}

TalkReader::TalkReader(const Tokenizer& tokenizer, TalkTemplate how)
    : tokenizer_(tokenizer), how_(std::move(how)), ends_(endIds(tokenizer)) {}

std::string TalkReader::rendered(std::span<const ChatMessage> messages, bool prompt) const {
  return how_.chat.render(messages, {.add_generation_prompt = prompt, .bos_token = how_.bos_token, .eos_token = how_.eos_token});
}

// Text before the video and after it apart, as LLaVA reads them.
std::vector<int64_t> TalkReader::encode(const std::string& text) const {
  const size_t at = text.find(kVideoToken);
  if (at == std::string::npos) {
    throw InputError({.where = "chat template \"" + how_.name + "\"",
                      .expected = "a text that holds the first question",
                      .found = "none of it",
                      .remedy = "Choose another template with --template."});
  }
  const EncodeOptions bare{.special_tokens = false, .max_length = 0};
  std::vector<int64_t> ids = tokenizer_.encode(std::string_view(text).substr(0, at), bare);
  if (how_.begin && tokenizer_.special().begin >= 0) ids.insert(ids.begin(), tokenizer_.special().begin);
  ids.push_back(kVisualPlace);
  const auto after = tokenizer_.encode(std::string_view(text).substr(at + kVideoToken.size()), bare);
  ids.insert(ids.end(), after.begin(), after.end());
  return ids;
}

std::vector<int64_t> TalkReader::prompt(std::span<const ChatMessage> messages) const { return encode(rendered(withVideo(messages), true)); }

std::vector<TalkReader::Piece> TalkReader::pieces(const std::vector<ChatMessage>& messages) const {
  std::vector<Piece> out;
  std::string so_far;
  for (size_t i = 0; i < messages.size(); ++i) {
    if (messages[i].role != "assistant") continue;
    const std::string before = rendered(std::span(messages).first(i), true), whole = rendered(std::span(messages).first(i + 1), false);
    if (!before.starts_with(so_far) || !whole.starts_with(before)) {
      const std::string prompt = rendered(std::span(messages).first(messages.size() - 1), true);
      return {{prompt, false}, {messages.back().content + how_.eos_token, true}};
    }
    out.push_back({before.substr(so_far.size()), false});
    out.push_back({whole.substr(before.size()), true});
    so_far = whole;
  }
  return out;
}

TalkTokens TalkReader::talk(std::span<const ChatMessage> messages, int64_t most) const {
  const std::vector<ChatMessage> talk = withVideo(messages);
  if (talk.empty() || talk.back().role != "assistant") throw ShapeError("a talk to learn from ends with an answer");
  TalkTokens out;
  std::string text;
  for (const Piece& piece : pieces(talk)) {
    text += piece.text;
    if (static_cast<int64_t>(out.ids.size()) > most) return out;
    std::vector<int64_t> ids = encode(text);
    // Where two pieces meet, the tokens of the whole may differ from those of the parts: they belong to the later piece.
    const auto same = std::mismatch(out.ids.begin(), out.ids.end(), ids.begin(), ids.end()).first - out.ids.begin();
    out.learned.resize(static_cast<size_t>(same));
    out.learned.resize(ids.size(), piece.answer);
    out.ids = std::move(ids);
  }
  const auto is_end = [this](int64_t id) { return std::find(ends_.begin(), ends_.end(), id) != ends_.end(); };
  size_t size = out.ids.size();
  while (size > 0 && out.learned[size - 1] && !is_end(out.ids[size - 1])) --size;
  if (size > 0 && out.learned[size - 1]) {  // nothing is learned past the end token
    out.ids.resize(size);
    out.learned.resize(size);
  } else if (!ends_.empty()) {
    out.ids.push_back(ends_.front());
    out.learned.push_back(true);
  }
  return out;
}

}  // namespace hvlm
