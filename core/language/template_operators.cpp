// SPDX-License-Identifier: Apache-2.0
#include "language/template_operators.h"

#include <unicode/uchar.h>

#include <algorithm>

#include "language/template_eval.h"
#include "language/template_lexer.h"
#include "language/text_codes.h"
#include "support/text.h"

namespace hvlm::jinja {
namespace {

// What Python's str.strip() takes away.
bool isBlank(char32_t code) { return u_isUWhiteSpace(static_cast<UChar32>(code)) || (code >= 0x1C && code <= 0x1F); }

std::string quoted(const std::string& name) { return "\"" + shortened(name) + "\""; }

// Start and end of a slice of `size` items, as Python counts them.
bool sliceSide(const Value& side, int64_t size, int64_t absent, int64_t& out) {
  out = absent;
  if (side.isNone()) return true;
  if (!side.number(out)) return false;
  out = std::clamp<int64_t>(out < 0 ? out + size : out, 0, size);
  return true;
}

bool hasUndefined(const Value& value) {
  if (value.list()) return std::any_of(value.list()->begin(), value.list()->end(), hasUndefined);
  if (value.dictionary())
    return std::any_of(value.dictionary()->begin(), value.dictionary()->end(), [](const auto& one) { return hasUndefined(one.second); });
  return value.isUndefined();
}

}  // namespace

void Operators::count(size_t bytes, int line) {
  work_ += bytes;
  if (bytes > kMostOutputBytes || work_ > kMostWorkBytes) refuse(where_, line, "texts of at most 16 MiB", "longer ones");
}

Value Operators::made(std::string text, int line) {
  count(text.size(), line);
  return Value(std::move(text));
}

Value Operators::attribute(const Value& of, const std::string& name, int line) const {
  if (of.isUndefined()) refuse(where_, line, "a defined value with " + quoted(name), of.kindName());
  const Value* found = of.entry(name);
  return found ? *found : Value();
}

Value Operators::subscript(const Value& of, const Value& index, int line) {
  if (index.text() && (of.dictionary() || of.isUndefined())) return attribute(of, *index.text(), line);
  int64_t at = 0;
  if (!index.number(at))
    refuse(where_, line, "a number, or a text for a dictionary, in [ ]", std::string(index.kindName()) + " for " + of.kindName());
  if (of.list()) {
    const auto size = static_cast<int64_t>(of.list()->size());
    if (at < 0) at += size;
    return at >= 0 && at < size ? (*of.list())[static_cast<size_t>(at)] : Value();
  }
  if (!of.text()) refuse(where_, line, "a list, a text or a dictionary before [ ]", of.kindName());
  count(of.text()->size(), line);
  const std::u32string codes = decodeUtf8(*of.text());
  if (at < 0) at += static_cast<int64_t>(codes.size());
  if (at < 0 || at >= static_cast<int64_t>(codes.size())) return {};
  return made(encodeUtf8(std::u32string_view(codes).substr(static_cast<size_t>(at), 1)), line);
}

Value Operators::slice(const Value& of, const Value& from, const Value& to, int line) {
  std::u32string codes;
  if (of.text()) {
    count(of.text()->size(), line);
    codes = decodeUtf8(*of.text());
  }
  if (!of.text() && !of.list()) refuse(where_, line, "a list or a text before a slice", of.kindName());
  const auto size = static_cast<int64_t>(of.text() ? codes.size() : of.list()->size());
  int64_t begin = 0;
  int64_t end = 0;
  if (!sliceSide(from, size, 0, begin) || !sliceSide(to, size, size, end))
    refuse(where_, line, "numbers in a slice", std::string(from.kindName()) + " and " + to.kindName());
  end = std::max(begin, end);
  if (of.text())
    return made(encodeUtf8(std::u32string_view(codes).substr(static_cast<size_t>(begin), static_cast<size_t>(end - begin))), line);
  count(sizeof(Value) * static_cast<size_t>(end - begin), line);
  return Value(Value::List(of.list()->begin() + begin, of.list()->begin() + end));
}

Value Operators::binary(const std::string& sign, const Value& left, const Value& right, int line) {
  if (sign == "~") return made(shown(left, line) + shown(right, line), line);
  if (sign == "+" && left.text() && right.text()) return made(*left.text() + *right.text(), line);
  if (sign == "+" && left.list() && right.list()) {
    count(sizeof(Value) * (left.list()->size() + right.list()->size()), line);
    Value::List both = *left.list();
    both.insert(both.end(), right.list()->begin(), right.list()->end());
    return Value(std::move(both));
  }
  int64_t a = 0;
  int64_t b = 0;
  if (!left.number(a) || !right.number(b))
    refuse(where_, line, "two values that go together at " + sign, std::string(left.kindName()) + " and " + right.kindName());
  int64_t result = 0;
  bool fits = true;
  if (sign == "+") fits = !__builtin_add_overflow(a, b, &result);
  if (sign == "-") fits = !__builtin_sub_overflow(a, b, &result);
  if (sign == "*") fits = !__builtin_mul_overflow(a, b, &result);
  if (sign == "%" || sign == "//") {
    if (b == 0) refuse(where_, line, "a number other than 0 after " + sign, "0");
    const int64_t rest = b == -1 ? 0 : a % b;  // Python's has the sign of b
    const int64_t whole = b == -1 ? 0 : a / b;
    const bool below = rest != 0 && (rest < 0) != (b < 0);
    if (sign == "%") {
      result = below ? rest + b : rest;
    } else if (b == -1) {
      fits = !__builtin_sub_overflow(int64_t{0}, a, &result);
    } else {
      result = whole - (below ? 1 : 0);
    }
  }
  if (!fits) refuse(where_, line, "numbers below 2^63", "larger ones");
  return Value(result);
}

bool Operators::contains(const Value& in, const Value& what, int line) {
  if (in.list()) return std::find(in.list()->begin(), in.list()->end(), what) != in.list()->end();
  if (in.isUndefined()) return false;
  if (in.dictionary() && what.text()) return in.entry(*what.text()) != nullptr;
  if (!in.text() || !what.text())
    refuse(where_, line, "a list, or a text in a text or dictionary, at \"in\"", std::string(what.kindName()) + " in " + in.kindName());
  count(in.text()->size(), line);
  return in.text()->find(*what.text()) != std::string::npos;
}

bool Operators::compare(const std::string& sign, const Value& left, const Value& right, int line) {
  if (sign == "==") return left == right;
  if (sign == "!=") return !(left == right);
  if (sign == "in") return contains(right, left, line);
  if (sign == "not in") return !contains(right, left, line);
  int64_t a = 0;
  int64_t b = 0;
  int order = 0;
  if (left.number(a) && right.number(b)) {
    order = a < b ? -1 : a > b ? 1 : 0;
  } else if (left.text() && right.text()) {
    order = left.text()->compare(*right.text());  // UTF-8 sorts as its code points do
  } else {
    refuse(where_, line, "two numbers or two texts at " + sign, std::string(left.kindName()) + " and " + right.kindName());
  }
  return sign == "<" ? order < 0 : sign == ">" ? order > 0 : sign == "<=" ? order <= 0 : order >= 0;
}

Value Operators::stripped(const Value& of, int line) {
  const std::string text = shown(of, line);
  count(text.size(), line);
  const std::u32string codes = decodeUtf8(text);
  const auto first = std::find_if_not(codes.begin(), codes.end(), isBlank);
  const auto last = std::find_if_not(codes.rbegin(), std::make_reverse_iterator(first), isBlank).base();
  return made(encodeUtf8(std::u32string(first, last)), line);
}

Value Operators::json(const Value& of, int line) {
  if (hasUndefined(of)) refuse(where_, line, "a defined value before tojson", "an undefined value");
  return made(jsonText(of), line);
}

std::string Operators::shown(const Value& value, int line) const {
  int64_t number = 0;
  if (value.text()) return *value.text();
  if (value.isUndefined()) return {};
  if (value.isNone()) return "None";
  if (value.flag()) return *value.flag() ? "True" : "False";
  if (value.number(number)) return std::to_string(number);
  refuse(where_, line, "a text or a number to write (tojson writes lists)", value.kindName());
}

Value::List Operators::items(const Value& of, int line) {
  if (of.list()) return *of.list();
  if (of.isUndefined()) return {};
  Value::List items;
  if (of.dictionary()) {
    for (const auto& [key, value] : *of.dictionary()) items.emplace_back(key);
    return items;
  }
  if (!of.text()) refuse(where_, line, "a list to run over", of.kindName());
  count(sizeof(Value) * of.text()->size(), line);
  for (const char32_t code : decodeUtf8(*of.text())) items.emplace_back(encodeUtf8(std::u32string(1, code)));
  return items;
}

}  // namespace hvlm::jinja
