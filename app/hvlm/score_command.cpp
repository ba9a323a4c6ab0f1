// SPDX-License-Identifier: Apache-2.0
#include <memory>

#include "command.h"
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
}

}  // namespace hvlm::cli
