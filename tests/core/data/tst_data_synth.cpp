// SPDX-License-Identifier: Apache-2.0
#include <sys/resource.h>

#include <QTemporaryDir>
#include <QtTest>
#include <cmath>
#include <csignal>
#include <map>

#include "data/catalogue.h"
#include "data/feature_store.h"
#include "data/labels.h"
#include "support/random.h"
#include "data/synth.h"
#include "fixtures.h"
#include "support/atomic_file.h"

using hvlm::testing::messageOf;
using hvlm::testing::writeText;
namespace fs = std::filesystem;

namespace {

using Vector = std::vector<double>;

// One segment seen in two ways: the mean of its steps, and how its steps follow one another.
struct Sample {
  int64_t label = 0;
  bool validation = false;
  Vector bag;
  Vector order;
};

double distance(const Vector& a, const Vector& b) {
  double sum = 0.0;
  for (size_t i = 0; i < a.size(); ++i) sum += (a[i] - b[i]) * (a[i] - b[i]);
  return sum;
}

// Share of validation samples whose nearest class centroid of the training samples is right.
double centroidAccuracy(const std::vector<Sample>& samples, Vector Sample::*view, size_t classes) {
  std::vector<Vector> centroids(classes, Vector((samples.at(0).*view).size(), 0.0));
  std::vector<double> counts(classes, 0.0);
  for (const Sample& sample : samples) {
    if (sample.validation) continue;
    ++counts[static_cast<size_t>(sample.label)];
    for (size_t i = 0; i < (sample.*view).size(); ++i)
      centroids[static_cast<size_t>(sample.label)][i] += (sample.*view)[i];
  }
  for (size_t k = 0; k < classes; ++k) {
    for (double& value : centroids[k]) value /= std::max(1.0, counts[k]);
  }
  double right = 0.0, all = 0.0;
  for (const Sample& sample : samples) {
    if (!sample.validation) continue;
    size_t best = 0;
    for (size_t k = 1; k < classes; ++k) {
      if (distance(sample.*view, centroids[k]) < distance(sample.*view, centroids[best])) best = k;
    }
    right += best == static_cast<size_t>(sample.label) ? 1.0 : 0.0;
    all += 1.0;
  }
  return right / all;
}

// x_t times y_{t+1} minus the reverse, over some channel pairs and two lags: changes its sign when time runs backwards.
Vector followedBy(const hvlm::FeatureMatrix& matrix, const hvlm::StepRange& range) {
  constexpr size_t kPairs = 400;
  Vector mean(static_cast<size_t>(matrix.columns), 0.0);
  const auto at = [&](int64_t t, size_t c) {
    return static_cast<double>(matrix.values[static_cast<size_t>(t * matrix.columns) + c]);
  };
  for (int64_t t = range.first; t < range.last; ++t) {
    for (size_t c = 0; c < mean.size(); ++c) mean[c] += at(t, c) / static_cast<double>(range.size());
  }
  hvlm::SplitMix random(3);
  Vector out;
  for (size_t pair = 0; pair < kPairs; ++pair) {
    const auto a = static_cast<size_t>(random.below(matrix.columns));
    const auto b = static_cast<size_t>(random.below(matrix.columns));
    double sum = 0.0;
    for (const int64_t lag : {2, 3}) {
      for (int64_t t = range.first; t + lag < range.last; ++t) {
        sum += (at(t, a) - mean[a]) * (at(t + lag, b) - mean[b]) - (at(t, b) - mean[b]) * (at(t + lag, a) - mean[a]);
      }
    }
    out.push_back(sum / static_cast<double>(range.size()));
  }
  return out;
}

}  // namespace

class TestSynth : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void sameSeedSameBytes();
  void itIsASoundDataSet();
  void channelsAreWrittenWhenAskedFor();
  void orderTellsWhatTheBagDoesNot();
  void edgesOfTheOptions_data();
  void edgesOfTheOptions();
  void usedFoldersAreLeftAlone();
  void aFailureLeavesNothingBehind();
  void aFullDiskIsSaid();
  void aWriteThatFailsHalfwayLeavesNothingBehind();

 private:
  fs::path path(const std::string& name) const { return fs::path(folder_.path().toStdString()) / name; }
  QTemporaryDir folder_;
};

void TestSynth::sameSeedSameBytes() {
  hvlm::SynthOptions options;
  options.videos = 8;
  options.dim = 16;
  hvlm::writeSynthetic(options, path("a"));
  hvlm::writeSynthetic(options, path("b"));
  options.seed = 2;
  hvlm::writeSynthetic(options, path("c"));
  int files = 0;
  for (const auto& entry : fs::directory_iterator(path("a"))) {
    const std::string name = entry.path().filename().string();
    const std::string bytes = hvlm::readFile(entry.path());
    QVERIFY2(bytes == hvlm::readFile(path("b") / name), name.c_str());
    if (name != "dataset.yaml") QVERIFY2(bytes != hvlm::readFile(path("c") / name), name.c_str());
    ++files;
  }
  QCOMPARE(files, 9);
}

void TestSynth::itIsASoundDataSet() {
  hvlm::SynthOptions options;
  options.videos = 100;
  options.dim = 24;
  int64_t last = 0;
  hvlm::writeSynthetic(options, path("sound"), [&](int64_t done, int64_t total) {
    QCOMPARE(done, last + 1);
    QCOMPARE(total, 100);
    last = done;
  });
  QCOMPARE(last, 100);
  const hvlm::DatasetSpec spec = hvlm::readDatasetSpec(path("sound") / "dataset.yaml");
  const hvlm::Catalogue catalogue = hvlm::readCatalogue(spec);
  QVERIFY2(catalogue.problems.empty(), catalogue.problems.empty() ? "" : catalogue.problems[0].detail.c_str());
  QCOMPARE(catalogue.classes.size(), size_t{6});
  QCOMPARE(catalogue.subset("validation").size(), size_t{30});
  QCOMPARE(catalogue.subset("training").size(), size_t{70});
  const auto store = hvlm::FeatureStore::open(spec.features);
  QCOMPARE(store->ids().size(), size_t{100});
  size_t two_classes = 0;
  double steps = 0.0;
  for (const hvlm::Video& video : catalogue.videos) {
    const hvlm::FeatureMatrix matrix = store->read(video.id);
    QCOMPARE(matrix.columns, 24);
    QCOMPARE(matrix.rows, std::llround(video.duration_seconds));
    QCOMPARE(hvlm::firstNonFinite(matrix), -1);
    for (const float value : matrix.values) QVERIFY(value >= 0.0f);
    QVERIFY(matrix.rows >= 45 && matrix.rows <= 180);
    QVERIFY(!video.segments.empty());
    const auto labels = hvlm::stepLabels(video, matrix.rows, 1.0);
    QVERIFY(labels.front() == -1 && labels.back() == -1);
    for (size_t i = 0; i < video.segments.size(); ++i) {
      const hvlm::Segment& segment = video.segments[i];
      QVERIFY(hvlm::stepRange(segment.start_seconds, segment.end_seconds, 1.0, matrix.rows).size() >= 6);
      if (i > 0) QVERIFY(std::nearbyint(segment.start_seconds) > std::nearbyint(video.segments[i - 1].end_seconds));
    }
    QCOMPARE(video.captions.size(), video.segments.size());
    QVERIFY(video.questions.size() >= 4);
    two_classes += hvlm::labelSet(video).size() == 2 ? 1 : 0;
    steps += static_cast<double>(matrix.rows);
  }
  QCOMPARE(two_classes, size_t{20});
  QVERIFY(std::abs(steps / 100.0 - 90.0) < 10.0);
}

void TestSynth::channelsAreWrittenWhenAskedFor() {
  hvlm::SynthOptions options;
  options.videos = 10;
  options.dim = 8;
  options.noise = 0.0;
  hvlm::writeSynthetic(options, path("plain"));
  options.channels = true;
  hvlm::writeSynthetic(options, path("channels"));
  const auto plain = hvlm::FeatureStore::open(hvlm::readDatasetSpec(path("plain") / "dataset.yaml").features);
  const auto store = hvlm::FeatureStore::open(hvlm::readDatasetSpec(path("channels") / "dataset.yaml").features);
  QCOMPARE(store->ids(), plain->ids());
  for (const std::string& id : store->ids()) {
    const hvlm::FeatureMatrix matrix = store->read(id);
    QVERIFY(matrix.values == plain->read(id).values);  // the features are the same
    QVERIFY(!plain->channel(id, "motion", matrix.rows));
    const auto motion = store->channel(id, "motion", matrix.rows);
    const auto saliency = store->channel(id, "saliency", matrix.rows);
    QVERIFY(motion && saliency);
    QCOMPARE(motion->front(), 0.0f);
    for (int64_t t = 1; t < matrix.rows; ++t) {  // without noise the features change where the state does
      const auto row = matrix.values.begin() + t * matrix.columns;
      const bool same = std::equal(row, row + matrix.columns, row - matrix.columns);
      QCOMPARE(motion->at(static_cast<size_t>(t)), same ? 0.0f : 1.0f);
    }
    for (const float value : *saliency) QVERIFY(value >= 0.0f && value < 1.0f);
  }
}

void TestSynth::orderTellsWhatTheBagDoesNot() {
  hvlm::SynthOptions options;
  options.videos = 150;
  options.dim = 48;
  hvlm::writeSynthetic(options, path("order"));
  const hvlm::DatasetSpec spec = hvlm::readDatasetSpec(path("order") / "dataset.yaml");
  const hvlm::Catalogue catalogue = hvlm::readCatalogue(spec);
  const auto store = hvlm::FeatureStore::open(spec.features);
  std::vector<Sample> samples;
  for (const hvlm::Video& video : catalogue.videos) {
    const hvlm::FeatureMatrix matrix = store->read(video.id);
    for (const hvlm::Segment& segment : video.segments) {
      const hvlm::StepRange range = hvlm::stepRange(segment.start_seconds, segment.end_seconds, 1.0, matrix.rows);
      Sample sample{segment.label, video.subset == "validation", Vector(48, 0.0), followedBy(matrix, range)};
      for (int64_t t = range.first; t < range.last; ++t) {
        for (size_t c = 0; c < 48; ++c)
          sample.bag[c] += matrix.values[static_cast<size_t>(t) * 48 + c] / static_cast<double>(range.size());
      }
      samples.push_back(std::move(sample));
    }
  }
  const double bag = centroidAccuracy(samples, &Sample::bag, catalogue.classes.size());
  const double order = centroidAccuracy(samples, &Sample::order, catalogue.classes.size());
  const QString figures = QString("bag %1, order %2").arg(bag).arg(order);
  qInfo("centroids of segments: %s", qPrintable(figures));
  QVERIFY2(bag > 0.35 && bag < 0.7, qPrintable(figures));  // the pair is clear, the member of the pair is not
  QVERIFY2(order > 0.9, qPrintable(figures));
}

void TestSynth::edgesOfTheOptions_data() {
  QTest::addColumn<int>("videos");
  QTest::addColumn<int>("dim");
  QTest::addColumn<int>("classes");
  QTest::addColumn<int>("mean_steps");
  QTest::addColumn<double>("share");
  QTest::newRow("the smallest set") << 2 << 2 << 1 << 4 << 0.3;
  QTest::newRow("an odd number of classes") << 12 << 4 << 5 << 30 << 0.25;
  QTest::newRow("no validation") << 6 << 4 << 2 << 20 << 0.0;
  QTest::newRow("many classes") << 20 << 4 << 400 << 12 << 0.5;
  QTest::newRow("long videos") << 3 << 2 << 3 << 3000 << 0.9;
}
void TestSynth::edgesOfTheOptions() {
  QFETCH(int, videos);
  QFETCH(int, dim);
  QFETCH(int, classes);
  QFETCH(int, mean_steps);
  QFETCH(double, share);
  hvlm::SynthOptions options;
  options.videos = videos;
  options.dim = dim;
  options.classes = classes;
  options.mean_steps = mean_steps;
  options.validation_share = share;
  const fs::path folder = path(std::string("edge") + QTest::currentDataTag());
  hvlm::writeSynthetic(options, folder);
  const hvlm::DatasetSpec spec = hvlm::readDatasetSpec(folder / "dataset.yaml");
  const hvlm::Catalogue catalogue = hvlm::readCatalogue(spec);
  QCOMPARE(catalogue.videos.size(), static_cast<size_t>(videos));
  QCOMPARE(catalogue.subset("validation").empty(), share == 0.0);
  QVERIFY(!catalogue.subset("training").empty());
  const auto store = hvlm::FeatureStore::open(spec.features);
  for (const hvlm::Video& video : catalogue.videos) {
    const auto rows = store->shape(video.id)->rows;
    QVERIFY(rows >= mean_steps / 2 && rows <= 2 * mean_steps);
    for (const hvlm::Segment& segment : video.segments) {
      QVERIFY(segment.end_seconds > segment.start_seconds && segment.end_seconds <= video.duration_seconds);
    }
  }
}

void TestSynth::usedFoldersAreLeftAlone() {
  hvlm::SynthOptions options;
  options.videos = 2;
  options.dim = 2;
  fs::create_directories(path("used"));
  writeText(path("used") / "dataset.yaml", "mine");
  QVERIFY(messageOf([&] { hvlm::writeSynthetic(options, path("used")); }).find("dataset.yaml") != std::string::npos);
  QCOMPARE(hvlm::readFile(path("used") / "dataset.yaml"), std::string("mine"));
  fs::create_directories(path("notes"));
  writeText(path("notes") / "notes.txt", "mine");
  QVERIFY(!messageOf([&] { hvlm::writeSynthetic(options, path("notes")); }).empty());
  fs::create_directories(path("bare"));
  hvlm::writeSynthetic(options, path("bare") / "");  // an empty folder, with a trailing slash
  QVERIFY(fs::exists(path("bare") / "dataset.yaml"));
}

void TestSynth::aFailureLeavesNothingBehind() {
  hvlm::SynthOptions options;
  options.videos = 5;
  options.dim = 4;
  const fs::path inside = path("stopped");
  fs::create_directories(inside);
  const auto stop = [](int64_t done, int64_t) {
    if (done == 3) throw std::runtime_error("stop");
  };
  QVERIFY_THROWS_EXCEPTION(std::runtime_error, hvlm::writeSynthetic(options, inside / "set", stop));
  QVERIFY(fs::is_empty(inside));
}

void TestSynth::aFullDiskIsSaid() {
  hvlm::SynthOptions options;
  options.videos = 1000000;
  options.dim = 65536;
  options.mean_steps = 100000;
  const std::string message = messageOf([&] { hvlm::writeSynthetic(options, path("large")); });
  QVERIFY2(message.find("free space") != std::string::npos, message.c_str());
  QVERIFY(!fs::exists(path("large")));
}

void TestSynth::aWriteThatFailsHalfwayLeavesNothingBehind() {
  hvlm::SynthOptions options;
  options.videos = 40;
  options.dim = 256;
  const fs::path inside = path("limited");
  fs::create_directories(inside);
  // A limit on the size of files stands in for a disk that fills up.
  struct rlimit before = {};
  QCOMPARE(::getrlimit(RLIMIT_FSIZE, &before), 0);
  const struct rlimit limited = {300000, before.rlim_max};
  ::signal(SIGXFSZ, SIG_IGN);
  QCOMPARE(::setrlimit(RLIMIT_FSIZE, &limited), 0);
  const std::string message = messageOf([&] { hvlm::writeSynthetic(options, inside / "set"); });
  ::setrlimit(RLIMIT_FSIZE, &before);
  ::signal(SIGXFSZ, SIG_DFL);
  QVERIFY2(message.find("room for the features") != std::string::npos, message.c_str());
  QVERIFY(fs::is_empty(inside));
  hvlm::writeSynthetic(options, inside / "set");  // and HDF5 still works
  QVERIFY(fs::exists(inside / "set" / "features.h5"));
}

QTEST_GUILESS_MAIN(TestSynth)
#include "tst_data_synth.moc"
