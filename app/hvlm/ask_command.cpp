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
#include "language/question_list.h"
#include "support/error.h"
#include "support/text.h"

namespace hvlm::cli {
namespace {

namespace fs = std::filesystem;

struct AskArguments {
  AskSpec spec;
  ServerOptions server;
  std::string conversation;
  std::string questions, out;  // a list of questions and the file of its answers
  bool asksServer() const { return !server.address.empty(); }
  bool asksModel() const { return !spec.model_folder.empty() || !spec.tuned_folder.empty(); }
};

using Show = std::function<void(std::string_view)>;

// Asks about videos, one question at a time; what the run knows of the last video is kept.
class Asker {
 public:
  explicit Asker(const AskArguments& a) : a_(a) {}

  // `talk` gets what the run knows of the video as its system text, and the question; only for a model or a server.
  AskAnswer ask(const std::string& video, const std::string& question, Conversation& talk, const Show& show) {
    AskSpec spec = a_.spec;
    spec.video = video;
    spec.question = question;
    if (a_.asksServer() || a_.asksModel()) {
      if (evidence_.video.empty() || asked_ != video) {
        console_.call([&](JobEngine& engine, std::stop_token) {
          evidence_ = engine.evidence({spec.run_folder, spec.data, spec.video, spec.checkpoint, spec.threads});
        });
        asked_ = video;
      }
      talk.setSystem(systemPrompt(evidence_));
      talk.append("user", question);
      spec.messages = talk.prompt();
    }
    AskAnswer answer;
    if (!a_.asksServer()) {
      console_.call([&](JobEngine& engine, std::stop_token stop) { answer = engine.ask(spec, stop, show); });
      return answer;
    }
    const auto begun = std::chrono::steady_clock::now();
    runStoppable([&](std::stop_token stop) { answer.text = chat(a_.server, spec.messages, stop, show); });
    answer.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
    answer.by = a_.server.address + (a_.server.model.empty() ? "" : ", " + a_.server.model);
    return answer;
  }
  // Models and servers may name moments past its end; the run's own heads keep to the video.
  double durationSeconds() const { return evidence_.video.empty() ? 1e9 : evidence_.duration_seconds; }

 private:
  const AskArguments& a_;
  Console console_;
  VideoEvidence evidence_;
  std::string asked_;  // the video of evidence_, as it was named
};

int askOne(const Session& session, const AskArguments& a) {
  if (trimmed(a.spec.question).empty())
    throw InputError({.where = "question", .expected = "some words", .found = "none", .remedy = "Ask something about the video."});
  const auto show = [&](std::string_view piece) {
    if (session.json) return;
    std::fwrite(piece.data(), 1, piece.size(), stdout);
    std::fflush(stdout);
  };
  Asker asker(a);
  Conversation talk = a.conversation.empty() || !fs::exists(a.conversation) ? Conversation() : Conversation::load(a.conversation);
  const AskAnswer answer = asker.ask(a.spec.video, a.spec.question, talk, show);
  if (!a.conversation.empty()) {
    talk.append("assistant", answer.text);
    talk.save(a.conversation);
  }
  if (!session.json) {
    printText("\n");  // the answer has been shown piece by piece
    return kDone;
  }
  nlohmann::json moments = nlohmann::json::array();
  for (const MomentLink& m : momentsIn(answer.text, asker.durationSeconds())) moments.push_back({m.start_seconds, m.end_seconds});
  printJson({{"video", a.spec.video},
             {"question", a.spec.question},
             {"answer", answer.text},
             {"by", answer.by},
             {"confidence", answer.confidence},
             {"moments", moments},
             {"tokens", answer.tokens},
             {"seconds", answer.seconds}});
  return kDone;
}

// Both wordings of each question, each in a talk of its own: an answer must not know the other one.
int askList(const Session& session, const AskArguments& a) {
  std::vector<ListedQuestion> items = readQuestionList(a.questions);
  Asker asker(a);
  int64_t done = 0, paraphrased = 0;
  std::string by;
  const auto answerTo = [&](const ListedQuestion& item, const std::string& question) {
    Conversation talk;
    const AskAnswer answer = asker.ask(item.video, question, talk, {});
    by = answer.by;
    return answer.text.empty() ? std::string("(no answer)") : answer.text;
  };
  try {
    for (ListedQuestion& item : items) {
      const std::string first = answerTo(item, item.question);
      if (!item.second_question.empty()) item.second_answer = answerTo(item, item.second_question);
      item.answer = first;  // last: an item counts when both are there
      ++done;
      paraphrased += !item.second_question.empty();
      std::fprintf(stderr, "%lld/%zu %s\n", static_cast<long long>(done), items.size(), item.id.c_str());
    }
  } catch (...) {
    if (done > 0) writeAnswerList(a.out, items);
    throw;
  }
  writeAnswerList(a.out, items);
  if (session.json) {
    printJson({{"out", a.out}, {"questions", done}, {"paraphrased", paraphrased}, {"by", by}});
  } else {
    printText(a.out + ": " + std::to_string(done) + " answers by " + by + ", " + std::to_string(paraphrased) +
              " of them to a second wording too\n");
  }
  return kDone;
}

int ask(const Session& session, AskArguments a) {
  const bool list = !a.questions.empty();
  if (list && (!a.spec.question.empty() || !a.spec.video.empty() || !a.conversation.empty()))
    throw UsageError("hvlm ask: --questions takes the place of QUESTION, --video and --conversation");
  if (list != !a.out.empty()) throw UsageError("hvlm ask: --questions and --out go together");
  if (!list && a.spec.question.empty()) throw UsageError("hvlm ask: QUESTION is required (or --questions with a list)");
  if (!list && a.spec.video.empty()) throw UsageError("hvlm ask: --video is required");
  if (!a.conversation.empty() && !a.asksServer() && !a.asksModel())
    throw UsageError("hvlm ask: --conversation goes with --model or --server; the run's own heads answer each question by itself");
  if (a.asksServer() && a.asksModel()) throw UsageError("hvlm ask: choose --server or --model, not both");
  a.spec.data = dataOrOfRun(a.spec.data, a.spec.run_folder);
  a.spec.threads = session.threads;
  if (a.asksServer()) chatEndpoint(a.server.address);  // before any work
  if (const char* key = std::getenv("HVLM_SERVER_KEY")) a.server.key = key;
  return list ? askList(session, a) : askOne(session, a);
}

}  // namespace

void addAskCommand(CLI::App& app, Session& session) {
  auto a = std::make_shared<AskArguments>();
  CLI::App* command =
      addCommand(app, session, "ask", "Ask about a video: the run's own heads, a language model on this machine, or a server you name",
                 [&session, a] { return ask(session, *a); });
  command->add_option("QUESTION", a->spec.question, "The question")->type_name("TEXT");
  command
      ->add_option("--run", a->spec.run_folder, "A run that answers or describes (configs/language.yaml); for --model and --server any run")
      ->required()
      ->type_name("DIR");
  command->add_option("--data", a->spec.data, "Data set [the run's]")->type_name("DATASET.yaml");
  command->add_option("--video", a->spec.video, "Video of the data set")->type_name("ID");
  command
      ->add_option("--questions", a->questions,
                   "Ask all of a list {id, video, question, reference[, second_question]} in place of QUESTION and --video; also "
                   "Video-ChatGPT's {Q, A, video_name}")
      ->type_name("FILE.json");
  command->add_option("--out", a->out, "File of their answers, which hvlm score judged reads (--questions)")->type_name("FILE.json");
  command->add_option("--checkpoint", a->spec.checkpoint, "best, last or a step [best]")->type_name("NAME");
  command
      ->add_option("--model", a->spec.model_folder,
                   "Folder of a LLaMA model (config.json, model.safetensors, tokenizer.json), or one that hvlm tune has written")
      ->type_name("DIR");
  command->add_option("--projector", a->spec.tuned_folder, "Folder of hvlm tune whose projector and adapters go with --model")
      ->type_name("DIR");
  command->add_option("--template", a->spec.chat_template, "single, two, llama or chatml [the model's own]")->type_name("NAME");
  command
      ->add_option("--server", a->server.address,
                   "Address of a chat server, e.g. http://127.0.0.1:8080/v1: question and evidence are sent there, and nowhere else")
      ->type_name("URL");
  command->add_option("--server-model", a->server.model, "Model as the server knows it; a key comes from the variable HVLM_SERVER_KEY")
      ->type_name("NAME");
  command->add_option("--conversation", a->conversation, "File that the talk goes on in (--model, --server)")->type_name("FILE.json");
  command->add_option("--max-tokens", a->spec.max_tokens, "Longest answer [256]")->check(CLI::Range(1, 100000))->type_name("N");
  command->add_option("--temperature", a->spec.temperature, "0 = always the likeliest word [0.2]")
      ->check(CLI::Range(0.0, 10.0))
      ->type_name("X");
  command->add_option("--seed", a->spec.seed, "Seed of drawn words [1]")->type_name("N");
}

}  // namespace hvlm::cli
