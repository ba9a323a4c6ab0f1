// SPDX-License-Identifier: Apache-2.0
#include "runs/mlflow.h"

#include <cmath>
#include <ctime>
#include <map>
#include <set>
#include <string>

#include "runs/metrics.h"
#include "runs/run_comparison.h"
#include "runs/run_record.h"
#include "support/atomic_file.h"
#include "support/error.h"
#include "support/hash.h"

namespace hvlm {
namespace {

namespace fs = std::filesystem;

constexpr const char* kExperiment = "1";
constexpr size_t kLongestParam = 6000;  // MLflow's bound

// Milliseconds since 1970 of "2026-11-25T09:21:43Z"; 0 when it is none.
int64_t millisecondsOf(const std::string& utc) {
  std::tm time{};
  if (!strptime(utc.c_str(), "%Y-%m-%dT%H:%M:%SZ", &time)) return 0;
  return static_cast<int64_t>(timegm(&time)) * 1000;
}

std::string quoted(const std::string& text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'') out += '\'';
    if (c != '\n' && c != '\r') out += c;
  }
  return out + "'";
}

// MLflow allows letters, digits, _ - . space and / in names.
std::string nameOf(const std::string& tag) {
  std::string out = tag;
  for (char& c : out) {
    if (!std::isalnum(static_cast<unsigned char>(c)) && c != '_' && c != '-' && c != '.' && c != ' ' && c != '/') c = '_';
  }
  return out;
}

void put(const fs::path& file, const std::string& text) {
  fs::create_directories(file.parent_path());
  writeFileAtomic(file, text);
}

std::string numberText(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  char text[40];
  std::snprintf(text, sizeof text, "%.17g", value);
  return text;
}

void writeRun(const fs::path& run, const fs::path& experiment) {
  const RunRecord record = readRunRecord(run);
  const ComparedRun compared = readComparedRun(run);
  if (!compared.problem.empty()) throw InputError({.where = run.string(), .expected = "a run that can be read", .found = compared.problem, .remedy = ""});
  const std::string id = contentHash(record.id + "\n" + run.filename().string());
  const fs::path folder = experiment / id;
  const int64_t start = millisecondsOf(record.created);
  int64_t end = start;
  const auto curves = curvesOf(MetricReader(run).poll(), resumeSteps(record));
  int64_t last_step = 0;
  for (const auto& [tag, curve] : curves) {
    std::string lines;
    for (size_t i = 0; i < curve.steps.size(); ++i) {
      const int64_t time = start + std::llround(curve.hours[i] * 3600e3);
      end = std::max(end, time);
      last_step = std::max(last_step, curve.steps[i]);
      lines += std::to_string(time) + " " + numberText(curve.values[i]) + " " + std::to_string(curve.steps[i]) + "\n";
    }
    put(folder / "metrics" / nameOf(tag), lines);
  }
  for (const auto& [name, value] : compared.figures) put(folder / "metrics" / "report" / nameOf(name), std::to_string(end) + " " + numberText(value) + " " + std::to_string(last_step) + "\n");
  for (const auto& [path, value] : compared.config) put(folder / "params" / nameOf(path), value.substr(0, kLongestParam));
  std::map<std::string, std::string> tags = {{"mlflow.runName", run.filename().string()}, {"hvlm.version", record.version}, {"hvlm.revision", record.revision}, {"hvlm.config_hash", record.config_hash},
                                             {"hvlm.dataset", record.dataset_name}, {"hvlm.dataset_hash", record.dataset_hash}, {"hvlm.verdict", compared.verdict}, {"mlflow.note.content", compared.notes.text}};
  for (const std::string& tag : compared.notes.tags) tags["tag." + nameOf(tag)] = "true";
  for (const auto& [name, value] : tags) {
    if (!value.empty()) put(folder / "tags" / name, value);
  }
  const int status = record.state == "done" ? 3 : record.state == "failed" ? 4 : record.state == "running" ? 1 : 5;  // FINISHED, FAILED, RUNNING, KILLED
  put(folder / "meta.yaml", "artifact_uri: ./" + std::string(kExperiment) + "/" + id + "/artifacts\nend_time: " + std::to_string(end) + "\nentry_point_name: ''\nexperiment_id: '" + kExperiment +
                                "'\nlifecycle_stage: active\nrun_id: " + id + "\nrun_name: " + quoted(run.filename().string()) + "\nrun_uuid: " + id +
                                "\nsource_name: ''\nsource_type: 4\nsource_version: ''\nstart_time: " + std::to_string(start) + "\nstatus: " + std::to_string(status) + "\ntags: []\nuser_id: ''\n");
  fs::create_directories(folder / "artifacts");
}

}  // namespace

void exportMlflow(const std::vector<fs::path>& runs, const fs::path& out, const std::string& experiment) {
  if (fs::exists(out)) throw InputError({.where = out.string(), .expected = "no folder yet", .found = "one", .remedy = "Choose another folder, or remove this one."});
  if (runs.empty()) throw InputError({.where = "runs", .expected = "one run at least", .found = "none", .remedy = "Name some run folders."});
  std::set<std::string> names;
  for (const fs::path& run : runs) {
    if (!names.insert(fs::weakly_canonical(run).string()).second) throw InputError({.where = run.string(), .expected = "each run once", .found = "twice", .remedy = ""});
  }
  const fs::path making = out.string() + ".making";
  fs::remove_all(making);
  const fs::path folder = making / kExperiment;
  put(folder / "meta.yaml", "artifact_location: ./" + std::string(kExperiment) + "\ncreation_time: 0\nexperiment_id: '" + kExperiment + "'\nlast_update_time: 0\nlifecycle_stage: active\nname: " + quoted(experiment) + "\n");
  for (const fs::path& run : runs) writeRun(run, folder);
  fs::rename(making, out);
}

}  // namespace hvlm
