// SPDX-License-Identifier: Apache-2.0
#include <memory>

#include "command.h"
#include "score/answers.h"
#include "score/captions.h"
#include "score/classification.h"
#include "score/detection.h"
#include "support/text.h"

namespace hvlm::cli {
namespace {

struct ScoreArguments {
  std::string truth, predictions;
  std::string subset = "validation";
  std::string protocol = "official";
};

std::string problemsText(const nlohmann::json& score) {
  std::string text = std::to_string(score.value("ties", int64_t{0})) + " ties";
  if (!score.contains("problems")) return text;
  for (const auto& [kind, count] : score.at("problems").items()) text += ", " + count.dump() + " " + kind;
  return text;
}

std::string countsText(const nlohmann::json& score) {
  return std::to_string(score.value("ground_truth", int64_t{0})) + " ground truth, " + std::to_string(score.value("predictions", int64_t{0})) +
         " predictions, " + problemsText(score) + "\n";
}

std::string detectionText(const nlohmann::json& score) {
  std::vector<std::vector<std::string>> rows = {{"tIoU", "mAP"}};
  for (const auto& [threshold, value] : score.at("map").items()) rows.push_back({threshold, fixedNumber(value.get<double>(), 4)});
  rows.push_back({"average", fixedNumber(score.at("average_map").get<double>(), 4)});
  return alignedTable(rows) + countsText(score);
}

std::string classificationText(const nlohmann::json& score) {
  std::vector<std::vector<std::string>> rows = {{"metric", "value"}, {"mAP", fixedNumber(score.at("map").get<double>(), 4)}};
  for (const auto& [k, value] : score.at("hit_at").items()) rows.push_back({"hit@" + k, fixedNumber(value.get<double>(), 4)});
  for (const auto& [k, value] : score.at("average_hit_at").items()) {
    rows.push_back({"average hit@" + k, fixedNumber(value.get<double>(), 4)});
  }
  return alignedTable(rows) + countsText(score);
}

int score(const Session& session, const ScoreArguments& a, bool detection) {
  const DetectionProtocol protocol = a.protocol == "common" ? DetectionProtocol::kCommon : DetectionProtocol::kOfficial;
  const nlohmann::json result = detection ? scoreDetectionFiles(a.truth, a.predictions, a.subset, protocol)
                                          : scoreClassificationFiles(a.truth, a.predictions, a.subset);
  if (session.json) {
    printJson(result);
  } else {
    printText(detection ? detectionText(result) : classificationText(result));
  }
  return kDone;
}

std::string shareText(const nlohmann::json& object, const std::string& key) {
  return object.contains(key) ? fixedNumber(object.at(key).get<double>(), 4) : "-";
}

// What was found wrong and what is absent, one line each.
std::string notesText(const nlohmann::json& score) {
  std::string text;
  for (const auto& [kind, count] : score.at("problems").items()) text += count.dump() + " " + kind + "\n";
  for (const auto& [key, reason] : score.at("reasons").items()) text += key + ": " + reason.get<std::string>() + "\n";
  return text;
}

std::string answersText(const nlohmann::json& score) {
  std::vector<std::vector<std::string>> rows = {{"type", "questions", "accuracy"}};
  if (score.contains("per_type_counts")) {
    for (const auto& [type, count] : score.at("per_type_counts").items()) {
      rows.push_back({type + " " + count.at("name").get<std::string>(), count.at("questions").dump(),
                      shareText(score.at("per_type"), type)});
    }
  }
  rows.push_back({"all", score.at("questions").dump(), shareText(score, "all")});
  rows.push_back({"free (types 3 to 8)", "", shareText(score, "free")});
  rows.push_back({"free as the public script prints it", "", shareText(score, "official_free")});
  if (score.contains("wups")) {
    for (const auto& [threshold, value] : score.at("wups").items())
      rows.push_back({"WUPS@" + threshold, "", fixedNumber(value.get<double>(), 4)});
  }
  if (score.contains("vocabulary_share"))
    rows.push_back({"answer known from training", "", shareText(score, "vocabulary_share")});
  if (score.contains("controls")) {
    for (const auto& [name, control] : score.at("controls").items())
      rows.push_back({"control " + name, "", shareText(control, "all")});
  }
  return alignedTable(rows) + score.at("predictions").dump() + " predictions, " + score.at("missing").dump() +
         " missing, " + score.at("unknown_ids").dump() + " unknown ids\n" + notesText(score);
}

std::string captionsText(const nlohmann::json& score) {
  static const std::vector<std::string> kKeys = {"bleu1",   "bleu2", "bleu3",     "bleu4",
                                                 "rouge_l", "cider", "precision", "recall"};
  const bool dense = score.contains("dense");
  std::vector<std::vector<std::string>> rows = {
      {dense ? "tIoU" : "", "BLEU-1", "BLEU-2", "BLEU-3", "BLEU-4", "ROUGE-L", "CIDEr"}};
  if (dense) rows.front().insert(rows.front().end(), {"precision", "recall"});
  const auto add = [&](const std::string& name, const nlohmann::json& values) {
    std::vector<std::string>& row = rows.emplace_back(1, name);
    for (size_t k = 0; k + 1 < rows.front().size(); ++k) row.push_back(shareText(values, kKeys[k]));
  };
  if (dense) {
    for (const auto& [threshold, values] : score.at("dense").items()) add(threshold, values);
  }
  add(dense ? "average" : std::to_string(score.at("pairs").get<int64_t>()) + " pairs", score);
  std::string text = alignedTable(rows);
  if (dense) {
    const nlohmann::json& soda = score.at("soda");
    text += "ordered matching (SODA) F1: ROUGE-L " + shareText(soda.at("rouge_l"), "f1") + ", CIDEr " +
            shareText(soda.at("cider"), "f1") + "\n" + score.at("events").dump() + " events on " +
            score.at("videos_predicted").dump() + " of " + score.at("videos").dump() + " videos\n";
  }
  return text + notesText(score);
}

int show(const Session& session, const nlohmann::json& result, std::string (*text)(const nlohmann::json&)) {
  if (session.json) {
    printJson(result);
  } else {
    printText(text(result));
  }
  return kDone;
}

void addAnswers(CLI::App& group, Session& session) {
  struct Arguments {
    std::string truth, predictions;
    AnswerFileOptions options;
  };
  auto a = std::make_shared<Arguments>();
  CLI::App* command = addCommand(group, session, "qa", "Accuracy of answers, by type of question", [&session, a] {
    return show(session, scoreAnswerFiles(a->truth, a->predictions, a->options), answersText);
  });
  command->add_option("--truth", a->truth, "Answers in the ActivityNet-QA format (_a.json)")
      ->required()
      ->type_name("FILE.json");
  command->add_option("--predictions", a->predictions, "List of {question_id, answer}")
      ->required()
      ->type_name("FILE.json");
  command
      ->add_option("--questions", a->options.questions,
                   "Questions of the truth (_q.json), for the question-only control")
      ->type_name("FILE.json");
  command
      ->add_option("--training-answers", a->options.training_answers, "Answers of the training set, for the controls")
      ->type_name("FILE.json");
  command
      ->add_option("--training-questions", a->options.training_questions,
                   "Questions of the training set, for the question-only control")
      ->type_name("FILE.json");
  command->add_option("--wordnet", a->options.wordnet, "WordNet 3.0 database, for WUPS [/usr/share/wordnet, if there]")
      ->type_name("FOLDER");
}

void addCaptions(CLI::App& group, Session& session) {
  struct Arguments {
    std::vector<std::string> truth;
    std::string predictions;
  };
  auto a = std::make_shared<Arguments>();
  CLI::App* command =
      addCommand(group, session, "captions", "BLEU, ROUGE-L and CIDEr of captions, also dense ones",
                 [&session, a] { return show(session, scoreCaptionFiles(a->truth, a->predictions), captionsText); });
  command
      ->add_option("--truth", a->truth,
                   "Pairs list or dense captions; several dense files are several sets of references")
      ->required()
      ->type_name("FILE.json");
  command->add_option("--predictions", a->predictions, "The same pairs list, or dense results")
      ->required()
      ->type_name("FILE.json");
}

}  // namespace

void addScoreCommands(CLI::App& app, Session& session) {
  CLI::App* group = app.add_subcommand("score", "Official metrics on any files in the official formats");
  group->require_subcommand(1);
  for (const bool detection : {true, false}) {
    auto a = std::make_shared<ScoreArguments>();
    CLI::App* command =
        addCommand(*group, session, detection ? "detection" : "classification",
                   detection ? "Mean average precision of temporal detections" : "Mean average precision and hit@k of video labels",
                   [&session, a, detection] { return score(session, *a, detection); });
    command->add_option("--truth", a->truth, "Annotations in the ActivityNet format")->required()->type_name("FILE.json");
    command->add_option("--predictions", a->predictions, "Results in the ActivityNet format")->required()->type_name("FILE.json");
    command->add_option("--subset", a->subset, "Subset of the annotations [validation]")->type_name("NAME");
    if (detection) {
      command->add_option("--protocol", a->protocol, "official (ties as the official evaluator takes them) or common")
          ->check(CLI::IsMember({"official", "common"}))
          ->type_name("NAME");
    }
  }
  addAnswers(*group, session);
  addCaptions(*group, session);
  addJudgeCommand(*group, session);
}

}  // namespace hvlm::cli
