// SPDX-License-Identifier: Apache-2.0
// Expressions of a chat template, in Jinja's order of precedence.
#include "language/template_parser.h"
#include "support/text.h"

namespace hvlm::jinja {

using Kind = Expression::Kind;

Expression Parser::make(Kind kind, int line, std::vector<Expression> parts, std::string text) {
  if (++operators_ > kMostOperators)
    refuse(where_, line, "at most " + std::to_string(kMostOperators) + " operators in one expression", "more");
  return {.kind = kind, .line = line, .text = std::move(text), .parts = std::move(parts)};
}

Expression Parser::expression() {
  const Deeper deeper(*this);
  Expression left = disjunction();
  while (isName("if")) {
    const int line = take().line;
    Expression condition = disjunction();
    Expression other{.line = line};
    if (takeName("else")) other = expression();
    left = make(Kind::kConditional, line, {std::move(left), std::move(condition), std::move(other)});
  }
  return left;
}

Expression Parser::disjunction() {
  Expression left = conjunction();
  while (isName("or")) {
    const int line = take().line;
    left = make(Kind::kOr, line, {std::move(left), conjunction()});
  }
  return left;
}

Expression Parser::conjunction() {
  Expression left = negation();
  while (isName("and")) {
    const int line = take().line;
    left = make(Kind::kAnd, line, {std::move(left), negation()});
  }
  return left;
}

Expression Parser::negation() {
  const Deeper deeper(*this);
  if (!isName("not")) return comparison();
  const int line = take().line;
  return make(Kind::kNot, line, {negation()});
}

Expression Parser::comparison() {
  Expression all = make(Kind::kComparison, peek().line, {sum()});
  while (true) {
    std::string sign;
    for (const char* known : {"==", "!=", "<=", ">=", "<", ">"}) {
      if (isSign(known)) sign = known;
    }
    if (isName("in")) sign = "in";
    if (isName("not") && words_[at_ + 1].kind == Word::Kind::kName && words_[at_ + 1].text == "in") {
      take();
      sign = "not in";
    }
    if (sign.empty()) break;
    take();
    all.texts.push_back(sign);
    all.parts.push_back(sum());
  }
  return all.texts.empty() ? Expression(std::move(all.parts.front())) : all;
}

Expression Parser::sum() {
  Expression left = joined();
  while (isSign("+") || isSign("-")) {
    const Word sign = take();
    left = make(Kind::kBinary, sign.line, {std::move(left), joined()}, sign.text);
  }
  return left;
}

Expression Parser::joined() {
  Expression left = product();
  while (isSign("~")) {
    const Word sign = take();
    left = make(Kind::kBinary, sign.line, {std::move(left), product()}, sign.text);
  }
  return left;
}

Expression Parser::product() {
  Expression left = signedOne();
  while (isSign("*") || isSign("%") || isSign("//")) {
    const Word sign = take();
    left = make(Kind::kBinary, sign.line, {std::move(left), signedOne()}, sign.text);
  }
  return left;
}

Expression Parser::signedOne(bool with_filters) {
  const Deeper deeper(*this);
  Expression one;
  if (isSign("-")) {
    const int line = take().line;
    one = make(Kind::kNegative, line, {signedOne(false)});
  } else {
    one = primary();
    postfix(one);
  }
  if (with_filters) filters(one);
  return one;
}

Expression Parser::primary() {
  const Word word = peek();
  Expression constant{.line = word.line};
  if (word.kind == Word::Kind::kString) {
    std::string text;
    while (peek().kind == Word::Kind::kString) text += take().text;
    constant.value = Value(std::move(text));
    return constant;
  }
  if (word.kind == Word::Kind::kNumber) {
    constant.value = Value(take().number);
    return constant;
  }
  if (word.kind == Word::Kind::kName) return nameOrCall();
  if (takeSign("(")) {
    Expression inner = expression();
    if (!takeSign(")")) refuseHere(") or an operator this program knows");
    return inner;
  }
  if (!isSign("[")) refuseHere("a value this program knows");
  take();
  Expression list = make(Kind::kList, word.line, {});
  while (!takeSign("]")) {
    list.parts.push_back(expression());
    if (!isSign("]") && !takeSign(",")) refuseHere(", or ] in a list");
  }
  return list;
}

Expression Parser::nameOrCall() {
  const Word word = take();
  Expression made{.line = word.line};
  if (word.text == "true" || word.text == "True" || word.text == "false" || word.text == "False") {
    made.value = Value(word.text == "true" || word.text == "True");
  } else if (word.text == "none" || word.text == "None") {
    made.value = Value::none();
  } else if (!isSign("(")) {
    for (const char* reserved : {"and", "or", "not", "in", "is", "if", "else", "elif"}) {
      if (word.text == reserved) refuse(where_, word.line, "a value", "\"" + word.text + "\"");
    }
    made.kind = Kind::kName;
    made.text = word.text;
  } else if (word.text == "raise_exception") {
    take();
    made = make(Kind::kRaise, word.line, {expression()});
    if (!takeSign(")")) refuseHere(") after the message of raise_exception");
  } else {
    refuse(where_, word.line, "a function this program knows (raise_exception)", "\"" + shortened(word.text) + "(\"");
  }
  return made;
}

void Parser::postfix(Expression& one) {
  int chain = 0;
  while (true) {
    if ((isSign(".") || isSign("[")) && ++chain > kDeepestTemplate)
      refuseHere("at most " + std::to_string(kDeepestTemplate) + " parts of parts");
    if (takeSign(".")) {
      const Word word = peek();
      if (word.kind != Word::Kind::kName) refuseHere("a name after the dot");
      take();
      if (!isSign("(")) {
        one = make(Kind::kAttribute, word.line, {std::move(one)}, word.text);
        continue;
      }
      take();
      if (word.text != "strip" || !takeSign(")"))
        refuse(where_, word.line, "a call this program knows (strip() without arguments)", "\"." + shortened(word.text) + "(\"");
      one = make(Kind::kTrim, word.line, {std::move(one)});
    } else if (isSign("[")) {
      subscript(one);
    } else if (isSign("(")) {
      refuseHere("no call here");
    } else {
      return;
    }
  }
}

void Parser::subscript(Expression& one) {
  const int line = take().line;
  const auto side = [&] {
    Expression none{.line = line, .value = Value::none()};
    return isSign(":") || isSign("]") ? none : expression();
  };
  if (isSign("]")) refuseHere("an index");
  Expression first = side();
  const bool slice = takeSign(":");
  Expression second = slice ? side() : Expression{};
  if (isSign(":")) refuseHere("a slice without a step");
  if (!takeSign("]")) refuseHere("] or an operator this program knows");
  one = slice ? make(Kind::kSlice, line, {std::move(one), std::move(first), std::move(second)})
              : make(Kind::kSubscript, line, {std::move(one), std::move(first)});
}

void Parser::filters(Expression& one) {
  for (int count = 0;; ++count) {
    if (!isSign("|") && !isName("is")) return;
    if (count > kDeepestTemplate) refuseHere("at most " + std::to_string(kDeepestTemplate) + " filters");
    if (takeSign("|")) {
      if (!isName("trim") && !isName("tojson")) refuseHere("a filter this program knows (trim, tojson)");
      const Word filter = take();
      if (isSign("(")) refuse(where_, filter.line, "the filter " + filter.text + " without arguments", "\"" + filter.text + "(\"");
      one = make(filter.text == "trim" ? Kind::kTrim : Kind::kToJson, filter.line, {std::move(one)});
      continue;
    }
    const int line = take().line;
    const bool negated = takeName("not");
    if (!takeName("defined")) refuseHere("a test this program knows (defined)");
    one = make(Kind::kDefined, line, {std::move(one)});
    if (negated) one = make(Kind::kNot, line, {std::move(one)});
  }
}

}  // namespace hvlm::jinja
