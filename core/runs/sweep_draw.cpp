// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>
#include <string_view>

#include "runs/sweep_space.h"
#include "support/text.h"

namespace hvlm {
namespace {

constexpr int kDigits = 4;

// The nearest number of four significant digits, inside the range.
double roundedWithin(double value, double low, double high) {
  std::array<char, 32> text = {};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::general, kDigits).ptr;
  return std::clamp(parseNumber(std::string_view(text.data(), static_cast<size_t>(end - text.data()))).value_or(value), low, high);
}

std::string drawValue(const SpaceKey& key, double share) {
  const double low = key.low, high = key.high;
  switch (key.kind) {
    case SpaceKind::kChoice: {
      const auto last = key.choices.size() - 1;
      return key.choices[std::min(static_cast<size_t>(share * static_cast<double>(key.choices.size())), last)];
    }
    case SpaceKind::kUniform: return nlohmann::json(roundedWithin(low + (high - low) * share, low, high)).dump();
    case SpaceKind::kLogUniform: return nlohmann::json(roundedWithin(low * std::pow(high / low, share), low, high)).dump();
    case SpaceKind::kInt: return std::to_string(static_cast<int64_t>(std::min(low + std::floor((high - low + 1.0) * share), high)));
    case SpaceKind::kLogInt: return std::to_string(static_cast<int64_t>(std::clamp(std::floor(low * std::pow((high + 1.0) / low, share)), low, high)));
  }
  return {};
}

bool holds(const SpaceKey& key, const Fields& fields) {
  return std::all_of(key.when.begin(), key.when.end(), [&](const auto& condition) {
    return std::find(condition.second.begin(), condition.second.end(), trialText(*fields.find(condition.first))) != condition.second.end();
  });
}

}  // namespace

std::string trialText(const Field& field) {
  if (const auto* value = std::get_if<double*>(&field.value)) return nlohmann::json(**value).dump();
  return fieldText(field);
}

TrialSettings drawTrial(const SweepSpace& space, const RunConfig& base, SplitMix& random) {
  RunConfig config = base;
  const Fields fields(config);
  TrialSettings settings;
  for (const SpaceKey& key : space.keys) {
    const std::string value = drawValue(key, random.uniform());
    if (!holds(key, fields)) continue;
    fields.set(key.path, value, "the space");
    settings.emplace_back(key.path, value);
  }
  return settings;
}

TrialSettings ownSettings(const SweepSpace& space, const RunConfig& base) {
  RunConfig config = base;
  const Fields fields(config);
  TrialSettings settings;
  for (const SpaceKey& key : space.keys) {
    if (holds(key, fields)) settings.emplace_back(key.path, trialText(*fields.find(key.path)));
  }
  return settings;
}

}  // namespace hvlm
