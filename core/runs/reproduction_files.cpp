// SPDX-License-Identifier: Apache-2.0
#include <cmath>
#include <nlohmann/json.hpp>

#include "runs/reproduction.h"
#include "support/atomic_file.h"
#include "support/json_file.h"
#include "support/text.h"

namespace hvlm {
namespace fs = std::filesystem;
namespace {

using Json = nlohmann::json;

std::string numberText(double value) { return std::isfinite(value) ? exactNumber(value) : ""; }

std::string collapseCsv(const std::vector<CollapseCurve>& curves, const std::string& budget) {
  std::string text = "row,name,budget,seed,epoch,tc,r_x,effective_rank,run\n";
  for (const CollapseCurve& curve : curves) {
    if (curve.budget != budget) continue;
    for (size_t i = 0; i < curve.epochs.size(); ++i) {
      text += csvText(curve.row) + "," + csvText(curve.name) + "," + budget + "," + std::to_string(curve.seed) + "," + exactNumber(curve.epochs[i]);
      for (const double value : {curve.tc[i], curve.r_x[i], curve.effective_rank[i]}) text += "," + numberText(value);
      text += "," + csvText(curve.run.string()) + "\n";
    }
  }
  return text;
}

// Below OUT as people name it; elsewhere in full.
std::string placeText(const fs::path& run, const fs::path& out) {
  const fs::path relative = run.lexically_relative(out);
  return relative.empty() || relative.string().starts_with("..") ? run.string() : relative.string();
}

// Which runs stand behind which row.
std::string runsMarkdown(const ReproductionTable& table, const fs::path& out) {
  std::string text;
  for (size_t row = 0; row < table.row_ids.size(); ++row) {
    if (table.row_runs[row].empty() || table.row_ids[row].starts_with("control-")) continue;
    std::string runs;
    for (const fs::path& run : table.row_runs[row]) runs += (runs.empty() ? "`" : ", `") + placeText(run, out) + "`";
    text += "- " + table.table.rows[row].cells[0].text + ": " + runs + "\n";
  }
  return text;
}

std::string page(const ReproductionTables& all) {
  std::string text = "# Reproduction on " + all.dataset + "\n\nEvery number outside the claimed columns was measured by this program; the runs behind each row are listed at the end "
                     "and are paths below this folder. `tables.json` names the runs behind every single number.\n\n";
  for (const ReproductionTable& table : all.tables) text += tableMarkdown(table.table) + "\n";
  if (!all.missing.empty()) {
    text += "## Not run yet\n\n";
    for (const std::string& name : all.missing) text += "- " + name + "\n";
    text += "\n";
  }
  text += "## Runs behind the rows\n\n";
  for (const ReproductionTable& table : all.tables) {
    if (table.key != "main" && table.key != "ablation" && table.key != "side") continue;
    text += "**" + table.table.title + "**\n\n" + runsMarkdown(table, all.folder) + "\n";
  }
  return text;
}

}  // namespace

void writeReproduction(const fs::path& out, const Json& tables) {
  const ReproductionTables all = reproductionTables(out, tables);
  for (const ReproductionTable& table : all.tables) {
    const bool second = !table.budget.empty() && table.budget != all.budgets.front();
    const fs::path stem = (second ? out / table.budget : out) / table.key;
    writeFileAtomic(stem.string() + ".csv", tableCsv(table.table));
    writeFileAtomic(stem.string() + ".md", tableMarkdown(table.table));
    writeFileAtomic(stem.string() + ".tex", tableLatex(table.table));
  }
  for (const std::string& budget : all.budgets) {
    writeFileAtomic((budget == all.budgets.front() ? out : out / budget) / "collapse.csv", collapseCsv(all.collapse, budget));
  }
  writeFileAtomic(out / "all.md", page(all));
  writeJsonFile(out / "tables.json", tables);
}

}  // namespace hvlm
