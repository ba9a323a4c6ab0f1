// SPDX-License-Identifier: Apache-2.0
#include "runs/pickle.h"

#include <bit>
#include <cstring>
#include <map>

#include "support/error.h"
#include "support/text.h"

namespace hvlm::pickle {
namespace {

using Kind = Value::Kind;

constexpr size_t kMostValues = 2'000'000;
constexpr size_t kLongestText = 1 << 20;
constexpr size_t kMostDimensions = 16;

const std::map<std::string, std::string>& storageTypes() {
  static const std::map<std::string, std::string> types = {{"torch FloatStorage", "F32"},  {"torch DoubleStorage", "F64"}, {"torch HalfStorage", "F16"}, {"torch BFloat16Storage", "BF16"},
                                                           {"torch LongStorage", "I64"},   {"torch IntStorage", "I32"},    {"torch ShortStorage", "I16"}, {"torch CharStorage", "I8"},
                                                           {"torch ByteStorage", "U8"},    {"torch BoolStorage", "BOOL"}};
  return types;
}

bool isKnownName(const std::string& name) {
  return storageTypes().contains(name) || name == "collections OrderedDict" || name == "torch._utils _rebuild_tensor_v2" || name == "torch._utils _rebuild_parameter";
}

class Reader {
 public:
  Reader(std::string_view bytes, size_t position, const std::string& where, const Dialect* dialect)
      : bytes_(bytes), at_(position), where_(where), dialect_(dialect), most_values_(dialect ? dialect->most_values : kMostValues),
        longest_text_(dialect ? dialect->longest_text : kLongestText) {}

  ValuePtr run() {
    while (true) {
      const auto opcode = static_cast<uint8_t>(take(1)[0]);
      if (opcode == '.') {
        ValuePtr result = pop();
        return result;
      }
      step(opcode);
    }
  }
  size_t position() const { return at_; }

 private:
  [[noreturn]] void refuse(const std::string& found) const {
    throw InputError({.where = where_ + ", byte " + std::to_string(at_), .expected = dialect_ ? dialect_->expected : "a pickle of tensors and plain values", .found = found,
                      .remedy = dialect_ ? dialect_->remedy : "Save the state_dict() alone, as safetensors if you can."});
  }
  std::string_view take(size_t count) {
    if (count > bytes_.size() - at_) refuse("the end of the data");
    const std::string_view part = bytes_.substr(at_, count);
    at_ += count;
    return part;
  }
  uint64_t number(size_t bytes) {
    const std::string_view part = take(bytes);
    uint64_t value = 0;
    for (size_t i = 0; i < bytes; ++i) value |= static_cast<uint64_t>(static_cast<uint8_t>(part[i])) << (8 * i);
    return value;
  }
  std::string line() {
    const size_t end = bytes_.find('\n', at_);
    if (end == std::string_view::npos || end - at_ > 1000) refuse("a name without an end");
    std::string text(bytes_.substr(at_, end - at_));
    at_ = end + 1;
    return text;
  }

  ValuePtr make(Kind kind) {
    if (++values_ > most_values_) refuse("more than " + std::to_string(most_values_) + " values");
    auto value = std::make_shared<Value>();
    value->kind = kind;
    return value;
  }
  void push(ValuePtr value) {
    if (stack_.size() > most_values_) refuse("a stack without an end");
    stack_.push_back(std::move(value));
  }
  void pushInteger(int64_t i) {
    ValuePtr value = make(Kind::kInteger);
    value->integer = i;
    push(std::move(value));
  }
  void pushText(size_t length) {
    if (length > longest_text_) refuse("a text of " + std::to_string(length) + " bytes");
    ValuePtr value = make(Kind::kText);
    value->text = std::string(take(length));
    push(std::move(value));
  }
  ValuePtr pop() {
    if (stack_.empty()) refuse("a stack that is empty");
    ValuePtr value = std::move(stack_.back());
    stack_.pop_back();
    return value;
  }
  Value& top() {
    if (stack_.empty()) refuse("a stack that is empty");
    return *stack_.back();
  }
  std::vector<ValuePtr> popToMark() {
    size_t mark = stack_.size();
    while (mark > 0 && stack_[mark - 1]->kind != Kind::kMark) --mark;
    if (mark == 0) refuse("no mark");
    std::vector<ValuePtr> items(std::make_move_iterator(stack_.begin() + static_cast<std::ptrdiff_t>(mark)), std::make_move_iterator(stack_.end()));
    stack_.resize(mark - 1);
    return items;
  }
  void pushTuple(std::vector<ValuePtr> items) {
    ValuePtr tuple = make(Kind::kTuple);
    tuple->items = std::move(items);
    push(std::move(tuple));
  }
  void pushTop(size_t count) {
    std::vector<ValuePtr> items(count);
    for (size_t i = count; i > 0; --i) items[i - 1] = pop();
    pushTuple(std::move(items));
  }
  void pushName(const std::string& name) {
    if (!(dialect_ ? dialect_->knows(name) : isKnownName(name))) refuse("the name \"" + shortened(name) + "\": code, which is never executed");
    ValuePtr value = make(Kind::kName);
    value->text = name;
    push(std::move(value));
  }
  void remember(uint64_t key) {
    if (key > most_values_) refuse("memo " + std::to_string(key));
    if (stack_.empty()) refuse("a stack that is empty");
    memo_[key] = stack_.back();
  }
  void recall(uint64_t key) {
    const auto found = memo_.find(key);
    if (found == memo_.end()) refuse("memo " + std::to_string(key) + ", never stored");
    push(found->second);
  }
  void putAll(std::vector<ValuePtr> items, Kind kind) {
    Value& target = top();
    if (target.kind != kind || (kind == Kind::kDictionary && items.size() % 2 != 0)) refuse("items of another kind");
    values_ += items.size();
    if (values_ > most_values_) refuse("more than " + std::to_string(most_values_) + " values");
    target.items.insert(target.items.end(), std::make_move_iterator(items.begin()), std::make_move_iterator(items.end()));
  }

  std::vector<int64_t> integersOf(const Value& tuple) const {
    std::vector<int64_t> out;
    if (tuple.kind != Kind::kTuple || tuple.items.size() > kMostDimensions) refuse("a tensor without a shape");
    for (const ValuePtr& item : tuple.items) {
      if (item->kind != Kind::kInteger || item->integer < 0) refuse("a tensor with a shape that is none");
      out.push_back(item->integer);
    }
    return out;
  }

  void reduce() {
    const ValuePtr arguments = pop(), name = pop();
    if (name->kind != Kind::kName || arguments->kind != Kind::kTuple) refuse("a call of something that is no name");
    if (dialect_) {
      std::string fault;
      ValuePtr made = dialect_->call(name->text, arguments->items, fault);
      if (!made) refuse(fault.empty() ? "a call of " + name->text : fault);
      if (++values_ > most_values_) refuse("more than " + std::to_string(most_values_) + " values");
      push(std::move(made));
    } else if (name->text == "collections OrderedDict") {
      ValuePtr dictionary = make(Kind::kDictionary);
      for (const ValuePtr& pairs : arguments->items) {
        for (const ValuePtr& pair : pairs->items) dictionary->items.insert(dictionary->items.end(), pair->items.begin(), pair->items.end());
      }
      if (dictionary->items.size() % 2 != 0) refuse("a dictionary that is none");
      if ((values_ += dictionary->items.size()) > most_values_) refuse("more than " + std::to_string(most_values_) + " values");
      push(std::move(dictionary));
    } else if (name->text == "torch._utils _rebuild_parameter") {
      if (arguments->items.empty()) refuse("a parameter of nothing");
      push(arguments->items[0]);
    } else if (name->text == "torch._utils _rebuild_tensor_v2") {
      if (arguments->items.size() < 4 || arguments->items[0]->kind != Kind::kStorage || arguments->items[1]->kind != Kind::kInteger) refuse("a tensor without a storage");
      ValuePtr tensor = make(Kind::kTensor);
      const Value& storage = *arguments->items[0];
      tensor->text = storage.text, tensor->dtype = storage.dtype, tensor->count = storage.count;
      tensor->offset = arguments->items[1]->integer;
      tensor->sizes = integersOf(*arguments->items[2]);
      tensor->strides = integersOf(*arguments->items[3]);
      if (tensor->sizes.size() != tensor->strides.size() || tensor->offset < 0) refuse("a tensor with a shape that is none");
      push(std::move(tensor));
    } else {
      refuse("a call of " + name->text);
    }
  }

  void build() {
    const ValuePtr state = pop();
    Value& target = top();
    if (target.kind == Kind::kDictionary) return;  // attributes such as _metadata
    if (!dialect_) refuse("a state of something that is no dictionary");
    std::string fault;
    dialect_->build(target, *state, fault);
    if (!fault.empty()) refuse(fault);
  }

  // ('storage', type, key, device, elements[, view])
  void persistent() {
    const ValuePtr id = pop();
    const auto& items = id->items;
    const bool good = id->kind == Kind::kTuple && items.size() >= 5 && items[0]->text == "storage" && items[1]->kind == Kind::kName && items[2]->kind == Kind::kText && items[4]->kind == Kind::kInteger;
    if (!good) refuse("a reference that is no storage");
    const auto type = storageTypes().find(items[1]->text);
    if (type == storageTypes().end()) refuse("a storage of " + items[1]->text);
    if (items.size() > 5 && items[5]->kind != Kind::kNone) refuse("a view of a storage, an old form that is not read");
    ValuePtr storage = make(Kind::kStorage);
    storage->text = items[2]->text;
    storage->dtype = type->second;
    storage->count = items[4]->integer;
    push(std::move(storage));
  }

  void step(uint8_t opcode) {
    switch (opcode) {
      case 0x80: number(1); break;                       // PROTO
      case 0x95: number(8); break;                       // FRAME
      case '(': push(make(Kind::kMark)); break;
      case '0': pop(); break;
      case 'N': push(make(Kind::kNone)); break;
      case 0x88: pushInteger(1); break;
      case 0x89: pushInteger(0); break;
      case 'J': pushInteger(static_cast<int32_t>(number(4))); break;
      case 'K': pushInteger(static_cast<int64_t>(number(1))); break;
      case 'M': pushInteger(static_cast<int64_t>(number(2))); break;
      case 0x8a: {  // LONG1: two's complement; what is wider than 64 bits is a magic number and only passed by
        const auto bytes = static_cast<size_t>(number(1));
        if (bytes > 8) {
          take(bytes);
          pushInteger(0);
          break;
        }
        uint64_t value = number(bytes);
        if (bytes > 0 && bytes < 8 && (value >> (8 * bytes - 1)) & 1) value |= ~uint64_t{0} << (8 * bytes);
        pushInteger(static_cast<int64_t>(value));
        break;
      }
      case 'G': {
        uint64_t bits = 0;
        for (const char byte : take(8)) bits = (bits << 8) | static_cast<uint8_t>(byte);
        ValuePtr value = make(Kind::kReal);
        value->real = std::bit_cast<double>(bits);
        push(std::move(value));
        break;
      }
      case 'X': case 'T': case 'B': pushText(static_cast<size_t>(number(4))); break;
      case 'U': case 0x8c: case 'C': pushText(static_cast<size_t>(number(1))); break;
      case 0x8d: case 0x8e: case 0x96: pushText(static_cast<size_t>(number(8))); break;  // long texts, bytes and arrays of bytes
      case '}': push(make(Kind::kDictionary)); break;
      case ']': push(make(Kind::kList)); break;
      case ')': push(make(Kind::kTuple)); break;
      case 't': pushTuple(popToMark()); break;
      case 0x85: pushTop(1); break;
      case 0x86: pushTop(2); break;
      case 0x87: pushTop(3); break;
      case 's': {
        ValuePtr value = pop(), key = pop();
        putAll({std::move(key), std::move(value)}, Kind::kDictionary);
        break;
      }
      case 'u': putAll(popToMark(), Kind::kDictionary); break;
      case 'a': putAll({pop()}, Kind::kList); break;
      case 'e': putAll(popToMark(), Kind::kList); break;
      case 'b': build(); break;
      case 'q': remember(number(1)); break;
      case 'r': remember(number(4)); break;
      case 0x94: remember(memo_.size()); break;
      case 'h': recall(number(1)); break;
      case 'j': recall(number(4)); break;
      case 'c': {
        const std::string module = line();
        pushName(module + " " + line());
        break;
      }
      case 0x93: {
        const ValuePtr name = pop(), module = pop();
        pushName(module->text + " " + name->text);
        break;
      }
      case 'R': reduce(); break;
      case 'Q': persistent(); break;
      default: refuse("opcode " + std::to_string(opcode) + ", which plain data do not need");
    }
  }

  std::string_view bytes_;
  size_t at_;
  const std::string& where_;
  const Dialect* dialect_;
  size_t most_values_, longest_text_;
  std::vector<ValuePtr> stack_;
  std::map<uint64_t, ValuePtr> memo_;
  size_t values_ = 0;
};

}  // namespace

Value::~Value() {
  std::vector<ValuePtr> open = std::move(items);
  while (!open.empty()) {
    const ValuePtr value = std::move(open.back());
    open.pop_back();
    if (value.use_count() > 1) continue;
    open.insert(open.end(), std::make_move_iterator(value->items.begin()), std::make_move_iterator(value->items.end()));
    value->items.clear();
  }
}

ValuePtr read(std::string_view bytes, size_t& position, const std::string& where, const Dialect* dialect) {
  Reader reader(bytes, position, where, dialect);
  ValuePtr value = reader.run();
  position = reader.position();
  return value;
}

}  // namespace hvlm::pickle
