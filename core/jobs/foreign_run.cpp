// SPDX-License-Identifier: Apache-2.0
#include "jobs/foreign_run.h"

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>

#include "data/report.h"
#include "jobs/foreign_file.h"
#include "runs/export.h"
#include "runs/run_notes.h"
#include "runs/run_record.h"
#include "score/localization_json.h"
#include "support/atomic_file.h"
#include "support/error.h"
#include "support/hash.h"
#include "support/text.h"

namespace hvlm {
namespace fs = std::filesystem;
namespace {

using Json = nlohmann::json;
constexpr const char* kTag = "imported";

void requireNew(const fs::path& out) {
  std::error_code ignored;
  if (!fs::exists(fs::symlink_status(out, ignored))) return;
  throw InputError({.where = out.string(), .expected = "a new folder", .found = "one that is there already", .remedy = "Choose another folder; nothing in this one was changed."});
}

std::vector<int64_t> annotatedSubset(const Catalogue& catalogue, const std::string& subset) {
  std::vector<int64_t> videos = catalogue.subset(subset);
  std::string known;
  for (const std::string& name : catalogue.subsetNames()) known += (known.empty() ? "" : ", ") + name;
  if (videos.empty()) {
    throw InputError({.where = catalogue.name + ": --subset", .expected = "one of the subsets " + shortened(known, 120), .found = shortened(subset), .remedy = "Choose one that the detections belong to."});
  }
  const bool any = std::any_of(videos.begin(), videos.end(), [&](int64_t v) { return !catalogue.videos[static_cast<size_t>(v)].segments.empty(); });
  if (!any) {
    throw InputError({.where = catalogue.name, .expected = "annotations in subset \"" + shortened(subset) + "\"", .found = "none", .remedy = "Nothing can be scored against an empty subset: choose another with --subset."});
  }
  return videos;
}

// Detections as every run writes them: by video, falling score, the file's order among equals.
std::vector<ScoredSegment> ranked(std::vector<std::vector<ScoredSegment>> lists) {
  std::vector<ScoredSegment> all;
  for (std::vector<ScoredSegment>& list : lists) {
    std::stable_sort(list.begin(), list.end(), [](const ScoredSegment& a, const ScoredSegment& b) { return a.score > b.score; });
    all.insert(all.end(), list.begin(), list.end());
  }
  return all;
}

struct Truth {
  std::vector<ScoredSegment> segments;  // `video`: place in the list of videos
  std::vector<double> durations;        // by place
};
Truth truthOf(const Catalogue& catalogue, const std::vector<int64_t>& videos) {
  Truth truth;
  for (size_t i = 0; i < videos.size(); ++i) {
    const Video& video = catalogue.videos[static_cast<size_t>(videos[i])];
    truth.durations.push_back(video.duration_seconds);
    for (const Segment& s : video.segments) truth.segments.push_back({static_cast<int64_t>(i), s.label, s.start_seconds, s.end_seconds, 1.0});
  }
  return truth;
}

Json absentMetrics() {
  Json absent = Json::object();
  for (const char* key : {"temporal_consistency", "consistency", "collapse", "verdict", "frame_accuracy", "feature_quality", "localization_probe", "controls"}) {
    absent[key] = "an imported run has detections alone, neither weights nor vectors";
  }
  absent["classification"] = "an imported run has no class scores of whole videos";
  for (const char* key : {"retrieval", "qa", "captions"}) absent[key] = "an imported run has no text";
  return absent;
}

// The hash takes the features' files in, which an import can do without.
std::string hashOrNothing(const DatasetSpec& data) {
  try {
    return datasetHash(data);
  } catch (const InputError&) {
    return "";
  }
}

}  // namespace

Json importForeignRun(const ForeignRunSpec& spec) {
  const fs::path out = fs::absolute(spec.out).lexically_normal();
  const fs::path run = out.has_filename() ? out : out.parent_path();  // with or without a last slash
  requireNew(run);
  const DatasetSpec data = readDatasetSpec(spec.data);
  const Catalogue catalogue = readCatalogue(data);
  const std::vector<int64_t> videos = annotatedSubset(catalogue, spec.subset);
  ForeignMatch match;
  match.file = spec.file.filename().string();
  const ForeignSegments foreign = readForeignSegments(spec.file, true, match.defects);
  const std::vector<ScoredSegment> detections = ranked(segmentsOf(foreign, catalogue, videos, match));
  if (detections.empty()) {
    throw InputError({.where = spec.file.string(), .expected = "detections on the " + std::to_string(videos.size()) + " videos of subset \"" + shortened(spec.subset) + "\"",
                      .found = shortened(matchText(matchJson(match)), 300), .remedy = "Check that the file belongs to this data set and subset."});
  }
  const auto started = std::chrono::steady_clock::now();
  const Truth truth = truthOf(catalogue, videos);
  const RunConfig config;
  RunRecord record = freshRecord(config);
  record.name = spec.name.empty() ? run.filename().string() : spec.name;
  record.state = "done";
  record.total_epochs = record.threads = 0;
  record.device.clear();
  record.dataset_name = catalogue.name;
  record.dataset_file = fs::weakly_canonical(spec.data).string();
  record.dataset_hash = hashOrNothing(data);
  record.split_hash = splitHash(catalogue, spec.subset);
  record.tags = {kTag};
  record.imported = {.file = match.file, .hash = contentHashOfFile(spec.file), .tool = foreign.tool};

  Json report = {{"localization", localizationKeys(truth.segments, detections, "imported: " + match.file, videos.size())},
                 {"error_profile", errorProfileKeys(truth.segments, detections, truth.durations, "localization")},
                 {"absent", absentMetrics()}, {"videos", videos.size()}, {"subset", spec.subset}, {"dataset", catalogue.name}, {"name", record.name},
                 {"run", fs::weakly_canonical(run).string()}, {"imported", matchJson(match)}};
  report["imported"].update({{"tool", foreign.tool}, {"hash", record.imported.hash}});
  report["seconds"] = std::chrono::duration<double>(std::chrono::steady_clock::now() - started).count();

  Predictions predictions;
  for (const ScoredSegment& d : detections) {
    predictions[catalogue.videos[static_cast<size_t>(videos[static_cast<size_t>(d.video)])].id].push_back({d.start_seconds, d.end_seconds, d.score, catalogue.classes[static_cast<size_t>(d.label)]});
  }
  writeFolderAtomic(run, [&](const fs::path& folder) {
    writeFileAtomic(folder / "config.yaml", "# Detections of another program: these defaults say nothing of it.\n" + configYaml(config));
    writePredictions(folder / "predictions" / (spec.subset + ".json"), predictions);
    writeReport(folder, report);
    writeRunNotes(folder, {.text = "", .tags = {kTag}});
    writeRunRecord(folder, record);
  });
  return report;
}

}  // namespace hvlm
