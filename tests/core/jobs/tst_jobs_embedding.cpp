// SPDX-License-Identifier: Apache-2.0
// The file of hvlm embed: it comes back as it was, and one that is damaged is refused with what is wrong.
#include <QTemporaryDir>
#include <QtTest>
#include <random>

#include "jobs/embedding_file.h"
#include "runs/safetensors.h"
#include "support/atomic_file.h"
#include "support/error.h"

using namespace hvlm;

namespace {

EmbeddingFile sample() {
  EmbeddingFile e;
  e.run_id = "abc", e.subset = "validation", e.encoder = "transformer";
  e.checkpoint_step = 40, e.step_seconds = 0.5, e.width = 3;
  e.classes = {"Archery", "Bowling \"x\""};
  e.videos = {"one", "two"};
  e.vectors = {1, 2, 3, 4, 5, 6};
  e.scores = {0.25f, 0.75f, 0.5f, 0.5f};
  e.labels = {1, -1};
  e.moments = {1, 0, 0, 0, 1, 0, 0, 0, 1};
  e.moment_video = {0, 0, 1};
  e.moment_step = {0, 2, 1};
  e.moment_label = {-1, 0, 1};
  return e;
}

}  // namespace

class TestEmbedding : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void itComesBack();
  void withoutAClassifierThereAreNoScores();
  void damageIsRefused();

 private:
  std::filesystem::path path(const char* name) const { return std::filesystem::path(folder_.path().toStdString()) / "deep" / name; }
  QTemporaryDir folder_;
};

void TestEmbedding::itComesBack() {
  const EmbeddingFile e = sample();
  writeEmbedding(path("a.safetensors"), e);
  const EmbeddingFile back = readEmbedding(path("a.safetensors"));
  QCOMPARE(back.run_id, e.run_id);
  QCOMPARE(back.subset, e.subset);
  QCOMPARE(back.encoder, e.encoder);
  QCOMPARE(back.checkpoint_step, e.checkpoint_step);
  QCOMPARE(back.step_seconds, e.step_seconds);
  QCOMPARE(back.classes, e.classes);
  QCOMPARE(back.videos, e.videos);
  QCOMPARE(back.vectors, e.vectors);
  QCOMPARE(back.scores, e.scores);
  QCOMPARE(back.labels, e.labels);
  QCOMPARE(back.moments, e.moments);
  QCOMPARE(back.moment_video, e.moment_video);
  QCOMPARE(back.moment_step, e.moment_step);
  QCOMPARE(back.moment_label, e.moment_label);
}

void TestEmbedding::withoutAClassifierThereAreNoScores() {
  EmbeddingFile e = sample();
  e.scores.clear();
  writeEmbedding(path("b.safetensors"), e);
  QVERIFY(readEmbedding(path("b.safetensors")).scores.empty());
}

void TestEmbedding::damageIsRefused() {
  QVERIFY_THROWS_EXCEPTION(InputError, readEmbedding(path("nowhere.safetensors")));
  writeFileAtomic(path("other.safetensors"), encodeSafetensors({{"x", {"F32", {1}, std::vector<std::byte>(4)}}}));
  try {
    readEmbedding(path("other.safetensors"));
    QFAIL("another file was taken");
  } catch (const InputError& error) {
    QVERIFY2(std::string(error.what()).find("hvlm embed") != std::string::npos, error.what());
  }
  EmbeddingFile wrong = sample();
  wrong.moment_video = {0, 0, 7};
  writeEmbedding(path("wrong.safetensors"), wrong);
  QVERIFY_THROWS_EXCEPTION(InputError, readEmbedding(path("wrong.safetensors")));
  wrong = sample();
  wrong.labels = {0, 5};
  writeEmbedding(path("wrong.safetensors"), wrong);
  QVERIFY_THROWS_EXCEPTION(InputError, readEmbedding(path("wrong.safetensors")));
  std::map<std::string, std::string> about;
  writeEmbedding(path("short.safetensors"), sample());
  TensorMap tensors = readSafetensors(path("short.safetensors"), &about);
  tensors["vectors"] = {"F32", {2, 2}, std::vector<std::byte>(16)};  // narrower than the width that is told
  writeFileAtomic(path("short.safetensors"), encodeSafetensors(tensors, about));
  QVERIFY_THROWS_EXCEPTION(InputError, readEmbedding(path("short.safetensors")));
  // Bytes flipped anywhere: read or refused, never more.
  writeEmbedding(path("a.safetensors"), sample());
  const std::string good = readFile(path("a.safetensors"), 1 << 20);
  std::mt19937 random(1);
  int refused = 0;
  for (int i = 0; i < 300; ++i) {
    std::string bad = good;
    for (int k = 0; k < 3; ++k) bad[random() % bad.size()] = static_cast<char>(random());
    writeFileAtomic(path("bad.safetensors"), bad);
    try {
      const EmbeddingFile e = readEmbedding(path("bad.safetensors"));
      QCOMPARE(e.vectors.size(), e.videos.size() * static_cast<size_t>(e.width));
    } catch (const InputError&) {
      ++refused;
    }
  }
  QVERIFY(refused > 100);
}

QTEST_GUILESS_MAIN(TestEmbedding)
#include "tst_jobs_embedding.moc"
