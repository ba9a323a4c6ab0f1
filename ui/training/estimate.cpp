// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/training/estimate.h"

#include <fstream>
#include <nlohmann/json.hpp>

#include "support/text.h"
#include "ui/text.h"
#include "ui/training/job_status.h"

namespace hvlm::ui {

std::optional<TrainingEstimate> estimateFrom(const std::string& text, const RunConfig& config, const EstimateInput& input) {
  const nlohmann::json json = nlohmann::json::parse(text, nullptr, false);
  if (json.is_discarded() || !json.is_object()) return std::nullopt;
  try {
    const nlohmann::json& length = json.at("lengths").at(0);
    TrainingEstimate e;
    e.parameters = json.at("parameters").get<int64_t>();
    const double weights = json.at("bytes_fp32").get<double>();
    e.seconds = static_cast<double>(input.videos * config.train.epochs) / std::max(length.at("train_videos_per_second").get<double>(), 1e-9);
    // Weights, gradients, two moments and the average; one video's activations times the batch.
    e.memory_bytes = weights * (config.train.ema > 0.0 ? 5.0 : 4.0) + length.at("train_peak_bytes").get<double>() * static_cast<double>(config.train.batch_size);
    e.disk_bytes = 3.0 * weights * (config.train.ema > 0.0 ? 4.0 : 3.0);
    return e;
  } catch (const nlohmann::json::exception&) {
    return std::nullopt;
  }
}

QString estimateText(const TrainingEstimate& e) {
  QString text = uiText("about %1 · %2 of memory · %3 on disk · %4 parameters")
                     .arg(durationText(e.seconds), qText(humanBytes(e.memory_bytes)), qText(humanBytes(e.disk_bytes)))
                     .arg(QLocale().toString(static_cast<qlonglong>(e.parameters)));
  const double free = freeMemoryBytes();
  if (free > 0.0 && e.memory_bytes > free) text += uiText(" — more than the %1 that are free: lower train.batch_size").arg(qText(humanBytes(free)));
  return text;
}

double freeMemoryBytes() {
  std::ifstream file("/proc/meminfo");
  double kilobytes = 0.0;
  for (std::string line; std::getline(file, line);) {
    if (std::sscanf(line.c_str(), "MemAvailable: %lf kB", &kilobytes) == 1) return kilobytes * 1024.0;
  }
  return 0.0;
}

}  // namespace hvlm::ui
