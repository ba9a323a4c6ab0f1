// SPDX-License-Identifier: Apache-2.0
#include "sweep_setup.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "command.h"
#include "data/catalogue.h"
#include "data/report.h"
#include "support/error.h"
#include "support/paths.h"
#include "support/text.h"

namespace hvlm::cli {
namespace {

namespace fs = std::filesystem;

// Figures of the held-out slice of which more is better.
const std::vector<std::string> kMetrics = {"holdout/average_map", "holdout/map_50", "holdout/top1", "holdout/score", "holdout/cac", "holdout/text_to_video_mrr",
                                           "holdout/text_to_moment_mrr", "holdout/qa_accuracy", "holdout/cider"};

fs::path namedSpace(const fs::path& name) {
  std::error_code ignored;
  if (name.is_absolute() || fs::is_regular_file(name, ignored)) return name;
  try {
    return bundled("configs/spaces" / (name.extension() == ".yaml" ? name : fs::path(name.string() + ".yaml")));
  } catch (const InputError&) {
    return name;
  }
}

std::string metricOf(const std::string& word) {
  const std::string metric = word.find('/') == std::string::npos ? "holdout/" + word : word;
  if (std::find(kMetrics.begin(), kMetrics.end(), metric) != kMetrics.end()) return metric;
  const std::string nearest = nearestWord(metric, kMetrics);
  std::string all;
  for (const std::string& known : kMetrics) all += (all.empty() ? "" : ", ") + known;
  throw UsageError("hvlm sweep: --metric is a figure of the held-out slice, not '" + shortened(word) + "'" + (nearest.empty() ? "" : "; did you mean '" + nearest + "'?") + " (" + all + ")");
}

void checkComparable(const SweepSetup& setup) {
  const RunConfig& c = setup.config;
  const auto refuse = [](bool wrong, const char* key, const std::string& expected, const std::string& found, const std::string& remedy) {
    if (wrong) throw InputError({.where = std::string("config: ") + key, .expected = expected, .found = found, .remedy = remedy});
  };
  refuse(c.train.holdout <= 0.0, "train.holdout", "above 0: trials are compared on a slice held out of the training videos", exactNumber(c.train.holdout), "Set train.holdout to 0.1.");
  refuse(c.train.epochs < 1, "train.epochs", "at least 1", std::to_string(c.train.epochs), "Raise train.epochs.");
  const bool needs_segments = setup.metric == "holdout/average_map" || setup.metric == "holdout/map_50";
  const bool drawn = std::any_of(setup.space.keys.begin(), setup.space.keys.end(), [](const SpaceKey& key) { return key.path == "head.detect"; });
  refuse(needs_segments && !c.head.detect && !drawn, "head.detect", "true for --metric " + setup.metric, "false", "Set head.detect to true, or compare by another --metric.");
}

}  // namespace

FolderLock::FolderLock(const fs::path& out) {
  checkSweepFolder(out);
  std::error_code error;
  fs::create_directories(out, error);
  if (error) throw systemError(out.string(), "create the folder", error.value());
  file_ = ::open((out / "sweep.lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (file_ < 0) throw systemError((out / "sweep.lock").string(), "open the lock", errno);
  if (::flock(file_, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK) return;  // a file system without locks has none to heed
  ::close(file_);
  throw InputError({.where = out.string(), .expected = "a sweep that nobody works on", .found = "one that another hvlm sweep is running",
                    .remedy = "Wait for it, or stop it with Ctrl+C there."});
}
FolderLock::~FolderLock() { ::close(file_); }

SweepSetup setupOf(const SweepArguments& a) {
  const bool goes_on = isSweep(a.out);
  if (!goes_on) {
    for (const auto& [given, name] : {std::pair{!a.config.empty(), "--config"}, {!a.space.empty(), "--space"}, {a.trials > 0, "--trials"}, {!a.data.empty(), "--data"}}) {
      if (!given) throw UsageError(std::string("hvlm sweep: ") + name + " is required for a new sweep (see hvlm sweep --help)");
    }
  }
  const std::string metric = a.metric.empty() ? "" : metricOf(a.metric);
  SweepSetup setup = goes_on ? storedSetup(a.out) : SweepSetup{};
  if (!a.config.empty()) setup.config = readRunConfig(namedConfig(a.config));
  applySettings(setup.config, a.settings);
  validateConfig(setup.config, "config");
  if (!a.space.empty()) setup.space = readSweepSpace(namedSpace(a.space));
  if (!a.data.empty()) setup.dataset_file = fs::weakly_canonical(a.data).string();
  setup.dataset_hash = datasetHash(readDatasetSpec(setup.dataset_file));
  if (a.trials > 0) setup.trials = a.trials;
  if (a.eta > 0) setup.eta = a.eta;
  if (a.min_epochs > 0) setup.min_epochs = a.min_epochs;
  if (setup.min_epochs == 0) setup.min_epochs = (setup.config.train.epochs + setup.eta * setup.eta - 1) / (setup.eta * setup.eta);
  if (a.seed) setup.seed = *a.seed;
  if (!metric.empty()) setup.metric = metric;
  checkComparable(setup);
  return setup;
}

}  // namespace hvlm::cli
