// A TCP proxy in the test's own process, whose connections the test breaks or lets fall silent: a network that fails on
// command between a client and a real node.
//
//   TcpProxy proxy(node.tcp_target());
//   auto orchestrator = Orchestrator::Connect({proxy.target()});
//   proxy.Break();
#ifndef L3LINK_TESTS_SUPPORT_TCP_PROXY_H_
#define L3LINK_TESTS_SUPPORT_TCP_PROXY_H_

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace l3link {

class TcpProxy {
 public:
  // Sees what clients sent, on a thread of the proxy.
  using Tap = std::function<void(std::string_view bytes)>;

  // `upstream`: "127.0.0.1:PORT".
  explicit TcpProxy(const std::string& upstream, Tap tap = nullptr);
  // Breaks all connections.
  ~TcpProxy();
  TcpProxy(const TcpProxy&) = delete;
  TcpProxy& operator=(const TcpProxy&) = delete;

  std::string target() const { return "127.0.0.1:" + std::to_string(port_); }
  // Resets every connection there is; new ones are served.
  void Break() { breaks_.fetch_add(1); }
  // Nothing is forwarded, either way, and nothing refused, until it ends: a partition.
  void SetSilent(bool silent) { silent_.store(silent); }
  // Nothing more is forwarded on the connections that there are now; new ones work.
  void Deafen() { deafened_.fetch_add(1); }
  // New connections are reset at once.
  void SetRefusing(bool refusing) { refusing_.store(refusing); }
  int connections() const { return accepted_.load(); }

 private:
  struct Pipe;

  void Run();
  void Accept();
  // Moves what can be moved; false: the connection is over.
  bool Move(Pipe& pipe);

  const Tap tap_;
  uint16_t upstream_port_ = 0;
  uint16_t port_ = 0;
  int listener_ = -1;
  std::atomic<bool> stop_{false};
  std::atomic<bool> silent_{false};
  std::atomic<bool> refusing_{false};
  std::atomic<int> breaks_{0};
  std::atomic<int> deafened_{0};
  std::atomic<int> accepted_{0};
  std::vector<std::unique_ptr<Pipe>> pipes_;  // of the thread
  std::thread thread_;
};

}  // namespace l3link

#endif  // L3LINK_TESTS_SUPPORT_TCP_PROXY_H_
