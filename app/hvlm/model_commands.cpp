// SPDX-License-Identifier: Apache-2.0
#include <memory>

#include "command.h"
#include "console.h"
#include "jobs/foreign_file.h"
#include "jobs/inspection_text.h"
#include "runs/table.h"
#include "support/error.h"
#include "support/json_file.h"
#include "support/paths.h"
#include "support/text.h"

namespace hvlm::cli {
namespace {

namespace fs = std::filesystem;

struct TrainArguments {
  std::string config, data, run;
  std::string init;
  std::vector<std::string> settings;
  bool resume = false;
  bool evaluate = false;
  bool no_controls = false;
  int64_t until_epoch = 0;
};

// What a call leaves open: a resumed run has its own config, a new one takes the quick one.
RunConfig configOf(const TrainArguments& a, const Session& session) {
  fs::path file = namedConfig(a.config);
  if (file.empty()) file = a.resume ? fs::path(a.run) / "config.yaml" : bundled("configs/quick.yaml");
  RunConfig config = readRunConfig(file, a.settings);
  if (!a.init.empty()) config.train.init = fs::absolute(a.init).lexically_normal().string();
  if (session.threads > 0) config.train.threads = session.threads;
  if (session.device != "auto") config.device = session.device;
  return config;
}

nlohmann::json resultOf(const JobOutcome& outcome) {
  if (outcome.finished.result_json.empty()) return nlohmann::json::object();
  return parseJson(outcome.finished.result_json, "the engine's result");
}

// True from the end of epoch `until` on; the last epoch ends the run by itself.
Console::Enough epochReached(int64_t until, int64_t epochs, const std::shared_ptr<bool>& reached) {
  if (until <= 0 || until >= epochs) return {};
  return [until, epochs, reached](const JobEvent& event) {
    if (const auto* started = std::get_if<StartedEvent>(&event)) *reached = started->from_step * epochs >= until * started->total_steps && started->from_step > 0;
    if (const auto* epoch = std::get_if<EpochEvent>(&event)) *reached = epoch->epoch >= until;
    return *reached;
  };
}

int train(const Session& session, const TrainArguments& a) {
  TrainSpec spec;
  spec.config = configOf(a, session);
  spec.data = a.data.empty() && a.resume ? dataOrOfRun(a.data, a.run) : a.data;
  if (spec.data.empty()) throw UsageError("hvlm train: --data is required for a new run (see hvlm train --help)");
  spec.run_folder = a.run;
  spec.resume = a.resume;
  spec.evaluate_after = a.evaluate;
  spec.controls = !a.no_controls;
  const auto reached = std::make_shared<bool>(false);
  Console::Enough enough = epochReached(a.until_epoch, spec.config.train.epochs, reached);
  Console console;
  const JobOutcome outcome = console.run(std::move(spec), std::move(enough));
  const bool stopped = outcome.finished.stopped;
  if (session.json) {
    nlohmann::json answer = resultOf(outcome);
    answer["run"] = a.run;
    answer["state"] = stopped ? "stopped" : "done";
    answer["from_step"] = outcome.from_step;
    answer["seconds"] = outcome.seconds;
    printJson(answer);
  } else {
    printText(outcome.finished.summary.empty() ? a.run + ": " + (stopped ? "stopped" : "done") + " after " + durationText(outcome.seconds)
                                               : outcome.finished.summary);
  }
  if (stopped && !*reached) throw Interrupted("stopped with everything saved; go on with: hvlm train --resume --run " + a.run);
  return kDone;
}

struct SubsetArguments {
  std::string run, data, out;
  std::string subset = "validation";
  std::string checkpoint = "best";
  std::string video_scores, proposals;
  std::string weights = "float32";
  int64_t chunk_steps = 0;
  bool no_report = false;
  bool no_controls = false;
};

// How it was computed where that is not the usual way, and what files of other programs had to say, one line each.
std::string conditionsText(const nlohmann::json& answer) {
  std::string text;
  if (const std::string format = answer.value("weights", ""); !format.empty()) text += "Linear layers multiplied with " + format + " weights\n";
  const auto external = answer.find("external");
  if (external == answer.end()) return text;
  if (external->contains("video_scores")) text += "Video scores from " + matchText(external->at("video_scores")) + "\n";
  if (external->contains("proposals")) text += "Proposals from " + matchText(external->at("proposals")) + "\n";
  return text;
}

int evaluate(const Session& session, const SubsetArguments& a) {
  EvaluateSpec spec{.run_folder = a.run, .data = dataOrOfRun(a.data, a.run), .subset = a.subset, .checkpoint = a.checkpoint,
                    .threads = session.threads, .device = session.device, .write_report = !a.no_report, .controls = !a.no_controls,
                    .video_scores = a.video_scores, .proposals = a.proposals, .weights = a.weights};
  Console console;
  const JobOutcome outcome = console.run(std::move(spec));
  if (outcome.finished.stopped) throw Interrupted("stopped; the run is as it was");
  const nlohmann::json report = resultOf(outcome);
  if (session.json) {
    printJson(report);
  } else {
    printText(terminalTable(reportTable(report, false)) + "\nVerdict: " + report.value("verdict", "none") + "\n" + conditionsText(report));
  }
  return kDone;
}

int predict(const Session& session, const SubsetArguments& a) {
  PredictSpec spec{.run_folder = a.run, .data = dataOrOfRun(a.data, a.run), .subset = a.subset, .out = a.out,
                   .checkpoint = a.checkpoint, .threads = session.threads, .device = session.device, .video_scores = a.video_scores, .proposals = a.proposals,
                   .chunk_steps = a.chunk_steps, .weights = a.weights};
  Console console;
  const JobOutcome outcome = console.run(std::move(spec));
  if (outcome.finished.stopped) throw Interrupted("stopped; nothing was written");
  if (session.json) {
    nlohmann::json answer = resultOf(outcome);
    answer["predictions"] = a.out;
    answer["subset"] = a.subset;
    printJson(answer);
  } else {
    printText("Wrote " + a.out + "\n" + conditionsText(resultOf(outcome)));
  }
  return kDone;
}

struct EmbedArguments : SubsetArguments {
  int64_t moments = 20000;
};

int embed(const Session& session, const EmbedArguments& a) {
  EmbedSpec spec{.run_folder = a.run, .data = dataOrOfRun(a.data, a.run), .subset = a.subset, .out = a.out, .checkpoint = a.checkpoint, .most_moments = a.moments,
                 .threads = session.threads, .device = session.device};
  Console console;
  const JobOutcome outcome = console.run(std::move(spec));
  if (outcome.finished.stopped) throw Interrupted("stopped; nothing was written");
  if (session.json) printJson(resultOf(outcome));
  else printText(outcome.finished.summary);
  return kDone;
}

struct PyramidArguments {
  std::string run, data, video, out;
  std::string checkpoint = "best";
};

int pyramid(const Session& session, const PyramidArguments& a) {
  Console console;
  const VideoInspection inspection = console.inspect({.run_folder = a.run, .data = dataOrOfRun(a.data, a.run), .video = a.video,
                                                      .checkpoint = a.checkpoint, .threads = session.threads});
  writeJsonFile(a.out, inspectionJson(inspection));
  nlohmann::json lengths = nlohmann::json::array();
  std::string chain;
  for (const PyramidLevel& level : inspection.levels) {
    lengths.push_back(level.first_step.size());
    chain += (chain.empty() ? "" : ", ") + std::to_string(level.first_step.size());
  }
  if (session.json) {
    printJson({{"file", a.out}, {"video", inspection.video}, {"mode", inspection.mode}, {"levels", lengths}, {"step", inspection.step}});
  } else {
    printText(inspection.video + ", " + inspection.mode + ": " + chain + "\nWrote " + a.out);
  }
  return kDone;
}

// Every key that --set takes, with its default and meaning.
std::string configKeys() {
  RunConfig config;
  const Fields fields(config);
  std::vector<std::vector<std::string>> rows;
  for (const Field& field : fields.all()) rows.push_back({"  " + field.path, fieldText(field), field.help});
  return "Config keys for --set and config files, with their defaults:\n" + alignedTable(rows, false);
}

void addRunAndData(CLI::App* command, std::string& run, std::string& data, std::string& checkpoint) {
  command->add_option("--run", run, "Run folder")->required()->type_name("DIR");
  command->add_option("--data", data, "dataset.yaml; left out: the one the run was trained on")->type_name("DATASET.yaml");
  command->add_option("--checkpoint", checkpoint, "best, last or step-NNNNNNNN")->type_name("NAME");
}

void addWeights(CLI::App* command, SubsetArguments& a) {
  command->add_option("--weights", a.weights, "What linear layers multiply with: float32, or int8, which is quicker and rounds (CPU) [float32]")->check(CLI::IsMember({"float32", "int8"}))->type_name("FORMAT");
}

void addExternal(CLI::App* command, SubsetArguments& a) {
  command->add_option("--video-scores", a.video_scores, "Class scores of whole videos in place of the run's own: ActivityNet classification results, rows with a class list, or a table video,label,score")->type_name("FILE");
  command->add_option("--proposals", a.proposals, "Segments to join with the run's own, with or without labels: ActivityNet results or a table video,start,end,label,score")->type_name("FILE");
}

}  // namespace

void addModelCommands(CLI::App& app, Session& session) {
  auto t = std::make_shared<TrainArguments>();
  CLI::App* command = addCommand(app, session, "train", "Train a model into a run folder", [&session, t] { return train(session, *t); });
  command->add_option("--config", t->config, "Config file, or the name of a bundled one (recommended, moco); left out: configs/quick.yaml, or the run's own with --resume")->type_name("C.yaml");
  command->add_option("--data", t->data, "dataset.yaml; may be left out with --resume")->type_name("DATASET.yaml");
  command->add_option("--run", t->run, "Run folder to make, or to go on with")->required()->type_name("DIR");
  command->add_option("--set", t->settings, "Change one config key, e.g. train.epochs=3; may be given often")->type_name("KEY=VALUE")->allow_extra_args(false);
  command->add_option("--init", t->init, "Start from the weights of this run, where names and shapes agree (train.init)")->type_name("RUN");
  command->add_flag("--resume", t->resume, "Go on with the run from its last checkpoint");
  command->add_option("--until-epoch", t->until_epoch, "Stop at the end of this epoch of the whole schedule, with everything saved; --resume goes on")->check(CLI::Range(1, 1000000))->type_name("N");
  command->footer(configKeys);
  command->add_flag("--evaluate", t->evaluate, "Evaluate the validation subset at the end");
  command->add_flag("--no-controls", t->no_controls, "Neither fit nor report the control rows (raw features, random encoder, trivial localisation)");

  auto e = std::make_shared<SubsetArguments>();
  command = addCommand(app, session, "eval", "All metrics that a run supports, with their controls", [&session, e] { return evaluate(session, *e); });
  addRunAndData(command, e->run, e->data, e->checkpoint);
  command->add_option("--subset", e->subset, "Subset [validation]")->type_name("NAME");
  addExternal(command, *e);
  addWeights(command, *e);
  command->add_flag("--no-report", e->no_report, "Leave report.json and predictions/ of the run as they are");
  command->add_flag("--no-controls", e->no_controls, "Leave the control rows out");

  auto p = std::make_shared<SubsetArguments>();
  command = addCommand(app, session, "predict", "Write detections in the ActivityNet format", [&session, p] { return predict(session, *p); });
  addRunAndData(command, p->run, p->data, p->checkpoint);
  command->add_option("--subset", p->subset, "Subset [validation]")->type_name("NAME");
  command->add_option("--out", p->out, "File to write")->required()->type_name("FILE.json");
  addExternal(command, *p);
  addWeights(command, *p);
  command->add_option("--chunk-steps", p->chunk_steps, "Read and compute longer videos by stretches of so many steps, with the same result and little memory; for encoder.mixer window, maxpool or none [whole videos]")->check(CLI::Range(1, 1000000000))->type_name("N");

  auto m = std::make_shared<EmbedArguments>();
  command = addCommand(app, session, "embed", "Write the vectors of videos and of moments in them, for maps, neighbours and confusions", [&session, m] { return embed(session, *m); });
  addRunAndData(command, m->run, m->data, m->checkpoint);
  command->add_option("--subset", m->subset, "Subset [validation]")->type_name("NAME");
  command->add_option("--moments", m->moments, "Steps to keep at most, spread evenly [20000]")->check(CLI::Range(1, 10000000))->type_name("N");
  command->add_option("--out", m->out, "File to write")->required()->type_name("FILE.safetensors");

  auto y = std::make_shared<PyramidArguments>();
  command = addCommand(app, session, "pyramid", "Write levels, windows, attention weights and shares of one video", [&session, y] { return pyramid(session, *y); });
  addRunAndData(command, y->run, y->data, y->checkpoint);
  command->add_option("--video", y->video, "Video id, with or without v_")->required()->type_name("ID");
  command->add_option("--out", y->out, "File to write")->required()->type_name("FILE.json");
}

}  // namespace hvlm::cli
