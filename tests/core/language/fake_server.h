// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <functional>
#include <mutex>
#include <stdexcept>
#include <string>
#include <thread>

namespace hvlm::testing {

// A chat server of a few lines inside the test: one connection at a time on a loopback port, answered by a script that writes raw
// bytes. The request that came is kept.
class FakeServer {
 public:
  class Peer {
   public:
    Peer(int descriptor, const std::atomic<bool>& ended) : descriptor_(descriptor), ended_(ended) {}
    void send(const std::string& bytes) const {
      for (size_t done = 0; done < bytes.size();) {
        const ssize_t n = ::send(descriptor_, bytes.data() + done, bytes.size() - done, MSG_NOSIGNAL);
        if (n <= 0) return;
        done += static_cast<size_t>(n);
      }
    }
    void pause(int milliseconds) const { std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds)); }
    // Silent until the other side goes or the test ends.
    void hang() const {
      pollfd watched{.fd = descriptor_, .events = POLLIN, .revents = 0};
      while (!ended_ && ::poll(&watched, 1, 10) == 0) {
      }
    }

   private:
    int descriptor_;
    const std::atomic<bool>& ended_;
  };
  using Script = std::function<void(const Peer&)>;

  explicit FakeServer(Script script) : script_(std::move(script)) {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* plain = reinterpret_cast<sockaddr*>(&address);
    if (::bind(listener_, plain, size) != 0 || ::listen(listener_, 4) != 0 || ::getsockname(listener_, plain, &size) != 0) throw std::runtime_error("no loopback port");
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { serve(); });
  }
  ~FakeServer() {
    ended_ = true;
    thread_.join();
    ::close(listener_);
  }
  std::string address() const { return "http://127.0.0.1:" + std::to_string(port_) + "/v1"; }
  int requests() const { return requests_; }
  std::string request() {
    const std::lock_guard lock(mutex_);
    return request_;
  }

 private:
  void serve() {
    pollfd watched{.fd = listener_, .events = POLLIN, .revents = 0};
    while (!ended_) {
      if (::poll(&watched, 1, 10) <= 0) continue;
      const int peer = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (peer < 0) continue;
      readRequest(peer);
      script_(Peer(peer, ended_));
      ::close(peer);
    }
  }
  void readRequest(int peer) {
    std::string text;
    size_t wanted = std::string::npos;
    char block[65536];
    while (text.size() < wanted) {
      const ssize_t n = ::recv(peer, block, sizeof block, 0);
      if (n <= 0) return;
      text.append(block, static_cast<size_t>(n));
      const size_t head = text.find("\r\n\r\n"), length = text.find("Content-Length: ");
      if (head != std::string::npos && length != std::string::npos) wanted = head + 4 + std::stoul(text.substr(length + 16));
    }
    const std::lock_guard lock(mutex_);
    request_ = text;
    ++requests_;
  }

  Script script_;
  int listener_ = -1;
  int port_ = 0;
  std::atomic<bool> ended_ = false;
  std::atomic<int> requests_ = 0;
  std::mutex mutex_;
  std::string request_;
  std::thread thread_;
};

// Heads and events of a reply, as a server writes them.
inline std::string eventHead() { return "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\nConnection: close\r\n\r\n"; }
inline std::string chunkedHead() { return "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"; }
inline std::string chunk(const std::string& bytes) {
  char size[20];
  std::snprintf(size, sizeof size, "%zx\r\n", bytes.size());
  return size + bytes + "\r\n";
}
inline std::string wordEvent(const std::string& json_text) { return "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"" + json_text + "\"}}]}\n\n"; }
inline std::string doneEvent() { return "data: [DONE]\n\n"; }
inline std::string reply(const std::string& status, const std::string& type, const std::string& body, const std::string& more = "") {
  return "HTTP/1.1 " + status + "\r\nContent-Type: " + type + "\r\n" + more + "Content-Length: " + std::to_string(body.size()) + "\r\nConnection: close\r\n\r\n" + body;
}

}  // namespace hvlm::testing
