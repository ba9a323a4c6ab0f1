// SPDX-License-Identifier: Apache-2.0
#include "score/classification.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>
#include <numeric>

#include "score/bootstrap.h"
#include "support/error.h"

namespace hvlm {
namespace {

template <class Number>
double lowIfNaN(Number value) {
  return std::isnan(value) ? -std::numeric_limits<double>::infinity() : static_cast<double>(value);
}

// 0-based place of `target` among the scores of one row; ties go to the lower class, NaN comes last.
template <class Number>
int64_t placeOf(std::span<const Number> row, int64_t target) {
  const double own = lowIfNaN(row[static_cast<size_t>(target)]);
  int64_t place = 0;
  for (size_t c = 0; c < row.size(); ++c) {
    const double other = lowIfNaN(row[c]);
    if (other > own || (other == own && static_cast<int64_t>(c) < target)) ++place;
  }
  return place;
}

bool contains(const std::vector<int64_t>& set, int64_t label) {
  return std::find(set.begin(), set.end(), label) != set.end();
}

// Official AP of one class over (video, label) pairs: every video is one prediction, the later one first among ties.
double classAp(std::span<const float> scores, size_t classes, size_t label,
               const std::vector<std::vector<int64_t>>& labels) {
  std::vector<size_t> order(labels.size());
  std::iota(order.begin(), order.end(), size_t{0});
  const auto scoreOf = [&](size_t video) { return lowIfNaN(scores[video * classes + label]); };
  std::sort(order.begin(), order.end(),
            [&](size_t a, size_t b) { return scoreOf(a) != scoreOf(b) ? scoreOf(a) > scoreOf(b) : a > b; });
  std::vector<uint8_t> hits(order.size());
  int64_t positives = 0;
  for (size_t rank = 0; rank < order.size(); ++rank) {
    hits[rank] = contains(labels[order[rank]], static_cast<int64_t>(label)) ? 1 : 0;
    positives += hits[rank];
  }
  return positives > 0 ? interpolatedAp(hits, positives) : std::numeric_limits<double>::quiet_NaN();
}

// Mean of the finite values; 0 when there is none.
double meanOfKnown(const std::vector<double>& values) {
  double sum = 0.0;
  int64_t count = 0;
  for (const double value : values) {
    if (std::isnan(value)) continue;
    sum += value;
    ++count;
  }
  return count > 0 ? sum / static_cast<double>(count) : 0.0;
}

}  // namespace

double interpolatedAp(std::span<const uint8_t> hits, int64_t positives) {
  if (positives <= 0) return 0.0;
  std::vector<double> precision;  // at each true positive
  for (size_t rank = 0; rank < hits.size(); ++rank) {
    if (hits[rank] != 0) precision.push_back(static_cast<double>(precision.size() + 1) / static_cast<double>(rank + 1));
  }
  double ap = 0.0;
  double best = 0.0;  // from the right: precision never rises with recall
  for (size_t i = precision.size(); i-- > 0;) {
    best = std::max(best, precision[i]);
    ap += best;
  }
  return ap / static_cast<double>(positives);
}

ClassificationScore scoreClassification(std::span<const float> scores, int64_t classes,
                                        const std::vector<std::vector<int64_t>>& labels,
                                        const std::vector<int64_t>& main_label) {
  const auto width = static_cast<size_t>(classes);
  assert(scores.size() == labels.size() * width && main_label.size() == labels.size());
  if (labels.empty()) {
    throw InputError({.where = "classification",
                      .expected = "at least one video with a label",
                      .found = "none",
                      .remedy = "Choose a subset that has annotations."});
  }
  const auto videos = static_cast<double>(labels.size());
  ClassificationScore score;
  std::vector<double> correct(labels.size());
  std::vector<double> class_hits(width), class_videos(width);
  for (size_t v = 0; v < labels.size(); ++v) {
    const std::span<const float> row = scores.subspan(v * width, width);
    int64_t best_place = classes;
    for (const int64_t label : labels[v]) best_place = std::min(best_place, placeOf(row, label));
    correct[v] = best_place == 0 ? 1.0 : 0.0;
    score.top1 += correct[v];
    score.top5 += best_place < 5 ? 1.0 : 0.0;
    score.top1_main += placeOf(row, main_label[v]) == 0 ? 1.0 : 0.0;
    const auto main = static_cast<size_t>(main_label[v]);
    class_hits[main] += correct[v];
    class_videos[main] += 1.0;
  }
  score.top1 /= videos;
  score.top5 /= videos;
  score.top1_main /= videos;
  std::vector<double> recall(width), ap(width);
  for (size_t c = 0; c < width; ++c) {
    recall[c] = class_hits[c] / class_videos[c];  // 0/0 is NaN: left out
    ap[c] = classAp(scores, width, c, labels);
  }
  score.macro_top1 = meanOfKnown(recall);
  score.map = meanOfKnown(ap);
  const Interval interval = bootstrapMean(correct);
  score.low = interval.low;
  score.high = interval.high;
  return score;
}

double topKAccuracy(std::span<const double> scores, int64_t classes, std::span<const int64_t> truth, int64_t k) {
  const auto width = static_cast<size_t>(classes);
  assert(scores.size() == truth.size() * width);
  if (truth.empty()) return 0.0;
  int64_t hits = 0;
  for (size_t i = 0; i < truth.size(); ++i) hits += placeOf(scores.subspan(i * width, width), truth[i]) < k ? 1 : 0;
  return static_cast<double>(hits) / static_cast<double>(truth.size());
}

std::vector<int64_t> topClasses(std::span<const double> scores, int64_t classes) {
  const auto width = static_cast<size_t>(classes);
  std::vector<int64_t> best(scores.size() / width);
  for (size_t i = 0; i < best.size(); ++i) {
    const std::span<const double> row = scores.subspan(i * width, width);
    const auto found =
        std::max_element(row.begin(), row.end(), [](double a, double b) { return lowIfNaN(a) < lowIfNaN(b); });
    best[i] = found - row.begin();
  }
  return best;
}

std::vector<int64_t> confusionMatrix(std::span<const int64_t> predicted, std::span<const int64_t> truth,
                                     int64_t classes) {
  assert(predicted.size() == truth.size());
  std::vector<int64_t> counts(static_cast<size_t>(classes * classes));
  for (size_t i = 0; i < truth.size(); ++i) ++counts[static_cast<size_t>(truth[i] * classes + predicted[i])];
  return counts;
}

double meanClassRecall(std::span<const int64_t> confusion, int64_t classes) {
  const auto width = static_cast<size_t>(classes);
  std::vector<double> recall(width);
  for (size_t c = 0; c < width; ++c) {
    const std::span<const int64_t> row = confusion.subspan(c * width, width);
    recall[c] = static_cast<double>(row[c]) / static_cast<double>(std::accumulate(row.begin(), row.end(), int64_t{0}));
  }
  return meanOfKnown(recall);
}

double averagePrecision(std::span<const double> scores, std::span<const int64_t> relevant) {
  assert(scores.size() == relevant.size());
  std::vector<size_t> order(scores.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) { return lowIfNaN(scores[a]) > lowIfNaN(scores[b]); });
  int64_t found = 0;
  int64_t before = 0;  // true positives above the current threshold
  double sum = 0.0;
  for (size_t i = 0; i < order.size(); ++i) {
    found += relevant[order[i]] != 0 ? 1 : 0;
    if (i + 1 < order.size() && lowIfNaN(scores[order[i + 1]]) == lowIfNaN(scores[order[i]])) continue;
    sum += static_cast<double>(found - before) * static_cast<double>(found) / static_cast<double>(i + 1);
    before = found;
  }
  return found > 0 ? sum / static_cast<double>(found) : 0.0;
}

}  // namespace hvlm
