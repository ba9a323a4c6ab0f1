// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <nlohmann/json_fwd.hpp>
#include <string>

namespace hvlm {

struct ForeignRunSpec {
  std::filesystem::path file;  // detections that another program wrote (foreign_file.h)
  std::filesystem::path data;  // dataset.yaml; its features may be absent
  std::filesystem::path out;   // run folder to make; must not exist
  std::string name;            // empty: the name of the folder
  std::string subset = "validation";
};

// Makes a run folder of detections of another program, which lists, comparisons, tables and the window then show beside own runs: run.json
// (state done, tag imported, file, content hash and guessed tool in `imported`), config.yaml (the defaults; it says nothing of the other
// program), notes.json with the tag, predictions/<subset>.json and report.json. The report has the keys of `eval --json` that detections
// alone can have, by the same scorers: `localization` and `error_profile` over all videos of the subset, whether they have features or
// not; every other one is in `absent` with the reason. `imported` has the counts of what was read.
//
// Segments of unknown videos or labels and unusable ones are counted, named and left out (an official score of the raw file counts the
// former as false positives). The folder appears as a whole or not at all. Returns the report. Throws InputError: a file or data set that
// cannot be read, a subset that is unknown or without annotations, nothing usable for the subset, a folder that exists.
nlohmann::json importForeignRun(const ForeignRunSpec& spec);

}  // namespace hvlm
