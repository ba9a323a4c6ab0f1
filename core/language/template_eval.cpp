// SPDX-License-Identifier: Apache-2.0
#include "language/template_eval.h"

#include <algorithm>

#include "language/template_lexer.h"
#include "language/template_operators.h"
#include "support/error.h"

namespace hvlm::jinja {
namespace {

class Evaluation {
 public:
  Evaluation(Names names, const std::string& where) : operators_(where), where_(where) { scopes_.push_back(std::move(names)); }

  std::string run(const std::vector<Node>& nodes) {
    body(nodes);
    return std::move(out_);
  }

 private:
  void body(const std::vector<Node>& nodes) {
    for (const Node& node : nodes) {
      switch (node.kind) {
        case Node::Kind::kText:
          put(node.text, node.line);
          break;
        case Node::Kind::kOutput:
          put(operators_.shown(value(node.expression), node.line), node.line);
          break;
        case Node::Kind::kSet:
          set(node.text, value(node.expression));
          break;
        case Node::Kind::kFor:
          loop(node);
          break;
        case Node::Kind::kIf:
          choice(node);
          break;
      }
    }
  }

  void put(const std::string& text, int line) {
    if (text.size() > kMostOutputBytes - out_.size()) refuse(where_, line, "a text of at most 16 MiB", "a longer one");
    out_ += text;
  }

  void set(const std::string& name, Value value) {
    Names& names = scopes_.back();
    const auto found = std::find_if(names.begin(), names.end(), [&](const auto& one) { return one.first == name; });
    if (found == names.end()) {
      names.emplace_back(name, std::move(value));
    } else {
      found->second = std::move(value);
    }
  }

  Value named(const std::string& name) const {
    for (auto scope = scopes_.rbegin(); scope != scopes_.rend(); ++scope) {
      for (const auto& [known, value] : *scope) {
        if (known == name) return value;
      }
    }
    return {};
  }

  void loop(const Node& node) {
    const Value::List items = operators_.items(value(node.expression), node.line);
    for (size_t i = 0; i < items.size(); ++i) {
      if (++turns_ > kMostTurns) refuse(where_, node.line, "at most " + std::to_string(kMostTurns) + " turns of loops", "more");
      const auto index = static_cast<int64_t>(i);
      scopes_.push_back({{node.text, items[i]},
                         {"loop", Value(Value::Dictionary{{"index", Value(index + 1)},
                                                          {"index0", Value(index)},
                                                          {"first", Value(i == 0)},
                                                          {"last", Value(i + 1 == items.size())}})}});
      body(node.body);
      scopes_.pop_back();
    }
  }

  void choice(const Node& node) {
    for (const Node::Branch& branch : node.branches) {
      if (branch.condition && !value(*branch.condition).truth()) continue;
      body(branch.body);
      return;
    }
  }

  Value value(const Expression& one) {
    using Kind = Expression::Kind;
    const auto part = [&](size_t i) { return value(one.parts[i]); };
    switch (one.kind) {
      case Kind::kConstant:
        return one.value;
      case Kind::kName:
        return named(one.text);
      case Kind::kAttribute:
        return operators_.attribute(part(0), one.text, one.line);
      case Kind::kSubscript:
        return operators_.subscript(part(0), part(1), one.line);
      case Kind::kSlice:
        return operators_.slice(part(0), part(1), part(2), one.line);
      case Kind::kList: {
        Value::List list;
        for (size_t i = 0; i < one.parts.size(); ++i) list.push_back(part(i));
        return Value(std::move(list));
      }
      case Kind::kBinary:
        return operators_.binary(one.text, part(0), part(1), one.line);
      case Kind::kComparison:
        return comparison(one);
      case Kind::kNegative:
        return operators_.binary("-", Value(int64_t{0}), part(0), one.line);
      case Kind::kNot:
        return Value(!part(0).truth());
      case Kind::kAnd: {
        Value left = part(0);
        return left.truth() ? part(1) : left;
      }
      case Kind::kOr: {
        Value left = part(0);
        return left.truth() ? left : part(1);
      }
      case Kind::kDefined:
        return Value(!part(0).isUndefined());
      case Kind::kConditional:
        return part(1).truth() ? part(0) : part(2);
      case Kind::kTrim:
        return operators_.stripped(part(0), one.line);
      case Kind::kToJson:
        return operators_.json(part(0), one.line);
      case Kind::kRaise:
        raise(part(0), one.line);
    }
    return {};
  }

  Value comparison(const Expression& one) {
    Value left = value(one.parts[0]);
    for (size_t i = 0; i < one.texts.size(); ++i) {
      Value right = value(one.parts[i + 1]);
      if (!operators_.compare(one.texts[i], left, right, one.line)) return Value(false);
      left = std::move(right);
    }
    return Value(true);
  }

  [[noreturn]] void raise(const Value& message, int line) {
    throw InputError({.where = where_ + ", line " + std::to_string(line),
                      .expected = "messages this template allows",
                      .found = operators_.shown(message, line),
                      .remedy = "Change the messages, or use another template."});
  }

  Operators operators_;
  const std::string& where_;
  std::vector<Names> scopes_;
  std::string out_;
  int64_t turns_ = 0;
};

}  // namespace

std::string evaluate(const std::vector<Node>& nodes, Names names, const std::string& where) {
  return Evaluation(std::move(names), where).run(nodes);
}

}  // namespace hvlm::jinja
