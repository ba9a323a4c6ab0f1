// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QCoreApplication>
#include <QMetaObject>
#include <QPointer>
#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "support/log.h"
#include "ui/shell/workers.h"
#include "ui/text.h"

namespace hvlm::ui {
namespace detail {

// What follows an answer must not end the program: what it throws is logged.
template <class Follow>
void guarded(Follow&& follow) {
  try {
    follow();
  } catch (const std::exception& error) {
    logError(std::string("the window could not go on after work in the background: ") + error.what());
  }
}

template <class Work, class Done>
std::function<void()> answeringWork(QObject* owner, Work work, Done done, std::function<void(QString)> failed) {
  QPointer<QObject> alive(owner);
  auto told = std::make_shared<Done>(std::move(done));
  return [alive, work = std::make_shared<Work>(std::move(work)), told, failed = std::move(failed)] {
    std::function<void()> answer;
    try {
      if constexpr (std::is_void_v<decltype((*work)())>) {
        (*work)();
        answer = [alive, told] {
          if (alive) guarded([&] { (*told)(); });
        };
      } else {
        auto result = std::make_shared<decltype((*work)())>((*work)());
        answer = [alive, result, told] {
          if (alive) guarded([&] { (*told)(std::move(*result)); });
        };
      }
    } catch (const std::exception& error) {
      answer = [alive, text = qText(error.what()), failed] {
        if (alive && failed) guarded([&] { failed(text); });
      };
    }
    if (QCoreApplication* app = QCoreApplication::instance()) QMetaObject::invokeMethod(app, std::move(answer), Qt::QueuedConnection);
  };
}

}  // namespace detail

// Runs `work` on one of the workers, then hands its result (or the text of what it threw) to the GUI thread. Both answers are dropped
// when `owner` is gone by then. Called on the GUI thread; the program waits for the workers at its end, so writes are finished.
template <class Work, class Done>
void inBackground(QObject* owner, Work work, Done done, std::function<void(QString)> failed = {}) {
  Workers::instance().run(detail::answeringWork(owner, std::move(work), std::move(done), std::move(failed)));
}

// The same on the thread that keeps the user's work (session, history, form, keys): one after the other, and behind nothing else.
template <class Work, class Done>
void inJournal(QObject* owner, Work work, Done done, std::function<void(QString)> failed = {}) {
  Workers::instance().runJournal(detail::answeringWork(owner, std::move(work), std::move(done), std::move(failed)));
}

}  // namespace hvlm::ui
