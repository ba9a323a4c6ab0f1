// SPDX-License-Identifier: Apache-2.0
// Golden values of text_minilm.npz, every field, and batches of sentences against one sentence at a time.
#include "core/engine/golden_tensors.h"

#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "engine/language/text_tower.h"
#include "engine/model/text_encoder.h"
#include "language/wordpiece.h"

using namespace hvlm::testing;

namespace {

constexpr int64_t kHeads = 12;

// Of all numbers, relative to the largest expected one.
double differenceOf(const at::Tensor& found, const at::Tensor& expected) {
  if (found.sizes() != expected.sizes() || !found.isfinite().all().item<bool>()) return INFINITY;
  return ((found.to(at::kDouble) - expected).abs().max() / expected.abs().max()).item<double>();
}

at::Tensor rowOf(const std::vector<float>& values) { return at::tensor(values).to(at::kDouble); }

}  // namespace

class TestEngineLanguageGolden : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void text_minilm();
  void batchesEqualSingleTexts();

 private:
  // False, with the reason, where the test cannot run here.
  bool find(std::string& reason);
  static std::vector<std::string> sentences();
  std::filesystem::path weights_;
  std::map<std::string, NpyArray> arrays_;
};

bool TestEngineLanguageGolden::find(std::string& reason) {
  weights_ = hvlm::miniLmWeights();
  if (!std::filesystem::exists(weights_)) {
    reason = "the weights package is not on this machine";
    return false;
  }
  std::string file;
  try {
    file = goldenFile("text_minilm.npz");
  } catch (const std::runtime_error& error) {
    if (std::getenv("HVLM_GOLDEN_DIR")) throw;
    reason = error.what();
    return false;
  }
  arrays_ = readNpz(file);
  return true;
}

#define REQUIRE_FILES()                                                                                                  \
  do {                                                                                                                   \
    std::string reason_;                                                                                                 \
    if (!find(reason_)) {                                                                                                \
      QVERIFY2(std::filesystem::exists(weights_) || qEnvironmentVariable("HVLM_REQUIRE_WEIGHTS") != QStringLiteral("1"), \
               "the weights package was not imported (./run --setup-only does it)");                                     \
      QSKIP(reason_.c_str());                                                                                            \
    }                                                                                                                    \
  } while (false)

// One JSON string a line.
std::vector<std::string> TestEngineLanguageGolden::sentences() {
  std::vector<std::string> out;
  std::ifstream file(goldenFile("text_minilm.txt"));
  for (std::string line; std::getline(file, line);) out.push_back(nlohmann::json::parse(line).get<std::string>());
  return out;
}

void TestEngineLanguageGolden::text_minilm() {
  REQUIRE_FILES();
  std::set<std::string> used;
  const auto get = [&](const std::string& name) -> const NpyArray& {
    used.insert(name);
    return arrays_.at(name);
  };
  const std::vector<std::string> texts = sentences();
  const std::vector<int64_t> offsets = integersOf(get("offsets")), lengths = integersOf(get("lengths"));
  const at::Tensor ids = tensorOf(get("ids"), at::kLong), mask = tensorOf(get("attention_mask"), at::kLong);
  const at::Tensor embedding = tensorOf(get("embedding")), batched = tensorOf(get("embedding_float32"));
  const at::Tensor cosine = tensorOf(get("cosine")), hidden = tensorOf(get("first_hidden_states"));
  const std::vector<double>& utf8 = get("utf8").values;
  const auto count = static_cast<int64_t>(texts.size());
  QVERIFY(count >= 10);
  QCOMPARE(static_cast<int64_t>(offsets.size()), count + 1);
  QCOMPARE(ids.size(0), count);

  const auto tokenizer = hvlm::WordPiece::fromVocabulary(std::filesystem::path(weights_).replace_extension(".vocab.txt"));
  const hvlm::TensorMap file = hvlm::readSafetensors(weights_);
  const hvlm::TextEncoder exact(file, weights_.string(), kHeads, at::kDouble), single(file, weights_.string(), kHeads);
  QCOMPARE(exact.layers(), int64_t{6});
  QCOMPARE(exact.width(), int64_t{384});
  const at::NoGradGuard no_grad;
  std::vector<at::Tensor> rows;
  for (int64_t i = 0; i < count; ++i) {
    const auto place = static_cast<size_t>(i);
    const std::string& text = texts[place];
    const auto name = [&](const char* what) { return std::string(what) + " of text " + std::to_string(i); };
    const auto begin = utf8.begin() + offsets[place], end = utf8.begin() + offsets[place + 1];
    QVERIFY2(std::equal(begin, end, text.begin(), text.end(), [](double byte, char c) { return byte == static_cast<unsigned char>(c); }),
             name("bytes").c_str());
    const std::vector<int64_t> own = tokenizer.encode(text, {.max_length = 256});
    QCOMPARE(static_cast<int64_t>(own.size()), lengths[place]);
    QVERIFY2(at::equal(at::tensor(own, at::kLong), ids[i].slice(0, 0, lengths[place])), name("ids").c_str());
    QCOMPARE(mask[i].sum().item<int64_t>(), lengths[place]);
    QVERIFY(mask[i].slice(0, 0, lengths[place]).all().item<bool>());
    const at::Tensor row = at::tensor(own, at::kLong).unsqueeze(0);
    rows.push_back(exact.embed(row, {lengths[place]})[0]);
    VERIFY_WITHIN(differenceOf(rows.back(), embedding[i]), kDoubleTolerance, name("embedding"));
    const at::Tensor rounded = single.embed(row, {lengths[place]})[0];
    VERIFY_WITHIN(differenceOf(rounded, embedding[i]), kFloatTolerance, name("float embedding"));
    VERIFY_WITHIN(differenceOf(rounded, batched[i]), kFloatTolerance, name("float embedding against the package's own"));
  }
  const at::Tensor all = at::stack(rows);
  VERIFY_WITHIN(differenceOf(all.matmul(all.t()), cosine), kDoubleTolerance, "cosine");

  // Padding has no influence, whatever the ids there are.
  const at::Tensor junk = at::where(mask.to(at::kBool), ids, at::full_like(ids, 1234));
  const at::Tensor padded = exact.embed(junk.slice(0, 0, 6), {lengths.begin(), lengths.begin() + 6});
  VERIFY_WITHIN(differenceOf(padded, embedding.slice(0, 0, 6)), kDoubleTolerance, "padded embeddings");

  const at::Tensor first = ids[0].slice(0, 0, lengths[0]).unsqueeze(0);
  const std::vector<at::Tensor> states = exact.states(first, {lengths[0]});
  QCOMPARE(static_cast<int64_t>(states.size()), hidden.size(0));
  QCOMPARE(static_cast<int64_t>(states.size()), int64_t{7});
  for (size_t l = 0; l < states.size(); ++l) {
    VERIFY_WITHIN(differenceOf(states[l][0], hidden[static_cast<int64_t>(l)]), kDoubleTolerance, "hidden state " + std::to_string(l));
  }
  for (const auto& [name, array] : arrays_) QVERIFY2(used.contains(name), ("unknown field " + name).c_str());
}

void TestEngineLanguageGolden::batchesEqualSingleTexts() {
  REQUIRE_FILES();
  const std::vector<std::string> texts = sentences();
  const at::Tensor embedding = tensorOf(arrays_.at("embedding"));
  const hvlm::MiniLmTower together(weights_, {}), apart(weights_, {});
  QCOMPARE(together.width(), int64_t{384});
  const auto all = together.encodeAll(texts);
  QCOMPARE(all.size(), texts.size());
  for (size_t i = 0; i < texts.size(); ++i) {
    const std::string name = "text " + std::to_string(i);
    VERIFY_WITHIN(differenceOf(rowOf(all[i]), embedding[static_cast<int64_t>(i)]), kFloatTolerance, name);
    VERIFY_WITHIN((rowOf(all[i]) - rowOf(apart.encode(texts[i]))).abs().max().item<double>(), 1e-5, name);
  }
}

QTEST_GUILESS_MAIN(TestEngineLanguageGolden)
#include "tst_engine_language_golden.moc"
