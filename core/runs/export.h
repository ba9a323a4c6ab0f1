// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "runs/metrics.h"

// What leaves a run folder in other programs' formats. All text is locale-free.
namespace hvlm {

// One detected segment of a video, in the ActivityNet result format. A video's list is written in its order.
struct Prediction {
  double start_seconds = 0.0;
  double end_seconds = 0.0;
  double score = 0.0;
  std::string label;
};
using Predictions = std::map<std::string, std::vector<Prediction>>;  // by video id without "v_"

// {"version", "results": {id: [{"score", "label", "segment": [start, end]}]}, "external_data"}. Doubles read back exactly.
std::string predictionsJson(const Predictions& predictions);
void writePredictions(const std::filesystem::path& file, const Predictions& predictions);  // atomic; throws InputError
Predictions readPredictions(const std::filesystem::path& file);  // throws InputError naming video and entry

std::string curvesCsv(const std::map<std::string, Curve>& curves);  // tag,step,epoch,hours,value

// A pgfplots picture of the curves over the step, with its data beside it: `tex` reads the file `data_file`.
struct PgfPlot {
  std::string tex;
  std::string data;  // one row per step, one column per curve, "nan" where a curve has no point
};
PgfPlot curvesPgfplots(const std::map<std::string, Curve>& curves, const std::string& data_file, const std::string& title = {});

}  // namespace hvlm
