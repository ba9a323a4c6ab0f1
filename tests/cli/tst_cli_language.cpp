// SPDX-License-Identifier: Apache-2.0
#include <signal.h>

#include <QProcess>
#include <QtTest>
#include <cmath>
#include <cstring>
#include <set>

#include "cli.h"
#include "core/language/fake_server.h"
#include "runs/safetensors.h"
#include "support/golden.h"

using namespace hvlm::testing;
using nlohmann::json;

namespace {

QString q(const std::string& text) { return QString::fromStdString(text); }

// A model that speaks, small and trained hard enough to say more than the constant answer.
const QStringList kLanguage = {QStringLiteral("encoder.dim=32"),        QStringLiteral("head.answer=true"),
                               QStringLiteral("head.caption=true"),     QStringLiteral("loss.text=0.5"),
                               QStringLiteral("loss.segment_text=0.5"), QStringLiteral("text.tower=hashed"),
                               QStringLiteral("text.buckets=256"),      QStringLiteral("language.width=32"),
                               QStringLiteral("language.layers=1"),     QStringLiteral("language.answer_layers=1"),
                               QStringLiteral("train.holdout=0"),       QStringLiteral("train.lr=0.005"),
                               QStringLiteral("train.epochs=40"),       QStringLiteral("train.checkpoint_steps=5")};

hvlm::PlainTensor floats(std::vector<int64_t> shape, const std::vector<float>& values) {
  hvlm::PlainTensor tensor{.dtype = "F32", .shape = std::move(shape), .bytes = std::vector<std::byte>(values.size() * sizeof(float))};
  std::memcpy(tensor.bytes.data(), values.data(), tensor.bytes.size());
  return tensor;
}
bool holds(const QString& file, const char* name, const std::vector<float>& values) {
  const auto tensors = hvlm::readSafetensors(file.toStdString());
  return tensors.at(name).bytes == floats({}, values).bytes;
}

// What a server was sent, without the head.
json bodyOf(const std::string& request) { return json::parse(request.substr(request.find("\r\n\r\n") + 4)); }

}  // namespace

// One run with texts, made once, and everything that reads or writes words.
class TestLanguage : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void initTestCase();
  void instructionsAreConvertedAndFiltered();
  void weightToolsTellWhatTheyDid();
  void evaluationKnowsTextAnswersAndCaptions();
  void filesOfAnswersAndCaptionsScoreAsTheReportSays();
  void retrieveFindsVideosAndMoments();
  void aDamagedIndexIsMadeAnew_data();
  void aDamagedIndexIsMadeAnew();
  void theRunsHeadsAnswer();
  void aLanguageModelAnswers();
  void aServerGetsTheEvidence();
  void aServerThatFailsGivesOneLine();
  void answersAreJudged();
  void anInterruptedRunGoesOnByteForByte();
  void badTextsAreListed();
  void eachGetsOneClearLine_data();
  void eachGetsOneClearLine();
  void wrongUsageIsSaid_data();
  void wrongUsageIsSaid();

 private:
  QString file(const QString& name) const { return folder_.filePath(name); }
  // Words of a command line; {name} is a file of the test's folder, {} a text of three blanks, + a blank within a word.
  QStringList wordsOf(const QString& line) const {
    QStringList words;
    for (QString word : line.split(QLatin1Char(' '), Qt::SkipEmptyParts)) {
      if (word == QStringLiteral("{}")) {
        word = QStringLiteral("   ");
      } else if (word.startsWith(QLatin1Char('{'))) {
        word = file(word.mid(1, word.size() - 2));
      }
      words << word.replace(QLatin1Char('+'), QLatin1Char(' '));
    }
    return words;
  }
  ProcessResult call(const char* line, const QStringList& more = {}) const { return callHvlm(wordsOf(QString::fromUtf8(line)) + more); }
  json answerOf(const char* line, const QStringList& more = {}) const {
    const ProcessResult result = call(line, more + QStringList{QStringLiteral("--json")});
    if (result.exit_code != 0) throw std::runtime_error("exit code " + std::to_string(result.exit_code) + ": " + result.err.toStdString());
    return oneObject(result);
  }
  json askServer(FakeServer& server, const char* line) const { return answerOf(line, {QStringLiteral("--server"), q(server.address())}); }
  void writeJson(const char* name, const json& value) const {
    writeBytes(file(QString::fromLatin1(name)), QByteArray::fromStdString(value.dump()));
  }
  QString copyOfSet(const char* name) const {
    return makeSet(file(QString::fromLatin1(name)), {QStringLiteral("--videos"), QStringLiteral("16")});
  }
  double durationOf(const std::string& video) const { return annotations_.at("database").at(video).at("duration").get<double>(); }
  bool isValidation(const std::string& video) const {
    return annotations_.at("database").contains(video) && annotations_["database"][video].at("subset") == "validation";
  }
  json setFile(const char* name) const { return jsonOf(file(QStringLiteral("set/") + QString::fromLatin1(name))); }

  QTemporaryDir folder_;
  json annotations_;
};

void TestLanguage::initTestCase() {
  const QString dataset = copyOfSet("set");
  annotations_ = setFile("annotations.json");
  const QStringList quick = {QStringLiteral("--config"), QStringLiteral("quick")};
  for (const auto& [name, settings] : {std::pair{"run", kLanguage}, std::pair{"silent", QStringList{QStringLiteral("train.epochs=1")}}}) {
    const ProcessResult result = trainTiny(dataset, file(QString::fromLatin1(name)), settings, quick);
    QVERIFY2(result.exit_code == 0, result.err.constData());
  }
  // A LLaMA of random weights with a row for each of a tokenizer's 800 tokens, and one whose tokenizer is another's.
  const QString data = q(sourceFolder()) + QStringLiteral("/tests/data/");
  for (const char* name : {"llama", "short", "misfit"}) {
    const QString target = file(QString::fromLatin1(name));
    QVERIFY(QDir().mkpath(target));
    QVERIFY(QFile::copy(data + QStringLiteral("language/bpe_metaspace.json"), target + QStringLiteral("/tokenizer.json")));
    writeBytes(target + QStringLiteral("/tokenizer_config.json"),
               R"({"bos_token": "<s>", "chat_template": "{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}assistant:"})");
    json config = jsonOf(data + QStringLiteral("llama/tied/config.json"));
    auto tensors = hvlm::readSafetensors((data + QStringLiteral("llama/tied/model.safetensors")).toStdString());
    if (QLatin1String(name) != QLatin1String("misfit")) {
      std::vector<float> rows;
      for (int i = 0; i < 800 * 32; ++i) rows.push_back(std::sin(12.9898f * static_cast<float>(i)));
      tensors.at("model.embed_tokens.weight") = floats({800, 32}, rows);
      config["vocab_size"] = 800;
      if (QLatin1String(name) == QLatin1String("llama")) config["max_position_embeddings"] = 8192;
    }
    writeBytes(target + QStringLiteral("/config.json"), QByteArray::fromStdString(config.dump()));
    hvlm::writeSafetensors((target + QStringLiteral("/model.safetensors")).toStdString(), tensors);
  }
}

void TestLanguage::instructionsAreConvertedAndFiltered() {
  const json talk = {{"id", "7"},
                     {"video", "videos/synth000001.mp4"},
                     {"conversations", {{{"from", "human"}, {"value", "<video>\nHi"}}, {{"from", "gpt"}, {"value", "Yes"}}}}};
  writeJson("pairs.json", {{{"q", "What?"}, {"a", "A dog."}, {"video_id", "v_synth000000"}},
                           {{"q", "Who?"}, {"a", "A man."}, {"video_id", "v_nobody"}},
                           {{"q", "Where?"}, {"a", "  "}, {"video_id", "v_synth000000"}},
                           talk,
                           5,
                           {{"q", "When?"}, {"a", "Now."}}});
  const json converted = answerOf("data convert --in {pairs.json} --out {training.json}");
  QCOMPARE(converted.at("items").get<int>(), 3);
  QCOMPARE(converted.at("dropped"), json({{"no answer", 1}, {"another form", 1}, {"no video", 1}}));
  const json training = jsonOf(file(QStringLiteral("training.json")));
  QCOMPARE(training.size(), size_t{3});
  QCOMPARE(training[0],
           json({{"id", "v_synth000000_0"},
                 {"video", "v_synth000000"},
                 {"conversations", {{{"from", "human"}, {"value", "What?\n<video>"}}, {{"from", "gpt"}, {"value", "A dog."}}}}}));
  QCOMPARE(training[1].at("conversations")[0].at("value").get<std::string>(), std::string("<video>\nWho?"));
  QCOMPARE(training[2], talk);
  const QByteArray bytes = bytesOf(file(QStringLiteral("training.json")));
  QVERIFY(answerOf("data convert --in {training.json} --out {again.json}").at("dropped").empty());
  QCOMPARE(bytesOf(file(QStringLiteral("again.json"))), bytes);  // its own form stays what it is
  writeBytes(file(QStringLiteral("ids.txt")), "synth000001\n\nv_synth000000\n");
  for (const char* features : {"{ids.txt}", "{set/features.h5}"}) {
    const json kept = answerOf("data filter --in {pairs.json} --out {kept.json} --features", wordsOf(QString::fromLatin1(features)));
    QCOMPARE(kept.at("items").get<int>(), 2);
    QCOMPARE(kept.at("dropped").at("no features").get<int>(), 1);
    QCOMPARE(jsonOf(file(QStringLiteral("kept.json"))), json({training[0], training[2]}));
  }
}

void TestLanguage::weightToolsTellWhatTheyDid() {
  const auto write = [&](const char* name, const hvlm::TensorMap& tensors) {
    hvlm::writeSafetensors(file(QString::fromLatin1(name)).toStdString(), tensors);
  };
  write("base.safetensors", {{"q.weight", floats({2, 2}, {1, 2, 3, 4})}, {"old", floats({1}, {9})}});
  write("delta.safetensors", {{"q.weight", floats({2, 2}, {1, 1, 1, 1})}, {"new", floats({1}, {5})}});
  const json applied = answerOf("apply-delta --base {base.safetensors} --delta {delta.safetensors} --out {sum.safetensors}");
  for (const auto& [key, number] : std::map<std::string, int>{{"tensors", 2}, {"changed", 1}, {"copied", 1}, {"grown", 0}, {"left_out", 1}})
    QVERIFY2(applied.at(key) == number, key.c_str());
  QVERIFY(holds(file(QStringLiteral("sum.safetensors")), "q.weight", {2, 3, 4, 5}));
  answerOf("apply-delta --reverse --base {base.safetensors} --delta {sum.safetensors} --out {back.safetensors}");
  QVERIFY(holds(file(QStringLiteral("back.safetensors")), "q.weight", {1, 1, 1, 1}));
  write("adapter.safetensors",
        {{"base_model.model.q.lora_A.weight", floats({1, 2}, {1, 2})}, {"base_model.model.q.lora_B.weight", floats({2, 1}, {3, -1})}});
  QCOMPARE(answerOf("merge-lora --base {base.safetensors} --adapter {adapter.safetensors} --alpha 2 --out {merged.safetensors}")
               .at("changed")
               .get<int>(),
           1);
  QVERIFY(holds(file(QStringLiteral("merged.safetensors")), "q.weight", {1 + 6, 2 + 12, 3 - 2, 4 - 4}));
  const std::string sharded = sourceFolder() + "/tests/data/llama/sharded";
  const json index = jsonOf(q(sharded) + QStringLiteral("/model.safetensors.index.json")).at("weight_map");
  const json put = answerOf("consolidate --out {one.safetensors}", {q(sharded)});
  QCOMPARE(put.at("shards").get<int>(), 2);
  QCOMPARE(put.at("tensors").get<size_t>(), index.size());
  const auto one = hvlm::readSafetensors(file(QStringLiteral("one.safetensors")).toStdString());
  for (const auto& [name, shard] : index.items())
    QVERIFY2(one.at(name).bytes == hvlm::readSafetensors(sharded + "/" + shard.get<std::string>()).at(name).bytes, name.c_str());
}

void TestLanguage::evaluationKnowsTextAnswersAndCaptions() {
  const json report = answerOf("eval --threads 1 --run {run}");
  QCOMPARE(report.at("text").get<std::string>(), std::string("hashed"));
  const json captions = setFile("captions_val.json");
  size_t sentences = 0;
  for (const auto& video : captions) sentences += video.at("sentences").size();
  for (const auto& [key, queries] : std::map<std::string, size_t>{
           {"text_to_video", captions.size()}, {"video_to_text", captions.size()}, {"text_to_moment", sentences}}) {
    const json& found = report.at("retrieval").at(key);
    const auto value = [&](const char* name) { return found.at(name).get<double>(); };
    QCOMPARE(found.at("queries").get<size_t>(), queries);
    QCOMPARE(value("chance_r1"), 1.0 / static_cast<double>(queries));
    QVERIFY(value("r1") >= 0.0 && value("r1") <= value("r5") && value("r5") <= value("r10") && value("r10") <= 1.0);
    QVERIFY(value("median_rank") >= 1.0 && value("median_rank") <= static_cast<double>(queries));
  }
  const json& qa = report.at("qa");
  QCOMPARE(qa.at("questions").get<size_t>(), setFile("qa_val_q.json").size());
  QVERIFY(qa.at("per_type").contains("3"));  // yes or no
  for (const char* control : {"majority", "question_only"}) QVERIFY2(qa.at("controls").at(control).at("accuracy").is_number(), control);
  QVERIFY2(qa.at("accuracy").get<double>() > qa["controls"]["majority"]["accuracy"].get<double>(),
           qa.dump().c_str());  // it has learned something
  for (const char* key : {"bleu4", "rouge_l", "cider"}) {
    QVERIFY2(report.at("captions").at(key).get<double>() > 0.01, report["captions"].dump().c_str());
    for (const auto& [name, control] : report["captions"].at("controls").items()) QVERIFY2(control.at(key).is_number(), name.c_str());
  }
  QCOMPARE(report.at("captions").at("stretches").get<size_t>(), sentences);
  for (const char* control : {"best constant sentence", "oracle class + its best sentence"})
    QVERIFY2(report["captions"]["controls"].contains(control), control);
  QVERIFY(report.at("classification").at("zero_shot").get<double>() >= 0.0 && report["classification"]["zero_shot"].get<double>() <= 1.0);
  for (const char* key : {"qa", "captions", "retrieval", "classification.zero_shot"}) QVERIFY2(!report.at("absent").contains(key), key);
  const json silent = answerOf("eval --threads 1 --run {silent} --no-report").at("absent");
  for (const char* key : {"qa", "captions", "retrieval", "classification.zero_shot"}) QVERIFY2(silent.contains(key), key);
}

void TestLanguage::filesOfAnswersAndCaptionsScoreAsTheReportSays() {
  const json report = jsonOf(file(QStringLiteral("run/report.json")));  // of the evaluation before
  const json score = answerOf(
      "score qa --truth {set/qa_val_a.json} --questions {set/qa_val_q.json} --training-answers {set/qa_train_a.json} "
      "--training-questions {set/qa_train_q.json} --predictions {run/predictions/validation_answers.json}");
  QCOMPARE(score.at("all"), report.at("qa").at("accuracy"));
  QCOMPARE(score.at("per_type"), report["qa"].at("per_type"));
  QCOMPARE(score.at("missing").get<int>() + score.at("unknown_ids").get<int>(), 0);
  for (const char* control : {"majority", "question_only"})
    QCOMPARE(score.at("controls").at(control).at("all"), report["qa"]["controls"].at(control).at("accuracy"));
  const json captions = answerOf("score captions --truth {set/captions_val.json} --predictions {run/predictions/validation_captions.json}");
  QCOMPARE(captions.at("precision").get<double>(), 1.0);  // one sentence for each stretch of the truth
  QCOMPARE(captions.at("recall").get<double>(), 1.0);
  QCOMPARE(captions.at("events"), report.at("captions").at("stretches"));
}

void TestLanguage::retrieveFindsVideosAndMoments() {
  const json answer = answerOf("retrieve a+person+repeats+push --threads 1 --run {run}");
  QCOMPARE(answer.at("text").get<std::string>(), std::string("hashed"));
  QCOMPARE(answer.at("query").get<std::string>(), std::string("a person repeats push"));
  int validation = 0;
  for (const auto& [video, entry] : annotations_.at("database").items()) validation += isValidation(video);
  QCOMPARE(answer.at("videos_searched").get<int>(), validation);
  QCOMPARE(answer.at("videos").size(), static_cast<size_t>(std::min(10, validation)));
  QCOMPARE(answer.at("moments").size(), size_t{10});
  std::set<std::string> videos;
  for (const char* kind : {"videos", "moments"}) {
    double before = 1.0 + 1e-6;
    for (const json& hit : answer.at(kind)) {
      const auto video = hit.at("video").get<std::string>();
      QVERIFY2(isValidation(video), video.c_str());
      const double start = hit.at("start").get<double>(), end = hit.at("end").get<double>();
      QVERIFY2(start >= 0.0 && start < end && end <= durationOf(video) + 1e-6, hit.dump().c_str());
      QVERIFY2(hit.at("similarity").get<double>() <= before, "falling similarity");
      before = hit.at("similarity").get<double>();
      if (kind == std::string("videos"))
        QVERIFY2(videos.insert(video).second && start == 0.0 && std::abs(end - durationOf(video)) < 1e-6, hit.dump().c_str());
    }
  }
  const QFileInfo index(file(QStringLiteral("run/index/validation.safetensors")));
  QVERIFY(index.exists());
  const json again = answerOf("retrieve a+person+repeats+push --threads 1 --most 3 --run {run}");
  QCOMPARE(again.at("videos"), json(answer.at("videos").begin(), answer.at("videos").begin() + 3));
  QCOMPARE(again.at("moments"), json(answer.at("moments").begin(), answer.at("moments").begin() + 3));
  QCOMPARE(QFileInfo(index.filePath()).lastModified(), index.lastModified());  // it was read, not made again
  QVERIFY(call("retrieve a+person --run {run} --most 1").out.contains("text: hashed"));
}

void TestLanguage::aDamagedIndexIsMadeAnew_data() {
  QTest::addColumn<QString>("damage");
  for (const char* damage : {"cut", "noise", "empty", "other"}) QTest::newRow(damage) << QString::fromLatin1(damage);
}
void TestLanguage::aDamagedIndexIsMadeAnew() {
  QFETCH(QString, damage);
  const QString index = file(QStringLiteral("run/index/validation.safetensors"));
  const json before = answerOf("retrieve push+then+turn --threads 1 --run {run}");
  const QByteArray bytes = bytesOf(index);
  writeBytes(index, damage == QStringLiteral("cut")     ? bytes.left(bytes.size() / 2)
                    : damage == QStringLiteral("noise") ? QByteArray(2000, 'x')
                                                        : QByteArray());
  if (damage == QStringLiteral("other")) hvlm::writeSafetensors(index.toStdString(), {{"videos", floats({1}, {1})}});
  const json after = answerOf("retrieve push+then+turn --threads 1 --run {run}");
  QCOMPARE(after.at("videos"), before.at("videos"));
  QCOMPARE(after.at("moments"), before.at("moments"));
  QCOMPARE(bytesOf(index), bytes);
}

void TestLanguage::theRunsHeadsAnswer() {
  std::set<std::string> known;
  for (const json& answer : setFile("qa_train_a.json")) known.insert(answer.at("answer").get<std::string>());
  const std::string video = setFile("qa_val_q.json")[0].at("video_name").get<std::string>();
  const json answer = answerOf("ask what+moves+does+the+person+repeat --threads 1 --run {run} --video", {q(video)});
  QCOMPARE(answer.at("by").get<std::string>(), std::string("answer head, captions"));
  QCOMPARE(answer.at("question").get<std::string>(), std::string("what moves does the person repeat"));
  QCOMPARE(answer.at("video").get<std::string>(), video);
  const auto text = answer.at("answer").get<std::string>();
  QVERIFY2(known.contains(text.substr(0, text.find(" ("))), text.c_str());
  const double confidence = answer.at("confidence").get<double>();
  QVERIFY(confidence >= 1.0 / static_cast<double>(known.size()) && confidence <= 1.0);
  QVERIFY2(text.find("(" + std::to_string(std::lround(100.0 * confidence)) + " %)") != std::string::npos, text.c_str());
  QVERIFY(!answer.at("moments").empty());
  QCOMPARE(answer.at("moments").size(), static_cast<size_t>(std::count(text.begin(), text.end(), '[')));  // each one can be read back
  for (const json& moment : answer.at("moments")) {
    QVERIFY2(moment[0] >= 0.0 && moment[0] <= moment[1] && moment[1] <= durationOf(video) + 1.0, moment.dump().c_str());
  }
  const json other =
      answerOf("ask how+many+times+does+the+person+start+lift,+then+turn,+then+push --threads 1 --run {run} --video", {q(video)});
  QVERIFY(other.at("confidence") != answer.at("confidence"));  // the question counts
  const ProcessResult printed = call("ask what+moves+does+the+person+repeat --threads 1 --run {run} --video", {q(video)});
  QCOMPARE(printed.out.trimmed(), QByteArray::fromStdString(text).trimmed());
  QVERIFY(printed.out.endsWith('\n'));
}

void TestLanguage::aLanguageModelAnswers() {
  const char* line = "ask what+happens --threads 1 --run {run} --video synth000002 --model {llama} --max-tokens 8 --temperature 0";
  const json answer = answerOf(line);
  QCOMPARE(answer.at("by").get<std::string>(), std::string("llama"));
  QVERIFY2(answer.at("tokens") >= 1 && answer.at("tokens") <= 8, answer.dump().c_str());
  QVERIFY(!answer.at("answer").get<std::string>().empty());
  QCOMPARE(answerOf(line).at("answer"), answer.at("answer"));  // always the likeliest word
  QCOMPARE(call(line).out, QByteArray::fromStdString(answer.at("answer").get<std::string>()) + "\n");
  const char* drawn =
      "ask what+happens --threads 1 --run {silent} --video synth000002 --model {llama} --max-tokens 8 --temperature 1 --seed";
  const json first = answerOf(drawn, {QStringLiteral("1")}).at("answer");
  QCOMPARE(answerOf(drawn, {QStringLiteral("1")}).at("answer"), first);
  QVERIFY(answerOf(drawn, {QStringLiteral("2")}).at("answer") != first);
}

void TestLanguage::aServerGetsTheEvidence() {
  FakeServer server([](const FakeServer::Peer& peer) {
    peer.send(eventHead() + wordEvent("Early, ") + wordEvent("[00:01-00:03]; late, [59:00].") + doneEvent());
  });
  const QStringList address = {QStringLiteral("--server"), q(server.address())};
  const QStringList words =
      wordsOf(QStringLiteral("ask when+is+it --threads 1 --run {run} --video synth000002 --server-model tiny --conversation {talk.json}")) +
      address;
  const ProcessResult result = callHvlm(words, {}, {QStringLiteral("HVLM_SERVER_KEY=sk-very-secret")});
  QVERIFY2(result.exit_code == 0, result.err.constData());
  QCOMPARE(result.out, QByteArrayLiteral("Early, [00:01-00:03]; late, [59:00].\n"));
  const std::string request = server.request();
  QVERIFY(request.find("Authorization: Bearer sk-very-secret\r\n") != std::string::npos);
  QVERIFY(!result.err.contains("sk-very-secret") && !bytesOf(file(QStringLiteral("talk.json"))).contains("sk-very-secret"));
  const json body = bodyOf(request);
  QCOMPARE(body.at("model").get<std::string>(), std::string("tiny"));
  QCOMPARE(body.at("messages").size(), size_t{2});
  const auto evidence = body["messages"][0].at("content").get<std::string>();
  QCOMPARE(body["messages"][0].at("role").get<std::string>(), std::string("system"));
  for (const char* part : {"Evidence:\nVideo synth000002, length ", "Segments found", "Captions:\n- [", "Activities of the whole video"})
    QVERIFY2(evidence.find(part) != std::string::npos, evidence.c_str());
  QCOMPARE(body["messages"][1], json({{"role", "user"}, {"content", "when is it"}}));
  // The talk goes on; a moment past the end of the video is no moment.
  const json second = askServer(server, "ask and+then --threads 1 --run {run} --video synth000002 --conversation {talk.json}");
  QCOMPARE(second.at("by").get<std::string>(), server.address());
  QCOMPARE(second.at("moments"), json({{1.0, 3.0}}));
  const json messages = bodyOf(server.request()).at("messages");
  QCOMPARE(messages.size(), size_t{4});
  QCOMPARE(messages[1].at("content").get<std::string>(), std::string("when is it"));
  QCOMPARE(messages[2], json({{"role", "assistant"}, {"content", "Early, [00:01-00:03]; late, [59:00]."}}));
  QCOMPARE(messages[3].at("content").get<std::string>(), std::string("and then"));
  askServer(server, "ask what --threads 1 --run {silent} --video synth000002");  // any run: without captions of its own
  QVERIFY(bodyOf(server.request()).at("messages")[0].at("content").get<std::string>().find("Captions:") == std::string::npos);
  QCOMPARE(server.requests(), 3);
}

void TestLanguage::aServerThatFailsGivesOneLine() {
  std::string address;
  {
    FakeServer server([](const FakeServer::Peer& peer) {
      peer.send(reply("500 Internal Server Error", "application/json", R"({"error": {"message": "out of memory"}})"));
    });
    address = server.address();
    const ProcessResult result =
        call("ask what --threads 1 --run {run} --video synth000002 --conversation {none.json} --server", {q(address)});
    QCOMPARE(result.exit_code, 1);
    QCOMPARE(badErrorLine(result, {q(address), QStringLiteral("500"), QStringLiteral("out of memory")}), QString());
    QVERIFY2(result.out.isEmpty(), result.out.constData());
    QVERIFY(!QFile::exists(file(QStringLiteral("none.json"))));
    const ProcessResult empty = call("ask {} --threads 1 --run {run} --video synth000002 --server", {q(address)});
    QCOMPARE(badErrorLine(empty, {QStringLiteral("question"), QStringLiteral("some words")}), QString());
    QCOMPARE(server.requests(), 1);  // nothing is sent for no question
  }
  const ProcessResult result =
      call("ask what --threads 1 --run {run} --video synth000002 --server", {q(address)});  // now nobody listens there
  QCOMPARE(result.exit_code, 1);
  QCOMPARE(badErrorLine(result, {q(address), QStringLiteral("refused")}), QString());
}

void TestLanguage::answersAreJudged() {
  writeJson("items.json", {{{"id", "1"},
                            {"question", "Who?"},
                            {"reference", "a man runs"},
                            {"answer", "a man runs fast"},
                            {"second_question", "Whom?"},
                            {"second_answer", "a man runs"}},
                           {{"id", "2"}, {"question", "Is it?"}, {"reference", "yes"}, {"answer", "no"}}});
  const json offline = answerOf("score judged --items {items.json}");
  QVERIFY(!offline.contains("judged") && offline.at("reasons").contains("judged"));
  QCOMPARE(offline.at("offline").at("items").get<int>(), 2);
  QVERIFY(std::abs(offline["offline"].at("token_f1").get<double>() - (6.0 / 7.0) / 2.0) < 1e-9);  // 3 of 4 and 3 of 3 words; none
  QVERIFY(std::abs(offline["offline"].at("self_agreement").get<double>() - 6.0 / 7.0) < 1e-9);    // of the one with two answers
  writeBytes(
      file(QStringLiteral("judge.sh")),
      "read -r line\necho asked >> \"$1\"\ncase $line in *'\"dimension\":\"correctness\"'*'\"id\":\"1\"'*) echo '{\"score\": 5}';; "
      "*'\"dimension\":\"correctness\"'*) echo 'Score: 2/5';; *'\"dimension\":\"detail\"'*) echo 'I cannot say';; *) echo 3;; esac\n");
  const char* line =
      "score judged --items {items.json} --judge mine --judge-version 1 --replies {replies.jsonl} --command sh {judge.sh} {asked}";
  const json judged = answerOf(line).at("judged");
  QCOMPARE(judged.at("judge").get<std::string>() + " " + judged.at("version").get<std::string>(), std::string("mine 1"));
  const json& dimensions = judged.at("dimensions");
  QCOMPARE(dimensions.at("correctness"), json({{"mean", 3.5}, {"items", 2}, {"scored", 2}, {"unparsed", 0}}));
  QCOMPARE(dimensions.at("detail"), json({{"mean", nullptr}, {"items", 2}, {"scored", 0}, {"unparsed", 2}}));
  QCOMPARE(dimensions.at("consistency"), json({{"mean", 3.0}, {"items", 1}, {"scored", 1}, {"unparsed", 0}}));
  const QByteArray replies = bytesOf(file(QStringLiteral("replies.jsonl")));
  QCOMPARE(replies.count('\n'), 9);  // five dimensions of the first, four of the second
  QCOMPARE(bytesOf(file(QStringLiteral("asked"))).count('\n'), 9);
  const json again = answerOf(line).at("judged");
  QCOMPARE(again.at("resumed").get<int>(), 9);
  QCOMPARE(again.at("dimensions"), dimensions);
  QCOMPARE(bytesOf(file(QStringLiteral("asked"))).count('\n'), 9);  // nobody is asked twice
  QVERIFY(call("score judged --items {items.json}").out.contains("offline figures only"));
  const ProcessResult failed = call(
      "score judged --items {items.json} --judge mine --judge-version 2 --replies {replies.jsonl} --command=sh --command=-c "
      "--command=exit+3");
  QCOMPARE(failed.exit_code, 1);
  QCOMPARE(badErrorLine(failed, {QStringLiteral("exit code 3")}), QString());
  QCOMPARE(bytesOf(file(QStringLiteral("replies.jsonl"))), replies);
}

void TestLanguage::anInterruptedRunGoesOnByteForByte() {
  const QString dataset = file(QStringLiteral("set/dataset.yaml")), run = file(QStringLiteral("cut"));
  QProcess process;
  process.start(q(binFolder()) + QStringLiteral("/hvlm"),
                wordsOf(QStringLiteral("train --config quick --threads 1 --data {set/dataset.yaml} --run {cut}")) + tinyModel(kLanguage));
  QVERIFY(process.waitForStarted());
  QVERIFY(QTest::qWaitFor(
      [&] { return QFile::exists(run + QStringLiteral("/checkpoints/last/state.json")) || process.state() != QProcess::Running; }, 60000));
  ::kill(static_cast<pid_t>(process.processId()), SIGINT);
  QVERIFY(process.waitForFinished(60000));
  QCOMPARE(process.exitCode(), 130);
  const int saved = jsonOf(run + QStringLiteral("/checkpoints/last/state.json")).at("step").get<int>();
  const ProcessResult result = trainTiny(
      dataset, run, kLanguage, {QStringLiteral("--config"), QStringLiteral("quick"), QStringLiteral("--resume"), QStringLiteral("--json")});
  QVERIFY2(result.exit_code == 0, result.err.constData());
  const json answer = oneObject(result);
  QCOMPARE(answer.at("from_step").get<int>(), saved);
  QVERIFY(saved > 0 && saved < answer.at("step").get<int>());
  const auto whole = lastCheckpoint(file(QStringLiteral("run"))), files = lastCheckpoint(run);
  QVERIFY(whole.contains(QStringLiteral("weights.safetensors")));
  QCOMPARE(files.keys(), whole.keys());
  for (auto it = whole.begin(); it != whole.end(); ++it)
    QVERIFY2(files[it.key()] == it.value(), qPrintable(it.key() + QStringLiteral(" differs")));
}

void TestLanguage::badTextsAreListed() {
  copyOfSet("odd");
  json captions = setFile("captions_val.json");
  std::vector<std::string> ids;
  for (const auto& [id, entry] : captions.items()) ids.push_back(id);
  QVERIFY(ids.size() >= 4);
  captions[ids[0]]["sentences"][0] = "   ";
  captions[ids[1]]["timestamps"][0] = {1.0, 9999.0};
  captions[ids[2]]["timestamps"][0] = {5.0, 5.0};
  captions[ids[3]]["sentences"].push_back("one too many");
  captions["v_nobody"] = {{"timestamps", {{0, 1}}}, {"sentences", {"hello"}}};
  writeJson("odd/captions_val.json", captions);
  json questions = setFile("qa_val_q.json");
  questions.push_back(questions[0]);
  questions[1].erase("question");
  writeJson("odd/qa_val_q.json", questions);
  const json report = answerOf("inspect {odd/dataset.yaml}");
  const json expected = {{"bad_caption", 2},  {"caption_outside", 1},    {"caption_zero_length", 1},    {"no_video_for_caption", 1},
                         {"bad_question", 1}, {"duplicate_question", 1}, {"answer_without_question", 1}};
  QCOMPARE(report.at("problems").at("by_kind"), expected);
  QCOMPARE(answerOf("eval --threads 1 --run {run} --data {odd/dataset.yaml} --no-report").at("qa").at("questions").get<size_t>(),
           questions.size() - 2);  // counted, not fatal
}

void TestLanguage::eachGetsOneClearLine_data() {
  QTest::addColumn<QString>("line");
  QTest::addColumn<QString>("fragments");
  const auto row = [](const char* name, const char* line, const char* fragments) {
    QTest::newRow(name) << QString::fromUtf8(line) << QString::fromUtf8(fragments);
  };
  row("retrieve: an empty query", "retrieve {} --run {run}", "query|some words");
  row("retrieve: a run without texts", "retrieve push --run {silent}", "silent/config.yaml|loss.text");
  row("retrieve: an unknown subset", "retrieve push --run {run} --subset test", "test");
  row("retrieve: no run there", "retrieve push --run {nowhere}", "nowhere");
  row("ask: an unknown video", "ask what --run {run} --video nobody", "dataset.yaml|nobody|hvlm inspect");
  row("ask: an unknown video, before any model", "ask what --run {run} --video nobody --model {llama}", "dataset.yaml|nobody");
  row("ask: an empty question", "ask {} --run {run} --video synth000002", "question|some words");
  row("ask: a run that cannot speak", "ask what --run {silent} --video synth000002", "silent/config.yaml|head.answer|head.caption");
  row("ask: an address of another kind", "ask what --run {run} --video synth000002 --server ftp://127.0.0.1/v1",
      "http://127.0.0.1:8080/v1|ftp");
  row("ask: no model there", "ask what --run {run} --video synth000002 --model {nowhere}", "nowhere/config.json");
  row("ask: another model's tokenizer", "ask what --run {run} --video synth000002 --model {misfit}",
      "misfit/tokenizer.json|97|799|tokenizer");
  row("ask: evidence longer than the model's context", "ask what --run {run} --video synth000002 --model {short}",
      "short|128|max_position_embeddings");
  row("inspect: a question that is no UTF-8", "inspect {latin/dataset.yaml}", "qa_val_q.json, line 2|valid JSON");
  row("train: captions without a word", "train --data {mute/dataset.yaml} --run {out} --set loss.text=0.5",
      "mute/dataset.yaml: captions|loss.text|training");
  row("train: nothing to learn descriptions from", "train --data {mute/dataset.yaml} --run {out} --set head.caption=true",
      "head.caption|captions");
  row("train: answers without a pyramid",
      "train --data {set/dataset.yaml} --run {out} --set pyramid.enabled=false --set head.detect=false --set head.answer=true",
      "head.answer|pyramid");
  row("train: heads that do not divide the width",
      "train --data {set/dataset.yaml} --run {out} --set head.caption=true --set language.width=32 --set language.heads=3",
      "language.heads|language.width = 32|3");
  row("train: one video a batch", "train --data {set/dataset.yaml} --run {out} --set loss.text=1 --set train.batch_size=1",
      "train.batch_size|loss.text");
  row("data convert: no list", "data convert --in {set/annotations.json} --out {out}", "annotations.json|a list");
  row("data convert: nothing usable", "data convert --in {set/qa_val_a.json} --out {out}", "qa_val_a.json|another form");
  row("data filter: no video has features", "data filter --in {lone.json} --features {set/features.h5} --out {out}",
      "lone.json|features.h5|nothing has been written");
  row("score judged: items of another form", "score judged --items {set/qa_val_q.json}", "qa_val_q.json, item 1|\"id\"");
  row("score judged: no list", "score judged --items {set/annotations.json}", "annotations.json");
  row("apply-delta: no such file", "apply-delta --base {nowhere} --delta {nowhere} --out {out}", "nowhere");
  row("merge-lora: no alpha", "merge-lora --base {llama} --adapter {llama} --out {out}", "adapter_config.json|--alpha");
  row("consolidate: a folder of nothing", "consolidate {odd} --out {out}", "odd|one model");
}
void TestLanguage::eachGetsOneClearLine() {
  QFETCH(QString, line);
  QFETCH(QString, fragments);
  if (!QFile::exists(file(QStringLiteral("latin")))) {
    copyOfSet("latin");
    writeBytes(file(QStringLiteral("latin/qa_val_q.json")),
               "[\n{\"question\": \"\xff\xfe what\", \"question_id\": \"v_synth000002_0\", \"video_name\": \"synth000002\"}]");
    copyOfSet("mute");
    json captions = setFile("captions_train.json");
    for (auto& video : captions) {
      for (auto& sentence : video.at("sentences")) sentence = " ";
    }
    writeJson("mute/captions_train.json", captions);
    writeJson("lone.json", {{{"q", "What?"}, {"a", "A dog."}, {"video_id", "v_nobody"}}});
    QDir().mkpath(file(QStringLiteral("odd")));
  }
  const ProcessResult result = callHvlm(wordsOf(line) + QStringList{QStringLiteral("--threads"), QStringLiteral("1")});
  QCOMPARE(result.exit_code, 1);
  QCOMPARE(badErrorLine(result, fragments.split(QLatin1Char('|'))), QString());
  QVERIFY2(result.out.isEmpty(), result.out.constData());
  QVERIFY(!QFileInfo(file(QStringLiteral("out"))).isFile());
  QDir(file(QStringLiteral("out"))).removeRecursively();
}

void TestLanguage::wrongUsageIsSaid_data() {
  QTest::addColumn<QString>("line");
  QTest::addColumn<QString>("fragment");
  const auto row = [](const char* name, const char* line, const char* fragment) {
    QTest::newRow(name) << QString::fromUtf8(line) << QString::fromUtf8(fragment);
  };
  row("server and model at once", "ask what --run {run} --video synth000002 --server http://127.0.0.1:9/v1 --model {llama}",
      "--server or --model");
  row("a question without a video", "ask what --run {run}", "--video");
  row("no words to look for", "retrieve --run {run}", "WORDS");
  row("no hits wanted", "retrieve push --run {run} --most 0", "--most");
  row("a judge without a version", "score judged --items {items.json} --judge mine --replies {r.jsonl} --command cat", "--judge-version");
  row("a judge without a name", "score judged --items {items.json} --judge-version 1 --replies {r.jsonl} --command cat", "--judge");
  row("a judge whose replies go nowhere", "score judged --items {items.json} --judge mine --judge-version 1 --command cat", "--replies");
  row("two judges",
      "score judged --items {items.json} --judge mine --judge-version 1 --replies {r.jsonl} --server http://127.0.0.1:9/v1 --command cat",
      "not both");
  row("a dimension that is none",
      "score judged --items {items.json} --judge mine --judge-version 1 --replies {r.jsonl} --dimension style --command cat", "style");
  row("a delta that goes nowhere", "apply-delta --base {base.safetensors} --delta {delta.safetensors}", "--out");
  row("what to do with the data", "data", "convert, filter");
}
void TestLanguage::wrongUsageIsSaid() {
  QFETCH(QString, line);
  QFETCH(QString, fragment);
  writeJson("items.json", {{{"id", "1"}, {"question", "Who?"}, {"reference", "a man"}, {"answer", "a man"}}});
  const ProcessResult result = callHvlm(wordsOf(line));
  QCOMPARE(result.exit_code, 2);
  QVERIFY2(result.err.contains(fragment.toUtf8()), result.err.constData());
  QVERIFY2(result.out.isEmpty(), result.out.constData());
  QVERIFY(!QFile::exists(file(QStringLiteral("r.jsonl"))));
}

QTEST_GUILESS_MAIN(TestLanguage)
#include "tst_cli_language.moc"
