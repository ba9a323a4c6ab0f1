// SPDX-License-Identifier: Apache-2.0
#include "language/judge.h"

#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "support/atomic_file.h"
#include "support/error.h"
#include "support/hash.h"
#include "support/json_file.h"
#include "support/text.h"

namespace hvlm {
namespace {

namespace fs = std::filesystem;
using Scores = std::map<std::string, std::optional<int>>;  // by key of the question to the judge
constexpr size_t kLargestFile = 1'000'000'000;
constexpr size_t kKeptReply = 500;

bool applies(JudgedDimension dimension, const JudgedItem& item) {
  return dimension != JudgedDimension::kConsistency || (!item.second_question.empty() && !item.second_answer.empty());
}

// Everything a reply depends on.
std::string keyOf(const Judge& judge, const std::string& prompts_hash, JudgedDimension dimension, const JudgedItem& item) {
  std::string all;
  for (const std::string& part : {judge.name, judge.version, prompts_hash, std::string(dimensionName(dimension)), item.id, item.question, item.reference, item.answer,
                                  dimension == JudgedDimension::kConsistency ? item.second_question : std::string(), dimension == JudgedDimension::kConsistency ? item.second_answer : std::string()}) {
    all += std::to_string(part.size()) + ":" + part;
  }
  return contentHash(all);
}

// The replies that are there. A line that was cut when it was written (the machine went down) is as good as absent; one of another
// form is an error.
Scores readScores(const fs::path& path, bool& ends_in_line) {
  Scores scores;
  ends_in_line = true;
  if (!fs::exists(path)) return scores;
  const std::string text = readFile(path, kLargestFile);
  ends_in_line = text.empty() || text.back() == '\n';
  const std::vector<std::string> lines = split(text, '\n');
  for (size_t i = 0; i < lines.size(); ++i) {
    if (trimmed(lines[i]).empty()) continue;
    const nlohmann::json line = nlohmann::json::parse(lines[i], nullptr, false);
    const bool good = line.is_object() && line.contains("key") && line["key"].is_string() && line.contains("score") && (line["score"].is_null() || line["score"].is_number_integer());
    if (line.is_discarded()) continue;  // cut short when it was written
    if (!good) {
      throw InputError({.where = path.string() + ", line " + std::to_string(i + 1), .expected = "a judge's reply with key and score", .found = "\"" + shortened(lines[i]) + "\"", .remedy = "Name another file for the replies."});
    }
    scores[line["key"].get<std::string>()] = line["score"].is_null() ? std::nullopt : std::optional<int>(line["score"].get<int>());
  }
  return scores;
}

std::string ask(const Judge& judge, JudgedDimension dimension, const JudgedItem& item, std::stop_token stop) {
  const std::vector<ChatMessage> messages = judgePrompt(dimension, item);
  if (judge.command.words.empty()) return chat(judge.server, messages, std::move(stop), {});
  nlohmann::json list = nlohmann::json::array();
  for (const ChatMessage& message : messages) list.push_back({{"role", message.role}, {"content", message.content}});
  const nlohmann::json input = {{"dimension", dimensionName(dimension)}, {"id", item.id}, {"messages", list}};
  return runLocalCommand(judge.command, input.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n", std::move(stop));
}

void checkJudge(const Judge& judge) {
  for (const auto& [text, what] : {std::pair{&judge.name, "name"}, std::pair{&judge.version, "version"}}) {
    if (!trimmed(*text).empty()) continue;
    throw InputError({.where = "judge", .expected = std::string("its ") + what, .found = "none", .remedy = "Scores are worth nothing without who gave them: name the judge and its version."});
  }
}

}  // namespace

JudgeResult judgeItems(const Judge& judge, std::span<const JudgedItem> items, std::span<const JudgedDimension> dimensions, const fs::path& items_file, std::stop_token stop,
                       const std::function<void(int64_t, int64_t)>& on_progress) {
  checkJudge(judge);
  JudgeResult result{.judge = judge.name, .version = judge.version, .prompts_hash = judgePromptsHash(), .dimensions = {}, .resumed = 0};
  bool ends_in_line = true;
  Scores known = readScores(items_file, ends_in_line);
  AppendFile file(items_file);
  if (!ends_in_line) file.append("\n");
  int64_t done = 0, all = 0;
  for (const JudgedDimension dimension : dimensions) {
    for (const JudgedItem& item : items) all += applies(dimension, item);
  }
  std::array<int64_t, kJudgedDimensions.size()> sums = {};
  for (const JudgedDimension dimension : dimensions) {
    DimensionScore& score = result.dimensions[static_cast<size_t>(dimension)];
    for (const JudgedItem& item : items) {
      if (!applies(dimension, item)) continue;
      const std::string key = keyOf(judge, result.prompts_hash, dimension, item);
      auto found = known.find(key);
      if (found != known.end()) {
        ++result.resumed;
      } else {
        if (stop.stop_requested()) throw Interrupted("stopped: the replies so far are kept");
        const std::string reply = ask(judge, dimension, item, stop);
        found = known.emplace(key, parseScore(reply)).first;
        const nlohmann::json line = {{"key", key}, {"id", item.id}, {"dimension", dimensionName(dimension)}, {"judge", judge.name}, {"version", judge.version},
                                     {"score", found->second ? nlohmann::json(*found->second) : nlohmann::json()}, {"reply", shortened(trimmed(reply), kKeptReply)}};
        file.append(line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
      }
      ++score.items;
      ++(found->second ? score.scored : score.unparsed);
      sums[static_cast<size_t>(dimension)] += found->second.value_or(0);
      if (on_progress) on_progress(++done, all);
    }
    if (score.scored > 0) score.mean = static_cast<double>(sums[static_cast<size_t>(dimension)]) / static_cast<double>(score.scored);
  }
  file.sync();
  return result;
}

nlohmann::json judgeResultJson(const JudgeResult& result) {
  nlohmann::json dimensions = nlohmann::json::object();
  for (size_t i = 0; i < kJudgedDimensions.size(); ++i) {
    const DimensionScore& score = result.dimensions[i];
    if (score.items == 0) continue;
    dimensions[dimensionName(kJudgedDimensions[i])] = {{"mean", score.mean ? nlohmann::json(*score.mean) : nlohmann::json()}, {"items", score.items}, {"scored", score.scored}, {"unparsed", score.unparsed}};
  }
  return {{"judge", result.judge}, {"version", result.version}, {"prompts_hash", result.prompts_hash}, {"dimensions", dimensions}, {"resumed", result.resumed}};
}

std::vector<JudgedItem> readJudgedItems(const fs::path& path) {
  const nlohmann::json root = readJsonFile(path, kLargestFile);
  const auto refuse = [&path](size_t i, const std::string& found) {
    throw InputError({.where = path.string() + ", item " + std::to_string(i + 1), .expected = "id, question, reference and answer as texts", .found = found, .remedy = "Check the file."});
  };
  if (!root.is_array()) refuse(0, "no list");
  std::vector<JudgedItem> items;
  for (size_t i = 0; i < root.size(); ++i) {
    JudgedItem item;
    const auto read = [&](const char* key, std::string& into, bool needed) {
      const auto found = root[i].is_object() ? root[i].find(key) : root[i].end();
      const bool there = root[i].is_object() && found != root[i].end();
      if (there ? !found->is_string() : needed) refuse(i, std::string("no text \"") + key + "\"");
      if (there) into = found->get<std::string>();
    };
    read("id", item.id, true);
    read("question", item.question, true);
    read("reference", item.reference, true);
    read("answer", item.answer, true);
    read("second_question", item.second_question, false);
    read("second_answer", item.second_answer, false);
    items.push_back(std::move(item));
  }
  return items;
}

}  // namespace hvlm
