// SPDX-License-Identifier: Apache-2.0
#include "score/text_proxies.h"

#include <algorithm>
#include <unordered_map>
#include <vector>

namespace hvlm {
namespace {

using Counts = std::unordered_map<std::string_view, int64_t>;

Counts countsOf(const Tokens& tokens) {
  Counts counts;
  for (const std::string& token : tokens) ++counts[token];
  return counts;
}

// First place of the stretch that holds most words of the event; empty below one half of them.
std::optional<size_t> mention(const Tokens& text, const Tokens& event) {
  const Counts wanted = countsOf(event);
  Counts inside;
  int64_t shared = 0;
  int64_t most = 0;
  size_t place = 0;
  for (size_t end = 0; end < text.size(); ++end) {
    const auto entering = wanted.find(text[end]);
    if (entering != wanted.end() && ++inside[entering->first] <= entering->second) ++shared;
    if (end >= event.size()) {
      const auto leaving = wanted.find(text[end - event.size()]);
      if (leaving != wanted.end() && --inside[leaving->first] < leaving->second) --shared;
    }
    if (shared > most) most = shared, place = end;
  }
  if (event.empty() || 2 * most < static_cast<int64_t>(event.size()) || most == 0) return std::nullopt;
  return place;
}

}  // namespace

double tokenF1(const Tokens& answer, const Tokens& truth) {
  if (answer.empty() || truth.empty()) return answer.empty() && truth.empty() ? 1.0 : 0.0;
  const Counts right = countsOf(truth);
  int64_t shared = 0;
  for (const auto& [token, times] : countsOf(answer)) {
    if (const auto found = right.find(token); found != right.end()) shared += std::min(times, found->second);
  }
  return 2.0 * static_cast<double>(shared) / static_cast<double>(answer.size() + truth.size());
}

std::optional<double> eventOrderTau(const Tokens& text, std::span<const Tokens> events) {
  std::vector<size_t> places;
  for (const Tokens& event : events) {
    if (const std::optional<size_t> place = mention(text, event)) places.push_back(*place);
  }
  if (places.size() < 2) return std::nullopt;
  int64_t balance = 0;
  for (size_t i = 0; i < places.size(); ++i) {
    for (size_t j = i + 1; j < places.size(); ++j)
      balance += places[i] < places[j] ? 1 : places[i] > places[j] ? -1 : 0;
  }
  const auto count = static_cast<double>(places.size());
  return static_cast<double>(balance) / (count * (count - 1.0) / 2.0);
}

double selfAgreement(std::string_view first_answer, std::string_view second_answer) {
  return tokenF1(captionTokens(first_answer), captionTokens(second_answer));
}

}  // namespace hvlm
