// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "language/event_stream.h"

namespace hvlm {

// Reads what a chat server answers, as it comes: events, one JSON object, or an error of HTTP. Knows nothing of the network.
// Owned by chat(); its functions throw InputError with the address as `where`.
class ChatReply {
 public:
  // `key` is struck out of all messages.
  ChatReply(std::string address, std::string key, const std::function<void(std::string_view)>& on_text);
  // `status` and `content_type` as far as the headers have told.
  void feed(std::string_view bytes, long status, std::string_view content_type);
  // The connection has ended; `whole` tells whether as HTTP says it should. Checks that the answer is there.
  void finish(bool whole, long status);
  bool isDone() const { return done_; }  // the server said [DONE]: nothing more is wanted
  const std::string& text() const { return text_; }

 private:
  enum class Form { kUnknown, kEvents, kJson, kFailure };
  void decideForm(long status, std::string_view content_type);
  void readEvent(std::string_view data);
  void readJson();
  void handOut(std::string_view piece);
  [[noreturn]] void failHttp(long status) const;
  [[noreturn]] void failCut() const;
  [[noreturn]] void fail(const std::string& expected, const std::string& found, const std::string& remedy) const;

  std::string address_, key_;
  const std::function<void(std::string_view)>& on_text_;
  Form form_ = Form::kUnknown;
  EventStream events_;
  WholeCharacters characters_;
  std::string body_;  // not yet, or not to be, read as events
  std::string text_;
  size_t total_ = 0;
  bool done_ = false;
  bool finished_reason_ = false;
  bool any_event_ = false;
};

}  // namespace hvlm
