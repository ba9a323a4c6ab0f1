// SPDX-License-Identifier: Apache-2.0
#include "language/chat_server.h"

#include <curl/curl.h>

#include <chrono>
#include <cmath>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "language/chat_reply.h"
#include "support/error.h"
#include "support/text.h"

namespace hvlm {
namespace {

using Clock = std::chrono::steady_clock;
constexpr int kPollMilliseconds = 50;

template <auto release>
struct Releases {
  template <class T>
  void operator()(T* thing) const {
    release(thing);
  }
};
using OwnedEasy = std::unique_ptr<CURL, Releases<curl_easy_cleanup>>;
using OwnedMulti = std::unique_ptr<CURLM, Releases<curl_multi_cleanup>>;
using OwnedUrl = std::unique_ptr<CURLU, Releases<curl_url_cleanup>>;
using OwnedList = std::unique_ptr<curl_slist, Releases<curl_slist_free_all>>;
using OwnedText = std::unique_ptr<char, Releases<curl_free>>;

void prepareCurl() {
  static const bool ready = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
  if (!ready) throw InputError({.where = "libcurl", .expected = "a working library", .found = "one that does not start", .remedy = "Reinstall libcurl."});
}

struct Endpoint {
  std::string url;
  bool loopback = false;
};

[[noreturn]] void refuseAddress(const std::string& found) {
  throw InputError({.where = "address of the chat server", .expected = "an address like http://127.0.0.1:8080/v1", .found = found, .remedy = "Correct the address in the settings or with --server."});
}

std::string partOf(CURLU* url, CURLUPart part) {
  char* text = nullptr;
  if (curl_url_get(url, part, &text, 0) != CURLUE_OK) return {};
  return OwnedText(text).get();
}

bool isLoopback(std::string host) {
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  return host == "localhost" || host == "::1" || host.ends_with(".localhost") || (host.starts_with("127.") && host.find_first_not_of("0123456789.") == std::string::npos);
}

Endpoint endpointOf(const std::string& address) {
  if (trimmed(address).empty()) {
    throw InputError({.where = "address of the chat server", .expected = "an address like http://127.0.0.1:8080/v1", .found = "none", .remedy = "Nothing is sent anywhere without an address: start a chat server and give its address."});
  }
  prepareCurl();
  const OwnedUrl url(curl_url());
  if (curl_url_set(url.get(), CURLUPART_URL, trimmed(address).c_str(), CURLU_NON_SUPPORT_SCHEME) != CURLUE_OK) refuseAddress("\"" + shortened(address) + "\"");
  const std::string scheme = partOf(url.get(), CURLUPART_SCHEME);
  if (scheme != "http" && scheme != "https") refuseAddress("the scheme \"" + shortened(scheme) + "\"");
  if (!partOf(url.get(), CURLUPART_USER).empty() || !partOf(url.get(), CURLUPART_PASSWORD).empty()) refuseAddress("a name or password in it; a key has its own place");
  if (!partOf(url.get(), CURLUPART_QUERY).empty() || !partOf(url.get(), CURLUPART_FRAGMENT).empty()) refuseAddress("a part behind ? or #");
  std::string path = partOf(url.get(), CURLUPART_PATH);
  while (path.ends_with('/')) path.pop_back();
  if (!path.ends_with("/chat/completions")) path += "/chat/completions";
  curl_url_set(url.get(), CURLUPART_PATH, path.c_str(), 0);
  return {partOf(url.get(), CURLUPART_URL), isLoopback(partOf(url.get(), CURLUPART_HOST))};
}

std::string requestBody(const ServerOptions& options, std::span<const ChatMessage> messages) {
  nlohmann::json list = nlohmann::json::array();
  for (const ChatMessage& message : messages) list.push_back({{"role", message.role}, {"content", message.content}});
  nlohmann::json body = {{"messages", list}, {"stream", true}, {"temperature", options.temperature}, {"top_p", options.top_p}, {"max_tokens", options.max_tokens}};
  if (!options.model.empty()) body["model"] = options.model;
  return body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

void checkOptions(const ServerOptions& o) {
  const auto check = [&o](bool good, const char* expected) {
    if (!good) throw InputError({.where = o.address, .expected = expected, .found = "another value", .remedy = "Correct the settings of the chat server."});
  };
  check(o.temperature >= 0.0 && o.temperature <= 2.0, "a temperature in [0, 2]");
  check(o.top_p > 0.0 && o.top_p <= 1.0, "top_p in (0, 1]");
  check(o.max_tokens > 0, "at least one token");
  for (const double seconds : {o.connect_seconds, o.idle_seconds, o.total_seconds}) check(seconds > 0.0 && seconds < 1e6, "time limits above 0 seconds");
  check(o.key.find_first_of("\r\n") == std::string::npos, "a key in one line");
}

// What has come and has not been read. libcurl's callback only appends: nothing may be thrown through a C library.
size_t keepBytes(char* data, size_t size, size_t count, void* into) {
  static_cast<std::string*>(into)->append(data, size * count);
  return size * count;
}

// One request on its way. Lives on one thread.
class Request {
 public:
  Request(const ServerOptions& options, const Endpoint& endpoint, std::string body) : body_(std::move(body)), multi_(curl_multi_init()), easy_(curl_easy_init()) {
    if (!multi_ || !easy_) throw std::bad_alloc();
    addHeader("Content-Type: application/json");
    addHeader("Accept: text/event-stream, application/json");
    addHeader("Expect:");
    if (!options.key.empty()) addHeader("Authorization: Bearer " + options.key);
    set(CURLOPT_URL, endpoint.url.c_str());
    set(CURLOPT_PROTOCOLS_STR, "http,https");
    set(CURLOPT_FOLLOWLOCATION, 0L);
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_QUICK_EXIT, 1L);  // a stop does not wait for a slow look-up of the name
    set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(std::ceil(options.connect_seconds * 1e3)));
    set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body_.size()));
    set(CURLOPT_POSTFIELDS, body_.data());
    set(CURLOPT_HTTPHEADER, headers_.get());
    set(CURLOPT_USERAGENT, "hvlm");
    set(CURLOPT_WRITEFUNCTION, keepBytes);
    set(CURLOPT_WRITEDATA, &received);
    if (endpoint.loopback) set(CURLOPT_PROXY, "");
    curl_multi_add_handle(multi_.get(), easy_.get());
  }
  ~Request() { curl_multi_remove_handle(multi_.get(), easy_.get()); }
  Request(const Request&) = delete;
  Request& operator=(const Request&) = delete;

  // Moves on by what is there; the result once it has ended.
  std::optional<CURLcode> step() {
    int running = 0;
    const CURLMcode code = curl_multi_perform(multi_.get(), &running);
    if (code != CURLM_OK) return CURLE_FAILED_INIT;
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi_.get(), &left)) {
      if (message->msg == CURLMSG_DONE) return message->data.result;
    }
    return std::nullopt;
  }
  void wait() { curl_multi_poll(multi_.get(), nullptr, 0, kPollMilliseconds, nullptr); }
  void wake() { curl_multi_wakeup(multi_.get()); }  // from any thread
  long status() const {
    long status = 0;
    curl_easy_getinfo(easy_.get(), CURLINFO_RESPONSE_CODE, &status);
    return status;
  }
  std::string contentType() const {
    const char* type = nullptr;
    curl_easy_getinfo(easy_.get(), CURLINFO_CONTENT_TYPE, &type);
    return type ? type : "";
  }
  std::string received;

 private:
  template <class Value>
  void set(CURLoption option, Value value) {
    if (curl_easy_setopt(easy_.get(), option, value) != CURLE_OK) throw InputError({.where = "libcurl", .expected = "version 7.87 or later with HTTP", .found = curl_version(), .remedy = "Install a newer libcurl."});
  }
  void addHeader(const std::string& line) {
    curl_slist* longer = curl_slist_append(headers_.get(), line.c_str());
    if (!longer) throw std::bad_alloc();
    if (!headers_) headers_.reset(longer);
  }

  std::string body_;
  OwnedList headers_;
  OwnedMulti multi_;
  OwnedEasy easy_;
};

std::string secondsText(double seconds) { return fixedNumber(seconds, seconds < 10.0 ? 1 : 0) + " s"; }

[[noreturn]] void failTime(const std::string& where, const std::string& expected, const std::string& found, const std::string& remedy) {
  throw InputError({.where = where, .expected = expected, .found = found, .remedy = remedy});
}

// Failures of the connection itself; returns for those that are an answer cut short.
void checkConnection(CURLcode code, const ServerOptions& options) {
  const auto fail = [&options](const std::string& found, const std::string& remedy) { throw InputError({.where = options.address, .expected = "a connection", .found = found, .remedy = remedy}); };
  switch (code) {
    case CURLE_COULDNT_CONNECT: fail("it is refused: nobody listens there", "Start the chat server or correct its address."); break;
    case CURLE_COULDNT_RESOLVE_HOST: fail("no machine of this name", "Correct the address, or check the network."); break;
    case CURLE_COULDNT_RESOLVE_PROXY: fail("no proxy of this name", "Check the proxy in the environment (https_proxy)."); break;
    case CURLE_OPERATION_TIMEDOUT: fail("none within " + secondsText(options.connect_seconds), "Check that the server runs and that the address is right."); break;
    case CURLE_SSL_CONNECT_ERROR: fail("a failed TLS handshake", "Use http:// if the server has no TLS."); break;
    case CURLE_PEER_FAILED_VERIFICATION: fail("a certificate that is not trusted", "Check the address, or install the server's certificate in the system."); break;
    case CURLE_OK:
    case CURLE_PARTIAL_FILE:
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
    case CURLE_GOT_NOTHING: break;
    default: fail(curl_easy_strerror(code), "Check that the address is that of a chat server."); break;
  }
}

void converse(Request& request, ChatReply& reply, const ServerOptions& options, const std::stop_token& stop) {
  const auto begun = Clock::now();
  auto last_byte = begun;
  const auto since = [](Clock::time_point from) { return std::chrono::duration<double>(Clock::now() - from).count(); };
  while (!reply.isDone()) {
    const std::optional<CURLcode> end = request.step();
    if (stop.stop_requested()) throw Interrupted("stopped: the rest of the answer was not waited for");
    if (!request.received.empty()) {
      reply.feed(std::exchange(request.received, {}), request.status(), request.contentType());
      last_byte = Clock::now();
    }
    if (end) {
      if (!reply.isDone()) checkConnection(*end, options);
      reply.finish(*end == CURLE_OK, request.status());
      return;
    }
    if (since(begun) > options.total_seconds) failTime(options.address, "the whole answer within " + secondsText(options.total_seconds), "one that takes longer", "Allow more time, or ask for fewer tokens.");
    if (since(last_byte) > options.idle_seconds) {
      failTime(options.address, reply.text().empty() ? "a first word within " + secondsText(options.idle_seconds) : "the next word within " + secondsText(options.idle_seconds), "silence",
               "The server is slow or stuck: allow more idle time, or look at its own messages.");
    }
    if (!reply.isDone()) request.wait();
  }
  reply.finish(true, request.status());
}

}  // namespace

std::string chatEndpoint(const std::string& address) { return endpointOf(address).url; }

std::string chat(const ServerOptions& options, std::span<const ChatMessage> messages, std::stop_token stop, const std::function<void(std::string_view)>& on_text) {
  const Endpoint endpoint = endpointOf(options.address);
  checkOptions(options);
  if (stop.stop_requested()) throw Interrupted("stopped before anything was sent");
  ChatReply reply(options.address, options.key, on_text);
  Request request(options, endpoint, requestBody(options, messages));
  const std::stop_callback wake(stop, [&request] { request.wake(); });
  converse(request, reply, options, stop);
  return reply.text();
}

}  // namespace hvlm
