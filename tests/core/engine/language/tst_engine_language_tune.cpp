// SPDX-License-Identifier: Apache-2.0
// Talks as tokens, what is seen of a pyramid, the projector, and the loss of a decoder that sees.
#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <QtTest>
#include <nlohmann/json.hpp>
#include <numeric>

#include "core/engine/language/tune_subjects.h"
#include "engine/language/seeing_decoder.h"
#include "engine/language/tuned_files.h"
#include "runs/weight_tools.h"
#include "support/temporary_folder.h"

using namespace hvlm;
using namespace hvlm::testing;

namespace {

const std::vector<ChatMessage> kTalk = {
    {"user", "<video>\nWho runs?"}, {"assistant", "A dog."}, {"user", "When <video>?"}, {"assistant", "Later."}};

// The text of the learned tokens, a bar where tokens between are masked.
std::string learnedText(const Tokenizer& tokenizer, const TalkTokens& talk) {
  std::string text;
  std::vector<int64_t> run;
  for (size_t i = 0; i <= talk.ids.size(); ++i) {
    if (i < talk.ids.size() && talk.learned[i]) {
      run.push_back(talk.ids[i]);
    } else if (!run.empty()) {
      text += (text.empty() ? "" : "|") + tokenizer.decode(run, false);
      run.clear();
    }
  }
  return text;
}

std::string textOf(const Tokenizer& tokenizer, std::vector<int64_t> ids) {
  std::erase(ids, kVisualPlace);
  return tokenizer.decode(ids, false);
}

// A pyramid of videos of 8 and 3 steps; node rows count up, so a mean tells which nodes went into it.
Pyramid countedPyramid() {
  const PyramidPlan plan = planPyramid({0, 8, 11}, "ceil", -1);
  Pyramid pyramid;
  static_cast<PyramidPlan&>(pyramid) = plan;
  pyramid.nodes = at::arange(plan.level_start.back(), at::kFloat).unsqueeze(1).expand({-1, 4}).contiguous();
  return pyramid;
}

std::vector<double> rowsOf(const VisualTokens& tokens) {
  std::vector<double> rows;
  for (int64_t i = 0; i < tokens.nodes.size(0); ++i) rows.push_back(tokens.nodes[i][0].item<double>());
  return rows;
}

// A small decoder that sees nodes of 6 numbers.
struct Seeing {
  SeeingDecoder model;
  explicit Seeing(uint64_t seed = 3) {
    at::Generator generator = makeGenerator(seed);
    model.decoder = Decoder(model.base, "", speakingShape(), [&](const std::string& name, at::IntArrayRef sizes) {
      const at::Tensor noise = normalInit(sizes, 0.3, generator, at::kFloat);
      return name.find("norm") == std::string::npos ? noise : 1.0 + noise;
    });
    model.addProjector(6, generator);
  }
};

VisualTokens randomTokens(int64_t count, uint64_t seed) {
  return {randomSteps(1, count, 6, seed)[0], randomSteps(1, count, VisualTokens::kPlaceNumbers, seed + 1)[0]};
}

TalkTokens talkOf(std::vector<int64_t> ids, const std::vector<int>& learned) {
  return {std::move(ids), std::vector<bool>(learned.begin(), learned.end())};
}

bool equalSets(const ParameterSet& a, const std::vector<at::Tensor>& before) {
  for (size_t i = 0; i < before.size(); ++i) {
    if (!at::equal(a.all()[i].value, before[i])) return false;
  }
  return true;
}

std::vector<at::Tensor> copies(const ParameterSet& set) {
  std::vector<at::Tensor> out;
  for (const at::Tensor& t : set.tensors()) out.push_back(t.detach().clone());
  return out;
}

}  // namespace

class TestEngineLanguageTune : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void answersAloneAreLearned_data();
  void answersAloneAreLearned();
  void aPromptIsTheBeginningOfItsTalk();
  void theVideoComesInOnce();
  void aTemplateThatRewritesTurnsTeachesTheLastAnswer();
  void aMissingTemplateFallsBack();
  void nodesAreChosen_data();
  void nodesAreChosen();
  void placesSayWhereAndWhen();
  void levelsAreRead();
  void aNewProjectorWritesAsTheEmbeddingDoes();
  void lossIsTheAnswersCrossEntropy();
  void lossDoesNotDependOnTheOtherTalks();
  void onlyTheProjectorLearns();
  void newAdaptersChangeNothingAndLearn();
  void filesBringBackTheSameModel();
  void filesThatDoNotFitAreNamed();
  void memoryIsEstimated();

 private:
  const std::unique_ptr<Tokenizer> tokenizer_ = loadTokenizer(tokenizerFile());
  TalkReader reader(const std::string& name) const { return {*tokenizer_, openTalkTemplate("nowhere", name, *tokenizer_)}; }
};

void TestEngineLanguageTune::answersAloneAreLearned_data() {
  QTest::addColumn<QString>("name");
  QTest::addColumn<QString>("learned");
  QTest::newRow("two") << "two"
                       << " A dog.</s>| Later.</s>";
  QTest::newRow("single ends with the token its template lacks") << "single"
                                                                 << " A dog.###| Later.###</s>";
  QTest::newRow("llama") << "llama"
                         << " A dog. </s>| Later. </s>";
  QTest::newRow("chatml") << "chatml"
                          << "A dog.<|im_end|>\n|Later.<|im_end|>\n</s>";
}
void TestEngineLanguageTune::answersAloneAreLearned() {
  QFETCH(QString, name);
  QFETCH(QString, learned);
  const TalkTokens talk = reader(name.toStdString()).talk(kTalk, 1000);
  QCOMPARE(talk.ids.size(), talk.learned.size());
  QCOMPARE(talk.ids.front(), int64_t{1});  // <s>
  QCOMPARE(talk.ids.back(), int64_t{2});   // </s>
  const QString text = QString::fromStdString(learnedText(*tokenizer_, talk));
  // Where a token holds the end of the prompt and the begin of the answer, it is learned: compare without blanks.
  QCOMPARE(QString(text).remove(QLatin1Char(' ')), QString(learned).remove(QLatin1Char(' ')));
  QVERIFY(talk.ids.size() > 1000 || reader(name.toStdString()).talk(kTalk, 10).ids.size() > 10);  // too long is seen
}

void TestEngineLanguageTune::aPromptIsTheBeginningOfItsTalk() {
  for (const std::string& name : ChatTemplate::names()) {
    const TalkReader read = reader(name);
    const TalkTokens talk = read.talk(std::span(kTalk).first(2), 1000);
    const std::vector<int64_t> prompt = read.prompt(std::span(kTalk).first(1));
    const auto first = std::find(talk.learned.begin(), talk.learned.end(), true) - talk.learned.begin();
    QVERIFY2(first > 2 && std::equal(talk.ids.begin(), talk.ids.begin() + first, prompt.begin()), name.c_str());
    QVERIFY2(static_cast<int64_t>(prompt.size()) - first <= 1, name.c_str());  // at most a token that the answer changes
  }
}

void TestEngineLanguageTune::theVideoComesInOnce() {
  const TalkReader read = reader("two");
  const auto count = [](const std::vector<int64_t>& ids) { return std::count(ids.begin(), ids.end(), kVisualPlace); };
  QCOMPARE(count(read.talk(kTalk, 1000).ids), 1);
  const auto without = read.prompt(std::vector<ChatMessage>{{"system", "You know <video> all."}, {"user", "Who runs?"}});
  QCOMPARE(count(without), 1);
  QCOMPARE(textOf(*tokenizer_, without).find("know"), std::string::npos);  // system texts are left out
  const auto with = read.prompt(std::vector<ChatMessage>{{"user", "<video>\nWho runs?"}});
  QCOMPARE(without, with);
  const auto behind = read.prompt(std::vector<ChatMessage>{{"user", "Who runs?\n<video>"}});
  QVERIFY(std::find(behind.begin(), behind.end(), kVisualPlace) - behind.begin() >
          std::find(with.begin(), with.end(), kVisualPlace) - with.begin());
  const TalkReader deaf(*tokenizer_, {.chat = ChatTemplate::parse("hello"), .bos_token = {}, .eos_token = {}, .name = "deaf"});
  const std::string message = messageOf([&] { deaf.prompt(kTalk); });
  QVERIFY2(message.find("deaf") != std::string::npos && message.find("--template") != std::string::npos, message.c_str());
}

void TestEngineLanguageTune::aTemplateThatRewritesTurnsTeachesTheLastAnswer() {
  const char* source =
      "{% for m in messages %}{% if m.role == 'user' or loop.last %}{{ m.content }};{% else %}(cut){% endif %}{% endfor %}";
  const TalkReader read(*tokenizer_, {.chat = ChatTemplate::parse(source), .bos_token = {}, .eos_token = "</s>", .name = "cutting"});
  const std::string learned = learnedText(*tokenizer_, read.talk(kTalk, 1000));
  QVERIFY2(
      learned.find("Later.") != std::string::npos && learned.find("dog") == std::string::npos && learned.find('|') == std::string::npos,
      learned.c_str());
}

void TestEngineLanguageTune::aMissingTemplateFallsBack() {
  const TemporaryFolder folder;
  const auto opened = [&] { return openTalkTemplate(folder.path(), "", *tokenizer_); };
  QVERIFY(opened().missing);
  QCOMPARE(opened().name, std::string("two"));
  writeFileAtomic(folder.path() / "tokenizer_config.json", R"({"bos_token": "<s>"})");
  QVERIFY(opened().missing);
  writeFileAtomic(folder.path() / "tokenizer_config.json", kOwnTemplate);
  QVERIFY(!opened().missing);
  QCOMPARE(opened().name, std::string("own"));
  QVERIFY(!openTalkTemplate(folder.path(), "chatml", *tokenizer_).missing);
  writeFileAtomic(folder.path() / "tokenizer_config.json", R"({"chat_template": "{% frob %}"})");
  QVERIFY(messageOf([&] { opened(); }).find("frob") != std::string::npos);  // one that cannot be read is no missing one
}

void TestEngineLanguageTune::nodesAreChosen_data() {
  QTest::addColumn<int>("video");
  QTest::addColumn<int>("first");
  QTest::addColumn<int>("last");
  QTest::addColumn<QString>("levels");
  QTest::addColumn<int>("most");
  QTest::addColumn<QList<double>>("rows");
  // Rows: level 0: 0-7 and 8-10; level 1: 11-14 and 15-16; level 2: 17-18 and 19; level 3: 20.
  QTest::newRow("the whole video fits") << 0 << 0 << 8 << "auto" << 15 << QList<double>{20, 17, 18, 11, 12, 13, 14, 0, 1, 2, 3, 4, 5, 6, 7};
  QTest::newRow("from the top as far as levels fit") << 0 << 0 << 8 << "auto" << 14 << QList<double>{20, 17, 18, 11, 12, 13, 14};
  QTest::newRow("one token is the top") << 0 << 2 << 7 << "auto" << 1 << QList<double>{20};
  QTest::newRow("above a stretch") << 0 << 3 << 5 << "auto" << 32 << QList<double>{20, 17, 18, 12, 13, 3, 4};
  QTest::newRow("the other video") << 1 << 0 << 3 << "auto" << 32 << QList<double>{19, 15, 16, 8, 9, 10};
  QTest::newRow("named levels, coarse ones first") << 0 << 0 << 8 << "1,3" << 32 << QList<double>{20, 11, 12, 13, 14};
  QTest::newRow("a level with more nodes is averaged") << 0 << 0 << 8 << "0,3" << 5 << QList<double>{20, 0.5, 2.5, 4.5, 6.5};
  QTest::newRow("uneven groups") << 0 << 0 << 7 << "0" << 3 << QList<double>{0.5, 2.5, 5};
  QTest::newRow("a level that a short video lacks") << 1 << 0 << 3 << "3,1" << 32 << QList<double>{15, 16};
  QTest::newRow("no named level is there") << 1 << 0 << 3 << "5" << 32 << QList<double>{19};
}
void TestEngineLanguageTune::nodesAreChosen() {
  QFETCH(int, video);
  QFETCH(int, first);
  QFETCH(int, last);
  QFETCH(QString, levels);
  QFETCH(int, most);
  QFETCH(QList<double>, rows);
  const VisualTokens tokens = visualTokens(countedPyramid(), video, first, last, 1.0, visualOptions(levels.toStdString(), most));
  const std::vector<double> found = rowsOf(tokens);
  QCOMPARE(QList<double>(found.begin(), found.end()), rows);
  QCOMPARE(tokens.places.size(0), tokens.nodes.size(0));
}

void TestEngineLanguageTune::placesSayWhereAndWhen() {
  const VisualTokens tokens = visualTokens(countedPyramid(), 1, 0, 3, 2.0, visualOptions("1", 8));
  QCOMPARE(tokens.nodes.size(0), int64_t{2});
  const auto at = [&](int64_t row, int64_t column) { return tokens.places[row][column].item<double>(); };
  const std::vector<double> second = {2.0 / 3.0, 1.0, 1.0 / 16.0, std::log2(5.0) / 16.0,
                                      std::log2(7.0) / 16.0};  // steps 2 to 3: 4 s to 6 s
  for (int64_t i = 0; i < 5; ++i) QVERIFY2(std::abs(at(1, i) - second[static_cast<size_t>(i)]) < 1e-6, std::to_string(at(1, i)).c_str());
  QCOMPARE(at(0, 0), 0.0);
  QVERIFY_THROWS_EXCEPTION(ShapeError, visualTokens(countedPyramid(), 1, 0, 4, 2.0, {}));
}

void TestEngineLanguageTune::levelsAreRead() {
  QVERIFY(visualOptions(" auto ", 4).levels.empty());
  QCOMPARE(visualOptions("4, 0,2", 4).levels, (std::vector<int64_t>{0, 2, 4}));
  QCOMPARE(levelsText(visualOptions("4,0", 4)), std::string("0,4"));
  QCOMPARE(levelsText(visualOptions("auto", 4)), std::string("auto"));
  for (const char* bad : {"", "top", "1,,2", "-1", "1.5", "99"})
    QVERIFY2(messageOf([&] { visualOptions(bad, 4); }).find("visual_levels") != std::string::npos, bad);
  QVERIFY(messageOf([] { visualOptions("0,1,2", 2); }).find("visual_tokens") != std::string::npos);
}

void TestEngineLanguageTune::aNewProjectorWritesAsTheEmbeddingDoes() {
  const Seeing seeing;
  const double wanted = embeddingDeviation(seeing.model.decoder);
  QVERIFY(std::abs(wanted - 0.3) < 0.01);
  const double found = seeing.model.projector(randomTokens(400, 1)).pow(2).mean().sqrt().item<double>();
  QVERIFY2(found > 0.5 * wanted && found < 2.0 * wanted, std::to_string(found).c_str());
}

void TestEngineLanguageTune::lossIsTheAnswersCrossEntropy() {
  const Seeing seeing;
  const VisualTokens seen = randomTokens(3, 5);
  const TalkTokens talk = talkOf({1, 7, kVisualPlace, 9, 40, 41, 2}, {0, 0, 0, 0, 1, 1, 1});
  const auto loss = seeing.model.loss(std::vector<SeenTalk>{{&talk, &seen}}, {});
  QCOMPARE(loss.tokens, int64_t{3});
  const at::Tensor row =
      at::cat({seeing.model.decoder.embed(whole({1, 7})), seeing.model.projector(seen), seeing.model.decoder.embed(whole({9, 40, 41}))}, 0);
  const at::Tensor logits = seeing.model.decoder.logits(seeing.model.decoder.forward(row.unsqueeze(0)))[0];
  const at::Tensor expected = at::cross_entropy_loss(logits.slice(0, 5), whole({40, 41, 2}), {}, at::Reduction::Sum);
  QVERIFY2(relativeDifference(loss.sum, expected) < 1e-5, std::to_string(loss.sum.item<double>()).c_str());
  const TalkTokens other = talkOf({1, 7, kVisualPlace, 9, 40, 41, 2}, {0, 1, 0, 1, 1, 1, 1});
  QVERIFY(relativeDifference(seeing.model.loss(std::vector<SeenTalk>{{&other, &seen}}, {}).sum, expected) > 0.1);  // the mask matters
}

void TestEngineLanguageTune::lossDoesNotDependOnTheOtherTalks() {
  const Seeing seeing;
  const VisualTokens few = randomTokens(2, 5), many = randomTokens(9, 7);
  const TalkTokens small = talkOf({1, kVisualPlace, 9, 2}, {0, 0, 1, 1}),
                   large = talkOf({1, 5, 6, kVisualPlace, 9, 10, 11, 12, 2}, {0, 0, 0, 0, 0, 1, 1, 1, 1});
  const std::vector<SeenTalk> both = {{&small, &few}, {&large, &many}};
  const at::Tensor alone = seeing.model.loss(std::span(both).first(1), {}).sum + seeing.model.loss(std::span(both).last(1), {}).sum;
  QVERIFY(relativeDifference(seeing.model.loss(both, {}).sum, alone) < 1e-5);
}

void TestEngineLanguageTune::onlyTheProjectorLearns() {
  Seeing seeing;
  const auto base = copies(seeing.model.base), projecting = copies(seeing.model.projecting);
  QVERIFY(trainable(seeing.model.base).empty());
  const VisualTokens a = randomTokens(4, 5), b = randomTokens(4, 50);
  const TalkTokens says_a = talkOf({1, kVisualPlace, 9, 40, 2}, {0, 0, 0, 1, 1}),
                   says_b = talkOf({1, kVisualPlace, 9, 77, 2}, {0, 0, 0, 1, 1});
  const std::vector<SeenTalk> talks = {{&says_a, &a}, {&says_b, &b}};
  Adam adam(trainable(seeing.model.projecting), 0.01);
  const double before = seeing.model.loss(talks, {}).sum.item<double>();
  for (int i = 0; i < 60; ++i) adam.step(seeing.model.loss(talks, {}).sum);
  const double after = seeing.model.loss(talks, {}).sum.item<double>();
  QVERIFY2(after < 0.7 * before, (std::to_string(before) + " to " + std::to_string(after)).c_str());
  QVERIFY(equalSets(seeing.model.base, base));
  QVERIFY(!equalSets(seeing.model.projecting, projecting));
}

void TestEngineLanguageTune::newAdaptersChangeNothingAndLearn() {
  Seeing seeing;
  const VisualTokens seen = randomTokens(4, 5);
  const TalkTokens talk = talkOf({1, kVisualPlace, 9, 40, 2}, {0, 0, 0, 1, 1});
  const std::vector<SeenTalk> talks = {{&talk, &seen}};
  const at::Tensor before = seeing.model.loss(talks, {}).sum.detach();
  at::Generator generator = makeGenerator(1);
  seeing.model.decoder.addLora(seeing.model.adapting, tunedLora(4, 8.0, 0.0), generator);
  QVERIFY(at::equal(seeing.model.loss(talks, {}).sum.detach(), before));
  QCOMPARE(seeing.model.adapting.size(), int64_t{2 * 2 * 7});  // A and B of seven projections in two layers
  const auto base = copies(seeing.model.base);
  Adam adam(trainable(seeing.model.adapting), 0.02);
  for (int i = 0; i < 30; ++i) adam.step(seeing.model.loss(talks, {}).sum);
  QVERIFY(seeing.model.loss(talks, {}).sum.item<double>() < 0.5 * before.item<double>());
  QVERIFY(equalSets(seeing.model.base, base));
}

namespace {

TunedRecord recordOf(const std::string& stage) {
  TunedRecord record;
  record.stage = stage;
  record.model_folder = "/models/tiny";
  record.model_hash = "h";
  record.run_folder = "/runs/one";
  record.run_id = "r";
  record.checkpoint_step = 12;
  record.chat_template = "two";
  record.visual = visualOptions("0,2", 6);
  record.node_width = 6;
  record.model_width = 32;
  record.history = {{"epochs", nlohmann::json::array()}};
  if (stage == "lora") record.lora = tunedLora(4, 8.0, 0.05);
  return record;
}

void scatter(const ParameterSet& set, uint64_t seed) {
  at::Generator generator = makeGenerator(seed);
  const at::NoGradGuard no_grad;
  for (at::Tensor leaf : set.tensors()) leaf.copy_(normalInit(leaf.sizes(), 0.2, generator, at::kFloat));
}

}  // namespace

void TestEngineLanguageTune::filesBringBackTheSameModel() {
  const TemporaryFolder folder;
  const auto out = folder.path() / "tuned", model = folder.path() / "model";
  std::filesystem::create_directories(model);
  Seeing first;
  writeDecoder(first.model.decoder, model);
  at::Generator generator = makeGenerator(1);
  first.model.decoder.addLora(first.model.adapting, tunedLora(4, 8.0, 0.05), generator);
  writeTuned(out, recordOf("lora"), first.model);  // replaced as a whole by the next
  scatter(first.model.projecting, 4);
  scatter(first.model.adapting, 5);
  writeTuned(out / "", recordOf("lora"), first.model);
  int entries = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(folder.path())) ++entries;
  QCOMPARE(entries, 2);  // nothing is left aside
  const TunedRecord record = readTunedRecord(out);
  QCOMPARE(record.stage, std::string("lora"));
  QCOMPARE(record.run_id, std::string("r"));
  QCOMPARE(record.checkpoint_step, int64_t{12});
  QCOMPARE(levelsText(record.visual), std::string("0,2"));
  QCOMPARE(record.lora.rank, int64_t{4});
  SeeingDecoder again;
  again.decoder = loadDecoder(again.base, "", model, at::kFloat).decoder;
  loadTuned(out, record, 6, true, again);
  const VisualTokens seen = randomTokens(4, 5);
  const TalkTokens talk = talkOf({1, kVisualPlace, 9, 40, 2}, {0, 0, 0, 1, 1});
  const std::vector<SeenTalk> talks = {{&talk, &seen}};
  const at::NoGradGuard no_grad;
  const at::Tensor loss = first.model.loss(talks, {}).sum;
  QVERIFY(at::equal(again.loss(talks, {}).sum, loss));
  // The adapters are what merge-lora reads: merged into the weights, they say the same.
  const auto merged = folder.path() / "merged";
  std::filesystem::create_directories(merged);
  std::filesystem::copy_file(model / "config.json", merged / "config.json");
  mergeLora(model, out / "lora.safetensors", merged / "model.safetensors");
  SeeingDecoder whole_model;
  whole_model.decoder = loadDecoder(whole_model.base, "", merged, at::kFloat).decoder;
  loadTuned(out, record, 6, false, whole_model);
  QVERIFY(whole_model.adapting.size() == 0 && relativeDifference(whole_model.loss(talks, {}).sum, loss) < 1e-4);
  QVERIFY(modelHash(model) != modelHash(merged));
  QCOMPARE(modelHash(model), modelHash(model));
}

void TestEngineLanguageTune::filesThatDoNotFitAreNamed() {
  const TemporaryFolder folder;
  const auto out = folder.path() / "tuned";
  const Seeing first;
  writeTuned(out, recordOf("projector"), first.model);
  QVERIFY(isTunedFolder(out) && !isTunedFolder(folder.path()));
  QVERIFY(messageOf([&] { readTunedRecord(folder.path()); }).find("tune.json") != std::string::npos);
  const auto load = [&](int64_t width) {
    SeeingDecoder other;
    at::Generator generator = makeGenerator(1);
    other.decoder = Decoder(other.base, "", speakingShape(), generator, at::kFloat);
    return messageOf([&] { loadTuned(out, readTunedRecord(out), width, true, other); });
  };
  QCOMPARE(load(6), std::string());
  QVERIFY(load(7).find("node_width") != std::string::npos);
  const auto with = [&](const char* key, const nlohmann::json& value) {
    nlohmann::json root = nlohmann::json::parse(readFile(out / "tune.json"));
    root[key] = value;
    writeFileAtomic(out / "tune.json", root.dump());
  };
  with("model_width", 64);
  QVERIFY(load(6).find("model_width") != std::string::npos);
  with("model_width", 32);
  with("stage", "lora");
  QVERIFY(load(6).find("lora") != std::string::npos);
  with("lora", {{"rank", 4}, {"alpha", 8.0}});
  QVERIFY(load(6).find("lora.safetensors") != std::string::npos);
  with("stage", "projector");
  with("node_width", 7);
  QVERIFY(load(7).find("projector.safetensors") != std::string::npos);
  for (const auto& [key, value] : std::vector<std::pair<const char*, nlohmann::json>>{
           {"stage", "third"}, {"node_width", -1}, {"node_width", 1.5}, {"model", 5}, {"visual_levels", "x"}, {"made_by", "someone"}}) {
    const nlohmann::json before = nlohmann::json::parse(readFile(out / "tune.json"));
    with(key, value);
    QVERIFY2(!messageOf([&] { readTunedRecord(out); }).empty(), key);
    writeFileAtomic(out / "tune.json", before.dump());
  }
  writeFileAtomic(out / "tune.json", "{\"made_by\"");
  QVERIFY(messageOf([&] { readTunedRecord(out); }).find("tune.json") != std::string::npos);
}

void TestEngineLanguageTune::memoryIsEstimated() {
  const DecoderShape seven;  // the defaults are LLaMA's 7B
  const double bytes = tuningBytes(seven, 13.5e9, 2048);
  QVERIFY2(bytes > 27e9 + 13.5e9 && bytes < 75e9, std::to_string(bytes).c_str());
  const std::string message = messageOf([&] { requireMemory(seven, 13.5e9, 2048, 16e9, "models/seven"); });
  QVERIFY2(message.find("models/seven") != std::string::npos && message.find("16") != std::string::npos &&
               message.find("GB") != std::string::npos,
           message.c_str());
  requireMemory(seven, 13.5e9, 2048, 96e9, "");
  requireMemory(seven, 13.5e9, 2048, 0.0, "");  // unknown
  QVERIFY(availableMemory() > 1e6);
}

QTEST_GUILESS_MAIN(TestEngineLanguageTune)
#include "tst_engine_language_tune.moc"
