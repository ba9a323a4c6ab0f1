// SPDX-License-Identifier: Apache-2.0
// Golden values of variants.npz: the paper's hinge, pyramids in ceil mode, the centred separation.
#include "core/engine/golden_tensors.h"

#include "engine/eval/separation.h"
#include "engine/model/pyramid.h"
#include "engine/objective/collapse.h"

using namespace hvlm::testing;

class TestEngineVariants : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void variants();

 private:
  void paperHinge(GoldenFile& file, const std::string& name);
  void ceilPyramid(GoldenFile& file, const std::string& name);
  void separation(GoldenFile& file, const std::string& name);
};

void TestEngineVariants::paperHinge(GoldenFile& file, const std::string& name) {
  const at::Tensor x = leafOf(file.get(name, "x"));
  const at::Tensor loss = hvlm::collapsePaper(x, file.scalar(name, "tau"));
  VERIFY_WITHIN(errorOf(loss, file.get(name, "loss")), kDoubleTolerance, name + " loss");
  VERIFY_WITHIN(errorOf(gradientsOf(loss, {x})[0], file.get(name, "grad")), kDoubleTolerance, name + " grad");
}

void TestEngineVariants::ceilPyramid(GoldenFile& file, const std::string& name) {
  const at::Tensor h = leafOf(file.get(name, "h"));
  const at::Tensor w = leafOf(file.get(name, "w"));
  const std::vector<int64_t> lengths = integersOf(file.get(name, "level_lengths"));
  const hvlm::Pyramid pyramid = hvlm::buildPyramid(h, w, hvlm::planPyramid({0, h.size(0)}, "ceil", -1));
  QCOMPARE(hvlm::levelLengths(h.size(0), "ceil"), lengths);
  QCOMPARE(pyramid.levels(), static_cast<int64_t>(lengths.size()));
  at::Tensor loss = at::zeros({}, at::kDouble);
  for (int64_t l = 0; l < pyramid.levels(); ++l) {
    const std::string level = std::to_string(l);
    const at::Tensor rows = pyramid.nodes.narrow(0, pyramid.level_start[l], pyramid.rows(l));
    VERIFY_WITHIN(errorOf(rows, file.get(name, "level" + level)), kDoubleTolerance, name + " level " + level);
    loss = loss + (rows * tensorOf(file.get(name, "upstream" + level))).sum();
    if (l + 1 == pyramid.levels()) break;
    NpyArray alpha = file.get(
        name, "alpha" + level);  // [windows, 2]; ours is by row: the second place of a window of one is left out
    if (lengths[l] % 2 == 1) {
      QCOMPARE(alpha.values.back(), 0.0);
      alpha.values.pop_back();
    }
    alpha.shape = {lengths[l]};
    VERIFY_WITHIN(errorOf(pyramid.alpha[l], alpha), kDoubleTolerance, name + " alpha " + level);
  }
  VERIFY_WITHIN(errorOf(loss, file.get(name, "loss")), kDoubleTolerance, name + " loss");
  const auto gradients = gradientsOf(loss, {h, w});
  VERIFY_WITHIN(errorOf(gradients[0], file.get(name, "grad_h")), kDoubleTolerance, name + " grad_h");
  VERIFY_WITHIN(errorOf(gradients[1], file.get(name, "grad_w")), kDoubleTolerance, name + " grad_w");
  const std::vector<double> share = hvlm::alphaPath(pyramid, 0);
  VERIFY_WITHIN(errorOf(at::tensor(share, at::kDouble), file.get(name, "share")), kDoubleTolerance, name + " share");
}

void TestEngineVariants::separation(GoldenFile& file, const std::string& name) {
  const hvlm::CentredSeparation s =
      hvlm::centredSeparation(tensorOf(file.get(name, "x")), integersOf(file.get(name, "y")));
  VERIFY_WITHIN(relativeError({s.intra}, file.get(name, "intra").values), kDoubleTolerance, name + " intra");
  VERIFY_WITHIN(relativeError({s.inter}, file.get(name, "inter").values), kDoubleTolerance, name + " inter");
  VERIFY_WITHIN(relativeError({s.separation}, file.get(name, "separation").values), kDoubleTolerance,
                name + " separation");
}

void TestEngineVariants::variants() {
  GoldenFile file("variants.npz");
  for (const std::string& name : file.cases()) {
    if (name.starts_with("paper_hinge")) {
      paperHinge(file, name);
    } else if (name.starts_with("ceil_T")) {
      ceilPyramid(file, name);
    } else {
      QVERIFY2(name == "centred_separation", name.c_str());
      separation(file, name);
    }
    if (QTest::currentTestFailed()) return;
  }
  VERIFY_ALL_USED(file);
}

QTEST_GUILESS_MAIN(TestEngineVariants)
#include "tst_engine_variants.moc"
