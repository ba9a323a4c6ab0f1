// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <charconv>
#include <cmath>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>

#include "runs/claims.h"
#include "runs/reproduction_parts.h"
#include "support/error.h"
#include "support/json_file.h"
#include "support/paths.h"
#include "support/text.h"

namespace hvlm {
namespace fs = std::filesystem;
namespace {

using Json = nlohmann::json;

constexpr int64_t kScalingSteps = 1000;  // length whose throughput tells how threads scale
constexpr const char* kNotHere = "not measured here";

std::optional<double> numberOf(const Json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_number()) return std::nullopt;
  return found->get<double>();
}

// What was measured of one row, by thread count.
std::map<int64_t, Json> measurementsOf(const fs::path& out, const std::string& id) {
  const RunConfig config = efficiencyConfig(*findMethodRow(id));
  std::map<int64_t, Json> found;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(out / "efficiency", error)) {
    if (entry.path().extension() != ".json") continue;
    const std::string stem = entry.path().stem().string(), begin = id + "-threads-";
    int64_t threads = 0;
    if (!stem.starts_with(begin)) continue;
    std::from_chars(stem.data() + begin.size(), stem.data() + stem.size(), threads);
    if (threads < 1 || stem != efficiencyStem(id, config, threads)) continue;  // of another config
    Json measured = readJsonFile(entry.path());
    if (!measured.is_object() || !measured.contains("lengths")) {
      throw InputError({.where = entry.path().string(), .expected = "what hvlm bench model measured", .found = "JSON of another schema",
                        .remedy = "Remove it to have it measured anew."});
    }
    measured["file"] = fs::absolute(entry.path()).lexically_normal().string();
    found[threads] = std::move(measured);
  }
  return found;
}

const Json* lengthNear(const Json& measured, int64_t steps) {
  const Json* best = nullptr;
  for (const Json& entry : measured.at("lengths")) {
    const auto here = numberOf(entry, "steps");
    if (here && (!best || std::abs(*here - static_cast<double>(steps)) < std::abs(*numberOf(*best, "steps") - static_cast<double>(steps)))) best = &entry;
  }
  return best;
}

std::optional<double> atLength(const Json& measured, int64_t steps, const char* key) {
  const Json* entry = lengthNear(measured, steps);
  return entry ? numberOf(*entry, key) : std::nullopt;
}

Json scalingOf(const std::map<int64_t, Json>& by_threads) {
  Json scaling = Json::array();
  const auto one = by_threads.find(1);
  const auto single = one == by_threads.end() ? std::nullopt : atLength(one->second, kScalingSteps, "steps_per_second");
  if (!single || *single <= 0) return scaling;
  for (const auto& [threads, measured] : by_threads) {
    const auto throughput = atLength(measured, kScalingSteps, "steps_per_second");
    if (!throughput) continue;
    scaling.push_back({{"threads", threads}, {"steps_per_second", *throughput}, {"efficiency", *throughput / (static_cast<double>(threads) * *single)},
                       {"steps", kScalingSteps}, {"file", measured.at("file")}});
  }
  scaling.push_back({{"gpus", 4}, {"measured", kNotHere}});
  return scaling;
}

// "1.05 M (full), 2.10 M (recommended)" of whichever is there.
std::string ofBoth(const Json& rows, const std::function<std::string(const Json&)>& text) {
  std::string out;
  for (const Json& row : rows) {
    if (row.at("id") == "transformer") continue;
    const std::string one = text(row);
    if (!one.empty()) out += (out.empty() ? "" : ", ") + one + " (" + row.at("name").get<std::string>() + ")";
  }
  return out.empty() ? "–" : out;
}

std::string scaledBy(const Json& row, const char* key, double unit, int decimals, const std::string& suffix) {
  const auto value = numberOf(row, key);
  return value ? fixedNumber(*value / unit, decimals) + suffix : "";
}

std::string memoryText(const Json& rows) {
  std::map<std::string, double> peak;
  for (const Json& row : rows) {
    if (const auto bytes = atLength(row, 8192, "peak_bytes"); bytes && *bytes > 0) peak[row.at("id").get<std::string>()] = *bytes;
  }
  if (!peak.contains("transformer") || !peak.contains("recommended")) return "–";
  const double less = peak["transformer"] / peak["recommended"];
  return (less >= 1 ? fixedNumber(less, 1) + "x less" : fixedNumber(1 / less, 1) + "x more") + " than the Direct Transformer at 8,192 steps (Recommended)";
}

std::string scalingText(const Json& scaling) {
  for (const Json& entry : scaling) {
    if (entry.value("threads", 0) == 2) return "4 GPUs " + std::string(kNotHere) + "; 2 CPU threads " + fixedNumber(100.0 * entry.at("efficiency").get<double>(), 0) + " %";
  }
  return std::string("4 GPUs ") + kNotHere;
}

std::string measuredText(std::string_view what, const Json& rows, const Json& scaling) {
  if (what == "parameters") return ofBoth(rows, [](const Json& row) { return scaledBy(row, "parameters", 1e6, 2, " M"); });
  if (what == "FP32 size") return ofBoth(rows, [](const Json& row) { return scaledBy(row, "bytes_fp32", 1e6, 1, " MB"); });
  if (what == "FP16 size") return ofBoth(rows, [](const Json& row) { return scaledBy(row, "bytes_fp16", 1e6, 1, " MB"); });
  if (what == "CPU") {
    return ofBoth(rows, [](const Json& row) {
      const auto value = atLength(row, kScalingSteps, "steps_per_second");
      return value ? fixedNumber(*value, 0) + " steps/s" : "";
    });
  }
  if (what == "utilisation") {
    return ofBoth(rows, [](const Json& row) {
      const auto value = atLength(row, 8192, "utilisation");
      return value ? fixedNumber(100.0 * *value, 0) + " % of this CPU's matrix products" : "";
    });
  }
  if (what.starts_with("scaling")) return scalingText(scaling);
  if (what == "memory") return memoryText(rows);
  return kNotHere;
}

Json claimsOf(const Json& rows, const Json& scaling) {
  Json claims = Json::array();
  for (const EfficiencyClaim& claim : kEfficiencyClaims) {
    Json entry = {{"what", claim.what}, {"claimed", claim.value}, {"measured", measuredText(claim.what, rows, scaling)}};
    for (const ClaimNote& note : kClaimNotes) {
      if (note.of == claim.what) entry["note"] = note.text;
    }
    claims.push_back(std::move(entry));
  }
  return claims;
}

}  // namespace

RunConfig efficiencyConfig(const MethodRow& row) {
  RunConfig config;
  readYaml(bundled("configs/" + row.config), Fields(config));
  applySettings(config, row.settings);
  config.train = {};
  config.seed = 1;
  return config;
}

std::string efficiencyStem(const std::string& row, const RunConfig& config, int64_t threads) {
  return row + "-threads-" + std::to_string(threads) + "-" + configHash(config).substr(0, 12);
}

Json collectEfficiency(const fs::path& out) {
  Json rows = Json::array(), scaling = Json::array();
  for (const char* id : kEfficiencyRows) {
    const auto by_threads = measurementsOf(out, id);
    if (by_threads.empty()) continue;
    const auto& [threads, measured] = *by_threads.rbegin();
    Json row = measured;
    row.update({{"id", id}, {"name", findMethodRow(id)->name}, {"threads", threads}});
    rows.push_back(std::move(row));
    if (std::string_view(id) == "recommended") scaling = scalingOf(by_threads);
  }
  return {{"rows", rows}, {"scaling", scaling}, {"claims", claimsOf(rows, scaling)}};
}

}  // namespace hvlm
