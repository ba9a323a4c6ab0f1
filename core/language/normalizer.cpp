// SPDX-License-Identifier: Apache-2.0
// Normalisers of a tokenizer.json.
#include <unicode/normalizer2.h>
#include <unicode/uchar.h>
#include <unicode/unistr.h>

#include "language/text_codes.h"
#include "language/text_steps.h"
#include "language/tokenizer_json.h"

namespace hvlm {
namespace {

using nlohmann::json;

constexpr const char* kKnown = "Prepend, Replace, NFC, NFD, NFKC, NFKD, Lowercase, Sequence";

const icu::Normalizer2* unicodeForm(const std::string& type, const std::string& place) {
  UErrorCode status = U_ZERO_ERROR;
  const icu::Normalizer2* form = type == "NFC"    ? icu::Normalizer2::getNFCInstance(status)
                                 : type == "NFD"  ? icu::Normalizer2::getNFDInstance(status)
                                 : type == "NFKC" ? icu::Normalizer2::getNFKCInstance(status)
                                 : type == "NFKD" ? icu::Normalizer2::getNFKDInstance(status)
                                                  : nullptr;
  if (!form || U_FAILURE(status)) throw unknownPart(place, "normaliser", type, kKnown);
  return form;
}

std::string inForm(const icu::Normalizer2& form, const std::string& text) {
  UErrorCode status = U_ZERO_ERROR;
  std::string out;
  form.normalize(icu::UnicodeString::fromUTF8(text), status).toUTF8String(out);
  if (U_FAILURE(status))
    throw InputError({.where = "text",
                      .expected = "text that Unicode normalisation can handle",
                      .found = u_errorName(status),
                      .remedy = "Use a shorter text."});
  return out;
}

std::string lowercased(const std::string& text) {
  std::string out;
  out.reserve(text.size());
  for (const char32_t code : decodeUtf8(text)) {
    appendUtf8(out, static_cast<char32_t>(u_tolower(static_cast<UChar32>(code))));
    if (code == 0x130) appendUtf8(out, 0x307);
  }
  return out;
}

Normalizer readSequence(const json& part, const std::string& place, int depth) {
  onlyKeys(part, {"normalizers"}, place);
  const json& list = field(part, "normalizers", place);
  if (!list.is_array()) throw partError(place + ".normalizers", "a list", list);
  std::vector<Normalizer> steps;
  for (const json& one : list)
    steps.push_back(readNormalizer(one, place + ".normalizers[" + std::to_string(steps.size()) + "]", depth + 1));
  return [steps](std::string text) {
    for (const Normalizer& step : steps) text = step(std::move(text));
    return text;
  };
}

}  // namespace

void replaceEvery(std::string& text, std::string_view from, std::string_view to) {
  if (from.empty()) return;
  std::string out;
  size_t done = 0;
  for (size_t at = text.find(from); at != std::string::npos; at = text.find(from, done)) {
    out.append(text, done, at - done).append(to);
    done = at + from.size();
  }
  if (done == 0) return;
  text = out.append(text, done);
}

void refuseDepth(const std::string& place) {
  throw InputError({.where = place,
                    .expected = "parts at most " + std::to_string(kDeepestSteps) + " levels deep",
                    .found = "deeper ones",
                    .remedy = "Check that this is the right file."});
}

Normalizer readNormalizer(const json& part, const std::string& place, int depth) {
  if (depth > kDeepestSteps) refuseDepth(place);
  if (part.is_null()) return [](std::string text) { return text; };
  const std::string type = textField(part, "type", place);
  if (type == "Sequence") return readSequence(part, place, depth);
  if (type == "Prepend") {
    onlyKeys(part, {"prepend"}, place);
    return [front = textField(part, "prepend", place)](std::string text) { return text.empty() ? text : front + text; };
  }
  if (type == "Replace") {
    onlyKeys(part, {"pattern", "content"}, place);
    const std::string from = textField(field(part, "pattern", place), "String", place + ".pattern");
    return [from, to = textField(part, "content", place)](std::string text) {
      replaceEvery(text, from, to);
      return text;
    };
  }
  const icu::Normalizer2* form = type == "Lowercase" ? nullptr : unicodeForm(type, place);
  onlyKeys(part, {}, place);
  if (!form) return [](std::string text) { return lowercased(text); };
  return [form](std::string text) { return inForm(*form, text); };
}

}  // namespace hvlm
