// SPDX-License-Identifier: Apache-2.0
// Decoders of a tokenizer.json: tokens to text.
#include <array>

#include "language/text_codes.h"
#include "language/text_steps.h"
#include "language/tokenizer_json.h"

namespace hvlm {
namespace {

using nlohmann::json;
using Tokens = std::vector<std::string>;

// ByteLevel's alphabet: visible Latin-1 characters stand for themselves, the other bytes for U+0100 onwards, in order.
struct ByteAlphabet {
  std::array<char32_t, 256> letters{};
  std::array<int, 0x180> bytes{};
  ByteAlphabet() {
    bytes.fill(-1);
    char32_t next = 0x100;
    for (char32_t byte = 0; byte < 256; ++byte) {
      const bool visible = (byte >= 0x21 && byte <= 0x7E) || (byte >= 0xA1 && byte <= 0xAC) || byte >= 0xAE;
      letters[byte] = visible ? byte : next++;
      bytes[letters[byte]] = static_cast<int>(byte);
    }
  }
};
const ByteAlphabet& alphabet() {
  static const ByteAlphabet made;
  return made;
}

Tokens byteLevelText(const Tokens& tokens) {
  std::string bytes;
  for (const std::string& token : tokens) {
    std::string own;
    bytes += bytesOfLetters(token, own) ? own : token;
  }
  return {validUtf8(bytes)};
}

// Runs of byte tokens become text; a run that is no UTF-8 becomes one U+FFFD a byte.
Tokens byteFallbackText(const Tokens& tokens) {
  Tokens out;
  std::string run;
  const auto flush = [&] {
    if (run.empty()) return;
    if (validUtf8(run) == run) {
      out.push_back(run);
    } else {
      for (size_t i = 0; i < run.size(); ++i) out.push_back("\xEF\xBF\xBD");
    }
    run.clear();
  };
  for (const std::string& token : tokens) {
    const int byte = byteOfToken(token);
    if (byte >= 0) {
      run.push_back(static_cast<char>(static_cast<uint8_t>(byte)));
      continue;
    }
    flush();
    out.push_back(token);
  }
  flush();
  return out;
}

TokenDecoder readStrip(const json& part, const std::string& place) {
  onlyKeys(part, {"content", "start", "stop"}, place);
  const std::string content = textField(part, "content", place);
  if (content.empty()) throw partError(place + ".content", "one character", part["content"]);
  const int64_t start = numberField(part, "start", place);
  const int64_t stop = numberField(part, "stop", place);
  return [content, start, stop](Tokens tokens) {
    for (std::string& token : tokens) {
      for (int64_t i = 0; i < start && token.starts_with(content); ++i) token.erase(0, content.size());
      for (int64_t i = 0; i < stop && token.ends_with(content); ++i) token.erase(token.size() - content.size());
    }
    return tokens;
  };
}

TokenDecoder readMetaspaceJoiner(const json& part, const std::string& place) {
  const Metaspace space = readMetaspace(part, place);
  return [space](Tokens tokens) {
    for (size_t i = 0; i < tokens.size(); ++i) {
      const bool first = i == 0 && space.prepend != Metaspace::Prepend::kNever;
      replaceEvery(tokens[i], space.replacement, first ? "" : " ");
    }
    return tokens;
  };
}

TokenDecoder readSequence(const json& part, const std::string& place, int depth) {
  onlyKeys(part, {"decoders"}, place);
  const json& list = field(part, "decoders", place);
  if (!list.is_array()) throw partError(place + ".decoders", "a list", list);
  std::vector<TokenDecoder> steps;
  for (const json& one : list) steps.push_back(readTokenDecoder(one, place + ".decoders[" + std::to_string(steps.size()) + "]", depth + 1));
  return [steps](Tokens tokens) {
    for (const TokenDecoder& step : steps) tokens = step(std::move(tokens));
    return tokens;
  };
}

TokenDecoder readReplace(const json& part, const std::string& place) {
  onlyKeys(part, {"pattern", "content"}, place);
  const std::string from = textField(field(part, "pattern", place), "String", place + ".pattern");
  return [from, to = textField(part, "content", place)](Tokens tokens) {
    for (std::string& token : tokens) replaceEvery(token, from, to);
    return tokens;
  };
}

}  // namespace

std::string byteLetters(std::string_view bytes) {
  std::string out;
  for (const char byte : bytes) appendUtf8(out, alphabet().letters[static_cast<uint8_t>(byte)]);
  return out;
}

bool bytesOfLetters(std::string_view letters, std::string& bytes) {
  bytes.clear();
  for (size_t at = 0; at < letters.size();) {
    const char32_t code = nextUtf8(letters, at).code;
    const int byte = code < alphabet().bytes.size() ? alphabet().bytes[code] : -1;
    if (byte < 0) return false;
    bytes.push_back(static_cast<char>(static_cast<uint8_t>(byte)));
  }
  return true;
}

int byteOfToken(std::string_view token) {
  if (token.size() != 6 || !token.starts_with("<0x") || token.back() != '>') return -1;
  const auto digit = [](char c) {
    return c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'F' ? c - 'A' + 10 : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
  };
  const int high = digit(token[3]);
  const int low = digit(token[4]);
  return high < 0 || low < 0 ? -1 : 16 * high + low;
}

TokenDecoder readTokenDecoder(const json& part, const std::string& place, int depth) {
  if (depth > kDeepestSteps) refuseDepth(place);
  if (part.is_null()) {
    return [](Tokens tokens) {
      for (size_t i = 1; i < tokens.size(); ++i) tokens[i].insert(0, 1, ' ');
      return tokens;
    };
  }
  const std::string type = textField(part, "type", place);
  if (type == "Metaspace") return readMetaspaceJoiner(part, place);
  if (type == "Strip") return readStrip(part, place);
  if (type == "Replace") return readReplace(part, place);
  if (type == "Sequence") return readSequence(part, place, depth);
  if (type == "ByteLevel") {
    onlyKeys(part, {"add_prefix_space", "trim_offsets", "use_regex"}, place);
    return byteLevelText;
  }
  if (type == "ByteFallback") {
    onlyKeys(part, {}, place);
    return byteFallbackText;
  }
  if (type == "Fuse") {
    onlyKeys(part, {}, place);
    return [](const Tokens& tokens) {
      std::string all;
      for (const std::string& token : tokens) all += token;
      return Tokens{all};
    };
  }
  throw unknownPart(place, "decoder", type, "ByteLevel, Metaspace, ByteFallback, Fuse, Strip, Replace, Sequence");
}

}  // namespace hvlm
