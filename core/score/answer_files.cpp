// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "score/answers.h"
#include "score/question_lookup.h"
#include "score/official_files.h"
#include "score/wups.h"
#include "support/error.h"
#include "support/json_file.h"
#include "support/text.h"

namespace hvlm {
namespace {

using nlohmann::json;

struct Row {
  std::string id;
  std::string text;  // the answer, or the question
  std::string video;
  int type = -1;
};

std::string keysOf(const json& item) {
  if (!item.is_object()) return std::string("a ") + item.type_name();
  std::string text;
  for (const auto& [key, value] : item.items()) text += (text.empty() ? "" : ", ") + shortened(key, 24);
  return text.empty() ? "an empty object" : "the keys " + shortened(text, 120);
}

std::optional<Row> rowOf(const json& item, const std::string& text_key, bool needs_type) {
  if (!item.is_object()) return std::nullopt;
  const auto id = item.find("question_id");
  const auto text = item.find(text_key);
  if (id == item.end() || !id->is_string() || text == item.end() || !text->is_string()) return std::nullopt;
  Row row{id->get<std::string>(), text->get<std::string>(), {}, -1};
  if (const auto video = item.find("video_name"); video != item.end() && video->is_string())
    row.video = video->get<std::string>();
  const auto type = item.find("type");
  const bool has_type =
      type != item.end() && type->is_number_integer() && *type >= 0 && *type < static_cast<int>(kAnswerTypes);
  if (needs_type && !has_type) return std::nullopt;
  if (has_type) row.type = type->get<int>();
  return row;
}

// A list of {question_id, <text_key>, …}. Malformed items and repeated ids are counted under `side`; of a repeated id
// the first row stays, or the last with `last_wins`. Throws InputError when it is no such list at all.
std::vector<Row> readRows(const std::string& path, const std::string& text_key, bool needs_type, bool last_wins,
                          const std::string& side, DefectList& defects) {
  const json file = readJsonFile(path);
  const std::string expected = "a list of {question_id, " + text_key + (needs_type ? ", type}" : "}");
  if (!file.is_array()) {
    throw InputError({.where = path,
                      .expected = expected,
                      .found = keysOf(file),
                      .remedy = "Give a file in the ActivityNet-QA format."});
  }
  std::vector<Row> rows;
  std::unordered_map<std::string, size_t> places;
  for (const json& item : file) {
    std::optional<Row> row = rowOf(item, text_key, needs_type);
    if (!row) {
      const bool named = item.is_object() && item.contains("question_id") && item["question_id"].is_string();
      defects.add("bad_" + side, named ? shortened(item["question_id"].get<std::string>())
                                       : "item " + std::to_string(&item - &file[0]));
      continue;
    }
    const auto [place, is_new] = places.try_emplace(row->id, rows.size());
    if (is_new) {
      rows.push_back(std::move(*row));
      continue;
    }
    defects.add("duplicate_" + side, shortened(row->id));
    if (last_wins) rows[place->second] = std::move(*row);
  }
  if (rows.empty() && !file.empty()) {
    throw InputError({.where = path,
                      .expected = expected,
                      .found = "items with " + keysOf(file.front()),
                      .remedy = "Give the answers (_a.json) as answers and the questions (_q.json) as questions."});
  }
  return rows;
}

json shares(const AnswerScore& score) {
  json out = {{"all", score.all.share().value_or(0.0)}, {"per_type", json::object()}};
  if (const auto free = score.free.share()) out["free"] = *free;
  for (size_t type = 0; type < kAnswerTypes; ++type) {
    if (const auto share = score.types[type].share()) out["per_type"][std::to_string(type)] = *share;
  }
  return out;
}

std::unordered_map<std::string, const Row*> byId(const std::vector<Row>& rows) {
  std::unordered_map<std::string, const Row*> map;
  for (const Row& row : rows) map.emplace(row.id, &row);
  return map;
}

template <class AnswerOf>
json controlScore(const std::vector<Row>& truth, AnswerOf answer_of) {
  std::vector<AnsweredQuestion> list;
  list.reserve(truth.size());
  for (const Row& row : truth) list.push_back({row.text, answer_of(row), row.type, true});
  return shares(scoreAnswers(list));
}

// `controls` and `vocabulary_share` from the training files.
void addControls(const std::vector<Row>& truth, const std::vector<Row>& questions, const AnswerFileOptions& options,
                 DefectList& defects, json& out) {
  if (options.training_answers.empty()) {
    out["reasons"]["controls"] = "the controls need the answers of the training set";
    return;
  }
  const std::vector<Row> answers =
      readRows(options.training_answers, "answer", true, false, "training_answer", defects);
  AnswerTally all;
  std::map<int, AnswerTally> of_type;
  for (const Row& row : answers) all.add(row.text), of_type[row.type].add(row.text);
  const auto known = std::count_if(truth.begin(), truth.end(), [&](const Row& row) { return all.contains(row.text); });
  out["vocabulary_share"] = static_cast<double>(known) / static_cast<double>(truth.size());
  json& controls = out["controls"];
  controls["majority"] = controlScore(truth, [&](const Row&) { return all.best(); });
  controls["majority_of_type"] = controlScore(
      truth, [&](const Row& row) { return of_type.contains(row.type) ? of_type[row.type].best() : all.best(); });
  if (options.questions.empty() || options.training_questions.empty()) {
    out["reasons"]["question_only"] = "this control needs the questions of both the truth and the training set";
    return;
  }
  const auto answer_of = byId(answers);
  QuestionLookup lookup;
  for (const Row& row : readRows(options.training_questions, "question", false, false, "training_question", defects)) {
    if (const auto found = answer_of.find(row.id); found != answer_of.end()) lookup.add(row.text, found->second->text);
  }
  const auto question_of = byId(questions);
  controls["question_only"] = controlScore(truth, [&](const Row& row) {
    const auto question = question_of.find(row.id);
    return question == question_of.end() ? all.best() : lookup.answer(question->second->text, all.best());
  });
}

void addWups(const std::vector<AnsweredQuestion>& list, const std::string& given, json& out) {
  const std::string folder = given.empty() ? kSystemWordNet : given;
  if (given.empty() && !std::filesystem::exists(std::filesystem::path(folder) / "index.noun")) {
    out["reasons"]["wups"] = "no WordNet database at " + folder + " (Debian package wordnet-base)";
    return;
  }
  const WordNet words(folder);
  Wups wups(words);
  out["wups"] = {{"0.9", wups.mean(list, 0.9)}, {"0.0", wups.mean(list, 0.0)}};
}

}  // namespace

json scoreAnswerFiles(const std::string& truth_json, const std::string& predictions_json,
                      const AnswerFileOptions& options) {
  DefectList defects;
  const std::vector<Row> truth = readRows(truth_json, "answer", true, false, "truth", defects);
  if (truth.empty()) {
    throw InputError({.where = truth_json,
                      .expected = "questions with their answers",
                      .found = "none",
                      .remedy = "Nothing can be scored without truth: check the file."});
  }
  const std::vector<Row> predictions = readRows(predictions_json, "answer", false, true, "prediction", defects);
  const auto predicted = byId(predictions);
  std::vector<AnsweredQuestion> list;
  std::unordered_set<std::string> distinct;
  for (const Row& row : truth) {
    const auto found = predicted.find(row.id);
    const bool answered = found != predicted.end();
    if (!answered) defects.add("question_without_prediction", shortened(row.id));
    list.push_back({row.text, answered ? found->second->text : "", row.type, answered});
    distinct.insert(row.text);
  }
  const auto known = byId(truth);
  int64_t unknown = 0;
  for (const Row& row : predictions) {
    if (known.contains(row.id)) continue;
    ++unknown;
    defects.add("unknown_id", shortened(row.id));
  }

  const AnswerScore score = scoreAnswers(list);
  json out = shares(score);
  out["reasons"] = json::object();
  if (score.official_free) {
    out["official_free"] = *score.official_free;
  } else {
    out["reasons"]["official_free"] = "the public script fails when one of the nine types is absent";
  }
  if (!out.contains("free")) out["reasons"]["free"] = "no question of the types 3 to 8";
  for (size_t type = 0; type < kAnswerTypes; ++type) {
    const AnswerCount& count = score.types[type];
    if (count.questions == 0) continue;
    out["per_type_counts"][std::to_string(type)] = {
        {"name", answerTypeName(type)}, {"questions", count.questions}, {"correct", count.correct}};
  }
  out["questions"] = score.all.questions;
  out["predictions"] = predictions.size();
  out["correct"] = score.all.correct;
  out["missing"] = score.missing;
  out["unknown_ids"] = unknown;
  out["distinct_answers"] = distinct.size();

  std::vector<Row> questions;
  if (!options.questions.empty()) {
    questions = readRows(options.questions, "question", false, false, "question", defects);
    std::unordered_set<std::string> videos;
    for (const Row& row : questions) {
      videos.insert(row.video);
      if (!known.contains(row.id)) defects.add("question_without_truth", shortened(row.id));
      if (!row.id.starts_with("v_" + row.video + "_")) defects.add("video_name_differs", shortened(row.id));
    }
    out["videos"] = videos.size();
  }
  addControls(truth, questions, options, defects, out);
  addWups(list, options.wordnet, out);
  out["problems"] = defects.counts();
  out["problem_examples"] = defects.examples();
  return out;
}

}  // namespace hvlm
