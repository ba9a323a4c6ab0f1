// SPDX-License-Identifier: Apache-2.0
#include "engine/model/pyramid.h"
#include "support/error.h"

namespace hvlm {
namespace {

bool isCeil(const std::string& mode) {
  if (mode == "ceil") return true;
  if (mode == "floor") return false;
  throw ShapeError("unknown pyramid mode " + mode + ", expected ceil or floor");
}

int64_t nextLength(int64_t length, bool ceil) { return ceil ? (length + 1) / 2 : length / 2; }

}  // namespace

std::vector<int64_t> levelLengths(int64_t steps, const std::string& mode, int64_t levels) {
  if (steps < 1) throw ShapeError("a pyramid of " + std::to_string(steps) + " steps");
  const bool ceil = isCeil(mode);
  std::vector<int64_t> lengths{steps};
  while (lengths.back() > 1 && (levels < 0 || static_cast<int64_t>(lengths.size()) <= levels)) {
    lengths.push_back(nextLength(lengths.back(), ceil));
  }
  return lengths;
}

std::vector<std::vector<std::pair<int64_t, int64_t>>> levelSpans(int64_t steps, const std::string& mode,
                                                                 int64_t levels) {
  std::vector<std::vector<std::pair<int64_t, int64_t>>> spans;
  int64_t width = 1;
  for (const int64_t length : levelLengths(steps, mode, levels)) {
    std::vector<std::pair<int64_t, int64_t>> level;
    for (int64_t j = 0; j < length; ++j) level.emplace_back(j * width, std::min((j + 1) * width, steps) - 1);
    spans.push_back(std::move(level));
    width *= 2;
  }
  return spans;
}

PyramidPlan planPyramid(const std::vector<int64_t>& offsets, const std::string& mode, int64_t levels) {
  PyramidPlan plan;
  plan.mode = mode;
  std::vector<std::vector<int64_t>> lengths;  // [B][its own levels]
  size_t deepest = 1;
  for (size_t b = 0; b + 1 < offsets.size(); ++b) {
    lengths.push_back(levelLengths(offsets[b + 1] - offsets[b], mode, levels));
    plan.last_level.push_back(static_cast<int64_t>(lengths.back().size()) - 1);
    deepest = std::max(deepest, lengths.back().size());
  }
  plan.level_start = {0};
  for (size_t l = 0; l < deepest; ++l) {
    std::vector<int64_t> rows{0};
    for (const auto& own : lengths) rows.push_back(rows.back() + (l < own.size() ? own[l] : 0));
    plan.level_start.push_back(plan.level_start.back() + rows.back());
    plan.offsets.push_back(std::move(rows));
  }
  for (size_t l = 0; l < deepest; ++l) {
    std::vector<int64_t> parents(plan.offsets[l].back(), -1);
    for (size_t b = 0; l + 1 < deepest && b < lengths.size(); ++b) {
      const int64_t windows = plan.offsets[l + 1][b + 1] - plan.offsets[l + 1][b];
      for (int64_t i = plan.offsets[l][b]; i < plan.offsets[l][b + 1]; ++i) {
        const int64_t window = (i - plan.offsets[l][b]) / 2;
        if (window < windows) parents[i] = plan.offsets[l + 1][b] + window;
      }
    }
    plan.parent.push_back(std::move(parents));
  }
  return plan;
}

}  // namespace hvlm
