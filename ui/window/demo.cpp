// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/window/demo.h"

#include "runs/run_record.h"
#include "support/paths.h"
#include "ui/text.h"

namespace hvlm::ui {
namespace {

namespace fs = std::filesystem;

bool finished(const fs::path& run) {
  try {
    return fs::exists(run / "run.json") && readRunRecord(run).state == "done";
  } catch (const std::exception&) {
    return false;  // a damaged one is no reason to show none
  }
}

QString quickConfig() {
  try {
    return qText(bundled("configs/quick.yaml"));
  } catch (const std::exception&) {
    return {};  // the demo is there all the same
  }
}

DemoPlace placeIn(const fs::path& folder, bool is_bundled) { return {qText(folder), qText(folder / "data" / "dataset.yaml"), qText(folder / "run"), quickConfig(), is_bundled}; }

}  // namespace

DemoPlace prepareDemo() {
  const fs::path own = dataFolder() / "demo";
  if (finished(own / "run") && fs::exists(own / "data" / "features.h5")) return placeIn(own, false);
  const fs::path copy = dataFolder() / "demo-bundled";
  const fs::path source = bundled("resources/demo");
  if (!finished(copy / "run") || readRunRecord(copy / "run").id != readRunRecord(source / "run").id) {
    const fs::path making = copy.string() + ".making";
    fs::remove_all(making);
    fs::create_directories(making.parent_path());
    fs::copy(source, making, fs::copy_options::recursive | fs::copy_options::copy_symlinks);
    fs::remove_all(copy);
    fs::rename(making, copy);
    RunRecord record = readRunRecord(copy / "run");
    record.dataset_file = (copy / "data" / "dataset.yaml").string();  // the run is reopened without the data set being named
    writeRunRecord(copy / "run", record);
  }
  return placeIn(copy, true);
}

}  // namespace hvlm::ui
