// SPDX-License-Identifier: Apache-2.0
#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <QtTest>
#include <cmath>

#include "core/engine/language/head_subjects.h"
#include "engine/language/caption_head.h"

namespace {

using namespace hvlm::testing;
using hvlm::DescribedSegment;

struct Captions {
  hvlm::ParameterSet set;
  hvlm::CaptionHead head;
  explicit Captions(const hvlm::LanguageOptions& options = smallOptions(), int64_t words = 20) {
    at::Generator generator = hvlm::makeGenerator(2);
    head = hvlm::CaptionHead(set, options, kWidth, words, generator, at::kFloat);
  }
  at::Tensor prefix(const hvlm::ModelOutput& output, const std::vector<DescribedSegment>& segments) const {
    return head.prefix(output, kOffsets, segments, {});
  }
};

const std::vector<DescribedSegment> kSegments{{0, 0, 4}, {0, 3, 9}, {1, 0, 1}, {2, 0, 5}, {2, 8, 9}, {2, 10, 21}};
const std::vector<std::vector<int64_t>> kSentences{
    {4, 5, 6}, {7, 5, 8, 9, 6}, {10}, {4, 11, 12, 4, 11, 13}, {14, 15}, {7, 11, 16, 17, 18, 19, 20, 21}};
const std::vector<uint64_t> kSeeds{1, 2, 3, 4, 5, 6};

}  // namespace

class TestEngineLanguageCaptions : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void prefixIsOfItsSegment();
  void likelihoodIsTheLoss();
  void descriptionsAreLearned();
  void descriptionsDoNotDependOnOthers_data() { decodings(); }
  void descriptionsDoNotDependOnOthers();
  void descriptionsStayInBounds_data() { decodings(); }
  void descriptionsStayInBounds();

 private:
  static void decodings() {
    QTest::addColumn<QString>("decoding");
    for (const char* decoding : {"greedy", "beam", "nucleus", "consensus"}) QTest::newRow(decoding) << QString::fromUtf8(decoding);
  }
};

void TestEngineLanguageCaptions::prefixIsOfItsSegment() {
  const Captions captions;
  const hvlm::ModelOutput all = randomOutput();
  const at::Tensor prefix = captions.prefix(all, kSegments);
  QCOMPARE(prefix.sizes(), at::IntArrayRef({6, hvlm::CaptionHead::kVisualTokens, 32}));
  for (size_t i = 0; i < kSegments.size(); ++i) {  // neither other segments nor other videos matter
    const DescribedSegment& s = kSegments[i];
    QVERIFY(distance(captions.prefix(all, {s})[0], prefix[static_cast<int64_t>(i)]) < 1e-5);
    const hvlm::ModelOutput video = alone(all, static_cast<size_t>(s.video));
    const at::Tensor own = captions.head.prefix(video, {0, video.h.size(0)}, {{0, s.first_step, s.last_step}}, {});
    QVERIFY(distance(own[0], prefix[static_cast<int64_t>(i)]) < 1e-5);
  }
  // Other features under the same steps: other tokens, and other words are likely.
  const at::Tensor other = captions.prefix(randomOutput(5), kSegments);
  const at::Tensor before = captions.head.logLikelihood(prefix, kSentences), after = captions.head.logLikelihood(other, kSentences);
  QVERIFY((before - after).abs().min().item<double>() > 1e-5);
  QVERIFY(distance(captions.prefix(all, {{2, 0, 5}}), captions.prefix(all, {{2, 5, 10}})) > 1e-3);
  // The seven tokens of a segment by hand: its quarters, its mean, the nearest node, the video.
  at::Tensor leaf = all.h.detach().clone().requires_grad_(true);
  const auto reached = [&](int64_t token) {
    const hvlm::ModelOutput output = outputOf(leaf, kOffsets);
    const at::Tensor gradient = torch::autograd::grad({captions.prefix(output, {{2, 8, 16}})[0][token].sum()}, {leaf})[0];
    std::vector<int64_t> steps;
    for (int64_t t = 0; t < 31; ++t) {
      if (gradient[t].abs().sum().item<double>() > 1e-9) steps.push_back(t);
    }
    return std::pair(steps.front() - 10, steps.back() - 10);
  };
  for (int64_t part = 0; part < 4; ++part) QCOMPARE(reached(part), std::pair(8 + 2 * part, 9 + 2 * part));
  QCOMPARE(reached(4), (std::pair<int64_t, int64_t>(8, 15)));
  QCOMPARE(reached(5), (std::pair<int64_t, int64_t>(8, 15)));  // node 1 of level 3
  QCOMPARE(reached(6), (std::pair<int64_t, int64_t>(0, 20)));
}

void TestEngineLanguageCaptions::likelihoodIsTheLoss() {
  const Captions captions;
  const at::Tensor prefix = captions.prefix(randomOutput(), kSegments);
  const at::Tensor each = captions.head.logLikelihood(prefix, kSentences);
  QCOMPARE(each.sizes(), at::IntArrayRef({6}));
  QVERIFY(!each.requires_grad());
  double words = 0.0;
  for (size_t i = 0; i < kSentences.size(); ++i) {
    words += static_cast<double>(kSentences[i].size()) + 1.0;
    const auto row = static_cast<int64_t>(i);
    QVERIFY(distance(captions.head.logLikelihood(prefix.narrow(0, row, 1), {kSentences[i]})[0], each[row]) <
            1e-4);  // padding plays no part
  }
  const at::Tensor loss = captions.head.loss(prefix, kSentences, {});
  QVERIFY(std::abs(loss.item<double>() + each.sum().item<double>() / words) < 1e-5);
  // The second sentence word by word: what the decoder says of each after the prefix, the begin and the words before it.
  const hvlm::Decoder& decoder = captions.head.decoder();
  const at::Tensor in = at::cat({prefix.narrow(0, 1, 1), decoder.embed(at::tensor({1, 7, 5, 8, 9, 6}, at::kLong).unsqueeze(0))}, 1);
  const at::Tensor said = decoder.logits(decoder.forward(in)).log_softmax(-1)[0].slice(0, hvlm::CaptionHead::kVisualTokens);
  double sum = 0.0;
  for (int64_t i = 0; i < 6; ++i) sum += said[i][i < 5 ? kSentences[1][static_cast<size_t>(i)] : hvlm::kEndWord].item<double>();
  QVERIFY(std::abs(sum - each[1].item<double>()) < 1e-4);
}

void TestEngineLanguageCaptions::descriptionsAreLearned() {
  hvlm::LanguageOptions beam = smallOptions();
  beam.decoding = "beam";
  const Captions captions;
  Captions searching(beam);
  const hvlm::ModelOutput output = randomOutput();
  Adam optimiser(captions.set.tensors(), 5e-3);
  double first = 0.0, last = 0.0;
  for (int step = 0; step < 300 && (step == 0 || last * 50.0 > first); ++step) {
    last = optimiser.step(captions.head.loss(captions.prefix(output, kSegments), kSentences, {}));
    if (step == 0) first = last;
  }
  QVERIFY2(last * 10.0 < first, qPrintable(QStringLiteral("from %1 to %2").arg(first).arg(last)));
  QVERIFY(std::abs(first - std::log(24.0)) < 1.0);
  searching.set.copyFrom(captions.set);
  const at::Tensor prefix = captions.prefix(output, kSegments);
  for (const Captions* writer : std::initializer_list<const Captions*>{&captions, &searching}) {
    const auto written = writer->head.candidates(prefix, kSeeds);
    QCOMPARE(written.size(), kSentences.size());
    for (size_t i = 0; i < kSentences.size(); ++i) {
      QCOMPARE(written[i].size(), size_t{1});
      QCOMPARE(written[i][0], kSentences[i]);
    }
  }
}

void TestEngineLanguageCaptions::descriptionsDoNotDependOnOthers() {
  QFETCH(QString, decoding);
  hvlm::LanguageOptions options = smallOptions();
  options.decoding = decoding.toStdString();
  options.samples = 5;
  const Captions captions(options);
  const at::Tensor prefix = 3.0 * captions.prefix(randomOutput(), kSegments);
  const auto all = captions.head.candidates(prefix, kSeeds);
  const size_t expected = decoding == QStringLiteral("consensus") ? 5 : 1;
  for (size_t i = 0; i < all.size(); ++i) {
    QCOMPARE(all[i].size(), expected);
    QCOMPARE(captions.head.candidates(prefix.narrow(0, static_cast<int64_t>(i), 1), {kSeeds[i]})[0], all[i]);
  }
  QCOMPARE(captions.head.candidates(prefix, kSeeds), all);
  const bool draws = decoding == QStringLiteral("nucleus") || decoding == QStringLiteral("consensus");
  QCOMPARE(captions.head.candidates(prefix, {11, 12, 13, 14, 15, 16}) != all, draws);
  QVERIFY(captions.head.candidates(prefix.narrow(0, 0, 0), {}).empty());
  if (decoding != QStringLiteral("consensus")) return;
  hvlm::LanguageOptions greedy = options;
  greedy.decoding = "greedy";
  const auto likeliest = Captions(greedy).head.candidates(prefix, kSeeds);  // the same first weights
  for (size_t i = 0; i < all.size(); ++i) QCOMPARE(all[i][0], likeliest[i][0]);
}

void TestEngineLanguageCaptions::descriptionsStayInBounds() {
  QFETCH(QString, decoding);
  for (const int64_t most : {1, 3}) {
    hvlm::LanguageOptions options = smallOptions();
    options.decoding = decoding.toStdString();
    options.max_words = most;
    options.samples = 40;
    options.top_p = 1.0;
    const Captions captions(options);
    {  // the signs are what the decoder likes best
      const at::NoGradGuard no_grad;
      at::Tensor table = *captions.set.find("caption.model.embed_tokens.weight");
      for (const int64_t sign : {hvlm::kPadWord, hvlm::kBeginWord, hvlm::kUnknownWord}) table[sign].mul_(20.0);
    }
    size_t longest = 0;
    for (const auto& candidates : captions.head.candidates(captions.prefix(randomOutput(), kSegments), kSeeds)) {
      for (const auto& words : candidates) {
        longest = std::max(longest, words.size());
        for (const int64_t id : words) QVERIFY2(id >= hvlm::kFirstWord && id < 24, qPrintable(QString::number(id)));
      }
    }
    QCOMPARE(longest, static_cast<size_t>(most));
  }
}

QTEST_GUILESS_MAIN(TestEngineLanguageCaptions)
#include "tst_engine_language_captions.moc"
