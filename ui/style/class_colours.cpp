// SPDX-License-Identifier: GPL-3.0-or-later
#include "ui/style/class_colours.h"

#include <mutex>
#include <nlohmann/json.hpp>
#include <shared_mutex>

#include "support/atomic_file.h"
#include "support/error.h"
#include "support/hash.h"
#include "support/json_file.h"
#include "support/paths.h"
#include "ui/text.h"

namespace hvlm::ui {
namespace {

std::shared_mutex& guard() {
  static std::shared_mutex mutex;
  return mutex;
}
ClassColours& chosen() {  // under guard()
  static ClassColours colours;
  return colours;
}

}  // namespace

// Hues of Paul Tol's and of Okabe and Ito's sets, picked to differ in lightness where they are close in hue, also for those who see no red or no green.
const std::vector<QColor>& classColourSet() {
  static const std::vector<QColor> set = [] {
    std::vector<QColor> colours;
    for (const char* name : {"#4477aa", "#ee6677", "#228833", "#ccbb44", "#66ccee", "#aa3377", "#ee7733", "#009988", "#ddaa77",
                             "#882255", "#ffaabb", "#999933", "#cc6677", "#117733", "#7a6fd0", "#e69f00", "#56b4e9", "#cc3311",
                             "#d58fc0", "#44aa99"}) {
      colours.emplace_back(QLatin1String(name));
    }
    return colours;
  }();
  return set;
}

QColor classColour(const QString& name) {
  {
    const std::shared_lock lock(guard());
    if (const auto found = chosen().constFind(name); found != chosen().cend()) return *found;
  }
  return standardClassColour(name);
}

QColor standardClassColour(const QString& name) {
  const uint64_t hash = hash64(stdText(name));
  const auto& set = classColourSet();
  const QColor base = set[hash % set.size()];
  switch ((hash / set.size()) % 3) {
    case 1: return base.lighter(118);
    case 2: return base.darker(122);
    default: return base;
  }
}

void setClassColours(const ClassColours& wanted) {
  const std::unique_lock lock(guard());
  chosen() = wanted;
}

ClassColours chosenClassColours() {
  const std::shared_lock lock(guard());
  return chosen();
}

std::filesystem::path classColoursFile() { return configFolder() / "colours.json"; }

std::string classColoursJson(const ClassColours& colours) {
  nlohmann::json object = nlohmann::json::object();
  for (auto it = colours.cbegin(); it != colours.cend(); ++it) object[stdText(it.key())] = stdText(it.value().name());
  return nlohmann::json{{"version", 1}, {"classes", std::move(object)}}.dump(2) + "\n";
}

ClassColours parseClassColours(const std::string& text) {
  const nlohmann::json json = parseJson(text, "colours.json");
  ClassColours colours;
  try {
    const nlohmann::json& object = json.at("classes");
    for (const auto& [name, value] : object.items()) {
      const QColor colour(qText(value.get<std::string>()));
      if (!colour.isValid()) throw InputError({.where = "colours.json: " + name, .expected = "a colour like #4477aa", .found = value.dump(), .remedy = ""});
      colours.insert(qText(name), colour);
    }
  } catch (const nlohmann::json::exception& error) {
    throw InputError({.where = "colours.json", .expected = "colours by class name", .found = error.what(), .remedy = ""});
  }
  return colours;
}

ClassColours loadClassColours(const std::filesystem::path& file, QString* problem) {
  constexpr size_t kLargestFile = size_t{4} << 20;
  std::error_code none;
  if (!std::filesystem::exists(file, none)) return {};
  try {
    return parseClassColours(readFile(file, kLargestFile));
  } catch (const std::exception& error) {
    const std::filesystem::path aside = file.string() + ".bad";
    std::filesystem::rename(file, aside, none);
    if (problem) *problem = uiText("The chosen class colours could not be read and were set aside as %1. %2").arg(qText(aside), qText(error.what()));
    return {};
  }
}

}  // namespace hvlm::ui
