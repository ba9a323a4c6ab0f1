// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

namespace hvlm {

// What a JSON file holds besides the entries that were handed out.
struct JsonFrame {
  bool found = false;     // the container was there
  bool is_array = false;  // … and was a list (entries then have the key "")
  nlohmann::json rest;    // the other members of the root object; or the whole root when it is something else
};

// Parses large JSON without keeping it: the entries of the container `member` of the root object (or of the root itself
// when `member` is "") are handed out one by one, keys that occur twice included. Bounded in depth; the bare NaN and
// Infinity that Python writes are taken as null. Throws InputError naming `where` and the line of the fault.
JsonFrame streamJson(std::string_view text, const std::string& where, const std::string& member,
                     const std::function<void(const std::string& key, nlohmann::json&& value)>& on_entry);

// "a list", "an object with the keys a, b, …" for messages about files of another schema.
std::string describeJson(const JsonFrame& frame);

}  // namespace hvlm
