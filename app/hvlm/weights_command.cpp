// SPDX-License-Identifier: Apache-2.0
#include <memory>

#include "command.h"
#include "console.h"
#include "runs/safetensors.h"
#include "runs/torch_archive.h"
#include "support/atomic_file.h"
#include "support/error.h"
#include "support/hash.h"
#include "support/paths.h"
#include "support/text.h"

namespace hvlm::cli {
namespace {

namespace fs = std::filesystem;

struct ImportArguments {
  std::string from, name, out;
};

// The one weights file below a folder (an unpacked package).
fs::path weightsIn(const fs::path& from) {
  if (!fs::is_directory(from)) return from;
  std::vector<fs::path> found;
  for (const auto& entry : fs::recursive_directory_iterator(from, fs::directory_options::skip_permission_denied)) {
    const std::string suffix = entry.path().extension().string();
    if (entry.is_regular_file() && (suffix == ".pth" || suffix == ".pt" || suffix == ".safetensors")) found.push_back(entry.path());
  }
  if (found.size() == 1) return found.front();
  throw InputError({.where = from.string(), .expected = "one file of weights (.pth, .pt or .safetensors)", .found = std::to_string(found.size()), .remedy = "Name the file itself."});
}

// "efficientnet-lite0-57934424.pth" -> "efficientnet-lite0": file names of packages end in a digest.
std::string nameOf(const fs::path& file) {
  std::string stem = file.stem().string();
  const size_t dash = stem.rfind('-');
  const bool digest = dash != std::string::npos && stem.size() - dash == 9 && stem.find_first_not_of("0123456789abcdef", dash + 1) == std::string::npos;
  return digest ? stem.substr(0, dash) : stem;
}

int importWeights(const Session& session, const ImportArguments& a) {
  const fs::path file = weightsIn(a.from);
  const std::string name = a.name.empty() ? nameOf(file) : a.name;
  const fs::path out = a.out.empty() ? cacheFolder() / "weights" / (name + ".safetensors") : fs::path(a.out);
  const TensorMap tensors = readWeights(file);
  int64_t numbers = 0;
  for (const auto& [key, tensor] : tensors) {
    int64_t count = 1;
    for (const int64_t n : tensor.shape) count *= n;
    numbers += count;
  }
  const std::string bytes = encodeSafetensors(tensors, {{"source", file.filename().string()}});
  writeFileAtomic(out, bytes);
  const std::string hash = contentHash(bytes);
  const fs::path words = file.parent_path() / "vocab.txt";  // of a text network: its tokenizer's words
  if (fs::exists(words)) writeFileAtomic(fs::path(out).replace_extension(".vocab.txt"), readFile(words));
  if (session.json) {
    printJson({{"name", name}, {"out", out.string()}, {"tensors", tensors.size()}, {"numbers", numbers}, {"hash", hash}});
  } else {
    printText(out.string() + ": " + std::to_string(tensors.size()) + " tensors, " + std::to_string(numbers) + " numbers, hash " + hash + "\n");
  }
  return kDone;
}

}  // namespace

void addWeightsCommands(CLI::App& app, Session& session) {
  CLI::App* group = app.add_subcommand("weights", "Weights of networks made elsewhere");
  group->require_subcommand(1);
  auto a = std::make_shared<ImportArguments>();
  CLI::App* command = addCommand(*group, session, "import", "Convert a PyTorch file to safetensors; nothing in it is executed. A vocab.txt beside it is taken along", [&session, a] { return importWeights(session, *a); });
  command->add_option("FROM", a->from, "A .pth or .pt file of tensors, a safetensors file, or the folder of an unpacked package")->required()->type_name("PATH");
  command->add_option("--name", a->name, "Name it is known by [the file's]")->type_name("NAME");
  command->add_option("--out", a->out, "File to write [weights/NAME.safetensors in the user's cache]")->type_name("FILE");
}

}  // namespace hvlm::cli
