// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace hvlm {

// Reads server-sent events from pieces that end anywhere. Lines end with LF, CR or CRLF; comments and fields other than `data` are
// passed over. One thread at a time.
class EventStream {
 public:
  explicit EventStream(size_t largest_event = 4'000'000) : largest_event_(largest_event) {}
  // Calls `on_data` for each event that ends in this piece. False when an event is larger than allowed.
  bool feed(std::string_view piece, const std::function<void(std::string_view data)>& on_data);
  // The stream has ended: hands out an event that lacks its empty line.
  void finish(const std::function<void(std::string_view data)>& on_data);

 private:
  void endLine(const std::function<void(std::string_view)>& on_data);

  size_t largest_event_;
  std::string line_, data_;
  bool has_data_ = false;
  bool after_return_ = false;  // an LF that follows belongs to the CR before it
  bool first_line_ = true;     // may begin with a byte order mark
};

// Joins pieces of text that may be cut inside a UTF-8 character: what add() returns ends with a whole character. Bytes that are no
// UTF-8 become U+FFFD.
class WholeCharacters {
 public:
  std::string add(std::string_view piece);
  std::string finish();  // U+FFFD for a character that never became whole, else ""

 private:
  std::string rest_;
};

}  // namespace hvlm
