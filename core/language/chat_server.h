// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <functional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>

#include "language/chat_template.h"

namespace hvlm {

// A server that speaks the chat protocol of OpenAI: llama.cpp's, Ollama, vLLM, LM Studio, or a paid service.
struct ServerOptions {
  std::string address;            // e.g. http://127.0.0.1:8080/v1; empty: nothing is ever sent
  std::string model;              // as the server knows it; may be empty for servers with one model
  std::string key;                // goes into the Authorization header only, never into a message or a file
  double temperature = 0.2;       // 0 = always the likeliest word
  double top_p = 1.0;             // share of the likelihood that words are drawn from
  int64_t max_tokens = 512;       // of the answer
  double connect_seconds = 5.0;   // until a connection stands
  double idle_seconds = 30.0;     // without a byte, also while waiting for the first
  double total_seconds = 300.0;   // for the whole answer
};

// Asks and returns the answer; `on_text` gets it piece by piece, on this thread, in whole UTF-8 characters. Blocks; a stop ends it
// within 100 ms with Interrupted. Each failure is an InputError whose `where` is the address; what on_text got before stays good.
// Nothing is sent without an address, no redirect is followed, and a server on this machine is reached without any proxy.
// At most 4 MB an event and 64 MB in all are read.
std::string chat(const ServerOptions& options, std::span<const ChatMessage> messages, std::stop_token stop,
                 const std::function<void(std::string_view)>& on_text);

// The address that chat() would post to; throws InputError when there is none or it is not usable.
std::string chatEndpoint(const std::string& address);

}  // namespace hvlm
