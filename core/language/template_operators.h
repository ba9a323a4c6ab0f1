// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>

#include "language/template_value.h"

namespace hvlm::jinja {

// What the operators of a chat template do with values, as Jinja and Python have it. Each throws InputError naming the line for kinds
// of values that do not go together; texts and lists that are made are counted, so that no template fills the memory.
class Operators {
 public:
  explicit Operators(const std::string& where) : where_(where) {}

  Value attribute(const Value& of, const std::string& name, int line) const;  // undefined when there is none
  Value subscript(const Value& of, const Value& index, int line);
  Value slice(const Value& of, const Value& from, const Value& to, int line);
  Value binary(const std::string& sign, const Value& left, const Value& right, int line);
  bool compare(const std::string& sign, const Value& left, const Value& right, int line);
  Value stripped(const Value& of, int line);
  Value json(const Value& of, int line);
  std::string shown(const Value& value, int line) const;  // as it stands in the output
  Value::List items(const Value& of, int line);           // what a for runs over

 private:
  bool contains(const Value& in, const Value& what, int line);
  Value made(std::string text, int line);
  void count(size_t bytes, int line);

  const std::string& where_;
  size_t work_ = 0;
};

}  // namespace hvlm::jinja
