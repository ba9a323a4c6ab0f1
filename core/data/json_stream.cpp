// SPDX-License-Identifier: Apache-2.0
#include "data/json_stream.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "support/error.h"
#include "support/text.h"

namespace hvlm {
namespace {

using nlohmann::json;
using EntryCallback = std::function<void(const std::string&, json&&)>;
constexpr int kDeepest = 64;

// Receives the parser's events; builds values only below the container.
class EntryReader : public nlohmann::json_sax<json> {
 public:
  EntryReader(std::string_view text, std::string where, std::string member, const EntryCallback& on_entry)
      : text_(text), where_(std::move(where)), member_(std::move(member)), on_entry_(on_entry) {}

  JsonFrame take() { return std::move(frame_); }

  bool null() override { return value(nullptr); }
  bool boolean(bool v) override { return value(v); }
  bool number_integer(number_integer_t v) override { return value(v); }
  bool number_unsigned(number_unsigned_t v) override { return value(v); }
  bool number_float(number_float_t v, const string_t&) override { return value(v); }
  bool string(string_t& v) override { return value(std::move(v)); }
  bool binary(binary_t&) override { return false; }
  bool start_object(size_t) override { return open(json::object(), false); }
  bool start_array(size_t) override { return open(json::array(), true); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }
  bool key(string_t& name) override {
    if (!building_.empty()) {
      building_.back().key = std::move(name);
    } else if (place_ == Place::kContainer) {
      entry_key_ = std::move(name);
    } else {
      root_key_ = std::move(name);
    }
    return true;
  }
  bool parse_error(size_t byte, const std::string&, const nlohmann::detail::exception&) override {
    const size_t at = std::min(byte > 0 ? byte - 1 : 0, text_.size());
    const auto line = 1 + std::count(text_.begin(), text_.begin() + static_cast<std::ptrdiff_t>(at), '\n');
    throw InputError({.where = where_ + ", line " + std::to_string(line) + ", byte " + std::to_string(byte),
                      .expected = "valid JSON",
                      .found = at >= text_.size() ? "the end of the file" : "something else",
                      .remedy = "The file is damaged or of another kind: check it."});
  }

 private:
  enum class Place { kOutside, kRoot, kContainer, kDone };
  struct Open {
    json value;
    std::string key;
  };

  bool open(json&& empty, bool is_array) {
    if (++depth_ > kDeepest) {
      throw InputError({.where = where_,
                        .expected = "JSON at most " + std::to_string(kDeepest) + " levels deep",
                        .found = "a deeper one",
                        .remedy = "Check that this is the right file."});
    }
    if (building_.empty()) {
      const bool enters_root = place_ == Place::kOutside && !member_.empty() && !is_array;
      const bool enters_container = (place_ == Place::kOutside && member_.empty()) ||
                                    (place_ == Place::kRoot && root_key_ == member_ && !frame_.found);
      if (enters_root) {
        place_ = Place::kRoot;
        frame_.rest = json::object();
        return true;
      }
      if (enters_container) {
        place_ = Place::kContainer;
        frame_.found = true;
        frame_.is_array = is_array;
        entry_key_.clear();
        return true;
      }
    }
    building_.push_back({std::move(empty), {}});
    return true;
  }
  bool close() {
    --depth_;
    if (!building_.empty()) {
      json done = std::move(building_.back().value);
      building_.pop_back();
      return value(std::move(done));
    }
    place_ = place_ == Place::kContainer && !member_.empty() ? Place::kRoot : Place::kDone;
    return true;
  }
  bool value(json&& v) {
    if (!building_.empty()) {
      Open& back = building_.back();
      if (auto* object = back.value.get_ptr<json::object_t*>()) {
        (*object)[std::move(back.key)] = std::move(v);
      } else {
        back.value.push_back(std::move(v));
      }
    } else if (place_ == Place::kContainer) {
      on_entry_(entry_key_, std::move(v));
    } else if (place_ == Place::kRoot) {
      frame_.rest[root_key_] = std::move(v);
    } else {
      frame_.rest = std::move(v);
    }
    return true;
  }

  std::string_view text_;
  std::string where_;
  std::string member_;
  const EntryCallback& on_entry_;
  JsonFrame frame_;
  Place place_ = Place::kOutside;
  int depth_ = 0;
  std::string root_key_;
  std::string entry_key_;
  std::vector<Open> building_;
};

// Writes null for the bare words NaN, Infinity and -Infinity outside strings.
std::string withoutPythonNumbers(std::string_view text) {
  std::string out;
  out.reserve(text.size() + 64);
  bool in_string = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      out += c;
      if (c == '\\' && i + 1 < text.size()) out += text[++i];
      if (c == '"') in_string = false;
      continue;
    }
    in_string = c == '"';
    bool replaced = false;
    for (const std::string_view word :
         {std::string_view("NaN"), std::string_view("-Infinity"), std::string_view("Infinity")}) {
      if (text.substr(i, word.size()) == word) {
        out += "null";
        i += word.size() - 1;
        replaced = true;
        break;
      }
    }
    if (!replaced) out += c;
  }
  return out;
}

}  // namespace

JsonFrame streamJson(std::string_view text, const std::string& where, const std::string& member,
                     const EntryCallback& on_entry) {
  if (text.substr(0, 3) == "\xEF\xBB\xBF") text.remove_prefix(3);
  if (text.find_first_not_of(" \t\r\n") == std::string_view::npos) {
    throw InputError({.where = where, .expected = "JSON", .found = "an empty file", .remedy = "Check the file."});
  }
  std::string relaxed;
  if (text.find("NaN") != std::string_view::npos || text.find("Infinity") != std::string_view::npos) {
    relaxed = withoutPythonNumbers(text);
    text = relaxed;
  }
  EntryReader reader(text, where, member, on_entry);
  json::sax_parse(text.begin(), text.end(), &reader);
  return reader.take();
}

std::string describeJson(const JsonFrame& frame) {
  if (frame.found) return frame.is_array ? "a list" : "an object";
  if (frame.rest.is_array()) return "a list";
  if (!frame.rest.is_object()) return "a single value";
  if (frame.rest.empty()) return "an empty object";
  std::string keys;
  int shown = 0;
  for (const auto& [key, value] : frame.rest.items()) {
    if (++shown > 4) return "an object with the keys " + keys + ", …";
    keys += (keys.empty() ? "\"" : ", \"") + shortened(key, 24) + "\"";
  }
  return "an object with the " + std::string(shown == 1 ? "key " : "keys ") + keys;
}

}  // namespace hvlm
