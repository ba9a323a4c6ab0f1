// SPDX-License-Identifier: Apache-2.0
#include "language/instructions.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <nlohmann/json.hpp>
#include <utility>

#include "support/error.h"
#include "support/json_file.h"
#include "support/text.h"

namespace hvlm {
namespace {

constexpr size_t kLargestFile = 2'000'000'000;
constexpr size_t kLongestText = 1'000'000;
constexpr size_t kMostTurns = 1000;

// The text of `key`; "" when it is absent or no text. Numbers are taken for ids.
std::string textOf(const nlohmann::json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end()) return {};
  if (found->is_string()) return trimmed(found->get_ref<const std::string&>());
  return found->is_number_integer() ? found->dump() : std::string();
}

// Why an item cannot be used; "" when it can.
std::string readPair(const nlohmann::json& source, size_t index, Instruction& item) {
  const std::string question = textOf(source, "q"), answer = textOf(source, "a");
  item.video = textOf(source, "video_id");
  if (item.video.empty()) return "no video";
  if (question.empty()) return "no question";
  if (answer.empty()) return "no answer";
  if (std::max(question.size(), answer.size()) > kLongestText) return "too long";
  item.id = item.video + "_" + std::to_string(index);
  const std::string token(kVideoToken);
  item.messages = {{"user", index % 2 == 0 ? question + "\n" + token : token + "\n" + question}, {"assistant", answer}};
  return {};
}

std::string roleOf(const std::string& from) {
  if (from == "human" || from == "user") return "user";
  if (from == "gpt" || from == "assistant") return "assistant";
  return from == "system" ? from : std::string();
}

std::string readTalk(const nlohmann::json& source, size_t index, Instruction& item) {
  item.video = textOf(source, "video");
  if (item.video.empty()) return "no video";
  item.id = textOf(source, "id");
  if (item.id.empty()) item.id = item.video + "_" + std::to_string(index);
  const nlohmann::json& turns = source.at("conversations");
  if (!turns.is_array() || turns.empty()) return "no question";
  if (turns.size() > kMostTurns) return "too long";
  size_t spoken = 0;
  for (const nlohmann::json& turn : turns) {
    if (!turn.is_object()) return "another form";
    ChatMessage message{roleOf(textOf(turn, "from")), textOf(turn, "value")};
    if (message.role.empty()) return "unknown role";
    if (message.content.empty()) return message.role == "assistant" ? "no answer" : "no question";
    if (message.content.size() > kLongestText) return "too long";
    if (message.role == "system" ? !item.messages.empty() : message.role != (spoken % 2 == 0 ? "user" : "assistant")) return "roles out of turn";
    if (message.role != "system") ++spoken;
    item.messages.push_back(std::move(message));
  }
  return spoken == 0 ? "no question" : spoken % 2 != 0 ? "no answer" : "";
}

std::string readItem(const nlohmann::json& source, size_t index, Instruction& item) {
  if (!source.is_object()) return "another form";
  if (source.contains("conversations")) return readTalk(source, index, item);
  return source.contains("q") || source.contains("a") ? readPair(source, index, item) : "another form";
}

std::string reasons(const std::map<std::string, int64_t>& dropped) {
  std::string text;
  for (const auto& [reason, count] : dropped) text += (text.empty() ? "" : ", ") + std::to_string(count) + " with: " + reason;
  return text.empty() ? "an empty list" : text;
}

}  // namespace

// Only known endings go: ids may hold dots.
std::string bareVideo(std::string_view name) {
  constexpr std::array<std::string_view, 12> kEndings = {".mp4", ".mkv", ".webm", ".avi", ".mov", ".npy", ".npz", ".pkl", ".pt", ".pth", ".h5", ".safetensors"};
  const size_t slash = name.rfind('/');
  if (slash != std::string_view::npos) name.remove_prefix(slash + 1);
  for (const std::string_view ending : kEndings) {
    if (name.size() <= ending.size() || !name.ends_with(ending)) continue;
    name.remove_suffix(ending.size());
    break;
  }
  if (name.size() > 2 && name.starts_with("v_")) name.remove_prefix(2);
  return std::string(name);
}

InstructionSet readInstructions(const std::filesystem::path& path) {
  const nlohmann::json root = readJsonFile(path, kLargestFile);
  const std::string forms = "a list of {q, a, video_id} or of {id, video, conversations}";
  const std::string remedy = "Check that this is a file of instructions.";
  if (!root.is_array()) throw InputError({.where = path.string(), .expected = forms, .found = "no list", .remedy = remedy});
  InstructionSet set;
  for (size_t i = 0; i < root.size(); ++i) {
    Instruction item;
    const std::string reason = readItem(root[i], i, item);
    if (reason.empty()) {
      set.items.push_back(std::move(item));
    } else {
      ++set.dropped[reason];
    }
  }
  if (set.items.empty()) throw InputError({.where = path.string(), .expected = forms, .found = reasons(set.dropped), .remedy = remedy});
  return set;
}

InstructionSet filterInstructions(InstructionSet set, const std::set<std::string>& feature_ids) {
  std::set<std::string> bare;
  for (const std::string& id : feature_ids) bare.insert(bareVideo(id));
  const size_t before = set.items.size();
  std::erase_if(set.items, [&bare](const Instruction& item) { return !bare.contains(bareVideo(item.video)); });
  if (set.items.size() < before) set.dropped["no features"] += static_cast<int64_t>(before - set.items.size());
  return set;
}

void writeInstructions(const std::filesystem::path& path, std::span<const Instruction> items) {
  nlohmann::json list = nlohmann::json::array();
  for (const Instruction& item : items) {
    nlohmann::json turns = nlohmann::json::array();
    for (const ChatMessage& message : item.messages) {
      const char* from = message.role == "user" ? "human" : message.role == "assistant" ? "gpt" : "system";
      turns.push_back({{"from", from}, {"value", message.content}});
    }
    list.push_back({{"id", item.id}, {"video", item.video}, {"conversations", std::move(turns)}});
  }
  writeJsonFile(path, list);
}

}  // namespace hvlm
