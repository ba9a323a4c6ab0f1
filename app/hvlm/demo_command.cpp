// SPDX-License-Identifier: Apache-2.0
#include <memory>

#include "command.h"
#include "console.h"
#include "data/synth.h"
#include "runs/metrics.h"
#include "runs/run_record.h"
#include "runs/table.h"
#include "support/error.h"
#include "support/json_file.h"
#include "support/paths.h"
#include "support/text.h"

namespace hvlm::cli {
namespace {

namespace fs = std::filesystem;

struct DemoArguments {
  std::string out;
  int64_t videos = 160;
  std::vector<std::string> settings;
};

// The demo's data: small enough for two cores in a few minutes, with an order of states to learn.
void makeData(const DemoArguments& a, const fs::path& folder) {
  if (fs::exists(folder / "dataset.yaml")) return;
  std::fprintf(stderr, "writing a synthetic data set of %lld videos into %s\n", static_cast<long long>(a.videos), folder.c_str());
  SynthOptions options;
  options.videos = a.videos;
  writeSynthetic(options, folder, [](int64_t, int64_t) {
    if (SignalWatch::asked()) throw Interrupted("interrupted; go on with the same command");
  });
}

RunConfig demoConfig(const DemoArguments& a, const Session& session) {
  RunConfig config = readRunConfig(bundled("configs/quick.yaml"), a.settings);
  if (session.threads > 0) config.train.threads = session.threads;
  if (session.device != "auto") config.device = session.device;
  return config;
}

bool trained(const fs::path& run) { return fs::exists(run / "run.json") && readRunRecord(run).state == "done"; }

std::string reportText(const nlohmann::json& report, const ResultTable& table, const RunRecord& record, const fs::path& run) {
  std::string text = "# Demo: a hierarchical model of synthetic videos\n\n";
  text += "Run `" + run.string() + "`, config " + record.config_hash.substr(0, 12) + ", seed " + std::to_string(record.seed) + ", " +
          std::to_string(record.step) + " steps in " + std::to_string(record.epochs_done) + " epochs; hvlm " + record.version + " (" +
          record.revision + ").\n\n";
  text += tableMarkdown(table);
  text += "\nVerdict: " + report.value("verdict", "none") + "\n\n";
  text += "Every number was measured by this program on the validation subset of the data set beside this file. The data are made up:\n"
          "each class is an ordered sequence of hidden states, so the numbers show that everything works, not how well the method does.\n\n"
          "Files: `report.json`, `table.csv`, `table.md`, `table.tex`, `curves.csv`; the run folder holds checkpoints and predictions.\n";
  return text;
}

int demo(const Session& session, const DemoArguments& a) {
  const fs::path out = a.out.empty() ? dataFolder() / "demo" : fs::path(a.out);
  const fs::path data = out / "data", run = out / "run";
  {
    const SignalWatch watch;
    makeData(a, data);
  }
  const std::string dataset = (data / "dataset.yaml").string();
  double seconds = 0.0;
  Console console;
  if (!trained(run)) {
    TrainSpec spec;
    spec.config = demoConfig(a, session);
    spec.data = dataset;
    spec.run_folder = run.string();
    spec.resume = fs::exists(run / "run.json");
    const JobOutcome outcome = console.run(std::move(spec));
    seconds += outcome.seconds;
    if (outcome.finished.stopped) throw Interrupted("stopped with everything saved; go on with the same command");
  } else {
    std::fprintf(stderr, "%s is trained already; a new --out trains anew\n", run.c_str());
  }
  const JobOutcome outcome =
      console.run(EvaluateSpec{.run_folder = run.string(), .data = dataset, .threads = session.threads, .device = session.device});
  seconds += outcome.seconds;
  if (outcome.finished.stopped) throw Interrupted("stopped; go on with the same command");

  const nlohmann::json report = parseJson(outcome.finished.result_json, "the engine's result");
  const RunRecord record = readRunRecord(run);
  const ResultTable table = reportTable(report, false);
  writeFileAtomic(out / "report.md", reportText(report, table, record, run));
  writeJsonFile(out / "report.json", report);
  writeFileAtomic(out / "table.csv", tableCsv(table));
  writeFileAtomic(out / "table.md", tableMarkdown(table));
  writeFileAtomic(out / "table.tex", tableLatex(table));
  writeFileAtomic(out / "curves.csv", curvesCsv(curvesOf(MetricReader(run).poll(), resumeSteps(record))));
  if (session.json) {
    printJson({{"out", out.string()}, {"data", dataset}, {"run", run.string()}, {"seconds", seconds}, {"report", report}});
  } else {
    printText(terminalTable(table) + "\nVerdict: " + report.value("verdict", "none") + "\nTook " + durationText(seconds) +
              ". Report: " + (out / "report.md").string() + "\nLook into it with: hvlm-workbench " + run.string() + "\n");
  }
  return kDone;
}

}  // namespace

void addDemoCommand(CLI::App& app, Session& session) {
  auto a = std::make_shared<DemoArguments>();
  CLI::App* command = addCommand(app, session, "demo", "The main job on made-up data, end to end, with a report; goes on where it was stopped",
                                 [&session, a] { return demo(session, *a); });
  command->add_option("--out", a->out, "Folder for data, run and report [the user's data folder]")->type_name("DIR");
  command->add_option("--videos", a->videos, "Videos to make up [160]")->check(CLI::Range(10, 1000000))->type_name("N");
  command->add_option("--set", a->settings, "Change one config key, e.g. train.epochs=3; may be given often")->type_name("KEY=VALUE")->allow_extra_args(false);
}

}  // namespace hvlm::cli
