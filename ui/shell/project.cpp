// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/shell/project.h"

#include <QJsonDocument>
#include <algorithm>
#include <array>
#include <chrono>
#include <nlohmann/json.hpp>
#include <set>

#include "support/atomic_file.h"
#include "support/error.h"
#include "support/json_file.h"
#include "ui/text.h"

namespace hvlm::ui {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

constexpr int kVersion = 1;
constexpr size_t kLargestFile = size_t{4} << 20;
constexpr const char* kFile = "project.json";
constexpr const char* kStamp = "yyyyMMdd-HHmmss-zzz";  // UTC

std::string relativeTo(const fs::path& folder, const QString& path) { return path.isEmpty() ? std::string() : pathOf(path).lexically_proximate(folder).generic_string(); }
QString absoluteFrom(const fs::path& folder, const std::string& path) { return path.empty() ? QString() : qText((folder / path).lexically_normal()); }

Json listJson(const fs::path& folder, const QStringList& paths) {
  Json list = Json::array();
  for (const QString& path : paths) list.push_back(relativeTo(folder, path));
  return list;
}
QStringList listOf(const fs::path& folder, const Json& list) {
  QStringList paths;
  for (const Json& path : list) paths.append(absoluteFrom(folder, path.get<std::string>()));
  return paths;
}

Json objectJson(const QJsonObject& object) { return Json::parse(QJsonDocument(object).toJson(QJsonDocument::Compact).toStdString()); }
QJsonObject objectOf(const Json& json, const char* key) { return QJsonDocument::fromJson(QByteArray::fromStdString(json.value(key, Json::object()).dump())).object(); }

fs::path whole(const fs::path& folder) { return fs::absolute(folder).lexically_normal(); }

QDateTime timeOf(const fs::path& file) {
  const auto system = std::chrono::file_clock::to_sys(fs::last_write_time(file));
  return QDateTime::fromMSecsSinceEpoch(std::chrono::duration_cast<std::chrono::milliseconds>(system.time_since_epoch()).count());
}

fs::path versionFile(const fs::path& folder, const QDateTime& time) {
  return folder / "versions" / (stdText(time.toUTC().toString(QLatin1String(kStamp))) + ".json");
}

void thinOut(const fs::path& folder) {
  const std::vector<ProjectVersion> versions = projectVersions(folder);
  std::vector<QDateTime> times;
  for (const ProjectVersion& each : versions) times.push_back(each.time);
  const std::vector<size_t> kept = keptVersions(times, QDateTime::currentDateTime());
  for (size_t i = 0; i < versions.size(); ++i) {
    std::error_code none;
    if (!std::binary_search(kept.begin(), kept.end(), i)) fs::remove(versions[i].file, none);
  }
}

// Whether two files say the same but for the layout. One that cannot be read differs.
bool sameContent(const std::string& before, const Project& now, const fs::path& folder) {
  try {
    return projectContent(parseProject(before, folder), folder) == projectContent(now, folder);
  } catch (const InputError&) {
    return false;
  }
}

}  // namespace

std::string projectJson(const Project& p, const fs::path& folder) {
  const fs::path base = whole(folder);
  Json links = Json::object();
  for (auto it = p.video_links.cbegin(); it != p.video_links.cend(); ++it) links[stdText(it.key())] = relativeTo(base, it.value());
  QStringList overlaid = p.overlaid;
  overlaid.sort();
  return Json{{"version", kVersion},
              {"data", relativeTo(base, p.data)},
              {"runs_folders", listJson(base, p.runs_folders)},
              {"overlaid", listJson(base, overlaid)},
              {"baseline", relativeTo(base, p.baseline)},
              {"reproduction", relativeTo(base, p.reproduction)},
              {"video_links", links},
              {"timeline", objectJson(p.timeline)},
              {"layout", objectJson(p.layout)}}
             .dump(2) +
         "\n";
}

std::string projectContent(Project project, const fs::path& folder) {
  project.layout = {};
  return projectJson(project, folder);
}

Project parseProject(const std::string& text, const fs::path& folder) {
  const std::string where = (folder / kFile).string();
  const Json json = parseJson(text, where);
  const fs::path base = whole(folder);
  try {
    if (json.at("version").get<int>() != kVersion) {
      throw InputError({.where = where, .expected = "a project of version 1", .found = "version " + json.at("version").dump(), .remedy = "Open it with the program that wrote it."});
    }
    Project p;
    p.data = absoluteFrom(base, json.value("data", std::string()));
    p.runs_folders = listOf(base, json.value("runs_folders", Json::array()));
    p.overlaid = listOf(base, json.value("overlaid", Json::array()));
    p.baseline = absoluteFrom(base, json.value("baseline", std::string()));
    p.reproduction = absoluteFrom(base, json.value("reproduction", std::string()));
    const Json links = json.value("video_links", Json::object());
    for (const auto& [id, file] : links.items()) p.video_links[qText(id)] = absoluteFrom(base, file.get<std::string>());
    p.timeline = objectOf(json, "timeline");
    p.layout = objectOf(json, "layout");
    return p;
  } catch (const Json::exception& error) {
    throw InputError({.where = where, .expected = "a saved project", .found = error.what(), .remedy = "File > Project versions has earlier ones."});
  }
}

Project readProject(const fs::path& folder) { return parseProject(readFile(folder / kFile, kLargestFile), folder); }

bool isProject(const fs::path& folder) {
  std::error_code none;
  return fs::is_regular_file(folder / kFile, none);
}

void saveProject(const fs::path& folder, const Project& project) {
  const std::string text = projectJson(project, folder);
  const fs::path file = folder / kFile;
  if (isProject(folder)) {
    const std::string before = readFile(file, kLargestFile);
    if (before == text) return;
    if (!sameContent(before, project, folder)) writeFileAtomic(versionFile(folder, timeOf(file)), before);
  }
  writeFileAtomic(file, text);
  thinOut(folder);
}

void keepVersion(const fs::path& folder, const Project& project) {
  writeFileAtomic(versionFile(folder, QDateTime::currentDateTime()), projectJson(project, folder));
  thinOut(folder);
}

std::vector<ProjectVersion> projectVersions(const fs::path& folder) {
  std::vector<ProjectVersion> versions;
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(folder / "versions", none)) {
    if (entry.path().extension() != ".json" || !entry.is_regular_file(none)) continue;
    QDateTime time = QDateTime::fromString(qText(entry.path().stem()), QLatin1String(kStamp));
    time.setTimeSpec(Qt::UTC);
    if (time.isValid()) versions.push_back({entry.path(), time.toLocalTime()});
  }
  std::sort(versions.begin(), versions.end(), [](const ProjectVersion& a, const ProjectVersion& b) { return a.time > b.time; });
  return versions;
}

std::vector<size_t> keptVersions(const std::vector<QDateTime>& times, const QDateTime& now) {
  constexpr std::array<qint64, 3> kBorders = {3600, 24 * 3600, 7 * 24 * 3600};  // seconds
  constexpr qint64 kSlots = static_cast<qint64>(kMostVersions / (kBorders.size() + 1));
  const auto age = [&](size_t i) { return std::max<qint64>(0, times[i].secsTo(now)); };
  std::vector<size_t> kept;
  std::set<std::pair<size_t, qint64>> taken;
  for (size_t i = 0; i < times.size(); ++i) {
    const auto span = static_cast<size_t>(std::upper_bound(kBorders.begin(), kBorders.end(), age(i)) - kBorders.begin());
    const qint64 from = span == 0 ? 0 : kBorders[span - 1];
    const qint64 to = std::max(from + 1, span < kBorders.size() ? kBorders[span] : age(times.size() - 1) + 1);
    const qint64 slot = std::min(kSlots - 1, (age(i) - from) * kSlots / (to - from));
    if (taken.emplace(span, slot).second) kept.push_back(i);
  }
  return kept;
}

}  // namespace hvlm::ui
