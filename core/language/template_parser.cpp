// SPDX-License-Identifier: Apache-2.0
// Words of a chat template to its tree: blocks. Expressions are in template_expression.cpp.
#include "language/template_parser.h"

#include <set>

#include "support/text.h"

namespace hvlm::jinja {

using Kind = Word::Kind;

const Word& Parser::take() {
  const Word& word = words_[at_];
  if (at_ + 1 < words_.size()) ++at_;
  return word;
}

bool Parser::isSign(const char* sign) const { return peek().kind == Kind::kSign && peek().text == sign; }
bool Parser::isName(const char* name) const { return peek().kind == Kind::kName && peek().text == name; }

bool Parser::takeSign(const char* sign) {
  if (!isSign(sign)) return false;
  take();
  return true;
}

bool Parser::takeName(const char* name) {
  if (!isName(name)) return false;
  take();
  return true;
}

void Parser::refuseHere(const std::string& expected) const {
  const std::string found =
      peek().kind == Kind::kString ? "the text \"" + shortened(peek().text) + "\"" : "\"" + shortened(peek().text) + "\"";
  refuse(where_, peek().line, expected, peek().kind == Kind::kEnd ? peek().text : found);
}

void Parser::need(Kind kind, const std::string& expected) {
  if (peek().kind != kind) refuseHere(expected);
  take();
}

std::string Parser::nameToSet() {
  static const std::set<std::string> kReserved = {"true", "false", "none", "True", "False", "None", "and",
                                                  "or",   "not",   "in",   "is",   "if",    "else", "loop"};
  if (peek().kind != Kind::kName || kReserved.contains(peek().text)) refuseHere("a name");
  return take().text;
}

std::vector<Node> Parser::whole() {
  std::vector<Node> nodes = body({});
  if (peek().kind != Kind::kEnd) refuseHere("a statement this program knows (for, if, set)");
  return nodes;
}

bool Parser::opensOneOf(const std::vector<const char*>& names) const {
  if (peek().kind != Kind::kBlockBegin) return false;
  const Word& next = words_[at_ + 1];
  for (const char* name : names) {
    if (next.kind == Kind::kName && next.text == name) return true;
  }
  return false;
}

// Nodes up to a block that begins with one of `ends`, or to the end of the template.
std::vector<Node> Parser::body(const std::vector<const char*>& ends) {
  const Deeper deeper(*this);
  std::vector<Node> nodes;
  while (peek().kind != Kind::kEnd && !opensOneOf(ends)) {
    Node node{.line = peek().line};
    operators_ = 0;
    if (peek().kind == Kind::kText) {
      node.text = take().text;
    } else if (peek().kind == Kind::kOutputBegin) {
      take();
      node.kind = Node::Kind::kOutput;
      node.expression = expression();
      need(Kind::kOutputEnd, "}} or an operator this program knows");
    } else {
      take();
      statement(node);
    }
    nodes.push_back(std::move(node));
  }
  return nodes;
}

void Parser::statement(Node& node) {
  if (takeName("set")) {
    node.kind = Node::Kind::kSet;
    node.text = nameToSet();
    if (!takeSign("=")) refuseHere("= after the one name of a set");
    node.expression = expression();
    need(Kind::kBlockEnd, "%} at the end of a set");
  } else if (takeName("for")) {
    loop(node);
  } else if (takeName("if")) {
    choice(node);
  } else {
    refuseHere("a statement this program knows (for, if, set)");
  }
}

void Parser::loop(Node& node) {
  node.kind = Node::Kind::kFor;
  node.text = nameToSet();
  if (!takeName("in")) refuseHere("\"in\" after the one name of a for");
  node.expression = disjunction();
  need(Kind::kBlockEnd, "%} after what a for runs over");
  node.body = body({"endfor", "else"});
  closing("endfor", node.line);
}

void Parser::choice(Node& node) {
  node.kind = Node::Kind::kIf;
  std::optional<Expression> condition = expression();
  while (true) {
    need(Kind::kBlockEnd, "%} after a condition");
    const bool last = !condition;
    Node::Branch branch{.condition = std::move(condition), .body = body({"elif", "else", "endif"})};
    node.branches.push_back(std::move(branch));
    if (last || opensOneOf({"endif"}) || peek().kind == Kind::kEnd) break;
    take();
    condition.reset();
    operators_ = 0;
    if (take().text == "elif") condition = expression();
  }
  closing("endif", node.line);
}

void Parser::closing(const char* name, int line) {
  if (peek().kind == Kind::kEnd)
    refuse(where_, peek().line, "{% " + std::string(name) + " %} for line " + std::to_string(line), peek().text);
  take();
  if (!takeName(name)) refuseHere(name);
  need(Kind::kBlockEnd, "%} after " + std::string(name));
}

Parser::Deeper::Deeper(Parser& parser) : parser_(parser) {
  if (++parser_.depth_ > kDeepestTemplate) {
    refuse(parser_.where_, parser_.peek().line, "at most " + std::to_string(kDeepestTemplate) + " levels inside one another", "more");
  }
}

std::vector<Node> parseTemplate(std::string_view source, const std::string& where) {
  if (source.size() > kMostTemplateBytes) refuse(where, 1, "a template of at most 256 KiB", humanBytes(static_cast<double>(source.size())));
  return Parser(wordsOf(source, where), where).whole();
}

}  // namespace hvlm::jinja
