// SPDX-License-Identifier: Apache-2.0
#include "language/template_lexer.h"

#include <algorithm>

#include "language/text_codes.h"
#include "support/error.h"
#include "support/text.h"

namespace hvlm::jinja {
namespace {

bool isSpace(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
bool isDigit(char c) { return c >= '0' && c <= '9'; }
bool isLetter(char c) { return c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// "\r\n" and "\r" as "\n"; the one at the very end is dropped.
std::string withPlainLineEnds(std::string_view source) {
  std::string out;
  out.reserve(source.size());
  for (size_t i = 0; i < source.size(); ++i) {
    if (source[i] == '\r' && i + 1 < source.size() && source[i + 1] == '\n') continue;
    out.push_back(source[i] == '\r' ? '\n' : source[i]);
  }
  if (out.ends_with('\n')) out.pop_back();
  return out;
}

class Lexer {
 public:
  Lexer(std::string source, const std::string& where) : source_(std::move(source)), where_(where) {}

  std::vector<Word> run() {
    while (at_ < source_.size()) {
      textUpToMark();
      if (at_ >= source_.size()) break;
      if (source_[at_ + 1] == '#') {
        comment();
      } else {
        marked();
      }
    }
    put(Word::Kind::kEnd, "the end of the template");
    return std::move(words_);
  }

 private:
  // The next "{{", "{%" or "{#", or the end.
  size_t nextMark() const {
    for (size_t i = at_; i + 1 < source_.size(); ++i) {
      if (source_[i] == '{' && (source_[i + 1] == '{' || source_[i + 1] == '%' || source_[i + 1] == '#')) return i;
    }
    return source_.size();
  }

  void textUpToMark() {
    const size_t mark = nextMark();
    std::string text = source_.substr(at_, mark - at_);
    const char sign = mark + 2 < source_.size() ? source_[mark + 2] : ' ';
    if (mark < source_.size() && sign == '-') {
      while (!text.empty() && isSpace(text.back())) text.pop_back();
    } else if (mark < source_.size() && source_[mark + 1] != '{' && sign != '+') {
      const size_t line = text.rfind('\n');
      const size_t rest = line == std::string::npos ? 0 : line + 1;
      const bool opens_line = line != std::string::npos || at_ == 0 || source_[at_ - 1] == '\n';
      if (opens_line && std::all_of(text.begin() + static_cast<std::ptrdiff_t>(rest), text.end(), isSpace)) text.resize(rest);
    }
    const int line_of_text = line_;
    advance(mark);
    if (!text.empty()) words_.push_back({Word::Kind::kText, std::move(text), 0, line_of_text});
  }

  void advance(size_t to) {
    line_ += static_cast<int>(
        std::count(source_.begin() + static_cast<std::ptrdiff_t>(at_), source_.begin() + static_cast<std::ptrdiff_t>(to), '\n'));
    at_ = to;
  }

  // White space after a closing mark; `sign` is the one before it.
  void afterMark(char sign, bool block) {
    size_t to = at_;
    if (sign == '-') {
      while (to < source_.size() && isSpace(source_[to])) ++to;
    } else if (block && sign != '+' && to < source_.size() && source_[to] == '\n') {
      ++to;
    }
    advance(to);
  }

  void comment() {
    const size_t end = source_.find("#}", at_ + 2);
    if (end == std::string::npos) refuse(where_, line_, "#} at the end of a comment", "none");
    const char sign = end > at_ + 2 ? source_[end - 1] : ' ';
    advance(end + 2);
    afterMark(sign, true);
  }

  void marked() {
    const bool block = source_[at_ + 1] == '%';
    const int line = line_;
    put(block ? Word::Kind::kBlockBegin : Word::Kind::kOutputBegin, block ? "{%" : "{{");
    at_ += 2;
    if (at_ < source_.size() && (source_[at_] == '-' || source_[at_] == '+')) ++at_;
    int depth = 0;  // of brackets: "}}" inside them closes dictionaries, which the parser refuses by name
    while (true) {
      skipSpace();
      if (at_ >= source_.size()) refuse(where_, line, block ? "%} at the end of a block" : "}} at the end of an output", "none");
      if (depth == 0 && closes(block)) return;
      const char c = source_[at_];
      if (c == '(' || c == '[' || c == '{') ++depth;
      if (c == ')' || c == ']' || c == '}') --depth;
      word();
    }
  }

  bool closes(bool block) {
    const std::string_view rest = std::string_view(source_).substr(at_);
    const bool with_sign = rest[0] == '-' || (rest[0] == '+' && block);
    if (!rest.substr(with_sign ? 1 : 0).starts_with(block ? "%}" : "}}")) return false;
    put(block ? Word::Kind::kBlockEnd : Word::Kind::kOutputEnd, block ? "%}" : "}}");
    advance(at_ + (with_sign ? 3 : 2));
    afterMark(with_sign ? rest[0] : ' ', block);
    return true;
  }

  void skipSpace() {
    size_t to = at_;
    while (to < source_.size() && isSpace(source_[to])) ++to;
    advance(to);
  }

  void word() {
    const char c = source_[at_];
    if (c == '"' || c == '\'') return string(c);
    if (isDigit(c)) return number();
    if (isLetter(c)) {
      size_t to = at_;
      while (to < source_.size() && (isLetter(source_[to]) || isDigit(source_[to]))) ++to;
      put(Word::Kind::kName, source_.substr(at_, to - at_));
      at_ = to;
      return;
    }
    for (const char* sign : {"==", "!=", "<=", ">=", "//", "**"}) {
      if (source_.compare(at_, 2, sign) != 0) continue;
      put(Word::Kind::kSign, sign);
      at_ += 2;
      return;
    }
    size_t to = at_;
    nextUtf8(source_, to);
    put(Word::Kind::kSign, source_.substr(at_, to - at_));
    at_ = to;
  }

  void number() {
    size_t to = at_;
    while (to < source_.size() && (isDigit(source_[to]) || source_[to] == '_' || isLetter(source_[to]) ||
                                   (source_[to] == '.' && to + 1 < source_.size() && isDigit(source_[to + 1]))))
      ++to;
    const std::string text = source_.substr(at_, to - at_);
    if (text.size() > 15 || !std::all_of(text.begin(), text.end(), isDigit))
      refuse(where_, line_, "a whole number of at most 15 digits", "\"" + shortened(text) + "\"");
    put(Word::Kind::kNumber, text);
    words_.back().number = std::stoll(text);
    at_ = to;
  }

  void string(char quote) {
    const int line = line_;
    std::string text;
    size_t i = at_ + 1;
    for (; i < source_.size() && source_[i] != quote; ++i) {
      if (source_[i] == '\\' && i + 1 < source_.size()) {
        i = escape(i + 1, text);
      } else {
        text.push_back(source_[i]);
      }
    }
    if (i >= source_.size()) refuse(where_, line, std::string(1, quote) + " at the end of a text", "none");
    put(Word::Kind::kString, std::move(text));
    advance(i + 1);
  }

  // Appends what the escape at `i` (the letter after the backslash) stands for; returns its last place.
  size_t escape(size_t i, std::string& text) {
    constexpr std::string_view kLetters = "ntrabfv\\'\"";
    constexpr std::string_view kMeanings = "\n\t\r\a\b\f\v\\'\"";
    const char letter = source_[i];
    if (const size_t known = kLetters.find(letter); known != std::string_view::npos) {
      text.push_back(kMeanings[known]);
      return i;
    }
    if (letter == '\n') return i;  // goes on in the next line
    const size_t digits = letter == 'x' ? 2 : letter == 'u' ? 4 : letter == 'U' ? 8 : 0;
    if (digits == 0) {
      text.push_back('\\');
      text.push_back(letter);
      return i;
    }
    uint64_t code = 0;
    for (size_t k = 1; k <= digits; ++k) {
      const char c = i + k < source_.size() ? source_[i + k] : ' ';
      const int digit = isDigit(c) ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
      if (digit < 0) refuse(where_, line_, std::to_string(digits) + " hexadecimal digits after \\" + letter, std::string(1, c));
      code = 16 * code + static_cast<uint64_t>(digit);
    }
    if (code > 0x10FFFF || (code >= 0xD800 && code < 0xE000))
      refuse(where_, line_, "a Unicode character", "\\" + source_.substr(i, digits + 1));
    appendUtf8(text, static_cast<char32_t>(code));
    return i + digits;
  }

  void put(Word::Kind kind, std::string text) { words_.push_back({kind, std::move(text), 0, line_}); }

  std::string source_;
  const std::string& where_;
  std::vector<Word> words_;
  size_t at_ = 0;
  int line_ = 1;
};

}  // namespace

void refuse(const std::string& where, int line, const std::string& expected, const std::string& found) {
  throw InputError({.where = where + ", line " + std::to_string(line),
                    .expected = expected,
                    .found = found,
                    .remedy = "Use one of the templates that come with the program, or change this one."});
}

std::vector<Word> wordsOf(std::string_view source, const std::string& where) { return Lexer(withPlainLineEnds(source), where).run(); }

}  // namespace hvlm::jinja
