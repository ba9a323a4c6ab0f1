// SPDX-License-Identifier: Apache-2.0
#include "runs/run_record.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>

#include "support/atomic_file.h"
#include "support/error.h"
#include "support/hash.h"
#include "support/json_file.h"
#include "support/text.h"
#include "support/version.h"

namespace hvlm {
namespace {

using Json = nlohmann::json;
constexpr size_t kLargestRecord = size_t{16} << 20;
constexpr size_t kLargestReport = size_t{256} << 20;

// Takes members of a JSON object by key; absent keys keep the default, wrong types name the key.
class Members {
 public:
  Members(const Json& object, std::string where) : object_(object), where_(std::move(where)) {
    if (!object.is_object()) refuse("", "an object");
  }
  void take(const char* key, std::string& value) const {
    if (const Json* member = find(key)) {
      if (!member->is_string()) refuse(key, "a text");
      value = member->get<std::string>();
    }
  }
  template <class Integer>
  void take(const char* key, Integer& value) const {
    if (const Json* member = find(key)) {
      if (!member->is_number_integer()) refuse(key, "a whole number");
      value = member->get<Integer>();
    }
  }
  const Json* list(const char* key) const { return structure(key, Json::value_t::array, "a list"); }
  const Json* object(const char* key) const { return structure(key, Json::value_t::object, "an object"); }
  [[noreturn]] void refuse(const std::string& key, const std::string& expected) const {
    throw InputError({.where = where_ + (key.empty() ? "" : ": " + key), .expected = expected, .found = "something else",
                      .remedy = "The file was changed by hand or is damaged."});
  }

 private:
  const Json* find(const char* key) const {
    const auto found = object_.find(key);
    return found == object_.end() ? nullptr : &*found;
  }
  const Json* structure(const char* key, Json::value_t type, const char* expected) const {
    const Json* member = find(key);
    if (member && member->type() != type) refuse(key, expected);
    return member;
  }
  const Json& object_;
  std::string where_;
};

Json toJson(const RunRecord& record) {
  Json json = {{"id", record.id},
               {"name", record.name},
               {"created", record.created},
               {"version", record.version},
               {"revision", record.revision},
               {"compiler", record.compiler},
               {"build_type", record.build_type},
               {"config_hash", record.config_hash},
               {"dataset_name", record.dataset_name},
               {"dataset_file", record.dataset_file},
               {"dataset_hash", record.dataset_hash},
               {"split_hash", record.split_hash},
               {"seed", record.seed},
               {"threads", record.threads},
               {"device", record.device},
               {"host", record.host},
               {"state", record.state},
               {"failure", record.failure},
               {"step", record.step},
               {"epochs_done", record.epochs_done},
               {"total_epochs", record.total_epochs},
               {"tags", record.tags}};
  if (!record.derived_from.empty()) json["derived_from"] = record.derived_from;
  if (record.isImported()) json["imported"] = {{"file", record.imported.file}, {"hash", record.imported.hash}, {"tool", record.imported.tool}};
  Json& libraries = json["libraries"] = Json::object();
  for (const auto& [name, version] : record.libraries) libraries[name] = version;
  Json& resumes = json["resumes"] = Json::array();
  for (const RunRecord::Resume& resume : record.resumes) {
    resumes.push_back({{"from_step", resume.from_step}, {"time", resume.time}, {"host", resume.host}});
  }
  return json;
}

RunRecord fromJson(const Json& json, const std::string& where) {
  RunRecord record;
  const Members members(json, where);
  members.take("id", record.id);
  members.take("name", record.name);
  members.take("created", record.created);
  members.take("version", record.version);
  members.take("revision", record.revision);
  members.take("compiler", record.compiler);
  members.take("build_type", record.build_type);
  members.take("config_hash", record.config_hash);
  members.take("dataset_name", record.dataset_name);
  members.take("dataset_file", record.dataset_file);
  members.take("dataset_hash", record.dataset_hash);
  members.take("split_hash", record.split_hash);
  members.take("seed", record.seed);
  members.take("threads", record.threads);
  members.take("device", record.device);
  members.take("host", record.host);
  members.take("state", record.state);
  members.take("failure", record.failure);
  members.take("step", record.step);
  members.take("epochs_done", record.epochs_done);
  members.take("total_epochs", record.total_epochs);
  members.take("derived_from", record.derived_from);
  if (const Json* imported = members.object("imported")) {
    const Members parts(*imported, where + ": imported");
    parts.take("file", record.imported.file);
    parts.take("hash", record.imported.hash);
    parts.take("tool", record.imported.tool);
  }
  if (const Json* tags = members.list("tags")) {
    for (const Json& tag : *tags) {
      if (!tag.is_string()) members.refuse("tags", "texts");
      record.tags.push_back(tag.get<std::string>());
    }
  }
  if (const Json* libraries = members.object("libraries")) {
    for (const auto& [name, version] : libraries->items()) {
      if (!version.is_string()) members.refuse("libraries", "versions by name");
      record.libraries.emplace_back(name, version.get<std::string>());
    }
  }
  if (const Json* resumes = members.list("resumes")) {
    for (const Json& entry : *resumes) {
      RunRecord::Resume resume;
      const Members parts(entry, where + ": resumes");
      parts.take("from_step", resume.from_step);
      parts.take("time", resume.time);
      parts.take("host", resume.host);
      record.resumes.push_back(resume);
    }
  }
  if (record.id.empty() || record.state.empty()) members.refuse("", "a run's record with id and state");
  return record;
}

std::string randomId() {
  std::array<char, 16> bytes{};
  const std::unique_ptr<FILE, int (*)(FILE*)> source(std::fopen("/dev/urandom", "rbe"), &std::fclose);
  if (!source || std::fread(bytes.data(), 1, bytes.size(), source.get()) != bytes.size()) {
    throw systemError("/dev/urandom", "read random bytes", source ? EIO : errno);
  }
  return contentHash(std::string_view(bytes.data(), bytes.size())).substr(0, 16);
}

}  // namespace

void writeRunRecord(const std::filesystem::path& run, const RunRecord& record) { writeJsonFile(run / "run.json", toJson(record)); }

RunRecord readRunRecord(const std::filesystem::path& run) {
  const std::filesystem::path file = run / "run.json";
  std::error_code ignored;
  if (!std::filesystem::exists(file, ignored)) {
    throw InputError({.where = run.string(), .expected = "a run folder",
                      .found = std::filesystem::exists(run, ignored) ? "a folder without run.json" : "nothing there",
                      .remedy = "Name a folder that `hvlm train --run` or `hvlm demo` wrote."});
  }
  return fromJson(readJsonFile(file, kLargestRecord), file.string());
}

void refuseImported(const std::filesystem::path& run, const RunRecord& record, const std::string& wanted) {
  if (!record.isImported()) return;
  throw InputError({.where = run.string(), .expected = wanted, .found = "detections of another program, imported from " + record.imported.file + " (no weights)",
                    .remedy = "Name a run that was trained here; an imported one can be listed, compared, looked at and exported."});
}

std::vector<int64_t> resumeSteps(const RunRecord& record) {
  std::vector<int64_t> steps;
  for (const RunRecord::Resume& resume : record.resumes) steps.push_back(resume.from_step);
  return steps;
}

RunRecord freshRecord(const RunConfig& config) {
  RunRecord record;
  record.id = randomId();
  record.created = utcNow();
  record.version = versionText();
  record.revision = revisionText();
  record.compiler = compilerText();
  record.build_type = buildType();
  record.config_hash = configHash(config);
  record.seed = config.seed;
  record.threads = config.train.threads;
  record.device = config.device;
  record.host = hostName();
  record.state = "running";
  record.total_epochs = config.train.epochs;
  return record;
}

std::string hostName() {
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0 || name[0] == '\0') return "unknown";
  return name.data();
}

std::string bootId() {
  std::ifstream file("/proc/sys/kernel/random/boot_id");
  std::string id;
  std::getline(file, id);
  return id;
}

std::optional<Json> readReport(const std::filesystem::path& run) {
  const std::filesystem::path file = run / "report.json";
  std::error_code ignored;
  if (!std::filesystem::exists(file, ignored)) return std::nullopt;
  Json report = readJsonFile(file, kLargestReport);
  if (!report.is_object()) {
    throw InputError({.where = file.string(), .expected = "a report", .found = "JSON of another schema",
                      .remedy = "Write it again with `hvlm eval`."});
  }
  return report;
}

void writeReport(const std::filesystem::path& run, const Json& report) { writeJsonFile(run / "report.json", report); }

}  // namespace hvlm
