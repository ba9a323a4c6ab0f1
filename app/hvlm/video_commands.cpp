// SPDX-License-Identifier: Apache-2.0
#include <memory>

#include "command.h"
#include "support/error.h"
#include "support/text.h"
#include "video/video_reader.h"

namespace hvlm::cli {
namespace {

std::string cell(const nlohmann::json& json, const char* key) {
  const auto found = json.find(key);
  if (found == json.end() || found->is_null()) return "";
  return found->is_string() ? found->get<std::string>() : found->is_number_float() ? fixedNumber(found->get<double>(), 3) : found->dump();
}

int probe(const Session& session, const std::vector<std::string>& videos) {
  nlohmann::json files = nlohmann::json::array();
  std::vector<std::vector<std::string>> rows = {{"file", "codec", "size", "frames", "seconds", "starts", "rate", "sound", "remarks"}};
  int64_t bad = 0;
  for (const std::string& file : videos) {
    const ProbeResult result = probeVideo(file);
    nlohmann::json json = nlohmann::json::parse(probeJson(result));
    json["file"] = file;
    bad += !result.readable;
    std::string remarks = result.problem;
    if (remarks.empty() && result.facts.rotation != 0) remarks = "turned by " + std::to_string(result.facts.rotation) + " degrees";
    if (remarks.empty() && result.facts.interlaced) remarks = "interlaced";
    const std::string size = result.has_video ? cell(json, "display_width") + "x" + cell(json, "display_height") : "";
    rows.push_back({file, cell(json, "codec"), size, cell(json, "nb_frames"), cell(json, "duration"), cell(json, "start_time"), cell(json, "avg_frame_rate"), cell(json, "audio_codec"), remarks});
    files.push_back(std::move(json));
  }
  if (session.json) {
    printJson({{"files", files}});
  } else {
    printText(alignedTable(rows, false));
  }
  if (bad == 0) return kDone;
  std::fprintf(stderr, "hvlm: %lld of %zu files are unreadable\n", static_cast<long long>(bad), videos.size());
  return kFailed;
}

}  // namespace

void addVideoCommands(CLI::App& app, Session& session) {
  auto videos = std::make_shared<std::vector<std::string>>();
  CLI::App* command = addCommand(app, session, "probe", "What video files hold: codec, size, frames counted by decoding, times, rotation, sound",
                                 [&session, videos] { return probe(session, *videos); });
  command->add_option("VIDEO", *videos, "Video files")->required()->type_name("FILE");
}

}  // namespace hvlm::cli
