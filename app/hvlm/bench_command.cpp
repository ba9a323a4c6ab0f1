// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cmath>
#include <memory>

#include "bench_parts.h"
#include "command.h"
#include "console.h"
#include "support/error.h"
#include "support/json_file.h"
#include "support/paths.h"
#include "support/text.h"

namespace hvlm::cli {
namespace {

struct ModelArguments {
  std::string config = "recommended";
  std::string out;
  std::string steps;
  std::vector<std::string> settings;
  MeasureSpec spec;
  std::string lengths;  // a list of videos in packed batches, in place of one video of each length
  int64_t videos = 64, batch = 0;
};

constexpr int64_t kMostSteps = 1000000;

// "250,500": whole numbers that differ.
std::vector<int64_t> lengthsOf(const std::string& text) {
  std::vector<int64_t> lengths;
  for (const std::string& word : split(text, ',')) {
    const auto number = parseNumber(trimmed(word));
    const bool fits = number && *number == std::floor(*number) && *number >= 1 && *number <= kMostSteps;
    if (!fits || std::find(lengths.begin(), lengths.end(), static_cast<int64_t>(*number)) != lengths.end()) {
      throw UsageError("hvlm bench model: --steps takes different whole numbers from 1 to " + std::to_string(kMostSteps) + " with commas between, found \"" +
                       shortened(word) + "\" in \"" + shortened(text) + "\" (see hvlm bench model --help)");
    }
    lengths.push_back(static_cast<int64_t>(*number));
  }
  return lengths;
}

std::string megabytes(double bytes) { return fixedNumber(bytes / 1e6, 1); }

std::string resultText(const nlohmann::json& r) {
  std::vector<std::vector<std::string>> rows = {{"steps", "ms", "quartiles", "steps/s", "videos/s", "GF", "GF/s", "of GEMM", "MB", "training ms", "training MB"}};
  for (const nlohmann::json& one : r.at("lengths")) {
    const auto milliseconds = [&](const char* key) { return fixedNumber(1e3 * one.at("seconds").at(key).get<double>(), 1); };
    rows.push_back({std::to_string(one.at("steps").get<int64_t>()), milliseconds("median"), milliseconds("iqr_low") + "–" + milliseconds("iqr_high"),
                    fixedNumber(one.at("steps_per_second").get<double>(), 0), fixedNumber(one.at("videos_per_second").get<double>(), 1),
                    fixedNumber(one.at("flops").get<double>() / 1e9, 2), fixedNumber(one.at("gflops").get<double>(), 1),
                    fixedNumber(100.0 * one.at("utilisation").get<double>(), 0) + " %", megabytes(one.at("peak_bytes").get<double>()),
                    fixedNumber(1e3 * one.at("train_seconds").get<double>(), 1), megabytes(one.at("train_peak_bytes").get<double>())});
  }
  const int64_t threads = r.at("threads");
  const auto slope = [&](const char* key) { return r.at(key).is_number() ? fixedNumber(r.at(key).get<double>(), 2) : std::string("–"); };
  return "Mixer " + r.at("mixer").get<std::string>() + ", " + std::to_string(r.at("parameters").get<int64_t>()) + " parameters (FP32 " +
         megabytes(r.at("bytes_fp32").get<double>()) + " MB, FP16 " + megabytes(r.at("bytes_fp16").get<double>()) + " MB), " +
         std::to_string(threads) + (threads == 1 ? " thread" : " threads") + ", GEMM " + fixedNumber(r.at("gemm_gflops").get<double>(), 1) + " GF/s\n\n" + alignedTable(rows) +
         "\nLog-log slopes over the length: time " + slope("slope_time") + ", memory " + slope("slope_memory") + ", training time " + slope("slope_train_time") +
         ", training memory " + slope("slope_train_memory") + ", operations " + slope("slope_flops") + "\n";
}

// All videos of a list, in packed batches.
int benchModelOnList(const Session& session, const ModelArguments& a) {
  BenchArguments part;
  part.config = a.config;
  part.settings = a.settings;
  part.out = a.out;
  part.spec.part = "model";
  part.spec.mix = a.lengths;
  if (!a.steps.empty()) part.spec.steps = lengthsOf(a.steps).front();
  part.spec.dim = a.spec.input_dim;
  part.spec.classes = a.spec.classes;
  part.spec.repeats = a.spec.repeats;
  part.spec.videos = a.videos;
  part.spec.batch = a.batch;
  return benchPart(session, part);
}

int benchModel(const Session& session, const ModelArguments& a) {
  if (!a.lengths.empty()) return benchModelOnList(session, a);
  MeasureSpec spec = a.spec;
  if (!a.steps.empty()) spec.lengths = lengthsOf(a.steps);
  spec.config = readRunConfig(namedConfig(a.config), a.settings);
  if (session.device != "auto") spec.config.device = session.device;
  spec.threads = session.threads > 0 ? session.threads : spec.config.train.threads;
  Console console;
  const JobOutcome outcome = console.run(std::move(spec));
  if (outcome.finished.stopped) throw Interrupted("stopped; nothing was written");
  const nlohmann::json result = parseJson(outcome.finished.result_json, "the engine's result");
  if (!a.out.empty()) writeJsonFile(a.out, result);
  if (session.json) {
    printJson(result);
  } else {
    printText(resultText(result) + (a.out.empty() ? "" : "Wrote " + a.out + "\n"));
  }
  return kDone;
}

}  // namespace

void addBenchCommand(CLI::App& app, Session& session) {
  CLI::App* bench = app.add_subcommand("bench", "Benchmarks, with the machine's limits measured in the same run");
  bench->require_subcommand(1);
  auto a = std::make_shared<ModelArguments>();
  CLI::App* command = addCommand(*bench, session, "model", "What a config costs: parameters, operations, time and memory over the length", [&session, a] { return benchModel(session, *a); });
  command->add_option("--config", a->config, "Config file, or the name of a bundled one [recommended]")->type_name("C.yaml");
  command->add_option("--set", a->settings, "Change one config key; may be given often")->type_name("KEY=VALUE")->allow_extra_args(false);
  command->add_option("--steps", a->steps, "Lengths of the video [250,500,1000,2000,4000,8192]")->type_name("N,N…");
  command->add_option("--dim", a->spec.input_dim, "Feature width [512]")->check(CLI::Range(1, 1000000))->type_name("N");
  command->add_option("--classes", a->spec.classes, "Classes [10]")->check(CLI::Range(1, 100000))->type_name("N");
  command->add_option("--repeats", a->spec.repeats, "Timed passes of each length [7]")->check(CLI::Range(1, 1000))->type_name("N");
  command->add_option("--out", a->out, "Also write the result there")->type_name("FILE.json");
  CLI::Option* lengths = command->add_option("--lengths", a->lengths, "Forward passes of packed batches of many videos: ucf15, activitynet or equal (of the first of --steps)")
                             ->check(CLI::IsMember({"ucf15", "activitynet", "equal"}))->type_name("LIST");
  command->add_option("--videos", a->videos, "Videos of the list [64]")->check(CLI::Range(1, 1000000))->type_name("N")->needs(lengths);
  command->add_option("--batch", a->batch, "Videos of a batch [the config's]")->check(CLI::Range(1, 100000))->type_name("N")->needs(lengths);
  addPartBenches(*bench, session);
  addMediaBenches(*bench, session);
  addScoreBench(*bench, session);
  addStartBench(*bench, session);
}

}  // namespace hvlm::cli
