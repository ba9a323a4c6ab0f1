// SPDX-License-Identifier: Apache-2.0
#include "language/template_value.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace hvlm::jinja {

bool Value::number(int64_t& out) const {
  if (const int64_t* held = std::get_if<int64_t>(&data_)) {
    out = *held;
    return true;
  }
  if (flag()) out = *flag() ? 1 : 0;
  return flag() != nullptr;
}

bool Value::truth() const {
  int64_t held = 0;
  if (number(held)) return held != 0;
  if (text()) return !text()->empty();
  if (list()) return !list()->empty();
  if (dictionary()) return !dictionary()->empty();
  return false;
}

const char* Value::kindName() const {
  if (isUndefined()) return "an undefined value";
  if (isNone()) return "none";
  if (flag()) return "true or false";
  if (text()) return "a text";
  if (list()) return "a list";
  if (dictionary()) return "a dictionary";
  return "a number";
}

const Value* Value::entry(const std::string& key) const {
  if (!dictionary()) return nullptr;
  const auto found = std::find_if(dictionary()->begin(), dictionary()->end(), [&](const auto& one) { return one.first == key; });
  return found == dictionary()->end() ? nullptr : &found->second;
}

bool Value::operator==(const Value& other) const {
  int64_t a = 0;
  int64_t b = 0;
  if (number(a) && other.number(b)) return a == b;
  if (text() && other.text()) return *text() == *other.text();
  if (list() && other.list()) return *list() == *other.list();
  if (dictionary() && other.dictionary()) {
    const auto same = [&](const auto& one) {
      const Value* theirs = other.entry(one.first);
      return theirs && *theirs == one.second;
    };
    return dictionary()->size() == other.dictionary()->size() && std::all_of(dictionary()->begin(), dictionary()->end(), same);
  }
  return (isNone() && other.isNone()) || (isUndefined() && other.isUndefined());
}

std::string jsonText(const Value& value) {
  int64_t number = 0;
  if (value.flag()) return *value.flag() ? "true" : "false";
  if (value.number(number)) return std::to_string(number);
  if (value.text()) return nlohmann::json(*value.text()).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  std::string out;
  if (value.list()) {
    for (const Value& item : *value.list()) out += (out.empty() ? "" : ", ") + jsonText(item);
    return "[" + out + "]";
  }
  if (value.dictionary()) {
    for (const auto& [key, item] : *value.dictionary()) out += (out.empty() ? "" : ", ") + jsonText(Value(key)) + ": " + jsonText(item);
    return "{" + out + "}";
  }
  return "null";
}

}  // namespace hvlm::jinja
