// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/language/answerer.h"

#include <QDir>
#include <QElapsedTimer>
#include <mutex>

#include "language/evidence.h"
#include "support/error.h"
#include "ui/language/engine_call.h"
#include "ui/shell/background.h"
#include "ui/text.h"

namespace hvlm::ui {
namespace {

constexpr size_t kPromptCharacters = 32'000;     // system text and talk that a model gets
constexpr qsizetype kLongestAnswer = 200'000;    // characters; a server that never ends is left
constexpr double kServerPatience = 120.0;        // seconds without a byte: a model on a small machine reads long

QString spent(double seconds) { return Answerer::tr("%1 s").arg(uiNumber(seconds, 1)); }

}  // namespace

// Pieces on their way to the GUI thread: as many as came meanwhile arrive as one.
struct Answerer::Stream {
  std::mutex mutex;
  std::string waiting;
  bool posted = false;
};

QString backendName(const Backend& backend) {
  if (backend.kind == BackendKind::kModel) return QDir(backend.model_folder).dirName();
  if (backend.kind == BackendKind::kServer) return qText(backend.server.model.empty() ? backend.server.address : backend.server.model);
  return uiText("this run");
}

QString backendProblem(const Backend& backend) {
  if (backend.kind == BackendKind::kModel && backend.model_folder.isEmpty()) return uiText("Choose the folder of a language model first.");
  if (backend.kind != BackendKind::kServer) return {};
  if (backend.server.address.empty()) return uiText("Enter a server's address first.");
  try {
    chatEndpoint(backend.server.address);
  } catch (const InputError& error) {
    return qText(error.what());
  }
  return {};
}

Answerer::~Answerer() { stop_.request_stop(); }

void Answerer::setRunner(JobRunner* runner) {
  if (!runner) stop();
  runner_ = runner;
}

void Answerer::stop() {
  stop_.request_stop();
  ++newest_;
  busy_ = false;
}

void Answerer::ask(const Backend& backend, const EvidenceSpec& about, const Conversation& talk) {
  if (!runner_) return;
  stop();
  stop_ = std::stop_source();
  busy_ = true;
  heard_.clear();
  const int64_t number = newest_;
  AskSpec spec;
  spec.run_folder = about.run_folder;
  spec.data = about.data;
  spec.video = about.video;
  spec.question = talk.messages().back().content;
  if (backend.kind == BackendKind::kRun) {
    askEngineFor(std::move(spec));
    return;
  }
  spec.model_folder = stdText(backend.model_folder);
  spec.chat_template = stdText(backend.chat_template);
  askEngine(
      *runner_, "evidence", this,
      [about, stop = stop_.get_token()](JobEngine& engine) {
        if (stop.stop_requested()) throw Interrupted("stopped");
        return systemPrompt(engine.evidence(about));
      },
      [this, number, backend, spec, talk = Conversation(talk)](const std::string& system) mutable {
        if (number != newest_) return;
        Q_EMIT systemMade(qText(system));
        talk.setSystem(system);
        spec.messages = talk.prompt(kPromptCharacters);
        if (backend.kind == BackendKind::kModel) askEngineFor(std::move(spec));
        else askServer(backend, std::move(spec.messages));
      },
      [this, number](const QString& message) { fail(number, message); });
}

void Answerer::askEngineFor(AskSpec spec) {
  const int64_t number = newest_;
  askEngine(
      *runner_, "ask", this,
      [spec = std::move(spec), stop = stop_.get_token(), on_text = listener()](JobEngine& engine) {
        if (stop.stop_requested()) throw Interrupted("stopped");
        return engine.ask(spec, stop, on_text);
      },
      [this, number](const AskAnswer& answer) {
        QString by = qText(answer.by);
        if (answer.confidence > 0.0) by += tr(" · %1 % sure").arg(uiNumber(answer.confidence * 100.0, 0));
        if (answer.seconds > 0.0) by += QStringLiteral(" · ") + spent(answer.seconds);
        finish(number, qText(answer.text), by);
      },
      [this, number](const QString& message) { fail(number, message); });
}

void Answerer::askServer(const Backend& backend, std::vector<ChatMessage> messages) {
  ServerOptions options = backend.server;
  options.idle_seconds = kServerPatience;
  const int64_t number = newest_;
  QElapsedTimer clock;
  clock.start();
  const QString name = backendName(backend);
  inBackground(
      this,
      [options, messages = std::move(messages), stop = stop_.get_token(), on_text = listener()] {
        return chat(options, messages, stop, on_text);
      },
      [this, number, name, clock](const std::string& text) {
        finish(number, qText(text), name + QStringLiteral(" · ") + spent(static_cast<double>(clock.elapsed()) / 1000.0));
      },
      [this, number](const QString& message) { fail(number, message); });
}

// Takes pieces on any thread.
std::function<void(std::string_view)> Answerer::listener() {
  return [alive = QPointer<Answerer>(this), stream = std::make_shared<Stream>(), number = newest_](std::string_view piece) {
    {
      const std::lock_guard lock(stream->mutex);
      stream->waiting.append(piece);
      if (std::exchange(stream->posted, true)) return;
    }
    onGuiThread([alive, stream, number] {
      if (alive) alive->drain(number, stream);
    });
  };
}

void Answerer::drain(int64_t number, const std::shared_ptr<Stream>& stream) {
  std::string text;
  {
    const std::lock_guard lock(stream->mutex);
    text.swap(stream->waiting);
    stream->posted = false;
  }
  if (number != newest_) return;
  const QString piece = qText(text);
  heard_ += piece;
  Q_EMIT pieceArrived(piece);
  if (heard_.size() <= kLongestAnswer) return;
  fail(number, tr("It was longer than %1 characters; the rest was not waited for.").arg(kLongestAnswer));
}

void Answerer::finish(int64_t number, const QString& text, const QString& by) {
  if (number != newest_) return;
  const QString whole = (text.isEmpty() ? heard_ : text).trimmed();
  stop();
  if (whole.isEmpty()) Q_EMIT failed(tr("It came back empty."));
  else Q_EMIT answered(whole, by);
}

void Answerer::fail(int64_t number, const QString& message) {
  if (number != newest_) return;
  stop();
  Q_EMIT failed(message);
}

}  // namespace hvlm::ui
