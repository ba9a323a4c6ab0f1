// SPDX-License-Identifier: Apache-2.0
// Golden values and gradients of attnpool.npz, pyramid.npz, transformer.npz: every case, every field.
#include "core/engine/golden_tensors.h"

#include <map>

#include "engine/model/layers.h"
#include "engine/model/mixers/kinds.h"
#include "engine/model/pyramid.h"
#include "engine/objective/temporal.h"

using namespace hvlm::testing;

namespace {

at::Tensor levelRows(const hvlm::Pyramid& pyramid, int64_t level) {
  return pyramid.nodes.narrow(0, pyramid.level_start[level], pyramid.rows(level));
}

// The weights of the golden encoder: two layers and the final norm, every tensor a leaf.
struct GoldenEncoder {
  std::map<std::string, at::Tensor> leaves;  // by field name
  std::vector<hvlm::TransformerLayer> layers;
  hvlm::LayerNorm norm;
};

GoldenEncoder goldenEncoder(GoldenFile& file, bool pre_norm, const std::string& activation, const std::string& mixer,
                            at::ScalarType type) {
  GoldenEncoder encoder;
  const auto leaf = [&](const std::string& field) {
    return encoder.leaves[field] = leafOf(file.get("weights", field), type);
  };
  const double epsilon = file.scalar("input", "layer_norm_eps");
  for (const std::string l : {"0", "1"}) {
    const std::string at_layer = "layers_" + l + "_";
    hvlm::TransformerLayer layer;
    hvlm::AttentionProjections attention;
    attention.in = {leaf(at_layer + "self_attn_in_proj_weight"), leaf(at_layer + "self_attn_in_proj_bias")};
    attention.out = {leaf(at_layer + "self_attn_out_proj_weight"), leaf(at_layer + "self_attn_out_proj_bias")};
    attention.heads = static_cast<int64_t>(file.scalar("input", "heads"));
    layer.mixer = mixer == "flash" ? hvlm::flashMixer(attention) : hvlm::fullMixer(attention);
    layer.linear1 = {leaf(at_layer + "linear1_weight"), leaf(at_layer + "linear1_bias")};
    layer.linear2 = {leaf(at_layer + "linear2_weight"), leaf(at_layer + "linear2_bias")};
    layer.norm1 = {leaf(at_layer + "norm1_weight"), leaf(at_layer + "norm1_bias"), epsilon};
    layer.norm2 = {leaf(at_layer + "norm2_weight"), leaf(at_layer + "norm2_bias"), epsilon};
    layer.options.width = layer.linear2.bias.size(0);
    layer.options.hidden = layer.linear1.bias.size(0);
    layer.options.pre_norm = pre_norm;
    layer.options.activation = activation;
    encoder.layers.push_back(layer);
  }
  encoder.norm = {leaf("norm_weight"), leaf("norm_bias"), epsilon};
  return encoder;
}

// Packed rows back into a padded array of zeros.
at::Tensor padded(const at::Tensor& rows, const std::vector<int64_t>& lengths, int64_t steps) {
  std::vector<at::Tensor> videos;
  for (const at::Tensor& video : rows.split_with_sizes(lengths, 0)) {
    videos.push_back(at::constant_pad_nd(video, {0, 0, 0, steps - video.size(0)}, 0));
  }
  return at::stack(videos);
}

}  // namespace

class TestModelGolden : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void attnpool();
  void pyramid();
  void transformer();

 private:
  void pyramidSingle(GoldenFile& file, const std::string& name);
  void pyramidBatch(GoldenFile& file, const std::string& name);
  void transformerCase(GoldenFile& file, const std::string& name, const std::string& mixer, at::ScalarType type);
};

void TestModelGolden::attnpool() {
  GoldenFile file("attnpool.npz");
  for (const std::string& name : file.cases()) {
    const at::Tensor h = leafOf(file.get(name, "h"));
    const at::Tensor w = leafOf(file.get(name, "w"));
    const at::Tensor mask = file.has(name, "mask") ? tensorOf(file.get(name, "mask")).to(at::kBool) : at::Tensor();
    const auto rule = name.ends_with("_any") ? hvlm::WindowRule::kAny : hvlm::WindowRule::kFull;
    const auto window = static_cast<int64_t>(file.scalar(name, "window"));
    const auto stride = static_cast<int64_t>(file.scalar(name, "stride"));
    const bool named = name.size() == 4 && name[0] == 'k';  // "k4s2" has window 4 and stride 2, the others 2 and 2
    QCOMPARE(window, named ? int64_t{name[1] - '0'} : int64_t{2});
    QCOMPARE(stride, named ? int64_t{name[3] - '0'} : int64_t{2});
    const hvlm::PooledWindows pooled = hvlm::attentionPool(h, w, window, stride, mask, rule);
    VERIFY_WITHIN(errorOf(pooled.out, file.get(name, "out")), kDoubleTolerance, name + " out");
    VERIFY_WITHIN(errorOf(pooled.alpha, file.get(name, "alpha")), kDoubleTolerance, name + " alpha");
    QCOMPARE(valuesOf(pooled.valid), file.get(name, "valid").values);
    const auto gradients = gradientsOf(pooled.out, {h, w}, tensorOf(file.get(name, "upstream")));
    VERIFY_WITHIN(errorOf(gradients[0], file.get(name, "grad_h")), kDoubleTolerance, name + " grad_h");
    VERIFY_WITHIN(errorOf(gradients[1], file.get(name, "grad_w")), kDoubleTolerance, name + " grad_w");
    if (name.starts_with("batch_")) {  // the padding is one large number: were it seen, the results above would show it
      const at::Tensor padding = tensorOf(file.get(name, "h")).masked_select(mask.logical_not().unsqueeze(-1));
      QCOMPARE(padding.min().item<double>(), padding.max().item<double>());
    }
    // The packed form gives the same windows.
    if (h.dim() == 2 && window == 2 && stride == 2 && h.size(0) > 1) {
      const hvlm::Pyramid packed = hvlm::buildPyramid(h, w.unsqueeze(0), hvlm::planPyramid({0, h.size(0)}, "floor", 1));
      VERIFY_WITHIN(errorOf(levelRows(packed, 1), file.get(name, "out")), kDoubleTolerance, name + " packed");
    }
  }
  VERIFY_ALL_USED(file);
}

void TestModelGolden::pyramidSingle(GoldenFile& file, const std::string& name) {
  const at::Tensor h = leafOf(file.get(name, "h"));
  const at::Tensor w = leafOf(file.get(name, "w"));
  const std::vector<int64_t> lengths = integersOf(file.get(name, "level_lengths"));
  QCOMPARE(hvlm::levelLengths(h.size(0), "floor"), lengths);
  const hvlm::Pyramid built = hvlm::buildPyramid(h, w, hvlm::planPyramid({0, h.size(0)}, "floor", -1));
  QCOMPARE(built.levels(), static_cast<int64_t>(lengths.size()));
  at::Tensor loss = at::zeros({}, at::kDouble);
  at::Tensor smoothness = at::zeros({}, at::kDouble);
  for (int64_t l = 0; l < built.levels(); ++l) {
    const std::string level = std::to_string(l);
    const at::Tensor rows = levelRows(built, l);
    VERIFY_WITHIN(errorOf(rows, file.get(name, "level" + level)), kDoubleTolerance, name + " level " + level);
    loss = loss + (rows * tensorOf(file.get(name, "upstream" + level))).sum();
    smoothness = smoothness + hvlm::temporalLoss(rows, {0, rows.size(0)}).mean_videos;
  }
  VERIFY_WITHIN(errorOf(loss, file.get(name, "loss")), kDoubleTolerance, name + " loss");
  VERIFY_WITHIN(errorOf(smoothness, file.get(name, "temporal_mean_sum")), kDoubleTolerance,
                name + " temporal_mean_sum");
  const auto gradients = gradientsOf(loss, {h, w});
  VERIFY_WITHIN(errorOf(gradients[0], file.get(name, "grad_h")), kDoubleTolerance, name + " grad_h");
  VERIFY_WITHIN(errorOf(gradients[1], file.get(name, "grad_w")), kDoubleTolerance, name + " grad_w");
  const auto temporal = gradientsOf(smoothness, {h, w});
  VERIFY_WITHIN(errorOf(temporal[0], file.get(name, "temporal_grad_h")), kDoubleTolerance, name + " temporal_grad_h");
  VERIFY_WITHIN(errorOf(temporal[1], file.get(name, "temporal_grad_w")), kDoubleTolerance, name + " temporal_grad_w");
}

void TestModelGolden::pyramidBatch(GoldenFile& file, const std::string& name) {
  const at::Tensor h = leafOf(file.get(name, "h"));
  const at::Tensor w = leafOf(file.get(name, "w"));
  const std::vector<int64_t> lengths = integersOf(file.get(name, "lengths"));
  const std::vector<int64_t> level_lengths = integersOf(file.get(name, "level_lengths"));  // [B, L]
  const auto golden_levels = static_cast<int64_t>(level_lengths.size() / lengths.size());
  const hvlm::Packed packed = hvlm::packPadded(h, lengths);
  const hvlm::Pyramid built = hvlm::buildPyramid(packed.x, w, hvlm::planPyramid(packed.offsets, "floor", -1));
  QCOMPARE(built.levels(), golden_levels);
  VERIFY_WITHIN(errorOf(h, file.get(name, "level0")), kDoubleTolerance, name + " level 0 is the padded input");
  for (int64_t l = 0; l < golden_levels; ++l) {
    std::vector<int64_t> own;
    for (size_t b = 0; b < lengths.size(); ++b) {
      own.push_back(built.offsets[l][b + 1] - built.offsets[l][b]);
      QCOMPARE(own.back(), level_lengths[b * golden_levels + l]);
    }
    if (l == 0) continue;
    const NpyArray& level = file.get(name, "level" + std::to_string(l));
    VERIFY_WITHIN(errorOf(padded(levelRows(built, l), own, level.shape[1]), level), kDoubleTolerance,
                  name + " level " + std::to_string(l));
  }
  const at::Tensor top = hvlm::topVectors(built);
  VERIFY_WITHIN(errorOf(top, file.get(name, "top")), kDoubleTolerance, name + " top");
  QVERIFY(at::equal(top, built.nodes.index_select(0, built.top_index)));
  const auto gradients = gradientsOf(top, {h, w}, tensorOf(file.get(name, "upstream")));
  VERIFY_WITHIN(errorOf(gradients[0], file.get(name, "grad_h")), kDoubleTolerance, name + " grad_h");
  VERIFY_WITHIN(errorOf(gradients[1], file.get(name, "grad_w")), kDoubleTolerance, name + " grad_w");
}

void TestModelGolden::pyramid() {
  GoldenFile file("pyramid.npz");
  for (const std::string& name : file.cases()) {
    if (file.has(name, "lengths")) {
      pyramidBatch(file, name);
    } else {
      pyramidSingle(file, name);
    }
    if (QTest::currentTestFailed()) return;
  }
  VERIFY_ALL_USED(file);
}

void TestModelGolden::transformerCase(GoldenFile& file, const std::string& name, const std::string& mixer,
                                      at::ScalarType type) {
  const double tolerance = type == at::kDouble ? kDoubleTolerance : kFloatGradientTolerance;
  const auto difference =
      type == at::kDouble ? [](const at::Tensor& a, const NpyArray& e) { return errorOf(a, e); } : floatErrorOf;
  const GoldenEncoder encoder =
      goldenEncoder(file, name.starts_with("pre_"), name.find("gelu") == std::string::npos ? "relu" : "gelu", mixer, type);
  const at::Tensor x = leafOf(file.get("input", "x"), type);
  std::vector<int64_t> lengths = integersOf(file.get("input", "lengths"));
  const at::Tensor counted = (tensorOf(file.get("input", "pad_mask")) == 0).sum(1);
  QCOMPARE(valuesOf(counted), std::vector<double>(lengths.begin(), lengths.end()));
  if (name.ends_with("_nomask")) lengths.assign(lengths.size(), x.size(1));
  const hvlm::Packed packed = hvlm::packPadded(x, lengths);
  const hvlm::RunIndex index = hvlm::makeRunIndex(packed.offsets, at::kCPU);
  at::Tensor h = packed.x;
  for (const hvlm::TransformerLayer& layer : encoder.layers) h = layer(h, index, {});
  VERIFY_WITHIN(difference(padded(h, lengths, x.size(1)), file.get(name, "out_no_final_norm")), tolerance,
                name + " out_no_final_norm");
  const at::Tensor out = padded(encoder.norm(h), lengths, x.size(1));
  VERIFY_WITHIN(difference(out, file.get(name, "out")), tolerance, name + " out");
  std::vector<std::string> fields{"grad_x"};
  std::vector<at::Tensor> inputs{x};
  for (const auto& [field, value] : encoder.leaves) {
    if (!file.has(name, "grad_" + field)) continue;
    fields.push_back("grad_" + field);
    inputs.push_back(value);
  }
  const at::Tensor upstream = tensorOf(file.get(name, "upstream"), type);
  const at::Tensor padding = at::ones_like(upstream) - padded(at::ones_like(h), lengths, x.size(1));
  QCOMPARE((upstream * padding).abs().sum().item<double>(), 0.0);
  const auto gradients = gradientsOf(out, inputs, upstream);
  for (size_t i = 0; i < fields.size(); ++i) {
    VERIFY_WITHIN(difference(gradients[i], file.get(name, fields[i])), tolerance, name + " " + fields[i]);
  }
}

void TestModelGolden::transformer() {
  GoldenFile file("transformer.npz");
  for (const std::string& name : file.cases()) {
    if (name.starts_with("sinusoid_")) {
      const NpyArray& table = file.get(name, "pe");
      VERIFY_WITHIN(errorOf(hvlm::sinusoidTable(table.shape[0], table.shape[1], at::kDouble), table), kDoubleTolerance,
                    name);
    } else if (name != "weights" && name != "input") {
      for (const char* mixer : {"full", "flash"}) {
        if (!QTest::currentTestFailed()) transformerCase(file, name, mixer, at::kDouble);
        if (!QTest::currentTestFailed()) transformerCase(file, name, mixer, at::kFloat);
      }
    }
    if (QTest::currentTestFailed()) return;
  }
  VERIFY_ALL_USED(file);
}

QTEST_GUILESS_MAIN(TestModelGolden)
#include "tst_model_golden.moc"
