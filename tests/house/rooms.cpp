// SPDX-License-Identifier: Apache-2.0
#include "rooms.h"

#include <algorithm>

#include "support/text.h"

namespace hvlm::testing {
namespace {

bool startsWith(std::string_view text, std::string_view beginning) { return text.substr(0, beginning.size()) == beginning; }
bool contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

bool isEngine(const std::string& target) { return startsWith(target, "engine_") || target == "hvlm_engine"; }
bool isWindow(const std::string& target) { return target == "ui" || target == "hvlm-workbench"; }

// "core/data/CMakeFiles/core_data.dir/batch.cpp.o" -> folder core/data, target core_data.
struct Object {
  std::string name, folder, target;
};
Object objectOf(std::string_view path) {
  Object object{std::string(path), "", ""};
  const size_t files = path.find("/CMakeFiles/");
  if (files == std::string_view::npos) return object;
  const size_t begin = files + 12, end = path.find(".dir/", begin);
  if (end == std::string_view::npos) return object;
  object.folder = path.substr(0, files);
  object.target = path.substr(begin, end - begin);
  return object;
}

// Why this header must not be read by this object; empty when it may.
std::string objection(const Object& object, std::string_view header) {
  if (startsWith(header, "rooms/")) {
    const std::string room(header.substr(6, header.find('/', 6) - 6));
    if (room == object.target || allowedUses().at(object.target).contains(room)) return "";
    return object.target + " must not know " + room;
  }
  // Sources of the tree itself: only the own folder, anything else reaches around the include roots.
  for (const char* top : {"core/", "ui/", "app/"}) {
    const size_t at = header.rfind(std::string("/") + top);
    const bool from_tree = startsWith(header, "../") && at == 2;
    if (from_tree && !startsWith(header.substr(3), object.folder + "/")) return "reached without its include root";
  }
  if (contains(header, "/qt6/") && !isWindow(object.target)) return object.target + " must not see Qt";
  if (contains(header, "/torch/include/") && !isEngine(object.target)) return object.target + " must not see LibTorch";
  return "";
}

}  // namespace

const std::map<std::string, std::set<std::string>>& allowedUses() {
  static const std::set<std::string> files = {"core_support", "core_data", "core_video", "core_score", "core_language", "core_runs"};
  static const std::set<std::string> torch_free = {"core_support", "core_data", "core_video", "core_score", "core_language", "core_runs", "core_jobs"};
  static const auto with = [](std::set<std::string> rooms, const std::set<std::string>& more) {
    rooms.insert(more.begin(), more.end());
    return rooms;
  };
  static const std::map<std::string, std::set<std::string>> uses = {
      {"core_support", {}},
      {"core_data", {"core_support"}},
      {"core_video", {"core_support"}},
      {"core_score", {"core_support", "core_data"}},
      {"core_language", {"core_support"}},
      {"core_runs", {"core_support"}},
      {"core_jobs", files},
      {"engine_cuda", {"core_support"}},
      {"engine_kernels", {"core_support"}},
      {"engine_model", with(torch_free, {"engine_cuda", "engine_kernels"})},
      {"engine_objective", with(torch_free, {"engine_cuda", "engine_kernels"})},
      {"engine_language", with(torch_free, {"engine_model"})},
      {"engine_backbone", with(torch_free, {"engine_model", "engine_objective"})},
      {"engine_train", with(torch_free, {"engine_cuda", "engine_kernels", "engine_model", "engine_objective", "engine_language"})},
      {"engine_eval", with(torch_free, {"engine_cuda", "engine_kernels", "engine_model", "engine_objective", "engine_language"})},
      {"engine_entry", with(torch_free, {"engine_cuda", "engine_kernels", "engine_model", "engine_objective", "engine_language", "engine_backbone", "engine_train", "engine_eval"})},
      {"hvlm_engine", with(torch_free, {"engine_kernels", "engine_cuda", "engine_model", "engine_objective", "engine_language", "engine_backbone", "engine_train", "engine_eval", "engine_entry"})},
      {"hvlm", with(files, {"core_jobs"})},
      {"ui", torch_free},
      {"hvlm-workbench", with(torch_free, {"ui"})},
  };
  return uses;
}

Findings checkDependencies(std::string_view deps) {
  Findings findings;
  Object object;
  bool watched = false;
  for (const std::string& line : split(deps, '\n')) {
    if (line.empty()) continue;
    if (line.front() != ' ') {
      object = objectOf(std::string_view(line).substr(0, line.find(": #deps")));
      // MOC's own sources are compiled in the build tree and include what their room includes.
      watched = allowedUses().contains(object.target);
      if (watched) ++findings.objects[object.target];
      continue;
    }
    if (!watched) continue;
    const std::string header = trimmed(line);
    const std::string why = objection(object, header);
    if (!why.empty()) findings.violations.push_back(object.name + " reads " + header + ": " + why);
  }
  return findings;
}

}  // namespace hvlm::testing
