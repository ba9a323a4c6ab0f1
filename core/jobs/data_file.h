// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "data/catalogue.h"

namespace hvlm {

// What a part of a data set, or a file that came out of a run, is by its content.
enum class DataFileKind {
  kUnknown,
  kAnnotations,  // ActivityNet annotations: {"database": {id: …}}
  kCaptions,     // ActivityNet Captions: {id: {"timestamps", "sentences"}}
  kQuestions,    // ActivityNet-QA: [{"question_id", "video_name", "question"}]
  kAnswers,      // its answers: [{"question_id", "answer"}]
  kResults,      // ActivityNet results: {"results": {id: [{"label", "score", "segment"}]}}
  kFeatures,     // HDF5, or a folder of .npy
  kEvents,       // TensorBoard event file
};
const char* dataFileKindName(DataFileKind kind);  // "annotations", "captions", …; "unknown"

struct DataFile {
  static constexpr size_t kMostNamed = 200;
  DataFileKind kind = DataFileKind::kUnknown;
  std::filesystem::path path;
  std::string store;     // of features: "HDF5 features.h5, 450 videos, …"
  int64_t columns = 0;   // of features
  int64_t videos = 0;    // that it names; of answers 0
  int64_t prefixed = 0;  // of `videos`, those written with a leading "v_", which is not compared; captions, questions and results alone
  int64_t items = 0;     // segments, sentences, questions, answers, detections
  int64_t matched = -1;  // of `videos` (of answers: of `items`), those that the catalogue has; -1 without a catalogue
  std::vector<std::string> unknown;       // the others, at most kMostNamed
  std::map<std::string, int64_t> subsets; // of the matched videos, or of the annotations themselves
  std::vector<Problem> problems;          // what was repaired or left out
  std::filesystem::path dataset;          // the dataset.yaml beside it that names it; empty without
  std::filesystem::path run;              // of an event file: the run folder it lies in; empty without
  std::string mainSubset() const;         // of most of the videos; empty when none matched
};

// Reads a file (or a folder of .npy) that may be any of these, known by its content and not by its name; kUnknown for everything else.
// Counts are against `catalogue` (null: there is none); its captions and questions are not touched. Any thread but the window's. Throws
// InputError for a file of a known kind that is damaged or larger than 2 GiB.
DataFile readDataFile(const std::filesystem::path& path, const Catalogue* catalogue);

// For people, in lines: what it was taken for, what fits and what does not, how to use it.
std::string dataFileText(const DataFile& file);
// The line of a dataset.yaml that names the file: "captions: {training: captions.json}". Empty for what has none.
std::string datasetLine(const DataFile& file);
// A whole dataset.yaml to be kept beside annotations: with the features that lie there, if any, else with the name they would have.
std::string datasetYamlFor(const DataFile& annotations);

}  // namespace hvlm
