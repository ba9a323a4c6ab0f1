// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <map>
#include <memory>

#include "command.h"
#include "console.h"
#include "data/catalogue.h"
#include "support/error.h"
#include "support/json_file.h"
#include "support/text.h"
#include "video/video_reader.h"

namespace hvlm::cli {
namespace {

namespace fs = std::filesystem;

struct ExtractArguments {
  std::vector<std::string> videos;
  ExtractSpec spec;
};
struct PcaArguments {
  PcaSpec spec;
};

std::string idOf(const fs::path& file) { return bareId(file.stem().string()); }

// Files as they were named; of folders what opens as a video, by content.
std::vector<ExtractVideo> videosOf(const std::vector<std::string>& names, std::vector<std::string>& skipped) {
  std::vector<ExtractVideo> videos;
  for (const std::string& name : names) {
    if (!fs::is_directory(name)) {
      videos.push_back({idOf(name), name});
      continue;
    }
    std::vector<fs::path> files;
    for (const auto& entry : fs::directory_iterator(name)) {
      if (entry.is_regular_file() && !entry.path().filename().string().starts_with(".")) files.push_back(entry.path());
    }
    std::sort(files.begin(), files.end());
    for (const fs::path& file : files) {
      const ProbeResult probe = probeVideo(file, false);
      if (probe.has_video && probe.readable) {
        videos.push_back({idOf(file), file.string()});
      } else {
        skipped.push_back(file.string());
      }
    }
  }
  return videos;
}

int extract(const Session& session, const ExtractArguments& a) {
  ExtractSpec spec = a.spec;
  std::vector<std::string> skipped;
  spec.videos = videosOf(a.videos, skipped);
  spec.threads = session.threads;
  for (const std::string& file : skipped) std::fprintf(stderr, "skipped, not a video: %s\n", file.c_str());
  if (spec.videos.empty()) throw InputError({.where = a.videos.front(), .expected = "video files", .found = "none", .remedy = "Name files, or a folder that holds some."});
  Console console;
  const JobOutcome outcome = console.run(spec);
  if (outcome.finished.stopped) throw Interrupted("stopped; finished videos are kept: go on with the same command");
  nlohmann::json result = parseJson(outcome.finished.result_json, "the engine's result");
  result["skipped"] = skipped;
  const auto& failed = result.at("failed");
  if (session.json) {
    printJson(result);
  } else {
    std::string text = spec.out + ": " + std::to_string(result.at("videos").size()) + " videos, " + result.at("steps").dump() + " steps of " + result.at("width").dump() + " numbers, after " +
                       durationText(result.at("seconds").get<double>()) + "\nIn dataset.yaml:\nfeatures: {store: " + fs::path(spec.out).filename().string() + ", key: " + spec.key +
                       ", steps_per_second: " + exactNumber(spec.fps) + "}\n";
    printText(text);
  }
  if (failed.empty()) return kDone;
  std::fprintf(stderr, "hvlm: %zu of %zu videos could not be extracted: %s\n", failed.size(), spec.videos.size(), failed[0].at("reason").get<std::string>().c_str());
  return kFailed;
}

int pca(const Session& session, PcaSpec spec) {
  spec.threads = session.threads;
  if (spec.features.empty() == spec.data.empty()) throw UsageError("hvlm pca: either --features or --data is required");
  Console console;
  const JobOutcome outcome = console.run(spec);
  const nlohmann::json result = parseJson(outcome.finished.result_json, "the engine's result");
  if (session.json) {
    printJson(result);
  } else if (spec.apply) {
    printText(spec.out + ": " + result.at("videos").dump() + " videos of " + result.at("dims").dump() + " numbers a step\n");
  } else {
    printText(spec.file + ": " + result.at("dims").dump() + " components of " + result.at("rows").dump() + " steps keep " + fixedNumber(result.at("explained").get<double>() * 100, 2) + " % of the variance\n");
  }
  return kDone;
}

}  // namespace

void addExtractCommand(CLI::App& app, Session& session) {
  auto a = std::make_shared<ExtractArguments>();
  CLI::App* command = addCommand(app, session, "extract", "Features of real videos, one vector a step; goes on where it was stopped", [&session, a] { return extract(session, *a); });
  ExtractSpec& s = a->spec;
  command->add_option("VIDEO", a->videos, "Video files, or folders of them")->required()->type_name("PATH");
  command->add_option("--out", s.out, "Feature file to write (HDF5)")->required()->type_name("features.h5");
  command->add_option("--backbone", s.backbone, "efficientnet-lite0, c3d, hog, or a TorchScript file [efficientnet-lite0]")->type_name("NAME");
  command->add_option("--weights", s.weights, "File of weights (safetensors, or a .pt of tensors); c3d needs one")->type_name("FILE");
  command->add_option("--layer", s.layer, "Layer of c3d: fc6 or fc7 [fc6]")->type_name("NAME");
  command->add_flag("--trust", s.trust, "Run the code of a TorchScript file");
  command->add_option("--fps", s.fps, "Steps a second [1]")->type_name("F");
  command->add_option("--offset", s.offset, "Where in a step its frame is taken: 0 start, 0.5 middle [0.5]")->type_name("F");
  command->add_option("--stride", s.stride, "Video frames between the frames of a clip (c3d) [1]")->type_name("N");
  command->add_option("--batch", s.batch, "Steps the network takes at once [16]")->type_name("N");
  command->add_option("--decoders", s.decoders, "Decoding threads [one per core]")->check(CLI::Range(0, 256))->type_name("N");
  command->add_flag("--hardware", s.hardware, "Decode by the machine's video hardware where it can; its pixels may differ by rounding");
  command->add_option("--key", s.key, "Name of the data set of each video in the file [c3d_features]")->type_name("NAME");
  command->add_option("--pca", s.pca, "Reduce the vectors with a file of hvlm pca fit")->type_name("FILE");
  command->add_option("--npy", s.npy, "Also write ID.npy (float32) into this folder")->type_name("DIR");
  command->add_flag("--channels", s.channels, "Also motion and saliency of each step, for token merging");
  command->add_option("--local-memory", s.local_memory, "Also local/ID.npy (100 frames) and memory/ID.npy (5 means) into this folder")->type_name("DIR");

  CLI::App* group = app.add_subcommand("pca", "Reduce features by principal components");
  group->require_subcommand(1);
  auto fit = std::make_shared<PcaArguments>();
  command = addCommand(*group, session, "fit", "Find the components of a feature file or of a subset of a data set", [&session, fit] { return pca(session, fit->spec); });
  command->add_option("--features", fit->spec.features, "HDF5 file or folder of .npy")->type_name("STORE");
  command->add_option("--data", fit->spec.data, "dataset.yaml, of which --subset is used")->type_name("DATASET.yaml");
  command->add_option("--subset", fit->spec.subset, "Subset of --data [training]")->type_name("NAME");
  command->add_option("--key", fit->spec.key, "Key of the features in the file [c3d_features]")->type_name("NAME");
  command->add_option("--dims", fit->spec.dims, "Components to keep [512]")->type_name("K");
  command->add_flag("--whiten", fit->spec.whiten, "Scale each component to unit variance");
  command->add_option("--out", fit->spec.file, "PCA file to write")->required()->type_name("pca.safetensors");
  auto apply = std::make_shared<PcaArguments>();
  apply->spec.apply = true;
  command = addCommand(*group, session, "apply", "Write a feature file of reduced width", [&session, apply] { return pca(session, apply->spec); });
  command->add_option("--features", apply->spec.features, "HDF5 file or folder of .npy")->required()->type_name("STORE");
  command->add_option("--key", apply->spec.key, "Key of the features in the file [c3d_features]")->type_name("NAME");
  command->add_option("--pca", apply->spec.file, "File of hvlm pca fit")->required()->type_name("FILE");
  command->add_option("--out", apply->spec.out, "Feature file to write")->required()->type_name("features.h5");
}

}  // namespace hvlm::cli
