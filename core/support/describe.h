// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <limits>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <utility>
#include <variant>
#include <vector>

// One struct, three faces: an option struct says its fields once in `describe`, and YAML files, the command line and the
// window's form are made from that.
//
//   struct PyramidOptions {
//     int64_t levels = -1;
//     std::string mode = "ceil";
//     template <class Fields> void describe(Fields& f) {
//       f("levels", levels, {-1, 16}, "Levels above the steps; -1 goes on until one node is left");
//       f("mode", mode, {"ceil", "floor"}, "What becomes of an odd last step");
//     }
//   };
//   struct Config { PyramidOptions pyramid; template <class F> void describe(F& f) { f.group("pyramid", pyramid, "…"); } };
namespace hvlm {

struct Range {
  double lowest = -std::numeric_limits<double>::infinity();  // both ends included
  double highest = std::numeric_limits<double>::infinity();
};
struct Choices : std::vector<std::string> {  // empty = any text
  Choices() = default;
  Choices(std::initializer_list<const char*> names) : std::vector<std::string>(names.begin(), names.end()) {}
};

using FieldRef = std::variant<bool*, int64_t*, uint64_t*, double*, std::string*, std::vector<int64_t>*,
                              std::vector<double>*, std::vector<std::string>*>;

struct Field {
  std::string path;  // dotted: "encoder.dim"
  std::string help;
  Range range;       // numbers
  Choices choices;   // texts
  FieldRef value;    // points into the described struct
};

// Collects the fields of a struct; lives as long as the struct it looks at.
class Fields {
 public:
  template <class Options>
  explicit Fields(Options& options) {
    options.describe(*this);
  }

  void operator()(const char* name, bool& v, Range, const char* help) { add(name, &v, {}, {}, help); }
  void operator()(const char* name, int64_t& v, Range r, const char* help) { add(name, &v, r, {}, help); }
  void operator()(const char* name, uint64_t& v, Range r, const char* help) { add(name, &v, r, {}, help); }
  void operator()(const char* name, double& v, Range r, const char* help) { add(name, &v, r, {}, help); }
  void operator()(const char* name, std::string& v, Choices c, const char* help) { add(name, &v, {}, std::move(c), help); }
  void operator()(const char* name, std::vector<int64_t>& v, Range r, const char* help) { add(name, &v, r, {}, help); }
  void operator()(const char* name, std::vector<double>& v, Range r, const char* help) { add(name, &v, r, {}, help); }
  void operator()(const char* name, std::vector<std::string>& v, Choices c, const char* help) {
    add(name, &v, {}, std::move(c), help);
  }
  template <class Options>
  void group(const char* name, Options& options, const char* help) {
    const std::string outer = prefix_;
    group_help_.emplace_back(outer + name, help);
    prefix_ = outer + name + ".";
    options.describe(*this);
    prefix_ = outer;
  }

  const std::vector<Field>& all() const { return fields_; }
  const std::vector<std::pair<std::string, std::string>>& groups() const { return group_help_; }  // path, help
  const Field* find(const std::string& path) const;

  // Sets one field from text ("0.5", "true", "[1, 2]"). Unknown keys, wrong types and values out of range throw
  // InputError that starts with `where` and names the nearest key.
  void set(const std::string& path, const std::string& text, const std::string& where) const;

 private:
  void add(const char* name, FieldRef value, Range range, Choices choices, const char* help) {
    fields_.push_back({prefix_ + name, help, range, std::move(choices), value});
  }
  std::vector<Field> fields_;
  std::vector<std::pair<std::string, std::string>> group_help_;
  std::string prefix_;
};

// Reads a YAML file into the struct behind `fields`; keys that are absent keep their value. Every unknown key is an error
// naming file, line and nearest key. Bounded: 1 MB, 16 levels, no aliases.
void readYaml(const std::filesystem::path& file, const Fields& fields);
void readYamlText(const std::string& text, const std::string& where, const Fields& fields);
std::string writeYaml(const Fields& fields);           // complete, in declaration order, reads back to the same values
std::string fieldText(const Field& field);             // one value as `set` reads it
nlohmann::json fieldsAsJson(const Fields& fields);     // nested like the YAML

}  // namespace hvlm
