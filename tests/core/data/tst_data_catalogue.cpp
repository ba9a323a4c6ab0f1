// SPDX-License-Identifier: Apache-2.0
#include <QTemporaryDir>
#include <QtTest>

#include "data/catalogue.h"
#include "data/labels.h"
#include "fixtures.h"
#include "support/golden.h"

using hvlm::testing::messageOf;
using hvlm::testing::writeText;
namespace fs = std::filesystem;

namespace {

int64_t countOf(const hvlm::Catalogue& catalogue, const std::string& kind) {
  int64_t n = 0;
  for (const hvlm::Problem& problem : catalogue.problems) n += problem.kind == kind ? 1 : 0;
  return n;
}

std::string database(const std::string& entries, const std::string& taxonomy = "[]") {
  return "{\"version\": \"VERSION 1.3\", \"taxonomy\": " + taxonomy + ", \"database\": {" + entries + "}}";
}
std::string videoEntry(const std::string& id, const std::string& segments, const std::string& duration = "100",
                       const std::string& subset = "training") {
  return "\"" + id + "\": {\"duration\": " + duration + ", \"subset\": \"" + subset + "\", \"annotations\": [" +
         segments + "]}";
}
std::string segmentEntry(double start, double end, const std::string& label = "\"Jump\"") {
  return "{\"segment\": [" + std::to_string(start) + ", " + std::to_string(end) + "], \"label\": " + label + "}";
}

}  // namespace

class TestCatalogue : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void eachDefectIsRepairedCountedAndListed_data();
  void eachDefectIsRepairedCountedAndListed();
  void defectsOfVideos();
  void labelsOutsideTheTaxonomyAreDropped();
  void domainsAreTheTopOfTheTaxonomy_data();
  void domainsAreTheTopOfTheTaxonomy();
  void classesAreSortedByName();
  void idsWithAndWithoutPrefixMeanTheSameVideo();
  void unusableAnnotationsAreRefusedInOneLine_data();
  void unusableAnnotationsAreRefusedInOneLine();
  void datasetYamlIsRead();
  void datasetYamlMistakesNameLineAndKey_data();
  void datasetYamlMistakesNameLineAndKey();
  void captionsQuestionsAndListsAreJoined();
  void stepsOfSegments();
  void ucf15HasTheCountsOfItsReadme();
  void activityNetHasTheOdditiesOfItsReadme();

 private:
  hvlm::Catalogue readText(const std::string& json) {
    writeText(folder_.path().toStdString() + "/a.json", json);
    return hvlm::readActivityNet(folder_.path().toStdString() + "/a.json");
  }
  QTemporaryDir folder_;
};

void TestCatalogue::eachDefectIsRepairedCountedAndListed_data() {
  QTest::addColumn<QString>("segments");
  QTest::addColumn<QString>("kind");
  QTest::addColumn<int>("count");
  QTest::addColumn<QString>("left");  // segments that remain, "start-end …"
  const auto row = [](const char* name, const std::string& segments, const char* kind, int count, const char* left) {
    QTest::newRow(name) << QString::fromStdString(segments) << kind << count << left;
  };
  row("zero length is dropped", segmentEntry(5, 5) + "," + segmentEntry(7, 8), "zero_length", 1, "7-8");
  row("reversed is swapped", segmentEntry(9, 4), "reversed", 1, "4-9");
  row("past the end is cut", segmentEntry(90, 130), "past_end", 1, "90-100");
  row("a rounding past the end has its own name", segmentEntry(90, 100.25), "past_end_rounding", 1, "90-100");
  row("wholly past the end is dropped", segmentEntry(120, 130), "past_end", 1, "");
  row("before the start is cut", segmentEntry(-3, 5), "before_start", 1, "0-5");
  row("wholly before the start is dropped", segmentEntry(-9, -5), "before_start", 1, "");
  row("a duplicate is dropped", segmentEntry(1, 2) + "," + segmentEntry(1, 2) + "," + segmentEntry(1, 2),
      "duplicate_segment", 2, "1-2");
  row("the same times with another label stay", segmentEntry(1, 2) + "," + segmentEntry(1, 2, "\"Run\""),
      "duplicate_segment", 0, "1-2 1-2");
  row("unsorted is sorted", segmentEntry(50, 60) + "," + segmentEntry(1, 2), "unsorted_segments", 1, "1-2 50-60");
  row("a label that is no text is unknown", segmentEntry(1, 2, "7"), "unknown_label", 1, "");
  row("an empty label is unknown", segmentEntry(1, 2, "\"\""), "unknown_label", 1, "");
  row("one time is too few", "{\"segment\": [3], \"label\": \"Jump\"}", "bad_segment", 1, "");
  row("texts are no times", "{\"segment\": [\"1\", \"2\"], \"label\": \"Jump\"}", "bad_segment", 1, "");
  row("NaN is no time", "{\"segment\": [1, NaN], \"label\": \"Jump\"}", "bad_segment", 1, "");
  row("a number is no segment", "5", "bad_segment", 1, "");
}
void TestCatalogue::eachDefectIsRepairedCountedAndListed() {
  QFETCH(QString, segments);
  QFETCH(QString, kind);
  QFETCH(int, count);
  QFETCH(QString, left);
  const hvlm::Catalogue catalogue = readText(database(videoEntry("abc", segments.toStdString())));
  QCOMPARE(countOf(catalogue, kind.toStdString()), int64_t{count});
  for (const hvlm::Problem& problem : catalogue.problems) {
    QCOMPARE(problem.item, std::string("abc"));
    QVERIFY(!problem.detail.empty());
    bool known = false;
    for (const hvlm::ProblemKind& one : hvlm::problemKinds()) known = known || one.kind == problem.kind;
    QVERIFY2(known, problem.kind.c_str());
  }
  QStringList found;
  for (const hvlm::Segment& segment : catalogue.videos.at(0).segments) {
    found << QString::number(segment.start_seconds) + "-" + QString::number(segment.end_seconds);
  }
  QCOMPARE(found.join(' '), left);
}

void TestCatalogue::defectsOfVideos() {
  const hvlm::Catalogue catalogue = readText(
      database(videoEntry("good", segmentEntry(1, 2)) + "," + videoEntry("good", segmentEntry(3, 4)) + "," +
               videoEntry("v_good", "") + "," +                           // the same id with the prefix
               videoEntry("negative", segmentEntry(1, 20), "-5") + "," +  // the last segment tells the duration
               videoEntry("nothing", "", "0") + "," + videoEntry("text", "", "\"12\"") + "," +
               "\"list\": [], \"nosubset\": {\"duration\": 5, \"annotations\": []}, " +
               "\"badlist\": {\"duration\": 5, \"subset\": \"training\", \"annotations\": {\"a\": 1}}, " +
               "\"testing\": {\"duration\": 5, \"subset\": \"testing\", \"annotations\": []}"));
  QCOMPARE(catalogue.videos.size(), size_t{4});
  QCOMPARE(countOf(catalogue, "duplicate_id"), 2);
  QCOMPARE(countOf(catalogue, "bad_duration"), 3);
  QCOMPARE(countOf(catalogue, "bad_entry"), 3);
  QCOMPARE(catalogue.find("good")->segments.at(0).start_seconds, 1.0);
  QCOMPARE(catalogue.find("negative")->duration_seconds, 20.0);
  QVERIFY(catalogue.find("testing")->segments.empty());
  QCOMPARE(catalogue.subset("training").size(), size_t{3});
}

void TestCatalogue::labelsOutsideTheTaxonomyAreDropped() {
  const std::string videos =
      videoEntry("a", segmentEntry(1, 2) + "," + segmentEntry(3, 4) + "," + segmentEntry(5, 6, "\"Jmup\""));
  const hvlm::Catalogue dropped = readText(database(videos, "[{\"nodeName\": \"Root\"}, {\"nodeName\": \"Jump\"}]"));
  QCOMPARE(countOf(dropped, "unknown_label"), 1);
  QCOMPARE(dropped.classes, std::vector<std::string>{"Jump"});
  QCOMPARE(dropped.videos.at(0).segments.size(), size_t{2});
  // A taxonomy that knows hardly any label is of another list, and is not used.
  const hvlm::Catalogue kept = readText(database(videos, "[{\"nodeName\": \"Root\"}, {\"nodeName\": \"Jmup\"}]"));
  QCOMPARE(countOf(kept, "bad_taxonomy"), 1);
  QCOMPARE(kept.classes.size(), size_t{2});
}

// "node<parent" with blanks between; a node without a parent is a root.
void TestCatalogue::domainsAreTheTopOfTheTaxonomy_data() {
  QTest::addColumn<QString>("nodes");
  QTest::addColumn<QString>("domains");
  QTest::addColumn<QString>("of_classes");  // of Bow, Jump, Run
  QTest::newRow("two domains") << "Root Home<Root Sports<Root Jump<Sports Run<Sports Bow<Home" << "Home Sports" << "0 1 1";
  QTest::newRow("several levels between") << "Root A<Root B<A C<B Jump<C Run<B D<Root Bow<D" << "A D" << "1 0 0";
  QTest::newRow("sorted, and only those that lead to a class") << "Root Z<Root A<Root Empty<Root Jump<Z Run<Z Bow<A" << "A Z" << "0 1 1";
  QTest::newRow("a flat taxonomy is a list of classes: none") << "Root Jump<Root Run<Root Bow<Root" << "" << "-1 -1 -1";
  QTest::newRow("nor with other names beside them") << "Root Home<Root Chair<Home Jump<Root Run<Root Bow<Root" << "" << "-1 -1 -1";
  QTest::newRow("nor with broken branches beside them") << "Root Jump<Root Run<Nowhere Bow<Run" << "" << "-1 -1 -1";
  QTest::newRow("a class right below the root beside a tree") << "Root Sports<Root Jump<Sports Run<Sports Bow<Root" << "Bow Sports" << "0 1 1";
  QTest::newRow("a class above another one") << "Root Jump<Root Run<Jump Bow<Run" << "Jump" << "0 0 0";
  QTest::newRow("the order of the nodes does not matter") << "Jump<Sports Bow<Home Run<Sports Sports<Root Home<Root Root" << "Home Sports" << "0 1 1";
  QTest::newRow("a root that is missing gives none") << "Home<Root Sports<Root Jump<Sports Run<Sports Bow<Home" << "" << "-1 -1 -1";
  QTest::newRow("a broken branch leaves its classes out") << "Root Sports<Root Jump<Sports Run<Nowhere Bow<Sports" << "Sports" << "0 0 -1";
  QTest::newRow("a circle gives none to its classes") << "Root Sports<Root Jump<Run Run<Jump Bow<Sports" << "Sports" << "0 -1 -1";
  QTest::newRow("a node above itself") << "Root Jump<Jump Run<Root Bow<Run" << "Run" << "0 -1 0";
  QTest::newRow("a class that is the root") << "Jump Run<Jump Bow<Run" << "Run" << "0 -1 0";
  QTest::newRow("no taxonomy") << "" << "" << "-1 -1 -1";
  QTest::newRow("of another list, hence not used") << "Root Sports<Root Jump<Sports" << "" << "-1 -1 -1";
}
void TestCatalogue::domainsAreTheTopOfTheTaxonomy() {
  QFETCH(QString, nodes);
  QFETCH(QString, domains);
  QFETCH(QString, of_classes);
  QStringList list;
  for (const QString& node : nodes.split(' ', Qt::SkipEmptyParts)) {
    const QStringList both = node.split('<');
    const QString parent = both.size() > 1 ? '"' + both[1] + '"' : QStringLiteral("null");
    list << QStringLiteral(R"({"nodeName": "%1", "parentName": %2})").arg(both[0], parent);
  }
  const std::string segments = segmentEntry(1, 2) + "," + segmentEntry(3, 4, "\"Run\"") + "," + segmentEntry(5, 6, "\"Bow\"");
  const hvlm::Catalogue catalogue = readText(database(videoEntry("a", segments), '[' + list.join(',').toStdString() + ']'));
  QCOMPARE(catalogue.classes, (std::vector<std::string>{"Bow", "Jump", "Run"}));
  QStringList found, numbers;
  for (const std::string& domain : catalogue.domains) found << QString::fromStdString(domain);
  for (const int64_t domain : catalogue.domain_of_class) numbers << QString::number(domain);
  QCOMPARE(found.join(' '), domains);
  QCOMPARE(numbers.join(' '), of_classes);
}

void TestCatalogue::classesAreSortedByName() {
  const hvlm::Catalogue catalogue =
      readText(database(videoEntry("b", segmentEntry(1, 2, "\"Run\"") + "," + segmentEntry(3, 4, "\"Bow\"")) + "," +
                        videoEntry("a", "")));
  QCOMPARE(catalogue.classes, (std::vector<std::string>{"Bow", "Run"}));
  QCOMPARE(catalogue.classIndex("Run"), 1);
  QCOMPARE(catalogue.classIndex("Jump"), -1);
  QCOMPARE(catalogue.videos.at(0).id, std::string("a"));
  QCOMPARE(catalogue.videos.at(1).segments.at(0).label, 1);
}

void TestCatalogue::idsWithAndWithoutPrefixMeanTheSameVideo() {
  const hvlm::Catalogue prefixed = readText(database(videoEntry("v_abc", "") + "," + videoEntry("v_v_Vg4a8igc0", "")));
  QCOMPARE(prefixed.videos.at(0).id, std::string("abc"));
  QCOMPARE(prefixed.videos.at(1).id, std::string("v_Vg4a8igc0"));
  const hvlm::Catalogue bare = readText(database(videoEntry("abc", "") + "," + videoEntry("v_Vg4a8igc0", "")));
  for (const hvlm::Catalogue* catalogue : {&prefixed, &bare}) {
    QCOMPARE(catalogue->find("v_abc"), catalogue->find("abc"));
    QVERIFY(catalogue->find("abc"));
    QVERIFY(catalogue->find("v_v_Vg4a8igc0"));  // a real id that starts with v_
    QCOMPARE(catalogue->find("v_v_Vg4a8igc0"), catalogue->find("v_Vg4a8igc0"));
    QVERIFY(!catalogue->find("abcd"));
  }
}

void TestCatalogue::unusableAnnotationsAreRefusedInOneLine_data() {
  QTest::addColumn<QString>("json");
  QTest::addColumn<QString>("part");
  QTest::newRow("empty") << ""
                         << "an empty file";
  QTest::newRow("blank") << " \n"
                         << "an empty file";
  QTest::newRow("not JSON") << "videos: 3\n"
                            << "valid JSON";
  QTest::newRow("cut in half") << "{\"database\": {\"a\": {\"dura"
                               << "valid JSON";
  QTest::newRow("another schema") << "{\"results\": {}, \"version\": 1}"
                                  << "\"results\", \"version\"";
  QTest::newRow("a list") << "[1, 2]"
                          << "a list";
  QTest::newRow("a number") << "17"
                            << "a single value";
  QTest::newRow("database is a list") << "{\"database\": []}"
                                      << "a list";
  QTest::newRow("no video") << "{\"database\": {}}"
                            << "at least one usable video";
  QTest::newRow("no usable video") << "{\"database\": {\"a\": 1}}"
                                   << "1 unusable";
  QTest::newRow("nested without end") << QString(5000, '[') << "64 levels";
}
void TestCatalogue::unusableAnnotationsAreRefusedInOneLine() {
  QFETCH(QString, json);
  QFETCH(QString, part);
  const QString message = QString::fromStdString(messageOf([&] { readText(json.toStdString()); }));
  QVERIFY2(message.contains(part), qPrintable(message));
  QVERIFY(message.contains("a.json"));
  QVERIFY(!message.contains('\n'));
  QVERIFY(!messageOf([&] { hvlm::readActivityNet("/nonexistent/a.json"); }).empty());
}

void TestCatalogue::datasetYamlIsRead() {
  const fs::path folder = folder_.path().toStdString();
  writeText(folder / "d.yaml",
            "name: mine\nannotations: sub/a.json\n"
            "features: {store: npy/, prefix: v_, fps: 30, stride: 8, clip: 16}\n"
            "captions: {training: c.json}\nquestions: {validation: [q.json, a.json]}\n"
            "lists: {training: ids.txt, blocked: /abs/b.txt}\nvideos: clips\n");
  const hvlm::DatasetSpec spec = hvlm::readDatasetSpec(folder / "d.yaml");
  QCOMPARE(spec.name, std::string("mine"));
  QCOMPARE(spec.annotations, folder / "sub/a.json");
  QCOMPARE(spec.features.store, folder / "npy/");
  QCOMPARE(spec.features.prefix, std::string("v_"));
  QCOMPARE(spec.features.stepSeconds(), 8.0 / 30.0);
  QCOMPARE(spec.features.stepCentreSeconds(2), (2 * 8 + 8) / 30.0);
  QCOMPARE(spec.captions.at("training"), folder / "c.json");
  QCOMPARE(spec.questions.at("validation").at(1), folder / "a.json");
  QCOMPARE(spec.lists.size(), size_t{1});
  QCOMPARE(spec.blocked, fs::path("/abs/b.txt"));
  QCOMPARE(spec.videos, folder / "clips");
  writeText(folder / "d.yaml", "annotations: a.json\nfeatures: {store: f.h5, steps_per_second: 2}\n");
  const hvlm::DatasetSpec second = hvlm::readDatasetSpec(folder / "d.yaml");
  QCOMPARE(second.features.stepSeconds(), 0.5);
  QCOMPARE(second.features.stepCentreSeconds(3), 1.75);
}

void TestCatalogue::datasetYamlMistakesNameLineAndKey_data() {
  QTest::addColumn<QString>("yaml");
  QTest::addColumn<QStringList>("parts");
  const QString features = "features: {store: f.h5, steps_per_second: 1}\n";
  QTest::newRow("unknown key") << "annotations: a.json\nfeature: {store: f.h5}\n"
                               << QStringList{"line 2", "\"feature\"", "\"features\""};
  QTest::newRow("unknown key below") << "annotations: a.json\nfeatures: {stor: f.h5}\n"
                                     << QStringList{"line 2", "\"stor\"", "\"store\""};
  QTest::newRow("no annotations") << features << QStringList{"\"annotations\""};
  QTest::newRow("no features") << "annotations: a.json\n" << QStringList{"\"features\""};
  QTest::newRow("no store") << "annotations: a.json\nfeatures: {fps: 1, stride: 1}\n" << QStringList{"\"store\""};
  QTest::newRow("no step") << "annotations: a.json\nfeatures: {store: f}\n" << QStringList{"neither"};
  QTest::newRow("two steps") << "annotations: a.json\nfeatures: {store: f, steps_per_second: 1, fps: 2}\n"
                             << QStringList{"both"};
  QTest::newRow("negative rate") << "annotations: a.json\nfeatures: {store: f, steps_per_second: -1}\n"
                                 << QStringList{"steps_per_second", "above 0"};
  QTest::newRow("half a stride") << "annotations: a.json\nfeatures: {store: f, fps: 1, stride: 1.5}\n"
                                 << QStringList{"stride", "whole"};
  QTest::newRow("twice") << features + features + "annotations: a.json\n" << QStringList{"line 2", "each key once"};
  QTest::newRow("a list for a group") << features + "annotations: a.json\ncaptions: [a]\n"
                                      << QStringList{"captions", "group"};
  QTest::newRow("three question files") << features + "annotations: a.json\nquestions: {training: [a, b, c]}\n"
                                        << QStringList{"questions.training"};
  QTest::newRow("broken YAML") << "annotations: [a\n" << QStringList{"valid YAML"};
  QTest::newRow("empty") << "" << QStringList{"empty"};
  QTest::newRow("alias") << "annotations: &a x\nname: *a\n" << QStringList{"alias"};
  QTest::newRow("deep") << "annotations: " + QString(40, '[') + QString(40, ']') + "\n" << QStringList{"8 levels"};
}
void TestCatalogue::datasetYamlMistakesNameLineAndKey() {
  QFETCH(QString, yaml);
  QFETCH(QStringList, parts);
  const fs::path file = folder_.path().toStdString() + "/bad.yaml";
  writeText(file, yaml.toStdString());
  const QString message = QString::fromStdString(messageOf([&] { hvlm::readDatasetSpec(file); }));
  QVERIFY2(message.contains("bad.yaml"), qPrintable(message));
  for (const QString& part : parts) QVERIFY2(message.contains(part), qPrintable(message + " lacks " + part));
}

void TestCatalogue::captionsQuestionsAndListsAreJoined() {
  const fs::path folder = folder_.path().toStdString();
  writeText(folder / "a.json",
            database(videoEntry("one", segmentEntry(1, 2)) + "," + videoEntry("two", segmentEntry(1.1, 1.2)) + "," +
                     videoEntry("three", "") + "," + videoEntry("four", "") + "," +
                     videoEntry("val", segmentEntry(1, 5, "\"Run\""), "50", "validation")));
  writeText(folder / "c.json",
            "{\"v_one\": {\"duration\": 100, \"timestamps\": [[0, 5], [9, 7], [90, 120], [3, 3]], \"sentences\": [\" "
            "A. \", \"B.\", \"C.\", \"D.\"]},"
            "\"v_val\": {\"timestamps\": [[0, 1]], \"sentences\": [\"x\"]}, \"v_zzz\": {\"timestamps\": [], "
            "\"sentences\": []},"
            "\"two\": {\"timestamps\": [[0, 1], [1, 2]], \"sentences\": [\"only one\"]}}");
  writeText(folder / "q.json",
            "[{\"video_name\": \"one\", \"question\": \"why\", \"question_id\": \"q1\"}, {\"video_name\": \"one\", "
            "\"question\": \"how\", \"question_id\": \"q2\"},"
            "{\"video_name\": \"zzz\", \"question\": \"who\", \"question_id\": \"q3\"}, {\"question\": \"no id\"}, "
            "{\"video_name\": \"one\", \"question\": \"again\", \"question_id\": \"q1\"}]");
  writeText(folder / "qa.json",
            "[{\"answer\": \"yes\", \"type\": 3, \"question_id\": \"q1\"}, {\"answer\": \"no\", \"type\": 3, "
            "\"question_id\": \"q9\"}]");
  writeText(folder / "ids.txt", "# keep\nv_one\ntwo\nthree\nnobody # gone\n");
  writeText(folder / "blocked.json", "[\"three\"]");
  writeText(
      folder / "d.yaml",
      "name: joined\nannotations: a.json\nfeatures: {store: f.h5, steps_per_second: 1}\ncaptions: {training: c.json}\n"
      "questions: {training: [q.json, qa.json]}\nlists: {training: ids.txt, blocked: blocked.json, holdout: holdout.txt}\n");
  writeText(folder / "holdout.txt", "two\n");
  const hvlm::Catalogue catalogue = hvlm::readCatalogue(hvlm::readDatasetSpec(folder / "d.yaml"));
  QCOMPARE(catalogue.name, std::string("joined"));
  QCOMPARE(catalogue.videos.size(), size_t{3});  // four is not listed, three is blocked
  QVERIFY(catalogue.find("two")->held_out);
  const hvlm::Video& one = *catalogue.find("one");
  QVERIFY(!one.held_out);
  QCOMPARE(one.captions.size(), size_t{3});
  QCOMPARE(one.captions.at(0).text, std::string("A."));
  QCOMPARE(one.captions.at(1).start_seconds, 7.0);
  QCOMPARE(one.captions.at(2).end_seconds, 100.0);
  QCOMPARE(one.questions.size(), size_t{2});
  QCOMPARE(one.questions.at(0).answer, std::string("yes"));
  QCOMPARE(one.questions.at(0).type, 3);
  QCOMPARE(one.questions.at(1).answer, std::string());
  QCOMPARE(catalogue.find("two")->captions.size(), size_t{1});
  for (const char* kind :
       {"caption_reversed", "caption_outside", "caption_zero_length", "bad_caption", "no_video_for_caption",
        "wrong_subset", "no_video_for_question", "bad_question", "duplicate_question", "question_without_answer",
        "answer_without_question", "list_unknown_id", "blocked", "sub_grid", "label_without_training"}) {
    QVERIFY2(countOf(catalogue, kind) == 1, kind);
  }
  writeText(folder / "c.json", "[]");
  QVERIFY(!messageOf([&] { hvlm::readCatalogue(hvlm::readDatasetSpec(folder / "d.yaml")); }).empty());
}

void TestCatalogue::stepsOfSegments() {
  hvlm::Video video;
  video.segments = {{0.4, 2.5, 1}, {3.5, 99.0, 2}, {5.0, 6.0, 0}, {2.6, 2.9, 3}};
  // 2.5 goes to the even 2 and 3.5 to 4; the shorter of two overlapping segments wins; [2.6, 2.9] holds no step.
  QCOMPARE(hvlm::stepLabels(video, 8, 1.0), (std::vector<int64_t>{1, 1, -1, -1, 2, 0, 2, 2}));
  QCOMPARE(hvlm::stepLabels(video, 3, 2.0), (std::vector<int64_t>{1, -1, 0}));  // 5/2 goes to 2, 6/2 to 3
  QCOMPARE(hvlm::mainLabel(video), 2);
  QCOMPARE(hvlm::labelSet(video), (std::vector<int64_t>{0, 1, 2, 3}));
  QCOMPARE(hvlm::mainLabel(hvlm::Video()), -1);
  QCOMPARE(hvlm::stepRange(2.6, 2.9, 1.0, 8).size(), 0);
}

void TestCatalogue::ucf15HasTheCountsOfItsReadme() {
  const std::string folder = hvlm::testing::sharedFolder("data/ucf15");
  if (folder.empty()) QSKIP("../shared/data/ucf15 is not here");
  const hvlm::Catalogue catalogue = hvlm::readCatalogue(hvlm::readDatasetSpec(folder + "/dataset.yaml"));
  QCOMPARE(catalogue.classes.size(), size_t{10});
  QCOMPARE(catalogue.domains, (std::vector<std::string>{"Caring", "Fitness", "Leisure", "Personal Care", "Sports"}));
  struct Expected {
    const char* subset;
    size_t videos, segments, captions, questions;
  };
  for (const Expected& expected :
       {Expected{"training", 320, 487, 487, 1749}, Expected{"validation", 130, 194, 194, 707}}) {
    size_t segments = 0, captions = 0, questions = 0;
    for (const int64_t i : catalogue.subset(expected.subset)) {
      const hvlm::Video& video = catalogue.videos.at(static_cast<size_t>(i));
      segments += video.segments.size();
      captions += video.captions.size();
      questions += video.questions.size();
    }
    QCOMPARE(catalogue.subset(expected.subset).size(), expected.videos);
    QCOMPARE(segments, expected.segments);
    QCOMPARE(captions, expected.captions);
    QCOMPARE(questions, expected.questions);
  }
  QVERIFY2(catalogue.problems.empty(), catalogue.problems.empty() ? "" : catalogue.problems[0].detail.c_str());
}

void TestCatalogue::activityNetHasTheOdditiesOfItsReadme() {
  const std::string folder = hvlm::testing::sharedFolder("data/activitynet");
  if (folder.empty()) QSKIP("../shared/data/activitynet is not here");
  const hvlm::Catalogue catalogue = hvlm::readActivityNet(folder + "/activity_net.v1-3.min.json");
  QCOMPARE(catalogue.subset("training").size(), size_t{10024});
  QCOMPARE(catalogue.subset("validation").size(), size_t{4926});
  QCOMPARE(catalogue.classes.size(), size_t{200});
  QVERIFY(catalogue.domains.empty());  // its taxonomy is a list: all classes stand right below the root
  QCOMPARE(countOf(catalogue, "zero_length"), 12);
  QCOMPARE(countOf(catalogue, "duplicate_segment"), 47);
  QCOMPARE(countOf(catalogue, "past_end"), 1);
  QCOMPARE(countOf(catalogue, "unsorted_segments"), 250);
  QVERIFY(catalogue.find("v_Vg4a8igc0"));
  size_t segments = 0;
  for (const hvlm::Video& video : catalogue.videos) segments += video.segments.size();
  QCOMPARE(segments, size_t{15410 + 7654 - 12 - 47});
}

QTEST_GUILESS_MAIN(TestCatalogue)
#include "tst_data_catalogue.moc"
