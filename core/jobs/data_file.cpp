// SPDX-License-Identifier: Apache-2.0
#include "jobs/data_file.h"

#include <algorithm>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "data/feature_store.h"
#include "data/json_stream.h"
#include "runs/tensorboard.h"
#include "support/atomic_file.h"
#include "support/error.h"
#include "support/text.h"

namespace hvlm {
namespace fs = std::filesystem;
namespace {

using Json = nlohmann::json;

constexpr size_t kLargestFile = size_t{2} << 30;

std::string firstBytes(const fs::path& path, size_t count) {
  std::ifstream file(path, std::ios::binary);
  std::string bytes(count, '\0');
  file.read(bytes.data(), static_cast<std::streamsize>(count));
  bytes.resize(static_cast<size_t>(std::max<std::streamsize>(0, file.gcount())));
  return bytes;
}

// The first record carries its length and two checksums: nothing else has them right.
bool isEventFile(const fs::path& path) {
  constexpr size_t kFrame = 16, kMost = 4096;
  const std::string head = firstBytes(path, kMost);
  uint64_t length = 0;
  if (head.size() <= kFrame) return false;
  std::memcpy(&length, head.data(), sizeof(length));
  if (length == 0 || length > head.size() - kFrame) return false;
  return tensorboardRecord(head.substr(12, length)) == head.substr(0, length + kFrame);
}

bool isHdf5(const fs::path& path) { return firstBytes(path, 8) == std::string("\x89HDF\r\n\x1a\n", 8); }

bool holdsNpy(const fs::path& folder) {
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(folder, fs::directory_options::skip_permission_denied, none)) {
    if (entry.path().extension() == ".npy" && firstBytes(entry.path(), 6) == "\x93NUMPY") return true;
  }
  return false;
}

bool looksLikeJson(const std::string& head) {
  const size_t first = head.find_first_not_of(" \t\r\n\xEF\xBB\xBF");
  return first != std::string::npos && (head[first] == '{' || head[first] == '[');
}

bool hasKeys(const Json& entry, std::initializer_list<const char*> keys) {
  return entry.is_object() && std::all_of(keys.begin(), keys.end(), [&](const char* key) { return entry.contains(key); });
}

int64_t lengthOf(const Json& entry, const char* list) {
  const auto found = entry.is_object() ? entry.find(list) : entry.end();
  return found != entry.end() && found->is_array() ? static_cast<int64_t>(found->size()) : 0;
}

std::string textOf(const Json& entry, const char* key) {
  const auto found = entry.find(key);
  if (found == entry.end()) return "";
  return found->is_string() ? found->get<std::string>() : found->dump();
}

// What one pass over a file of one of the JSON kinds gathers.
class Gatherer {
 public:
  Gatherer(DataFile& file, const Catalogue* catalogue) : file_(file), catalogue_(catalogue) {
    if (catalogue) file_.matched = 0;
  }
  void video(const std::string& name) {
    if (!names_.insert(name).second) return;
    ++file_.videos;
    file_.prefixed += name.rfind("v_", 0) == 0 ? 1 : 0;
    if (!catalogue_) return;
    const Video* known = catalogue_->find(name);
    if (known) {
      ++file_.matched;
      ++file_.subsets[known->subset];
    } else if (file_.unknown.size() < DataFile::kMostNamed) {
      file_.unknown.push_back(name);
    }
  }
  void answer(const std::string& question) {
    if (!catalogue_) return;
    if (questions_.empty()) {
      for (const Video& v : catalogue_->videos) {
        for (const Question& q : v.questions) questions_.emplace(q.id, v.subset);
      }
    }
    const auto known = questions_.find(question);
    if (known != questions_.end()) {
      ++file_.matched;
      ++file_.subsets[known->second];
    } else if (file_.unknown.size() < DataFile::kMostNamed) {
      file_.unknown.push_back(question);
    }
  }
  void problem(const char* kind, const std::string& item, const std::string& detail) {
    if (file_.problems.size() < kMostProblems) file_.problems.push_back({kind, item, detail});
  }

 private:
  static constexpr size_t kMostProblems = 10000;
  DataFile& file_;
  const Catalogue* catalogue_;
  std::set<std::string> names_;
  std::map<std::string, std::string> questions_;  // id -> subset
};

// The entries of a list, or of an object: captions, questions and answers have no frame around them.
void gatherEntry(const std::string& key, const Json& entry, DataFile& file, Gatherer& gatherer) {
  const DataFileKind kind = hasKeys(entry, {"timestamps", "sentences"})               ? DataFileKind::kCaptions
                            : hasKeys(entry, {"question_id", "video_name", "question"}) ? DataFileKind::kQuestions
                            : hasKeys(entry, {"question_id", "answer"})                 ? DataFileKind::kAnswers
                                                                                       : DataFileKind::kUnknown;
  if (file.kind == DataFileKind::kUnknown) file.kind = kind;
  if (file.kind == DataFileKind::kUnknown) return;
  if (kind != file.kind) return gatherer.problem("bad_entry", key, "lacks what the others have; left out");
  if (kind == DataFileKind::kCaptions) {
    gatherer.video(key);
    const int64_t times = lengthOf(entry, "timestamps"), sentences = lengthOf(entry, "sentences");
    file.items += std::min(times, sentences);
    if (times != sentences) gatherer.problem("bad_caption", key, std::to_string(times) + " timestamps but " + std::to_string(sentences) + " sentences; the pairs there are are used");
    return;
  }
  ++file.items;
  if (kind == DataFileKind::kQuestions) gatherer.video(textOf(entry, "video_name"));
  else gatherer.answer(textOf(entry, "question_id"));
}

void gatherResults(const std::string& id, const Json& list, DataFile& file, Gatherer& gatherer) {
  if (!list.is_array()) return gatherer.problem("bad_entry", id, "no list; left out");
  gatherer.video(id);
  for (const Json& entry : list) {
    const bool whole = hasKeys(entry, {"segment", "score"}) && entry["segment"].is_array() && entry["segment"].size() == 2 && entry["segment"][0].is_number() && entry["segment"][1].is_number();
    if (!whole) {
      gatherer.problem("bad_entry", id, "lacks segment or score; left out");
      continue;
    }
    const double start = entry["segment"][0].get<double>(), end = entry["segment"][1].get<double>();
    if (end <= start) gatherer.problem(end < start ? "reversed" : "zero_length", id, "[" + exactNumber(start) + ", " + exactNumber(end) + "]; left out");
    else ++file.items;
  }
}

// Which container the root object has decides; the root itself is looked through when it has none of them.
void readJson(DataFile& file, const Catalogue* catalogue) {
  const std::string text = readFile(file.path, kLargestFile), where = file.path.string();
  DataFile results = file;
  Gatherer of_results(results, catalogue);
  const JsonFrame frame = streamJson(text, where, "results", [&](const std::string& id, Json&& list) { gatherResults(id, list, results, of_results); });
  if (frame.found && !frame.is_array) {
    file = std::move(results);
    file.kind = DataFileKind::kResults;
    return;
  }
  if (!frame.found && frame.rest.is_object() && frame.rest.contains("database")) {
    const Catalogue own = readActivityNet(file.path);
    file.kind = DataFileKind::kAnnotations;
    Gatherer gatherer(file, catalogue);
    for (const Video& video : own.videos) {
      gatherer.video(video.id);
      file.prefixed = 0;  // a bare id that begins so is a whole one
      file.items += static_cast<int64_t>(video.segments.size());
    }
    file.subsets.clear();
    for (const std::string& name : own.subsetNames()) file.subsets[name] = static_cast<int64_t>(own.subset(name).size());
    file.problems = own.problems;
    return;
  }
  Gatherer gatherer(file, catalogue);
  streamJson(text, where, "", [&](const std::string& key, Json&& entry) { gatherEntry(key, entry, file, gatherer); });
}

void readFeatures(DataFile& file, const Catalogue* catalogue) {
  FeatureSpec spec;
  spec.store = file.path;
  spec.key = "";
  const auto store = FeatureStore::open(spec);
  file.kind = DataFileKind::kFeatures;
  file.store = store->describe();
  Gatherer gatherer(file, catalogue);
  for (const std::string& id : store->ids()) {
    gatherer.video(id);
    file.prefixed = 0;
    if (const auto shape = file.columns == 0 ? store->shape(id) : std::nullopt) file.columns = shape->columns;
  }
}

bool names(const DatasetSpec& spec, const fs::path& file) {
  const auto same = [&](const fs::path& other) {
    std::error_code none;
    return !other.empty() && fs::equivalent(other, file, none);
  };
  if (same(spec.annotations) || same(spec.features.store)) return true;
  for (const auto& [subset, path] : spec.captions) {
    if (same(path)) return true;
  }
  for (const auto& [subset, paths] : spec.questions) {
    if (std::any_of(paths.begin(), paths.end(), same)) return true;
  }
  return false;
}

fs::path datasetOf(const fs::path& file) {
  const fs::path yaml = fs::absolute(file).parent_path() / "dataset.yaml";
  std::error_code none;
  if (!fs::exists(yaml, none)) return {};
  try {
    return names(readDatasetSpec(yaml), file) ? yaml : fs::path();
  } catch (const InputError&) {
    return {};
  }
}

fs::path featuresBeside(const fs::path& annotations) {
  std::vector<fs::path> found;
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(fs::absolute(annotations).parent_path(), fs::directory_options::skip_permission_denied, none)) {
    if (entry.is_regular_file(none) ? isHdf5(entry.path()) : entry.is_directory(none) && holdsNpy(entry.path())) found.push_back(entry.path());
  }
  return found.empty() ? fs::path() : *std::min_element(found.begin(), found.end());
}

// A name as a YAML value: in quotes where a plain one would be read otherwise.
std::string quoted(const std::string& name) {
  const bool plain = !name.empty() && std::all_of(name.begin(), name.end(), [](unsigned char c) { return std::isalnum(c) || c == '_' || c == '-' || c == '.'; }) && std::isalpha(static_cast<unsigned char>(name[0]));
  return plain ? name : Json(name).dump();
}

}  // namespace

const char* dataFileKindName(DataFileKind kind) {
  switch (kind) {
    case DataFileKind::kAnnotations: return "annotations";
    case DataFileKind::kCaptions: return "captions";
    case DataFileKind::kQuestions: return "questions";
    case DataFileKind::kAnswers: return "answers";
    case DataFileKind::kResults: return "results";
    case DataFileKind::kFeatures: return "features";
    case DataFileKind::kEvents: return "events";
    case DataFileKind::kUnknown: break;
  }
  return "unknown";
}

std::string DataFile::mainSubset() const {
  const auto most = std::max_element(subsets.begin(), subsets.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  return most == subsets.end() ? "" : most->first;
}

DataFile readDataFile(const fs::path& path, const Catalogue* catalogue) {
  DataFile file;
  file.path = path;
  std::error_code none;
  if (fs::is_directory(path, none)) {
    if (holdsNpy(path)) readFeatures(file, catalogue);
  } else if (!fs::is_regular_file(path, none)) {
    return file;
  } else if (isEventFile(path)) {
    file.kind = DataFileKind::kEvents;
    const fs::path folder = fs::absolute(path).parent_path();
    if (fs::exists(folder / "run.json", none)) file.run = folder;
  } else if (isHdf5(path)) {
    readFeatures(file, catalogue);
  } else if (looksLikeJson(firstBytes(path, 256))) {
    readJson(file, catalogue);
  }
  if (file.kind != DataFileKind::kUnknown && file.kind != DataFileKind::kEvents) file.dataset = datasetOf(path);
  return file;
}

std::string datasetLine(const DataFile& file) {
  const std::string subset = quoted(file.mainSubset().empty() ? "training" : file.mainSubset()), name = quoted(file.path.filename().string());
  switch (file.kind) {
    case DataFileKind::kAnnotations: return "annotations: " + name;
    case DataFileKind::kCaptions: return "captions: {" + subset + ": " + name + "}";
    case DataFileKind::kQuestions: return "questions: {" + subset + ": [" + name + ", ANSWERS.json]}";
    case DataFileKind::kAnswers: return "questions: {" + subset + ": [QUESTIONS.json, " + name + "]}";
    case DataFileKind::kFeatures: return "features: {store: " + name + ", key: \"\", steps_per_second: 1.0}";
    default: return "";
  }
}

std::string datasetYamlFor(const DataFile& annotations) {
  const fs::path features = featuresBeside(annotations.path);
  const std::string store = features.empty() ? "features.h5" : features.filename().string();
  std::string text = "name: " + quoted(fs::absolute(annotations.path).parent_path().filename().string()) + "\n" + datasetLine(annotations) + "\n";
  text += features.empty() ? "# No features were found beside the annotations: put them there under this name, or name theirs.\n"
                           : "# Check steps_per_second: how many rows of features there are for each second of video.\n";
  return text + "features: {store: " + quoted(store) + ", key: \"\", steps_per_second: 1.0}\n";
}

std::string dataFileText(const DataFile& file) {
  const auto count = [](int64_t number, const char* what) { return std::to_string(number) + " " + what; };
  std::string text = file.path.string() + " was taken for ";
  switch (file.kind) {
    case DataFileKind::kAnnotations: text += "ActivityNet annotations: " + count(file.videos, "videos, ") + count(file.items, "segments"); break;
    case DataFileKind::kCaptions: text += "captions (ActivityNet Captions): " + count(file.videos, "videos, ") + count(file.items, "sentences"); break;
    case DataFileKind::kQuestions: text += "questions (ActivityNet-QA): " + count(file.items, "questions on ") + count(file.videos, "videos"); break;
    case DataFileKind::kAnswers: text += "answers (ActivityNet-QA): " + count(file.items, "answers"); break;
    case DataFileKind::kResults: text += "detections (ActivityNet results): " + count(file.items, "segments in ") + count(file.videos, "videos"); break;
    case DataFileKind::kFeatures: text += "features: " + file.store; break;
    case DataFileKind::kEvents: text += "a TensorBoard event file"; break;
    case DataFileKind::kUnknown: return file.path.string() + " is no part of a data set that this program knows.\n";
  }
  text += ".\n";
  if (file.matched >= 0) text += std::to_string(file.matched) + " of them are in the data set" + (file.unknown.empty() ? "" : ", others are not") + ".\n";
  for (const auto& [name, number] : file.subsets) text += "  " + name + ": " + std::to_string(number) + "\n";
  if (file.prefixed > 0) text += std::to_string(file.prefixed) + " of " + std::to_string(file.videos) + " ids are written with \"v_\", which is not compared.\n";
  std::map<std::string, int64_t> kinds;
  for (const Problem& problem : file.problems) ++kinds[problem.kind];
  for (const auto& [kind, number] : kinds) text += std::to_string(number) + " " + kind + "\n";
  if (!file.dataset.empty()) text += "It belongs to " + file.dataset.string() + ".\n";
  else if (const std::string line = datasetLine(file); !line.empty()) text += "To use it, put this into a dataset.yaml beside it:\n  " + line + "\n";
  if (file.kind == DataFileKind::kResults) text += "To look at them as a run: hvlm runs import " + file.path.string() + " --data DATASET.yaml --out RUN\n";
  if (file.kind == DataFileKind::kEvents) {
    text += file.run.empty() ? "It lies in no run of this program; TensorBoard reads it: tensorboard --logdir " + fs::absolute(file.path).parent_path().string() + "\n"
                             : "It belongs to the run " + file.run.string() + ".\n";
  }
  return text;
}

}  // namespace hvlm
