// SPDX-License-Identifier: Apache-2.0
#include "bench_parts.h"

#include "console.h"
#include "support/error.h"
#include "support/json_file.h"
#include "support/text.h"

namespace hvlm::cli {
namespace {

std::string percent(double share) { return fixedNumber(100.0 * share, 1) + " %"; }

// Lines "name: value" of what an answer has.
class Lines {
 public:
  explicit Lines(const nlohmann::json& answer) : answer_(answer) {}
  void add(const std::string& name, const std::string& value) { text_ += name + ": " + value + "\n"; }
  void number(const char* key, const std::string& name, int decimals, double scale = 1.0, const std::string& unit = {}) {
    if (answer_.contains(key)) add(name, fixedNumber(scale * answer_.at(key).get<double>(), decimals) + unit);
  }
  void share(const char* key, const std::string& name) {
    if (answer_.contains(key)) add(name, percent(answer_.at(key).get<double>()));
  }
  void bytes(const char* key, const std::string& name) {
    if (answer_.contains(key)) add(name, humanBytes(answer_.at(key).get<double>()));
  }
  const std::string& text() const { return text_; }

 private:
  const nlohmann::json& answer_;
  std::string text_;
};

std::string wasteText(const nlohmann::json& waste) {
  return percent(waste.at("wasted_share").get<double>()) + " of " + fixedNumber(waste.at("flops").get<double>() / 1e9, 2) + " GF (" + waste.at("videos").dump() + " videos); padding would waste " +
         percent(waste.at("padded_share").get<double>()) + " of batches of like lengths, " + percent(waste.at("padded_shuffled_share").get<double>()) + " of mixed ones";
}

std::string storesText(const nlohmann::json& stores) {
  std::vector<std::vector<std::string>> rows = {{"stored as", "file", "videos", "epoch", "GB/s", "of memcpy", "uncached"}};
  for (const nlohmann::json& store : stores) {
    rows.push_back({store.at("type").get<std::string>(), humanBytes(store.at("file_bytes").get<double>()), store.at("videos").dump(), spreadText(store.at("seconds")),
                    fixedNumber(store.at("gbs").get<double>(), 2), percent(store.at("memcpy_share").get<double>()),
                    store.contains("cold_seconds") ? fixedNumber(1e3 * store.at("cold_seconds").get<double>(), 1) + " ms" : "–"});
  }
  return alignedTable(rows);
}

std::string partText(const nlohmann::json& answer) {
  Lines lines(answer);
  if (answer.contains("parameters")) lines.add("Model", answer.at("mixer").get<std::string>() + ", " + answer.at("parameters").dump() + " parameters, batches of " + answer.at("batch").dump());
  if (answer.contains("sentence")) {
    const nlohmann::json& sentence = answer.at("sentence");
    lines.add("Index", answer.at("videos").dump() + " videos, " + answer.at("moments").dump() + " moments, " + humanBytes(answer.at("index_bytes").get<double>()));
    lines.add("Sentence of " + sentence.at("words").dump() + " words, " + sentence.at("tower").get<std::string>(), spreadText(sentence.at("seconds")));
  }
  if (answer.contains("kernel")) lines.add("Kernel", answer.at("kernel").get<std::string>());
  lines.add("One pass", spreadText(answer.at("seconds")) + ", " + answer.at("threads").dump() + (answer.at("threads") == 1 ? " thread" : " threads"));
  if (answer.contains("plain")) lines.add("Plain version", spreadText(answer.at("plain").at("seconds")));
  if (answer.contains("int8")) lines.add("With int8 weights", spreadText(answer.at("int8").at("seconds")) + ", " + fixedNumber(answer.at("int8").at("gain").get<double>(), 2) + " times as fast");
  lines.number("updates_per_second", "Optimiser steps/s", 2);
  lines.number("videos_per_second", "Videos/s", 1);
  lines.number("steps_per_second", "Steps/s", 0);
  lines.number("gflops", "GF/s", 1);
  lines.number("gemm_gflops", "GEMM peak GF/s", 1);
  lines.share("gemm_share", "Share of the GEMM peak");
  lines.number("gbs", "GB/s moved", 2);
  lines.number("copy_gbs", "Copy GB/s, read and written", 2);
  lines.number("copy_gbs_same_size", "Copy of the same size GB/s", 2);
  lines.share("bandwidth_share", answer.contains("stores") ? "Share of memcpy" : "Share of the bandwidth");
  lines.bytes("peak_bytes", "Peak of tensors");
  lines.bytes("peak_resident_bytes", "Peak resident memory");
  lines.share("data_wait_share", "Waited for features");
  if (answer.contains("waste")) lines.add("Packing wastes", wasteText(answer.at("waste")));
  if (answer.contains("optimizer")) lines.add("Optimiser alone", spreadText(answer.at("optimizer").at("seconds")) + ", " + percent(answer.at("optimizer").at("bandwidth_share").get<double>()) + " of the bandwidth");
  return (answer.contains("stores") ? storesText(answer.at("stores")) + "\n" : "") + lines.text();
}

void addLengths(CLI::App& command, BenchSpec& spec, const std::string& usual) {
  spec.mix = usual;
  command.add_option("--lengths", spec.mix, "Lengths of the videos: ucf15, activitynet or equal [" + usual + "]")->check(CLI::IsMember({"ucf15", "activitynet", "equal"}))->type_name("LIST");
  command.add_option("--steps", spec.steps, "Steps of each with --lengths equal [250]")->check(CLI::Range(1, 1000000))->type_name("N");
}

void addCommon(CLI::App& command, BenchArguments& a) {
  command.add_option("--repeats", a.spec.repeats, "Timed passes [7]")->check(CLI::Range(1, 100000))->type_name("N");
  command.add_option("--out", a.out, "Also write the result there")->type_name("FILE.json");
}

CLI::App* addPart(CLI::App& bench, Session& session, const std::string& part, const std::string& help, const std::shared_ptr<BenchArguments>& a) {
  a->spec.part = part;
  CLI::App* command = addCommand(bench, session, part, help, [&session, a] { return benchPart(session, *a); });
  addCommon(*command, *a);
  return command;
}

void addTrain(CLI::App& bench, Session& session) {
  const auto a = std::make_shared<BenchArguments>();
  a->spec.videos = 320;  // the first step of an epoch does more than the others: epochs as long as real ones
  CLI::App* command = addPart(bench, session, "train", "Training steps of a config on random features or a data set: speed, memory, what packing wastes", a);
  command->add_option("--config", a->config, "Config file, or the name of a bundled one [recommended]")->type_name("C.yaml");
  command->add_option("--set", a->settings, "Change one config key; may be given often")->type_name("KEY=VALUE")->allow_extra_args(false);
  command->add_option("--data", a->spec.data, "A data set in place of random features")->type_name("DATASET.yaml");
  command->add_option("--subset", a->spec.subset, "Of the data set [training]")->type_name("S");
  addLengths(*command, a->spec, "ucf15");
  command->add_option("--videos", a->spec.videos, "Videos of the list [320]")->check(CLI::Range(1, 1000000))->type_name("N");
  command->add_option("--batch", a->spec.batch, "Videos of a batch [the config's]")->check(CLI::Range(1, 100000))->type_name("N");
  command->add_option("--dim", a->spec.dim, "Feature width [512]")->check(CLI::Range(1, 65536))->type_name("N");
  command->add_option("--classes", a->spec.classes, "Classes [15]")->check(CLI::Range(1, 100000))->type_name("N");
  command->add_flag("--plain", a->spec.plain, "Without the fused kernels");
}

void addKernel(CLI::App& bench, Session& session, const std::string& part, const std::string& help) {
  const auto a = std::make_shared<BenchArguments>();
  CLI::App* command = addPart(bench, session, part, help, a);
  addLengths(*command, a->spec, "equal");
  command->add_option("--videos", a->spec.batch, "Videos at once [8]")->check(CLI::Range(1, 100000))->type_name("N");
  command->add_option("--dim", a->spec.dim, "Width of a step [1024]")->check(CLI::Range(1, 65536))->type_name("N");
  command->add_flag("--plain", a->spec.plain, "Without the fused kernel");
}

void addData(CLI::App& bench, Session& session) {
  const auto a = std::make_shared<BenchArguments>();
  a->spec.videos = 256;
  CLI::App* command = addPart(bench, session, "data", "One epoch of features as training reads them, beside the speed of a copy", a);
  CLI::Option* data = command->add_option("--data", a->spec.data, "A data set")->type_name("DATASET.yaml");
  command->add_option("--subset", a->spec.subset, "Of the data set [training]")->type_name("S");
  command->add_option("--features", a->spec.features, "An HDF5 file or a folder of .npy")->type_name("PATH")->excludes(data);
  command->add_option("--key", a->spec.key, "Dataset below a video's group [c3d_features]")->type_name("KEY");
  command->add_option("--type", a->spec.store_type, "Features made up for this: float16, float32 or both [both]")->check(CLI::IsMember({"float16", "float32", "both"}))->type_name("TYPE");
  command->add_option("--keep", a->spec.keep, "Leave the file that was made up there (--type float16 or float32)")->type_name("FILE.h5")->excludes(data);
  command->add_flag("--cold", a->spec.cold, "Also with the files dropped from the page cache before each pass");
  addLengths(*command, a->spec, "ucf15");
  command->add_option("--videos", a->spec.videos, "Videos made up [256]")->check(CLI::Range(1, 1000000))->type_name("N");
  command->add_option("--batch", a->spec.batch, "Videos of a batch [8]")->check(CLI::Range(1, 100000))->type_name("N");
  command->add_option("--dim", a->spec.dim, "Their width [512]")->check(CLI::Range(1, 65536))->type_name("N");
}

void addText(CLI::App& bench, Session& session) {
  const auto a = std::make_shared<BenchArguments>();
  a->spec.videos = 20000;
  CLI::App* command = addPart(bench, session, "text", "A search by words through an index of videos and moments, and the vector of a sentence", a);
  command->add_option("--videos", a->spec.videos, "Videos in the index [20000]")->check(CLI::Range(1, 1000000))->type_name("N");
  command->add_option("--dim", a->spec.dim, "Width of the space of text and video [256]")->check(CLI::Range(1, 65536))->type_name("N");
}

}  // namespace

std::string spreadText(const nlohmann::json& seconds) {
  const auto milliseconds = [&](const char* key) {
    const double ms = 1e3 * seconds.at(key).get<double>();
    return fixedNumber(ms, ms < 10.0 ? 3 : 1);
  };
  return milliseconds("median") + " ms (" + milliseconds("iqr_low") + "–" + milliseconds("iqr_high") + ")";
}

int showBench(const Session& session, const std::string& out, const nlohmann::json& answer, const std::string& text) {
  if (!out.empty()) writeJsonFile(out, answer);
  if (session.json) {
    printJson(answer);
  } else {
    printText(text + (out.empty() ? "" : "Wrote " + out + "\n"));
  }
  return kDone;
}

int benchPart(const Session& session, const BenchArguments& a) {
  BenchSpec spec = a.spec;
  if (!spec.keep.empty() && (spec.store_type == "both" || !spec.features.empty())) {
    throw UsageError("hvlm bench data: --keep takes --type float16 or --type float32, found " + std::string(spec.features.empty() ? "both" : "--features") + " (see hvlm bench data --help)");
  }
  if (spec.part == "model" || spec.part == "train") spec.config = readRunConfig(namedConfig(a.config), a.settings);
  if (session.device != "auto") spec.config.device = session.device;
  spec.threads = session.threads > 0 ? session.threads : spec.config.train.threads;
  Console console;
  const JobOutcome outcome = console.run(std::move(spec));
  if (outcome.finished.stopped) throw Interrupted("stopped; nothing was written");
  const nlohmann::json answer = parseJson(outcome.finished.result_json, "the engine's result");
  return showBench(session, a.out, answer, partText(answer));
}

void addPartBenches(CLI::App& bench, Session& session) {
  addTrain(bench, session);
  addKernel(bench, session, "pyramid", "Attention pooling of all levels, forward and backward");
  addKernel(bench, session, "loss", "The temporal loss, forward and backward");
  addData(bench, session);
  addText(bench, session);
}

}  // namespace hvlm::cli
