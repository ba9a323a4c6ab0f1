// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "language/template_value.h"

// A chat template as it is after reading.
namespace hvlm::jinja {

struct Expression {
  enum class Kind {
    kConstant,    // value
    kName,        // text
    kAttribute,   // parts[0].text
    kSubscript,   // parts[0][parts[1]]
    kSlice,       // parts[0][parts[1]:parts[2]]; a side left out is a constant "none"
    kList,        // parts
    kBinary,      // parts[0] text parts[1], text one of + - * % // ~
    kComparison,  // parts[0] texts[0] parts[1] texts[1] parts[2] …: == != < <= > >= in "not in"
    kNegative,    // - parts[0]
    kNot,
    kAnd,
    kOr,
    kDefined,      // parts[0] is defined
    kConditional,  // parts[0] if parts[1] else parts[2]; without "else" parts[2] is an undefined constant
    kTrim,         // parts[0] | trim, and parts[0].strip()
    kToJson,       // parts[0] | tojson
    kRaise         // raise_exception(parts[0])
  };
  Kind kind = Kind::kConstant;
  int line = 1;
  std::string text;
  std::vector<std::string> texts;
  Value value;
  std::vector<Expression> parts;
};

struct Node {
  enum class Kind { kText, kOutput, kSet, kFor, kIf };
  struct Branch {
    std::optional<Expression> condition;  // none: else
    std::vector<Node> body;
  };
  Kind kind = Kind::kText;
  int line = 1;
  std::string text;              // the text; the name of set and for
  Expression expression;         // of output and set; what a for runs over
  std::vector<Node> body;        // of a for
  std::vector<Branch> branches;  // of an if
};

// Throws InputError with `where` and the line for anything outside the known part of the language.
std::vector<Node> parseTemplate(std::string_view source, const std::string& where);

inline constexpr size_t kMostTemplateBytes = size_t{256} << 10;
inline constexpr int kDeepestTemplate = 64;
inline constexpr int kMostOperators = 1000;

}  // namespace hvlm::jinja
