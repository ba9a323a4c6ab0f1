// SPDX-License-Identifier: Apache-2.0
#include <signal.h>

#include <QProcess>
#include <QtTest>
#include <cmath>
#include <cstring>

#include "cli.h"
#include "runs/safetensors.h"
#include "support/golden.h"

using namespace hvlm::testing;
using nlohmann::json;

namespace {

QString q(const std::string& text) { return QString::fromStdString(text); }

hvlm::PlainTensor floats(std::vector<int64_t> shape, const std::vector<float>& values) {
  hvlm::PlainTensor tensor{.dtype = "F32", .shape = std::move(shape), .bytes = std::vector<std::byte>(values.size() * sizeof(float))};
  std::memcpy(tensor.bytes.data(), values.data(), tensor.bytes.size());
  return tensor;
}

constexpr const char* kTemplate =
    R"({"bos_token": "<s>", "eos_token": "</s>", "chat_template": "{{ bos_token }}{% for m in messages %}{{ m.role }}: {{ m.content }}{% if m.role == 'assistant' %}{{ eos_token }}{% endif %}\n{% endfor %}{% if add_generation_prompt %}assistant:{% endif %}"})";

}  // namespace

// The recipe from the command line: projector, adapters, questions.
class TestTune : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void initTestCase();
  void theProjectorIsTrained();
  void adaptersFollow();
  void theTunedModelIsAsked();
  void adaptersAreMerged();
  void aListOfQuestionsIsAnswered();
  void interruptedItKeepsTheBestEpoch();
  void eachGetsOneClearLine_data();
  void eachGetsOneClearLine();
  void wrongUsageIsSaid_data();
  void wrongUsageIsSaid();

 private:
  QString file(const QString& name) const { return folder_.filePath(name); }
  // Words of a command line; {name} is a file of the test's folder, + a blank within a word.
  QStringList wordsOf(const QString& line) const {
    QStringList words;
    for (QString word : line.split(QLatin1Char(' '), Qt::SkipEmptyParts)) {
      if (word.startsWith(QLatin1Char('{'))) word = file(word.mid(1, word.size() - 2));
      words << word.replace(QLatin1Char('+'), QLatin1Char(' '));
    }
    return words;
  }
  ProcessResult call(const QString& line) const { return callHvlm(wordsOf(line)); }
  json answerOf(const QString& line) const {
    const ProcessResult result = callHvlm(wordsOf(line) + QStringList{QStringLiteral("--json")});
    if (result.exit_code != 0) throw std::runtime_error("exit code " + std::to_string(result.exit_code) + ": " + result.err.toStdString());
    return oneObject(result);
  }
  // A LLaMA with a row for each of a tokenizer's 800 tokens, of numbers without a pattern.
  void makeModel(const char* name, const QStringList& without = {}) const {
    const QString data = q(sourceFolder()) + QStringLiteral("/tests/data/"), target = file(QString::fromLatin1(name));
    QVERIFY(QDir().mkpath(target));
    json config = jsonOf(data + QStringLiteral("llama/tied/config.json"));
    config["vocab_size"] = 800;
    config["max_position_embeddings"] = 1024;
    auto tensors = hvlm::readSafetensors((data + QStringLiteral("llama/tied/model.safetensors")).toStdString());
    std::vector<float> rows;
    for (int i = 0; i < 800 * 32; ++i) {
      const double x = std::sin(static_cast<double>(i)) * 43758.5453;
      rows.push_back(static_cast<float>(2.0 * (x - std::floor(x)) - 1.0));
    }
    tensors.at("model.embed_tokens.weight") = floats({800, 32}, rows);
    writeBytes(target + QStringLiteral("/config.json"), QByteArray::fromStdString(config.dump()));
    hvlm::writeSafetensors((target + QStringLiteral("/model.safetensors")).toStdString(), tensors);
    if (!without.contains(QStringLiteral("tokenizer")))
      QVERIFY(QFile::copy(data + QStringLiteral("language/bpe_metaspace.json"), target + QStringLiteral("/tokenizer.json")));
    if (!without.contains(QStringLiteral("template"))) writeBytes(target + QStringLiteral("/tokenizer_config.json"), kTemplate);
  }
  json tuneJson(const QString& folder) const { return jsonOf(file(folder + QStringLiteral("/tune.json"))); }

  QTemporaryDir folder_;
};

void TestTune::initTestCase() {
  const QString dataset = makeSet(file(QStringLiteral("set")), {QStringLiteral("--videos"), QStringLiteral("16")});
  const ProcessResult trained = trainTiny(dataset, file(QStringLiteral("run")));
  QVERIFY2(trained.exit_code == 0, trained.err.constData());
  makeModel("llama");
  makeModel("plain", {QStringLiteral("template")});
  makeModel("mute", {QStringLiteral("tokenizer")});
  const json annotations = jsonOf(file(QStringLiteral("set/annotations.json"))).at("database");
  json pairs = json::array();
  for (const auto& [id, video] : annotations.items()) {
    if (video.at("subset") == "training") pairs.push_back({{"q", "What happens?"}, {"a", "A person moves."}, {"video_id", id}});
  }
  writeBytes(file(QStringLiteral("pairs.json")), QByteArray::fromStdString(pairs.dump()));
  QVERIFY(call(QStringLiteral("data convert --in {pairs.json} --out {talks.json}")).exit_code == 0);
}

void TestTune::theProjectorIsTrained() {
  const QByteArray weights = bytesOf(file(QStringLiteral("llama/model.safetensors")));
  const json answer = answerOf(
      QStringLiteral("tune --run {run} --model {llama} --out {first} --epochs 3 --batch 4 --lr 0.01 --visual-tokens 12 --threads 1"));
  QCOMPARE(answer.at("state").get<std::string>(), std::string("done"));
  QCOMPARE(answer.at("stage").get<std::string>(), std::string("projector"));
  QCOMPARE(answer.at("epochs").size(), size_t{3});
  QVERIFY2(answer.at("epochs")[2].at("loss") < answer.at("epochs")[0].at("loss"), answer.dump().c_str());
  QVERIFY(answer.at("held_out_talks").get<int>() > 0 && answer.at("talks").get<int>() > answer.at("held_out_talks").get<int>());
  QCOMPARE(bytesOf(file(QStringLiteral("llama/model.safetensors"))), weights);
  QCOMPARE(QDir(file(QStringLiteral("first"))).entryList(QDir::Files | QDir::Hidden),
           (QStringList{QStringLiteral("projector.safetensors"), QStringLiteral("tune.json")}));
  const json record = tuneJson(QStringLiteral("first"));
  QCOMPARE(record.at("visual_tokens").get<int>(), 12);
  QCOMPARE(record.at("history").at("subset").get<std::string>(), std::string("training"));
  QCOMPARE(record.at("run_id"), jsonOf(file(QStringLiteral("run/run.json"))).at("id"));
  const auto tensors = hvlm::readSafetensors(file(QStringLiteral("first/projector.safetensors")).toStdString());
  QCOMPARE(tensors.at("projector.out.weight").shape, (std::vector<int64_t>{32, 32}));
}

void TestTune::adaptersFollow() {
  const ProcessResult result =
      call(QStringLiteral("tune --stage lora --run {run} --model {llama} --init {first} --instructions {talks.json} --out {second} "
                          "--epochs 40 --batch 4 --lr 0.02 --threads 1"));
  QVERIFY2(result.exit_code == 0, result.err.constData());
  QVERIFY2(result.out.contains("stage lora") && result.out.contains("hvlm ask --model"), result.out.constData());
  const json config = jsonOf(file(QStringLiteral("second/adapter_config.json")));
  QCOMPARE(config.at("r").get<int>(), 8);
  QCOMPARE(tuneJson(QStringLiteral("second")).at("visual_tokens").get<int>(), 12);  // of the first stage
  QVERIFY(hvlm::readSafetensors(file(QStringLiteral("second/lora.safetensors")).toStdString())
              .contains("base_model.model.model.layers.0.mlp.up_proj.lora_A.weight"));
}

void TestTune::theTunedModelIsAsked() {
  const QString line = QStringLiteral("ask What+happens? --threads 1 --run {run} --video synth000002 --max-tokens 20 --temperature 0 ");
  const json answer = answerOf(line + QStringLiteral("--model {second}"));
  QCOMPARE(answer.at("by").get<std::string>(), std::string("llama, tuned (lora)"));
  QCOMPARE(answer.at("answer").get<std::string>(), std::string("A person moves."));
  QCOMPARE(answerOf(line + QStringLiteral("--model {llama} --projector {second}")).at("answer"), answer.at("answer"));
  QVERIFY(answerOf(line + QStringLiteral("--model {first}")).at("tokens").get<int>() > 0);
  const ProcessResult printed = call(line + QStringLiteral("--model {second} --conversation {talk.json}"));
  QCOMPARE(printed.out.trimmed(), QByteArray("A person moves."));
  QCOMPARE(call(line + QStringLiteral("--model {second} --conversation {talk.json}")).exit_code, 0);  // a second question of the talk
  QCOMPARE(jsonOf(file(QStringLiteral("talk.json"))).at("messages").size(), size_t{4});
}

void TestTune::adaptersAreMerged() {
  QVERIFY(QDir().mkpath(file(QStringLiteral("merged"))));
  for (const char* name : {"config.json", "tokenizer.json", "tokenizer_config.json"})
    QVERIFY(QFile::copy(file(QStringLiteral("llama/") + QLatin1String(name)), file(QStringLiteral("merged/") + QLatin1String(name))));
  QCOMPARE(answerOf(QStringLiteral("merge-lora --base {llama} --adapter {second/lora.safetensors} --out {merged/model.safetensors}"))
               .at("changed")
               .get<int>(),
           14);
  const ProcessResult result =
      call(QStringLiteral("ask What+happens? --threads 1 --run {run} --video synth000002 --max-tokens 20 --temperature 0 --model {merged} "
                          "--projector {second}"));
  QCOMPARE(result.out.trimmed(), QByteArray("A person moves."));
  QVERIFY2(result.err.contains("adapters are left out"), result.err.constData());
}

void TestTune::aListOfQuestionsIsAnswered() {
  const json list = {{{"id", "a"},
                      {"video", "synth000002"},
                      {"question", "What happens?"},
                      {"second_question", "What is going on?"},
                      {"reference", "A person moves."}},
                     {{"video_name", "v_synth000003"}, {"Q", "What happens?"}, {"A", "Nothing."}}};
  writeBytes(file(QStringLiteral("list.json")), QByteArray::fromStdString(list.dump()));
  const json answer = answerOf(QStringLiteral(
      "ask --questions {list.json} --out {answers.json} --threads 1 --run {run} --model {second} --max-tokens 20 --temperature 0"));
  QCOMPARE(answer.at("questions").get<int>(), 2);
  QCOMPARE(answer.at("paraphrased").get<int>(), 1);
  const json answers = jsonOf(file(QStringLiteral("answers.json")));
  QCOMPARE(answers.size(), size_t{2});
  QCOMPARE(answers[0].at("answer").get<std::string>(), std::string("A person moves."));
  QVERIFY(!answers[0].at("second_answer").get<std::string>().empty() && !answers[1].contains("second_answer"));
  QCOMPARE(answers[1].at("id").get<std::string>(), std::string("v_synth000003_1"));
  const json score = answerOf(QStringLiteral("score judged --items {answers.json}")).at("offline");
  QCOMPARE(score.at("paraphrased").get<int>(), 1);
  QVERIFY(score.at("self_agreement").get<double>() > 0.0 && score.at("token_f1").get<double>() >= 0.5);
  // What was answered before a failure stays.
  writeBytes(file(QStringLiteral("list.json")),
             QByteArray::fromStdString(json({list[0], {{"video", "nobody"}, {"question", "Who?"}}}).dump()));
  const ProcessResult failed =
      call(QStringLiteral("ask --questions {list.json} --out {half.json} --threads 1 --run {run} --model {second} --max-tokens 4"));
  QCOMPARE(failed.exit_code, 1);
  QCOMPARE(badErrorLine(failed, {QStringLiteral("nobody")}), QString());
  QCOMPARE(jsonOf(file(QStringLiteral("half.json"))).size(), size_t{1});
}

void TestTune::interruptedItKeepsTheBestEpoch() {
  QProcess process;
  process.start(q(binFolder()) + QStringLiteral("/hvlm"),
                wordsOf(QStringLiteral("tune --run {run} --model {llama} --out {cut} --epochs 10000 --holdout 0 --threads 1")));
  QVERIFY(process.waitForStarted());
  QVERIFY(
      QTest::qWaitFor([&] { return QFile::exists(file(QStringLiteral("cut/tune.json"))) || process.state() != QProcess::Running; }, 60000));
  ::kill(static_cast<pid_t>(process.processId()), SIGINT);
  QVERIFY(process.waitForFinished(60000));
  QCOMPARE(process.exitCode(), 130);
  const json record = tuneJson(QStringLiteral("cut")).at("history");
  QVERIFY(record.at("best_epoch").get<int>() >= 1 && record.at("best_epoch").get<int>() < 10000);
  QCOMPARE(record.at("epochs").size(), record.at("best_epoch").get<size_t>());
  QVERIFY(QDir(folder_.path()).entryList({QStringLiteral(".cut*")}, QDir::AllEntries | QDir::Hidden).isEmpty());
  QCOMPARE(call(QStringLiteral("ask What? --threads 1 --run {run} --video synth000002 --max-tokens 4 --model {cut}")).exit_code, 0);
}

void TestTune::eachGetsOneClearLine_data() {
  QTest::addColumn<QString>("line");
  QTest::addColumn<QString>("fragments");
  const auto row = [](const char* name, const char* line, const char* fragments) {
    QTest::newRow(name) << QString::fromUtf8(line) << QString::fromUtf8(fragments);
  };
  row("no model", "tune --run {run} --model {nowhere} --out {out}", "nowhere/config.json");
  row("no tokenizer", "tune --run {run} --model {mute} --out {out}", "mute/tokenizer.json");
  row("no run", "tune --run {nowhere} --data {set/dataset.yaml} --model {llama} --out {out}", "nowhere|run folder");
  row("a folder in use", "tune --run {run} --model {llama} --out {set}", "new or empty|--out");
  row("no captions", "tune --run {run} --data {dumb/dataset.yaml} --model {llama} --out {out}",
      "dumb/dataset.yaml: captions|--instructions");
  row("no such subset", "tune --run {run} --model {llama} --out {out} --subset nothing", "nothing");
  row("instructions of another form", "tune --run {run} --model {llama} --out {out} --instructions {set/annotations.json}",
      "annotations.json|a list");
  row("a first stage that is none", "tune --stage lora --init {set} --run {run} --model {llama} --out {out}", "set|tune.json");
  row("another model than before", "tune --stage lora --init {first} --run {run} --model {plain2} --out {out}", "model_hash|llama");
  row("an unknown template", "tune --run {run} --model {llama} --out {out} --template klingon", "klingon|chatml");
  row("levels that are none", "tune --run {run} --model {llama} --out {out} --levels top", "visual_levels|top");
  row("no room for words", "tune --run {run} --model {llama} --out {out} --visual-tokens 40 --max-tokens 42", "--visual-tokens");
  row("asked of another run", "ask what --run {run2} --video synth000002 --model {first}", "run2|--run");
  row("a projector that is none", "ask what --run {run} --video synth000002 --model {llama} --projector {set}", "set|tune.json");
  row("questions that are none", "ask --questions {set/annotations.json} --out {out} --run {run}", "annotations.json|a list of questions");
}
void TestTune::eachGetsOneClearLine() {
  QFETCH(QString, line);
  QFETCH(QString, fragments);
  if (!QFile::exists(file(QStringLiteral("dumb")))) {
    makeSet(file(QStringLiteral("dumb")), {QStringLiteral("--videos"), QStringLiteral("16")});
    QByteArray text = bytesOf(file(QStringLiteral("dumb/dataset.yaml")));
    text = text.left(text.indexOf("captions:"));
    writeBytes(file(QStringLiteral("dumb/dataset.yaml")), text);
    makeModel("plain2", {QStringLiteral("template")});
    auto tensors = hvlm::readSafetensors(file(QStringLiteral("llama/model.safetensors")).toStdString());
    tensors.at("model.norm.weight") = floats({32}, std::vector<float>(32, 0.5f));
    hvlm::writeSafetensors(file(QStringLiteral("plain2/model.safetensors")).toStdString(), tensors);
    QCOMPARE(trainTiny(file(QStringLiteral("set/dataset.yaml")), file(QStringLiteral("run2"))).exit_code, 0);
  }
  const ProcessResult result = callHvlm(wordsOf(line) + QStringList{QStringLiteral("--threads"), QStringLiteral("1")});
  QCOMPARE(result.exit_code, 1);
  QCOMPARE(badErrorLine(result, fragments.split(QLatin1Char('|'))), QString());
  QVERIFY2(result.out.isEmpty(), result.out.constData());
  QVERIFY(!QFileInfo::exists(file(QStringLiteral("out"))));
}

void TestTune::wrongUsageIsSaid_data() {
  QTest::addColumn<QString>("line");
  QTest::addColumn<QString>("fragment");
  const auto row = [](const char* name, const char* line, const char* fragment) {
    QTest::newRow(name) << QString::fromUtf8(line) << QString::fromUtf8(fragment);
  };
  row("a stage that is none", "tune --stage third --run {run} --model {llama} --out {out}", "--stage");
  row("adapters without a first stage", "tune --stage lora --run {run} --model {llama} --out {out}", "--init");
  row("no model is named", "tune --run {run} --out {out}", "--model");
  row("no epochs", "tune --run {run} --model {llama} --out {out} --epochs 0", "--epochs");
  row("a question and a list", "ask what --video synth000002 --questions {list.json} --out {out} --run {run}", "--questions");
  row("a list without a file for answers", "ask --questions {list.json} --run {run}", "--out");
  row("no question", "ask --video synth000002 --run {run}", "QUESTION");
}
void TestTune::wrongUsageIsSaid() {
  QFETCH(QString, line);
  QFETCH(QString, fragment);
  const ProcessResult result = call(line);
  QCOMPARE(result.exit_code, 2);
  QVERIFY2(result.err.contains(fragment.toUtf8()), result.err.constData());
  QVERIFY2(result.out.isEmpty(), result.out.constData());
}

QTEST_GUILESS_MAIN(TestTune)
#include "tst_cli_tune.moc"
