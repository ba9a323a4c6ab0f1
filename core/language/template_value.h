// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace hvlm::jinja {

// A value of a chat template, with Python's rules of truth and equality. Copies share texts and lists.
class Value {
 public:
  using List = std::vector<Value>;
  using Dictionary = std::vector<std::pair<std::string, Value>>;

  Value() = default;  // undefined
  static Value none() { return Value(Data(nullptr)); }
  explicit Value(bool flag) : data_(flag) {}
  explicit Value(int64_t number) : data_(number) {}
  explicit Value(std::string text) : data_(std::make_shared<const std::string>(std::move(text))) {}
  explicit Value(List list) : data_(std::make_shared<const List>(std::move(list))) {}
  explicit Value(Dictionary entries) : data_(std::make_shared<const Dictionary>(std::move(entries))) {}

  bool isUndefined() const { return std::holds_alternative<std::monostate>(data_); }
  bool isNone() const { return std::holds_alternative<std::nullptr_t>(data_); }
  const bool* flag() const { return std::get_if<bool>(&data_); }
  const std::string* text() const { return shared<std::string>(); }
  const List* list() const { return shared<List>(); }
  const Dictionary* dictionary() const { return shared<Dictionary>(); }
  bool number(int64_t& out) const;  // of numbers, and of true (1) and false (0)

  bool truth() const;
  const char* kindName() const;                      // "a text", "nothing" …
  const Value* entry(const std::string& key) const;  // of a dictionary; null when there is none
  bool operator==(const Value& other) const;

 private:
  using Data = std::variant<std::monostate, std::nullptr_t, bool, int64_t, std::shared_ptr<const std::string>, std::shared_ptr<const List>,
                            std::shared_ptr<const Dictionary>>;
  explicit Value(Data data) : data_(std::move(data)) {}
  template <class T>
  const T* shared() const {
    const auto* held = std::get_if<std::shared_ptr<const T>>(&data_);
    return held ? held->get() : nullptr;
  }
  Data data_;
};

// As Python's json.dumps(value, ensure_ascii=False) writes it. Undefined values must not be in it.
std::string jsonText(const Value& value);

}  // namespace hvlm::jinja
