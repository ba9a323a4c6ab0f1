// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <utility>

#include "bench_parts.h"
#include "console.h"
#include "score/detection.h"
#include "support/error.h"
#include "support/measure.h"
#include "support/random.h"
#include "support/temporary_folder.h"
#include "support/text.h"

namespace hvlm::cli {
namespace {

namespace fs = std::filesystem;

struct ScoreBenchArguments {
  int64_t predictions = 1000000, videos = 5000, classes = 200, repeats = 5;
  std::string keep, out;
};

// Rounded to what the files say, so that both roads score the same numbers.
double rounded(double value, double parts) { return std::round(value * parts) / parts; }

struct Made {
  std::vector<ScoredSegment> truth, predictions;  // by video
  std::vector<double> durations;
};

// Videos of 20 to 240 s with one class and one to three instances; half of the predictions are an instance moved a little, the rest
// lie anywhere; a third has another class.
Made makeSegments(const ScoreBenchArguments& a) {
  Made made;
  SplitMix random(8);
  const auto segment = [&](int64_t video, int64_t label, double middle, double length) {
    const double duration = made.durations[static_cast<size_t>(video)];
    const double start = rounded(std::clamp(middle - length / 2, 0.0, duration), 1e2);
    return ScoredSegment{video, label, start, rounded(std::clamp(middle + length / 2, start + 0.01, duration + 0.01), 1e2), rounded(random.uniform(), 1e9)};
  };
  std::vector<size_t> first{0};
  for (int64_t v = 0; v < a.videos; ++v) {
    made.durations.push_back(rounded(random.between(20.0, 240.0), 1e2));
    const int64_t label = random.below(a.classes);
    for (int64_t i = 1 + random.below(3); i > 0; --i) made.truth.push_back(segment(v, label, random.uniform() * made.durations.back(), random.between(2.0, made.durations.back() / 2)));
    first.push_back(made.truth.size());
  }
  for (int64_t i = 0; i < a.predictions; ++i) {
    const int64_t video = i * a.videos / a.predictions;
    const size_t begin = first[static_cast<size_t>(video)];
    const ScoredSegment& instance = made.truth[begin + static_cast<size_t>(random.below(static_cast<int64_t>(first[static_cast<size_t>(video) + 1] - begin)))];
    const int64_t label = random.below(3) == 0 ? random.below(a.classes) : instance.label;
    const double length = instance.end_seconds - instance.start_seconds, duration = made.durations[static_cast<size_t>(video)];
    if (random.below(2) == 0) {
      made.predictions.push_back(segment(video, label, (instance.start_seconds + instance.end_seconds) / 2 + random.between(-0.3, 0.3) * length, length * random.between(0.7, 1.4)));
    } else {
      made.predictions.push_back(segment(video, label, random.uniform() * duration, random.between(1.0, duration / 2)));
    }
  }
  return made;
}

// The two official files, written as they come: a million entries as one object in memory would be what is measured.
class JsonText {
 public:
  explicit JsonText(const fs::path& file) : path_(file), file_(std::fopen(file.c_str(), "w")) {
    if (!file_) throw systemError(file.string(), "write", errno);
  }
  ~JsonText() {
    if (file_) std::fclose(file_);
  }
  JsonText(const JsonText&) = delete;
  JsonText& operator=(const JsonText&) = delete;
  template <class... Values>
  void print(const char* format, Values... values) {
    std::fprintf(file_, format, values...);
  }
  void close() {
    const bool failed = std::ferror(file_) != 0;
    if ((std::fclose(std::exchange(file_, nullptr)) != 0) || failed) throw systemError(path_.string(), "write", errno);
  }

 private:
  fs::path path_;
  FILE* file_;
};

void writeTruth(const fs::path& file, const Made& made) {
  JsonText text(file);
  text.print("{\"version\": \"VERSION 1.3\", \"taxonomy\": [], \"database\": {");
  int64_t video = -1;
  for (const ScoredSegment& s : made.truth) {
    if (s.video != video) {
      text.print("%s\n\"video%07lld\": {\"subset\": \"validation\", \"duration\": %.2f, \"url\": \"\", \"annotations\": [", video < 0 ? "" : "]},", static_cast<long long>(s.video),
                 made.durations[static_cast<size_t>(s.video)]);
    } else {
      text.print(", ");
    }
    video = s.video;
    text.print("{\"label\": \"class %lld\", \"segment\": [%.2f, %.2f]}", static_cast<long long>(s.label), s.start_seconds, s.end_seconds);
  }
  text.print("]}}}\n");
  text.close();
}

void writePredictions(const fs::path& file, const Made& made) {
  JsonText text(file);
  text.print("{\"version\": \"VERSION 1.3\", \"external_data\": {}, \"results\": {");
  int64_t video = -1;
  for (const ScoredSegment& s : made.predictions) {
    if (s.video != video) {
      text.print("%s\n\"video%07lld\": [", video < 0 ? "" : "],", static_cast<long long>(s.video));
    } else {
      text.print(", ");
    }
    video = s.video;
    text.print("{\"label\": \"class %lld\", \"score\": %.9f, \"segment\": [%.2f, %.2f]}", static_cast<long long>(s.label), s.score, s.start_seconds, s.end_seconds);
  }
  text.print("]}}\n");
  text.close();
}

nlohmann::json measure(const ScoreBenchArguments& a, const fs::path& folder, const std::stop_token& stop) {
  const auto proceed = [&] {
    if (stop.stop_requested()) throw Interrupted("stopped; nothing was written");
  };
  const Made made = makeSegments(a);
  proceed();
  const fs::path truth = folder / "truth.json", predictions = folder / "predictions.json";
  writeTruth(truth, made);
  writePredictions(predictions, made);
  const std::vector<double> thresholds = defaultThresholds();
  std::vector<double> seconds, file_seconds;
  double average_map = 0.0, file_map = 0.0;
  resetPeakResident();
  for (int64_t repeat = -1; repeat < a.repeats; ++repeat) {
    proceed();
    const double memory = secondsOf([&] { average_map = scoreDetections(made.truth, made.predictions, thresholds).average_map; });
    proceed();
    const double files = secondsOf([&] { file_map = scoreDetectionFiles(truth.string(), predictions.string(), "validation").at("average_map").get<double>(); });
    if (repeat < 0) continue;
    seconds.push_back(memory);
    file_seconds.push_back(files);
  }
  const Spread spread = spreadOf(seconds), of_files = spreadOf(file_seconds);
  const auto bytes = static_cast<double>(fs::file_size(truth) + fs::file_size(predictions));
  const auto count = static_cast<double>(a.predictions);
  return {{"part", "score"}, {"predictions", a.predictions}, {"videos", a.videos}, {"classes", a.classes}, {"ground_truth", made.truth.size()}, {"threads", 1}, {"repeats", a.repeats},
          {"seconds", spreadJson(spread)}, {"predictions_per_second", count / spread.median}, {"videos_per_second", static_cast<double>(a.videos) / spread.median}, {"average_map", average_map},
          {"files", {{"seconds", spreadJson(of_files)}, {"bytes", bytes}, {"gbs", bytes / of_files.median / 1e9}, {"average_map", file_map}}}, {"peak_resident_bytes", peakResidentBytes()}};
}

int benchScore(const Session& session, const ScoreBenchArguments& a) {
  nlohmann::json answer;
  const TemporaryFolder folder;
  std::error_code error;
  if (!a.keep.empty() && (fs::create_directories(a.keep, error), error)) throw systemError(a.keep, "make the folder", error.value());
  runStoppable([&](const std::stop_token& stop) { answer = measure(a, a.keep.empty() ? folder.path() : fs::path(a.keep), stop); });
  return showBench(session, a.out, answer,
                   answer.at("predictions").dump() + " predictions, " + answer.at("ground_truth").dump() + " instances, " + answer.at("videos").dump() + " videos, " + answer.at("classes").dump() +
                       " classes, 10 thresholds: average mAP " + fixedNumber(answer.at("average_map").get<double>(), 4) + "\nScoring: " + spreadText(answer.at("seconds")) + ", " +
                       fixedNumber(answer.at("predictions_per_second").get<double>() / 1e6, 2) + " million predictions/s\nWith reading the files: " + spreadText(answer.at("files").at("seconds")) + " (" +
                       humanBytes(answer.at("files").at("bytes").get<double>()) + ")\nPeak resident memory: " + humanBytes(answer.at("peak_resident_bytes").get<double>()) + "\n");
}

}  // namespace

void addScoreBench(CLI::App& bench, Session& session) {
  const auto a = std::make_shared<ScoreBenchArguments>();
  CLI::App* command = addCommand(bench, session, "score", "Official detection scores of many made-up predictions", [&session, a] { return benchScore(session, *a); });
  command->add_option("--predictions", a->predictions, "Predictions [1000000]")->check(CLI::Range(1, 20000000))->type_name("N");
  command->add_option("--videos", a->videos, "Videos [5000]")->check(CLI::Range(1, 1000000))->type_name("N");
  command->add_option("--classes", a->classes, "Classes [200]")->check(CLI::Range(1, 100000))->type_name("N");
  command->add_option("--repeats", a->repeats, "Timed passes [5]")->check(CLI::Range(1, 100000))->type_name("N");
  command->add_option("--keep", a->keep, "Leave truth.json and predictions.json there, for other evaluators")->type_name("DIR");
  command->add_option("--out", a->out, "Also write the result there")->type_name("FILE.json");
}

}  // namespace hvlm::cli
