// SPDX-License-Identifier: Apache-2.0
#include "language/event_stream.h"

#include <utility>

namespace hvlm {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

// Bytes of the character that `first` begins; 0 when none begins so.
size_t lengthOf(unsigned char first) { return first < 0x80 ? 1 : first < 0xC2 ? 0 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : first < 0xF5 ? 4 : 0; }

// May `second` follow `first`? Rules out overlong forms, surrogates and what lies past U+10FFFF.
bool mayFollow(unsigned char first, unsigned char second) {
  if ((second & 0xC0) != 0x80) return false;
  if (first == 0xE0) return second >= 0xA0;
  if (first == 0xED) return second < 0xA0;
  if (first == 0xF0) return second >= 0x90;
  if (first == 0xF4) return second < 0x90;
  return true;
}

}  // namespace

bool EventStream::feed(std::string_view piece, const std::function<void(std::string_view)>& on_data) {
  for (const char c : piece) {
    const bool second_half = std::exchange(after_return_, c == '\r') && c == '\n';
    if (second_half) continue;
    if (c == '\n' || c == '\r') {
      endLine(on_data);
    } else {
      line_ += c;
      if (line_.size() + data_.size() > largest_event_) return false;
    }
  }
  return true;
}

void EventStream::endLine(const std::function<void(std::string_view)>& on_data) {
  std::string line = std::exchange(line_, {});
  if (std::exchange(first_line_, false) && line.starts_with("\xEF\xBB\xBF")) line.erase(0, 3);
  if (line.empty()) {
    const std::string data = std::exchange(data_, {});
    if (std::exchange(has_data_, false)) on_data(data);
    return;
  }
  const bool bare = line == "data";
  if (!bare && !line.starts_with("data:")) return;
  std::string_view value = bare ? std::string_view() : std::string_view(line).substr(5);
  if (value.starts_with(' ')) value.remove_prefix(1);
  if (std::exchange(has_data_, true)) data_ += '\n';
  data_ += value;
}

void EventStream::finish(const std::function<void(std::string_view)>& on_data) {
  if (!line_.empty()) endLine(on_data);
  endLine(on_data);
}

std::string WholeCharacters::add(std::string_view piece) {
  std::string text = std::exchange(rest_, {});
  text += piece;
  std::string out;
  size_t i = 0;
  while (i < text.size()) {
    const auto first = static_cast<unsigned char>(text[i]);
    const size_t length = lengthOf(first);
    size_t good = length == 0 ? 0 : 1;
    while (good < length && i + good < text.size()) {
      const auto next = static_cast<unsigned char>(text[i + good]);
      if (good == 1 ? !mayFollow(first, next) : (next & 0xC0) != 0x80) break;
      ++good;
    }
    if (length > 0 && good == length) {
      out.append(text, i, length);
      i += length;
    } else if (length > 0 && i + good == text.size()) {
      rest_ = text.substr(i);  // more may come
      break;
    } else {
      out += kReplacement;
      i += good == 0 ? 1 : good;
    }
  }
  return out;
}

std::string WholeCharacters::finish() { return std::exchange(rest_, {}).empty() ? std::string() : std::string(kReplacement); }

}  // namespace hvlm
