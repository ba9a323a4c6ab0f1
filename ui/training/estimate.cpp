// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/training/estimate.h"

#include <QStringList>
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <fstream>
#include <nlohmann/json.hpp>
#include <vector>

#include "support/text.h"
#include "ui/text.h"
#include "ui/training/job_status.h"
#include "ui/workspace.h"

namespace hvlm::ui {
namespace {

double freeMemoryBytes() {
  std::ifstream file("/proc/meminfo");
  double kilobytes = 0.0;
  for (std::string line; std::getline(file, line);) {
    if (std::sscanf(line.c_str(), "MemAvailable: %lf kB", &kilobytes) == 1) return kilobytes * 1024.0;
  }
  return 0.0;
}

}  // namespace

EstimateInput estimateInput(const LoadedData& data, const RunConfig& config) {
  EstimateInput input;
  std::vector<double> lengths;
  for (const int64_t v : data.catalogue.subset(config.train.training_subset))
    lengths.push_back(data.catalogue.videos[static_cast<size_t>(v)].duration_seconds);
  if (lengths.empty()) return input;
  std::nth_element(lengths.begin(), lengths.begin() + static_cast<std::ptrdiff_t>(lengths.size() / 2), lengths.end());
  input.videos = static_cast<int64_t>(static_cast<double>(lengths.size()) * (1.0 - config.train.holdout));
  input.steps = std::max<int64_t>(1, std::llround(lengths[lengths.size() / 2] / data.spec.features.stepSeconds()));
  input.classes = std::max<int64_t>(1, static_cast<int64_t>(data.catalogue.classes.size()));
  input.columns = data.columns;
  return input;
}

std::string estimateKey(const RunConfig& config, const EstimateInput& input) {
  RunConfig measured = config;
  measured.seed = RunConfig().seed;
  measured.detect = DetectOptions();
  measured.train = TrainOptions();
  measured.train.precision = config.train.precision;
  measured.train.checkpoint_activations = config.train.checkpoint_activations;
  measured.train.threads = config.train.threads;
  return configYaml(measured) + std::to_string(input.steps) + " " + std::to_string(input.columns) + " " + std::to_string(input.classes);
}

std::optional<TrainingEstimate> estimateFrom(const std::string& text, const RunConfig& config, const EstimateInput& input) {
  const nlohmann::json json = nlohmann::json::parse(text, nullptr, false);
  if (json.is_discarded() || !json.is_object()) return std::nullopt;
  try {
    const nlohmann::json& length = json.at("lengths").at(0);
    TrainingEstimate e;
    e.parameters = json.at("parameters").get<int64_t>();
    const double weights = json.at("bytes_fp32").get<double>();
    e.seconds =
        static_cast<double>(input.videos * config.train.epochs) / std::max(length.at("train_videos_per_second").get<double>(), 1e-9);
    // Weights, gradients, two moments and the average; one video's activations times the batch.
    e.memory_bytes = weights * (config.train.ema > 0.0 ? 5.0 : 4.0) +
                     length.at("train_peak_bytes").get<double>() * static_cast<double>(config.train.batch_size);
    e.disk_bytes = 3.0 * weights * (config.train.ema > 0.0 ? 4.0 : 3.0);
    return e;
  } catch (const nlohmann::json::exception&) {
    return std::nullopt;
  }
}

FreeRoom freeRoom(const std::filesystem::path& run_folder) {
  FreeRoom room;
  room.memory_bytes = freeMemoryBytes();
  std::error_code error;
  std::filesystem::path place = std::filesystem::absolute(run_folder, error);
  while (!std::filesystem::exists(place, error) && place.has_relative_path()) place = place.parent_path();
  const std::filesystem::space_info space = std::filesystem::space(place, error);
  if (!error) room.disk_bytes = static_cast<double>(space.available);
  return room;
}

QString estimateText(const TrainingEstimate& e, const FreeRoom& room) {
  QString text = uiText("about %1 · %2 of memory · %3 on disk · %4 parameters")
                     .arg(durationText(e.seconds), qText(humanBytes(e.memory_bytes)), qText(humanBytes(e.disk_bytes)))
                     .arg(uiCount(static_cast<int64_t>(e.parameters)));
  const QString problem = roomProblem(e, room);
  return problem.isEmpty() ? text : text + QStringLiteral(" — ") + problem;
}

QString roomProblem(const TrainingEstimate& e, const FreeRoom& room) {
  QStringList parts;
  if (room.memory_bytes > 0.0 && e.memory_bytes > room.memory_bytes) {
    parts.append(uiText("It needs about %1 of memory, %2 are free: lower train.batch_size.")
                     .arg(qText(humanBytes(e.memory_bytes)), qText(humanBytes(room.memory_bytes))));
  }
  if (room.disk_bytes > 0.0 && e.disk_bytes > room.disk_bytes) {
    parts.append(uiText("It needs about %1 on disk, %2 are free there: choose another run folder.")
                     .arg(qText(humanBytes(e.disk_bytes)), qText(humanBytes(room.disk_bytes))));
  }
  return parts.join(QLatin1Char(' '));
}

}  // namespace hvlm::ui
