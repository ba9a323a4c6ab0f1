// SPDX-License-Identifier: Apache-2.0
// The golden files of room score, one slot a file. Each loops over every case, compares every field, and checks inputs
// that occur twice in the file (or follow from another field) against each other, so that a changed input shows up too.
#include <QCryptographicHash>
#include <QFile>
#include <QtTest>
#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "score/classification.h"
#include "score/detection.h"
#include "score/official_files.h"
#include "score/retrieval.h"
#include "support/golden.h"
#include "support/hash.h"
#include "support/json_file.h"
#include "support/text.h"

using namespace hvlm;
using hvlm::testing::GoldenFile;
using hvlm::testing::goldenFile;
using hvlm::testing::relativeError;

namespace {

using Numbers = std::vector<double>;

constexpr double kTolerance = 1e-9;

// Fails the running slot by an exception, so that helpers can check too.
void require(bool good, const std::string& what) {
  if (!good) throw std::runtime_error(what);
}
void same(const Numbers& ours, const Numbers& golden, const std::string& what) {
  const double error = relativeError(ours, golden);
  require(error <= kTolerance, what + ": relative error " + exactNumber(error));
}
void same(double ours, double golden, const std::string& what) { same(Numbers{ours}, Numbers{golden}, what); }

std::vector<int64_t> integers(const Numbers& values, const std::string& what) {
  std::vector<int64_t> out;
  for (const double value : values) {
    require(value == std::floor(value), what + " is not whole");
    out.push_back(static_cast<int64_t>(value));
  }
  return out;
}
template <class T>
Numbers numbers(const std::vector<T>& values) {
  return Numbers(values.begin(), values.end());
}

void noneUnused(const GoldenFile& file) {
  const std::vector<std::string> unused = file.unused();
  require(unused.empty(), unused.empty() ? "" : "unknown member " + unused.front());
}

// Arrays that are copies of one another but for a few values: one of them was changed.
class Copies {
 public:
  void add(const std::string& name, const Numbers& values) {
    for (const auto& [other_name, other] : seen_) {
      if (other.size() != values.size()) continue;
      size_t different = 0;
      for (size_t i = 0; i < values.size(); ++i) different += values[i] != other[i] ? 1 : 0;
      require(different == 0 || different * 10 > values.size(),
              name + " and " + other_name + " differ in a few values");
    }
    seen_.emplace_back(name, values);
  }

 private:
  std::vector<std::pair<std::string, Numbers>> seen_;
};

// A number that is given twice: the later ones must agree with the first.
class Constants {
 public:
  void add(const std::string& name, double value) {
    const auto [found, is_new] = values_.try_emplace(name, value);
    require(is_new || found->second == value, name + " differs between cases");
  }

 private:
  std::map<std::string, double> values_;
};

// A metric does not feel every input: an AP stays when a false positive moves. So where a file's results are those of
// the copy this project was written against, its inputs must be those too. Other files with other results pass by here.
struct KnownCopy {
  const char* results;  // contentHash
  const char* inputs;
};
void requireKnownInputs(const std::string& results, const std::string& inputs, KnownCopy known,
                        const std::string& what) {
  if (contentHash(results) != known.results) return;
  require(contentHash(inputs) == known.inputs, what + ": inputs were changed, " + contentHash(inputs));
}
std::string textOf(GoldenFile& file, const std::string& name, const std::vector<std::string>& fields) {
  std::string text;
  for (const std::string& field : fields) {
    for (const double value : file.get(name, field).values) text += exactNumber(value) + " ";
  }
  return text;
}

std::vector<ScoredSegment> segmentsOf(const Numbers& ends, const Numbers& scores = {},
                                      const std::vector<int64_t>& labels = {}) {
  std::vector<ScoredSegment> segments;
  for (size_t i = 0; i + 1 < ends.size(); i += 2) {
    ScoredSegment s = {.video = 0, .label = 0, .start_seconds = ends[i], .end_seconds = ends[i + 1]};
    if (!scores.empty()) s.score = scores.at(i / 2);
    if (!labels.empty()) s.label = labels.at(i / 2);
    segments.push_back(s);
  }
  return segments;
}

Numbers overlaps(const std::vector<ScoredSegment>& a, const std::vector<ScoredSegment>& b) {
  Numbers out;
  for (const ScoredSegment& x : a) {
    for (const ScoredSegment& y : b)
      out.push_back(overlapOrZero(x.start_seconds, x.end_seconds, y.start_seconds, y.end_seconds));
  }
  return out;
}

void compareKept(const std::vector<Kept>& kept, const Numbers& indices, const std::string& what) {
  std::vector<int64_t> ours;
  for (const Kept& k : kept) ours.push_back(k.index);
  require(ours == integers(indices, what), what + ": other indices");
}
void compareKept(const std::vector<Kept>& kept, const Numbers& indices, const Numbers& scores,
                 const std::string& what) {
  compareKept(kept, indices, what);
  Numbers ours;
  for (const Kept& k : kept) ours.push_back(k.score);
  same(ours, scores, what + " scores");
}

// "hard_0.5", "soft_s0.5_m0.001_k10": the numbers behind the letters.
double numberInName(const std::string& name, const std::string& before) {
  const size_t at = name.find(before);
  require(at != std::string::npos, "case " + name + " without " + before);
  const size_t first = at + before.size();
  return parseNumber(name.substr(first, name.find('_', first) - first)).value_or(NAN);
}

void checkOverlapCase(GoldenFile& file, const std::string& name, Copies& segments) {
  const std::vector<ScoredSegment> a = segmentsOf(file.get(name, "a").values);
  const std::vector<ScoredSegment> b = segmentsOf(file.get(name, "b").values);
  same(overlaps(a, b), file.get(name, "iou").values, name + ".iou");
  same(overlaps(a, a), file.get(name, "self_iou").values, name + ".self_iou");
  segments.add(name + ".a", file.get(name, "a").values);
}

void checkSuppressionCase(GoldenFile& file, const std::string& name, Copies& all_segments, Copies& all_scores,
                          Constants& constants) {
  const Numbers& ends = file.get(name, "segments").values;
  const Numbers& scores = file.get(name, "scores").values;
  all_segments.add(name + ".segments", ends);
  all_scores.add(name + ".scores", scores);
  std::vector<int64_t> labels;
  if (file.has(name, "classes")) labels = integers(file.get(name, "classes").values, name + ".classes");
  const std::vector<ScoredSegment> segments = segmentsOf(ends, scores, labels);
  SuppressionOptions options;
  if (file.has(name, "threshold")) {
    options.threshold = file.scalar(name, "threshold");
    require(options.threshold == numberInName(name, "hard_"), name + ".threshold is not that of its name");
    compareKept(hardNms(segments, options), file.get(name, "keep").values, name + ".keep");
    return;
  }
  options.sigma = file.scalar(name, "sigma");
  options.min_score = file.scalar(name, "min_score");
  if (file.has(name, "max_out")) {
    options.keep = integers(file.get(name, "max_out").values, name).at(0);
    require(options.sigma == numberInName(name, "_s") && options.min_score == numberInName(name, "_m") &&
                static_cast<double>(options.keep) == numberInName(name, "_k"),
            name + ": parameters are not those of its name");
  } else {
    constants.add("sigma", options.sigma);
    constants.add("min_score", options.min_score);
  }
  if (file.has(name, "hard_keep_05")) {
    options.threshold = 0.5;
    compareKept(hardNms(segments, options), file.get(name, "hard_keep_05").values, name + ".hard_keep_05");
    compareKept(softNms(segments, options), file.get(name, "soft_keep").values, file.get(name, "soft_decayed").values,
                name);
    return;
  }
  const std::vector<Kept> kept = labels.empty() ? softNms(segments, options) : softNmsByClass(segments, options);
  compareKept(kept, file.get(name, "keep").values, file.get(name, "decayed").values, name + ".keep");
}

Numbers transposed(const Numbers& values, size_t rows, size_t columns) {
  Numbers out(values.size());
  for (size_t r = 0; r < rows; ++r) {
    for (size_t c = 0; c < columns; ++c) out[c * rows + r] = values[r * columns + c];
  }
  return out;
}

Numbers products(const testing::NpyArray& a, const testing::NpyArray& b) {
  const auto width = static_cast<size_t>(a.shape.at(1));
  Numbers out;
  for (size_t i = 0; i < a.values.size(); i += width) {
    for (size_t j = 0; j < b.values.size(); j += width) {
      double sum = 0.0;
      for (size_t k = 0; k < width; ++k) sum += a.values[i + k] * b.values[j + k];
      out.push_back(sum);
    }
  }
  return out;
}

void checkRetrievalInputs(GoldenFile& file, const std::string& name) {
  const testing::NpyArray& sim = file.get(name, "sim");
  const auto rows = static_cast<size_t>(sim.shape.at(0));
  const auto columns = static_cast<size_t>(sim.shape.at(1));
  if (file.has(name, "a")) same(products(file.get(name, "a"), file.get(name, "b")), sim.values, name + ".sim = a b^T");
  if (file.has(name + "_b2a", "sim")) {
    same(transposed(sim.values, rows, columns), file.get(name + "_b2a", "sim").values, name + "_b2a.sim");
  }
  if (name == "ties") integers(sim.values, name + ".sim");
  if (name == "all_equal") {
    require(std::all_of(sim.values.begin(), sim.values.end(), [&](double s) { return s == sim.values[0]; }),
            "all_equal.sim");
  }
}

// Paired items: each is the truth of one query. All but one distinct means that one was changed.
void checkPairs(const std::vector<int64_t>& truth, int64_t gallery, const std::string& what) {
  const std::set<int64_t> distinct(truth.begin(), truth.end());
  require(distinct.size() + 1 != truth.size() || gallery != static_cast<int64_t>(truth.size()),
          what + " names an item twice");
}

void checkRetrievalCase(GoldenFile& file, const std::string& name) {
  checkRetrievalInputs(file, name);
  const testing::NpyArray& sim = file.get(name, "sim");
  const std::vector<int64_t> truth = integers(file.get(name, "truth").values, name + ".truth");
  checkPairs(truth, sim.shape.at(1), name + ".truth");
  const Ranks ranks = rankTruth(sim.values, sim.shape.at(1), truth);
  require(ranks.strict == integers(file.get(name, "rank").values, name + ".rank"), name + ".rank");
  require(ranks.ties == integers(file.get(name, "ties").values, name + ".ties"), name + ".ties");
  require(ranks.mid == file.get(name, "rank_mid").values, name + ".rank_mid");
  const Numbers strict = numbers(ranks.strict);
  const RetrievalScore hard = scoreRanks(strict);
  const RetrievalScore mid = scoreRanks(ranks.mid);
  const std::map<std::string, double> expected = {{"r1", hard.r1},           {"r5", hard.r5},
                                                  {"r10", hard.r10},         {"mdr", hard.median_rank},
                                                  {"mnr", hard.mean_rank},   {"mrr", hard.mean_reciprocal_rank},
                                                  {"r1_mid", mid.r1},        {"r5_mid", mid.r5},
                                                  {"r10_mid", mid.r10},      {"mdr_mid", mid.median_rank},
                                                  {"mnr_mid", mid.mean_rank}};
  for (const auto& [field, value] : expected) same(value, file.scalar(name, field), name + "." + field);
  if (name == "many_queries")
    requireKnownInputs(textOf(file, name, {"rank_mid"}), textOf(file, name, {"sim"}),
                       {"91742fe8c1cfa0b68948c62f3ba3e685", "340cd443c6276d49fbd72d9d28c9f9cc"}, name);
  if (name == "ties")
    requireKnownInputs(textOf(file, name, {"rank_mid"}), textOf(file, name, {"sim"}),
                       {"10ea4a8753beb4c1185268de8c519360", "5d4aa3a6841cafe2c4c34e7e6ca00106"}, name);
}

Numbers column(const Numbers& values, size_t columns, size_t c) {
  Numbers out;
  for (size_t i = c; i < values.size(); i += columns) out.push_back(values[i]);
  return out;
}

void checkTopKCase(GoldenFile& file, const std::string& name, Copies& logits) {
  const testing::NpyArray& scores = file.get(name, "logits");
  logits.add(name + ".logits", scores.values);
  const int64_t classes = scores.shape.at(1);
  const std::vector<int64_t> labels = integers(file.get(name, "labels").values, name + ".labels");
  for (int64_t k = 1; k <= classes; ++k) {
    const std::string field = "top" + std::to_string(k);
    if (file.has(name, field))
      same(topKAccuracy(scores.values, classes, labels, k), file.scalar(name, field), name + "." + field);
  }
  const std::vector<int64_t> confusion = confusionMatrix(topClasses(scores.values, classes), labels, classes);
  require(confusion == integers(file.get(name, "confusion").values, name), name + ".confusion");
  same(meanClassRecall(confusion, classes), file.scalar(name, "mean_class_recall"), name + ".mean_class_recall");
}

void checkMultiLabelCase(GoldenFile& file, const std::string& name, Copies& logits) {
  const testing::NpyArray& scores = file.get(name, "logits");
  logits.add(name + ".logits", scores.values);
  const auto classes = static_cast<size_t>(scores.shape.at(1));
  const Numbers& target = file.get(name, "target").values;
  for (const double t : target) require(t == 0.0 || t == 1.0, name + ".target is neither 0 nor 1");
  const auto relevant = [&](size_t c) { return integers(column(target, classes, c), name + ".target"); };
  Numbers ap;
  for (size_t c = 0; c < classes; ++c) ap.push_back(averagePrecision(column(scores.values, classes, c), relevant(c)));
  same(ap, file.get(name, "ap").values, name + ".ap");
  double sum = 0.0;
  for (const double value : ap) sum += value;
  same(sum / static_cast<double>(classes), file.scalar(name, "map"), name + ".map");
  const Numbers& tied = file.get(name, "tied_scores").values;
  same(averagePrecision(tied, relevant(0)), file.scalar(name, "ap_tied"), name + ".ap_tied");
  Numbers rounded = column(scores.values, classes, 0);
  for (double& value : rounded) value = std::nearbyint(value);
  Copies copies;
  copies.add("rounded logits", rounded);
  copies.add(name + ".tied_scores", tied);
}

std::vector<ScoredSegment> instancesOf(GoldenFile& file, const std::string& name, const std::string& side) {
  const std::vector<int64_t> videos = integers(file.get(name, side + "_video").values, side + "_video");
  const std::vector<int64_t> labels = integers(file.get(name, side + "_class").values, side + "_class");
  const Numbers scores = side == "pred" ? file.get(name, "pred_score").values : Numbers(videos.size());
  std::vector<ScoredSegment> segments = segmentsOf(file.get(name, side + "_segment").values, scores, labels);
  require(segments.size() == videos.size(), side + " arrays of different length");
  for (size_t i = 0; i < segments.size(); ++i) segments[i].video = videos[i];
  return segments;
}

// 0.3:0.1:0.7 then 0.5:0.05:0.95.
Numbers goldenThresholds() {
  Numbers out = {0.3, 0.4, 0.5, 0.6, 0.7};
  for (const double t : defaultThresholds()) out.push_back(t);
  return out;
}
double meanOf(const Numbers& values, size_t first, size_t end) {
  double sum = 0.0;
  for (size_t i = first; i < end; ++i) sum += values[i];
  return sum / static_cast<double>(end - first);
}

void checkDetmapCase(GoldenFile& file, const std::string& name) {
  const Numbers& thresholds = file.get(name, "tiou").values;
  same(goldenThresholds(), thresholds, name + ".tiou");
  const DetectionScore score =
      scoreDetections(instancesOf(file, name, "gt"), instancesOf(file, name, "pred"), thresholds);
  require(score.labels == integers(file.get(name, "classes").values, name + ".classes"), name + ".classes");
  Numbers ap;
  for (const Numbers& row : score.class_ap) ap.insert(ap.end(), row.begin(), row.end());
  const Numbers& golden_ap = file.get(name, "ap").values;
  same(ap, golden_ap, name + ".ap");
  same(score.map, file.get(name, "map").values, name + ".map");
  same(meanOf(score.map, 0, 5), file.scalar(name, "map_03_07"), name + ".map_03_07");
  same(meanOf(score.map, 5, score.map.size()), file.scalar(name, "map_05_095"), name + ".map_05_095");
  requireKnownInputs(
      textOf(file, name, {"ap"}),
      textOf(file, name,
             {"gt_video", "gt_segment", "gt_class", "pred_video", "pred_segment", "pred_class", "pred_score"}),
      {"ce7f1e838ece4dde2a733a6654d55786", "a72d742e84e4f624e43046b26566f72b"}, name);
}

// ---- detection_ucf15_*.json

std::string ucf15Annotations() {
  return testing::sharedFolder("data/ucf15") + "/annotations.json";
}
const std::string kPredictions = "detection_ucf15_pred.json";
const std::string kExpected = "detection_ucf15_expected.json";

std::vector<ScoredSegment> flattened(const OfficialFile& file, std::map<std::string, int64_t>& videos) {
  std::vector<ScoredSegment> segments;
  for (const FileVideo& video : file.videos) {
    const int64_t number = videos.emplace(video.id, static_cast<int64_t>(videos.size())).first->second;
    for (const FileEntry& e : video.entries)
      segments.push_back({number, e.label, e.start_seconds, e.end_seconds, e.score});
  }
  return segments;
}

void requireKeys(const nlohmann::json& object, const std::set<std::string>& keys, const std::string& what) {
  std::set<std::string> found;
  for (const auto& [key, value] : object.items()) found.insert(key);
  require(found == keys, what + ": other keys than known");
}

// The predictions score as the expected file says, every value of it.
void comparePredictionsWithExpected() {
  const nlohmann::json expected = readJsonFile(goldenFile(kExpected));
  requireKeys(expected, {"ground_truth", "tiou", "mAP", "average_03_07", "average_05_095", "ap", "ground_truth_sha256"},
              kExpected);
  const Numbers thresholds = expected["tiou"].get<Numbers>();
  same(goldenThresholds(), thresholds, "tiou");

  LabelTable labels;
  DefectList defects;
  std::map<std::string, int64_t> videos;
  const std::vector<ScoredSegment> truth =
      flattened(readOfficialTruth(ucf15Annotations(), "validation", true, labels, defects), videos);
  const std::vector<ScoredSegment> predictions =
      flattened(readOfficialPredictions(goldenFile(kPredictions), true, labels, defects), videos);
  require(defects.counts().empty(), "defects: " + defects.counts().dump());
  const DetectionScore score = scoreDetections(truth, predictions, thresholds);
  require(score.ties == 0, "tied scores");
  same(score.map, expected["mAP"].get<Numbers>(), "mAP");
  same(meanOf(score.map, 0, 5), expected["average_03_07"].get<double>(), "average_03_07");
  same(meanOf(score.map, 5, score.map.size()), expected["average_05_095"].get<double>(), "average_05_095");
  std::set<std::string> classes;
  for (size_t c = 0; c < score.labels.size(); ++c) {
    const std::string& name = labels.name(score.labels[c]);
    classes.insert(name);
    require(expected["ap"].contains(name), "no class " + name);
    same(score.class_ap[c], expected["ap"][name].get<Numbers>(), "ap of " + name);
  }
  requireKeys(expected["ap"], classes, "ap");
}

void checkPredictionForm() {
  const nlohmann::json file = readJsonFile(goldenFile(kPredictions));
  requireKeys(file, {"version", "results", "external_data"}, kPredictions);
  require(file["version"] == "VERSION 1.3", "version");
  requireKeys(file["external_data"], {"used", "details"}, "external_data");
  require(file["external_data"]["used"] == false && file["external_data"]["details"] == "", "external_data");
  std::set<double> scores;
  size_t count = 0;
  require(file["results"].size() == 130, "not 130 videos");
  for (const auto& [id, list] : file["results"].items()) {
    require(list.size() == 40, id + ": not 40 predictions");
    for (const nlohmann::json& entry : list) {
      requireKeys(entry, {"label", "score", "segment"}, id);
      const Numbers segment = entry["segment"].get<Numbers>();
      require(segment.size() == 2 && 0.0 <= segment[0] && segment[0] < segment[1], id + ": segment");
      scores.insert(entry["score"].get<double>());
      ++count;
    }
  }
  require(scores.size() == count, "scores are not all distinct");
  requireKnownInputs(readJsonFile(goldenFile(kExpected)).dump(), file.dump(),
                     {"53bd708572f33be884c8b9ba0ef2f121", "ac462e3c4c23186ee06b83a8aa297678"}, kPredictions);
}

template <class Body>
void guarded(Body body) {
  try {
    body();
  } catch (const std::exception& error) {
    QFAIL(error.what());
  }
}

}  // namespace

class TestScoreGolden : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void segments() {
    guarded([] {
      GoldenFile file("segments.npz");
      Copies segments, scores;
      Constants constants;
      for (const std::string& name : file.cases()) {
        if (file.has(name, "iou")) {
          checkOverlapCase(file, name, segments);
        } else {
          checkSuppressionCase(file, name, segments, scores, constants);
        }
      }
      if (file.has("single", "segments") && file.has("ties", "segments")) {  // the first of the tied ones alone
        for (const auto& [field, count] : {std::pair{"segments", 2u}, std::pair{"scores", 1u}}) {
          const Numbers& one = file.get("single", field).values;
          const Numbers& all = file.get("ties", field).values;
          require(std::equal(one.begin(), one.end(), all.begin(), all.begin() + count), std::string("single.") + field);
        }
      }
      noneUnused(file);
    });
  }
  void classify() {
    guarded([] {
      GoldenFile file("classify.npz");
      Copies logits;
      for (const std::string& name : file.cases()) {
        if (file.has(name, "target")) {
          checkMultiLabelCase(file, name, logits);
        } else {
          checkTopKCase(file, name, logits);
        }
      }
      noneUnused(file);
    });
  }
  void detmap() {
    guarded([] {
      GoldenFile file("detmap.npz");
      for (const std::string& name : file.cases()) checkDetmapCase(file, name);
      noneUnused(file);
    });
  }
  void retrieval() {
    guarded([] {
      GoldenFile file("retrieval.npz");
      for (const std::string& name : file.cases()) checkRetrievalCase(file, name);
      noneUnused(file);
    });
  }
  void detection_ucf15_pred() {
    if (testing::sharedFolder("data/ucf15").empty()) QSKIP("../shared/data/ucf15 is not here: its annotations are the truth");
    guarded([] {
      checkPredictionForm();
      comparePredictionsWithExpected();
    });
  }
  void detection_ucf15_expected() {
    if (testing::sharedFolder("data/ucf15").empty()) QSKIP("../shared/data/ucf15 is not here: its annotations are the truth");
    guarded([] {
      const nlohmann::json expected = readJsonFile(goldenFile(kExpected));
      require(expected["ground_truth"] == "annotations.json of ucf15, subset validation", "ground_truth");
      QFile annotations(QString::fromStdString(ucf15Annotations()));
      require(annotations.open(QIODevice::ReadOnly), "no " + ucf15Annotations());
      const QByteArray hash = QCryptographicHash::hash(annotations.readAll(), QCryptographicHash::Sha256).toHex();
      require(expected["ground_truth_sha256"] == hash.toStdString(), "ground_truth_sha256");
      comparePredictionsWithExpected();
      // The command's own output from the same files.
      const nlohmann::json out = scoreDetectionFiles(ucf15Annotations(), goldenFile(kPredictions), "validation");
      same(out["average_map"].get<double>(), expected["average_05_095"].get<double>(), "average_map");
    });
  }
};

QTEST_APPLESS_MAIN(TestScoreGolden)
#include "tst_score_golden.moc"
