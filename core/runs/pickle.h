// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

// Private to torch_archive: pickled data as plain values.
namespace hvlm::pickle {

struct Value;
using ValuePtr = std::shared_ptr<Value>;

struct Value {
  enum class Kind { kNone, kInteger, kReal, kText, kTuple, kList, kDictionary, kName, kStorage, kTensor, kMark };
  Kind kind = Kind::kNone;
  int64_t integer = 0;
  double real = 0.0;
  std::string text;             // kText; kName: "module name"; kStorage: its key
  std::vector<ValuePtr> items;  // kTuple, kList; kDictionary: key, value, key, value …
  // kStorage: element type and count; kTensor also where and how
  std::string dtype;
  int64_t count = 0;
  int64_t offset = 0;
  std::vector<int64_t> sizes, strides;
};

// One pickle from `position` on, which is moved behind it. Throws InputError.
ValuePtr read(std::string_view bytes, size_t& position, const std::string& where);

}  // namespace hvlm::pickle
