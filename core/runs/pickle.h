// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

// Private to torch_archive and pickled_columns: pickled data as plain values. Nothing is executed.
namespace hvlm::pickle {

struct Value;
using ValuePtr = std::shared_ptr<Value>;

struct Value {
  enum class Kind { kNone, kInteger, kReal, kText, kTuple, kList, kDictionary, kName, kStorage, kTensor, kDataType, kArray, kMark };
  ~Value();  // takes nested values apart one by one: however deep, no call goes deeper
  Kind kind = Kind::kNone;
  int64_t integer = 0;
  double real = 0.0;
  std::string text;             // kText (bytes too); kName: "module name"; kStorage: its key
  std::vector<ValuePtr> items;  // kTuple, kList; kDictionary: key, value, key, value …; kArray: its bytes as kText, or a list of objects
  // kStorage: element type and count; kTensor also where and how; kDataType, kArray: type as numpy writes it ("<f4"), integer 1 = Fortran order
  std::string dtype;
  int64_t count = 0;
  int64_t offset = 0;
  std::vector<int64_t> sizes, strides;
};

// What the names of another kind of pickle stand for, in place of those of tensors. `fault` says what cannot be read.
struct Dialect {
  const char* expected;
  const char* remedy;
  size_t longest_text;
  size_t most_values;
  bool (*knows)(const std::string& name);
  ValuePtr (*call)(const std::string& name, const std::vector<ValuePtr>& arguments, std::string& fault);
  void (*build)(Value& target, const Value& state, std::string& fault);
};

// One pickle from `position` on, which is moved behind it. Throws InputError.
ValuePtr read(std::string_view bytes, size_t& position, const std::string& where, const Dialect* dialect = nullptr);

}  // namespace hvlm::pickle
