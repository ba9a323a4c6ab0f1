// SPDX-License-Identifier: Apache-2.0
#include "data/synth.h"

#include <sys/statvfs.h>

#include <fstream>
#include <map>
#include <optional>
#include <nlohmann/json.hpp>
#include <set>

#include "data/half.h"
#include "data/hdf5_writer.h"
#include "support/random.h"
#include "data/synth_plan.h"
#include "support/atomic_file.h"
#include "support/error.h"
#include "support/hash.h"
#include "support/text.h"

namespace hvlm {
namespace fs = std::filesystem;
namespace {

using nlohmann::json;

constexpr uint64_t kTextStream = 6;
// Four wordings are used everywhere, two in validation only: what is learnt must not be the wording.
constexpr const char* kCaptions[] = {"A person repeats %, over and over.",
                                     "Someone does % again and again.",
                                     "The same moves come round: %.",
                                     "We see % in a steady rhythm.",
                                     "The person goes through % several times.",
                                     "Here the moves are %, repeated."};
constexpr int64_t kTrainingCaptions = 4;

std::string lowered(const std::string& text) {
  std::string out = text;
  for (char& c : out) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return out;
}
std::string movesOf(const SynthClass& made) {
  return lowered(made.verbs[0]) + ", then " + lowered(made.verbs[1]) + ", then " + lowered(made.verbs[2]);
}
std::string filled(const std::string& pattern, const std::string& words) {
  const size_t at = pattern.find('%');
  return pattern.substr(0, at) + words + pattern.substr(at + 1);
}

// Writes "{entry, entry, …}" or "[…]" piece by piece.
class JsonListFile {
 public:
  JsonListFile(const fs::path& path, const std::string& opening, std::string closing)
      : path_(path.string()), closing_(std::move(closing)), out_(path, std::ios::binary) {
    out_ << opening;
  }
  void add(const json& value) { addText(value.dump()); }
  void add(const std::string& key, const json& value) { addText(json(key).dump() + ": " + value.dump()); }
  void finish() {
    out_ << closing_ << '\n';
    out_.close();
    if (!out_) {
      throw InputError({.where = path_,
                        .expected = "room to write",
                        .found = "a write that failed",
                        .remedy = "Free some space or choose another folder."});
    }
  }

 private:
  void addText(const std::string& text) {
    out_ << (first_ ? "\n" : ",\n") << text;
    first_ = false;
  }
  std::string path_;
  std::string closing_;
  std::ofstream out_;
  bool first_ = true;
};

struct SubsetFiles {
  JsonListFile captions;
  JsonListFile questions;
  JsonListFile answers;
  explicit SubsetFiles(const fs::path& folder, const std::string& tag)
      : captions(folder / ("captions_" + tag + ".json"), "{", "\n}"),
        questions(folder / ("qa_" + tag + "_q.json"), "[", "\n]"),
        answers(folder / ("qa_" + tag + "_a.json"), "[", "\n]") {}
  void finish() {
    captions.finish();
    questions.finish();
    answers.finish();
  }
};

json taxonomyOf(const SynthPlan& plan) {
  json nodes = json::array();
  nodes.push_back({{"nodeId", 0}, {"nodeName", "Root"}, {"parentId", nullptr}, {"parentName", nullptr}});
  int64_t id = 0;
  for (const SynthClass& made : plan.classes()) {
    nodes.push_back({{"nodeId", ++id}, {"nodeName", made.label}, {"parentId", 0}, {"parentName", "Root"}});
  }
  return nodes;
}

json annotationOf(const SynthPlan& plan, const SynthVideo& video) {
  json segments = json::array();
  for (const SynthSegment& segment : video.segments) {
    segments.push_back({{"label", plan.classes()[static_cast<size_t>(segment.label)].label},
                        {"segment", {segment.start_seconds, segment.end_seconds}}});
  }
  return {{"annotations", segments},
          {"duration", video.duration_seconds},
          {"resolution", "unknown"},
          {"subset", video.validation ? "validation" : "training"},
          {"url", ""}};
}

json captionOf(const SynthPlan& plan, const SynthVideo& video, SplitMix& random) {
  json timestamps = json::array();
  json sentences = json::array();
  const int64_t wordings = video.validation ? static_cast<int64_t>(std::size(kCaptions)) : kTrainingCaptions;
  for (const SynthSegment& segment : video.segments) {
    timestamps.push_back({segment.start_seconds, segment.end_seconds});
    sentences.push_back(
        filled(kCaptions[random.below(wordings)], movesOf(plan.classes()[static_cast<size_t>(segment.label)])));
  }
  return {{"duration", video.duration_seconds}, {"sentences", sentences}, {"timestamps", timestamps}};
}

// Question types of ActivityNet-QA: 0 what, 2 order, 3 yes or no, 7 count, 8 length.
void writeQuestions(const SynthPlan& plan, const SynthVideo& video, SplitMix& random, SubsetFiles& files) {
  int64_t number = 0;
  const auto ask = [&](int64_t type, const std::string& question, const std::string& answer) {
    const std::string id = "v_" + video.id + "_" + std::to_string(number++);
    files.questions.add({{"question", question}, {"question_id", id}, {"video_name", video.id}});
    files.answers.add({{"answer", answer}, {"question_id", id}, {"type", type}});
  };
  std::map<int64_t, int64_t> segments_of;
  double action_seconds = 0.0;
  for (const SynthSegment& segment : video.segments) {
    ++segments_of[segment.label];
    action_seconds += segment.end_seconds - segment.start_seconds;
  }
  const auto moves = [&](int64_t label) { return movesOf(plan.classes()[static_cast<size_t>(label)]); };
  const int64_t first = video.segments.front().label;
  if (segments_of.size() == 1) {
    ask(0, "what moves does the person repeat", moves(first));
  } else {
    int64_t second = first;
    for (const SynthSegment& segment : video.segments) second = second == first ? segment.label : second;
    const bool swap = random.below(2) == 1;
    ask(2, "which comes first: " + moves(swap ? second : first) + "; or " + moves(swap ? first : second), moves(first));
  }
  ask(3, "does the person repeat " + moves(first), "yes");
  std::vector<int64_t> absent;
  for (int64_t k = 0; k < static_cast<int64_t>(plan.classes().size()) && absent.size() < 64; ++k) {
    if (!segments_of.count(k)) absent.push_back(k);
  }
  if (!absent.empty())
    ask(3,
        "does the person repeat " +
            moves(absent[static_cast<size_t>(random.below(static_cast<int64_t>(absent.size())))]),
        "no");
  ask(7, "how many times does the person start " + moves(first), std::to_string(segments_of[first]));
  const double share = action_seconds / video.duration_seconds;
  ask(8, "how much of the video is action", share < 0.5 ? "less than half" : "more than half");
}

void refuseUsedFolder(const fs::path& folder) {
  std::error_code error;
  if (fs::exists(folder / "dataset.yaml", error)) {
    throw InputError({.where = folder.string(),
                      .expected = "a new folder",
                      .found = "a data set (dataset.yaml)",
                      .remedy = "Choose another folder, or delete this one first."});
  }
  if (fs::exists(folder, error) && (!fs::is_directory(folder, error) || !fs::is_empty(folder, error))) {
    throw InputError({.where = folder.string(),
                      .expected = "a new or an empty folder",
                      .found = "something in it",
                      .remedy = "Choose another folder."});
  }
}

// A full disk is better noticed before gigabytes are written.
void refuseFullDisk(const SynthOptions& options, const fs::path& folder) {
  const double needed =
      static_cast<double>(options.videos) * 6000.0 +
      static_cast<double>(options.distinct > 0 ? std::min(options.distinct, options.videos) : options.videos) * (static_cast<double>(options.mean_steps * (options.dim + (options.channels ? 2 : 0))) * 2.0);
  fs::path existing = fs::absolute(folder);
  std::error_code error;
  while (!fs::exists(existing, error) && existing.has_relative_path()) existing = existing.parent_path();
  struct statvfs info = {};
  if (::statvfs(existing.c_str(), &info) != 0) return;
  const double free_bytes = static_cast<double>(info.f_bavail) * static_cast<double>(info.f_frsize);
  if (needed <= free_bytes) return;
  throw InputError({.where = folder.string(),
                    .expected = "about " + humanBytes(needed) + " of free space",
                    .found = humanBytes(free_bytes),
                    .remedy = "Free some space, choose another folder, or ask for fewer videos."});
}

void writeSpec(const fs::path& folder, bool has_validation, const std::string& name, bool has_videos) {
  const auto both = [&](const std::string& pattern) {
    const auto named = [&](const std::string& subset, const std::string& tag) {
      std::string text = pattern;
      for (size_t at = text.find('%'); at != std::string::npos; at = text.find('%')) text.replace(at, 1, tag);
      return subset + ": " + text;
    };
    return "{" + named("training", "train") + (has_validation ? ", " + named("validation", "val") : "") + "}";
  };
  std::ofstream out(folder / "dataset.yaml", std::ios::binary);
  out << "name: " << name << "\n"
         "annotations: annotations.json\n"
         "features: {store: features.h5, key: c3d_features, steps_per_second: 1.0}\n"
      << "captions: " << both("captions_%.json") << "\n"
      << "questions: " << both("[qa_%_q.json, qa_%_a.json]") << "\n";
  if (has_videos) out << "videos: videos/\n";
}

void writeChannels(const SynthPlan::Channels& channels, const std::string& id, FeatureWriter& features) {
  std::vector<uint16_t> halves(channels.motion.size());
  narrowHalf(channels.motion.data(), halves.data(), halves.size());
  features.writeChannel(id, "motion", halves);
  narrowHalf(channels.saliency.data(), halves.data(), halves.size());
  features.writeChannel(id, "saliency", halves);
}

void writeFiles(const SynthOptions& options, const fs::path& folder, bool with_features,
                const std::function<void(int64_t, int64_t)>& progress) {
  const SynthPlan plan(options);
  std::optional<FeatureWriter> features;
  if (with_features) features.emplace(folder / "features.h5");
  JsonListFile annotations(
      folder / "annotations.json",
      "{\"version\": \"VERSION 1.3\", \"taxonomy\": " + taxonomyOf(plan).dump() + ", \"database\": {", "\n}}");
  SubsetFiles training(folder, "train");
  std::unique_ptr<SubsetFiles> validation;
  if (options.validation_share > 0.0) validation = std::make_unique<SubsetFiles>(folder, "val");
  std::vector<uint16_t> halves;
  for (int64_t i = 0; i < options.videos; ++i) {
    SynthVideo video = plan.video(i);
    if (options.distinct > 0 && i >= options.distinct) {
      const SynthVideo shared = plan.video(i % options.distinct);
      if (features) features->link(video.id, shared.id);
      video.steps = shared.steps;
      video.duration_seconds = shared.duration_seconds;
      video.segments = shared.segments;
    } else if (features) {
      plan.fillFeatures(i, video, halves);
      features->write(video.id, video.steps, options.dim, halves);
      if (options.channels) writeChannels(plan.channels(i, video), video.id, *features);
    }
    SplitMix random(mixSeed(options.seed, kTextStream, static_cast<uint64_t>(i)));
    SubsetFiles& files = video.validation ? *validation : training;
    annotations.add(video.id, annotationOf(plan, video));
    files.captions.add("v_" + video.id, captionOf(plan, video, random));
    writeQuestions(plan, video, random, files);
    if (progress) progress(i + 1, options.videos);
  }
  if (features) features->close();
  annotations.finish();
  training.finish();
  if (validation) validation->finish();
  writeSpec(folder, validation != nullptr, with_features ? "synth" : "demo", !with_features);
}

}  // namespace

void writeSynthetic(const SynthOptions& options, const fs::path& folder,
                    const std::function<void(int64_t, int64_t)>& progress) {
  if (options.videos < 2 || options.dim < 2 || options.classes < 1 || options.mean_steps < 4 ||
      options.validation_share < 0.0 || options.validation_share > 0.9) {
    throw InputError(
        {.where = "the synthetic set",
         .expected = "at least 2 videos, 2 channels, 1 class, 4 mean steps and a validation share of 0 to 0.9",
         .found = "less",
         .remedy = "Correct the options."});
  }
  refuseUsedFolder(folder);
  refuseFullDisk(options, folder);
  const fs::path whole = fs::absolute(folder).lexically_normal();
  // A trailing slash would make the temporary name lie inside the folder.
  writeFolderAtomic(whole.has_filename() ? whole : whole.parent_path(),
                    [&](const fs::path& aside) { writeFiles(options, aside, true, progress); });
}

void writeSyntheticTexts(const SynthOptions& options, const fs::path& folder) {
  refuseUsedFolder(folder);
  writeFolderAtomic(fs::absolute(folder).lexically_normal(), [&](const fs::path& aside) { writeFiles(options, aside, false, {}); });
}

}  // namespace hvlm
