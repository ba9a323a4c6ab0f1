// SPDX-License-Identifier: Apache-2.0
// The index of a search by words: its products, what is found in it, and its file.
#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <QtTest>
#include <algorithm>
#include <fstream>

#include "engine/entry/retrieval_index.h"
#include "engine/kernels/half_rows.h"
#include "engine/kernels/kernels.h"
#include "engine/model/parameters.h"
#include "engine/model/plain_tensor.h"
#include "score/detection.h"
#include "support/error.h"
#include "support/temporary_folder.h"

using namespace hvlm;

namespace {

at::Tensor unitRows(int64_t rows, int64_t width, uint64_t seed) {
  at::Generator generator = makeGenerator(seed);
  const at::Tensor drawn = at::randn({rows, width}, generator, at::kFloat);
  return drawn / drawn.norm(2, {1}, true);
}

// Each of `videos` videos with `moments` moments of 4 seconds, 3 apart: neighbours overlap by 1 of 7.
RetrievalIndex madeIndex(int64_t videos, int64_t moments, int64_t width) {
  RetrievalIndex index;
  index.key = "made";
  index.video_vectors = unitRows(videos, width, 1);
  index.moment_vectors = unitRows(videos * moments, width, 2).to(at::kHalf);
  for (int64_t v = 0; v < videos; ++v) {
    index.videos.push_back("v_" + std::to_string(v));
    index.durations.push_back(100.0);
    for (int64_t m = 0; m < moments; ++m) {
      index.moment_video.push_back(v);
      index.moment_start.push_back(3.0 * static_cast<double>(m));
      index.moment_end.push_back(3.0 * static_cast<double>(m) + 4.0);
    }
  }
  return index;
}

}  // namespace

class TestEntryRetrieval : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void productsEqualWidenedRows_data();
  void productsEqualWidenedRows();
  void productsAreTheSameForAnyThreads();
  void whatIsNoIndexIsRefused();
  void theBestComeFirst();
  void ofMomentsThatOverlapOnlyTheBestStays();
  void theFileComesBack();
  void anOlderFileOfWideNumbersIsTaken();
  void anotherFileIsMadeAnew();
};

void TestEntryRetrieval::productsEqualWidenedRows_data() {
  QTest::addColumn<qint64>("rows");
  QTest::addColumn<qint64>("width");
  for (const qint64 rows : {0, 1, 3, 5000}) {
    for (const qint64 width : {1, 7, 8, 31, 32, 33, 256, 384}) QTest::addRow("%lld x %lld", static_cast<long long>(rows), static_cast<long long>(width)) << rows << width;
  }
}
void TestEntryRetrieval::productsEqualWidenedRows() {
  QFETCH(qint64, rows);
  QFETCH(qint64, width);
  const at::Tensor halves = unitRows(rows, width, 3).to(at::kHalf), query = unitRows(1, width, 4)[0];
  const at::Tensor expected = halves.to(at::kDouble).mv(query.to(at::kDouble));
  const auto largestError = [&] { return rows == 0 ? 0.0 : (halfRowProducts(halves, query).to(at::kDouble) - expected).abs().max().item<double>(); };
  QVERIFY(largestError() < 1e-6);
  forcePlain(true);
  const double plain = largestError();
  forcePlain(false);
  QVERIFY(plain < 1e-6);
  QCOMPARE(halfRowProducts(halves, query).numel(), rows);
  // Rows that do not lie side by side.
  const at::Tensor spread = at::zeros({rows, 2 * width}, at::kHalf);
  spread.narrow(1, 0, width).copy_(halves);
  QVERIFY(at::equal(halfRowProducts(spread.narrow(1, 0, width), query), halfRowProducts(halves, query)));
}

void TestEntryRetrieval::productsAreTheSameForAnyThreads() {
  const at::Tensor halves = unitRows(9001, 40, 5).to(at::kHalf), query = unitRows(1, 40, 6)[0];
  const int before = at::get_num_threads();
  at::set_num_threads(1);
  const at::Tensor one = halfRowProducts(halves, query);
  at::set_num_threads(2);
  const at::Tensor two = halfRowProducts(halves, query);
  at::set_num_threads(before);
  QVERIFY(at::equal(one, two));
}

void TestEntryRetrieval::whatIsNoIndexIsRefused() {
  const at::Tensor halves = unitRows(4, 8, 7).to(at::kHalf), query = unitRows(1, 8, 8)[0];
  QVERIFY_THROWS_EXCEPTION(ShapeError, halfRowProducts(halves.to(at::kFloat), query));
  QVERIFY_THROWS_EXCEPTION(ShapeError, halfRowProducts(halves, query.to(at::kDouble)));
  QVERIFY_THROWS_EXCEPTION(ShapeError, halfRowProducts(halves, query.narrow(0, 0, 7)));
  QVERIFY_THROWS_EXCEPTION(ShapeError, halfRowProducts(query.to(at::kHalf), query));
}

void TestEntryRetrieval::theBestComeFirst() {
  const RetrievalIndex index = madeIndex(300, 9, 24);
  const at::Tensor query = unitRows(1, 24, 9)[0];
  RetrievalAnswer answer;
  searchIndex(index, query, 7, answer);
  QCOMPARE(answer.videos.size(), size_t{7});
  QCOMPARE(answer.moments.size(), size_t{7});
  QCOMPARE(answer.videos_searched, int64_t{300});
  QCOMPARE(answer.moments_searched, int64_t{2700});
  const auto [video_scores, video_places] = index.video_vectors.mv(query).sort(0, true);
  const auto [scores, places] = index.moment_vectors.to(at::kFloat).mv(query).sort(0, true);
  for (size_t i = 0; i < 7; ++i) {  // none of these overlap by more than half
    QCOMPARE(answer.videos[i].video, index.videos[static_cast<size_t>(video_places[static_cast<int64_t>(i)].item<int64_t>())]);
    const auto place = static_cast<size_t>(places[static_cast<int64_t>(i)].item<int64_t>());
    QCOMPARE(answer.moments[i].video, index.videos[static_cast<size_t>(index.moment_video[place])]);
    QCOMPARE(answer.moments[i].start_seconds, index.moment_start[place]);
    QVERIFY(std::abs(answer.moments[i].similarity - scores[static_cast<int64_t>(i)].item<double>()) < 1e-5);
  }
}

void TestEntryRetrieval::ofMomentsThatOverlapOnlyTheBestStays() {
  RetrievalIndex index = madeIndex(1, 6, 8);
  for (size_t m = 0; m < 3; ++m) {  // three that are nearly one
    index.moment_start[m] = 0.1 * static_cast<double>(m);
    index.moment_end[m] = 10.0;
  }
  RetrievalAnswer answer;
  searchIndex(index, unitRows(1, 8, 10)[0], 6, answer);
  QCOMPARE(answer.moments.size(), size_t{4});
  QCOMPARE(std::count_if(answer.moments.begin(), answer.moments.end(), [](const RetrievalHit& m) { return m.end_seconds == 10.0 && m.start_seconds < 0.5; }), std::ptrdiff_t{1});
}

void TestEntryRetrieval::theFileComesBack() {
  const TemporaryFolder folder;
  const RetrievalIndex index = madeIndex(5, 4, 16);
  writeRetrievalIndex(folder.path() / "index" / "all.safetensors", index);
  const auto back = readRetrievalIndex(folder.path() / "index" / "all.safetensors", "made");
  QVERIFY(back);
  QVERIFY(at::equal(back->moment_vectors, index.moment_vectors) && at::equal(back->video_vectors, index.video_vectors));
  QCOMPARE(back->videos, index.videos);
  QCOMPARE(back->moment_video, index.moment_video);
  QCOMPARE(back->moment_end, index.moment_end);
}

void TestEntryRetrieval::anOlderFileOfWideNumbersIsTaken() {
  const TemporaryFolder folder;
  RetrievalIndex index = madeIndex(5, 4, 16);
  const at::Tensor halves = index.moment_vectors;
  index.moment_vectors = halves.to(at::kFloat);
  writeRetrievalIndex(folder.path() / "all.safetensors", index);
  const auto back = readRetrievalIndex(folder.path() / "all.safetensors", "made");
  QVERIFY(back);
  QVERIFY(at::equal(back->moment_vectors, halves));
}

void TestEntryRetrieval::anotherFileIsMadeAnew() {
  const TemporaryFolder folder;
  const auto file = folder.path() / "all.safetensors";
  QVERIFY(!readRetrievalIndex(file, "made"));
  writeRetrievalIndex(file, madeIndex(5, 4, 16));
  QVERIFY(!readRetrievalIndex(file, "of another checkpoint"));
  std::filesystem::resize_file(file, std::filesystem::file_size(file) / 2);
  QVERIFY(!readRetrievalIndex(file, "made"));
}

QTEST_GUILESS_MAIN(TestEntryRetrieval)
#include "tst_entry_retrieval.moc"
