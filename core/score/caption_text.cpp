// SPDX-License-Identifier: Apache-2.0
#include "score/caption_text.h"

#include <algorithm>
#include <cstdint>

namespace hvlm {
namespace {

// Length of the UTF-8 sequence at `at`, 0 when it is none; `code` gets its code point.
size_t sequenceAt(std::string_view text, size_t at, uint32_t& code) {
  const auto byte = [&](size_t i) { return static_cast<uint8_t>(text[i]); };
  const uint8_t first = byte(at);
  const size_t length = first < 0x80                    ? 1
                        : first >= 0xC2 && first < 0xE0 ? 2
                        : (first & 0xF0) == 0xE0        ? 3
                        : first >= 0xF0 && first < 0xF5 ? 4
                                                        : 0;
  if (length == 0 || at + length > text.size()) return 0;
  code = length == 1 ? first : first & (0xFFu >> (length + 1));
  for (size_t i = 1; i < length; ++i) {
    if ((byte(at + i) & 0xC0) != 0x80) return 0;
    code = (code << 6) | (byte(at + i) & 0x3Fu);
  }
  return length;
}

const char* asciiOf(uint32_t code) {
  switch (code) {
    case 0x2018:
    case 0x2019:
    case 0x201B:
      return "'";
    case 0x201C:
    case 0x201D:
    case 0xAB:
    case 0xBB:
      return "\"";
    case 0x2013:
    case 0x2014:
    case 0x2015:
      return " -- ";
    case 0x2026:
      return " ... ";
    case 0xBC:
      return "1/4";
    case 0xBD:
      return "1/2";
    case 0xBE:
      return "3/4";
    case 0xA3:
      return " # ";
    case 0xA2:
      return " cents ";
    case 0xA0:
    case 0x2028:
    case 0x2029:
    case 0x200B:
    case 0xFEFF:
    case 0x3000:
    case 0xAD:
      return " ";
    case 0x2022:
      return " \xE2\x80\xA2 ";
    default:
      return nullptr;
  }
}

}  // namespace

std::string plainText(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (size_t at = 0; at < text.size();) {
    uint32_t code = 0;
    const size_t length = sequenceAt(text, at, code);
    if (length == 0) {
      out += ' ';
      ++at;
      continue;
    }
    const char* ascii = asciiOf(code);
    if (code < 0x80) {
      out += code < 0x20 || code == 0x7F ? ' ' : static_cast<char>(code);
    } else if (ascii != nullptr) {
      out += ascii;
    } else {
      out += text.substr(at, length);
    }
    at += length;
  }
  return out;
}

std::string lowered(std::string text) {
  for (size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<uint8_t>(text[i]);
    const bool latin =
        i > 0 && static_cast<uint8_t>(text[i - 1]) == 0xC3 && byte >= 0x80 && byte <= 0x9E && byte != 0x97;
    if ((text[i] >= 'A' && text[i] <= 'Z') || latin) text[i] = static_cast<char>(byte + 0x20);
  }
  return text;
}

std::string asciiOnly(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (size_t at = 0; at < text.size();) {
    uint32_t code = 0;
    const size_t length = std::max<size_t>(sequenceAt(text, at, code), 1);
    out += length == 1 && (text[at] & 0x80) == 0 ? text[at] : ' ';
    at += length;
  }
  return out;
}

}  // namespace hvlm
