// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hvlm {

// The entry nearest to `word` by Levenshtein distance, if it is near enough to be a slip; empty otherwise.
std::string nearestWord(std::string_view word, std::span<const std::string> known);

// Shortest text that reads back as the same double, always with '.' (never the locale's comma).
std::string exactNumber(double value);
std::string fixedNumber(double value, int decimals);
std::optional<double> parseNumber(std::string_view text);  // whole text, '.' decimal, also "inf" and "nan"

std::vector<std::string> split(std::string_view text, char separator);
std::string trimmed(std::string_view text);
std::string shortened(std::string_view text, size_t most = 60);  // for error messages; cuts with "…"
std::string csvText(const std::string& text);                    // one CSV field, quoted when it must be (RFC 4180)
std::string humanBytes(double bytes);                            // "412 MB", MB = 1e6 B
std::string utcNow();                                            // "2026-01-31T12:34:56Z"

}  // namespace hvlm
