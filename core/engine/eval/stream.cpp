// SPDX-License-Identifier: Apache-2.0
#include "engine/eval/stream.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <malloc.h>

#include <algorithm>
#include <numeric>
#include <set>

#include "data/batch.h"
#include "engine/eval/detect.h"
#include "support/error.h"

namespace hvlm {
namespace {

constexpr int64_t kAttendedLevel = 3;  // that head.video_vector = attention reads beside the steps and the top

int64_t roundedUp(int64_t value, int64_t unit) { return (value + unit - 1) / unit * unit; }

// Steps on one side that a step vector sees.
int64_t encoderReach(const EncoderOptions& o) {
  if (o.kind != "transformer") return 0;
  return o.stem_convolutions + (o.mixer == "none" ? 0 : o.layers * (o.mixer_window / 2));
}
int64_t blockReach(const PyramidOptions& o) { return o.block == "conv" ? 1 : o.block == "window" ? o.block_window / 2 : 0; }

// Steps at a cut within which some output differs from that of the whole video. `spoilt` counts the nodes of a level that do.
int64_t marginOf(const RunConfig& config, int64_t level, int64_t detect_levels) {
  const HeadOptions& head = config.head;
  const int64_t of_head = head.detect_layers + (head.boundary == "trident" ? head.trident_bins : 0);
  int64_t spoilt = encoderReach(config.encoder);
  int64_t margin = spoilt + 1;  // a border is read from both sides
  for (int64_t l = 0; l <= level; ++l) {
    if (l > 0) spoilt = (spoilt + 1) / 2 + blockReach(config.pyramid);
    margin = std::max(margin, (spoilt + (l < detect_levels ? of_head : 0)) << l);
  }
  return margin;
}

void refuseUnbounded(const RunConfig& config) {
  const EncoderOptions& o = config.encoder;
  if (o.kind == "transformer" && o.layers > 0 && o.mixer != "window" && o.mixer != "maxpool" && o.mixer != "none") {
    throw InputError({.where = "config: encoder.mixer", .expected = "window, maxpool or none, which see a bounded part of a video (--chunk-steps)", .found = o.mixer,
                      .remedy = "Leave --chunk-steps out, or train a run with encoder.mixer=window."});
  }
  if (config.merge.where != "none") {
    throw InputError({.where = "config: merge.where", .expected = "none: which steps merge depends on the whole video (--chunk-steps)", .found = config.merge.where,
                      .remedy = "Leave --chunk-steps out, or train a run with merge.where=none."});
  }
}

// Whether step vectors are read again when all stretches are done.
bool readsSteps(const RunConfig& config) {
  return config.head.video_vector != "top" || !config.pyramid.enabled || config.pyramid.levels == 0 || (config.head.detect && config.head.rescore);
}

// What the stretches gave, in the places where the whole pass has it.
class Joined {
 public:
  Joined(const HierarchicalModel& model, const StretchPlan& plan, int64_t steps) : steps_(steps) {
    const std::string& mode = model.config().pyramid.mode;
    given_.steps = steps;
    given_.nodes.resize(static_cast<size_t>(plan.level) + 1);
    kept_ = {plan.level};
    if (readsSteps(model.config())) kept_.insert(0);
    if (model.config().head.video_vector == "attention") kept_.insert(std::min(kAttendedLevel, plan.level));
    lengths_ = levelLengths(steps, mode, plan.level);
    rows_of_level_ = {0};
    if (!model.config().head.detect) return;
    const auto spans = levelSpans(steps, mode, model.detectLevels() - 1);
    for (size_t l = 0; l < spans.size(); ++l) {
      for (const auto& [first, last] : spans[l]) nodes_.push_back({0, static_cast<int64_t>(l), first, last, 0.5 * static_cast<double>(first + last)});
      rows_of_level_.push_back(static_cast<int64_t>(nodes_.size()));
    }
  }

  void add(const ModelOutput& part, const Stretch& stretch) {
    for (const int64_t l : kept_) place(given_.nodes[static_cast<size_t>(l)], lengths_[static_cast<size_t>(l)], 0, part.pyramid.levels_of_nodes[static_cast<size_t>(l)], 0, l, stretch);
    if (part.class_logits.defined()) {
      for (size_t l = 0; l + 1 < rows_of_level_.size(); ++l) {
        const auto level = static_cast<int64_t>(l);
        const int64_t from = part.pyramid.level_start[l];
        place(class_logits_, rows_of_level_.back(), rows_of_level_[l], part.class_logits, from, level, stretch);
        place(boundaries_, rows_of_level_.back(), rows_of_level_[l], part.boundaries, from, level, stretch);
      }
    }
    if (part.edge_logits.defined()) {
      const int64_t borders = stretch.end - stretch.first + (stretch.end == steps_ ? 1 : 0);
      copyRows(edge_logits_, steps_ + 1, stretch.first, part.edge_logits, stretch.first - stretch.read_first, borders);
    }
  }

  ModelOutput finished(const HierarchicalModel& model) {
    Packed pack;
    pack.given = std::make_shared<const GivenLevels>(std::move(given_));
    ModelOutput out = model.forward(pack);
    out.class_logits = class_logits_;
    out.boundaries = boundaries_;
    out.edge_logits = edge_logits_;
    if (class_logits_.defined()) out.detection_nodes = std::move(nodes_);
    return out;
  }

 private:
  static void copyRows(at::Tensor& all, int64_t rows, int64_t at_row, const at::Tensor& part, int64_t from, int64_t count) {
    if (!all.defined()) all = at::empty({rows, part.size(1)}, part.options());
    if (count > 0) all.narrow(0, at_row, count).copy_(part.narrow(0, from, count));
  }
  // The nodes of one level under the inner part of a stretch. `base` and `from`: rows of the level's first node in both.
  void place(at::Tensor& all, int64_t rows, int64_t base, const at::Tensor& part, int64_t from, int64_t level, const Stretch& stretch) const {
    const int64_t first = stretch.first >> level;
    const int64_t end = stretch.end == steps_ ? lengths_[static_cast<size_t>(level)] : stretch.end >> level;
    copyRows(all, rows, base + first, part, from + ((stretch.first - stretch.read_first) >> level), end - first);
  }

  int64_t steps_;
  std::set<int64_t> kept_;              // levels that are read again
  std::vector<int64_t> lengths_;        // [K+1] nodes of each level
  std::vector<int64_t> rows_of_level_;  // of the detection head: first of each level, and all
  std::vector<DetectionNode> nodes_;
  GivenLevels given_;
  at::Tensor class_logits_, boundaries_, edge_logits_;
};

double durationOf(const Catalogue& catalogue, int64_t video) { return catalogue.videos[static_cast<size_t>(video)].duration_seconds; }

// One row a video, in the order of the list, whatever the order they come in.
class ByVideo {
 public:
  explicit ByVideo(size_t videos) : rows_(videos) {}
  void set(const std::vector<size_t>& places, const at::Tensor& rows) {
    if (!rows.defined()) return;
    const at::Tensor held = rows.to(at::kCPU, at::kFloat);
    for (size_t i = 0; i < places.size(); ++i) rows_[places[i]] = held.select(0, static_cast<int64_t>(i)).clone();
  }
  at::Tensor all() const { return rows_.empty() || !rows_.front().defined() ? at::Tensor() : at::stack(rows_); }

 private:
  std::vector<at::Tensor> rows_;
};

}  // namespace

StretchPlan planStretches(const HierarchicalModel& model, int64_t chunk_steps) {
  const RunConfig& config = model.config();
  refuseUnbounded(config);
  if (chunk_steps < 1) throw InputError({.where = "--chunk-steps", .expected = "at least 1 step", .found = std::to_string(chunk_steps), .remedy = "Give a number of steps, or leave it out."});
  const int64_t limit = !config.pyramid.enabled ? 0 : config.pyramid.levels;
  StretchPlan plan;
  plan.level = config.head.detect ? model.detectLevels() - 1 : 0;
  if (config.head.video_vector == "attention") plan.level = std::max(plan.level, limit < 0 ? kAttendedLevel : std::min(kAttendedLevel, limit));
  const int64_t unit = int64_t{1} << plan.level;
  plan.steps = roundedUp(chunk_steps, unit);
  plan.margin = roundedUp(marginOf(config, plan.level, model.detectLevels()), unit);  // one unit at least, so that a last short stretch has all levels
  return plan;
}

std::vector<Stretch> stretchesOf(const StretchPlan& plan, int64_t steps) {
  std::vector<Stretch> all;
  for (int64_t first = 0; first < steps; first += plan.steps) {
    const int64_t end = std::min(first + plan.steps, steps);
    all.push_back({first, end, std::max<int64_t>(first - plan.margin, 0), std::min(end + plan.margin, steps)});
  }
  return all;
}

ModelOutput forwardByStretches(const HierarchicalModel& model, int64_t steps, const StretchPlan& plan, const RowReader& read, const std::function<bool(int64_t)>& told) {
  if (steps <= plan.steps) throw ShapeError("a video of " + std::to_string(steps) + " steps is one stretch of " + std::to_string(plan.steps));
  const at::NoGradGuard no_grad;
  Joined joined(model, plan, steps);
  for (const Stretch& stretch : stretchesOf(plan, steps)) {
    FeatureMatrix rows = read(stretch.read_first, stretch.read_end - stretch.read_first);
    Packed pack;
    pack.x = at::from_blob(rows.values.data(), {rows.rows, rows.columns}, at::kFloat);
    pack.offsets = {0, rows.rows};
    pack.first_steps = {stretch.read_first};
    joined.add(model.forward(pack), stretch);
    if (told && !told(stretch.end)) throw Interrupted("stopped while reading videos");
  }
  return joined.finished(model);
}

EmbeddedSet embedByStretches(const HierarchicalModel& model, const FeatureStore& store, const Catalogue& catalogue, const FeatureSpec& spec,
                             const std::vector<int64_t>& videos, const StretchPlan& plan, const Progress& progress, const at::Tensor& video_scores, bool detect) {
  const at::NoGradGuard no_grad;
  const std::vector<int64_t> lengths = lengthsOf(catalogue, store, videos);
  const int64_t all_steps = std::accumulate(lengths.begin(), lengths.end(), int64_t{0});
  EmbeddedSet set;
  set.videos = videos;
  set.offsets = {0};
  for (const int64_t length : lengths) set.offsets.push_back(set.offsets.back() + length);
  set.steps = at::empty({0, model.width()});
  set.detections.resize(videos.size());
  ByVideo vectors(videos.size()), scores(videos.size());
  int64_t done = 0;
  const auto take = [&](const ModelOutput& output, const std::vector<size_t>& places) {
    vectors.set(places, output.video_vector);
    if (output.video_logits.defined()) scores.set(places, output.video_logits.softmax(1));
    if (!detect) return;
    std::vector<double> durations;
    std::vector<int64_t> rows;
    for (const size_t place : places) {
      durations.push_back(durationOf(catalogue, videos[place]));
      rows.push_back(static_cast<int64_t>(place));
    }
    const at::Tensor given = video_scores.defined() ? video_scores.index_select(0, indexTensor(rows, video_scores.device())) : at::Tensor();
    auto found = detectSegments(model, output, spec, durations, model.config().detect, given);
    for (size_t i = 0; i < places.size(); ++i) set.detections[places[i]] = std::move(found[i]);
  };

  std::vector<int64_t> short_videos;
  std::vector<size_t> short_places;
  for (size_t i = 0; i < videos.size(); ++i) {
    if (lengths[i] > plan.steps) continue;
    short_videos.push_back(videos[i]);
    short_places.push_back(i);
  }
  size_t next = 0;
  overVideoBatches(model, store, catalogue, short_videos, {}, [&](const Packed& packed, const std::vector<int64_t>& own) {
    const auto begin = short_places.begin() + static_cast<std::ptrdiff_t>(next);
    next += own.size();
    take(model.forward(packed), {begin, short_places.begin() + static_cast<std::ptrdiff_t>(next)});
    done += packed.offsets.back();
    if (progress && !progress(done, all_steps)) throw Interrupted("stopped while reading videos");
  });
  for (size_t i = 0; i < videos.size(); ++i) {
    if (lengths[i] <= plan.steps) continue;
    const std::string& id = catalogue.videos[static_cast<size_t>(videos[i])].id;
    const auto read = [&](int64_t first, int64_t count) {
      FeatureMatrix rows = store.readRows(id, first, count);
      checkFeatures(rows, id, model.inputDim(), first);
      return rows;
    };
    const auto told = [&](int64_t of_video) {
      malloc_trim(0);  // the activations of a stretch
      return !progress || progress(done + of_video, all_steps);
    };
    take(forwardByStretches(model, lengths[i], plan, read, told), {i});
    done += lengths[i];
  }
  const at::Tensor joined = vectors.all();
  set.video_vectors = joined.defined() ? joined : at::empty({0, model.width()});
  set.video_scores = scores.all();
  return set;
}

at::Tensor meanFeatures(const FeatureStore& store, const Catalogue& catalogue, const std::vector<int64_t>& videos, int64_t chunk_steps) {
  const std::vector<int64_t> lengths = lengthsOf(catalogue, store, videos);
  std::vector<at::Tensor> means;
  for (size_t i = 0; i < videos.size(); ++i) {
    const std::string& id = catalogue.videos[static_cast<size_t>(videos[i])].id;
    at::Tensor sum;
    for (int64_t first = 0; first < lengths[i]; first += chunk_steps) {
      FeatureMatrix rows = store.readRows(id, first, std::min(chunk_steps, lengths[i] - first));
      checkFeatures(rows, id, 0, first);
      const at::Tensor own = at::from_blob(rows.values.data(), {rows.rows, rows.columns}, at::kFloat).sum(0, false, at::kDouble);
      sum = sum.defined() ? sum + own : own;
    }
    means.push_back((sum / lengths[i]).to(at::kFloat));
  }
  return at::stack(means);
}

}  // namespace hvlm
