// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <memory>

#include "command.h"
#include "console.h"
#include "data/report.h"
#include "data/synth.h"
#include "jobs/data_file.h"
#include "support/error.h"

namespace hvlm::cli {
namespace {

struct SynthArguments {
  std::string out;
  SynthOptions options;
};

int synth(const Session& session, const SynthArguments& a) {
  const SignalWatch watch;
  writeSynthetic(a.options, a.out, [](int64_t, int64_t) {
    if (SignalWatch::asked()) throw Interrupted("interrupted; nothing was written");
  });
  const std::string dataset = (std::filesystem::path(a.out) / "dataset.yaml").string();
  if (session.json) {
    SynthOptions options = a.options;
    nlohmann::json answer = fieldsAsJson(Fields(options));
    answer["dataset"] = dataset;
    printJson(answer);
  } else {
    printText("Wrote " + std::to_string(a.options.videos) + " videos, " + std::to_string(a.options.dim) + " columns, " +
              std::to_string(a.options.classes) + " classes: " + dataset);
  }
  return kDone;
}

nlohmann::json asJson(const DataFile& file) {
  nlohmann::json problems = nlohmann::json::array();
  for (const Problem& problem : file.problems) problems.push_back({{"kind", problem.kind}, {"item", problem.item}, {"detail", problem.detail}});
  return {{"file", file.path.string()}, {"kind", dataFileKindName(file.kind)}, {"videos", file.videos}, {"items", file.items}, {"subsets", file.subsets},
          {"problems", problems}, {"dataset", file.dataset.string()}, {"dataset_line", datasetLine(file)}};
}

// A part of a data set alone: what it is, and how it becomes one.
bool inspectPart(const Session& session, const std::filesystem::path& path) {
  std::error_code none;
  if (path.extension() == ".yaml" || path.extension() == ".yml" || std::filesystem::exists(path / "dataset.yaml", none)) return false;
  const DataFile file = readDataFile(path, nullptr);
  if (file.kind == DataFileKind::kUnknown) return false;
  if (session.json) printJson(asJson(file));
  else printText(dataFileText(file));
  return true;
}

int inspect(const Session& session, const std::string& dataset, double scan_gigabytes) {
  if (inspectPart(session, dataset)) return kDone;
  const nlohmann::json report = inspectDataset(readDatasetSpec(dataset), scan_gigabytes * 1e9);
  if (session.json) {
    printJson(report);
  } else {
    printText(inspectText(report));
  }
  return kDone;
}

}  // namespace

void addDataCommands(CLI::App& app, Session& session) {
  auto a = std::make_shared<SynthArguments>();
  CLI::App* command = addCommand(app, session, "synth", "Write a synthetic feature set with known structure",
                                 [&session, a] { return synth(session, *a); });
  command->add_option("--out", a->out, "Folder to write; must not hold a data set yet")->required()->type_name("DIR");
  // Each option of SynthOptions once more as --name; ranges and help come from its description.
  auto fields = std::make_shared<Fields>(a->options);
  for (const Field& field : fields->all()) {
    std::string flag = "--" + field.path;
    std::replace(flag.begin(), flag.end(), '_', '-');
    command
        ->add_option_function<std::string>(
            flag,
            [fields, a, path = field.path, flag](const std::string& text) {
              try {
                fields->set(path, text, flag);
              } catch (const InputError& error) {
                throw CLI::ValidationError(error.what());
              }
            },
            field.help + " [" + fieldText(field) + "]")
        ->type_name("N");
  }

  auto dataset = std::make_shared<std::string>();
  auto scan = std::make_shared<double>(2.0);
  CLI::App* look = addCommand(app, session, "inspect", "Count what a data set holds and list every problem in it",
                              [&session, dataset, scan] { return inspect(session, *dataset, *scan); });
  look->add_option("dataset", *dataset, "dataset.yaml; or a file or folder that may be a part of a data set, to be told what it is")->required()->type_name("DATASET.yaml");
  look->add_option("--scan", *scan, "Look through at most this many gigabytes of features for NaN [2]")
      ->check(CLI::Range(0.0, 1e6))
      ->type_name("GB");
}

}  // namespace hvlm::cli
