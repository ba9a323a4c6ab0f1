// SPDX-License-Identifier: Apache-2.0
// What the timeline gets to see of one video: levels, shares and scores that fit together.
#include <ATen/ATen.h>

#include <QTemporaryDir>
#include <QtTest>
#include <cmath>
#include <numeric>

#include "core/engine/tiny_run.h"
#include "engine/entry/inspect_video.h"
#include "engine/model/pyramid.h"

using namespace hvlm::testing;

class TestEntryInspect : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void initTestCase();
  void partsFitTogether_data();
  void partsFitTogether();
  void meanCountsEveryStepAlike();
  void topFollowsTheAlphaPath();
  void attentionSharesRebuildTheVector();
  void aVideoOfOneStep();
  void wrongRequestsAreNamed();

 private:
  // A model whose pooling vectors are not zero, so that shares differ.
  std::unique_ptr<hvlm::HierarchicalModel> model(const std::string& vector, const std::string& mode, const std::string& block) const;
  QTemporaryDir folder_;
  std::shared_ptr<const hvlm::Dataset> data_;
};

void TestEntryInspect::initTestCase() {
  theEngine();
  MadeSet set = classSet(3, 2, 1);
  set.videos[0].values.resize(static_cast<size_t>(set.columns));  // one step
  set.videos[0].segments.clear();
  data_ = hvlm::openDataset(writeSet(folder_.filePath("data").toStdString(), set));
}

std::unique_ptr<hvlm::HierarchicalModel> TestEntryInspect::model(const std::string& vector, const std::string& mode, const std::string& block) const {
  hvlm::RunConfig config = tinyConfig();
  config.head.video_vector = vector;
  config.pyramid.mode = mode;
  config.pyramid.block = block;
  auto made = std::make_unique<hvlm::HierarchicalModel>(config, 8, 3, 5);
  for (const hvlm::Parameter& p : made->parameters().all()) {
    if (p.name.find("pooling") == std::string::npos) continue;
    at::Tensor value = p.value.detach();
    for (int64_t i = 0; i < value.numel(); ++i) value.data_ptr<float>()[i] = noiseAt(9, static_cast<uint64_t>(i));
  }
  return made;
}

void TestEntryInspect::partsFitTogether_data() {
  QTest::addColumn<QString>("vector");
  QTest::addColumn<QString>("mode");
  QTest::addColumn<QString>("block");
  for (const char* vector : {"top", "mean", "attention"}) {
    for (const char* mode : {"ceil", "floor"}) {
      for (const char* block : {"none", "conv"}) QTest::addRow("%s, %s, %s", vector, mode, block) << vector << mode << block;
    }
  }
}

void TestEntryInspect::partsFitTogether() {
  QFETCH(QString, vector);
  QFETCH(QString, mode);
  QFETCH(QString, block);
  const auto network = model(vector.toStdString(), mode.toStdString(), block.toStdString());
  for (const char* id : {"video1x0", "video2x2"}) {
    const hvlm::VideoInspection seen = hvlm::inspectVideo(*network, *data_, id, 12, "run");
    const auto steps = static_cast<int64_t>(seen.levels.at(0).first_step.size());
    QCOMPARE(seen.video, std::string(id));
    QCOMPARE(seen.step, int64_t{12});
    QCOMPARE(seen.mode, mode.toStdString());
    QCOMPARE(seen.duration_seconds, static_cast<double>(steps));
    const auto lengths = hvlm::levelLengths(steps, seen.mode);
    QCOMPARE(seen.levels.size(), lengths.size());
    for (size_t l = 0; l < lengths.size(); ++l) {
      const hvlm::PyramidLevel& level = seen.levels[l];
      const auto cells = static_cast<size_t>(lengths[l]);
      QVERIFY(level.first_step.size() == cells && level.last_step.size() == cells && level.parent.size() == cells);
      QVERIFY(level.alpha.size() == cells && level.share.size() == cells);
      QCOMPARE(level.score.size(), l < 4 ? cells : size_t{0});  // the head reads four levels
      QCOMPARE(level.label.size(), level.score.size());
      QVERIFY(std::abs(std::accumulate(level.share.begin(), level.share.end(), 0.0) - 1.0) < 1e-4);
      if (l + 1 == lengths.size()) break;
      std::vector<double> of_window(static_cast<size_t>(lengths[l + 1]), 0.0);
      for (size_t i = 0; i < cells; ++i) {
        if (level.parent[i] >= 0) {
          of_window.at(static_cast<size_t>(level.parent[i])) += level.alpha[i];
        } else {
          QCOMPARE(seen.mode, std::string("floor"));
          QCOMPARE(level.alpha[i], 0.0f);
        }
      }
      for (const double sum : of_window) QVERIFY(std::abs(sum - 1.0) < 1e-5);
    }
    QCOMPARE(seen.attention.size(), static_cast<size_t>(steps));
    QVERIFY(std::abs(std::accumulate(seen.attention.begin(), seen.attention.end(), 0.0) - 1.0) < 1e-4);
    QCOMPARE(seen.neighbour_similarity.size(), static_cast<size_t>(steps - 1));
    for (const float cosine : seen.neighbour_similarity) QVERIFY(std::abs(cosine) <= 1.0f + 1e-5f);
    // The step vectors are those that the similarity is of.
    QCOMPARE(seen.step_vectors.size(), static_cast<size_t>(steps * seen.width));
    const auto width = static_cast<size_t>(seen.width);
    double dot = 0.0, first = 0.0, second = 0.0;
    for (size_t k = 0; k < width; ++k) {
      const double x = seen.step_vectors[k], y = seen.step_vectors[width + k];
      dot += x * y, first += x * x, second += y * y;
    }
    QVERIFY(std::abs(dot / std::sqrt(first * second) - static_cast<double>(seen.neighbour_similarity[0])) < 1e-4);
    QVERIFY(std::abs(std::accumulate(seen.class_scores.begin(), seen.class_scores.end(), 0.0) - 1.0) < 1e-4);
    for (size_t i = 0; i < seen.detections.size(); ++i) {
      const hvlm::DetectedSegment& d = seen.detections[i];
      QVERIFY(d.start_seconds >= 0.0 && d.start_seconds < d.end_seconds && d.end_seconds <= seen.duration_seconds);
      QVERIFY(i == 0 || d.score <= seen.detections[i - 1].score);
    }
  }
}

void TestEntryInspect::meanCountsEveryStepAlike() {
  const auto seen = hvlm::inspectVideo(*model("mean", "ceil", "none"), *data_, "video1x0", 0, "");
  for (const float share : seen.attention) QVERIFY(std::abs(share * static_cast<float>(seen.attention.size()) - 1.0f) < 1e-5f);
}

void TestEntryInspect::topFollowsTheAlphaPath() {
  const auto seen = hvlm::inspectVideo(*model("top", "ceil", "none"), *data_, "video1x0", 0, "");
  QVERIFY(seen.attention == seen.levels[0].share);
  QVERIFY(*std::max_element(seen.attention.begin(), seen.attention.end()) > 2.0f * *std::min_element(seen.attention.begin(), seen.attention.end()));
}

// Without blocks the video vector is a weighted sum of the steps, and these are its weights.
void TestEntryInspect::attentionSharesRebuildTheVector() {
  for (const char* kind : {"attention", "top"}) {
    for (const char* mode : {"ceil", "floor"}) {
      const auto network = model(kind, mode, "none");
      const auto seen = hvlm::inspectVideo(*network, *data_, "video2x0", 0, "");
      const hvlm::FeatureMatrix matrix = data_->store->read("video2x0");
      const hvlm::ModelOutput out = network->forward({at::tensor(matrix.values).view({matrix.rows, matrix.columns}), {0, matrix.rows}});
      const at::Tensor rebuilt = at::mv(out.h.detach().t(), at::tensor(seen.attention));
      QVERIFY2(at::allclose(rebuilt, out.video_vector[0].detach(), 1e-3, 1e-4), kind);
    }
  }
}

void TestEntryInspect::aVideoOfOneStep() {
  for (const char* kind : {"attention", "top", "mean"}) {
    const auto seen = hvlm::inspectVideo(*model(kind, "ceil", "conv"), *data_, "video0x0", 0, "");
    QCOMPARE(seen.levels.size(), size_t{1});
    QVERIFY(seen.attention.size() == 1 && std::abs(seen.attention[0] - 1.0f) < 1e-6f);
    QVERIFY(seen.neighbour_similarity.empty());
  }
}

void TestEntryInspect::wrongRequestsAreNamed() {
  const auto network = model("top", "ceil", "none");
  const auto message = [&](const char* id) -> QString {
    try {
      hvlm::inspectVideo(*network, *data_, id, 0, "");
    } catch (const hvlm::InputError& error) {
      return QString::fromUtf8(error.what());
    }
    return {};
  };
  QVERIFY(message("nobody").contains("\"nobody\""));
  std::filesystem::remove(folder_.filePath("data/features/v_video2x1.npy").toStdString());
  QVERIFY(message("video2x1").contains("video2x1"));
}

QTEST_GUILESS_MAIN(TestEntryInspect)
#include "tst_entry_inspect.moc"
