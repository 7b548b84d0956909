// The test kit: nodes with chip programs, and the chip's side played by the test. For l3link/testing.py.
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>
#include <unistd.h>

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "backends/testkit/chip_player.h"
#include "backends/testkit/node.h"
#include "client/python/native/bindings.h"
#include "client/python/native/buffers.h"
#include "client/python/native/signals.h"
#include "client/python/native/waiting.h"

namespace l3link::python {
namespace py = pybind11;
namespace {

using testkit::ChipPlayer;
using testkit::PlayedMessage;

// Handles the signals that came: true when a handler raised, which is this thread's error then. Called without the GIL.
bool SignalRaised() {
  if (gettid() != getpid()) return false;  // Python handles them in the main thread alone
  const py::gil_scoped_acquire held;
  return PyErr_CheckSignals() != 0;
}

// After a call that may have been interrupted: raises what the signal's handler did, else what `status` is for Python.
void CheckCall(const absl::Status& status, const char* closed) {
  if (PyErr_Occurred() != nullptr) throw py::error_already_set();
  if (absl::IsCancelled(status)) Raise(ClosedHere(closed));
  if (absl::IsDeadlineExceeded(status)) Raise(TimedOut({status.message().data(), status.message().size()}));
  Check(status);
}

struct BoundPlayer : Handle<ChipPlayer> {
  using Closed = std::shared_ptr<std::atomic<bool>>;

  BoundPlayer(std::shared_ptr<ChipPlayer> player, Closed is_closed)
      : Handle(std::move(player), "the played chip"), closed(std::move(is_closed)) {}
  ~BoundPlayer() { closed->store(true, std::memory_order_relaxed); }

  const Closed closed;  // its waiting calls ask for it
};

// `attach(interrupted)` becomes a chip; waits of the player end when it is closed here or a signal's handler raises.
template <typename Attach>
std::unique_ptr<BoundPlayer> PlayerBy(Attach attach) {
  const auto closed = std::make_shared<std::atomic<bool>>(false);
  auto player = WithoutGil(
      [&] { return attach([closed] { return closed->load(std::memory_order_relaxed) || SignalRaised(); }); });
  CheckCall(player.status(), "the played chip is closed");
  return std::make_unique<BoundPlayer>(*std::move(player), closed);
}

std::unique_ptr<BoundPlayer> Attach(const std::string& arena_path, py::handle timeout) {
  CheckNotForked();
  const absl::Duration limit = TimeoutOf(timeout);
  MarkProcessUsed();
  return PlayerBy(
      [&](testkit::Interrupted interrupted) { return ChipPlayer::Attach(arena_path, limit, std::move(interrupted)); });
}

// Detaches as soon as no call is under way; those that wait are told.
void Close(BoundPlayer& self) {
  self.closed->store(true, std::memory_order_relaxed);
  self.Drop();
}

void ValueOf(const absl::Status&) {}
template <typename T>
T ValueOf(absl::StatusOr<T> result) {
  return *std::move(result);
}

// `call(player)` without the GIL, in which the player also ends where it was closed meanwhile.
template <typename Call>
auto Played(const BoundPlayer& self, Call call) {
  std::shared_ptr<ChipPlayer> player = self.Get();
  auto result = WithoutGil([&] {
    auto answer = call(*player);
    player.reset();
    return answer;
  });
  CheckCall(StatusOf(result), "the played chip is closed");
  return ValueOf(std::move(result));
}

Message Receive(const BoundPlayer& self, const std::string& channel, uint32_t lane, py::handle timeout) {
  const absl::Duration limit = TimeoutOf(timeout);
  auto received = Played(self, [&](ChipPlayer& player) { return player.Receive(channel, lane, limit); });
  const auto owner = std::make_shared<const PlayedMessage>(std::move(received));
  return {owner, owner->payload, owner->route, owner->correlation_id, owner->sequence, /*redelivered=*/false};
}

void Send(const BoundPlayer& self, const std::string& channel, py::handle data, uint32_t lane, uint32_t route,
          uint64_t correlation_id, py::handle timeout) {
  const absl::Duration limit = TimeoutOf(timeout);
  const PlayedMessage message = {.payload = std::string(Buffer(data, Buffer::Access::kRead).text()),
                                 .correlation_id = correlation_id,
                                 .route = route};
  Played(self, [&](ChipPlayer& player) { return player.Send(channel, lane, message, limit); });
}

void ReadInto(const BoundPlayer& self, const std::string& region, uint64_t offset, py::handle out, py::handle timeout) {
  const absl::Duration limit = TimeoutOf(timeout);
  const Buffer buffer(out, Buffer::Access::kWrite);
  Played(self, [&](ChipPlayer& player) { return player.Read(region, offset, buffer.bytes(), limit); });
}

void Write(const BoundPlayer& self, const std::string& region, uint64_t offset, py::handle data, py::handle timeout) {
  const absl::Duration limit = TimeoutOf(timeout);
  const Buffer buffer(data, Buffer::Access::kRead);
  Played(self, [&](ChipPlayer& player) { return player.Write(region, offset, buffer.bytes(), limit); });
}

uint64_t Notify(const BoundPlayer& self, const std::string& region, uint32_t signal, uint64_t value,
                const std::string& op, py::handle timeout) {
  constexpr uint32_t kOps[] = {L3_NOTIFY_SET, L3_NOTIFY_ADD, L3_NOTIFY_MAX};  // in order of client::SignalOp
  const uint32_t operation = kOps[static_cast<int>(SignalOpOf(op))];
  const absl::Duration limit = TimeoutOf(timeout);
  return Played(self, [&](ChipPlayer& player) { return player.Notify(region, signal, value, limit, operation); });
}

uint64_t Wait(const BoundPlayer& self, const std::string& region, uint32_t signal, uint64_t target,
              const std::string& compare, py::handle timeout) {
  constexpr uint32_t kComparisons[] = {L3_GE, L3_GT, L3_EQ, L3_NE, L3_LE, L3_LT};  // in order of client::Compare
  const uint32_t comparison = kComparisons[static_cast<int>(CompareOf(compare))];
  const absl::Duration limit = TimeoutOf(timeout);
  return Played(self, [&](ChipPlayer& player) { return player.Wait(region, signal, target, limit, comparison); });
}

// The kit's nodes are of one thread; Python's of any. The mutex is waited for without the GIL.
struct SharedNode {
  std::mutex mutex;
  std::unique_ptr<testkit::Node> node;  // under mutex
};

struct BoundNode : Handle<SharedNode> {
  explicit BoundNode(std::shared_ptr<SharedNode> held) : Handle(std::move(held), "the test node") {}
};

template <typename Call>
auto OnNode(const BoundNode& self, Call call) {
  const auto shared = self.Get();
  return WithoutGil([&] {
    const std::lock_guard lock(shared->mutex);
    return call(*shared->node);
  });
}

std::unique_ptr<BoundNode> Start(std::vector<std::string> chip_programs, bool play_chips, std::string platform,
                                 uint32_t chips, std::vector<std::string> flags, std::string l3linkd,
                                 py::handle patience) {
  CheckNotForked();
  const testkit::NodeOptions options = {.chip_programs = std::move(chip_programs),
                                        .play_chips = play_chips,
                                        .platform = std::move(platform),
                                        .chips = chips,
                                        .flags = std::move(flags),
                                        .l3linkd = std::move(l3linkd),
                                        .patience = TimeoutOf(patience, "patience"),
                                        .interrupted = &SignalRaised};
  MarkProcessUsed();
  auto node = WithoutGil([&] { return testkit::Node::Start(options); });
  if (PyErr_Occurred() != nullptr) throw py::error_already_set();
  // As a ChipWorker's, whose program ends at once.
  if (absl::IsFailedPrecondition(node.status())) Raise(absl::UnavailableError(node.status().message()));
  auto shared = std::make_shared<SharedNode>();
  shared->node = Check(std::move(node));
  return std::make_unique<BoundNode>(std::move(shared));
}

std::unique_ptr<BoundPlayer> PlayChip(const BoundNode& self, uint32_t worker_id) {
  return PlayerBy([shared = self.Get(), worker_id](testkit::Interrupted interrupted) {
    const std::lock_guard lock(shared->mutex);
    return shared->node->PlayChip(worker_id, std::move(interrupted));
  });
}

void BindPlayer(py::module_& module) {
  py::class_<BoundPlayer>(module, "ChipPlayer")
      .def(py::init(&Attach), py::arg("arena_path"), py::arg("timeout"))
      .def("recv", &Receive, py::arg("channel"), py::arg("lane"), py::arg("timeout"))
      .def("send", &Send, py::arg("channel"), py::arg("data"), py::arg("lane"), py::arg("route"),
           py::arg("correlation_id"), py::arg("timeout"))
      .def("read_into", &ReadInto, py::arg("region"), py::arg("offset"), py::arg("out"), py::arg("timeout"))
      .def("write", &Write, py::arg("region"), py::arg("offset"), py::arg("data"), py::arg("timeout"))
      .def("notify", &Notify, py::arg("region"), py::arg("signal"), py::arg("value"), py::arg("op"), py::arg("timeout"))
      .def("wait", &Wait, py::arg("region"), py::arg("signal"), py::arg("target"), py::arg("compare"),
           py::arg("timeout"))
      .def("close", &Close);
}

}  // namespace

void BindTestKit(py::module_& module) {
  BindPlayer(module);
  py::class_<BoundNode>(module, "TestNode")
      .def(py::init(&Start), py::arg("chip_programs"), py::arg("play_chips"), py::arg("platform"), py::arg("chips"),
           py::arg("flags"), py::arg("l3linkd"), py::arg("patience"))
      .def("target", [](const BoundNode& self) { return OnNode(self, [](auto& node) { return node.target(); }); })
      .def("tcp_target",
           [](const BoundNode& self) { return OnNode(self, [](auto& node) { return node.tcp_target(); }); })
      .def("log", [](const BoundNode& self) { return TextOf(OnNode(self, [](auto& node) { return node.log(); })); })
      .def(
          "chip_log",
          [](const BoundNode& self, uint32_t worker_id) {
            return TextOf(OnNode(self, [&](auto& node) { return node.chip_log(worker_id); }));
          },
          py::arg("worker_id"))
      .def("play_chip", &PlayChip, py::arg("worker_id"))
      .def("stop", [](const BoundNode& self) { Check(OnNode(self, [](auto& node) { return node.Stop(); })); });
}

}  // namespace l3link::python
