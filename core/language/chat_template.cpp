// SPDX-License-Identifier: Apache-2.0
#include "language/chat_template.h"

#include <nlohmann/json.hpp>

#include "language/template_eval.h"
#include "support/error.h"
#include "support/json_file.h"
#include "support/text.h"

namespace hvlm {
namespace {

using nlohmann::json;

constexpr size_t kMostConfigBytes = size_t{16} << 20;

InputError badConfig(const std::string& where, const std::string& expected, const std::string& found) {
  return InputError(
      {.where = where, .expected = expected, .found = found, .remedy = "Choose one of the templates that come with the program."});
}

// A text, or the one named "default" of a list of named ones.
std::string templateText(const json& file, const std::string& where) {
  const auto found = file.find("chat_template");
  if (found == file.end() || found->is_null()) throw badConfig(where, "the key \"chat_template\"", "none");
  if (found->is_string()) return found->get<std::string>();
  if (found->is_array()) {
    for (const json& one : *found) {
      if (one.is_object() && one.value("name", json()) == "default" && one.value("template", json()).is_string())
        return one["template"].get<std::string>();
    }
  }
  throw badConfig(where + ", chat_template", "a text, or a list with a template named \"default\"", "something else");
}

std::string tokenText(const json& file, const char* key, const std::string& where) {
  json value = file.value(key, json());
  if (value.is_object()) value = value.value("content", json());
  if (value.is_null()) return {};
  if (!value.is_string())
    throw badConfig(where + ", " + key, "a text", shortened(value.dump(-1, ' ', false, json::error_handler_t::replace)));
  return value.get<std::string>();
}

}  // namespace

ChatTemplate ChatTemplate::parse(std::string_view source, std::string where) {
  ChatTemplate made;
  made.where_ = std::move(where);
  made.nodes_ = std::make_shared<const std::vector<jinja::Node>>(jinja::parseTemplate(source, made.where_));
  made.source_ = source;
  return made;
}

std::string ChatTemplate::render(std::span<const ChatMessage> messages, const ChatRenderOptions& options) const {
  using jinja::Value;
  Value::List list;
  for (const ChatMessage& message : messages)
    list.emplace_back(Value::Dictionary{{"role", Value(message.role)}, {"content", Value(message.content)}});
  return jinja::evaluate(*nodes_,
                         {{"messages", Value(std::move(list))},
                          {"add_generation_prompt", Value(options.add_generation_prompt)},
                          {"bos_token", Value(options.bos_token)},
                          {"eos_token", Value(options.eos_token)}},
                         where_);
}

TokenizerTemplate readTokenizerTemplate(const std::filesystem::path& tokenizer_config) {
  const std::string where = tokenizer_config.string();
  const json file = readJsonFile(tokenizer_config, kMostConfigBytes);
  if (!file.is_object()) throw badConfig(where, "a tokenizer_config.json", "something else");
  return {.chat = ChatTemplate::parse(templateText(file, where), where + ", chat_template"),
          .bos_token = tokenText(file, "bos_token", where),
          .eos_token = tokenText(file, "eos_token", where)};
}

}  // namespace hvlm
