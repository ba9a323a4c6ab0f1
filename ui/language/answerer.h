// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QObject>
#include <QString>
#include <memory>
#include <stop_token>
#include <string>

#include "jobs/language.h"
#include "language/chat_server.h"
#include "language/conversation.h"

namespace hvlm {
class JobRunner;
}

namespace hvlm::ui {

// Who answers.
enum class BackendKind { kRun, kModel, kServer };
struct Backend {
  BackendKind kind = BackendKind::kRun;
  QString model_folder;   // of kModel
  QString chat_template;  // of kModel; empty is the model's own
  ServerOptions server;   // of kServer; without an address nothing is sent
};
QString backendName(const Backend& backend);
QString backendProblem(const Backend& backend);  // what is missing; empty when it can be asked

// Asks one question at a time: the run's own heads, a language model in the engine, or a chat server. The last two get what the run
// finds in the video as the system text. Nothing here waits; signals of a question that was stopped no longer come. GUI thread.
class Answerer : public QObject {
  Q_OBJECT
 public:
  using QObject::QObject;
  ~Answerer() override;
  void setRunner(JobRunner* runner);
  bool canAsk() const { return runner_ != nullptr; }
  bool busy() const { return busy_; }
  // `talk` ends with the question.
  void ask(const Backend& backend, const EvidenceSpec& about, const Conversation& talk);
  void stop();

 Q_SIGNALS:
  void systemMade(const QString& text);  // what a model is told about the video
  void pieceArrived(const QString& text);
  void answered(const QString& text, const QString& by);
  void failed(const QString& message);

 private:
  struct Stream;
  void askEngineFor(AskSpec spec);
  void askServer(const Backend& backend, std::vector<ChatMessage> messages);
  std::function<void(std::string_view)> listener();
  void drain(int64_t number, const std::shared_ptr<Stream>& stream);
  void finish(int64_t number, const QString& text, const QString& by);
  void fail(int64_t number, const QString& message);

  JobRunner* runner_ = nullptr;
  std::stop_source stop_;
  QString heard_;        // of the answer so far
  int64_t newest_ = 0;
  bool busy_ = false;
};

}  // namespace hvlm::ui
