// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>

#include "command.h"
#include "console.h"
#include "language/chat_server.h"
#include "language/conversation.h"
#include "language/evidence.h"
#include "support/error.h"
#include "support/text.h"

namespace hvlm::cli {
namespace {

namespace fs = std::filesystem;

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

struct AskArguments {
  AskSpec spec;
  ServerOptions server;
  std::string conversation;
};

// The question in its talk, with what the run knows of the video before it.
Conversation talkOf(const AskArguments& a, const VideoEvidence& evidence) {
  Conversation talk = a.conversation.empty() || !fs::exists(a.conversation) ? Conversation() : Conversation::load(a.conversation);
  talk.setSystem(systemPrompt(evidence));
  talk.append("user", a.spec.question);
  return talk;
}

int ask(const Session& session, AskArguments a) {
  a.spec.data = dataOrOfRun(a.spec.data, a.spec.run_folder);
  a.spec.threads = session.threads;
  const bool server = !a.server.address.empty();
  if (!a.conversation.empty() && !server && a.spec.model_folder.empty()) throw UsageError("hvlm ask: --conversation goes with --model or --server; the run's own heads answer each question by itself");
  if (server && !a.spec.model_folder.empty()) throw UsageError("hvlm ask: choose --server or --model, not both");
  if (server) chatEndpoint(a.server.address);  // before any work
  if (trimmed(a.spec.question).empty()) throw InputError({.where = "question", .expected = "some words", .found = "none", .remedy = "Ask something about the video."});
  if (const char* key = std::getenv("HVLM_SERVER_KEY")) a.server.key = key;
  Console console;
  const bool outside = server || !a.spec.model_folder.empty();
  Conversation talk;
  double duration_seconds = 1e9;  // the run's own heads keep to the video; others may name moments past its end
  if (outside) {
    VideoEvidence evidence;
    console.call([&](JobEngine& engine, std::stop_token) { evidence = engine.evidence({a.spec.run_folder, a.spec.data, a.spec.video, a.spec.checkpoint, a.spec.threads}); });
    duration_seconds = evidence.duration_seconds;
    talk = talkOf(a, evidence);
    a.spec.messages = talk.prompt();
  }
  const auto show = [&](std::string_view piece) {
    if (session.json) return;
    std::fwrite(piece.data(), 1, piece.size(), stdout);
    std::fflush(stdout);
  };
  AskAnswer answer;
  if (server) {
    const auto begun = std::chrono::steady_clock::now();
    runStoppable([&](std::stop_token stop) { answer.text = chat(a.server, a.spec.messages, stop, show); });
    answer.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
    answer.by = a.server.address + (a.server.model.empty() ? "" : ", " + a.server.model);
  } else {
    console.call([&](JobEngine& engine, std::stop_token stop) { answer = engine.ask(a.spec, stop, show); });
  }
  if (outside && !a.conversation.empty()) {
    talk.append("assistant", answer.text);
    talk.save(a.conversation);
  }
  if (!session.json) {
    printText("\n");  // the answer has been shown piece by piece
    return kDone;
  }
  nlohmann::json moments = nlohmann::json::array();
  for (const MomentLink& m : momentsIn(answer.text, duration_seconds)) moments.push_back({m.start_seconds, m.end_seconds});
  printJson({{"video", a.spec.video}, {"question", a.spec.question}, {"answer", answer.text}, {"by", answer.by}, {"confidence", answer.confidence}, {"moments", moments},
             {"tokens", answer.tokens}, {"seconds", answer.seconds}});
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

  auto a = std::make_shared<AskArguments>();
  command = addCommand(app, session, "ask", "Ask about a video: the run's own heads, a language model on this machine, or a server you name", [&session, a] { return ask(session, *a); });
  command->add_option("QUESTION", a->spec.question, "The question")->required()->type_name("TEXT");
  command->add_option("--run", a->spec.run_folder, "A run that answers or describes (configs/language.yaml); for --model and --server any run")->required()->type_name("DIR");
  command->add_option("--data", a->spec.data, "Data set [the run's]")->type_name("DATASET.yaml");
  command->add_option("--video", a->spec.video, "Video of the data set")->required()->type_name("ID");
  command->add_option("--checkpoint", a->spec.checkpoint, "best, last or a step [best]")->type_name("NAME");
  command->add_option("--model", a->spec.model_folder, "Folder of a LLaMA model (config.json, model.safetensors, tokenizer.json)")->type_name("DIR");
  command->add_option("--template", a->spec.chat_template, "single, two, llama or chatml [the model's own]")->type_name("NAME");
  command->add_option("--server", a->server.address, "Address of a chat server, e.g. http://127.0.0.1:8080/v1: question and evidence are sent there, and nowhere else")->type_name("URL");
  command->add_option("--server-model", a->server.model, "Model as the server knows it; a key comes from the variable HVLM_SERVER_KEY")->type_name("NAME");
  command->add_option("--conversation", a->conversation, "File that the talk goes on in (--model, --server)")->type_name("FILE.json");
  command->add_option("--max-tokens", a->spec.max_tokens, "Longest answer [256]")->check(CLI::Range(1, 100000))->type_name("N");
  command->add_option("--temperature", a->spec.temperature, "0 = always the likeliest word [0.2]")->check(CLI::Range(0.0, 10.0))->type_name("X");
  command->add_option("--seed", a->spec.seed, "Seed of drawn words [1]")->type_name("N");
}

}  // namespace hvlm::cli
