// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>
#include <string>

namespace hvlm {

enum class LogLevel { kDebug, kInfo, kWarning, kError };

// One line to stderr (never stdout: that belongs to results) and to the listener. Any thread.
void logLine(LogLevel level, const std::string& text);
inline void logInfo(const std::string& text) { logLine(LogLevel::kInfo, text); }
inline void logWarning(const std::string& text) { logLine(LogLevel::kWarning, text); }
inline void logError(const std::string& text) { logLine(LogLevel::kError, text); }

// Lines below `level` are dropped. Starts at kInfo.
void setLogLevel(LogLevel level);

// Also hands every kept line to `listener`, on the thread that logged; the window's log panel uses it. Empty turns it off.
void setLogListener(std::function<void(LogLevel, const std::string&)> listener);

}  // namespace hvlm
