#include "tests/bench/raw/raw_tcp.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <string>

#include "absl/cleanup/cleanup.h"
#include "tests/bench/stopwatch.h"

namespace l3link::bench {
namespace {

constexpr size_t kPiece = 1 << 20;

// The far end: reads `bytes`, answers one, and ends.
int ReadAll(int listener, uint64_t bytes) {
  const int connection = accept(listener, nullptr, nullptr);
  std::string room(kPiece, '\0');
  while (bytes > 0) {
    const ssize_t got = read(connection, room.data(), room.size());
    if (got <= 0) return 1;
    bytes -= static_cast<uint64_t>(got);
  }
  return write(connection, "k", 1) == 1 ? 0 : 1;
}

// Seconds until the far end has everything; negative: it broke.
double WriteAll(int connection, uint64_t bytes) {
  const std::string piece(kPiece, 'z');
  const Stopwatch watch;
  while (bytes > 0) {
    const ssize_t sent = write(connection, piece.data(), std::min<uint64_t>(piece.size(), bytes));
    if (sent <= 0) return -1;
    bytes -= static_cast<uint64_t>(sent);
  }
  char answer;
  return read(connection, &answer, 1) == 1 ? watch.seconds() : -1;
}

}  // namespace

absl::StatusOr<double> TcpSend(uint64_t bytes) {
  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int connection = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const auto close_both = absl::MakeCleanup([&] {
    close(listener);
    close(connection);
  });
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof(address);
  auto* const name = reinterpret_cast<sockaddr*>(&address);
  if (bind(listener, name, length) != 0 || listen(listener, 1) != 0 || getsockname(listener, name, &length) != 0) {
    return absl::InternalError("cannot listen on loopback");
  }
  const pid_t pid = fork();
  if (pid == 0) _exit(ReadAll(listener, bytes));
  const double seconds = pid > 0 && connect(connection, name, length) == 0 ? WriteAll(connection, bytes) : -1;
  int status = 1;
  if (pid > 0) waitpid(pid, &status, 0);
  if (seconds < 0 || status != 0) return absl::InternalError("the TCP connection broke");
  return static_cast<double>(bytes) / seconds;
}

}  // namespace l3link::bench
