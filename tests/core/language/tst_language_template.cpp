// SPDX-License-Identifier: Apache-2.0
#include <QtTest>
#include <nlohmann/json.hpp>

#include "language/chat_template.h"
#include "support/atomic_file.h"
#include "support/error.h"
#include "support/golden.h"
#include "support/json_file.h"
#include "support/temporary_folder.h"

using namespace hvlm;
using nlohmann::json;
using Messages = std::vector<ChatMessage>;

namespace {

const Messages kTalk = {{"system", "Be brief."}, {"user", "What happens?"}, {"assistant", "A dog jumps."}, {"user", "Why?"}};
const ChatRenderOptions kTokens = {.bos_token = "<s>", .eos_token = "</s>"};

template <class Work>
QString refusal(Work work) {
  try {
    work();
  } catch (const InputError& error) {
    return QString::fromUtf8(error.what());
  }
  return {};
}

std::string rendered(std::string_view source, const Messages& messages = kTalk) {
  return ChatTemplate::parse(source).render(messages, kTokens);
}

std::string repeated(const std::string& text, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += text;
  return all;
}

}  // namespace

class TestLanguageTemplate : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void textsAreTheReferences();
  void templatesOfTheProgram_data();
  void templatesOfTheProgram();
  void templatesOfTheProgramCheckTheMessages();
  void whatIsUnknownIsNamedWithItsLine_data();
  void whatIsUnknownIsNamedWithItsLine();
  void valuesThatDoNotFitAreNamed_data();
  void valuesThatDoNotFitAreNamed();
  void errorOfTheTemplateIsShown();
  void messagesAreNoTemplates();
  void boundsHold();
  void tokenizerBringsItsTemplate();
};

void TestLanguageTemplate::textsAreTheReferences() {
  const json cases = readJsonFile(hvlm::testing::sourceFolder() + "/tests/data/language/template_references.json");
  QVERIFY(cases.size() >= 50);
  int texts = 0;
  int errors = 0;
  for (const json& one : cases) {
    Messages messages;
    for (const json& message : one["messages"]) messages.push_back({message["role"], message["content"]});
    ChatRenderOptions options = kTokens;
    options.add_generation_prompt = one["add_generation_prompt"];
    const ChatTemplate read = ChatTemplate::parse(one["source"].get<std::string>(), one["name"]);
    if (one.contains("text")) {
      QCOMPARE(read.render(messages, options), one["text"].get<std::string>());
      ++texts;
    } else {
      const QString message = refusal([&] { read.render(messages, options); });
      QVERIFY2(message.contains(QString::fromStdString(one["error"])), qPrintable(message));
      ++errors;
    }
  }
  QVERIFY(texts >= 50 && errors >= 1);
}

void TestLanguageTemplate::templatesOfTheProgram_data() {
  QTest::addColumn<QString>("name");
  QTest::addColumn<QString>("text");
  QTest::newRow("one separator") << "single"
                                 << "Be brief.###Human: What happens?###Assistant: A dog jumps.###Human: Why?###Assistant:";
  QTest::newRow("two separators") << "two"
                                  << "Be brief. USER: What happens? ASSISTANT: A dog jumps.</s>USER: Why? ASSISTANT:";
  QTest::newRow("system text in the first question")
      << "llama"
      << "<s>[INST] <<SYS>>\nBe brief.\n<</SYS>>\n\nWhat happens? [/INST] A dog jumps. </s><s>[INST] Why? [/INST]";
  QTest::newRow("marks around messages")
      << "chatml"
      << "<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nWhat happens?<|im_end|>\n<|im_start|>assistant\n"
         "A dog jumps.<|im_end|>\n<|im_start|>user\nWhy?<|im_end|>\n<|im_start|>assistant\n";
}

void TestLanguageTemplate::templatesOfTheProgram() {
  QFETCH(QString, name);
  QFETCH(QString, text);
  QVERIFY(std::ranges::count(ChatTemplate::names(), name.toStdString()) == 1);
  const ChatTemplate made = ChatTemplate::named(name.toStdString());
  QCOMPARE(QString::fromStdString(made.render(kTalk, kTokens)), text);
  const Messages answered(kTalk.begin(), kTalk.end() - 1);
  ChatRenderOptions options = kTokens;
  options.add_generation_prompt = false;
  const QString without = QString::fromStdString(made.render(answered, options));
  QVERIFY2(text.startsWith(without) && without.contains("A dog jumps."), qPrintable(without));
}

void TestLanguageTemplate::templatesOfTheProgramCheckTheMessages() {
  for (const char* name : {"single", "two"})
    QVERIFY(refusal([&] { ChatTemplate::named(name).render(Messages{{"tool", "x"}}); }).contains("The roles are"));
  QVERIFY(refusal([] { ChatTemplate::named("llama").render(Messages{{"user", "a"}, {"user", "b"}}); }).contains("take turns"));
  QCOMPARE(ChatTemplate::named("llama").render(Messages{}), std::string());
  QCOMPARE(ChatTemplate::named("two").render(Messages{{"assistant", "x"}}, {.add_generation_prompt = false}),
           std::string("ASSISTANT: x</s>"));
  const QString message = refusal([] { ChatTemplate::named("lama"); });
  for (const char* part : {"lama", "single", "two", "llama", "chatml"}) QVERIFY2(message.contains(part), qPrintable(message));
}

void TestLanguageTemplate::whatIsUnknownIsNamedWithItsLine_data() {
  QTest::addColumn<QByteArray>("source");  // on line 2
  QTest::addColumn<QString>("name");
  QTest::newRow("filter") << QByteArray("{{ 'a' | upper }}") << "\"upper\"";
  QTest::newRow("filter with arguments") << QByteArray("{{ 'a' | tojson(indent=2) }}") << "\"tojson(\"";
  QTest::newRow("macro") << QByteArray("{% macro f() %}{% endmacro %}") << "\"macro\"";
  QTest::newRow("include") << QByteArray("{% include 'x' %}") << "\"include\"";
  QTest::newRow("break") << QByteArray("{% for m in messages %}{% break %}{% endfor %}") << "\"break\"";
  QTest::newRow("function") << QByteArray("{{ range(3) }}") << "\"range(\"";
  QTest::newRow("date") << QByteArray("{{ strftime_now('%d') }}") << "\"strftime_now(\"";
  QTest::newRow("method") << QByteArray("{{ messages[0].content.upper() }}") << "\".upper(\"";
  QTest::newRow("strip with arguments") << QByteArray("{{ 'a'.strip('x') }}") << "\".strip(\"";
  QTest::newRow("call of a call") << QByteArray("{{ 'a'.strip()() }}") << "no call";
  QTest::newRow("test") << QByteArray("{{ 1 is odd }}") << "\"odd\"";
  QTest::newRow("dictionary") << QByteArray("{{ {'a': 1} }}") << "\"{\"";
  QTest::newRow("fraction") << QByteArray("{{ 1.5 }}") << "1.5";
  QTest::newRow("power") << QByteArray("{{ 2 ** 3 }}") << "\"**\"";
  QTest::newRow("division") << QByteArray("{{ 2 / 3 }}") << "\"/\"";
  QTest::newRow("step of a slice") << QByteArray("{{ messages[::-1] }}") << "step";
  QTest::newRow("two names of a for") << QByteArray("{% for a, b in messages %}{% endfor %}") << "\",\"";
  QTest::newRow("condition of a for") << QByteArray("{% for a in messages if a %}{% endfor %}") << "\"if\"";
  QTest::newRow("else of a for") << QByteArray("{% for a in messages %}{% else %}{% endfor %}") << "\"else\"";
  QTest::newRow("attribute of a set") << QByteArray("{% set a.b = 1 %}") << "\".\"";
  QTest::newRow("block set") << QByteArray("{% set a %}x{% endset %}") << "= after";
  QTest::newRow("name that means something") << QByteArray("{% set loop = 1 %}") << "\"loop\"";
  QTest::newRow("open for") << QByteArray("{% for a in messages %}x") << "endfor";
  QTest::newRow("open if") << QByteArray("{% if true %}x{% else %}") << "endif";
  QTest::newRow("end without a beginning") << QByteArray("{% endif %}") << "\"endif\"";
  QTest::newRow("wrong end") << QByteArray("{% if true %}{% endfor %}") << "\"endfor\"";
  QTest::newRow("two else") << QByteArray("{% if true %}{% else %}{% else %}{% endif %}") << "\"else\"";
  QTest::newRow("open output") << QByteArray("{{ 'a'") << "}}";
  QTest::newRow("open block") << QByteArray("{% if true") << "%}";
  QTest::newRow("open comment") << QByteArray("{# x") << "#}";
  QTest::newRow("open text") << QByteArray("{{ 'a }}") << "'";
  QTest::newRow("empty output") << QByteArray("{{ }}") << "}}";
  QTest::newRow("missing operand") << QByteArray("{{ 1 + }}") << "}}";
  QTest::newRow("two values") << QByteArray("{{ 1 2 }}") << "\"2\"";
  QTest::newRow("bad escape") << QByteArray("{{ '\\u12' }}") << "hexadecimal";
  QTest::newRow("surrogate") << QByteArray("{{ '\\ud800' }}") << "ud800";
  QTest::newRow("keyword as a value") << QByteArray("{{ in }}") << "\"in\"";
}

void TestLanguageTemplate::whatIsUnknownIsNamedWithItsLine() {
  QFETCH(QByteArray, source);
  QFETCH(QString, name);
  const QString message = refusal([&] { ChatTemplate::parse("text\n" + source.toStdString(), "a.jinja"); });
  QVERIFY2(message.contains(name) && message.contains("a.jinja, line 2"), qPrintable(message));
}

void TestLanguageTemplate::valuesThatDoNotFitAreNamed_data() {
  QTest::addColumn<QByteArray>("source");
  QTest::addColumn<QString>("part");
  QTest::newRow("part of nothing") << QByteArray("{{ nothing.content }}") << "undefined";
  QTest::newRow("item of nothing") << QByteArray("{{ messages[9]['role'] }}") << "undefined";
  QTest::newRow("text and number") << QByteArray("{{ 'a' + 1 }}") << "a text and a number";
  QTest::newRow("text and nothing") << QByteArray("{{ 'a' + nothing }}") << "a text and an undefined value";
  QTest::newRow("order of text and number") << QByteArray("{{ 'a' < 1 }}") << "a text and a number";
  QTest::newRow("list as text") << QByteArray("{{ messages }}") << "a list";
  QTest::newRow("loop over a number") << QByteArray("{% for a in 3 %}{% endfor %}") << "a number";
  QTest::newRow("number in a text") << QByteArray("{{ 1 in 'a1' }}") << "a number in a text";
  QTest::newRow("remainder of zero") << QByteArray("{{ 1 % 0 }}") << "other than 0";
  QTest::newRow("index of a number") << QByteArray("{{ 1[0] }}") << "a number";
  QTest::newRow("text as an index of a list") << QByteArray("{{ messages['a'] }}") << "a text for a list";
  QTest::newRow("slice by a text") << QByteArray("{{ messages['a':] }}") << "numbers in a slice";
  QTest::newRow("undefined as JSON") << QByteArray("{{ nothing | tojson }}") << "undefined";
  QTest::newRow("numbers too large") << QByteArray("{{ 999999999999999 * 999999999999999 }}") << "2^63";
}

void TestLanguageTemplate::valuesThatDoNotFitAreNamed() {
  QFETCH(QByteArray, source);
  QFETCH(QString, part);
  const ChatTemplate made = ChatTemplate::parse("\n\n" + source.toStdString(), "a.jinja");  // reads well
  const QString message = refusal([&] { made.render(kTalk); });
  QVERIFY2(message.contains(part) && message.contains("a.jinja, line 3"), qPrintable(message));
}

void TestLanguageTemplate::errorOfTheTemplateIsShown() {
  const std::string source =
      "{% if messages[0].role != 'user' %}\n{{ raise_exception('No ' ~ messages[0].role ~ ' here') }}{% endif %}fine";
  const QString message = refusal([&] { rendered(source); });
  QVERIFY2(message.contains("No system here") && message.contains("line 2"), qPrintable(message));
  QCOMPARE(rendered(source, {{"user", "x"}}), std::string("fine"));
}

void TestLanguageTemplate::messagesAreNoTemplates() {
  QCOMPARE(rendered("{{ messages[0].content }}", {{"user", "{{ 1 }}{% if %}{# #}\n"}}), std::string("{{ 1 }}{% if %}{# #}\n"));
  QCOMPARE(rendered("{{ messages[0] | tojson }}", {{"user", "\xFF\"\n"}}),
           std::string("{\"role\": \"user\", \"content\": \"\uFFFD\\\"\\n\"}"));
}

void TestLanguageTemplate::boundsHold() {
  const auto refused = [](const std::string& source, const char* part) {
    const QString message = refusal([&] { rendered(source); });
    return message.contains(part);
  };
  QVERIFY(refused(std::string((256 << 10) + 1, 'x'), "256 KiB"));
  QCOMPARE(rendered(std::string(256 << 10, 'x')).size(), size_t{256 << 10});
  for (const auto& [open, close] : std::vector<std::pair<const char*, const char*>>{
           {"(", ")"}, {"[", "]"}, {"messages[", "]"}, {"not ", ""}, {"-", ""}, {"1 if 1 else ", ""}}) {
    QVERIFY2(refused("{{ " + repeated(open, 5000) + "1" + repeated(close, 5000) + " }}", "levels inside one another, found more"), open);
  }
  QVERIFY(refused("{{ 1" + repeated(" + 1", 20'000) + " }}", "1000 operators"));
  QVERIFY(refused("{{ 'a'" + repeated(" | trim", 20'000) + " }}", "filters"));
  QVERIFY(refused("{{ messages" + repeated("[0]", 20'000) + " }}", "parts of parts"));
  QVERIFY(refused(repeated("{% if true %}", 5000), "more"));
  QCOMPARE(rendered("{{ " + repeated("(", 15) + "1" + repeated(")", 15) + " }}"), std::string("1"));
  const std::string ten = "[0,1,2,3,4,5,6,7,8,9]";
  std::string loops;
  for (int i = 0; i < 7; ++i) loops += "{% for x in " + ten + " %}";
  QVERIFY(refused(loops + repeated("{% endfor %}", 7), "1000000 turns"));
  std::string doubling = "{% set a = 'xxxxxxxxxxxxxxxx' %}";
  for (int i = 0; i < 30; ++i) doubling += "{% set a = a ~ a %}";
  QVERIFY(refused(doubling, "16 MiB"));
  const Messages large = {{"user", std::string(1 << 20, 'x')}};
  const ChatTemplate repeats =
      ChatTemplate::parse("{% for x in " + ten + " %}{{ messages[0].content }}{{ messages[0].content }}{% endfor %}");
  QVERIFY(refusal([&] { repeats.render(large); }).contains("16 MiB"));
}

void TestLanguageTemplate::tokenizerBringsItsTemplate() {
  const TemporaryFolder folder;
  const auto path = folder.path() / "tokenizer_config.json";
  const auto put = [&](const json& value) { writeFileAtomic(path, value.dump()); };
  put({{"chat_template", "{{ bos_token + messages[0].content + eos_token }}"},
       {"bos_token", "<s>"},
       {"eos_token", {{"content", "</s>"}, {"lstrip", false}}}});
  const TokenizerTemplate read = readTokenizerTemplate(path);
  QCOMPARE(read.chat.render(kTalk, {.bos_token = read.bos_token, .eos_token = read.eos_token}), std::string("<s>Be brief.</s>"));
  put({{"chat_template", json::array({{{"name", "tools"}, {"template", "t"}}, {{"name", "default"}, {"template", "d"}}})},
       {"bos_token", nullptr}});
  QCOMPARE(readTokenizerTemplate(path).chat.source(), std::string("d"));
  QCOMPARE(readTokenizerTemplate(path).bos_token, std::string());
  const auto message = [&](const json& value) {
    put(value);
    return refusal([&] { readTokenizerTemplate(path); });
  };
  QVERIFY(message({{"bos_token", "<s>"}}).contains("chat_template"));
  QVERIFY(message(json::array()).contains("tokenizer_config.json"));
  QVERIFY(message({{"chat_template", 3}}).contains("default"));
  QVERIFY(message({{"chat_template", json::array({{{"name", "tools"}, {"template", "t"}}})}}).contains("default"));
  QVERIFY(message({{"chat_template", "x"}, {"eos_token", 2}}).contains("eos_token"));
  QVERIFY(message({{"chat_template", "a\n{{ range(1) }}"}}).contains("line 2"));
}

QTEST_GUILESS_MAIN(TestLanguageTemplate)
#include "tst_language_template.moc"
