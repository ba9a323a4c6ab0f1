// SPDX-License-Identifier: Apache-2.0
#include "runs/attention_log.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "support/atomic_file.h"
#include "support/error.h"

namespace hvlm {
namespace {

constexpr const char* kFile = "attention.jsonl";
constexpr size_t kLargestFile = size_t{512} << 20;

}  // namespace

std::vector<float> attentionParts(const std::vector<float>& steps) {
  const auto count = static_cast<int64_t>(steps.size());
  if (count <= kMostAttentionParts) return steps;
  std::vector<float> parts(static_cast<size_t>(kMostAttentionParts), 0.0f);
  for (int64_t i = 0; i < count; ++i) parts[static_cast<size_t>(i * kMostAttentionParts / count)] += steps[static_cast<size_t>(i)];
  return parts;
}

void appendAttention(const std::filesystem::path& run, const std::vector<AttentionSnapshot>& snapshots) {
  std::string text;
  for (const AttentionSnapshot& s : snapshots) {
    nlohmann::json shares = nlohmann::json::array();
    for (const float share : s.attention) shares.push_back(std::round(static_cast<double>(share) * 1e6) / 1e6);
    text += nlohmann::json{{"epoch", s.epoch}, {"step", s.step}, {"video", s.video}, {"duration", s.duration_seconds}, {"attention", std::move(shares)}}.dump() + "\n";
  }
  std::ofstream out(run / kFile, std::ios::app | std::ios::binary);
  out << text;
  out.flush();
  if (!out) throw InputError({.where = (run / kFile).string(), .expected = "a file that can be written to", .found = "an error while appending", .remedy = "Free some disk space."});
}

std::vector<AttentionSnapshot> readAttention(const std::filesystem::path& run) {
  std::error_code none;
  if (!std::filesystem::exists(run / kFile, none)) return {};
  const std::string text = readFile(run / kFile, kLargestFile);
  std::map<std::pair<int64_t, std::string>, AttentionSnapshot> found;
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size());
    const nlohmann::json line = nlohmann::json::parse(text.begin() + static_cast<std::ptrdiff_t>(at), text.begin() + static_cast<std::ptrdiff_t>(end), nullptr, false);
    at = end + 1;
    if (line.is_discarded()) continue;
    try {
      AttentionSnapshot s;
      line.at("epoch").get_to(s.epoch);
      line.at("step").get_to(s.step);
      line.at("video").get_to(s.video);
      line.at("duration").get_to(s.duration_seconds);
      line.at("attention").get_to(s.attention);
      if (!s.attention.empty() && s.attention.size() <= static_cast<size_t>(kMostAttentionParts)) found[{s.epoch, s.video}] = std::move(s);
    } catch (const nlohmann::json::exception&) {
      continue;
    }
  }
  std::vector<AttentionSnapshot> all;
  for (auto& [key, snapshot] : found) all.push_back(std::move(snapshot));
  return all;
}

}  // namespace hvlm
