// SPDX-License-Identifier: Apache-2.0
#include "data/npy.h"

#include <charconv>

#include "support/error.h"
#include "support/text.h"

namespace hvlm {
namespace {

constexpr std::string_view kMagic = "\x93NUMPY";

InputError damaged(const std::string& where, const std::string& found) {
  return InputError({.where = where,
                     .expected = "a .npy file (format 1.0 to 3.0)",
                     .found = found,
                     .remedy = "Save the array again with numpy.save."});
}

// Reads the one Python dict that numpy writes: {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }.
class DictReader {
 public:
  DictReader(std::string_view text, const std::string& where) : text_(text), where_(where) {}

  NpyHeader read() {
    NpyHeader header;
    expect('{');
    while (!accept('}')) {
      const std::string key = quoted();
      expect(':');
      if (key == "descr") {
        header.type = quoted();
      } else if (key == "fortran_order") {
        header.fortran_order = truth();
      } else if (key == "shape") {
        header.shape = tuple();
      } else {
        fail();
      }
      if (!accept(',')) {
        expect('}');
        break;
      }
    }
    return header;
  }

 private:
  [[noreturn]] void fail() const { throw damaged(where_, "a malformed header \"" + shortened(text_) + "\""); }
  void skip() {
    while (at_ < text_.size() && (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\t')) ++at_;
  }
  bool accept(char c) {
    skip();
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  void expect(char c) {
    if (!accept(c)) fail();
  }
  std::string quoted() {
    skip();
    const char quote = at_ < text_.size() ? text_[at_] : '\0';
    if (quote != '\'' && quote != '"') fail();
    const size_t end = text_.find(quote, at_ + 1);
    if (end == std::string_view::npos) fail();
    std::string word(text_.substr(at_ + 1, end - at_ - 1));
    at_ = end + 1;
    return word;
  }
  bool truth() {
    skip();
    for (const bool value : {true, false}) {
      const std::string_view word = value ? "True" : "False";
      if (text_.substr(at_, word.size()) == word) {
        at_ += word.size();
        return value;
      }
    }
    fail();
  }
  std::vector<uint64_t> tuple() {
    std::vector<uint64_t> numbers;
    expect('(');
    while (!accept(')')) {
      skip();
      uint64_t number = 0;
      const auto result = std::from_chars(text_.data() + at_, text_.data() + text_.size(), number);
      if (result.ec != std::errc() || numbers.size() >= 32) fail();
      at_ = static_cast<size_t>(result.ptr - text_.data());
      numbers.push_back(number);
      if (!accept(',')) {
        expect(')');
        break;
      }
    }
    return numbers;
  }

  std::string_view text_;
  const std::string& where_;
  size_t at_ = 0;
};

}  // namespace

NpyHeader parseNpyHeader(std::string_view bytes, const std::string& where) {
  if (bytes.size() < 10 || bytes.substr(0, kMagic.size()) != kMagic) {
    throw damaged(where, bytes.empty() ? "an empty file" : "another format");
  }
  const auto byte = [&](size_t i) { return static_cast<uint64_t>(static_cast<unsigned char>(bytes[i])); };
  const uint64_t version = byte(6);
  if (version < 1 || version > 3) throw damaged(where, "format " + std::to_string(version));
  const size_t start = version == 1 ? 10 : 12;
  if (bytes.size() < start) throw damaged(where, "a truncated header");
  const uint64_t length =
      version == 1 ? byte(8) | byte(9) << 8 : byte(8) | byte(9) << 8 | byte(10) << 16 | byte(11) << 24;
  if (length > kLargestNpyHeader - start || start + length > bytes.size())
    throw damaged(where, "a truncated or oversized header");
  NpyHeader header = DictReader(bytes.substr(start, length), where).read();
  header.data_offset = start + length;
  return header;
}

}  // namespace hvlm
