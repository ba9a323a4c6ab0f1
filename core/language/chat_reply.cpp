// SPDX-License-Identifier: Apache-2.0
#include "language/chat_reply.h"

#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "support/error.h"
#include "support/json_file.h"
#include "support/text.h"

namespace hvlm {
namespace {

constexpr size_t kLargestReply = 64'000'000;
constexpr size_t kLargestFailure = 64'000;  // of an error page, as much as is looked at

constexpr const char* kCheckAddress = "Check that the address is that of a chat server (it usually ends in /v1).";

// A server may cut its words inside a character. JSON does not allow that, so such bytes travel as private characters (U+F780 and
// the byte's lower seven bits) through the parser and become bytes again behind it.
std::string wrapBrokenBytes(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size();) {
    size_t length = 1;
    if ((static_cast<unsigned char>(text[i]) & 0x80) != 0) {
      for (length = 2; length <= 4 && i + length <= text.size(); ++length) {
        WholeCharacters one;
        if (one.add(text.substr(i, length)) == text.substr(i, length)) break;
      }
      if (length > 4 || i + length > text.size()) {
        const auto byte = static_cast<unsigned char>(text[i++]);
        out += {'\xEF', static_cast<char>(0x9E + ((byte & 0x40) >> 6)), static_cast<char>(0x80 | (byte & 0x3F))};
        continue;
      }
    }
    out += text.substr(i, length);
    i += length;
  }
  return out;
}

std::string unwrapBrokenBytes(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool wrapped = i + 2 < text.size() && text[i] == '\xEF' && (text[i + 1] == '\x9E' || text[i + 1] == '\x9F');
    if (!wrapped) {
      out += text[i];
      continue;
    }
    out += static_cast<char>(0x80 | (text[i + 1] == '\x9F' ? 0x40 : 0) | (static_cast<unsigned char>(text[i + 2]) & 0x3F));
    i += 2;
  }
  return out;
}

const nlohmann::json* member(const nlohmann::json* value, const char* key) {
  if (!value || !value->is_object()) return nullptr;
  const auto found = value->find(key);
  return found == value->end() ? nullptr : &*found;
}

// What a server says in {"error": {"message": …}}, {"error": "…"}, {"message": "…"} or {"detail": "…"}.
std::optional<std::string> saidError(const nlohmann::json& reply) {
  const nlohmann::json* error = member(&reply, "error");
  if (error && !error->is_null()) {
    const nlohmann::json* message = member(error, "message");
    if (message && message->is_string()) return message->get<std::string>();
    return error->is_string() ? error->get<std::string>() : error->dump();
  }
  return std::nullopt;
}

std::string failureText(const std::string& body) {
  const nlohmann::json reply = nlohmann::json::parse(body, nullptr, false);
  if (!reply.is_discarded()) {
    if (const auto said = saidError(reply)) return *said;
    for (const char* key : {"message", "detail"}) {
      const nlohmann::json* text = member(&reply, key);
      if (text && text->is_string()) return text->get<std::string>();
    }
  }
  return trimmed(body);
}

std::string remedyOf(long status) {
  if (status == 401 || status == 403) return "Check the key and that it may use this model.";
  if (status == 404) return "Check the address (it usually ends in /v1) and the name of the model.";
  if (status == 400 || status == 413 || status == 422) return "Check the name of the model and whether the question and its evidence fit into the model's context.";
  if (status == 429) return "The server asks to wait: try again later.";
  if (status >= 300 && status < 400) return "The server points elsewhere, which is not followed: give the address it points to.";
  if (status >= 500) return "The server failed: look at its own messages, then try again.";
  return kCheckAddress;
}

}  // namespace

ChatReply::ChatReply(std::string address, std::string key, const std::function<void(std::string_view)>& on_text)
    : address_(std::move(address)), key_(std::move(key)), on_text_(on_text) {}

void ChatReply::fail(const std::string& expected, const std::string& found, const std::string& remedy) const {
  WholeCharacters checker;
  std::string shown = checker.add(found);
  if (!key_.empty()) {
    for (size_t at = shown.find(key_); at != std::string::npos; at = shown.find(key_, at)) shown.replace(at, key_.size(), "…");
  }
  throw InputError({.where = address_, .expected = expected, .found = shortened(shown, 300), .remedy = remedy});
}

void ChatReply::failHttp(long status) const {
  const std::string said = failureText(body_);
  fail("an answer", "HTTP status " + std::to_string(status) + (said.empty() ? "" : ": " + said), remedyOf(status));
}

void ChatReply::failCut() const {
  fail("the whole answer", text_.empty() ? "a connection that ended before the first word" : "a connection that ended in the middle",
       "Look at the server's own messages, then ask again.");
}

void ChatReply::feed(std::string_view bytes, long status, std::string_view content_type) {
  total_ += bytes.size();
  if (total_ > kLargestReply) fail("at most 64 MB", "a longer reply", kCheckAddress);
  if (form_ == Form::kFailure) {
    if (body_.size() < kLargestFailure) body_ += bytes;
    return;
  }
  if (form_ != Form::kEvents) {
    body_ += bytes;
    if (form_ == Form::kUnknown) decideForm(status, content_type);
    if (form_ != Form::kEvents) return;
  }
  const std::string first = std::exchange(body_, {});
  const auto on_data = [this](std::string_view data) { readEvent(data); };
  if (!events_.feed(first.empty() ? bytes : std::string_view(first), on_data)) fail("events of at most 4 MB", "a larger one", kCheckAddress);
}

// By status and type; servers that name no type are judged by the first word, which may come in pieces.
void ChatReply::decideForm(long status, std::string_view content_type) {
  if (status != 200) {
    form_ = Form::kFailure;
  } else if (content_type.starts_with("text/event-stream")) {
    form_ = Form::kEvents;
  } else if (content_type.starts_with("application/json")) {
    form_ = Form::kJson;
  } else {
    const size_t first = body_.find_first_not_of(" \t\r\n\xEF\xBB\xBF");
    if (first == std::string::npos) return;
    const std::string_view start = std::string_view(body_).substr(first);
    bool begun = false;
    for (const std::string_view field : {"data", "event", "id:", "retry:", ":"}) {
      if (start.starts_with(field)) form_ = Form::kEvents;
      begun = begun || field.starts_with(start);
    }
    if (form_ == Form::kUnknown && !begun) form_ = Form::kJson;
  }
}

void ChatReply::handOut(std::string_view piece) {
  if (piece.empty()) return;
  text_ += piece;
  if (on_text_) on_text_(piece);
}

void ChatReply::readEvent(std::string_view data) {
  if (done_ || data.empty()) return;
  if (trimmed(data) == "[DONE]") {
    done_ = true;
    return;
  }
  nlohmann::json event = nlohmann::json::parse(data, nullptr, false);
  bool wrapped = false;
  if (event.is_discarded()) {
    event = nlohmann::json::parse(wrapBrokenBytes(data), nullptr, false);
    wrapped = true;
  }
  if (!event.is_object()) fail("events with JSON objects", "\"" + std::string(data.substr(0, 200)) + "\"", kCheckAddress);
  if (const auto said = saidError(event)) fail("an answer", *said, "Look at the server's own messages, then ask again.");
  any_event_ = true;
  const nlohmann::json* choices = member(&event, "choices");
  if (!choices || !choices->is_array() || choices->empty()) return;  // counts of tokens and the like
  const nlohmann::json& choice = choices->front();
  const nlohmann::json* content = member(member(&choice, "delta"), "content");
  if (!content) content = member(&choice, "text");
  if (content && content->is_string()) {
    const auto& piece = content->get_ref<const std::string&>();
    handOut(characters_.add(wrapped ? unwrapBrokenBytes(piece) : piece));
  }
  const nlohmann::json* reason = member(&choice, "finish_reason");
  finished_reason_ = finished_reason_ || (reason && !reason->is_null());
}

void ChatReply::readJson() {
  nlohmann::json reply;
  try {
    reply = parseJson(body_, address_);
  } catch (const InputError&) {
    fail("a chat server's answer (events or JSON)", body_.empty() ? "an empty reply" : "\"" + shortened(trimmed(body_), 200) + "\"", kCheckAddress);
  }
  if (const auto said = saidError(reply)) fail("an answer", *said, "Look at the server's own messages, then ask again.");
  const nlohmann::json* choices = member(&reply, "choices");
  const nlohmann::json* choice = choices && choices->is_array() && !choices->empty() ? &choices->front() : nullptr;
  const nlohmann::json* content = member(member(choice, "message"), "content");
  if (!content) content = member(choice, "text");
  if (!content || !content->is_string()) fail("JSON with choices[0].message.content", "\"" + shortened(trimmed(body_), 200) + "\"", kCheckAddress);
  handOut(content->get_ref<const std::string&>());
}

void ChatReply::finish(bool whole, long status) {
  if (status != 0 && status != 200) failHttp(status);
  if (form_ == Form::kEvents && whole && !done_) events_.finish([this](std::string_view data) { readEvent(data); });
  if (form_ == Form::kEvents) {
    handOut(characters_.finish());
    if (whole && !any_event_ && !done_) fail("a chat server's answer (events or JSON)", "no event", kCheckAddress);
    if (!done_ && !finished_reason_) failCut();
    return;
  }
  if (!whole) failCut();
  readJson();
}

}  // namespace hvlm
