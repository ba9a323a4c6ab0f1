// SPDX-License-Identifier: Apache-2.0
// Golden figures of rank.npz, separation.npz, pca.npz: every case, every field.
#include <ATen/ATen.h>

#include <QtTest>

#include "engine/eval/separation.h"
#include "engine/objective/spectrum.h"
#include "support/golden.h"

using hvlm::testing::GoldenFile;
using hvlm::testing::NpyArray;
using hvlm::testing::relativeError;

namespace {

constexpr double kTolerance = 1e-9;

at::Tensor tensorOf(const NpyArray& array) {
  return at::tensor(array.values, at::kDouble).view(array.shape);
}
std::vector<int64_t> integersOf(const NpyArray& array) {
  return {array.values.begin(), array.values.end()};
}
std::vector<double> valuesOf(const at::Tensor& tensor) {
  const at::Tensor flat = tensor.to(at::kDouble).contiguous().view({-1});
  return {flat.data_ptr<double>(), flat.data_ptr<double>() + flat.numel()};
}

void verifyNone(const GoldenFile& file) {
  const auto unused = file.unused();
  QVERIFY2(unused.empty(), unused.empty() ? "" : ("unknown field " + unused.front()).c_str());
}

}  // namespace

#define VERIFY_CLOSE(actual, expected, tolerance, what)                                                          \
  do {                                                                                                           \
    const double error_ = relativeError(actual, expected);                                                       \
    QVERIFY2(error_ <= (tolerance), qPrintable(QStringLiteral("%1: error %2").arg(QString::fromStdString(what)).arg(error_))); \
  } while (false)

class TestEvalGolden : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void rank();
  void separation();
  void pca();
};

void TestEvalGolden::rank() {
  GoldenFile file("rank.npz");
  for (const std::string& name : file.cases()) {
    const at::Tensor x = tensorOf(file.get(name, "x"));
    for (const bool centred : {false, true}) {
      const std::string suffix = centred ? "_centred" : "";
      const at::Tensor s = hvlm::singularValues(x, centred);
      const auto& expected = file.get(name, "singular" + suffix).values;
      // Values that are zero in exact arithmetic come out at rounding size: relative to the largest they vanish.
      VERIFY_CLOSE(valuesOf(s), expected, kTolerance, name + " singular" + suffix);
      VERIFY_CLOSE(std::vector<double>{hvlm::effectiveRank(s)}, file.get(name, "effective_rank" + suffix).values, kTolerance, name + " effective rank" + suffix);
      VERIFY_CLOSE(std::vector<double>{hvlm::rankMe(s)}, file.get(name, "rankme" + suffix).values, kTolerance, name + " rankme" + suffix);
      const at::Tensor gram = hvlm::singularValuesByGram(x, centred);
      const double by_gram = hvlm::effectiveRank(gram);
      const double direct = hvlm::effectiveRank(s);
      QVERIFY2(std::abs(by_gram - direct) <= 1e-5 * std::max(1.0, direct), (name + " by Gram matrix").c_str());
    }
    const at::Tensor s = hvlm::singularValues(x, false);
    VERIFY_CLOSE(std::vector<double>{hvlm::participationRatio(s)}, file.get(name, "participation").values, kTolerance, name + " participation");
    // Identical rows have a deviation of rounding size, hence the absolute part.
    const double deviation = file.scalar(name, "std_mean");
    QVERIFY2(std::abs(x.std(0, false).mean().item<double>() - deviation) <= kTolerance * deviation + 1e-14, (name + " std").c_str());
  }
  verifyNone(file);
}

void TestEvalGolden::separation() {
  GoldenFile file("separation.npz");
  for (const std::string& name : file.cases()) {
    const at::Tensor x = tensorOf(file.get(name, "x"));
    const auto labels = integersOf(file.get(name, "labels"));
    for (const auto& [word, distance] : {std::pair("euclidean", hvlm::Distance::kEuclidean), std::pair("cosine", hvlm::Distance::kCosine)}) {
      const hvlm::Silhouette s = hvlm::silhouette(x, labels, distance);
      const std::string tail = std::string("_") + word;
      VERIFY_CLOSE(valuesOf(s.samples), file.get(name, "silhouette_samples" + tail).values, kTolerance, name + " samples" + tail);
      VERIFY_CLOSE(std::vector<double>{s.mean}, file.get(name, "silhouette" + tail).values, kTolerance, name + " silhouette" + tail);
      VERIFY_CLOSE(std::vector<double>{s.intra_pairs}, file.get(name, "intra_pairs" + tail).values, kTolerance, name + " intra" + tail);
      VERIFY_CLOSE(std::vector<double>{s.inter_pairs}, file.get(name, "inter_pairs" + tail).values, kTolerance, name + " inter" + tail);
    }
    const hvlm::CentroidFigures c = hvlm::centroidFigures(x, labels);
    VERIFY_CLOSE(valuesOf(c.centroids), file.get(name, "centroids").values, kTolerance, name + " centroids");
    VERIFY_CLOSE(std::vector<double>{c.intra}, file.get(name, "intra_centroid").values, kTolerance, name + " intra centroid");
    VERIFY_CLOSE(std::vector<double>{c.inter}, file.get(name, "inter_centroid").values, kTolerance, name + " inter centroid");
    VERIFY_CLOSE(std::vector<double>{c.ratio}, file.get(name, "separation_ratio").values, kTolerance, name + " ratio");
    VERIFY_CLOSE(std::vector<double>{c.davies_bouldin}, file.get(name, "davies_bouldin").values, kTolerance, name + " Davies-Bouldin");
    VERIFY_CLOSE(std::vector<double>{c.calinski_harabasz}, file.get(name, "calinski_harabasz").values, kTolerance, name + " Calinski-Harabasz");
  }
  verifyNone(file);
}

void TestEvalGolden::pca() {
  GoldenFile file("pca.npz");
  for (const std::string& name : file.cases()) {
    const at::Tensor x = tensorOf(file.get(name, "x"));
    hvlm::PrincipalSums sums;
    for (int64_t at = 0; at < x.size(0); at += 3) sums.add(x.narrow(0, at, std::min<int64_t>(3, x.size(0) - at)));  // in parts
    const hvlm::PrincipalComponents two = sums.fit(2);
    const at::Tensor projection = (x - two.mean).mm(two.components.t());
    const int64_t kept = file.get(name, "components").shape.at(0);
    VERIFY_CLOSE(valuesOf(two.mean), file.get(name, "mean").values, kTolerance, name + " mean");
    VERIFY_CLOSE(valuesOf(two.components.narrow(0, 0, kept)), file.get(name, "components").values, kTolerance, name + " components");
    VERIFY_CLOSE(valuesOf(projection.narrow(1, 0, kept)), file.get(name, "projection").values, kTolerance, name + " projection");
    VERIFY_CLOSE(valuesOf(two.explained_variance), file.get(name, "explained_variance").values, kTolerance, name + " variance");
    VERIFY_CLOSE(valuesOf(two.explained_ratio), file.get(name, "explained_ratio").values, kTolerance, name + " ratio");
  }
  verifyNone(file);
}

QTEST_GUILESS_MAIN(TestEvalGolden)
#include "tst_eval_golden.moc"
