// SPDX-License-Identifier: Apache-2.0
// The job that teaches a language model to see a run, in both stages, and questions to what it wrote.
#include <QtTest>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "core/engine/language/tune_subjects.h"
#include "core/engine/tiny_run.h"
#include "engine/entry/tune_talks.h"
#include "engine/language/tuned_files.h"
#include "runs/run_folder.h"
#include "runs/weight_tools.h"
#include "support/hash.h"
#include "support/temporary_folder.h"

using namespace hvlm;
using namespace hvlm::testing;

namespace {

namespace fs = std::filesystem;
using nlohmann::json;

// The made set of tiny_run.h with a sentence for each segment.
std::string writeCaptionedSet(const fs::path& folder, const MadeSet& set) {
  const std::string file = writeSet(folder, set);
  std::map<std::string, json> captions;
  for (const MadeVideo& video : set.videos) {
    const double duration = static_cast<double>(video.values.size()) / static_cast<double>(set.columns) / set.steps_per_second;
    json times = json::array(), sentences = json::array();
    for (const MadeSegment& s : video.segments) {
      times.push_back({s.start, s.end});
      sentences.push_back("someone does " + s.label);
    }
    captions[video.subset]["v_" + video.id] = {{"duration", duration}, {"timestamps", times}, {"sentences", sentences}};
  }
  std::string lines = "captions:\n";
  for (const auto& [subset, all] : captions) {
    writeFileAtomic(folder / ("captions_" + subset + ".json"), all.dump());
    lines += "  " + subset + ": captions_" + subset + ".json\n";
  }
  std::ofstream(folder / "dataset.yaml", std::ios::app) << lines;
  return file;
}

// Of each of three classes one.
const std::vector<std::string> kAnswers = {"A dog runs.", "The woman turns.", "He jumps twice."};
const std::string& answerOf(const MadeVideo& video) { return kAnswers.at(static_cast<size_t>(video.segments[0].label.back() - '0')); }

std::map<std::string, std::string> hashesOf(const fs::path& folder) {
  std::map<std::string, std::string> out;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) out[entry.path().string()] = contentHashOfFile(entry.path());
  }
  return out;
}

}  // namespace

class TestEntryTune : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void initTestCase();
  void theProjectorLearnsAlone();
  void theSameSeedGivesTheSameFiles();
  void adaptersLearnOnInstructions();
  void aTunedModelAnswersFromWhatItSees();
  void aMergedModelAnswersTheSame();
  void aStopKeepsTheLastEpoch();
  void manyTalksAreSeenAgain();
  void whatCannotBeIsSaid_data();
  void whatCannotBeIsSaid();
  void questionsToTheWrongFilesAreRefused();

 private:
  fs::path at(const std::string& name) const { return folder_.path() / name; }
  TuneDecoderSpec spec(const std::string& out) const {
    TuneDecoderSpec s;
    s.run_folder = at("run").string();
    s.data = data_;
    s.model_folder = at("model").string();
    s.out = at(out).string();
    s.epochs = 4;
    s.batch_size = 4;
    s.lr = 0.01;
    s.holdout = 0.2;
    s.threads = 1;
    return s;
  }
  TuneDecoderSpec loraSpec(const std::string& out) const {
    TuneDecoderSpec s = spec(out);
    s.stage = "lora";
    s.init = at("first").string();
    s.instructions = at("talks.json").string();
    return s;
  }
  AskAnswer ask(AskSpec s, const std::string& video = "video0x0") const {
    s.run_folder = s.run_folder.empty() ? at("run").string() : s.run_folder;
    s.data = data_;
    s.video = video;
    s.threads = 1;
    s.max_tokens = 24;
    s.temperature = 0.0;
    s.messages = {{"system", "Evidence that it does not read."}, {"user", "What happens?"}};
    return theEngine().ask(s, {}, {});
  }

  TemporaryFolder folder_;
  std::string data_;
};

void TestEntryTune::initTestCase() {
  const MadeSet set = classSet(3, 5, 1);
  data_ = writeCaptionedSet(at("data"), set);
  writeSet(at("mute"), set);
  for (const uint64_t seed : {3, 4}) {
    RunConfig config = tinyConfig();
    config.seed = seed;
    config.train.epochs = seed == 3 ? 12 : 1;
    QCOMPARE(runJob(trainSpec(config, data_, at(seed == 3 ? "run" : "other run").string())), std::string());
  }
  writeModel(at("model"));
  writeModel(at("plain"), false);
  writeModel(at("other"), true, 9);
  json talks = json::array();
  for (const MadeVideo& video : set.videos) {
    if (video.subset == "training")
      talks.push_back({{"q", "What does someone do?"}, {"a", answerOf(video)}, {"video_id", "v_" + video.id}});
  }
  talks.push_back({{"q", "Who?"}, {"a", "Nobody."}, {"video_id", "v_nobody"}});
  writeFileAtomic(at("talks.json"), talks.dump());
}

void TestEntryTune::theProjectorLearnsAlone() {
  const auto model = hashesOf(at("model")), run = hashesOf(at("run"));
  JobControl control;
  Recorder recorder;
  QCOMPARE(runJob(spec("first"), control, recorder), std::string());
  QCOMPARE(hashesOf(at("model")), model);
  QCOMPARE(hashesOf(at("run")), run);
  // 15 training videos of which 3 are kept out; a talk for each sentence and one for each video.
  const auto started = recorder.all<StartedEvent>();
  QCOMPARE(started.size(), size_t{1});
  QCOMPARE(started[0].total_steps, int64_t{4 * 6});
  QCOMPARE(recorder.all<StepEvent>().size(), size_t{24});
  QCOMPARE(recorder.all<EpochEvent>().size(), size_t{4});
  QCOMPARE(recorder.all<EvaluatedEvent>().size(), size_t{4});
  const json result = json::parse(recorder.all<FinishedEvent>().at(0).result_json);
  QCOMPARE(result.at("talks").get<int>(), 24);
  QCOMPARE(result.at("held_out_talks").get<int>(), 6);
  const json& epochs = result.at("epochs");
  QVERIFY2(epochs.back().at("loss").get<double>() < 0.9 * epochs.front().at("loss").get<double>(), epochs.dump().c_str());
  const auto best = static_cast<size_t>(result.at("best_epoch").get<int>() - 1);
  QVERIFY2(epochs[best].at("held_out_loss").get<double>() < 0.9 * result.at("held_out_loss_before").get<double>(), result.dump().c_str());
  for (const json& epoch : epochs) QVERIFY(epoch.at("held_out_loss") >= epochs[best].at("held_out_loss"));
  const TunedRecord record = readTunedRecord(at("first"));
  QCOMPARE(record.model_hash, modelHash(at("model")));
  QCOMPARE(record.run_id, readRunRecord(at("run")).id);
  QCOMPARE(record.chat_template, std::string("own"));
  QVERIFY(!fs::exists(at("first") / "lora.safetensors"));
  QCOMPARE(record.history.at("options").at("lr").get<double>(), 0.01);
}

void TestEntryTune::theSameSeedGivesTheSameFiles() {
  QCOMPARE(runJob(spec("again")), std::string());
  QCOMPARE(contentHashOfFile(at("again") / "projector.safetensors"), contentHashOfFile(at("first") / "projector.safetensors"));
  TuneDecoderSpec other = spec("other seed");
  other.seed = 2;
  other.epochs = 1;
  QCOMPARE(runJob(other), std::string());
  QVERIFY(contentHashOfFile(at("other seed") / "projector.safetensors") != contentHashOfFile(at("first") / "projector.safetensors"));
}

void TestEntryTune::adaptersLearnOnInstructions() {
  const auto model = hashesOf(at("model")), first = hashesOf(at("first"));
  TuneDecoderSpec s = loraSpec("second");
  s.epochs = 100;
  JobControl control;
  Recorder recorder;
  QCOMPARE(runJob(s, control, recorder), std::string());
  QCOMPARE(hashesOf(at("model")), model);
  QCOMPARE(hashesOf(at("first")), first);
  const json result = json::parse(recorder.all<FinishedEvent>().at(0).result_json);
  QCOMPARE(result.at("talks").get<int>() + result.at("held_out_talks").get<int>(), 15);
  QCOMPARE(result.at("dropped").size(), size_t{1});  // the video that is not there
  const auto best = static_cast<size_t>(result.at("best_epoch").get<int>() - 1);
  QVERIFY2(result.at("epochs")[best].at("held_out_loss").get<double>() < 0.3 * result.at("held_out_loss_before").get<double>(),
           result.dump().c_str());
  QCOMPARE(readTunedRecord(at("second")).stage, std::string("lora"));
  QVERIFY(fs::exists(at("second") / "lora.safetensors") && fs::exists(at("second") / "adapter_config.json"));
}

void TestEntryTune::aTunedModelAnswersFromWhatItSees() {
  const AskAnswer first = ask({.model_folder = at("first").string()});
  QVERIFY(first.tokens > 0);
  QCOMPARE(first.by, std::string("model, tuned (projector)"));
  const AskAnswer second = ask({.model_folder = at("second").string()});
  // What it says is of the class it sees, in 12 of 15 videos (by chance 5), and some of it word for word.
  int fitting = 0, exact = 0;
  for (int c = 0; c < 3; ++c) {
    for (int v = 0; v < 5; ++v) {
      const std::string& wanted = kAnswers[static_cast<size_t>(c)];
      const std::string said = ask({.model_folder = at("second").string()}, "video" + std::to_string(c) + "x" + std::to_string(v)).text;
      if (said.starts_with(wanted.substr(0, 3))) ++fitting;
      if (said == wanted) ++exact;
    }
  }
  QVERIFY2(fitting >= 12 && exact >= 1, qPrintable(QStringLiteral("%1 fit, %2 word for word").arg(fitting).arg(exact)));
  // What it says depends on the video, which it was not trained on.
  std::set<std::string> said;
  for (const char* video : {"video0x5", "video1x5", "video2x5"}) said.insert(ask({.model_folder = at("second").string()}, video).text);
  QVERIFY2(said.size() >= 2, said.begin()->c_str());
  QCOMPARE(ask({.tuned_folder = at("second").string()}).text, second.text);
  QCOMPARE(ask({.model_folder = at("model").string(), .tuned_folder = at("second").string()}).text, second.text);
  QVERIFY(ask({.model_folder = at("model").string()}).by == "model");  // not tuned
}

void TestEntryTune::aMergedModelAnswersTheSame() {
  fs::create_directories(at("merged"));
  for (const char* name : {"config.json", "tokenizer.json", "tokenizer_config.json"})
    fs::copy_file(at("model") / name, at("merged") / name);
  mergeLora(at("model"), at("second") / "lora.safetensors", at("merged") / "model.safetensors");
  const std::string tuned = at("second").string();
  QCOMPARE(ask({.model_folder = at("merged").string(), .tuned_folder = tuned}).text, ask({.model_folder = tuned}).text);
}

void TestEntryTune::aStopKeepsTheLastEpoch() {
  for (const int64_t last : {3, 15}) {  // in the first epoch; in the third
    TuneDecoderSpec s = spec("stopped");
    s.holdout = 0.0;
    s.batch_size = 5;  // 6 steps an epoch
    JobControl control;
    Recorder recorder;
    recorder.on_step = [&](const StepEvent& e) {
      if (e.step == last) control.requestStop();
    };
    QCOMPARE(runJob(s, control, recorder), std::string());
    QVERIFY(recorder.all<FinishedEvent>().at(0).stopped);
    QCOMPARE(recorder.all<StepEvent>().back().step, last);
    QCOMPARE(fs::exists(at("stopped")), last == 15);
  }
  const TunedRecord record = readTunedRecord(at("stopped"));
  QCOMPARE(record.history.at("best_epoch").get<int>(), 2);
  QCOMPARE(record.history.at("epochs").size(), size_t{2});
  QVERIFY(ask({.model_folder = at("stopped").string()}).tokens > 0);
}

void TestEntryTune::manyTalksAreSeenAgain() {
  // Without a copy in memory, videos pass the run again at each step: the same tokens.
  const LoadedModel run = loadModel(at("run").string(), "best");
  const auto data = openDataset(data_);
  const auto tokenizer = loadTokenizer(tokenizerFile());
  const TalkReader reader(*tokenizer, openTalkTemplate("", "two", *tokenizer));
  const TuneTalks talks = captionTalks(*data, usableVideos(*data, "training"), "training", reader, 400);
  QCOMPARE(talks.talks.size(), size_t{30});
  const TalkSight plain(run, *data, visualOptions("auto", 16));
  TalkSight prepared(run, *data, visualOptions("auto", 16));
  prepared.prepare(talks.talks, {});
  const std::vector<size_t> which = {7, 2, 29, 3};
  const auto a = plain.of(talks.talks, which), b = prepared.of(talks.talks, which);
  for (size_t i = 0; i < which.size(); ++i) {
    QVERIFY(a[i].nodes.size(0) > 3 && a[i].nodes.size(0) <= 16);
    QVERIFY(relativeDifference(a[i].nodes, b[i].nodes) < 1e-4 && ::at::equal(a[i].places, b[i].places));
  }
}

void TestEntryTune::whatCannotBeIsSaid_data() {
  QTest::addColumn<QString>("change");
  QTest::addColumn<QString>("fragments");
  const auto row = [](const char* name, const char* fragments) {
    QTest::newRow(name) << QString::fromUtf8(name) << QString::fromUtf8(fragments);
  };
  row("a stage that is none", "stage|projector, lora|third");
  row("no epochs", "epochs|0");
  row("a device that is not there", "device|cuda");
  row("lora without a first stage", "init|--stage projector");
  row("an init that is no tuned folder", "run|tune.json");
  row("an output folder in use", "model|new or empty");
  row("levels that are none", "visual_levels|high");
  row("no model", "nowhere/config.json");
  row("no tokenizer", "bare/tokenizer.json");
  row("a model larger than the memory", "huge|GB|free memory|smaller model");
  row("a tokenizer that does not fit", "tokenizer|799|97");
  row("no run", "nowhere|run folder");
  row("no such subset", "testing");
  row("no captions", "mute/dataset.yaml: captions|none|--instructions");
  row("no instructions file", "nowhere.json");
  row("instructions about other videos", "strange.json|training|none of 1");
  row("talks that are too long", "captions|longer|--max-tokens");
  row("no room beside the visual tokens", "visual_tokens|--visual-tokens");
  row("another run than the first stage's", "run_id|other run");
  row("another model than the first stage's", "model_hash|other");
  row("weights that are no numbers", "step 1|finite|--lr");
}
void TestEntryTune::whatCannotBeIsSaid() {
  QFETCH(QString, change);
  QFETCH(QString, fragments);
  const std::string c = change.toStdString();
  TuneDecoderSpec s = c.find("stage's") != std::string::npos ? loraSpec("failed") : spec("failed");
  s.epochs = 2;
  const auto copyModel = [&](const char* name, const std::vector<const char*>& files) {
    fs::create_directories(at(name));
    for (const char* file : files) fs::copy_file(at("model") / file, at(name) / file, fs::copy_options::overwrite_existing);
    s.model_folder = at(name).string();
  };
  if (c == "a stage that is none") s.stage = "third";
  if (c == "no epochs") s.epochs = 0;
  if (c == "a device that is not there") s.device = "cuda";
  if (c == "lora without a first stage") s.stage = "lora";
  if (c == "an init that is no tuned folder") s.init = at("run").string();
  if (c == "an output folder in use") s.out = at("model").string();
  if (c == "levels that are none") s.visual_levels = "high";
  if (c == "no model") s.model_folder = at("nowhere").string();
  if (c == "no tokenizer") copyModel("bare", {"config.json", "model.safetensors"});
  if (c == "a model larger than the memory") {
    fs::create_directories(at("huge"));
    DecoderShape shape = speakingShape();
    shape.width = 65536;
    shape.hidden = 1 << 20;
    shape.layers = 1000;
    shape.heads = shape.kv_heads = 64;
    writeFileAtomic(at("huge") / "config.json", decoderConfigJson(shape).dump());
    s.model_folder = at("huge").string();
  }
  if (c == "a tokenizer that does not fit") {
    copyModel("misfit", {"tokenizer.json"});
    fs::copy_file(referenceFolder("tied") / "config.json", at("misfit") / "config.json", fs::copy_options::overwrite_existing);
  }
  if (c == "no run") s.run_folder = at("nowhere").string();
  if (c == "no such subset") s.subset = "testing";
  if (c == "no captions") s.data = (at("mute") / "dataset.yaml").string();
  if (c == "no instructions file") s.instructions = at("nowhere.json").string();
  if (c == "instructions about other videos") {
    writeFileAtomic(at("strange.json"), R"([{"q": "Who?", "a": "Me.", "video_id": "v_nobody"}])");
    s.instructions = at("strange.json").string();
  }
  if (c == "talks that are too long") s.max_tokens = 40;
  if (c == "no room beside the visual tokens") s.visual_tokens = 510;
  if (c == "another run than the first stage's") s.run_folder = at("other run").string();
  if (c == "another model than the first stage's") s.model_folder = at("other").string();
  if (c == "weights that are no numbers") {
    copyModel("broken", {"config.json", "tokenizer.json", "tokenizer_config.json"});
    TensorMap tensors = readSafetensors(at("model") / "model.safetensors");
    tensors.at("model.norm.weight").bytes.assign(tensors.at("model.norm.weight").bytes.size(), std::byte{0xff});
    writeSafetensors(at("broken") / "model.safetensors", tensors);
  }
  const std::string message = runJob(s);
  for (const QString& fragment : fragments.split(QLatin1Char('|')))
    QVERIFY2(message.find(fragment.toStdString()) != std::string::npos, message.c_str());
  QVERIFY(!fs::exists(at("failed")));
}

void TestEntryTune::questionsToTheWrongFilesAreRefused() {
  const std::string first = at("first").string();
  const auto message = [&](const AskSpec& s) { return messageOf([&] { ask(s); }); };
  QVERIFY(message({.run_folder = at("other run").string(), .model_folder = first}).find("tune for this one") != std::string::npos);
  QVERIFY(message({.model_folder = at("model").string(), .tuned_folder = at("data").string()}).find("tune.json") != std::string::npos);
  fs::create_directories(at("moved"));
  fs::copy(at("first"), at("moved"), fs::copy_options::recursive);
  json root = json::parse(readFile(at("moved") / "tune.json"));
  root["model"] = at("gone").string();
  writeFileAtomic(at("moved") / "tune.json", root.dump());
  const std::string gone = message({.model_folder = at("moved").string()});
  QVERIFY2(gone.find("gone") != std::string::npos && gone.find("--projector") != std::string::npos, gone.c_str());
  QCOMPARE(ask({.model_folder = at("model").string(), .tuned_folder = at("moved").string()}).text, ask({.model_folder = first}).text);
  root["model"] = at("other").string();  // other weights under the recorded name
  writeFileAtomic(at("moved") / "tune.json", root.dump());
  QVERIFY(message({.model_folder = at("moved").string()}).find("model_hash") != std::string::npos);
  // A model without a template was tuned with the plain one, and is asked with it.
  TuneDecoderSpec plain = spec("plainly");
  plain.model_folder = at("plain").string();
  plain.epochs = 1;
  JobControl control;
  Recorder recorder;
  QCOMPARE(runJob(plain, control, recorder), std::string());
  QVERIFY(recorder.all<WarningEvent>().at(0).text.find("no chat template") != std::string::npos);
  QCOMPARE(readTunedRecord(at("plainly")).chat_template, std::string("two"));
  QVERIFY(ask({.model_folder = at("plainly").string()}).tokens > 0);
}

QTEST_GUILESS_MAIN(TestEntryTune)
#include "tst_entry_tune.moc"
