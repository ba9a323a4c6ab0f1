// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QCoreApplication>
#include <QMetaObject>
#include <QPointer>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "jobs/runner.h"
#include "ui/text.h"

namespace hvlm::ui {

// Hands `act` to the GUI thread; from any thread.
inline void onGuiThread(std::function<void()> act) {
  if (QCoreApplication* app = QCoreApplication::instance()) QMetaObject::invokeMethod(app, std::move(act), Qt::QueuedConnection);
}

// Runs `work(engine)` on the engine thread, then hands its result (or the text of what it threw) to the GUI thread. Both answers are
// dropped when `owner` is gone by then; newer work of a slot replaces waiting older work, which then gets no answer. GUI thread.
template <class Work, class Done>
void askEngine(JobRunner& runner, const char* slot, QObject* owner, Work work, Done done, std::function<void(QString)> failed) {
  QPointer<QObject> alive(owner);
  auto told = std::make_shared<Done>(std::move(done));
  runner.call(
      slot,
      [alive, told, work = std::move(work)](JobEngine& engine) {
        auto result = std::make_shared<decltype(work(engine))>(work(engine));
        onGuiThread([alive, told, result] {
          if (alive) (*told)(std::move(*result));
        });
      },
      [alive, failed = std::move(failed)](const std::string& message) {
        onGuiThread([alive, failed, text = qText(message)] {
          if (alive && failed) failed(text);
        });
      });
}

}  // namespace hvlm::ui
