// SPDX-License-Identifier: Apache-2.0
#include "runs/methods.h"

#include <algorithm>
#include <cctype>
#include <utility>

#include "support/describe.h"
#include "support/error.h"
#include "support/paths.h"
#include "support/text.h"

namespace hvlm {
namespace {

using Settings = std::vector<std::string>;

const Claim* mainClaim(size_t i) { return &kMainClaims.at(i); }
const Claim* ablationClaim(size_t i) { return &kAblationClaims.at(i); }

std::vector<MethodRow> mainRows() {
  const auto row = [](std::string id, std::string name, std::string config, const Claim* claim, std::string help) {
    return MethodRow{.id = std::move(id), .name = std::move(name), .table = "main", .config = std::move(config), .claim = claim, .help = std::move(help)};
  };
  std::vector<MethodRow> rows = {
      row("raw", "Raw features", "baselines/raw.yaml", nullptr, "The features as they are, with the shared probes"),
      row("random", "Random encoder", "baselines/random.yaml", nullptr, "The Direct Transformer's encoder, frozen at its initial weights"),
      row("transformer", "Direct Transformer", "baselines/transformer.yaml", mainClaim(0), "Full attention over all steps, cross-entropy on the mean step"),
      row("tsn", "TSN", "baselines/tsn.yaml", mainClaim(1), "Single steps of equal segments, cross-entropy on their consensus"),
      row("moco", "MoCo v2", "baselines/moco.yaml", mainClaim(2), "Two temporal crops, momentum encoder, queue of keys"),
      row("simclr", "SimCLR", "baselines/simclr.yaml", nullptr, "Two temporal crops, the batch as negatives"),
      row("videoclip", "VideoClip", "baselines/videoclip.yaml", mainClaim(3), "Clips against overlapping captions"),
      row("phase1", "HierarchicalVLM phase 1", "baselines/phase1.yaml", ablationClaim(1), "Temporal loss and hinge alone"),
      row("phase2", "HierarchicalVLM phase 2", "baselines/phase2.yaml", ablationClaim(3), "Phase 1 through the hierarchy"),
      row("phase3", "HierarchicalVLM phase 3", "baselines/phase3.yaml", nullptr, "Phases 1 and 2 with the video-text term, without class labels"),
      row("full", "HierarchicalVLM (full)", "baselines/full.yaml", mainClaim(4), "The paper's full model"),
      row("recommended", "Recommended (pyramid)", "recommended.yaml", nullptr, "The strong variant of the method reference, section 4")};
  rows[0].controls = true;
  rows.back().tuned_configurations = 30;  // weights of its terms, batch, rate, blocks: docs/results.md
  rows[0].settings = rows[1].settings = {"train.epochs=0"};
  return rows;
}

std::vector<MethodRow> ablationRows() {
  const auto trained = [](std::string id, std::string name, const Claim* claim) {
    const std::string config = "ablations/" + id.substr(1) + ".yaml";
    return MethodRow{.id = std::move(id), .name = std::move(name), .table = "ablation", .config = config, .claim = claim};
  };
  const auto shared = [](std::string id, std::string name, std::string same_as, const Claim* claim) {
    return MethodRow{.id = std::move(id), .name = std::move(name), .table = "ablation", .same_as = std::move(same_as), .claim = claim};
  };
  return {shared("a01", "1 raw features", "raw", nullptr),
          shared("a02", "2 random encoder", "random", nullptr),
          shared("a03", "3 transformer (CE)", "transformer", ablationClaim(0)),
          trained("a04", "4 + temporal loss, no hinge", ablationClaim(1)),
          trained("a05", "5 + hinge, tau 0.1 (paper form)", ablationClaim(2)),
          trained("a06", "6 + hierarchy", ablationClaim(3)),
          shared("a07", "7 + text (the paper's full model)", "full", ablationClaim(4)),
          trained("a08", "8 hinge per dimension, threshold 1", nullptr),
          trained("a09", "9 + covariance", nullptr),
          trained("a10", "10 + within-video step contrast", nullptr),
          trained("a11", "11 + detection pyramid", nullptr),
          trained("a12", "12 + segment-level text", nullptr),
          trained("a13", "13 + cross-scale", nullptr)};
}

// Rows that the paper has no table for: they lengthen no reproduction unless they are asked for.
std::vector<MethodRow> requestedRows() {
  const auto trained = [](std::string group, std::string id, std::string name, Settings settings) {
    return MethodRow{.id = std::move(id), .name = std::move(name), .table = "side", .group = std::move(group), .config = "recommended.yaml", .settings = std::move(settings)};
  };
  const auto shared = [](std::string group, std::string id, std::string name) {
    return MethodRow{.id = std::move(id), .name = std::move(name), .table = "side", .group = std::move(group), .same_as = "recommended"};
  };
  // As in configs/language.yaml.
  const Settings speaking = {"language.dropout=0.4", "language.decoding=consensus", "language.samples=24", "language.top_p=1"};
  const auto speaks = [&](std::string id, std::string name, Settings settings) {
    settings.insert(settings.end(), speaking.begin(), speaking.end());
    return trained("heads", std::move(id), std::move(name), std::move(settings));
  };
  std::vector<MethodRow> rows = {shared("experts", "experts-none", "Experts: none"),
                                 trained("experts", "experts-soft", "Experts soft", {"head.experts=soft"}),
                                 trained("experts", "experts-hard", "Experts hard", {"head.experts=hard"}),
                                 trained("experts", "experts-confidence", "Experts confidence", {"head.experts=confidence"}),
                                 trained("experts", "experts-single", "One expert, equal parameters", {"head.experts=single"}),
                                 shared("heads", "heads-actions", "Heads: classes and segments"),
                                 speaks("heads-answers", "Heads: answers", {"head.classify=false", "head.detect=false", "head.answer=true"}),
                                 speaks("heads-captions", "Heads: descriptions", {"head.classify=false", "head.detect=false", "head.caption=true"}),
                                 speaks("heads-all", "Heads: all, weights as given", {"head.answer=true", "head.caption=true"}),
                                 speaks("heads-learned", "Heads: all, learned weights", {"head.answer=true", "head.caption=true", "loss.task_weights=learned"})};
  for (MethodRow& row : rows) row.on_request = true;
  return rows;
}

std::vector<MethodRow> sideRows() {
  const std::string full = "baselines/full.yaml", recommended = "recommended.yaml", tsn = "baselines/tsn.yaml";
  const auto trained = [](std::string group, std::string id, std::string name, std::string config, Settings settings) {
    return MethodRow{.id = std::move(id), .name = std::move(name), .table = "side", .group = std::move(group), .config = std::move(config), .settings = std::move(settings)};
  };
  const auto shared = [](std::string group, std::string id, std::string name, std::string same_as) {
    return MethodRow{.id = std::move(id), .name = std::move(name), .table = "side", .group = std::move(group), .same_as = std::move(same_as)};
  };
  const auto derived = [&](std::string id, std::string name, const std::string& labels) {
    return MethodRow{.id = std::move(id), .name = std::move(name), .table = "side", .group = "label source", .config = recommended,
                     .settings = {"detect.labels=" + labels}, .derived_from = "recommended"};
  };
  const auto tuned = [](const std::string& origin, const std::string& name) {
    MethodRow row{.id = "tuned-" + origin, .name = "Fine-tuned: " + name, .table = "side", .group = "fine-tuned", .config = "baselines/finetuned.yaml"};
    row.initial = origin;
    return row;
  };
  return {trained("pooling", "pooling-mean", "Pooling: mean", full, {"pyramid.pooling=mean"}),
          trained("pooling", "pooling-max", "Pooling: max", full, {"pyramid.pooling=max"}),
          shared("pooling", "pooling-attention", "Pooling: attention", "full"),
          trained("pooling", "pooling-attention-max", "Pooling: attention + max", full, {"pyramid.pooling=attention_max"}),
          shared("length mode", "length-ceil", "Lengths: ceil", "full"),
          trained("length mode", "length-floor", "Lengths: floor", full, {"pyramid.mode=floor"}),
          shared("mixer", "mixer-window", "Mixer: local window", "recommended"),
          trained("mixer", "mixer-full", "Mixer: full attention", recommended, {"encoder.mixer=full"}),
          trained("mixer", "mixer-linear", "Mixer: linear attention", recommended, {"encoder.mixer=linear"}),
          shared("label source", "labels-own", "Labels: own classifier", "recommended"),
          derived("labels-external", "Labels: external (raw features + linear)", "external"),
          derived("labels-oracle", "Labels: oracle (the truth)", "oracle"),
          shared("text", "text-caption", "Text: captions", "full"),
          trained("text", "text-labels", "Text: class names", full, {"text.source=labels"}),
          shared("TSN consensus", "consensus-average", "Consensus: average", "tsn"),
          trained("TSN consensus", "consensus-max", "Consensus: max", tsn, {"head.consensus=max"}),
          trained("TSN consensus", "consensus-topk", "Consensus: top-k", tsn, {"head.consensus=topk"}),
          trained("TSN consensus", "consensus-attention", "Consensus: attention", tsn, {"head.consensus=attention"}),
          shared("token merging", "merging-none", "Merging: none", "recommended"),
          trained("token merging", "merging-similarity", "Merging: similarity", recommended, {"merge.where=before"}),
          trained("token merging", "merging-importance", "Merging: importance", recommended, {"merge.where=before", "merge.criterion=importance"}),
          trained("token merging", "merging-adaptive", "Merging: adaptive ratio", recommended, {"merge.where=before", "merge.schedule=adaptive"}),
          tuned("moco", "MoCo v2"),
          tuned("simclr", "SimCLR"),
          tuned("videoclip", "VideoClip"),
          tuned("phase1", "HierarchicalVLM phase 1"),
          tuned("phase3", "HierarchicalVLM phase 3")};
}

std::vector<MethodRow> allRows() {
  std::vector<MethodRow> rows = mainRows();
  for (auto& part : {ablationRows(), sideRows(), requestedRows()}) rows.insert(rows.end(), part.begin(), part.end());
  return rows;
}

std::string lowered(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

}  // namespace

const std::vector<MethodRow>& methodRows() {
  static const std::vector<MethodRow> rows = allRows();
  return rows;
}

const MethodRow* findMethodRow(const std::string& id) {
  const auto& rows = methodRows();
  const auto found = std::find_if(rows.begin(), rows.end(), [&](const MethodRow& row) { return row.id == id; });
  return found == rows.end() ? nullptr : &*found;
}

const MethodRow& methodRowOf(const std::string& word) {
  const std::string wanted = lowered(trimmed(word));
  std::vector<std::string> known;
  for (const MethodRow& row : methodRows()) {
    if (row.id == wanted || lowered(row.name) == wanted) return row;
    known.push_back(row.id);
  }
  for (const MethodRow& row : methodRows()) known.push_back(lowered(row.name));
  for (const MethodRow& row : methodRows()) {
    if (!row.group.empty()) known.push_back(lowered(row.group));
  }
  std::string near = nearestWord(wanted, known);
  for (const MethodRow& row : methodRows()) {
    if (lowered(row.name) == near) near = row.id;
  }
  throw UsageError("--only: no row is called '" + shortened(word) + "'" + (near.empty() ? "" : ". Did you mean '" + near + "'?") +
                   " (hvlm reproduce --list names them)");
}

std::vector<const MethodRow*> methodRowsOf(const std::string& word) {
  const std::string wanted = lowered(trimmed(word));
  std::vector<const MethodRow*> rows;
  for (const MethodRow& row : methodRows()) {
    if (!row.group.empty() && lowered(row.group) == wanted) rows.push_back(&row);
  }
  if (rows.empty()) rows.push_back(&methodRowOf(word));
  return rows;
}

const MethodRow& runningRow(const MethodRow& row) { return row.same_as.empty() ? row : *findMethodRow(row.same_as); }

RunConfig methodConfig(const MethodRow& row, const std::filesystem::path& budget_file, uint64_t seed) {
  const MethodRow& running = runningRow(row);
  const std::filesystem::path file = bundled("configs/" + running.config);
  RunConfig config;
  const Fields fields(config);
  readYaml(file, fields);
  readYaml(budget_file, fields);
  applySettings(config, running.settings);
  config.seed = seed;
  if (!running.initial.empty()) config.train.init = "../../" + running.initial + "/seed-" + std::to_string(seed);  // as cells lie beside one another
  validateConfig(config, file.string() + " with " + budget_file.string());
  return config;
}

std::filesystem::path budgetFile(const std::string& budget) { return bundled("configs/budgets/" + budget + ".yaml"); }

std::vector<std::string> textTags(const RunConfig& config) {
  if (!usesText(config)) return {};
  std::vector<std::string> tags = {"text: " + config.text.tower + (config.text.tuning == "none" ? "" : ", " + config.text.tuning)};
  if (config.text.source == "labels") tags.emplace_back("label-text");
  return tags;
}

}  // namespace hvlm
