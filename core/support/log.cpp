// SPDX-License-Identifier: Apache-2.0
#include "support/log.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <memory>
#include <mutex>

namespace hvlm {
namespace {

struct State {
  std::mutex mutex;
  LogLevel lowest = LogLevel::kInfo;
  std::function<void(LogLevel, const std::string&)> listener;
  std::shared_ptr<spdlog::logger> logger = [] {
    auto made = std::make_shared<spdlog::logger>("hvlm", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    made->set_pattern("%H:%M:%S %l: %v");
    made->set_level(spdlog::level::trace);
    made->flush_on(spdlog::level::trace);
    return made;
  }();
};

State& state() {
  static State instance;
  return instance;
}

spdlog::level::level_enum toSpdlog(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug: return spdlog::level::debug;
    case LogLevel::kInfo: return spdlog::level::info;
    case LogLevel::kWarning: return spdlog::level::warn;
    case LogLevel::kError: return spdlog::level::err;
  }
  return spdlog::level::info;
}

}  // namespace

void logLine(LogLevel level, const std::string& text) {
  std::function<void(LogLevel, const std::string&)> listener;
  {
    const std::lock_guard lock(state().mutex);
    if (level < state().lowest) return;
    listener = state().listener;
  }
  state().logger->log(toSpdlog(level), text);
  if (listener) listener(level, text);
}

void setLogLevel(LogLevel level) {
  const std::lock_guard lock(state().mutex);
  state().lowest = level;
}

void setLogListener(std::function<void(LogLevel, const std::string&)> listener) {
  const std::lock_guard lock(state().mutex);
  state().listener = std::move(listener);
}

}  // namespace hvlm
