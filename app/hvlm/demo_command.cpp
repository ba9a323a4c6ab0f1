// SPDX-License-Identifier: Apache-2.0
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <exception>
#include <memory>
#include <mutex>
#include <thread>

#include "command.h"
#include "console.h"
#include "data/synth.h"
#include "demo_bundle.h"
#include "data/synth_plan.h"
#include "runs/metrics.h"
#include "runs/run_record.h"
#include "runs/table.h"
#include "support/atomic_file.h"
#include "support/error.h"
#include "support/hash.h"
#include "support/json_file.h"
#include "support/paths.h"
#include "support/text.h"
#include "video/scene.h"
#include "video/video_writer.h"

namespace hvlm::cli {
namespace {

namespace fs = std::filesystem;

constexpr int kFramesPerSecond = 8;
constexpr const char* kNetwork = "efficientnet-lite0";
constexpr const char* kBagOfFrames = "raw features + linear";  // the control row: a linear probe on the mean step

struct DemoArguments {
  std::string out;
  int64_t videos = 200;
  uint64_t seed = 1;
  int64_t seconds = 62;  // mean length of a video
  std::vector<std::string> settings;
  std::string bundle;
};

// Phases 1 to 3 of the method, each going on from the weights of the one before, then the run the report is about.
struct DemoRun {
  const char* folder;  // below the demo's
  const char* config;
  const char* init;    // relative to the run folder; empty = random weights
  std::vector<std::string> settings;
};
const std::vector<DemoRun>& phases() {
  static const std::vector<std::string> kShort = {"train.epochs=4", "train.batch_size=8", "train.lr=0.001", "train.warmup_epochs=1", "train.select=last", "train.evaluate_epochs=0"};
  static const std::vector<DemoRun> all = {{"phases/1", "configs/baselines/phase1.yaml", "", kShort},
                                           {"phases/2", "configs/baselines/phase2.yaml", "../1", kShort},
                                           {"phases/3", "configs/baselines/phase3.yaml", "../2", kShort}};
  return all;
}

// The run of a bundle: the main run, narrow and without the text head, so that its weights are small.
const DemoRun& bundleRun() {
  static const DemoRun run = {"bundled", "configs/demo.yaml", "", {"encoder.dim=128", "loss.text=0"}};
  return run;
}

class Stages {
 public:
  void begin(const std::string& name) {
    end();
    name_ = name;
    start_ = std::chrono::steady_clock::now();
    std::fprintf(stderr, "%s\n", name.c_str());
  }
  void end() {
    if (name_.empty()) return;
    seconds_.push_back({name_, std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count()});
    name_.clear();
  }
  nlohmann::json json() const {
    nlohmann::json list = nlohmann::json::array();
    for (const auto& [name, seconds] : seconds_) list.push_back({{"stage", name}, {"seconds", seconds}});
    return list;
  }
  double total() const {
    double sum = 0.0;
    for (const auto& stage : seconds_) sum += stage.second;
    return sum;
  }

 private:
  std::string name_;
  std::chrono::steady_clock::time_point start_;
  std::vector<std::pair<std::string, double>> seconds_;
};

SynthOptions planOf(const DemoArguments& a) {
  SynthOptions options;
  options.videos = a.videos;
  options.classes = 8;
  options.mean_steps = a.seconds;
  options.shortest = std::max<int64_t>(4, a.seconds * 40 / 62);
  options.longest = std::max<int64_t>(4, a.seconds * 90 / 62);
  options.validation_share = 0.35;
  options.seed = a.seed;
  return options;
}

// A folder holds one plan: other numbers would mix the videos of one with the annotations of another.
void claimFolder(const DemoArguments& a, const fs::path& out) {
  const nlohmann::json wanted = {{"videos", a.videos}, {"seconds", a.seconds}, {"seed", a.seed}};
  const fs::path file = out / "demo.json";
  if (fs::exists(file)) {
    const nlohmann::json found = readJsonFile(file);
    if (found == wanted) return;
    throw InputError({.where = out.string(), .expected = "a folder of this demo (" + wanted.dump() + ")", .found = "one of another (" + found.dump() + ")", .remedy = "Choose another --out, or give the numbers it was made with."});
  }
  if (fs::exists(out / "data" / "dataset.yaml")) {
    throw InputError({.where = out.string(), .expected = "a new folder, or one that this version began", .found = "a data set of something else", .remedy = "Choose another --out, or remove this one."});
  }
  writeJsonFile(file, wanted);
}

void renderVideo(const SynthPlan& plan, int64_t index, uint64_t seed, const fs::path& file) {
  const SynthVideo video = plan.video(index);
  Scene scene;
  scene.seed = mixSeed(seed, static_cast<uint64_t>(index));
  scene.states = plan.stateOfEachStep(index, video);
  scene.action_states = plan.actionStates();
  VideoWriter writer(file, {.codec = "h264", .width = scene.width, .height = scene.height, .rate_num = kFramesPerSecond, .gop = 4 * kFramesPerSecond});
  for (int64_t i = 0; i < video.steps * kFramesPerSecond; ++i) writer.write(drawScene(scene, static_cast<double>(i) / kFramesPerSecond));
  writer.close();
}

// The files that are missing, one thread each at a time; the same seed gives the same bytes.
void renderAll(const DemoArguments& a, const fs::path& folder, int64_t threads) {
  const SynthPlan plan(planOf(a));
  fs::create_directories(folder);
  sweepTemporaries(folder);
  std::atomic<int64_t> next{0}, done{0};
  std::mutex mutex;
  std::exception_ptr failure;
  const auto work = [&] {
    for (int64_t i = next++; i < a.videos && !SignalWatch::asked(); i = next++) {
      try {
        const fs::path file = folder / (plan.video(i).id + ".mp4");
        if (!fs::exists(file)) renderVideo(plan, i, a.seed, file);
        const int64_t now = ++done;
        if (now % std::max<int64_t>(1, a.videos / 10) == 0) std::fprintf(stderr, "  %lld of %lld videos\n", static_cast<long long>(now), static_cast<long long>(a.videos));
      } catch (...) {
        const std::lock_guard lock(mutex);
        failure = std::current_exception();
        next = a.videos;
      }
    }
  };
  const SignalWatch watch;
  std::vector<std::thread> pool;
  for (int64_t i = 0; i < threads; ++i) pool.emplace_back(work);
  for (std::thread& thread : pool) thread.join();
  if (failure) std::rethrow_exception(failure);
  if (SignalWatch::asked()) throw Interrupted("stopped; finished videos are kept: go on with the same command");
}

// EfficientNet when its weights are here; else the built-in descriptor, said aloud.
std::string backboneToUse() {
  const fs::path weights = cacheFolder() / "weights" / (std::string(kNetwork) + ".safetensors");
  if (fs::exists(weights)) return kNetwork;
  const char* required = std::getenv("HVLM_REQUIRE_WEIGHTS");
  if (required && std::string(required) == "1") {
    throw InputError({.where = weights.string(), .expected = "the weights of EfficientNet-Lite0 (HVLM_REQUIRE_WEIGHTS=1)", .found = "none", .remedy = "Run ./run --setup-only."});
  }
  std::fprintf(stderr, "The weights of EfficientNet-Lite0 are not on this machine (./run --setup-only fetches them): the built-in HOG descriptor takes their place.\n");
  return "hog";
}

std::string extractAll(const DemoArguments& a, const Session& session, const fs::path& data, Console& console) {
  const SynthPlan plan(planOf(a));
  ExtractSpec spec;
  spec.backbone = backboneToUse();
  spec.out = (data / "features.h5").string();
  spec.channels = true;
  spec.threads = session.threads;
  for (int64_t i = 0; i < a.videos; ++i) {
    const std::string id = plan.video(i).id;
    spec.videos.push_back({id, (data / "videos" / (id + ".mp4")).string()});
  }
  const JobOutcome outcome = console.run(spec);
  if (outcome.finished.stopped) throw Interrupted("stopped; finished videos are kept: go on with the same command");
  const nlohmann::json result = parseJson(outcome.finished.result_json, "the engine's result");
  if (!result.at("failed").empty()) throw InputError({.where = spec.out, .expected = "features of all videos", .found = result.at("failed")[0].at("reason").get<std::string>(), .remedy = "Remove the broken file and call the command again."});
  return spec.backbone;
}

bool trained(const fs::path& run) { return fs::exists(run / "run.json") && readRunRecord(run).state == "done" && fs::exists(run / "report.json"); }

void trainRun(const DemoRun& demo, const DemoArguments& a, const Session& session, const fs::path& out, const std::string& dataset, Console& console, bool main_run) {
  const fs::path run = out / demo.folder;
  if (trained(run)) {
    std::fprintf(stderr, "  %s is trained already; a new --out trains anew\n", run.c_str());
    return;
  }
  std::vector<std::string> settings = demo.settings;
  if (*demo.init) settings.push_back(std::string("train.init=") + demo.init);
  settings.insert(settings.end(), a.settings.begin(), a.settings.end());
  TrainSpec spec;
  spec.config = readRunConfig(bundled(demo.config), settings);
  if (session.threads > 0) spec.config.train.threads = session.threads;
  if (session.device != "auto") spec.config.device = session.device;
  spec.data = dataset;
  spec.run_folder = run.string();
  spec.resume = fs::exists(run / "run.json");
  spec.evaluate_after = true;
  spec.controls = main_run;
  const JobOutcome outcome = console.run(std::move(spec));
  if (outcome.finished.stopped) throw Interrupted("stopped with everything saved; go on with the same command");
}

double numberAt(const nlohmann::json& json, const std::string& pointer) {
  const nlohmann::json::json_pointer place(pointer);
  return json.contains(place) && json.at(place).is_number() ? json.at(place).get<double>() : std::nan("");
}

struct Summary {
  double bag = 0.0, ours = 0.0;
  std::string backbone;
  nlohmann::json phases = nlohmann::json::array();
};

std::string phaseTable(const Summary& summary) {
  std::string text = "| Phase | TC | CAC | R_x | Effective rank | Probe top-1 | Verdict |\n| --- | ---: | ---: | ---: | ---: | ---: | --- |\n";
  for (const auto& phase : summary.phases) {
    text += "| " + phase.at("name").get<std::string>();
    for (const char* key : {"tc", "cac", "r_x"}) text += " | " + fixedNumber(phase.at(key).get<double>(), 3);
    text += " | " + fixedNumber(phase.at("effective_rank").get<double>(), 1) + " | " + fixedNumber(phase.at("probe").get<double>(), 3) + " | " + phase.at("verdict").get<std::string>() + " |\n";
  }
  return text;
}

std::string reportText(const nlohmann::json& report, const ResultTable& table, const RunRecord& record, const fs::path& run, const Summary& summary) {
  std::string text = "# Demo: actions told apart by the order of their states\n\n";
  text += "Run `" + run.string() + "`, config " + record.config_hash.substr(0, 12) + ", seed " + std::to_string(record.seed) + ", " +
          std::to_string(record.step) + " steps in " + std::to_string(record.epochs_done) + " epochs; hvlm " + record.version + " (" +
          record.revision + "); features: " + summary.backbone + ".\n\n";
  text += "Video top-1 on the validation subset: **bag of frames " + fixedNumber(summary.bag, 3) + "**, **this model " + fixedNumber(summary.ours, 3) +
          "**. Actions come in pairs of the same states in opposite order, so single frames, in whatever number, cannot tell a pair apart.\n\n";
  text += tableMarkdown(table);
  text += "\nVerdict: " + report.value("verdict", "none") + "\n\n## The phases on the way\n\n" + phaseTable(summary);
  text += "\nEach phase goes on from the weights of the one before. TC near 1 together with a probe near chance is collapse, whatever the loss says.\n\n"
          "Every number was measured by this program on features it extracted from the encoded MP4 files beside this report. The videos are drawn by it: the numbers show that everything works, not how well "
          "the method does on real videos (docs/results.md does).\n\n"
          "Files: `report.json`, `table.csv`, `table.md`, `table.tex`, `curves.csv`; the run folders hold checkpoints and predictions.\n";
  return text;
}

Summary summaryOf(const fs::path& out, const nlohmann::json& report, const std::string& backbone) {
  Summary summary;
  summary.backbone = backbone;
  summary.ours = numberAt(report, "/classification/top1");
  summary.bag = numberAt(report, "/controls/" + std::string(kBagOfFrames) + "/classification/probe");
  if (std::isnan(summary.bag)) summary.bag = numberAt(report, "/controls/" + std::string(kBagOfFrames) + "/classification/top1");
  for (size_t i = 0; i < phases().size(); ++i) {
    const fs::path file = out / phases()[i].folder / "report.json";
    const nlohmann::json r = readJsonFile(file);
    summary.phases.push_back({{"name", "phase " + std::to_string(i + 1)}, {"run", (out / phases()[i].folder).string()}, {"tc", numberAt(r, "/temporal_consistency")}, {"cac", numberAt(r, "/consistency/cac")},
                              {"r_x", numberAt(r, "/consistency/r_x")}, {"effective_rank", numberAt(r, "/collapse/effective_rank")}, {"probe", numberAt(r, "/classification/probe")},
                              {"verdict", r.value("verdict", "none")}});
  }
  return summary;
}

int demo(const Session& session, const DemoArguments& a) {
  const fs::path out = a.out.empty() ? dataFolder() / "demo" : fs::path(a.out);
  const fs::path data = out / "data", run = out / "run";
  const std::string dataset = (data / "dataset.yaml").string();
  const int64_t threads = session.threads > 0 ? session.threads : std::max<int64_t>(1, std::thread::hardware_concurrency());
  if (!a.bundle.empty() && fs::exists(a.bundle)) {
    throw InputError({.where = a.bundle, .expected = "no folder yet (--bundle)", .found = "one", .remedy = "Choose another --bundle, or remove it."});
  }
  claimFolder(a, out);
  Stages stages;
  stages.begin("drawing " + std::to_string(a.videos) + " videos into " + (data / "videos").string());
  if (!fs::exists(data / "dataset.yaml")) writeSyntheticTexts(planOf(a), data);
  renderAll(a, data / "videos", threads);
  Console console;
  stages.begin("extracting features");
  const std::string backbone = extractAll(a, session, data, console);
  for (const DemoRun& phase : phases()) {
    stages.begin("training " + std::string(phase.folder));
    trainRun(phase, a, session, out, dataset, console, false);
  }
  stages.begin("training the main run");
  trainRun({"run", "configs/demo.yaml", "", {}}, a, session, out, dataset, console, true);
  if (!a.bundle.empty()) {
    stages.begin("training the run of the bundle");
    trainRun(bundleRun(), a, session, out, dataset, console, true);
    writeDemoBundle({.data = data, .run = out / bundleRun().folder, .out = a.bundle});
  }
  stages.end();

  const nlohmann::json report = readJsonFile(run / "report.json");
  const Summary summary = summaryOf(out, report, backbone);
  const RunRecord record = readRunRecord(run);
  const ResultTable table = reportTable(report, false);
  writeFileAtomic(out / "report.md", reportText(report, table, record, run, summary));
  writeJsonFile(out / "report.json", report);
  writeFileAtomic(out / "table.csv", tableCsv(table));
  writeFileAtomic(out / "table.md", tableMarkdown(table));
  writeFileAtomic(out / "table.tex", tableLatex(table));
  writeFileAtomic(out / "curves.csv", curvesCsv(curvesOf(MetricReader(run).poll(), resumeSteps(record))));
  if (session.json) {
    printJson({{"out", out.string()}, {"data", dataset}, {"run", run.string()}, {"seconds", stages.total()}, {"stages", stages.json()}, {"backbone", backbone},
               {"bag_of_frames", summary.bag}, {"ours", summary.ours}, {"phases", summary.phases}, {"report", report}});
  } else {
    printText(terminalTable(table) + "\nVerdict: " + report.value("verdict", "none") + "\nVideo top-1: bag of frames " + fixedNumber(summary.bag, 3) + ", this model " +
              fixedNumber(summary.ours, 3) + " (features: " + backbone + ")\nTook " + durationText(stages.total()) +
              ". Report: " + (out / "report.md").string() + "\nLook into it with: hvlm-workbench " + run.string() + "\n");
  }
  return kDone;
}

}  // namespace

void addDemoCommand(CLI::App& app, Session& session) {
  auto a = std::make_shared<DemoArguments>();
  CLI::App* command = addCommand(app, session, "demo", "The main job from MP4 files it draws, end to end: features, all phases, report; goes on where it was stopped",
                                 [&session, a] { return demo(session, *a); });
  command->add_option("--out", a->out, "Folder for videos, features, runs and report [the user's data folder]")->type_name("DIR");
  command->add_option("--videos", a->videos, "Videos to draw [200]")->check(CLI::Range(10, 100000))->type_name("N");
  command->add_option("--seed", a->seed, "Seed of the videos; the same one gives the same files [1]")->type_name("N");
  command->add_option("--seconds", a->seconds, "Mean length of a video; they differ from two thirds to one and a half of it [62]")->check(CLI::Range(8, 36000))->type_name("N");
  command->add_option("--bundle", a->bundle, "Also train a smaller run and write it, with eight videos, as the demo that comes with the program")->type_name("DIR");
  command->add_option("--set", a->settings, "Change one config key of all runs, e.g. train.epochs=3; may be given often")->type_name("KEY=VALUE")->allow_extra_args(false);
}

}  // namespace hvlm::cli
