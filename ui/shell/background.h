// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QCoreApplication>
#include <QMetaObject>
#include <QPointer>
#include <QThreadPool>
#include <exception>
#include <functional>
#include <memory>
#include <utility>

#include "ui/text.h"

namespace hvlm::ui {

// Runs `work` on a pool thread, then hands its result (or the text of what it threw) to the GUI thread. Both answers are dropped
// when `owner` is gone by then. Called on the GUI thread; the program waits for the pool at its end, so writes are finished.
template <class Work, class Done>
void inBackground(QObject* owner, Work work, Done done, std::function<void(QString)> failed = {}) {
  QPointer<QObject> alive(owner);
  QThreadPool::globalInstance()->start([alive, work = std::move(work), done = std::move(done), failed = std::move(failed)]() mutable {
    std::function<void()> answer;
    try {
      if constexpr (std::is_void_v<decltype(work())>) {
        work();
        answer = [alive, done = std::move(done)]() mutable {
          if (alive) done();
        };
      } else {
        auto result = std::make_shared<decltype(work())>(work());
        answer = [alive, result, done = std::move(done)]() mutable {
          if (alive) done(std::move(*result));
        };
      }
    } catch (const std::exception& error) {
      answer = [alive, text = qText(error.what()), failed = std::move(failed)] {
        if (alive && failed) failed(text);
      };
    }
    if (QCoreApplication* app = QCoreApplication::instance()) QMetaObject::invokeMethod(app, std::move(answer), Qt::QueuedConnection);
  });
}

}  // namespace hvlm::ui
