// SPDX-License-Identifier: Apache-2.0
#include "language/conversation.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "support/error.h"
#include "support/json_file.h"
#include "support/text.h"

namespace hvlm {
namespace {

constexpr size_t kLargestFile = 16'000'000;
constexpr const char* kKind = "hvlm conversation";

// Unicode characters; UTF-8 continuation bytes count nothing.
size_t characters(std::string_view text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

size_t characters(const std::vector<ChatMessage>& messages) {
  size_t sum = 0;
  for (const ChatMessage& message : messages) sum += characters(message.content);
  return sum;
}

[[noreturn]] void refuse(const std::filesystem::path& path, const std::string& expected, const std::string& found) {
  throw InputError({.where = path.string(), .expected = expected, .found = found, .remedy = "The file is damaged or of another kind: take another one or begin a new conversation."});
}

std::string textAt(const nlohmann::json& object, const char* key, const std::filesystem::path& path) {
  const auto found = object.is_object() ? object.find(key) : object.end();
  if (!object.is_object() || found == object.end() || !found->is_string()) refuse(path, std::string("a text \"") + key + "\"", shortened(object.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)));
  return found->get<std::string>();
}

bool isDigit(char c) { return c >= '0' && c <= '9'; }

// Reads "m:ss" or "h:mm:ss" and moves `at` behind it.
std::optional<double> readTime(std::string_view text, size_t& at) {
  std::vector<int64_t> parts;
  size_t i = at;
  while (true) {
    const size_t first = i;
    int64_t number = 0;
    while (i < text.size() && isDigit(text[i]) && i - first < 4) number = number * 10 + (text[i++] - '0');
    const size_t digits = i - first;
    // The first part has up to three digits, the others two, below 60.
    if (digits == 0 || digits > 3 || (!parts.empty() && (digits != 2 || number > 59))) return std::nullopt;
    parts.push_back(number);
    if (parts.size() == 3 || i >= text.size() || text[i] != ':') break;
    ++i;
  }
  if (parts.size() < 2) return std::nullopt;
  int64_t seconds = 0;
  for (const int64_t part : parts) seconds = seconds * 60 + part;
  at = i;
  return static_cast<double>(seconds);
}

void skipBlanks(std::string_view text, size_t& at) {
  while (at < text.size() && text[at] == ' ') ++at;
}

bool skipDash(std::string_view text, size_t& at) {
  for (const std::string_view dash : {"-", "–"}) {
    if (text.substr(at, dash.size()) != dash) continue;
    at += dash.size();
    return true;
  }
  return false;
}

// The link whose bracket opens at `begin`, if it is one.
std::optional<MomentLink> readLink(std::string_view text, size_t begin, double duration_seconds) {
  size_t at = begin + 1;
  const std::optional<double> start = readTime(text, at);
  if (!start) return std::nullopt;
  std::optional<double> end = start;
  skipBlanks(text, at);
  if (skipDash(text, at)) {
    skipBlanks(text, at);
    end = readTime(text, at);
    skipBlanks(text, at);
  }
  if (!end || at >= text.size() || text[at] != ']') return std::nullopt;
  if (*start > duration_seconds || *end < *start || *end > std::ceil(duration_seconds)) return std::nullopt;
  return MomentLink{.begin = begin, .end = at + 1, .start_seconds = *start, .end_seconds = std::min(*end, duration_seconds)};
}

}  // namespace

Conversation::Conversation(std::string system, size_t character_budget) : system_(std::move(system)), character_budget_(character_budget) {}

void Conversation::setSystem(std::string text) {
  system_ = std::move(text);
  dropOldest();
}

void Conversation::append(std::string role, std::string content) {
  const char* turn = messages_.size() % 2 == 0 ? "user" : "assistant";
  if (role != turn) {
    throw InputError({.where = "conversation, message " + std::to_string(messages_.size() + 1), .expected = std::string("the role \"") + turn + "\"", .found = "\"" + shortened(role) + "\"",
                      .remedy = "Questions and answers follow each other by turns, the question first."});
  }
  messages_.push_back({std::move(role), std::move(content)});
  dropOldest();
}

void Conversation::dropOldest() {
  size_t sum = characters(system_) + characters(messages_);
  size_t gone = 0;
  while (sum > character_budget_ && messages_.size() - gone > 2) {
    sum -= characters(messages_[gone].content) + characters(messages_[gone + 1].content);
    gone += 2;
    ++dropped_turns_;
  }
  messages_.erase(messages_.begin(), messages_.begin() + static_cast<std::ptrdiff_t>(gone));
}

std::string Conversation::takeBackQuestion() {
  if (messages_.size() % 2 == 0) return {};
  std::string question = std::move(messages_.back().content);
  messages_.pop_back();
  return question;
}

void Conversation::clear() {
  messages_.clear();
  dropped_turns_ = 0;
}

std::vector<ChatMessage> Conversation::prompt(size_t character_budget) const {
  Conversation kept(system_, character_budget);
  kept.messages_ = messages_;
  kept.dropOldest();
  std::vector<ChatMessage> out;
  if (!system_.empty()) out.push_back({"system", system_});
  out.insert(out.end(), kept.messages_.begin(), kept.messages_.end());
  return out;
}

void Conversation::save(const std::filesystem::path& path) const {
  nlohmann::json list = nlohmann::json::array();
  for (const ChatMessage& message : messages_) list.push_back({{"role", message.role}, {"content", message.content}});
  writeJsonFile(path, {{"kind", kKind}, {"version", 1}, {"system", system_}, {"messages", list}});
}

Conversation Conversation::load(const std::filesystem::path& path, size_t character_budget) {
  const nlohmann::json root = readJsonFile(path, kLargestFile);
  if (!root.is_object() || root.value("kind", nlohmann::json()) != kKind) refuse(path, "a saved conversation", "another kind of file");
  if (root.value("version", nlohmann::json()) != 1) refuse(path, "version 1 of a saved conversation", "another version");
  Conversation conversation(textAt(root, "system", path), character_budget);
  const auto messages = root.find("messages");
  if (messages == root.end() || !messages->is_array()) refuse(path, "a list \"messages\"", "none");
  for (const nlohmann::json& message : *messages) {
    const std::string role = textAt(message, "role", path);
    if (role != (conversation.messages_.size() % 2 == 0 ? "user" : "assistant")) refuse(path, "questions and answers by turns", "\"" + shortened(role) + "\" at message " + std::to_string(conversation.messages_.size() + 1));
    conversation.messages_.push_back({role, textAt(message, "content", path)});
  }
  conversation.dropOldest();
  return conversation;
}

std::vector<MomentLink> momentsIn(std::string_view answer, double duration_seconds) {
  std::vector<MomentLink> links;
  if (!std::isfinite(duration_seconds) || duration_seconds <= 0.0) return links;
  for (size_t at = answer.find('['); at != std::string_view::npos; at = answer.find('[', at + 1)) {
    if (const auto link = readLink(answer, at, duration_seconds)) links.push_back(*link);
  }
  return links;
}

std::string momentText(double seconds) {
  constexpr double kLongest = 3.6e6;  // a thousand hours
  const auto whole = std::isfinite(seconds) ? static_cast<int64_t>(std::clamp(seconds, 0.0, kLongest)) : 0;
  const auto two = [](int64_t n) { return (n < 10 ? "0" : "") + std::to_string(n); };
  const std::string tail = two(whole / 60 % 60) + ":" + two(whole % 60);
  return whole < 3600 ? tail : std::to_string(whole / 3600) + ":" + tail;
}

}  // namespace hvlm
