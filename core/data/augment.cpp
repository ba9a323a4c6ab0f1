// SPDX-License-Identifier: Apache-2.0
#include "data/augment.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "support/error.h"

namespace hvlm {
namespace {

constexpr int kPiecesAtMost = 10000;  // joined in one place; a store of empty videos must not spin

}  // namespace

VideoAugmenter::VideoAugmenter(const FeatureStore& store, const Catalogue& catalogue, const FeatureSpec& spec, const std::vector<int64_t>& videos, AugmentOptions options)
    : store_(store), catalogue_(catalogue), spec_(spec), options_(options), of_class_(catalogue.classes.size()) {
  if (options_.recompose <= 0.0) return;
  for (const int64_t v : videos) {
    const Video& video = catalogue.videos[static_cast<size_t>(v)];
    const auto shape = store.shape(video.id);
    if (!shape || shape->rows < 1) continue;
    const std::vector<int64_t> labels = stepLabels(video, shape->rows, spec.stepSeconds());
    for (int64_t first = 0; first < shape->rows;) {
      int64_t last = first + 1;
      while (last < shape->rows && labels[static_cast<size_t>(last)] == labels[static_cast<size_t>(first)]) ++last;
      const int64_t label = labels[static_cast<size_t>(first)];
      (label < 0 ? background_ : of_class_[static_cast<size_t>(label)]).push_back({v, {first, last}});
      first = last;
    }
  }
  for (size_t c = 0; c < of_class_.size(); ++c) {
    if (!of_class_[c].empty()) classes_.push_back(static_cast<int64_t>(c));
  }
}

// The video's segments with other classes: those that shared one still do, those that did not still do not while classes last.
std::vector<Segment> VideoAugmenter::layOut(const Video& video, int64_t steps, SplitMix& random, std::vector<int64_t>& label_of_step) const {
  std::vector<int64_t> drawn = classes_;
  random.shuffle(drawn);
  std::map<int64_t, int64_t> became;
  Video other = video;
  for (Segment& segment : other.segments) {
    const auto [place, is_new] = became.try_emplace(segment.label, 0);
    if (is_new) place->second = drawn[(became.size() - 1) % drawn.size()];
    segment.label = place->second;
  }
  label_of_step = stepLabels(other, steps, spec_.stepSeconds());
  return other.segments;
}

// Rows first .. last-1 of `out` from pieces of randomly drawn stretches, each at a random place of its own.
void VideoAugmenter::fill(FeatureMatrix& out, int64_t first, int64_t last, const std::vector<Stretch>& from, SplitMix& random) const {
  for (int pieces = 0; first < last && pieces < kPiecesAtMost; ++pieces) {
    const Stretch& source = from[static_cast<size_t>(random.below(static_cast<int64_t>(from.size())))];
    const FeatureMatrix steps = store_.read(catalogue_.videos[static_cast<size_t>(source.video)].id);
    if (steps.columns != out.columns || source.range.last > steps.rows) continue;
    const int64_t count = std::min(last - first, source.range.size());
    const int64_t start = source.range.first + random.below(source.range.size() - count + 1);
    std::copy_n(steps.values.begin() + start * steps.columns, count * steps.columns, out.values.begin() + first * out.columns);
    first += count;
  }
}

RemadeVideo VideoAugmenter::recomposed(const VideoSteps& own, SplitMix& random) const {
  const Video& video = catalogue_.videos[static_cast<size_t>(own.video)];
  const int64_t rows = own.features.rows;
  RemadeVideo made{{own.video, own.features, {}, {}}, {}};
  std::vector<int64_t> labels;
  made.segments = layOut(video, rows, random, labels);
  // A video shows a few kinds of background, not all of them.
  constexpr int64_t kBackgrounds = 3;
  std::vector<Stretch> background;
  for (int64_t i = 0; i < kBackgrounds && !background_.empty(); ++i) background.push_back(background_[static_cast<size_t>(random.below(static_cast<int64_t>(background_.size())))]);
  for (int64_t first = 0; first < rows;) {
    int64_t last = first + 1;
    while (last < rows && labels[static_cast<size_t>(last)] == labels[static_cast<size_t>(first)]) ++last;
    const int64_t label = labels[static_cast<size_t>(first)];
    if (label >= 0) fill(made.steps.features, first, last, of_class_[static_cast<size_t>(label)], random);
    if (label < 0 && !background.empty()) fill(made.steps.features, first, last, background, random);
    first = last;
  }
  return made;
}

void VideoAugmenter::stretched(RemadeVideo& video, SplitMix& random) const {
  const double factor = random.between(1.0 - options_.stretch, 1.0 + options_.stretch);
  const FeatureMatrix from = std::move(video.steps.features);
  FeatureMatrix to{std::max<int64_t>(1, std::llround(factor * static_cast<double>(from.rows))), from.columns, {}};
  const double rate = static_cast<double>(from.rows) / static_cast<double>(to.rows);  // source steps a step
  to.values.reserve(static_cast<size_t>(to.rows * to.columns));
  for (int64_t t = 0; t < to.rows; ++t) {
    const auto source = std::clamp<int64_t>(static_cast<int64_t>((static_cast<double>(t) + 0.5) * rate), 0, from.rows - 1);
    to.values.insert(to.values.end(), from.values.begin() + source * from.columns, from.values.begin() + (source + 1) * from.columns);
  }
  // Times are measured from where the first row begins.
  const double begin = spec_.stepCentreSeconds(0) - 0.5 * spec_.stepSeconds();
  for (Segment& segment : video.segments) {
    segment.start_seconds = begin + (segment.start_seconds - begin) / rate;
    segment.end_seconds = begin + (segment.end_seconds - begin) / rate;
  }
  video.steps.features = std::move(to);
}

std::optional<RemadeVideo> VideoAugmenter::remade(const VideoSteps& own, uint64_t seed) const {
  SplitMix random(seed);
  const Video& video = catalogue_.videos[static_cast<size_t>(own.video)];
  const bool recompose = random.uniform() < options_.recompose && !classes_.empty() && !video.segments.empty();
  if (!recompose && options_.stretch <= 0.0) return std::nullopt;
  RemadeVideo made = recompose ? recomposed(own, random) : RemadeVideo{{own.video, own.features, {}, {}}, video.segments};
  if (options_.stretch > 0.0) stretched(made, random);
  return made;
}

}  // namespace hvlm
