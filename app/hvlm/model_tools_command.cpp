// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <optional>

#include "command.h"
#include "runs/weight_tools.h"

namespace hvlm::cli {
namespace {

struct ToolArguments {
  std::string base, other, out;
  bool reverse = false;
  std::optional<double> alpha;
};

int tell(const Session& session, const std::string& out, const WeightToolReport& r) {
  if (session.json) {
    printJson({{"out", out}, {"tensors", r.tensors}, {"changed", r.changed}, {"copied", r.copied}, {"grown", r.grown}, {"left_out", r.left_out}, {"shards", r.shards}});
    return kDone;
  }
  std::string text = out + ": " + std::to_string(r.tensors) + " tensors";
  const auto part = [&text](int64_t number, const std::string& what) {
    if (number > 0) text += ", " + std::to_string(number) + " " + what;
  };
  part(r.shards, r.shards == 1 ? "file" : "files put together");
  part(r.shards > 0 ? 0 : r.changed, "changed");
  part(r.shards > 0 ? 0 : r.copied, "copied");
  part(r.grown, "longer than in the base");
  part(r.left_out, "of the base left out");
  printText(text + "\n");
  return kDone;
}

CLI::App* addTool(CLI::App& app, Session& session, const char* name, const char* help, const std::shared_ptr<ToolArguments>& a, WeightToolReport (*work)(const ToolArguments&)) {
  CLI::App* command = addCommand(app, session, name, help, [&session, a, work] { return tell(session, a->out, work(*a)); });
  command->add_option("--out", a->out, "Safetensors file to write")->required()->type_name("FILE");
  return command;
}

constexpr const char* kWeights = "; a safetensors or PyTorch file, a sharded model's index, or the folder of one";

}  // namespace

void addModelToolCommands(CLI::App& app, Session& session) {
  auto delta = std::make_shared<ToolArguments>();
  CLI::App* command = addTool(app, session, "apply-delta", "Add the published differences to the base model's weights, or make such differences", delta, [](const ToolArguments& a) {
    return a.reverse ? makeDelta(a.base, a.other, a.out) : applyDelta(a.base, a.other, a.out);
  });
  command->add_option("--base", delta->base, std::string("The base model") + kWeights)->required()->type_name("PATH");
  command->add_option("--delta", delta->other, "The differences; with --reverse, the model to take them from")->required()->type_name("PATH");
  command->add_flag("--reverse", delta->reverse, "Write model minus base instead");

  auto lora = std::make_shared<ToolArguments>();
  command = addTool(app, session, "merge-lora", "Add a LoRA adapter to the weights it was trained for", lora, [](const ToolArguments& a) { return mergeLora(a.base, a.other, a.out, a.alpha); });
  command->add_option("--base", lora->base, std::string("The base model") + kWeights)->required()->type_name("PATH");
  command->add_option("--adapter", lora->other, "The adapter's file, or its folder with adapter_config.json")->required()->type_name("PATH");
  command->add_option("--alpha", lora->alpha, "Alpha of the adapter [lora_alpha of adapter_config.json]")->type_name("X");

  auto shards = std::make_shared<ToolArguments>();
  command = addTool(app, session, "consolidate", "Put the shards of a model together as one file", shards, [](const ToolArguments& a) { return consolidate(a.base, a.out); });
  command->add_option("FOLDER", shards->base, "Folder of a sharded model, or its index")->required()->type_name("PATH");
}

}  // namespace hvlm::cli
