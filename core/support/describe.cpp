// SPDX-License-Identifier: Apache-2.0
#include "support/describe.h"

#include <yaml-cpp/yaml.h>

#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "support/atomic_file.h"
#include "support/error.h"
#include "support/text.h"

namespace hvlm {
namespace {

constexpr size_t kLargestYaml = size_t{1} << 20;
constexpr int kDeepest = 16;

std::string rangeText(const Range& range) {
  const bool low = std::isfinite(range.lowest);
  const bool high = std::isfinite(range.highest);
  if (low && high) return "between " + exactNumber(range.lowest) + " and " + exactNumber(range.highest);
  if (low) return "at least " + exactNumber(range.lowest);
  if (high) return "at most " + exactNumber(range.highest);
  return "";
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

std::vector<std::string> pathsOf(const Fields& fields) {
  std::vector<std::string> paths;
  for (const Field& field : fields.all()) paths.push_back(field.path);
  return paths;
}

template <class Integer>
std::optional<Integer> parseInteger(const std::string& text) {
  Integer value = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
  if (result.ec != std::errc() || result.ptr != text.data() + text.size()) return std::nullopt;
  return value;
}

[[noreturn]] void refuse(const std::string& where, const Field& field, const std::string& expected, const std::string& found) {
  std::string wanted = expected;
  if (const std::string range = rangeText(field.range); !range.empty()) wanted += " " + range;
  throw InputError({.where = where + ": " + field.path, .expected = wanted, .found = "\"" + shortened(found) + "\"",
                    .remedy = field.help + "."});
}

bool inside(const Range& range, double value) { return value >= range.lowest && value <= range.highest; }

// Takes [a, b] or "a,b" apart.
std::vector<std::string> listItems(std::string text) {
  text = trimmed(text);
  if (!text.empty() && text.front() == '[' && text.back() == ']') text = trimmed(text.substr(1, text.size() - 2));
  std::vector<std::string> items;
  if (text.empty()) return items;
  for (const std::string& part : split(text, ',')) {
    std::string item = trimmed(part);
    if (item.size() >= 2 && item.front() == '"' && item.back() == '"') item = item.substr(1, item.size() - 2);
    items.push_back(item);
  }
  return items;
}

struct Setter {
  const Field& field;
  const std::string& text;
  const std::string& where;

  void operator()(bool* v) const {
    if (text == "true" || text == "yes" || text == "on" || text == "1") {
      *v = true;
    } else if (text == "false" || text == "no" || text == "off" || text == "0") {
      *v = false;
    } else {
      refuse(where, field, "true or false", text);
    }
  }
  template <class Integer>
  void integer(Integer* v) const {
    const auto parsed = parseInteger<Integer>(text);
    if (!parsed || !inside(field.range, static_cast<double>(*parsed))) refuse(where, field, "a whole number", text);
    *v = *parsed;
  }
  void operator()(int64_t* v) const { integer(v); }
  void operator()(uint64_t* v) const { integer(v); }
  void operator()(double* v) const {
    const auto parsed = parseNumber(text);
    if (!parsed || std::isnan(*parsed) || !inside(field.range, *parsed)) refuse(where, field, "a number", text);
    *v = *parsed;
  }
  void checkChoice(const std::string& item) const {
    if (field.choices.empty()) return;
    for (const std::string& choice : field.choices) {
      if (choice == item) return;
    }
    refuse(where, field, "one of " + joined(field.choices), item);
  }
  void operator()(std::string* v) const {
    checkChoice(text);
    *v = text;
  }
  void operator()(std::vector<int64_t>* v) const {
    std::vector<int64_t> values;
    for (const std::string& item : listItems(text)) {
      const auto parsed = parseInteger<int64_t>(item);
      if (!parsed || !inside(field.range, static_cast<double>(*parsed))) refuse(where, field, "a list of whole numbers", text);
      values.push_back(*parsed);
    }
    *v = values;
  }
  void operator()(std::vector<double>* v) const {
    std::vector<double> values;
    for (const std::string& item : listItems(text)) {
      const auto parsed = parseNumber(item);
      if (!parsed || std::isnan(*parsed) || !inside(field.range, *parsed)) refuse(where, field, "a list of numbers", text);
      values.push_back(*parsed);
    }
    *v = values;
  }
  void operator()(std::vector<std::string>* v) const {
    const auto items = listItems(text);
    for (const std::string& item : items) checkChoice(item);
    *v = items;
  }
};

struct ToText {
  std::string operator()(const bool* v) const { return *v ? "true" : "false"; }
  std::string operator()(const int64_t* v) const { return std::to_string(*v); }
  std::string operator()(const uint64_t* v) const { return std::to_string(*v); }
  std::string operator()(const double* v) const { return exactNumber(*v); }
  std::string operator()(const std::string* v) const { return *v; }
  template <class T>
  std::string operator()(const std::vector<T>* v) const {
    std::string text;
    for (const T& item : *v) text += (text.empty() ? "" : ", ") + (*this)(&item);
    return "[" + text + "]";
  }
};

struct ToJson {
  template <class T>
  nlohmann::json operator()(const T* v) const {
    return *v;
  }
};

// A text as a YAML scalar that reads back as the same text.
std::string yamlText(const std::string& text) {
  const bool plain = !text.empty() && text.find_first_not_of(
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./-") == std::string::npos && text.front() != '-';
  return plain ? text : nlohmann::json(text).dump();
}

std::string yamlValue(const Field& field) {
  if (const auto* text = std::get_if<std::string*>(&field.value)) return yamlText(**text);
  if (const auto* list = std::get_if<std::vector<std::string>*>(&field.value)) {
    std::string out;
    for (const std::string& item : **list) out += (out.empty() ? "" : ", ") + yamlText(item);
    return "[" + out + "]";
  }
  return fieldText(field);
}

std::string lineOf(const std::string& where, const YAML::Node& node) {
  const YAML::Mark mark = node.Mark();
  return mark.line >= 0 ? where + ", line " + std::to_string(mark.line + 1) : where;
}

[[noreturn]] void unknownKey(const std::string& where, const std::string& key, const Fields& fields) {
  const std::string nearest = nearestWord(key, pathsOf(fields));
  throw InputError({.where = where,
                    .expected = "a known key",
                    .found = "\"" + shortened(key) + "\"",
                    .remedy = nearest.empty() ? "See configs/ for the keys there are." : "Did you mean \"" + nearest + "\"?"});
}

std::string nodeText(const YAML::Node& node, const std::string& where, const std::string& path) {
  if (node.IsScalar()) return node.Scalar();
  if (node.IsNull()) return "";
  if (node.IsSequence()) {
    std::string text;
    for (const YAML::Node& item : node) {
      if (!item.IsScalar()) {
        throw InputError({.where = where + ": " + path, .expected = "a list of plain values", .found = "something nested",
                          .remedy = "Write it as [a, b, c]."});
      }
      text += (text.empty() ? "" : ", ") + item.Scalar();
    }
    return "[" + text + "]";
  }
  throw InputError({.where = where + ": " + path, .expected = "a value", .found = "a group of keys",
                    .remedy = "Write the value on the same line as the key."});
}

void readNode(const YAML::Node& node, const std::string& prefix, const std::string& where, const Fields& fields, int depth) {
  if (depth > kDeepest) {
    throw InputError({.where = where, .expected = "at most " + std::to_string(kDeepest) + " levels", .found = "more",
                      .remedy = "Check the indentation."});
  }
  std::set<std::string> seen;
  for (const auto& entry : node) {
    if (!entry.first.IsScalar()) {
      throw InputError({.where = lineOf(where, entry.first), .expected = "a plain key", .found = "a structure",
                        .remedy = "Write keys as plain words."});
    }
    const std::string path = prefix + entry.first.Scalar();
    const std::string at = lineOf(where, entry.first);
    if (!seen.insert(path).second) {
      throw InputError({.where = at, .expected = "each key once", .found = "\"" + path + "\" again", .remedy = "Remove one of them."});
    }
    if (const Field* field = fields.find(path)) {
      fields.set(path, nodeText(entry.second, at, field->path), at);
      continue;
    }
    bool is_group = false;
    for (const auto& group : fields.groups()) is_group = is_group || group.first == path;
    if (!is_group) unknownKey(at, path, fields);
    if (entry.second.IsNull()) continue;
    if (!entry.second.IsMap()) {
      throw InputError({.where = at + ": " + path, .expected = "a group of keys", .found = "a single value",
                        .remedy = "Indent its keys below it."});
    }
    readNode(entry.second, path + ".", where, fields, depth + 1);
  }
}

}  // namespace

const Field* Fields::find(const std::string& path) const {
  for (const Field& field : fields_) {
    if (field.path == path) return &field;
  }
  return nullptr;
}

void Fields::set(const std::string& path, const std::string& text, const std::string& where) const {
  const Field* field = find(path);
  if (!field) unknownKey(where, path, *this);
  std::visit(Setter{*field, text, where}, field->value);
}

void readYamlText(const std::string& text, const std::string& where, const Fields& fields) {
  if (text.size() > kLargestYaml) {
    throw InputError({.where = where, .expected = "at most 1 MB of YAML", .found = humanBytes(static_cast<double>(text.size())),
                      .remedy = "This is probably another kind of file."});
  }
  YAML::Node root;
  try {
    root = YAML::Load(text);
  } catch (const YAML::Exception& error) {
    throw InputError({.where = where + ", line " + std::to_string(error.mark.line + 1), .expected = "valid YAML",
                      .found = error.msg, .remedy = "Check the indentation and the quotes."});
  }
  if (root.IsNull()) return;
  if (!root.IsMap()) {
    throw InputError({.where = where, .expected = "keys and values", .found = "something else",
                      .remedy = "Start from one of the files in configs/."});
  }
  readNode(root, "", where, fields, 0);
}

void readYaml(const std::filesystem::path& file, const Fields& fields) {
  readYamlText(readFile(file, kLargestYaml), file.string(), fields);
}

std::string fieldText(const Field& field) { return std::visit(ToText{}, field.value); }

std::string writeYaml(const Fields& fields) {
  std::string out;
  std::vector<std::string> open;  // groups printed so far on the current branch
  for (const Field& field : fields.all()) {
    const auto parts = split(field.path, '.');
    size_t common = 0;
    while (common < open.size() && common + 1 < parts.size() && open[common] == parts[common]) ++common;
    open.resize(common);
    while (open.size() + 1 < parts.size()) {
      out += std::string(open.size() * 2, ' ') + parts[open.size()] + ":\n";
      open.push_back(parts[open.size()]);
    }
    out += std::string(open.size() * 2, ' ') + parts.back() + ": " + yamlValue(field) + "\n";
  }
  return out;
}

nlohmann::json fieldsAsJson(const Fields& fields) {
  nlohmann::json root = nlohmann::json::object();
  for (const Field& field : fields.all()) {
    nlohmann::json* node = &root;
    for (const std::string& part : split(field.path, '.')) node = &(*node)[part];
    *node = std::visit(ToJson{}, field.value);
  }
  return root;
}

}  // namespace hvlm
