// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "language/chat_server.h"
#include "language/local_command.h"

namespace hvlm {

// What a language model is asked to judge of an answer about a video, one question each, 0 to 5.
enum class JudgedDimension { kCorrectness, kDetail, kContext, kTemporal, kConsistency };
inline constexpr std::array kJudgedDimensions = {JudgedDimension::kCorrectness, JudgedDimension::kDetail, JudgedDimension::kContext, JudgedDimension::kTemporal, JudgedDimension::kConsistency};
const char* dimensionName(JudgedDimension dimension);  // "correctness", "detail", "context", "temporal", "consistency"

// Who judges. Scores of different judges, or of two versions of one, must not be compared, so name and version are asked for.
struct Judge {
  std::string name;      // e.g. "qwen2.5-7b-instruct"
  std::string version;   // e.g. the file's hash or the service's date
  ServerOptions server;  // used when `command` is empty
  LocalCommand command;  // reads {"dimension", "id", "messages": [{role, content}]} on stdin, answers on stdout
};

// One question with the answer to judge. Consistency needs a second wording of the question and its answer; items without are left
// out of that dimension.
struct JudgedItem {
  std::string id, question, reference, answer;
  std::string second_question, second_answer;
};

struct DimensionScore {
  std::optional<double> mean;  // over the scored items; empty without any
  int64_t items = 0;           // asked
  int64_t scored = 0;
  int64_t unparsed = 0;        // the judge's reply held no whole number from 0 to 5: in no mean
};
struct JudgeResult {
  std::string judge, version, prompts_hash;
  std::array<DimensionScore, kJudgedDimensions.size()> dimensions;  // in the order of kJudgedDimensions
  int64_t resumed = 0;  // replies that were in the file already
};
nlohmann::json judgeResultJson(const JudgeResult& result);

// Our own wording, by the five dimensions of Maaz et al. 2024, arXiv:2306.05424, section 4.2. The hash changes with any word of it.
std::vector<ChatMessage> judgePrompt(JudgedDimension dimension, const JudgedItem& item);
std::string judgePromptsHash();

// A whole number 0 … 5 out of {"score": 4}, {'score': 4}, "Score: 4/5" or a bare 4; nullopt when there is none or two disagree.
std::optional<int> parseScore(std::string_view reply);

// Judges every item in every dimension asked for, one at a time. Each reply goes to `items_file` (JSON lines) at once; called again
// with the same file, it asks only for what is missing for this judge, version and wording. A failure of the judge is thrown and
// leaves the file good. `on_progress` gets replies so far and in all, on this thread. Throws Interrupted on a stop.
JudgeResult judgeItems(const Judge& judge, std::span<const JudgedItem> items, std::span<const JudgedDimension> dimensions, const std::filesystem::path& items_file, std::stop_token stop,
                       const std::function<void(int64_t done, int64_t all)>& on_progress = {});

// A JSON list of {id, question, reference, answer[, second_question, second_answer]}. Throws InputError.
std::vector<JudgedItem> readJudgedItems(const std::filesystem::path& path);

}  // namespace hvlm
