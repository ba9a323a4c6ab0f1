// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "language/template_lexer.h"
#include "language/template_tree.h"

namespace hvlm::jinja {

// Reads the words of one template by recursive descent; used once, by parseTemplate().
class Parser {
 public:
  Parser(std::vector<Word> words, const std::string& where) : words_(std::move(words)), where_(where) {}
  std::vector<Node> whole();

 private:
  // Counts levels while it lives.
  class Deeper {
   public:
    explicit Deeper(Parser& parser);
    ~Deeper() { --parser_.depth_; }
    Deeper(const Deeper&) = delete;
    Deeper& operator=(const Deeper&) = delete;

   private:
    Parser& parser_;
  };

  std::vector<Node> body(const std::vector<const char*>& ends);
  void statement(Node& node);
  void loop(Node& node);
  void choice(Node& node);
  void closing(const char* name, int line);

  // From the loosest to the tightest.
  Expression expression();  // a if c else b
  Expression disjunction();
  Expression conjunction();
  Expression negation();
  Expression comparison();
  Expression sum();
  Expression joined();  // ~
  Expression product();
  Expression signedOne(bool with_filters = true);
  Expression primary();
  Expression nameOrCall();
  void postfix(Expression& expression);
  void subscript(Expression& expression);
  void filters(Expression& expression);

  Expression make(Expression::Kind kind, int line, std::vector<Expression> parts, std::string text = {});
  const Word& peek() const { return words_[at_]; }
  const Word& take();
  bool isSign(const char* sign) const;
  bool isName(const char* name) const;
  bool takeSign(const char* sign);
  bool takeName(const char* name);
  bool opensOneOf(const std::vector<const char*>& names) const;
  std::string nameToSet();
  void need(Word::Kind kind, const std::string& expected);
  [[noreturn]] void refuseHere(const std::string& expected) const;

  std::vector<Word> words_;
  const std::string& where_;
  size_t at_ = 0;
  int depth_ = 0;
  int operators_ = 0;  // of the expression at hand: its tree must not grow deeper than the stack allows
};

}  // namespace hvlm::jinja
