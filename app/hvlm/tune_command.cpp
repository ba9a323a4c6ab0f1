// SPDX-License-Identifier: Apache-2.0
#include <memory>

#include "command.h"
#include "console.h"
#include "support/error.h"
#include "support/json_file.h"

namespace hvlm::cli {
namespace {

int tune(const Session& session, TuneDecoderSpec spec) {
  if (spec.stage == "lora" && spec.init.empty())
    throw UsageError("hvlm tune: --stage lora goes on from a first stage: name its folder with --init");
  spec.data = dataOrOfRun(spec.data, spec.run_folder);
  spec.threads = session.threads;
  spec.device = session.device;
  Console console;
  const JobOutcome outcome = console.run(spec);
  const bool stopped = outcome.finished.stopped;
  nlohmann::json result =
      outcome.finished.result_json.empty() ? nlohmann::json::object() : parseJson(outcome.finished.result_json, "the engine's result");
  const bool written = result.value("best_epoch", 0) > 0;
  if (session.json) {
    result["state"] = stopped ? "stopped" : "done";
    result["seconds"] = outcome.seconds;
    printJson(result);
  } else {
    printText(outcome.finished.summary + "\n");
  }
  if (stopped)
    throw Interrupted(written ? "stopped; the best finished epoch is in " + spec.out
                              : "stopped before the end of the first epoch; nothing was written");
  if (!session.json) printText("Ask it: hvlm ask --model " + spec.out + " --run " + spec.run_folder + " --video ID \"What happens?\"\n");
  return kDone;
}

}  // namespace

void addTuneCommand(CLI::App& app, Session& session) {
  auto s = std::make_shared<TuneDecoderSpec>();
  CLI::App* command =
      addCommand(app, session, "tune", "Teach a language model of yours to see a run's videos: a projector first, then low-rank adapters",
                 [&session, s] { return tune(session, *s); });
  command
      ->add_option("--stage", s->stage, "projector: from captions, the model stays as it is; lora: adapters too, from --init [projector]")
      ->check(CLI::IsMember({"projector", "lora"}))
      ->type_name("NAME");
  command->add_option("--run", s->run_folder, "The run whose pyramid is seen; it stays as it is")->required()->type_name("DIR");
  command
      ->add_option("--model", s->model_folder,
                   "Folder of a LLaMA model (config.json, model.safetensors, tokenizer.json); it stays as it is")
      ->required()
      ->type_name("DIR");
  command->add_option("--out", s->out, "Folder to write: projector.safetensors, lora.safetensors, tune.json")->required()->type_name("DIR");
  command->add_option("--data", s->data, "Data set [the run's]")->type_name("DATASET.yaml");
  command->add_option("--subset", s->subset, "Subset whose captions are learned [training]")->type_name("NAME");
  command->add_option("--instructions", s->instructions, "Talks about its videos (hvlm data convert) in place of the captions")
      ->type_name("FILE.json");
  command->add_option("--init", s->init, "Folder of an earlier stage to go on from")->type_name("DIR");
  command->add_option("--template", s->chat_template, "single, two, llama or chatml [the model's own, else two]")->type_name("NAME");
  command->add_option("--checkpoint", s->checkpoint, "best, last or a step of the run [best]")->type_name("NAME");
  command->add_option("--epochs", s->epochs, "Times that all talks are seen [1]")->check(CLI::Range(1, 10000))->type_name("N");
  command->add_option("--batch", s->batch_size, "Talks of a step [8]")->check(CLI::Range(1, 4096))->type_name("N");
  command->add_option("--lr", s->lr, "Peak learning rate [0.001, with lora 0.0002]")->check(CLI::Range(0.0, 1.0))->type_name("X");
  command->add_option("--rank", s->lora_rank, "Rank of the adapters [8]")->check(CLI::Range(1, 4096))->type_name("N");
  command->add_option("--alpha", s->lora_alpha, "Adapters are scaled by alpha / rank [16]")->check(CLI::Range(1e-6, 1e6))->type_name("X");
  command->add_option("--levels", s->visual_levels, "Pyramid levels that are seen, such as 0,2,4 [from the top down as far as they fit]")
      ->type_name("LIST");
  command->add_option("--visual-tokens", s->visual_tokens, "Most visual tokens of a talk [32]")->check(CLI::Range(1, 4096))->type_name("N");
  command->add_option("--max-tokens", s->max_tokens, "Longest talk in tokens, visual ones included [512]")
      ->check(CLI::Range(8, 1 << 20))
      ->type_name("N");
  command->add_option("--holdout", s->holdout, "Share of the videos kept out, by whose loss the best epoch is taken [0.1]")
      ->check(CLI::Range(0.0, 0.9))
      ->type_name("X");
  command->add_option("--seed", s->seed, "Seed of the projector, the adapters and the order [1]")->type_name("N");
}

}  // namespace hvlm::cli
