// SPDX-License-Identifier: Apache-2.0
// Lists of questions, and the file of their answers that a judge reads.
#include <QtTest>
#include <nlohmann/json.hpp>

#include "language/judge.h"
#include "language/question_list.h"
#include "support/atomic_file.h"
#include "support/error.h"
#include "support/temporary_folder.h"

using namespace hvlm;

class TestLanguageQuestions : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void allFormsAreRead();
  void answersAreWhatAJudgeReads();
  void badListsAreNamed_data();
  void badListsAreNamed();

 private:
  std::filesystem::path file(const std::string& text) const {
    writeFileAtomic(folder_.path() / "list.json", text);
    return folder_.path() / "list.json";
  }
  TemporaryFolder folder_;
};

void TestLanguageQuestions::allFormsAreRead() {
  const auto items = readQuestionList(file(R"([
    {"id": 7, "video": "a", "question": " Who? ", "second_question": "Whom?", "reference": "Me."},
    {"Q": "What?", "A": "A dog.", "video_name": "v_b"},
    {"Q1": "Where?", "Q2": "At what place?", "A": "Here.", "video_name": "v_c"}])"));
  QCOMPARE(items.size(), size_t{3});
  QCOMPARE(items[0].id, std::string("7"));
  QCOMPARE(items[0].question, std::string("Who?"));
  QCOMPARE(items[0].second_question, std::string("Whom?"));
  QCOMPARE(items[1].id, std::string("v_b_1"));
  QCOMPARE(items[1].reference, std::string("A dog."));
  QVERIFY(items[1].second_question.empty());
  QCOMPARE(items[2].question + items[2].second_question, std::string("Where?At what place?"));
}

void TestLanguageQuestions::answersAreWhatAJudgeReads() {
  std::vector<ListedQuestion> items(3);
  items[0] = {"1", "a", "Who?", "Whom?", "me", "I do", "me"};
  items[1] = {"2", "a", "When?", "", "", "now", ""};
  items[2] = {"3", "b", "Why?", "", "so", "", ""};  // not answered
  const auto out = folder_.path() / "answers.json";
  writeAnswerList(out, items);
  const auto judged = readJudgedItems(out);
  QCOMPARE(judged.size(), size_t{2});
  QCOMPARE(judged[0].answer + "|" + judged[0].second_question + "|" + judged[0].second_answer, std::string("I do|Whom?|me"));
  QVERIFY(judged[1].reference.empty() && judged[1].second_question.empty());
}

void TestLanguageQuestions::badListsAreNamed_data() {
  QTest::addColumn<QString>("text");
  QTest::addColumn<QString>("fragment");
  QTest::newRow("no list") << "{}" << "a list of questions";
  QTest::newRow("empty") << "[]" << "an empty one";
  QTest::newRow("no object") << "[5]" << "item 1";
  QTest::newRow("no video") << R"([{"question": "Who?"}])" << "the video";
  QTest::newRow("no question") << R"([{"video": "a", "question": "Who?"}, {"video": "a", "question": "  "}])" << "item 2";
  QTest::newRow("one id twice") << R"([{"id": "x", "video": "a", "Q": "Who?"}, {"id": "x", "video": "b", "Q": "Who?"}])" << "second time";
  QTest::newRow("cut") << R"([{"id": "x")" << "list.json";
}
void TestLanguageQuestions::badListsAreNamed() {
  QFETCH(QString, text);
  QFETCH(QString, fragment);
  try {
    readQuestionList(file(text.toStdString()));
    QFAIL("it was read");
  } catch (const InputError& error) {
    QVERIFY2(QString::fromUtf8(error.what()).contains(fragment), error.what());
  }
}

QTEST_GUILESS_MAIN(TestLanguageQuestions)
#include "tst_language_questions.moc"
