// SPDX-License-Identifier: Apache-2.0
#include "score/caption_tokens.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "score/caption_text.h"

namespace hvlm {
namespace {

bool isDigit(char c) { return c >= '0' && c <= '9'; }
bool isLetter(char c) {
  return (c >= 'a' && c <= 'z') || (c & 0x80) != 0;
}  // after plainText(), all that is not ASCII is letters
bool isWord(char c) { return isLetter(c) || isDigit(c); }

bool isCapital(char c) { return c >= 'A' && c <= 'Z'; }

template <size_t N>
bool oneOf(std::string_view word, const std::array<const char*, N>& list) {
  return std::any_of(list.begin(), list.end(), [&](const char* entry) { return word == entry; });
}

constexpr std::array kAbbreviations = {"mr",   "mrs",  "ms",  "dr",   "st",   "jr",  "sr",    "prof", "lt",
                                       "sgt",  "capt", "inc", "co",   "corp", "al",  "vs",    "etc",  "ltd",
                                       "bros", "dept", "ave", "blvd", "rd",   "ft",  "jan",   "feb",  "apr",
                                       "aug",  "sept", "oct", "nov",  "dec",  "esq", "approx"};
// Also words of their own, so only with a capital.
constexpr std::array kNames = {
    "gen", "col",  "rev",  "hon", "gov",  "sen",  "rep",  "mt",    "mar",  "jun",  "jul", "sep",  "mon", "tue", "tues",
    "wed", "thu",  "fri",  "ala", "ariz", "az",   "ark",  "calif", "colo", "conn", "ct",  "dak",  "del", "fla", "ga",
    "ill", "ind",  "kan",  "ky",  "la",   "mass", "md",   "mich",  "minn", "miss", "mo",  "mont", "neb", "nev", "okla",
    "ore", "penn", "tenn", "tex", "va",   "vt",   "wash", "wis",   "wyo",  "adm",  "maj", "cpl",  "univ"};
// Followed by a stop only before a number: "no. 5".
constexpr std::array kNumberAbbreviations = {"no", "nos", "art", "fig", "pp"};

class Scanner {
 public:
  // `cased` is the same text before it was made lower case.
  Scanner(std::string_view text, std::string_view cased) : text_(text), cased_(cased) {}

  Tokens all() {
    while (at_ < text_.size()) {
      if (text_[at_] == ' ') {
        ++at_;
      } else {
        one();
      }
    }
    return std::move(tokens_);
  }

 private:
  char peek(size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : ' '; }
  char charAt(size_t place) const { return place < text_.size() ? text_[place] : ' '; }
  void take(size_t length) {
    tokens_.emplace_back(text_.substr(at_, length));
    at_ += length;
  }

  void one() {
    if (address() || number() || contraction() || word()) return;
    mark();
  }

  size_t chunkEnd() const { return std::min(text_.find(' ', at_), text_.size()); }

  // Web addresses, mail addresses, @names and #tags.
  bool address() {
    const std::string_view chunk = text_.substr(at_, chunkEnd() - at_);
    if (chunk.starts_with("http://") || chunk.starts_with("https://") || chunk.starts_with("www.")) {
      take(chunk.find_last_not_of(".,!?;:)\"'") + 1);
      return true;
    }
    if ((chunk[0] == '@' || chunk[0] == '#') && chunk.size() > 1 && isLetter(chunk[1])) {
      size_t end = 1;
      while (end < chunk.size() && (isWord(chunk[end]) || chunk[end] == '_')) ++end;
      take(end);
      return true;
    }
    const size_t at_sign = chunk.find('@');
    if (at_sign == std::string_view::npos || at_sign == 0 || at_sign + 1 >= chunk.size() || !isWord(chunk[at_sign + 1]))
      return false;
    const auto inName = [](char c) { return isWord(c) || c == '.' || c == '_' || c == '-'; };
    if (!std::all_of(chunk.begin(), chunk.begin() + static_cast<std::ptrdiff_t>(at_sign), inName)) return false;
    size_t end = at_sign + 1;
    while (end < chunk.size() && inName(chunk[end])) ++end;
    while (!isWord(chunk[end - 1])) --end;
    take(end);
    return true;
  }

  // 1.5  10,000  10:30  1/2  2013-2016  -5  .5  '90s; letters after it make one word of it (1st, 10lb), except after a
  // colon.
  bool number() {
    size_t end = at_;
    const bool at_start = at_ == 0 || text_[at_ - 1] == ' ';
    if (charAt(end) == '\'' && isDigit(charAt(end + 1)) && isDigit(charAt(end + 2)) && !isDigit(charAt(end + 3))) {
      take(charAt(end + 3) == 's' ? 4 : 3);
      return true;
    }
    if ((charAt(end) == '-' || charAt(end) == '+') && at_start && isDigit(charAt(end + 1))) ++end;
    const bool fraction = (charAt(end) == '.' || charAt(end) == ',') && isDigit(charAt(end + 1));
    if (fraction) ++end;
    if (!isDigit(charAt(end))) return false;
    bool clock = false;
    bool plain_number = !fraction;
    while (true) {
      while (isDigit(charAt(end))) ++end;
      const char c = charAt(end);
      if ((c != '.' && c != ',' && c != ':' && c != '/' && c != '-') || !isDigit(charAt(end + 1))) break;
      clock = clock || c == ':';
      plain_number = false;
      ++end;
    }
    if (clock || !isLetter(charAt(end))) {
      const bool joins = plain_number && (charAt(end) == '-' || charAt(end) == '/') && isWord(charAt(end + 1));
      if (!joins) {
        take(end - at_);
        return true;
      }
    }
    if (!plain_number) {  // 25,2011abc
      take(end - at_);
      return true;
    }
    return word();
  }

  // Words that begin with an apostrophe, and 's 're 've 'll 'd 'm on their own.
  bool contraction() {
    if (peek() != '\'') return false;
    const std::string_view rest = text_.substr(at_);
    const bool after_word = at_ > 0 && isWord(text_[at_ - 1]);
    for (const char* tail : {"'s", "'re", "'ve", "'ll", "'d", "'m"}) {
      const std::string_view ending(tail);
      if (after_word && rest.starts_with(ending) && !isWord(charAt(at_ + ending.size())))
        return take(ending.size()), true;
    }
    if (rest.starts_with("'n'")) return take(3), true;
    for (const char* whole : {"'em", "'cause", "'til", "'till"}) {
      const std::string_view known(whole);
      if (!after_word && rest.starts_with(known) && !isWord(charAt(at_ + known.size())))
        return take(known.size()), true;
    }
    for (const char* split_word : {"'tis", "'twas"}) {
      const std::string_view known(split_word);
      if (after_word || !rest.starts_with(known) || isWord(charAt(at_ + known.size()))) continue;
      take(2);
      take(known.size() - 2);
      return true;
    }
    return false;
  }

  size_t plainEnd(size_t from) const {
    while (isWord(charAt(from))) ++from;
    return from;
  }

  // A run of letters and digits with what may join it to the next run: - / & . ! ? and some apostrophes.
  bool word() {
    if (!isWord(peek())) return false;
    const size_t first_end = plainEnd(at_);
    if (apostrophe(first_end) || assimilated(text_.substr(at_, first_end - at_), first_end)) return true;
    if (const size_t end = stopped(first_end); end != 0) return take(end - at_), true;
    size_t end = first_end;
    while (true) {
      const char c = charAt(end);
      const char next = charAt(end + 1);
      const bool hyphen = (c == '-' || c == '/') && isWord(next);
      const bool letters = c == '&' && capitals(end - 1) && capitals(end + 1);
      if (!hyphen && !letters) break;
      const size_t to = plainEnd(end + 1);
      if (charAt(to) == '\'' && splitsAt(end + 1, to)) {  // well-it's: the tail goes on its own
        end = charAt(to - 1) == 'n' && charAt(to + 1) == 't' && to - end > 2 ? to - 1 : to;
        break;
      }
      end = to;
    }
    take(end - at_);
    return true;
  }

  // The run around `place` is all capitals (AT&T, but M&Ms is three words).
  bool capitals(size_t place) const {
    size_t from = place;
    while (from > at_ && isWord(text_[from - 1])) --from;
    const std::string_view run = cased_.substr(from, plainEnd(place) - from);
    return !run.empty() && std::all_of(run.begin(), run.end(), isCapital);
  }

  // The word ending at `end` is followed by an apostrophe that parts it ('s, n't, …).
  bool splitsAt(size_t from, size_t end) const {
    const size_t tail_end = plainEnd(end + 1);
    const std::string_view tail = text_.substr(std::min(end + 1, text_.size()), tail_end - std::min(end + 1, tail_end));
    if (tail == "t" && end > from + 1 && text_[end - 1] == 'n') return true;
    return oneOf(tail, std::array{"s", "re", "ve", "ll", "d", "m"});
  }

  bool apostrophe(size_t end) {
    if (charAt(end) != '\'') return false;
    const size_t tail_end = plainEnd(end + 1);
    const std::string_view tail = text_.substr(end + 1 <= text_.size() ? end + 1 : text_.size(), tail_end - (end + 1));
    const std::string_view head = text_.substr(at_, end - at_);
    if (tail.starts_with("t") && (tail == "t" || tail == "ts") && head.size() > 1 && head.back() == 'n') {  // do n't
      take(head.size() - 1);
      take(2 + tail.size());
      return true;
    }
    if (oneOf(tail, std::array{"s", "re", "ve", "ll", "d", "m"})) return take(head.size()), true;
    const bool elided = (head == "d" || head == "o" || head == "l") && !tail.empty();
    const bool whole = (head == "ma" && tail == "am") || (head == "o" && tail == "clock");
    if (elided || whole) return take(tail_end - at_), true;
    if (head == "y" && tail == "all") return take(2), true;
    return false;
  }

  bool assimilated(std::string_view head, size_t end) {
    if (charAt(end) == '-' || charAt(end) == '/' || charAt(end) == '&') return false;
    static constexpr std::array<std::pair<const char*, size_t>, 6> kPairs = {
        {{"cannot", 3}, {"gonna", 3}, {"wanna", 3}, {"gotta", 3}, {"gimme", 3}, {"lemme", 3}}};
    for (const auto& [known, cut] : kPairs) {
      if (head != known) continue;
      take(cut);
      take(head.size() - cut);
      return true;
    }
    return false;
  }

  // End of a token that has stops in it (p.m. dr. e.g. dog.he wow!yes), or 0.
  size_t stopped(size_t first_end) const {
    size_t end = first_end;
    const std::string_view first = text_.substr(at_, first_end - at_);
    const char mark = charAt(end);
    if (mark != '.' && mark != '!' && mark != '?') return 0;
    if (!std::all_of(first.begin(), first.end(), isLetter) && !isLetter(charAt(end + 1))) return 0;
    size_t runs = 1;
    bool single = first.size() == 1;
    while ((charAt(end) == '.' || charAt(end) == '!' || charAt(end) == '?') && isLetter(charAt(end + 1))) {
      const size_t to = plainEnd(end + 1);
      if (charAt(to) == '\'' || charAt(to) == '-') return runs > 1 ? end : 0;
      single = single && to - end == 2;
      end = to;
      ++runs;
    }
    if (charAt(end) == '.' && single && (runs > 1 || text_.find_first_not_of(' ', end + 1) != std::string_view::npos))
      return end + 1;  // p.m. u.s. a.
    if (runs > 1) return end;
    const bool name = isCapital(cased_[at_]) && oneOf(first, kNames);
    if (mark == '.' && (name || oneOf(first, kAbbreviations))) return end + 1;
    if (mark == '.' && oneOf(first, kNumberAbbreviations)) {
      size_t next = end + 1;
      while (next < text_.size() && text_[next] == ' ') ++next;
      return isDigit(charAt(next)) ? end + 1 : 0;
    }
    return 0;
  }

  // Everything else: left out when it is one of the marks that scores leave out, a token otherwise.
  void mark() {
    const char c = peek();
    if (c == '!' || c == '?') {
      size_t length = 1;
      while (peek(length) == '!' || peek(length) == '?') ++length;
      if (length > 1) tokens_.emplace_back(text_.substr(at_, length));
      at_ += length;
      return;
    }
    if (smiley()) return;
    ++at_;
    switch (c) {
      case '(':
        tokens_.emplace_back("-lrb-");
        break;
      case ')':
        tokens_.emplace_back("-rrb-");
        break;
      case '[':
        tokens_.emplace_back("-lsb-");
        break;
      case ']':
        tokens_.emplace_back("-rsb-");
        break;
      case '{':
        tokens_.emplace_back("-lcb-");
        break;
      case '}':
        tokens_.emplace_back("-rcb-");
        break;
      case '.':
      case ',':
      case ';':
      case ':':
      case '-':
      case '"':
      case '\'':
      case '`':
        break;
      default:
        tokens_.emplace_back(1, c);
    }
  }
  bool smiley() {
    if (peek() != ':' && peek() != ';' && peek() != '=') return false;
    const size_t nose = peek(1) == '-' ? 1 : 0;
    const char mouth = peek(1 + nose);
    if (mouth != ')' && mouth != '(') return false;
    std::string token = {peek()};
    if (nose > 0) token += '-';
    token += mouth == ')' ? "-rrb-" : "-lrb-";
    tokens_.push_back(std::move(token));
    at_ += 2 + nose;
    return true;
  }

  std::string_view text_, cased_;
  size_t at_ = 0;
  Tokens tokens_;
};

}  // namespace

Tokens captionTokens(std::string_view caption) {
  const std::string text = plainText(caption);
  return Scanner(lowered(text), text).all();
}

}  // namespace hvlm
