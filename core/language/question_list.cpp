// SPDX-License-Identifier: Apache-2.0
#include "language/question_list.h"

#include <initializer_list>
#include <nlohmann/json.hpp>
#include <set>

#include "support/error.h"
#include "support/json_file.h"
#include "support/text.h"

namespace hvlm {
namespace {

constexpr size_t kLargestFile = 200'000'000;

// The text under the first of these keys that is there; numbers are taken for ids.
std::string textOf(const nlohmann::json& item, std::initializer_list<const char*> keys) {
  for (const char* key : keys) {
    const auto found = item.find(key);
    if (found == item.end()) continue;
    if (found->is_string()) return trimmed(found->get_ref<const std::string&>());
    if (found->is_number_integer()) return found->dump();
  }
  return {};
}

}  // namespace

std::vector<ListedQuestion> readQuestionList(const std::filesystem::path& path) {
  const nlohmann::json root = readJsonFile(path, kLargestFile);
  const auto refuse = [&path](const std::string& item, const std::string& expected, const std::string& found) {
    throw InputError({.where = path.string() + item,
                      .expected = expected,
                      .found = found,
                      .remedy = "Give a list of {id, video, question, reference[, second_question]}."});
  };
  if (!root.is_array() || root.empty()) refuse("", "a list of questions", root.is_array() ? "an empty one" : "no list");
  std::vector<ListedQuestion> items;
  std::set<std::string> ids;
  for (size_t i = 0; i < root.size(); ++i) {
    const std::string where = ", item " + std::to_string(i + 1);
    const nlohmann::json& source = root[i];
    if (!source.is_object()) refuse(where, "an object", shortened(source.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)));
    ListedQuestion item;
    item.video = textOf(source, {"video", "video_name", "video_id"});
    item.question = textOf(source, {"question", "Q", "Q1"});
    item.second_question = textOf(source, {"second_question", "Q2"});
    item.reference = textOf(source, {"reference", "A"});
    item.id = textOf(source, {"id", "question_id"});
    if (item.video.empty()) refuse(where, "the video it is about", "none");
    if (item.question.empty()) refuse(where, "a question", "none");
    if (item.id.empty()) item.id = item.video + "_" + std::to_string(i);
    if (!ids.insert(item.id).second) refuse(where, "an id of its own", "\"" + shortened(item.id) + "\" a second time");
    items.push_back(std::move(item));
  }
  return items;
}

void writeAnswerList(const std::filesystem::path& path, std::span<const ListedQuestion> items) {
  nlohmann::json list = nlohmann::json::array();
  for (const ListedQuestion& item : items) {
    if (item.answer.empty()) continue;
    nlohmann::json out = {
        {"id", item.id}, {"video", item.video}, {"question", item.question}, {"reference", item.reference}, {"answer", item.answer}};
    if (!item.second_question.empty()) out["second_question"] = item.second_question;
    if (!item.second_question.empty() && !item.second_answer.empty()) out["second_answer"] = item.second_answer;
    list.push_back(std::move(out));
  }
  writeJsonFile(path, list);
}

}  // namespace hvlm
