// SPDX-License-Identifier: Apache-2.0
// BERT's normaliser.
#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include "language/text_codes.h"
#include "language/wordpiece.h"

namespace hvlm {
namespace {

bool isDropped(UChar32 code) {
  if (code == 0 || code == static_cast<UChar32>(kReplacementCharacter)) return true;
  if (code == '\t' || code == '\n' || code == '\r') return false;
  return (U_MASK(u_charType(code)) & (U_GC_CC_MASK | U_GC_CF_MASK | U_GC_CO_MASK)) != 0;
}

bool isIdeograph(char32_t c) {
  return (c >= 0x4E00 && c <= 0x9FFF) || (c >= 0x3400 && c <= 0x4DBF) || (c >= 0x20000 && c <= 0x2A6DF) || (c >= 0x2A700 && c <= 0x2B73F) ||
         (c >= 0x2B740 && c <= 0x2B81F) || (c >= 0x2B920 && c <= 0x2CEAF) || (c >= 0xF900 && c <= 0xFAFF) || (c >= 0x2F800 && c <= 0x2FA1F);
}

// Canonical decomposition without nonspacing marks (general category Mn).
std::u32string withoutAccents(const std::u32string& codes) {
  UErrorCode status = U_ZERO_ERROR;
  const icu::Normalizer2* nfd = icu::Normalizer2::getNFDInstance(status);
  if (U_FAILURE(status)) return codes;  // ICU's data is built in: does not happen
  const icu::UnicodeString text =
      icu::UnicodeString::fromUTF32(reinterpret_cast<const UChar32*>(codes.data()), static_cast<int32_t>(codes.size()));
  const icu::UnicodeString decomposed = nfd->normalize(text, status);
  std::u32string kept;
  kept.reserve(codes.size());
  for (int32_t at = 0; at < decomposed.length(); at = decomposed.moveIndex32(at, 1)) {
    const UChar32 code = decomposed.char32At(at);
    if (u_charType(code) != U_NON_SPACING_MARK) kept.push_back(static_cast<char32_t>(code));
  }
  return kept;
}

}  // namespace

std::string bertNormalized(std::string_view text, const BertNormalizerOptions& options) {
  std::u32string codes;
  for (const char32_t code : decodeUtf8(text)) {
    const auto c = static_cast<UChar32>(code);
    if (options.clean_text && isDropped(c)) continue;
    const bool blank = options.clean_text && u_isUWhiteSpace(c);
    const bool apart = options.handle_chinese_chars && isIdeograph(code);
    if (apart) codes.push_back(' ');
    codes.push_back(blank ? U' ' : code);
    if (apart) codes.push_back(' ');
  }
  if (options.strip_accents) codes = withoutAccents(codes);
  if (!options.lowercase) return encodeUtf8(codes);
  std::string out;
  out.reserve(codes.size());
  for (const char32_t code : codes) {
    appendUtf8(out, static_cast<char32_t>(u_tolower(static_cast<UChar32>(code))));
    if (code == 0x130) appendUtf8(out, 0x307);  // the one letter whose lower case has two code points everywhere
  }
  return out;
}

}  // namespace hvlm
