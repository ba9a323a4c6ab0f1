// SPDX-License-Identifier: Apache-2.0
#include "runs/pickled_columns.h"

#include <cstring>
#include <set>

#include "runs/pickle.h"
#include "runs/weight_numbers.h"
#include "support/atomic_file.h"
#include "support/error.h"
#include "support/text.h"

namespace hvlm {
namespace {

using pickle::Value;
using pickle::ValuePtr;
using Kind = Value::Kind;

constexpr size_t kLargestFile = size_t{1} << 30;
constexpr int64_t kMostElements = 50'000'000;  // of all arrays
constexpr const char* kExpected = "a pickle of numpy arrays and plain values";
constexpr const char* kRemedy = "Write the detections as JSON in the ActivityNet result format instead: {\"results\": {id: [{\"label\", \"score\", \"segment\": [start, end]}]}}.";

// The name without numpy's "core" or "_core", which its version 2 renamed.
std::string plainName(const std::string& name) {
  static const std::map<std::string, std::string> names = {{"numpy.core.multiarray _reconstruct", "reconstruct"}, {"numpy._core.multiarray _reconstruct", "reconstruct"},
                                                           {"numpy.core.numeric _frombuffer", "buffer"},          {"numpy._core.numeric _frombuffer", "buffer"},
                                                           {"numpy.core.multiarray scalar", "scalar"},            {"numpy._core.multiarray scalar", "scalar"},
                                                           {"numpy ndarray", "array"},                            {"numpy dtype", "type"}};
  const auto found = names.find(name);
  return found == names.end() ? "" : found->second;
}

// Bytes of an element of a type as numpy writes it ("f4", "U11"); 0 for one that is not read.
size_t widthOf(const std::string& type) {
  static const std::set<std::string> numbers = {"f2", "f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "b1"};
  const size_t mark = type.find_first_not_of("<>|=");
  if (mark == std::string::npos) return 0;
  const std::string plain = type.substr(mark);
  if (numbers.contains(plain)) return static_cast<size_t>(plain[1] - '0');
  const auto count = plain.size() > 1 ? parseNumber(plain.substr(1)) : std::nullopt;
  if (!count || *count < 1 || *count > 4096 || *count != static_cast<double>(static_cast<int64_t>(*count))) return 0;
  return plain[0] == 'U' ? static_cast<size_t>(*count) * 4 : plain[0] == 'S' ? static_cast<size_t>(*count) : 0;
}
bool isObject(const std::string& type) { return type == "O8" || type == "|O" || type == "|O8" || type == "O"; }
char kindOf(const std::string& type) { return type[type.find_first_not_of("<>|=")]; }

ValuePtr made(Kind kind) {
  auto value = std::make_shared<Value>();
  value->kind = kind;
  return value;
}

std::vector<int64_t> shapeOf(const Value& tuple, std::string& fault) {
  std::vector<int64_t> shape;
  if (tuple.kind == Kind::kInteger) shape.push_back(tuple.integer);
  else for (const ValuePtr& item : tuple.items) shape.push_back(item->kind == Kind::kInteger ? item->integer : -1);
  int64_t elements = 1;
  for (const int64_t n : shape) {
    if (n < 0 || (n > 0 && elements > kMostElements / n)) fault = "an array of impossible shape";
    else elements *= n;
    if (!fault.empty()) return {};
  }
  return shape;
}

double numberAt(const char* bytes, const std::string& type) {
  const size_t width = widthOf(type);
  uint64_t bits = 0;
  std::memcpy(&bits, bytes, width);
  const char kind = kindOf(type);
  if (kind == 'b') return bits != 0 ? 1.0 : 0.0;
  if (kind == 'u') return static_cast<double>(bits);
  if (kind == 'i') {
    if (width < 8 && (bits >> (8 * width - 1)) & 1) bits |= ~uint64_t{0} << (8 * width);
    return static_cast<double>(static_cast<int64_t>(bits));
  }
  if (width == 8) {
    double value = 0.0;
    std::memcpy(&value, bytes, 8);
    return value;
  }
  if (width == 4) {
    float value = 0.0F;
    std::memcpy(&value, bytes, 4);
    return static_cast<double>(value);
  }
  return static_cast<double>(fromHalf(static_cast<uint16_t>(bits)));
}

void appendUtf8(uint32_t code, std::string& text) {
  const auto byte = [&](uint32_t value) { text += static_cast<char>(value); };
  if (code < 0x80) {
    byte(code);
  } else if (code < 0x800) {
    byte(0xC0 | code >> 6), byte(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    byte(0xE0 | code >> 12), byte(0x80 | (code >> 6 & 0x3F)), byte(0x80 | (code & 0x3F));
  } else if (code < 0x110000) {
    byte(0xF0 | code >> 18), byte(0x80 | (code >> 12 & 0x3F)), byte(0x80 | (code >> 6 & 0x3F)), byte(0x80 | (code & 0x3F));
  }
}
// Texts of fixed width, filled up with zeros.
std::string textAt(const char* bytes, const std::string& type) {
  std::string text;
  if (kindOf(type) == 'S') {
    text.assign(bytes, widthOf(type));
    text.erase(text.find_last_not_of('\0') + 1);
    return text;
  }
  for (size_t at = 0; at < widthOf(type); at += 4) {
    uint32_t code = 0;
    std::memcpy(&code, bytes + at, 4);
    if (code == 0) break;
    appendUtf8(code, text);
  }
  return text;
}

// ---- what numpy's names stand for

bool knows(const std::string& name) { return !plainName(name).empty(); }

ValuePtr call(const std::string& name, const std::vector<ValuePtr>& arguments, std::string& fault) {
  const std::string plain = plainName(name);
  if (plain == "reconstruct") return made(Kind::kArray);  // its state follows
  if (plain == "type") {
    if (arguments.empty() || arguments[0]->kind != Kind::kText) return nullptr;
    ValuePtr type = made(Kind::kDataType);
    type->text = arguments[0]->text;
    if (widthOf(type->text) == 0 && !isObject(type->text)) {
      fault = "numbers of numpy's type \"" + shortened(type->text) + "\", which is not read";
      return nullptr;
    }
    return type;
  }
  if (plain == "buffer") {  // (bytes, type, shape, order)
    if (arguments.size() != 4 || arguments[0]->kind != Kind::kText || arguments[1]->kind != Kind::kDataType) return nullptr;
    ValuePtr array = made(Kind::kArray);
    array->items = {arguments[0]};
    array->dtype = arguments[1]->text;
    array->sizes = shapeOf(*arguments[2], fault);
    return fault.empty() ? array : nullptr;
  }
  if (plain == "scalar") {  // (type, bytes)
    if (arguments.size() != 2 || arguments[0]->kind != Kind::kDataType || arguments[1]->kind != Kind::kText) return nullptr;
    const std::string& type = arguments[0]->text;
    if (widthOf(type) == 0 || arguments[1]->text.size() != widthOf(type) || kindOf(type) == 'U' || kindOf(type) == 'S') return nullptr;
    ValuePtr number = made(Kind::kReal);
    number->real = numberAt(arguments[1]->text.data(), type);
    return number;
  }
  return nullptr;
}

void build(Value& target, const Value& state, std::string& fault) {
  fault = "a state that numpy does not write";
  if (state.kind != Kind::kTuple) return;
  if (target.kind == Kind::kDataType) {  // (version, byte order, …)
    if (state.items.size() < 2 || state.items[1]->kind != Kind::kText) return;
    if (state.items[1]->text == ">") {
      fault = "big-endian numbers, which are not read";
      return;
    }
    fault.clear();
    return;
  }
  if (target.kind != Kind::kArray || state.items.size() != 5) return;  // (version, shape, type, Fortran order, bytes or list)
  if (state.items[2]->kind != Kind::kDataType || (state.items[4]->kind != Kind::kText && state.items[4]->kind != Kind::kList)) return;
  std::string bad_shape;
  target.sizes = shapeOf(*state.items[1], bad_shape);
  target.dtype = state.items[2]->text;
  target.items = {state.items[4]};
  fault = bad_shape;
}

// ---- columns

[[noreturn]] void refuse(const std::string& where, const std::string& found) {
  throw InputError({.where = where, .expected = "a list or an array of one dimension", .found = found, .remedy = kRemedy});
}

PickledColumn listColumn(const std::vector<ValuePtr>& items, const std::string& where) {
  PickledColumn column;
  column.is_text = !items.empty() && items.front()->kind == Kind::kText;
  for (const ValuePtr& item : items) {
    if (column.is_text != (item->kind == Kind::kText)) refuse(where, "texts among numbers");
    if (column.is_text) column.texts.push_back(item->text);
    else if (item->kind == Kind::kInteger) column.numbers.push_back(static_cast<double>(item->integer));
    else if (item->kind == Kind::kReal) column.numbers.push_back(item->real);
    else refuse(where, "entries that are neither numbers nor texts");
  }
  return column;
}

PickledColumn arrayColumn(const Value& array, const std::string& where) {
  if (array.items.size() != 1 || array.sizes.size() != 1) refuse(where, std::to_string(array.sizes.size()) + " dimensions");
  const Value& content = *array.items.front();
  const auto count = static_cast<size_t>(array.sizes.front());
  if (content.kind == Kind::kList) {
    if (content.items.size() != count) refuse(where, "another number of objects than its shape says");
    return listColumn(content.items, where);
  }
  const size_t width = widthOf(array.dtype);
  if (width == 0 || content.text.size() != count * width) refuse(where, "another number of bytes than its shape says");
  PickledColumn column;
  column.is_text = kindOf(array.dtype) == 'U' || kindOf(array.dtype) == 'S';
  for (size_t i = 0; i < count; ++i) {
    if (column.is_text) column.texts.push_back(textAt(content.text.data() + i * width, array.dtype));
    else column.numbers.push_back(numberAt(content.text.data() + i * width, array.dtype));
  }
  return column;
}

}  // namespace

std::map<std::string, PickledColumn> decodePickledColumns(std::string_view bytes, const std::string& where) {
  static constexpr pickle::Dialect kDialect = {kExpected, kRemedy, kLargestFile, 4'000'000, knows, call, build};
  size_t position = 0;
  const ValuePtr root = pickle::read(bytes, position, where, &kDialect);
  if (root->kind != Kind::kDictionary) throw InputError({.where = where, .expected = "a dictionary of columns", .found = "something else", .remedy = kRemedy});
  std::map<std::string, PickledColumn> columns;
  size_t elements = 0;
  for (size_t i = 0; i + 1 < root->items.size(); i += 2) {
    if (root->items[i]->kind != Kind::kText) throw InputError({.where = where, .expected = "keys that are texts", .found = "another one", .remedy = kRemedy});
    const std::string key = shortened(root->items[i]->text);
    const Value& value = *root->items[i + 1];
    const std::string place = where + ": " + key;
    if (value.kind == Kind::kArray) columns[key] = arrayColumn(value, place);
    else if (value.kind == Kind::kList || value.kind == Kind::kTuple) columns[key] = listColumn(value.items, place);
    else refuse(place, "something else");
    if ((elements += columns[key].size()) > static_cast<size_t>(kMostElements)) refuse(place, "more than " + std::to_string(kMostElements) + " numbers in all");
  }
  return columns;
}

std::map<std::string, PickledColumn> readPickledColumns(const std::filesystem::path& file) {
  return decodePickledColumns(readFile(file, kLargestFile), file.string());
}

}  // namespace hvlm
