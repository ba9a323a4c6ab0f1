// SPDX-License-Identifier: Apache-2.0
// The templates that come with the program. Their form follows the conversations of the published models named beside them.
#include <array>

#include "language/chat_template.h"
#include "support/error.h"
#include "support/text.h"

namespace hvlm {
namespace {

struct BuiltIn {
  const char* name;
  const char* source;
};

constexpr std::array<BuiltIn, 4> kBuiltIn = {{
    // Early LLaVA (Liu et al. 2023, arXiv:2304.08485): one separator, "###", after every message.
    {"single", R"({% for message in messages %}
{% if message['role'] == 'system' %}
{{ message['content'] + '###' }}
{%- elif message['role'] == 'user' %}
{{- 'Human: ' + message['content'] + '###' }}
{%- elif message['role'] == 'assistant' %}
{{- 'Assistant: ' + message['content'] + '###' }}
{%- else %}
{{- raise_exception('The roles are system, user and assistant.') }}
{%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}{{ 'Assistant:' }}{% endif %})"},
    // Vicuna v1.1, also used by Video-ChatGPT (Maaz et al. 2023, arXiv:2306.05424): a blank after questions, </s> after answers.
    {"two", R"({% for message in messages %}
{% if message['role'] == 'system' %}
{{ message['content'] + ' ' }}
{%- elif message['role'] == 'user' %}
{{- 'USER: ' + message['content'] + ' ' }}
{%- elif message['role'] == 'assistant' %}
{{- 'ASSISTANT: ' + message['content'] + (eos_token if eos_token else '</s>') }}
{%- else %}
{{- raise_exception('The roles are system, user and assistant.') }}
{%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}{{ 'ASSISTANT:' }}{% endif %})"},
    // LLaMA-2 chat (Touvron et al. 2023, arXiv:2307.09288): the system text goes into the first question.
    {"llama", R"({% if messages and messages[0]['role'] == 'system' %}
{% set system = '<<SYS>>\n' + messages[0]['content'] + '\n<</SYS>>\n\n' %}
{% set turns = messages[1:] %}
{% else %}
{% set system = '' %}
{% set turns = messages %}
{% endif %}
{% for message in turns %}
{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}
{{ raise_exception('Questions and answers must take turns, a question first.') }}
{%- elif message['role'] == 'user' %}
{{- bos_token + '[INST] ' + ((system if loop.first else '') + message['content']).strip() + ' [/INST]' }}
{%- elif message['role'] == 'assistant' %}
{{- ' ' + message['content'].strip() + ' ' + eos_token }}
{%- else %}
{{- raise_exception('The roles are system (first only), user and assistant.') }}
{%- endif %}
{%- endfor %})"},
    // ChatML.
    {"chatml", R"({% for message in messages %}
{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n' }}
{%- endfor %}
{%- if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %})"},
}};

}  // namespace

std::vector<std::string> ChatTemplate::names() {
  std::vector<std::string> all;
  for (const BuiltIn& one : kBuiltIn) all.emplace_back(one.name);
  return all;
}

ChatTemplate ChatTemplate::named(std::string_view name) {
  std::string known;
  for (const BuiltIn& one : kBuiltIn) {
    if (name == one.name) return parse(one.source, "chat template \"" + std::string(name) + "\"");
    known += (known.empty() ? "" : ", ") + std::string(one.name);
  }
  throw InputError({.where = "chat template",
                    .expected = "one of " + known,
                    .found = "\"" + shortened(name) + "\"",
                    .remedy = "Choose one of these names."});
}

}  // namespace hvlm
