// SPDX-License-Identifier: Apache-2.0
#include <QtTest>
#include <nlohmann/json.hpp>

#include "fake_server.h"
#include "language/chat_reply.h"
#include "language/chat_server.h"
#include "language/event_stream.h"
#include "support/error.h"

using namespace hvlm::testing;
using hvlm::ChatMessage;
using hvlm::ServerOptions;

namespace {

constexpr const char* kKey = "sk-very-secret";

ServerOptions optionsFor(const std::string& address) {
  ServerOptions options;
  options.address = address;
  options.model = "tiny";
  options.key = kKey;
  options.connect_seconds = 5.0;
  options.idle_seconds = 20.0;
  options.total_seconds = 60.0;
  return options;
}

const std::vector<ChatMessage> kQuestion = {{"system", "Be brief."}, {"user", "What happens?"}};

// What a call gave: the pieces that were handed out, and the answer or the message of its failure.
struct Outcome {
  std::vector<std::string> pieces;
  std::string answer, text, where, message;
  double seconds = 0.0;
};

Outcome ask(const ServerOptions& options, std::stop_token stop = {}, const std::vector<ChatMessage>& messages = kQuestion) {
  Outcome outcome;
  const auto begun = std::chrono::steady_clock::now();
  try {
    outcome.answer = hvlm::chat(options, messages, stop, [&](std::string_view piece) {
      outcome.pieces.emplace_back(piece);
      outcome.text += piece;
    });
  } catch (const hvlm::InputError& error) {
    outcome.message = error.what();
    outcome.where = error.fault().where;
  } catch (const hvlm::Interrupted&) {
    outcome.message = "interrupted";
  }
  outcome.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begun).count();
  return outcome;
}

FakeServer::Script says(const std::string& bytes) {
  return [bytes](const FakeServer::Peer& peer) { peer.send(bytes); };
}

// Sends one byte after the other, so that every piece the client sees may end anywhere.
FakeServer::Script dribbles(const std::string& head, const std::string& body) {
  return [head, body](const FakeServer::Peer& peer) {
    peer.send(head);
    for (const char c : body) peer.send(std::string(1, c));
  };
}

const std::string kWords = wordEvent("A ball ") + ": ping\n\n" + wordEvent("is thrown ") + wordEvent("[00:05].");
const char* const kWhole = "A ball is thrown [00:05].";

}  // namespace

class TestChat : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void answersArrive_data();
  void answersArrive();
  void wordsComeOneByOne();
  void requestIsWhatTheProtocolAsks();
  void noKeyNoHeader();
  void charactersAreNeverCut();
  void failuresAreClear_data();
  void failuresAreClear();
  void refusedConnection();
  void silenceEnds_data();
  void silenceEnds();
  void slowButSteadyIsFine();
  void totalTimeIsBounded();
  void floodIsBounded();
  void stopEndsTheWait_data();
  void stopEndsTheWait();
  void stopBeforeSendsNothing();
  void withoutAddressNothingIsSent();
  void badAddresses_data();
  void badAddresses();
  void endpoints_data();
  void endpoints();
  void proxyOfTheEnvironmentIsNotUsedForThisMachine();
  void badOptionsAreRefused();
  void brokenTextIsSentReplaced();
  void whatOnTextThrowsComesThrough();
  void eventStreamByEveryCut();
  void repliesByEveryCut();
  void oversizedEventIsRefused();
};

void TestChat::answersArrive_data() {
  QTest::addColumn<QByteArray>("head");
  QTest::addColumn<QByteArray>("body");
  const auto row = [](const char* name, const std::string& head, const std::string& body) { QTest::newRow(name) << QByteArray::fromStdString(head) << QByteArray::fromStdString(body); };
  row("events", eventHead(), kWords + doneEvent());
  std::string crlf;
  for (const char c : kWords + doneEvent()) crlf += c == '\n' ? "\r\n" : std::string(1, c);
  row("lines with CRLF", eventHead(), crlf);
  std::string cr;
  for (const char c : kWords + doneEvent()) cr += c == '\n' ? '\r' : c;
  row("lines with CR", eventHead(), cr);
  row("in chunks", chunkedHead(), chunk(kWords.substr(0, 9)) + chunk(kWords.substr(9)) + chunk(doneEvent()) + "0\r\n\r\n");
  row("no [DONE], but a reason to finish", eventHead(), kWords + "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n");
  row("a last event without its empty line", eventHead(), kWords + "data: [DONE]");
  row("usage, roles and nulls between", eventHead(), "data: {\"choices\":[{\"delta\":{\"role\":\"assistant\",\"content\":null}}]}\n\n" + kWords + "data: {\"choices\":[],\"usage\":{\"total_tokens\":9}}\n\n" + doneEvent());
  row("other fields and a byte order mark", eventHead(), "\xEF\xBB\xBF" "event: message\nid: 1\nretry: 5\n" + kWords + doneEvent());
  row("events of no named type", "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", kWords + doneEvent());
  row("text behind [DONE] is not read", eventHead(), kWords + doneEvent() + "data: garbage\n\n");
  const std::string json = "{\"choices\":[{\"message\":{\"role\":\"assistant\",\"content\":\"" + std::string(kWhole) + "\"}}]}";
  row("JSON instead of events", "", reply("200 OK", "application/json", json));
  row("JSON of no named type", "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", json);
}
void TestChat::answersArrive() {
  QFETCH(QByteArray, head);
  QFETCH(QByteArray, body);
  for (const auto& script : {says((head + body).toStdString()), dribbles(head.toStdString(), body.toStdString())}) {
    FakeServer server(script);
    const Outcome outcome = ask(optionsFor(server.address()));
    QCOMPARE(outcome.message, "");
    QCOMPARE(outcome.answer, kWhole);
    QCOMPARE(outcome.text, kWhole);
  }
}

void TestChat::wordsComeOneByOne() {
  std::atomic<bool> first = false;
  FakeServer server([&first](const FakeServer::Peer& peer) {
    peer.send(eventHead() + wordEvent("one "));
    while (!first) peer.pause(1);  // the second word waits until the first has been handed out
    peer.send(wordEvent("two") + doneEvent());
  });
  std::string text;
  hvlm::chat(optionsFor(server.address()), kQuestion, {}, [&](std::string_view piece) {
    text += piece;
    first = true;
  });
  QCOMPARE(text, "one two");
}

void TestChat::requestIsWhatTheProtocolAsks() {
  FakeServer server(says(eventHead() + doneEvent()));
  ask(optionsFor(server.address() + "/"));
  const std::string request = server.request();
  QVERIFY2(request.starts_with("POST /v1/chat/completions HTTP/1.1\r\n"), request.c_str());
  QVERIFY(request.find("Authorization: Bearer sk-very-secret\r\n") != std::string::npos);
  QVERIFY(request.find("Content-Type: application/json\r\n") != std::string::npos);
  QCOMPARE(request.find(kKey), request.rfind(kKey));  // nowhere else
  const nlohmann::json body = nlohmann::json::parse(request.substr(request.find("\r\n\r\n") + 4));
  QCOMPARE(body.at("stream").get<bool>(), true);
  QCOMPARE(body.at("model").get<std::string>(), "tiny");
  QCOMPARE(body.at("max_tokens").get<int>(), 512);
  QCOMPARE(body.at("temperature").get<double>(), 0.2);
  QCOMPARE(body.at("messages").at(1).at("content").get<std::string>(), "What happens?");
  QCOMPARE(body.at("messages").at(0).at("role").get<std::string>(), "system");
}

void TestChat::noKeyNoHeader() {
  FakeServer server(says(eventHead() + doneEvent()));
  ServerOptions options = optionsFor(server.address());
  options.key.clear();
  options.model.clear();
  ask(options);
  QVERIFY(server.request().find("Authorization") == std::string::npos);
  QVERIFY(server.request().find("\"model\"") == std::string::npos);
}

// "é€😀" cut between its bytes, each byte in an event of its own, and a byte that belongs to nothing.
void TestChat::charactersAreNeverCut() {
  std::string events;
  for (const char byte : std::string("é€😀")) events += wordEvent(std::string(1, byte));
  FakeServer server(says(eventHead() + events + wordEvent("\x80!") + wordEvent("\xE2\x82") + doneEvent()));
  const Outcome outcome = ask(optionsFor(server.address()));
  const std::vector<std::string> expected = {"é", "€", "😀", "\uFFFD!", "\uFFFD"};
  QVERIFY2(outcome.pieces == expected, outcome.text.c_str());
  QCOMPARE(outcome.answer, "é€😀\uFFFD!\uFFFD");
}

void TestChat::failuresAreClear_data() {
  QTest::addColumn<QByteArray>("bytes");
  QTest::addColumn<QString>("parts");  // of the message, by |
  QTest::addColumn<QString>("text");   // handed out before
  const auto row = [](const char* name, const std::string& bytes, const char* parts, const char* text = "") { QTest::newRow(name) << QByteArray::fromStdString(bytes) << QString::fromUtf8(parts) << QString::fromUtf8(text); };
  row("401 with the server's words", reply("401 Unauthorized", "application/json", R"({"error":{"message":"Bad key sk-very-secret given","type":"auth"}})"), "HTTP status 401: Bad key … given|Check the key");
  row("500 with a page", reply("500 Internal Server Error", "text/html", "<h1>Oops</h1>" + std::string(100'000, 'x')), "HTTP status 500: <h1>Oops</h1>|…|server failed");
  row("404 without a word", reply("404 Not Found", "text/plain", ""), "HTTP status 404.|/v1|model");
  row("429", reply("429 Too Many Requests", "application/json", R"({"detail":"slow down"})"), "429: slow down|later");
  row("400 as an error of one text", reply("400 Bad Request", "application/json", R"({"error":"context too long"})"), "context too long|context");
  row("a redirect is not followed", reply("302 Found", "text/plain", "", "Location: http://127.0.0.1:1/v1/chat/completions\r\n"), "HTTP status 302|not followed");
  row("a page instead of an answer", reply("200 OK", "text/html", "<html>hello</html>"), "chat server's answer|<html>hello");
  row("an empty reply", reply("200 OK", "application/json", ""), "an empty reply");
  row("JSON of another kind", reply("200 OK", "application/json", R"({"hello":1})"), "choices[0].message.content|hello");
  row("deep JSON", reply("200 OK", "application/json", std::string(100'000, '[')), "chat server's answer");
  row("an error inside status 200", reply("200 OK", "application/json", R"({"error":{"message":"no such model"}})"), "no such model");
  row("garbage among the events", eventHead() + wordEvent("A ball ") + "data: {oops\n\n", "events with JSON objects|{oops", "A ball ");
  row("an error among the events", eventHead() + wordEvent("A ball ") + "data: {\"error\":{\"message\":\"out of memory sk-very-secret\"}}\n\n", "out of memory …", "A ball ");
  row("events cut in the middle", eventHead() + wordEvent("A ball ") + "data: {\"choi", "events with JSON objects", "A ball ");
  row("events cut between two", eventHead() + wordEvent("A ball "), "the whole answer|ended in the middle", "A ball ");
  row("chunks cut in the middle", chunkedHead() + chunk(wordEvent("A ball ")) + "ff\r\nda", "the whole answer|ended in the middle", "A ball ");
  row("a reply shorter than it said", "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 500\r\n\r\n{\"choices\"", "the whole answer|before the first word");
  row("no event at all", eventHead(), "an empty reply");
  row("comments only", eventHead() + ": ping\n\n", "no event");
  row("a connection that closes at once", "", "the whole answer|before the first word");
  row("no HTTP", "SSH-2.0-OpenSSH_9\r\n\r\n", "a connection");
}
void TestChat::failuresAreClear() {
  QFETCH(QByteArray, bytes);
  QFETCH(QString, parts);
  QFETCH(QString, text);
  FakeServer server(says(bytes.toStdString()));
  const Outcome outcome = ask(optionsFor(server.address()));
  const QString message = QString::fromStdString(outcome.message);
  for (const QString& part : parts.split(QLatin1Char('|'))) QVERIFY2(message.contains(part), qPrintable("\"" + message + "\" lacks " + part));
  QCOMPARE(outcome.where, server.address());
  QVERIFY2(!message.contains(QLatin1String("secret")), qPrintable(message));
  QVERIFY(message.size() < 1000);
  QCOMPARE(QString::fromStdString(outcome.text), text);
}

void TestChat::refusedConnection() {
  std::string address;
  {
    FakeServer server(says(""));
    address = server.address();
  }
  const Outcome outcome = ask(optionsFor(address));
  QVERIFY2(outcome.message.find("nobody listens there") != std::string::npos, outcome.message.c_str());
  QVERIFY(outcome.message.find("Start the chat server") != std::string::npos);
}

void TestChat::silenceEnds_data() {
  QTest::addColumn<QByteArray>("bytes");
  QTest::addColumn<QString>("part");
  QTest::newRow("nothing comes at all") << QByteArray() << "a first word within 0.5 s, found silence";
  QTest::newRow("silence behind the first word") << QByteArray::fromStdString(eventHead() + wordEvent("A ball ")) << "the next word within 0.5 s, found silence";
}
void TestChat::silenceEnds() {
  QFETCH(QByteArray, bytes);
  QFETCH(QString, part);
  FakeServer server([bytes](const FakeServer::Peer& peer) {
    peer.send(bytes.toStdString());
    peer.hang();
  });
  ServerOptions options = optionsFor(server.address());
  options.idle_seconds = 0.5;
  const Outcome outcome = ask(options);
  QVERIFY2(QString::fromStdString(outcome.message).contains(part), outcome.message.c_str());
  QCOMPARE(outcome.text, bytes.isEmpty() ? "" : "A ball ");
  QVERIFY(outcome.seconds < 10.0);
}

// Words come more slowly than the idle time allows for all of them together, but each of them in time.
void TestChat::slowButSteadyIsFine() {
  FakeServer server([](const FakeServer::Peer& peer) {
    peer.send(eventHead());
    for (int i = 0; i < 14; ++i) {
      peer.pause(100);
      peer.send(i % 2 == 0 ? ": ping\n\n" : wordEvent("x"));
    }
    peer.send(doneEvent());
  });
  ServerOptions options = optionsFor(server.address());
  options.idle_seconds = 1.0;
  const Outcome outcome = ask(options);
  QCOMPARE(outcome.message, "");
  QCOMPARE(outcome.answer, "xxxxxxx");
}

void TestChat::totalTimeIsBounded() {
  FakeServer server([](const FakeServer::Peer& peer) {
    peer.send(eventHead());
    for (int i = 0; i < 60; ++i) {
      peer.pause(10);
      peer.send(wordEvent("x"));
    }
    peer.hang();
  });
  ServerOptions options = optionsFor(server.address());
  options.total_seconds = 0.2;
  const Outcome outcome = ask(options);
  QVERIFY2(outcome.message.find("the whole answer within 0.2 s") != std::string::npos, outcome.message.c_str());
  QVERIFY(!outcome.text.empty());
  QVERIFY(outcome.seconds < 10.0);
}

void TestChat::floodIsBounded() {
  FakeServer server([](const FakeServer::Peer& peer) {
    peer.send(eventHead());
    const std::string comment = ":" + std::string(999'998, 'x') + "\n";
    for (int i = 0; i < 70; ++i) peer.send(comment);
  });
  const Outcome outcome = ask(optionsFor(server.address()));
  QVERIFY2(outcome.message.find("at most 64 MB") != std::string::npos, outcome.message.c_str());
}

void TestChat::stopEndsTheWait_data() {
  QTest::addColumn<QByteArray>("bytes");
  QTest::newRow("before the first byte") << QByteArray();
  QTest::newRow("in the middle of the answer") << QByteArray::fromStdString(eventHead() + wordEvent("A ball "));
}
void TestChat::stopEndsTheWait() {
  QFETCH(QByteArray, bytes);
  FakeServer server([bytes](const FakeServer::Peer& peer) {
    peer.send(bytes.toStdString());
    peer.hang();
  });
  std::stop_source stop;
  std::thread stopper([&] {
    while (server.requests() == 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    stop.request_stop();
  });
  const Outcome outcome = ask(optionsFor(server.address()), stop.get_token());
  stopper.join();
  QCOMPARE(outcome.message, "interrupted");
  QCOMPARE(outcome.text, bytes.isEmpty() ? "" : "A ball ");
  QVERIFY(outcome.seconds < 10.0);  // the idle time is 20 s: the stop ended it
}

void TestChat::stopBeforeSendsNothing() {
  FakeServer server(says(""));
  std::stop_source stop;
  stop.request_stop();
  QCOMPARE(ask(optionsFor(server.address()), stop.get_token()).message, "interrupted");
  QCOMPARE(server.requests(), 0);
}

void TestChat::withoutAddressNothingIsSent() {
  for (const char* address : {"", "  "}) {
    const Outcome outcome = ask(optionsFor(address));
    QVERIFY2(outcome.message.find("Nothing is sent anywhere without an address") != std::string::npos, outcome.message.c_str());
  }
}

void TestChat::badAddresses_data() {
  QTest::addColumn<QString>("address");
  QTest::addColumn<QString>("part");
  QTest::newRow("a file") << "file:///etc/passwd" << "the scheme \"file\"";
  QTest::newRow("another protocol") << "gopher://127.0.0.1/v1" << "the scheme \"gopher\"";
  QTest::newRow("no scheme") << "127.0.0.1:8080/v1" << "an address like";
  QTest::newRow("no address") << "what is this" << "an address like";
  QTest::newRow("a password") << "http://me:sesame@127.0.0.1/v1" << "a key has its own place";
  QTest::newRow("a query") << "http://127.0.0.1/v1?key=1" << "behind ? or #";
}
void TestChat::badAddresses() {
  QFETCH(QString, address);
  QFETCH(QString, part);
  const Outcome outcome = ask(optionsFor(address.toStdString()));
  QVERIFY2(QString::fromStdString(outcome.message).contains(part), outcome.message.c_str());
  QVERIFY(outcome.message.find("sesame") == std::string::npos);
}

void TestChat::endpoints_data() {
  QTest::addColumn<QString>("address");
  QTest::addColumn<QString>("endpoint");
  QTest::newRow("as documented") << "http://127.0.0.1:8080/v1" << "http://127.0.0.1:8080/v1/chat/completions";
  QTest::newRow("slashes at the end") << "https://api.example.org/v1//" << "https://api.example.org/v1/chat/completions";
  QTest::newRow("the whole path") << "http://localhost/v1/chat/completions" << "http://localhost/v1/chat/completions";
  QTest::newRow("no path, blanks around") << " http://[::1]:11434 " << "http://[::1]:11434/chat/completions";
}
void TestChat::endpoints() {
  QFETCH(QString, address);
  QFETCH(QString, endpoint);
  QCOMPARE(QString::fromStdString(hvlm::chatEndpoint(address.toStdString())), endpoint);
}

void TestChat::proxyOfTheEnvironmentIsNotUsedForThisMachine() {
  const QByteArray before = qgetenv("http_proxy");
  qputenv("http_proxy", "http://127.0.0.1:1");
  FakeServer server(says(eventHead() + kWords + doneEvent()));
  const Outcome outcome = ask(optionsFor(server.address()));
  before.isNull() ? qunsetenv("http_proxy") : qputenv("http_proxy", before);
  QCOMPARE(outcome.message, "");
  QCOMPARE(outcome.answer, kWhole);
}

void TestChat::badOptionsAreRefused() {
  FakeServer server(says(""));
  const auto refused = [&](auto change) {
    ServerOptions options = optionsFor(server.address());
    change(options);
    return !ask(options).where.empty();
  };
  QVERIFY(refused([](ServerOptions& o) { o.temperature = std::nan(""); }));
  QVERIFY(refused([](ServerOptions& o) { o.top_p = 0.0; }));
  QVERIFY(refused([](ServerOptions& o) { o.max_tokens = 0; }));
  QVERIFY(refused([](ServerOptions& o) { o.idle_seconds = -1.0; }));
  QVERIFY(refused([](ServerOptions& o) { o.key = "a\r\nX-Evil: 1"; }));
  QCOMPARE(server.requests(), 0);
}

void TestChat::brokenTextIsSentReplaced() {
  FakeServer server(says(eventHead() + doneEvent()));
  const Outcome outcome = ask(optionsFor(server.address()), {}, {{"user", "caf\xC3"}});
  QCOMPARE(outcome.message, "");
  QVERIFY(server.request().find("caf\xEF\xBF\xBD") != std::string::npos);
}

void TestChat::whatOnTextThrowsComesThrough() {
  FakeServer server(says(eventHead() + kWords + doneEvent()));
  QVERIFY_THROWS_EXCEPTION(std::out_of_range, hvlm::chat(optionsFor(server.address()), kQuestion, {}, [](std::string_view) { throw std::out_of_range("mine"); }));
}

void TestChat::eventStreamByEveryCut() {
  const std::string bytes = "data: a\r\n\r\n:x\r\ndata:b\rdata: c\n\ndata\n\nevent: e\n\ndata: d";
  const std::vector<std::string> expected = {"a", "b\nc", "", "d"};
  for (size_t first = 0; first <= bytes.size(); ++first) {
    for (size_t second = first; second <= bytes.size(); ++second) {
      std::vector<std::string> got;
      const auto keep = [&got](std::string_view data) { got.emplace_back(data); };
      hvlm::EventStream stream;
      for (const std::string& piece : {bytes.substr(0, first), bytes.substr(first, second - first), bytes.substr(second)}) QVERIFY(stream.feed(piece, keep));
      stream.finish(keep);
      QVERIFY2(got == expected, qPrintable(QStringLiteral("%1 %2").arg(first).arg(second)));
    }
  }
}

// However the bytes fall into pieces, and whether or not the server says what it sends.
void TestChat::repliesByEveryCut() {
  const std::string json = "{\"choices\":[{\"message\":{\"role\":\"assistant\",\"content\":\"" + std::string(kWhole) + "\"}}]}";
  for (const std::string& body : {kWords + doneEvent(), "id: 1\n" + kWords + doneEvent(), "retry: 5\n\n" + kWords + doneEvent(), ": hello\n\n" + kWords + doneEvent(), " \r\n" + json}) {
    const bool events = body.find("[DONE]") != std::string::npos;
    for (const char* type : {"", events ? "text/event-stream" : "application/json"}) {
      for (size_t cut = 0; cut <= 12; ++cut) {
        std::string told;
        const std::function<void(std::string_view)> tell = [&told](std::string_view piece) { told += piece; };
        hvlm::ChatReply reply("http://127.0.0.1", "", tell);
        for (size_t at = 0; at < cut; ++at) reply.feed(body.substr(at, 1), 200, type);
        reply.feed(body.substr(cut), 200, type);
        reply.finish(true, 200);
        QCOMPARE(reply.text(), std::string(kWhole));
        QCOMPARE(told, std::string(kWhole));
      }
    }
  }
}

void TestChat::oversizedEventIsRefused() {
  FakeServer server(says(eventHead() + "data: " + std::string(4'100'000, 'x') + "\n\n"));
  const Outcome outcome = ask(optionsFor(server.address()));
  QVERIFY2(outcome.message.find("events of at most 4 MB") != std::string::npos, outcome.message.c_str());
}

QTEST_GUILESS_MAIN(TestChat)
#include "tst_language_chat.moc"
