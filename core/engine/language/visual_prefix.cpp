// SPDX-License-Identifier: Apache-2.0
#include "engine/language/visual_prefix.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "support/error.h"
#include "support/text.h"

namespace hvlm {
namespace {

constexpr int64_t kMostLevels = 40;

// Nodes of one level above the stretch: rows first .. last-1 of the video's own at this level.
struct LevelRows {
  int64_t level = 0;
  int64_t first = 0;
  int64_t last = 0;
  int64_t size() const { return last - first; }
};

// Levels that hold something of the stretch, the highest first.
std::vector<LevelRows> rowsOf(const Pyramid& pyramid, size_t video, int64_t first_step, int64_t last_step) {
  std::vector<LevelRows> all;
  for (int64_t l = pyramid.levels() - 1; l >= 0; --l) {
    const auto& offsets = pyramid.offsets[static_cast<size_t>(l)];
    const int64_t count = offsets[video + 1] - offsets[video];
    const LevelRows rows{l, first_step >> l, std::min(count, ((last_step - 1) >> l) + 1)};
    if (rows.size() > 0) all.push_back(rows);
  }
  return all;
}

// The levels that are taken, with the most tokens of each.
std::vector<std::pair<LevelRows, int64_t>> chosen(const std::vector<LevelRows>& all, const VisualOptions& options) {
  std::vector<std::pair<LevelRows, int64_t>> out;
  int64_t left = options.tokens;
  if (options.levels.empty()) {
    for (const LevelRows& rows : all) {
      if (!out.empty() && rows.size() > left) break;
      out.emplace_back(rows, std::min(rows.size(), left));
      left -= out.back().second;
      if (left <= 0) break;
    }
    return out;
  }
  std::vector<LevelRows> named;
  for (const LevelRows& rows : all) {
    if (std::find(options.levels.begin(), options.levels.end(), rows.level) != options.levels.end()) named.push_back(rows);
  }
  if (named.empty()) named.push_back(all.front());
  for (size_t i = 0; i < named.size(); ++i) {  // a place stays free for each level that follows
    const auto later = static_cast<int64_t>(named.size() - i - 1);
    out.emplace_back(named[i], std::min(named[i].size(), left - later));
    left -= out.back().second;
  }
  return out;
}

float logSeconds(double seconds) { return static_cast<float>(std::log2(1.0 + seconds) / 16.0); }

}  // namespace

VisualOptions visualOptions(const std::string& levels, int64_t tokens) {
  VisualOptions options;
  options.tokens = tokens;
  if (trimmed(levels) == "auto") return options;
  std::set<int64_t> known;
  for (const std::string& part : split(levels, ',')) {
    const auto number = parseNumber(trimmed(part));
    if (!number || *number < 0.0 || *number > kMostLevels || *number != std::floor(*number)) {
      throw InputError({.where = "visual_levels",
                        .expected = "auto, or levels of the pyramid such as 0,2,4",
                        .found = shortened(levels),
                        .remedy = "0 are the steps; each level above has half as many nodes."});
    }
    known.insert(static_cast<int64_t>(*number));
  }
  if (static_cast<int64_t>(known.size()) > tokens) {
    throw InputError({.where = "visual_tokens",
                      .expected = "at least one for each of the " + std::to_string(known.size()) + " levels",
                      .found = std::to_string(tokens),
                      .remedy = "Raise it or name fewer levels."});
  }
  options.levels.assign(known.begin(), known.end());
  return options;
}

std::string levelsText(const VisualOptions& options) {
  std::string text;
  for (const int64_t level : options.levels) text += (text.empty() ? "" : ",") + std::to_string(level);
  return text.empty() ? "auto" : text;
}

VisualTokens visualTokens(const Pyramid& pyramid, int64_t video, int64_t first_step, int64_t last_step, double step_seconds,
                          const VisualOptions& options) {
  const auto b = static_cast<size_t>(video);
  const int64_t steps = pyramid.offsets[0][b + 1] - pyramid.offsets[0][b];
  if (first_step < 0 || first_step >= last_step || last_step > steps) {
    throw ShapeError("a stretch of steps " + std::to_string(first_step) + " to " + std::to_string(last_step) + " in a video of " +
                     std::to_string(steps));
  }
  std::vector<at::Tensor> nodes;
  std::vector<float> places;
  for (const auto& [rows, most] : chosen(rowsOf(pyramid, b, first_step, last_step), options)) {
    const auto l = static_cast<size_t>(rows.level);
    const int64_t start = pyramid.level_start[l] + pyramid.offsets[l][b] + rows.first;
    for (int64_t group = 0; group < most; ++group) {
      const int64_t begin = group * rows.size() / most, end = (group + 1) * rows.size() / most;
      nodes.push_back(pyramid.nodes.narrow(0, start + begin, end - begin).mean(0));
      const int64_t from = (rows.first + begin) << rows.level, to = std::min((rows.first + end) << rows.level, steps);
      const auto share = [&](int64_t step) { return static_cast<float>(static_cast<double>(step) / static_cast<double>(steps)); };
      places.insert(places.end(),
                    {share(from), share(to), static_cast<float>(rows.level) / 16.0f, logSeconds(static_cast<double>(from) * step_seconds),
                     logSeconds(static_cast<double>(to) * step_seconds)});
    }
  }
  VisualTokens out;
  out.nodes = at::stack(nodes);
  out.places = at::tensor(places).view({out.nodes.size(0), VisualTokens::kPlaceNumbers}).to(out.nodes.options());
  return out;
}

VisualProjector::VisualProjector(ParameterSet& set, int64_t in, int64_t out, double deviation, at::Generator& generator,
                                 at::TensorOptions options) {
  norm_ = LayerNorm::create(set, "projector.norm", in, options);
  places_ = Linear::create(set, "projector.places", VisualTokens::kPlaceNumbers, in, generator, options);
  in_ = Linear::create(set, "projector.in", in, out, generator, options);
  // GELU of a standard normal variable has the mean square 0.425.
  out_.weight =
      set.add("projector.out.weight", normalInit({out, out}, deviation / std::sqrt(0.425 * static_cast<double>(out)), generator, options));
  out_.bias = set.add("projector.out.bias", at::zeros({out}, options), false);
}

at::Tensor VisualProjector::operator()(const VisualTokens& tokens) const {
  return out_(at::gelu(in_(norm_(tokens.nodes) + places_(tokens.places))));
}

}  // namespace hvlm
