// SPDX-License-Identifier: Apache-2.0
#include <cstdlib>
#include <filesystem>
#include <memory>

#include "command.h"
#include "console.h"
#include "language/judge.h"
#include "score/caption_tokens.h"
#include "score/text_proxies.h"
#include "support/error.h"
#include "support/text.h"

namespace hvlm::cli {
namespace {

struct JudgeArguments {
  std::string items, replies;
  std::vector<std::string> dimensions;
  Judge judge;
};

// Figures that need no judge, under names of their own.
nlohmann::json proxiesOf(const std::vector<JudgedItem>& items) {
  double f1 = 0.0, agreement = 0.0;
  int64_t pairs = 0;
  for (const JudgedItem& item : items) {
    f1 += tokenF1(captionTokens(item.answer), captionTokens(item.reference));
    if (item.second_answer.empty()) continue;
    agreement += selfAgreement(item.answer, item.second_answer);
    ++pairs;
  }
  nlohmann::json out = {{"token_f1", f1 / static_cast<double>(items.size())}, {"items", items.size()}, {"paraphrased", pairs}};
  if (pairs > 0) out["self_agreement"] = agreement / static_cast<double>(pairs);
  return out;
}

std::vector<JudgedDimension> dimensionsOf(const std::vector<std::string>& names) {
  if (names.empty()) return {kJudgedDimensions.begin(), kJudgedDimensions.end()};
  std::vector<JudgedDimension> out;
  for (const std::string& name : names) {
    const auto found = std::find_if(kJudgedDimensions.begin(), kJudgedDimensions.end(), [&](JudgedDimension d) { return name == dimensionName(d); });
    if (found == kJudgedDimensions.end()) throw UsageError("hvlm score judged: --dimension " + name + " is none of correctness, detail, context, temporal, consistency");
    out.push_back(*found);
  }
  return out;
}

int judged(const Session& session, JudgeArguments a) {
  const std::vector<JudgedItem> items = readJudgedItems(a.items);
  if (items.empty()) throw InputError({.where = a.items, .expected = "items to judge", .found = "none", .remedy = "Give a list of {id, question, reference, answer}."});
  const bool server = !a.judge.server.address.empty(), command = !a.judge.command.words.empty();
  if (server && command) throw UsageError("hvlm score judged: choose --server or --command, not both");
  nlohmann::json result = {{"offline", proxiesOf(items)}};
  if (server || command) {
    if (a.judge.name.empty() || a.judge.version.empty()) throw UsageError("hvlm score judged: a judge needs --judge NAME and --judge-version VERSION: scores of different judges must not be compared");
    if (a.replies.empty()) throw UsageError("hvlm score judged: --replies FILE.jsonl is needed: each reply is kept there, and a second call goes on where the first ended");
    if (const char* key = std::getenv("HVLM_SERVER_KEY")) a.judge.server.key = key;
    runStoppable([&](std::stop_token stop) { result["judged"] = judgeResultJson(judgeItems(a.judge, items, dimensionsOf(a.dimensions), a.replies, stop)); });
  } else {
    result["reasons"]["judged"] = "no judge was named (--server or --command)";
  }
  if (session.json) {
    printJson(result);
    return kDone;
  }
  std::vector<std::vector<std::string>> rows = {{"dimension", "score (0-5)", "items", "unreadable"}};
  if (result.contains("judged")) {
    for (const auto& [name, score] : result["judged"]["dimensions"].items())
      rows.push_back({name, score["mean"].is_number() ? fixedNumber(score["mean"].get<double>(), 3) : "-", score["items"].dump(), score["unparsed"].dump()});
  }
  std::string text = rows.size() > 1 ? alignedTable(rows) + "judge: " + a.judge.name + ", version " + a.judge.version + "\n" : "no judge was named: offline figures only\n";
  text += "offline: token F1 with the reference " + fixedNumber(result["offline"]["token_f1"].get<double>(), 4);
  if (result["offline"].contains("self_agreement")) text += ", agreement of paraphrased questions " + fixedNumber(result["offline"]["self_agreement"].get<double>(), 4);
  printText(text + "\n");
  return kDone;
}

}  // namespace

void addJudgeCommand(CLI::App& score, Session& session) {
  auto a = std::make_shared<JudgeArguments>();
  CLI::App* command = addCommand(score, session, "judged", "Answers judged in five dimensions by a judge you name, and offline figures beside them", [&session, a] { return judged(session, *a); });
  command->add_option("--items", a->items, "List of {id, question, reference, answer[, second_question, second_answer]}")->required()->type_name("FILE.json");
  command->add_option("--judge", a->judge.name, "Name of the judge, for the table")->type_name("NAME");
  command->add_option("--judge-version", a->judge.version, "Its version, for the table")->type_name("VERSION");
  command->add_option("--server", a->judge.server.address, "Address of a chat server that judges; a key comes from the variable HVLM_SERVER_KEY")->type_name("URL");
  command->add_option("--server-model", a->judge.server.model, "Model as the server knows it")->type_name("NAME");
  command->add_option("--command", a->judge.command.words, "Program that judges, with its arguments (those with a dash in front as --command=-x): reads {dimension, id, messages} on stdin")->type_name("WORD");
  command->add_option("--replies", a->replies, "File of replies, a line each; a second call asks only for what is missing")->type_name("FILE.jsonl");
  command->add_option("--dimension", a->dimensions, "correctness, detail, context, temporal or consistency [all]")->type_name("NAME");
}

}  // namespace hvlm::cli
