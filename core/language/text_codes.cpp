// SPDX-License-Identifier: Apache-2.0
#include "language/text_codes.h"

#include <algorithm>
#include <cstdint>

namespace hvlm {
namespace {

uint8_t byteAt(std::string_view text, size_t at) { return static_cast<uint8_t>(text[at]); }

// What the first byte says: how many bytes follow and in which range the second one must lie (no overlong forms, no surrogates).
struct Lead {
  int following = -1;
  uint8_t low = 0x80, high = 0xBF;
  char32_t bits = 0;
};

Lead leadOf(uint8_t byte) {
  if (byte < 0x80) return {.following = 0, .bits = byte};
  if (byte < 0xC2 || byte > 0xF4) return {};
  if (byte < 0xE0) return {.following = 1, .bits = byte & 0x1Fu};
  if (byte < 0xF0) {
    return {.following = 2, .low = uint8_t(byte == 0xE0 ? 0xA0 : 0x80), .high = uint8_t(byte == 0xED ? 0x9F : 0xBF), .bits = byte & 0x0Fu};
  }
  return {.following = 3, .low = uint8_t(byte == 0xF0 ? 0x90 : 0x80), .high = uint8_t(byte == 0xF4 ? 0x8F : 0xBF), .bits = byte & 0x07u};
}

}  // namespace

Utf8Step nextUtf8(std::string_view text, size_t& at) {
  Lead lead = leadOf(byteAt(text, at++));
  if (lead.following < 0) return {};
  char32_t code = lead.bits;
  for (int i = 0; i < lead.following; ++i) {
    if (at == text.size()) return {.cut = true};
    const uint8_t byte = byteAt(text, at);
    if (byte < lead.low || byte > lead.high) return {};
    lead.low = 0x80;
    lead.high = 0xBF;
    code = (code << 6) | (byte & 0x3Fu);
    ++at;
  }
  return {.code = code, .whole = true};
}

std::u32string decodeUtf8(std::string_view text) {
  std::u32string codes;
  codes.reserve(text.size());
  for (size_t at = 0; at < text.size();) codes.push_back(nextUtf8(text, at).code);
  return codes;
}

void appendUtf8(std::string& out, char32_t code) {
  const auto put = [&out](char32_t byte) { out.push_back(static_cast<char>(static_cast<uint8_t>(byte))); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xC0 | (code >> 6));
    put(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    put(0xE0 | (code >> 12));
    put(0x80 | ((code >> 6) & 0x3F));
    put(0x80 | (code & 0x3F));
  } else {
    put(0xF0 | (code >> 18));
    put(0x80 | ((code >> 12) & 0x3F));
    put(0x80 | ((code >> 6) & 0x3F));
    put(0x80 | (code & 0x3F));
  }
}

std::string encodeUtf8(std::u32string_view codes) {
  std::string out;
  out.reserve(codes.size());
  for (const char32_t code : codes) appendUtf8(out, code);
  return out;
}

std::string validUtf8(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (size_t at = 0; at < text.size();) {
    const size_t start = at;
    const Utf8Step step = nextUtf8(text, at);
    if (step.whole) {
      out.append(text.substr(start, at - start));
    } else {
      appendUtf8(out, kReplacementCharacter);
    }
  }
  return out;
}

bool endsInsideCharacter(std::string_view text) {
  bool cut = false;
  for (size_t at = text.size() - std::min<size_t>(text.size(), 3); at < text.size();) cut = nextUtf8(text, at).cut;
  return cut;
}

}  // namespace hvlm
