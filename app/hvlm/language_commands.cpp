// SPDX-License-Identifier: Apache-2.0
#include <memory>

#include "command.h"
#include "console.h"
#include "language/conversation.h"
#include "support/text.h"

namespace hvlm::cli {
namespace {

nlohmann::json hitsJson(const std::vector<RetrievalHit>& hits) {
  nlohmann::json out = nlohmann::json::array();
  for (const RetrievalHit& h : hits) out.push_back({{"video", h.video}, {"start", h.start_seconds}, {"end", h.end_seconds}, {"similarity", h.similarity}});
  return out;
}

int retrieve(const Session& session, RetrieveSpec spec) {
  spec.data = dataOrOfRun(spec.data, spec.run_folder);
  spec.threads = session.threads;
  RetrievalAnswer answer;
  Console console;
  console.call([&](JobEngine& engine, std::stop_token stop) { answer = engine.retrieve(spec, stop); });
  if (session.json) {
    printJson({{"query", spec.query}, {"text", answer.text_tower}, {"videos", hitsJson(answer.videos)}, {"moments", hitsJson(answer.moments)},
               {"videos_searched", answer.videos_searched}, {"moments_searched", answer.moments_searched}, {"index_seconds", answer.index_seconds},
               {"text_seconds", answer.text_seconds}, {"search_seconds", answer.search_seconds}});
    return kDone;
  }
  std::vector<std::vector<std::string>> videos = {{"video", "similarity"}}, moments = {{"moment", "from", "to", "similarity"}};
  for (const RetrievalHit& h : answer.videos) videos.push_back({h.video, fixedNumber(h.similarity, 3)});
  for (const RetrievalHit& h : answer.moments) moments.push_back({h.video, momentText(h.start_seconds), momentText(h.end_seconds), fixedNumber(h.similarity, 3)});
  printText(alignedTable(videos) + "\n" + alignedTable(moments) + "\n" + std::to_string(answer.videos_searched) + " videos and " + std::to_string(answer.moments_searched) +
            " moments of " + spec.subset + " searched in " + fixedNumber(1000.0 * answer.search_seconds, 1) + " ms, text: " + answer.text_tower + "\n");
  return kDone;
}

}  // namespace

void addLanguageCommands(CLI::App& app, Session& session) {
  auto r = std::make_shared<RetrieveSpec>();
  CLI::App* command = addCommand(app, session, "retrieve", "Find videos and moments by words, in the space of text and video that a run has learned", [&session, r] { return retrieve(session, *r); });
  command->add_option("WORDS", r->query, "What to look for")->required()->type_name("TEXT");
  command->add_option("--run", r->run_folder, "A run with texts (configs/language.yaml)")->required()->type_name("DIR");
  command->add_option("--data", r->data, "Data set [the run's]")->type_name("DATASET.yaml");
  command->add_option("--subset", r->subset, "Subset that is searched [validation]")->type_name("NAME");
  command->add_option("--most", r->most, "Videos and moments to show [10]")->check(CLI::Range(1, 100000))->type_name("N");
  command->add_option("--checkpoint", r->checkpoint, "best, last or a step [best]")->type_name("NAME");
  addAskCommand(app, session);
}

}  // namespace hvlm::cli
