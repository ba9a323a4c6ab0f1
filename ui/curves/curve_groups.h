// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <QString>
#include <array>
#include <string>

// Which card a tag of metrics.jsonl is drawn on, and under which name. Pure.
namespace hvlm::ui {

enum class CardKind { kLoss, kConsistency, kHoldout, kRank, kSpread, kGradients, kRate, kOther };
inline constexpr std::array kAllCards = {CardKind::kLoss, CardKind::kHoldout, CardKind::kConsistency, CardKind::kRank,
                                  CardKind::kSpread, CardKind::kGradients, CardKind::kRate, CardKind::kOther};

CardKind cardOf(const std::string& tag);
QString cardTitle(CardKind kind);
QString cardHelp(CardKind kind);      // what the card shows, for its tool tip
QString cardName(CardKind kind);      // for file names and --export
QString tagName(const std::string& tag);       // "total", "TC", "top-1 (held out)" …
bool isValidation(const std::string& tag);     // dashed with markers
int tagRank(const std::string& tag);           // order in a legend: totals and headline figures first

}  // namespace hvlm::ui
