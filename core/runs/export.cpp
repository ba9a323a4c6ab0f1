// SPDX-License-Identifier: Apache-2.0
#include "runs/export.h"

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>

#include "support/atomic_file.h"
#include "support/error.h"
#include "support/json_file.h"
#include "support/text.h"

namespace hvlm {
namespace {

constexpr const char* kVersion = "VERSION 1.3";

double numberAt(const nlohmann::json& value, const std::string& where, const char* what) {
  if (!value.is_number()) {
    throw InputError({.where = where, .expected = std::string(what) + " as a number", .found = shortened(value.dump()),
                      .remedy = "The file does not follow ActivityNet's result format."});
  }
  return value.get<double>();
}

[[noreturn]] void otherSchema(const std::string& where, const std::string& expected) {
  throw InputError({.where = where, .expected = expected, .found = "something else",
                    .remedy = "The file does not follow ActivityNet's result format."});
}

Prediction predictionOf(const nlohmann::json& json, const std::string& where) {
  if (!json.is_object() || !json.contains("segment") || !json.contains("score") || !json.contains("label")) {
    otherSchema(where, "an entry with score, label and segment");
  }
  const auto& segment = json.at("segment");
  if (!segment.is_array() || segment.size() != 2) otherSchema(where, "a segment [start, end]");
  if (!json.at("label").is_string()) otherSchema(where, "label as a text");
  return {.start_seconds = numberAt(segment[0], where, "start"),
          .end_seconds = numberAt(segment[1], where, "end"),
          .score = numberAt(json.at("score"), where, "score"),
          .label = json.at("label").get<std::string>()};
}

std::string quoted(const std::string& text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

// A tag as LaTeX text; tags are made of letters, digits, "/", "_", "@" and the like.
std::string latexTag(const std::string& tag) {
  std::string out;
  for (const char c : tag) {
    if (std::string_view("&%$#_{}").find(c) != std::string_view::npos) {
      out += std::string("\\") + c;
    } else {
      out += std::string_view("\\~^").find(c) != std::string_view::npos ? '-' : c;
    }
  }
  return out;
}

}  // namespace

std::string predictionsJson(const Predictions& predictions) {
  std::string out = "{\"version\": " + quoted(kVersion) + ", \"results\": {";
  bool first_video = true;
  for (const auto& [video, list] : predictions) {
    out += (first_video ? "\n" : ",\n") + quoted(video) + ": [";
    first_video = false;
    for (size_t i = 0; i < list.size(); ++i) {
      const Prediction& p = list[i];
      if (!std::isfinite(p.score) || !std::isfinite(p.start_seconds) || !std::isfinite(p.end_seconds)) {
        throw InputError({.where = "prediction " + std::to_string(i) + " of " + video, .expected = "finite numbers",
                          .found = exactNumber(p.start_seconds) + ", " + exactNumber(p.end_seconds) + ", " + exactNumber(p.score),
                          .remedy = "The model gives NaN: look at its loss curves."});
      }
      out += (i ? ", " : "") + ("{\"score\": " + exactNumber(p.score)) + ", \"label\": " + quoted(p.label) + ", \"segment\": [" +
             exactNumber(p.start_seconds) + ", " + exactNumber(p.end_seconds) + "]}";
    }
    out += "]";
  }
  return out + "}, \"external_data\": {\"used\": false}}\n";
}

void writePredictions(const std::filesystem::path& file, const Predictions& predictions) {
  writeFileAtomic(file, predictionsJson(predictions));
}

Predictions readPredictions(const std::filesystem::path& file) {
  const nlohmann::json json = readJsonFile(file, size_t{4} << 30);
  if (!json.is_object() || !json.contains("results") || !json.at("results").is_object()) {
    otherSchema(file.string(), "an object with results by video");
  }
  Predictions predictions;
  for (const auto& [video, list] : json.at("results").items()) {
    const std::string where = file.string() + ": " + shortened(video);
    if (!list.is_array()) otherSchema(where, "a list of entries");
    std::vector<Prediction>& out = predictions[video.starts_with("v_") ? video.substr(2) : video];
    for (size_t i = 0; i < list.size(); ++i) out.push_back(predictionOf(list[i], where + "[" + std::to_string(i) + "]"));
  }
  return predictions;
}

std::string curvesCsv(const std::map<std::string, Curve>& curves) {
  std::string out = "tag,step,epoch,hours,value\n";
  for (const auto& [tag, curve] : curves) {
    const std::string name = csvText(tag);
    for (size_t i = 0; i < curve.steps.size(); ++i) {
      out += name + "," + std::to_string(curve.steps[i]) + "," + exactNumber(curve.epochs[i]) + "," + exactNumber(curve.hours[i]) + "," +
             exactNumber(curve.values[i]) + "\n";
    }
  }
  return out;
}

PgfPlot curvesPgfplots(const std::map<std::string, Curve>& curves, const std::string& data_file, const std::string& title) {
  std::set<int64_t> steps;
  for (const auto& [tag, curve] : curves) steps.insert(curve.steps.begin(), curve.steps.end());
  PgfPlot plot;
  plot.data = "step";
  plot.tex = "% needs \\usepackage{pgfplots}\n\\begin{tikzpicture}\n\\begin{axis}[xlabel={Step}, legend pos=outer north east, "
             "unbounded coords=discard, no markers";
  if (!title.empty()) plot.tex += ", title={" + latexTag(title) + "}";
  plot.tex += "]\n";
  size_t column = 0;
  for (const auto& [tag, curve] : curves) {
    ++column;
    plot.data += " c" + std::to_string(column);
    plot.tex += "\\addplot table[x=step, y=c" + std::to_string(column) + "] {" + data_file + "};\n\\addlegendentry{" + latexTag(tag) + "}\n";
  }
  plot.tex += "\\end{axis}\n\\end{tikzpicture}\n";
  plot.data += "\n";
  std::vector<size_t> next(curves.size(), 0);  // of each curve, the point to print next
  for (const int64_t step : steps) {
    plot.data += std::to_string(step);
    size_t index = 0;
    for (const auto& [tag, curve] : curves) {
      size_t& at = next[index++];
      const bool has_point = at < curve.steps.size() && curve.steps[at] == step;
      plot.data += " " + (has_point ? exactNumber(curve.values[at++]) : std::string("nan"));
    }
    plot.data += "\n";
  }
  return plot;
}

}  // namespace hvlm
