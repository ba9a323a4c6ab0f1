// SPDX-License-Identifier: Apache-2.0
// Videos that training makes anew: what stays, where every step comes from, and the same again for the same seed.
#include <QtTest>
#include <cmath>
#include <map>
#include <set>

#include "data/augment.h"
#include "data/batch.h"
#include "support/error.h"

using namespace hvlm;

namespace {

constexpr int64_t kColumns = 3;  // label, video and step of every row, so that its origin can be read from it

// Segments in whole steps.
struct Part {
  int64_t first = 0;
  int64_t last = 0;
  int64_t label = 0;
};
struct Plan {
  int64_t steps = 0;
  std::vector<Part> parts;
};

class FakeStore : public FeatureStore {
 public:
  std::map<std::string, FeatureMatrix, std::less<>> videos;
  std::map<std::string, FeatureShape, std::less<>> said;  // another shape than what is read
  std::set<std::string, std::less<>> unreadable;          // there, until one reads them
  std::vector<std::string> ids() const override { return {}; }
  std::optional<FeatureShape> shape(std::string_view id) const override {
    if (const auto other = said.find(id); other != said.end()) return other->second;
    const auto found = videos.find(id);
    return found == videos.end() ? std::nullopt : std::optional<FeatureShape>({found->second.rows, found->second.columns, "float32"});
  }
  FeatureMatrix read(std::string_view id) const override {
    const auto found = videos.find(id);
    if (found == videos.end() || unreadable.contains(id)) throw InputError({.where = "video " + std::string(id), .expected = "features", .found = "nothing", .remedy = "Put it back."});
    return found->second;
  }
  std::string describe() const override { return "made up"; }
};

// A data set whose rows tell their label, video and step.
struct Made {
  FakeStore store;
  Catalogue catalogue;
  FeatureSpec spec;
  std::vector<int64_t> all;

  Made(const std::vector<Plan>& plans, int64_t classes, FeatureSpec how) : spec(std::move(how)) {
    for (int64_t c = 0; c < classes; ++c) catalogue.classes.push_back("class " + std::to_string(c));
    const double begin = spec.stepCentreSeconds(0) - 0.5 * spec.stepSeconds();
    for (size_t v = 0; v < plans.size(); ++v) {
      Video video;
      video.id = "video" + std::to_string(v);
      FeatureMatrix matrix{plans[v].steps, kColumns, {}};
      for (const Part& part : plans[v].parts) {
        video.segments.push_back({begin + static_cast<double>(part.first) * spec.stepSeconds(), begin + static_cast<double>(part.last) * spec.stepSeconds(), part.label});
      }
      for (int64_t t = 0; t < plans[v].steps; ++t) {
        int64_t label = -1, shortest = 1 << 30;
        for (const Part& part : plans[v].parts) {
          if (t < part.first || t >= part.last || part.last - part.first >= shortest) continue;
          shortest = part.last - part.first;
          label = part.label;
        }
        matrix.values.insert(matrix.values.end(), {static_cast<float>(label), static_cast<float>(v), static_cast<float>(t)});
      }
      store.videos[video.id] = std::move(matrix);
      catalogue.videos.push_back(std::move(video));
      all.push_back(static_cast<int64_t>(v));
    }
    catalogue.index();
  }
  VideoSteps steps(int64_t v) const { return {v, store.read(catalogue.videos[static_cast<size_t>(v)].id), {}, {}}; }
  const std::vector<Segment>& segments(int64_t v) const { return catalogue.videos[static_cast<size_t>(v)].segments; }
};

FeatureSpec everySecond(double steps_per_second = 1.0) {
  FeatureSpec spec;
  spec.steps_per_second = steps_per_second;
  return spec;
}
// The first row's clip begins half a step before the row does.
FeatureSpec clips() {
  FeatureSpec spec;
  spec.fps = 24.0;
  spec.stride = 8;
  spec.clip = 16;
  return spec;
}

// Several segments a video, neighbours without a gap, one within another, a class that comes twice.
std::vector<Plan> somePlans() {
  return {{40, {{3, 9, 0}, {9, 15, 1}, {20, 31, 0}}}, {25, {{0, 25, 2}, {8, 14, 3}}}, {33, {{5, 6, 4}, {10, 30, 1}}}, {12, {{4, 12, 3}}}, {50, {{7, 19, 2}, {30, 45, 4}}}};
}

AugmentOptions recomposing(double share = 1.0) { return {.recompose = share, .stretch = 0.0}; }

float cell(const FeatureMatrix& matrix, int64_t row, int64_t column) { return matrix.values[static_cast<size_t>(row * matrix.columns + column)]; }

bool same(const RemadeVideo& a, const RemadeVideo& b) {
  const auto equal = [](const Segment& x, const Segment& y) { return x.start_seconds == y.start_seconds && x.end_seconds == y.end_seconds && x.label == y.label; };
  return a.steps.video == b.steps.video && a.steps.features.rows == b.steps.features.rows && a.steps.features.values == b.steps.features.values &&
         std::equal(a.segments.begin(), a.segments.end(), b.segments.begin(), b.segments.end(), equal);
}

// "" when every row stands in the store as its own columns say.
std::string strangerIn(const FeatureMatrix& features, const Made& made) {
  for (int64_t t = 0; t < features.rows; ++t) {
    const auto v = static_cast<int64_t>(cell(features, t, 1)), step = static_cast<int64_t>(cell(features, t, 2));
    const FeatureMatrix& source = made.store.videos.at("video" + std::to_string(v));
    if (step >= source.rows || cell(source, step, 0) != cell(features, t, 0)) return "row " + std::to_string(t) + " is of no video";
  }
  return "";
}

std::vector<int64_t> labelsOf(const RemadeVideo& made, const FeatureSpec& spec) {
  Video video;
  video.segments = made.segments;
  return stepLabels(video, made.steps.features.rows, spec.stepSeconds());
}

}  // namespace

class TestDataAugment : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void recomposingKeepsTheLayout();
  void everyStepIsOfItsClass();
  void placesLongerThanAnyStretchAreFilled();
  void theSameSeedGivesTheSame();
  void nothingAskedNothingDone();
  void theShareOfTheVideosIsKept();
  void stretchingMovesTimesWithSteps_data();
  void stretchingMovesTimesWithSteps();
  void stretchingSpreadsOverItsRange();
  void bothTogether();
  void shortVideosKeepAStep();
  void oneClassStaysItself();
  void moreClassesThanThereAreStretchesOf();
  void videosWithoutSegmentsAreNotRecomposed();
  void withoutBackgroundItsStepsStay();
  void videosThatAreNotThereAreNotDrawn();
  void whatCannotBeReadIsSaid();
  void stretchesThatNoLongerFitEndInOwnSteps();
  void sideChannelsAreDropped();
  void thePrefetcherHandsOutWhatWasRemade();
  void thePrefetcherGivesAVideoTheSameInAnyBatch();
};

void TestDataAugment::recomposingKeepsTheLayout() {
  const Made made(somePlans(), 5, everySecond());
  const VideoAugmenter augmenter(made.store, made.catalogue, made.spec, made.all, recomposing());
  int other_class = 0;
  for (const int64_t v : made.all) {
    const VideoSteps own = made.steps(v);
    for (uint64_t seed = 0; seed < 40; ++seed) {
      const auto remade = augmenter.remade(own, seed);
      QVERIFY(remade.has_value());
      QCOMPARE(remade->steps.video, v);
      QCOMPARE(remade->steps.features.rows, own.features.rows);
      QCOMPARE(remade->steps.features.columns, own.features.columns);
      QCOMPARE(remade->steps.features.values.size(), own.features.values.size());
      const std::vector<Segment>& before = made.segments(v);
      QCOMPARE(remade->segments.size(), before.size());
      std::map<int64_t, int64_t> became;
      std::set<int64_t> drawn;
      for (size_t i = 0; i < before.size(); ++i) {
        QCOMPARE(remade->segments[i].start_seconds, before[i].start_seconds);
        QCOMPARE(remade->segments[i].end_seconds, before[i].end_seconds);
        const auto [place, is_new] = became.try_emplace(before[i].label, remade->segments[i].label);
        QCOMPARE(remade->segments[i].label, place->second);           // the same class stays the same …
        QCOMPARE(drawn.insert(place->second).second, is_new);          // … and different ones stay different
        other_class += place->second != before[i].label ? 1 : 0;
      }
    }
  }
  QVERIFY(other_class > 100);
}

void TestDataAugment::everyStepIsOfItsClass() {
  const Made made(somePlans(), 5, everySecond(2.0));
  const VideoAugmenter augmenter(made.store, made.catalogue, made.spec, made.all, recomposing());
  std::set<int64_t> sources;
  for (const int64_t v : made.all) {
    for (uint64_t seed = 0; seed < 40; ++seed) {
      const RemadeVideo remade = augmenter.remade(made.steps(v), seed).value();
      const auto labels = labelsOf(remade, made.spec);
      for (int64_t t = 0; t < remade.steps.features.rows; ++t) {
        QCOMPARE(static_cast<int64_t>(cell(remade.steps.features, t, 0)), labels[static_cast<size_t>(t)]);
        sources.insert(static_cast<int64_t>(cell(remade.steps.features, t, 1)));
      }
      QCOMPARE(strangerIn(remade.steps.features, made), std::string());
    }
  }
  QCOMPARE(sources.size(), made.all.size());  // all are drawn from
}

void TestDataAugment::placesLongerThanAnyStretchAreFilled() {
  const Made made({{200, {{20, 180, 0}}}, {9, {{3, 6, 1}}}, {7, {{2, 4, 1}}}}, 2, everySecond());
  const VideoAugmenter augmenter(made.store, made.catalogue, made.spec, {1, 2}, recomposing());
  const RemadeVideo remade = augmenter.remade(made.steps(0), 5).value();
  QCOMPARE(remade.segments.at(0).label, int64_t{1});  // the only one to draw from
  for (int64_t t = 0; t < 200; ++t) {
    QVERIFY(cell(remade.steps.features, t, 1) > 0.0f);  // nothing of the video itself is left
    QCOMPARE(cell(remade.steps.features, t, 0), t >= 20 && t < 180 ? 1.0f : -1.0f);
  }
}

void TestDataAugment::theSameSeedGivesTheSame() {
  const Made made(somePlans(), 5, everySecond());
  for (const AugmentOptions& options : {recomposing(), AugmentOptions{.recompose = 0.0, .stretch = 0.4}, AugmentOptions{.recompose = 0.5, .stretch = 0.4}}) {
    const VideoAugmenter one(made.store, made.catalogue, made.spec, made.all, options), two(made.store, made.catalogue, made.spec, made.all, options);
    int differ = 0;
    for (uint64_t seed = 0; seed < 20; ++seed) {
      const auto first = one.remade(made.steps(0), seed);
      one.remade(made.steps(4), seed + 1);  // what was asked for in between has no part in it
      const auto again = one.remade(made.steps(0), seed), elsewhere = two.remade(made.steps(0), seed);
      QCOMPARE(first.has_value(), again.has_value());
      QCOMPARE(first.has_value(), elsewhere.has_value());
      if (!first) continue;
      QVERIFY(same(*first, *again) && same(*first, *elsewhere));
      const auto next = one.remade(made.steps(0), seed + 1);
      differ += next && !same(*first, *next) ? 1 : 0;
    }
    QVERIFY2(differ > 3, qPrintable(QString::number(differ)));
  }
}

void TestDataAugment::nothingAskedNothingDone() {
  const Made made(somePlans(), 5, everySecond());
  const VideoAugmenter augmenter(made.store, made.catalogue, made.spec, made.all, {});
  for (const int64_t v : made.all) {
    for (uint64_t seed = 0; seed < 20; ++seed) QVERIFY(!augmenter.remade(made.steps(v), seed).has_value());
  }
}

void TestDataAugment::theShareOfTheVideosIsKept() {
  const Made made(somePlans(), 5, everySecond());
  const VideoAugmenter augmenter(made.store, made.catalogue, made.spec, made.all, recomposing(0.3));
  const VideoSteps own = made.steps(3);
  int changed = 0;
  for (uint64_t seed = 0; seed < 2000; ++seed) changed += augmenter.remade(own, seed).has_value() ? 1 : 0;
  QVERIFY2(changed > 500 && changed < 700, qPrintable(QString::number(changed)));
}

void TestDataAugment::stretchingMovesTimesWithSteps_data() {
  QTest::addColumn<int>("kind");
  QTest::newRow("a step a second") << 0;
  QTest::newRow("four steps a second") << 1;
  QTest::newRow("clips that reach past their step") << 2;
}

void TestDataAugment::stretchingMovesTimesWithSteps() {
  QFETCH(int, kind);
  const Made made(somePlans(), 5, kind == 2 ? clips() : everySecond(kind == 1 ? 4.0 : 1.0));
  const VideoAugmenter augmenter(made.store, made.catalogue, made.spec, made.all, {.recompose = 0.0, .stretch = 0.5});
  const double step = made.spec.stepSeconds(), begin = made.spec.stepCentreSeconds(0) - 0.5 * step;
  for (const int64_t v : made.all) {
    const VideoSteps own = made.steps(v);
    for (uint64_t seed = 0; seed < 30; ++seed) {
      const RemadeVideo remade = augmenter.remade(own, seed).value();
      const FeatureMatrix& features = remade.steps.features;
      QCOMPARE(static_cast<int64_t>(features.values.size()), features.rows * kColumns);
      const double share = static_cast<double>(features.rows) / static_cast<double>(own.features.rows);
      QVERIFY(std::abs(share - 1.0) <= 0.5 + 0.5 / static_cast<double>(own.features.rows));
      QCOMPARE(remade.segments.size(), made.segments(v).size());
      for (size_t i = 0; i < remade.segments.size(); ++i) {
        const Segment &after = remade.segments[i], &before = made.segments(v)[i];
        QCOMPARE(after.label, before.label);
        QVERIFY(std::abs((after.end_seconds - after.start_seconds) - share * (before.end_seconds - before.start_seconds)) < 1e-9);
      }
      // A step belongs to the segment in which its centre lies; only a centre on a border may go either way.
      const auto labels = labelsOf(remade, made.spec);
      for (int64_t t = 0; t < features.rows; ++t) {
        QVERIFY(t == 0 || cell(features, t, 2) >= cell(features, t - 1, 2));  // in order
        QCOMPARE(static_cast<int64_t>(cell(features, t, 1)), v);
        const auto own_label = static_cast<int64_t>(cell(features, t, 0));
        bool on_border = false;
        for (const Segment& s : remade.segments) {
          for (const double at : {s.start_seconds, s.end_seconds}) on_border |= std::abs((at - begin) / step - (static_cast<double>(t) + 0.5)) < 1e-9;
        }
        if (on_border) continue;
        if (kind != 2) QCOMPARE(own_label, labels[static_cast<size_t>(t)]);  // steps are counted from second 0, wherever a clip begins
        const double centre = made.spec.stepCentreSeconds(t);
        double shortest = 1e300;
        int64_t at_centre = -1;
        for (const Segment& s : remade.segments) {
          if (centre < s.start_seconds || centre >= s.end_seconds || s.end_seconds - s.start_seconds >= shortest) continue;
          shortest = s.end_seconds - s.start_seconds;
          at_centre = s.label;
        }
        QCOMPARE(own_label, at_centre);
      }
      QCOMPARE(strangerIn(features, made), std::string());
    }
  }
}

void TestDataAugment::stretchingSpreadsOverItsRange() {
  const Made made({{100, {{10, 60, 0}}}}, 1, everySecond());
  const VideoAugmenter augmenter(made.store, made.catalogue, made.spec, made.all, {.recompose = 0.0, .stretch = 0.2});
  int64_t shortest = 1000, longest = 0;
  for (uint64_t seed = 0; seed < 500; ++seed) {
    const int64_t rows = augmenter.remade(made.steps(0), seed).value().steps.features.rows;
    shortest = std::min(shortest, rows);
    longest = std::max(longest, rows);
  }
  QVERIFY2(shortest >= 80 && shortest <= 82 && longest <= 120 && longest >= 118, qPrintable(QStringLiteral("%1 to %2").arg(shortest).arg(longest)));
}

void TestDataAugment::bothTogether() {
  const Made made(somePlans(), 5, everySecond());
  const VideoAugmenter augmenter(made.store, made.catalogue, made.spec, made.all, {.recompose = 1.0, .stretch = 0.3});
  int wrong = 0, steps = 0, borders = 0;
  for (const int64_t v : made.all) {
    for (uint64_t seed = 0; seed < 20; ++seed) {
      const RemadeVideo remade = augmenter.remade(made.steps(v), seed).value();
      const auto labels = labelsOf(remade, made.spec);
      for (int64_t t = 0; t < remade.steps.features.rows; ++t) wrong += static_cast<int64_t>(cell(remade.steps.features, t, 0)) != labels[static_cast<size_t>(t)] ? 1 : 0;
      steps += static_cast<int>(remade.steps.features.rows);
      borders += 2 * static_cast<int>(remade.segments.size());
      QCOMPARE(strangerIn(remade.steps.features, made), std::string());
    }
  }
  QVERIFY2(steps > 2000 && wrong <= borders, qPrintable(QStringLiteral("%1 of %2 steps, %3 borders").arg(wrong).arg(steps).arg(borders)));
}

void TestDataAugment::shortVideosKeepAStep() {
  const Made made({{1, {{0, 1, 0}}}, {2, {{1, 2, 0}}}}, 1, everySecond());
  const VideoAugmenter augmenter(made.store, made.catalogue, made.spec, made.all, {.recompose = 1.0, .stretch = 0.9});
  for (uint64_t seed = 0; seed < 100; ++seed) {
    for (const int64_t v : made.all) {
      const RemadeVideo remade = augmenter.remade(made.steps(v), seed).value();
      QVERIFY(remade.steps.features.rows >= 1 && remade.steps.features.rows <= 4);
      QCOMPARE(static_cast<int64_t>(remade.steps.features.values.size()), remade.steps.features.rows * kColumns);
      QVERIFY(remade.segments.at(0).end_seconds > remade.segments.at(0).start_seconds);
    }
  }
}

void TestDataAugment::oneClassStaysItself() {
  const Made made({{20, {{2, 8, 0}, {11, 17, 0}}}, {15, {{5, 10, 0}}}}, 1, everySecond());
  const VideoAugmenter augmenter(made.store, made.catalogue, made.spec, made.all, recomposing());
  bool of_another = false;
  for (uint64_t seed = 0; seed < 20; ++seed) {
    const RemadeVideo remade = augmenter.remade(made.steps(1), seed).value();
    const auto labels = labelsOf(remade, made.spec);
    for (int64_t t = 0; t < 15; ++t) {
      QCOMPARE(static_cast<int64_t>(cell(remade.steps.features, t, 0)), labels[static_cast<size_t>(t)]);
      of_another |= cell(remade.steps.features, t, 1) == 0.0f;
    }
    for (const Segment& segment : remade.segments) QCOMPARE(segment.label, int64_t{0});
  }
  QVERIFY(of_another);
}

void TestDataAugment::moreClassesThanThereAreStretchesOf() {
  const Made made({{30, {{0, 8, 0}, {10, 18, 1}, {20, 28, 2}}}, {10, {{2, 6, 0}}}, {10, {{3, 8, 1}}}}, 3, everySecond());
  const VideoAugmenter augmenter(made.store, made.catalogue, made.spec, {1, 2}, recomposing());
  for (uint64_t seed = 0; seed < 20; ++seed) {
    const RemadeVideo remade = augmenter.remade(made.steps(0), seed).value();
    std::set<int64_t> drawn;
    for (const Segment& segment : remade.segments) drawn.insert(segment.label);
    QCOMPARE(drawn, (std::set<int64_t>{0, 1}));
    const auto labels = labelsOf(remade, made.spec);
    for (int64_t t = 0; t < 30; ++t) QCOMPARE(static_cast<int64_t>(cell(remade.steps.features, t, 0)), labels[static_cast<size_t>(t)]);
  }
}

void TestDataAugment::videosWithoutSegmentsAreNotRecomposed() {
  const Made made({{20, {}}, {15, {{5, 10, 0}}}}, 1, everySecond());
  const VideoAugmenter both(made.store, made.catalogue, made.spec, made.all, recomposing());
  const VideoAugmenter none(made.store, made.catalogue, made.spec, {0}, recomposing());
  const VideoAugmenter stretching(made.store, made.catalogue, made.spec, made.all, {.recompose = 1.0, .stretch = 0.5});
  bool background_of_it = false;
  for (uint64_t seed = 0; seed < 30; ++seed) {
    QVERIFY(!both.remade(made.steps(0), seed));
    QVERIFY(!none.remade(made.steps(1), seed));  // there is no segment to draw
    const auto stretched = stretching.remade(made.steps(0), seed);
    QVERIFY(stretched && stretched->segments.empty());
    for (int64_t t = 0; t < stretched->steps.features.rows; ++t) QCOMPARE(cell(stretched->steps.features, t, 1), 0.0f);
    const RemadeVideo other = both.remade(made.steps(1), seed).value();
    for (int64_t t = 0; t < 15; ++t) background_of_it |= cell(other.steps.features, t, 1) == 0.0f;
  }
  QVERIFY(background_of_it);
}

void TestDataAugment::withoutBackgroundItsStepsStay() {
  const Made made({{20, {{5, 12, 0}}}, {10, {{0, 10, 1}}}, {8, {{0, 8, 0}}}}, 2, everySecond());
  const VideoAugmenter augmenter(made.store, made.catalogue, made.spec, {1, 2}, recomposing());
  for (uint64_t seed = 0; seed < 20; ++seed) {
    const RemadeVideo remade = augmenter.remade(made.steps(0), seed).value();
    for (int64_t t = 0; t < 20; ++t) {
      const bool inside = t >= 5 && t < 12;
      QCOMPARE(cell(remade.steps.features, t, 1) == 0.0f, !inside);
      if (!inside) QCOMPARE(cell(remade.steps.features, t, 2), static_cast<float>(t));
    }
  }
}

void TestDataAugment::videosThatAreNotThereAreNotDrawn() {
  Made made(somePlans(), 5, everySecond());
  made.store.videos.erase("video1");
  made.store.said["video3"] = {0, kColumns, "float32"};  // there, but empty
  const VideoAugmenter augmenter(made.store, made.catalogue, made.spec, made.all, recomposing());
  for (uint64_t seed = 0; seed < 60; ++seed) {
    const RemadeVideo remade = augmenter.remade(made.steps(0), seed).value();
    for (int64_t t = 0; t < remade.steps.features.rows; ++t) QVERIFY(cell(remade.steps.features, t, 1) != 1.0f && cell(remade.steps.features, t, 1) != 3.0f);
    for (const Segment& segment : remade.segments) QVERIFY(segment.label != 3);  // the class of these two alone
  }
  const VideoAugmenter nobody(made.store, made.catalogue, made.spec, {1, 3}, recomposing());
  QVERIFY(!nobody.remade(made.steps(0), 1));
}

void TestDataAugment::whatCannotBeReadIsSaid() {
  Made made({{20, {{5, 12, 0}}}, {10, {{0, 10, 0}}}}, 1, everySecond());
  const VideoAugmenter augmenter(made.store, made.catalogue, made.spec, {1}, recomposing());
  made.store.unreadable.insert("video1");
  QVERIFY_THROWS_EXCEPTION(InputError, augmenter.remade(made.steps(0), 1));
}

// A file that changed since: what was said of it no longer holds. It ends, with the video's own steps in that place.
void TestDataAugment::stretchesThatNoLongerFitEndInOwnSteps() {
  for (const bool narrow : {false, true}) {
    Made made({{20, {{5, 12, 0}}}, {10, {{0, 10, 0}}}}, 1, everySecond());
    const VideoAugmenter augmenter(made.store, made.catalogue, made.spec, {1}, recomposing());
    made.store.videos["video1"] = narrow ? FeatureMatrix{10, 1, std::vector<float>(10, 7.0f)} : FeatureMatrix{4, kColumns, std::vector<float>(4 * kColumns, 7.0f)};
    const VideoSteps own = made.steps(0);
    QVERIFY(augmenter.remade(own, 1).value().steps.features.values == own.features.values);
  }
}

void TestDataAugment::sideChannelsAreDropped() {
  const Made made(somePlans(), 5, everySecond());
  const VideoAugmenter augmenter(made.store, made.catalogue, made.spec, made.all, {.recompose = 0.5, .stretch = 0.2});
  VideoSteps own = made.steps(3);
  own.motion = own.saliency = std::vector<float>(12, 1.0f);
  for (uint64_t seed = 0; seed < 10; ++seed) {
    const auto remade = augmenter.remade(own, seed);
    QVERIFY(remade && remade->steps.motion.empty() && remade->steps.saliency.empty());
  }
}

namespace {

std::vector<Batch> batchesOf(const Made& made, const std::vector<std::vector<int64_t>>& order, const VideoAugmenter* augmenter, uint64_t seed) {
  BatchPrefetcher prefetcher(made.store, made.catalogue, order, kColumns, false, augmenter, seed);
  std::vector<Batch> all;
  Batch batch;
  while (prefetcher.next(batch)) all.push_back(batch);
  return all;
}

bool sameSegments(const std::vector<Segment>& a, const std::vector<Segment>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const Segment& x, const Segment& y) { return x.start_seconds == y.start_seconds && x.end_seconds == y.end_seconds && x.label == y.label; });
}

bool sameBatch(const Batch& a, const Batch& b) {
  if (a.steps != b.steps || a.offsets != b.offsets || a.videos != b.videos || a.remade.size() != b.remade.size()) return false;
  for (size_t i = 0; i < a.remade.size(); ++i) {
    if (a.remade[i].changed != b.remade[i].changed || !sameSegments(a.remade[i].segments, b.remade[i].segments)) return false;
  }
  return true;
}

}  // namespace

void TestDataAugment::thePrefetcherHandsOutWhatWasRemade() {
  const Made made(somePlans(), 5, everySecond());
  const std::vector<std::vector<int64_t>> order = {{3, 0}, {1, 4, 2}};
  for (const Batch& batch : batchesOf(made, order, nullptr, 1)) QVERIFY(batch.remade.empty());
  const VideoAugmenter augmenter(made.store, made.catalogue, made.spec, made.all, recomposing(0.5));
  int changed = 0, kept = 0, differ = 0;
  for (uint64_t seed = 0; seed < 20; ++seed) {
    const auto batches = batchesOf(made, order, &augmenter, seed), again = batchesOf(made, order, &augmenter, seed), other = batchesOf(made, order, &augmenter, seed + 1);
    QCOMPARE(batches.size(), order.size());
    for (size_t i = 0; i < batches.size(); ++i) {
      const Batch& batch = batches[i];
      QVERIFY(sameBatch(batch, again[i]));
      differ += sameBatch(batch, other[i]) ? 0 : 1;
      QCOMPARE(batch.videos, order[i]);
      QCOMPARE(batch.remade.size(), order[i].size());
      for (size_t b = 0; b < batch.remade.size(); ++b) {
        const FeatureMatrix own = made.steps(batch.videos[b]).features;
        const FeatureMatrix got{batch.offsets[b + 1] - batch.offsets[b], kColumns,
                                {batch.steps.begin() + batch.offsets[b] * kColumns, batch.steps.begin() + batch.offsets[b + 1] * kColumns}};
        if (batch.remade[b].changed) {
          ++changed;
          const RemadeVideo as_handed{{batch.videos[b], got, {}, {}}, batch.remade[b].segments};
          const auto labels = labelsOf(as_handed, made.spec);
          for (int64_t t = 0; t < got.rows; ++t) QCOMPARE(static_cast<int64_t>(cell(got, t, 0)), labels[static_cast<size_t>(t)]);
        } else {
          ++kept;
          QVERIFY(got.values == own.values && batch.remade[b].segments.empty());
        }
      }
    }
  }
  QVERIFY(changed > 20 && kept > 20 && differ > 20);
}

void TestDataAugment::thePrefetcherGivesAVideoTheSameInAnyBatch() {
  const Made made(somePlans(), 5, everySecond());
  const VideoAugmenter augmenter(made.store, made.catalogue, made.spec, made.all, {.recompose = 0.7, .stretch = 0.3});
  const Batch together = batchesOf(made, {{0, 1, 2, 3, 4}}, &augmenter, 9).at(0);
  const auto alone = batchesOf(made, {{4}, {2}, {0}}, &augmenter, 9);
  for (const Batch& batch : alone) {
    const auto b = static_cast<size_t>(batch.videos.at(0));
    const StepValues in_batch(together.steps.begin() + together.offsets[b] * kColumns, together.steps.begin() + together.offsets[b + 1] * kColumns);
    QVERIFY(in_batch == batch.steps);
    QCOMPARE(together.remade[b].changed, batch.remade[0].changed);
    QVERIFY(sameSegments(together.remade[b].segments, batch.remade[0].segments));
  }
}

QTEST_APPLESS_MAIN(TestDataAugment)
#include "tst_data_augment.moc"
