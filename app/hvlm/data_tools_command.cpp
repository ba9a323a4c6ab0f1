// SPDX-License-Identifier: Apache-2.0
#include <memory>
#include <set>

#include "command.h"
#include "data/feature_store.h"
#include "language/instructions.h"
#include "support/atomic_file.h"
#include "support/error.h"
#include "support/text.h"

namespace hvlm::cli {
namespace {

namespace fs = std::filesystem;

struct InstructionArguments {
  std::string in, out, features, key;
};

int tell(const Session& session, const std::string& out, const InstructionSet& set) {
  if (session.json) {
    printJson({{"out", out}, {"items", set.items.size()}, {"dropped", set.dropped}});
    return kDone;
  }
  std::string text = out + ": " + std::to_string(set.items.size()) + " items\n";
  for (const auto& [reason, count] : set.dropped) text += "  " + std::to_string(count) + " dropped: " + reason + "\n";
  printText(text);
  return kDone;
}

// One id a line, or the ids of a feature store.
std::set<std::string> featureIds(const InstructionArguments& a) {
  std::set<std::string> ids;
  if (fs::path(a.features).extension() == ".txt") {
    for (const std::string& line : split(readFile(a.features), '\n')) {
      if (const std::string id = trimmed(line); !id.empty()) ids.insert(id);
    }
  } else {
    FeatureSpec spec;
    spec.store = fs::absolute(a.features);
    spec.key = a.key;
    for (const std::string& id : FeatureStore::open(spec)->ids()) ids.insert(id);
  }
  if (ids.empty()) throw InputError({.where = a.features, .expected = "ids of videos with features", .found = "none", .remedy = "Name an HDF5 file, a folder of .npy files or a .txt file of ids."});
  return ids;
}

int convert(const Session& session, const InstructionArguments& a) {
  const InstructionSet set = readInstructions(a.in);
  writeInstructions(a.out, set.items);
  return tell(session, a.out, set);
}

int filter(const Session& session, const InstructionArguments& a) {
  const InstructionSet set = filterInstructions(readInstructions(a.in), featureIds(a));
  if (set.items.empty()) throw InputError({.where = a.in, .expected = "items whose video has features in " + a.features, .found = "none", .remedy = "Check that both name videos alike; nothing has been written."});
  writeInstructions(a.out, set.items);
  return tell(session, a.out, set);
}

void addFiles(CLI::App* command, const std::shared_ptr<InstructionArguments>& a) {
  command->add_option("--in", a->in, "Instructions: a list of {q, a, video_id} or of {id, video, conversations}")->required()->type_name("FILE.json");
  command->add_option("--out", a->out, "File to write, in the training form")->required()->type_name("FILE.json");
}

}  // namespace

void addInstructionCommands(CLI::App& app, Session& session) {
  CLI::App* group = app.add_subcommand("data", "Instructions to train a language model on");
  group->require_subcommand(1);
  auto c = std::make_shared<InstructionArguments>();
  addFiles(addCommand(*group, session, "convert", "Questions and answers to training conversations, <video> by turns behind and before the question", [&session, c] { return convert(session, *c); }), c);
  auto f = std::make_shared<InstructionArguments>();
  CLI::App* command = addCommand(*group, session, "filter", "Keep the instructions whose video has features", [&session, f] { return filter(session, *f); });
  addFiles(command, f);
  command->add_option("--features", f->features, "HDF5 file, folder of .npy files, or .txt file of ids")->required()->type_name("PATH");
  command->add_option("--key", f->key, "Data set of the features below each video's group [found by shape]")->type_name("NAME");
}

}  // namespace hvlm::cli
