// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/curves/curve_groups.h"

#include <algorithm>
#include <map>
#include <set>

#include "ui/text.h"

namespace hvlm::ui {
namespace {

std::string leafOf(const std::string& tag) { return tag.substr(tag.find_last_of('/') + 1); }
bool startsWith(const std::string& text, const char* start) { return text.rfind(start, 0) == 0; }

}  // namespace

bool isValidation(const std::string& tag) { return startsWith(tag, "holdout/") || startsWith(tag, "validation/"); }

CardKind cardOf(const std::string& tag) {
  static const std::set<std::string> consistency = {"tc", "r_x", "r_in", "cac", "ts", "raw", "raw_tc", "centred", "temporal_consistency",
                                                    "boundary_auc"};
  static const std::set<std::string> spread = {"mean_std", "min_std", "within_std", "std", "dead", "dead_dimensions"};
  const std::string leaf = leafOf(tag);
  if (startsWith(tag, "loss/")) return CardKind::kLoss;
  if (startsWith(tag, "grad/") || leaf == "grad_norm") return CardKind::kGradients;
  if (leaf == "lr" || leaf == "learning_rate") return CardKind::kRate;
  if (consistency.contains(leaf)) return CardKind::kConsistency;
  if (leaf == "effective_rank") return CardKind::kRank;
  if (spread.contains(leaf)) return CardKind::kSpread;
  return isValidation(tag) ? CardKind::kHoldout : CardKind::kOther;
}

QString cardTitle(CardKind kind) {
  switch (kind) {
    case CardKind::kLoss: return uiText("Loss terms");
    case CardKind::kConsistency: return uiText("Consistency");
    case CardKind::kHoldout: return uiText("Held-out videos");
    case CardKind::kRank: return uiText("Effective rank");
    case CardKind::kSpread: return uiText("Spread of features");
    case CardKind::kGradients: return uiText("Gradient norms");
    case CardKind::kRate: return uiText("Learning rate");
    case CardKind::kOther: return uiText("Other");
  }
  return {};
}

QString cardHelp(CardKind kind) {
  switch (kind) {
    case CardKind::kLoss: return uiText("Each loss term before its weight, and the weighted total");
    case CardKind::kConsistency:
      return uiText("TC: mean cosine of neighbouring steps. R_x: of steps of different videos. CAC = (TC - R_x) / (1 - R_x)");
    case CardKind::kHoldout: return uiText("Figures on training videos kept out for selection; never the validation subset");
    case CardKind::kRank: return uiText("exp of the entropy of the singular values of the centred step features; below 2 is a collapse");
    case CardKind::kSpread: return uiText("Standard deviation over all steps, per dimension");
    case CardKind::kGradients: return uiText("Norm of the gradient of each term, and of all before clipping");
    case CardKind::kRate: return uiText("AdamW learning rate");
    case CardKind::kOther: return uiText("Tags that belong to no other card");
  }
  return {};
}

QString cardName(CardKind kind) {
  static const char* names[] = {"loss", "consistency", "holdout", "rank", "spread", "gradients", "rate", "other"};
  return QLatin1String(names[static_cast<size_t>(kind)]);
}

QString tagName(const std::string& tag) {
  static const std::map<std::string, const char*> known = {
      {"tc", "TC"}, {"temporal_consistency", "TC"}, {"r_x", "R_x"}, {"r_in", "R_in"}, {"cac", "CAC"}, {"ts", "TS"},
      {"average_map", "average mAP"}, {"map_50", "mAP@0.5"}, {"top1", "top-1"}, {"top5", "top-5"}, {"mean_std", "mean std"},
      {"min_std", "minimum std"}, {"effective_rank", "effective rank"}, {"lr", "learning rate"}, {"grad_norm", "all"},
      {"hit_at_50", "hit@0.5"}, {"score", "selection score"}};
  const std::string leaf = leafOf(tag);
  const auto found = known.find(leaf);
  QString name = found != known.end() ? QLatin1String(found->second) : qText(leaf).replace(QLatin1Char('_'), QLatin1Char(' '));
  if (isValidation(tag) && cardOf(tag) != CardKind::kHoldout) name += uiText(" (held out)");
  return name;
}

int tagRank(const std::string& tag) {
  static const std::array<const char*, 9> first = {"total", "average_map", "top1", "tc", "cac", "r_x", "score", "grad_norm", "map_50"};
  const std::string leaf = leafOf(tag);
  const auto found = std::find(first.begin(), first.end(), leaf);
  return static_cast<int>(found - first.begin()) * 2 + (isValidation(tag) ? 1 : 0);
}

}  // namespace hvlm::ui
