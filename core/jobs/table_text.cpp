// SPDX-License-Identifier: Apache-2.0
#include "jobs/table_text.h"

#include <algorithm>
#include <optional>

#include "support/error.h"
#include "support/text.h"

namespace hvlm {
namespace {

constexpr size_t kLongestField = 4096;  // bytes; ids and labels are far shorter
constexpr size_t kMostFields = 256;

class Rows {
 public:
  Rows(std::string_view text, const std::string& where) : text_(text), where_(where) {
    if (text_.substr(0, 3) == "\xEF\xBB\xBF") text_.remove_prefix(3);
    const std::string_view first = text_.substr(0, text_.find('\n'));
    separator_ = first.find('\t') != std::string_view::npos ? '\t' : ',';
  }

  // False at the end.
  bool next(std::vector<std::string>& fields) {
    fields.clear();
    line_ = next_line_;
    if (at_ >= text_.size()) return false;
    std::string field;
    bool quoted = false;
    while (true) {
      const bool end = at_ >= text_.size();
      const char c = end ? '\n' : text_[at_++];
      if (end && quoted) refuse("a quote without an end");
      if (quoted) {
        if (c != '"') field += c;
        else if (at_ < text_.size() && text_[at_] == '"') field += '"', ++at_;
        else quoted = false;
        if (c == '\n') ++next_line_;
      } else if (c == '"' && trimmed(field).empty()) {
        field.clear();
        quoted = true;
      } else if (c == separator_ || c == '\n') {
        fields.push_back(trimmed(field));
        field.clear();
        if (fields.size() > kMostFields) refuse("a row of more than " + std::to_string(kMostFields) + " fields");
        if (c == separator_) continue;
        ++next_line_;
        return true;
      } else {
        field += c;
      }
      if (field.size() > kLongestField) refuse("a field of more than " + std::to_string(kLongestField) + " bytes");
    }
  }
  int64_t line() const { return line_; }

 private:
  [[noreturn]] void refuse(const std::string& found) const {
    throw InputError({.where = where_ + ", line " + std::to_string(line_), .expected = "a row of a table", .found = found, .remedy = "The file is damaged or of another kind: check it."});
  }
  std::string_view text_;
  const std::string& where_;
  char separator_ = ',';
  size_t at_ = 0;
  int64_t line_ = 1, next_line_ = 1;
};

std::string lowered(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return c < 0x80 ? static_cast<char>(std::tolower(c)) : static_cast<char>(c); });
  return text;
}

std::optional<size_t> placeOf(const ColumnNames& names, const std::vector<std::string>& header) {
  for (size_t i = 0; i < header.size(); ++i) {
    if (std::find(names.begin(), names.end(), lowered(header[i])) != names.end()) return i;
  }
  return std::nullopt;
}

}  // namespace

void readTableText(std::string_view text, const std::string& where, const std::vector<ColumnNames>& wanted, DefectList& defects,
                   const std::function<void(const std::vector<std::string>&, int64_t)>& on_row) {
  Rows rows(text, where);
  std::vector<std::string> fields, given(wanted.size());
  std::vector<size_t> places;
  for (size_t i = 0; i < wanted.size(); ++i) places.push_back(i);
  bool first = true;
  while (rows.next(fields)) {
    if (fields.size() == 1 && fields[0].empty()) continue;
    const bool header = first && std::any_of(wanted.begin(), wanted.end(), [&](const ColumnNames& names) { return placeOf(names, fields).has_value(); });
    first = false;
    if (header) {
      for (size_t i = 0; i < wanted.size(); ++i) {
        const auto place = placeOf(wanted[i], fields);
        if (!place) throw InputError({.where = where, .expected = "a column \"" + wanted[i].front() + "\"", .found = "a header without it", .remedy = "Add the column, or leave the header out and keep the order."});
        places[i] = *place;
      }
      continue;
    }
    if (*std::max_element(places.begin(), places.end()) >= fields.size()) {
      defects.add("bad_row", "line " + std::to_string(rows.line()));
      continue;
    }
    for (size_t i = 0; i < wanted.size(); ++i) given[i] = fields[places[i]];
    on_row(given, rows.line());
  }
}

}  // namespace hvlm
