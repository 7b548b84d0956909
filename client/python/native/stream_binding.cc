// LaneStream: one held lane or a pair of them, for blocking callers, or told to an asyncio loop through its mailbox.
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <optional>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "client/python/native/bindings.h"
#include "client/python/native/mailbox.h"
#include "client/python/native/remote_objects.h"

namespace l3link::python {
namespace py = pybind11;
namespace {

// For a node that is away, once everything is published.
constexpr absl::Duration kDetachPatience = absl::Seconds(2);

using client::AckMode;
using client::LaneChoice;

// ("lane" | "route" | "any", number), or None.
LaneChoice ChoiceOf(const std::optional<std::pair<std::string, uint32_t>>& choice) {
  if (!choice) return LaneChoice::None();
  if (choice->first == "any") return LaneChoice::AnyFree();
  return choice->first == "route" ? LaneChoice::Route(choice->second) : LaneChoice::Lane(choice->second);
}

AckMode AckModeOf(const std::string& name) {
  if (name == "on_receive") return AckMode::kOnReceive;
  if (name == "explicit") return AckMode::kExplicit;
  if (name == "by_node") return AckMode::kByNode;
  Raise(WrongArgument("ack", name, "on_receive, explicit or by_node"));
}

// The dict that l3link/lane_stream.py makes of its keywords.
client::StreamOptions OptionsOf(const py::dict& given) {
  client::StreamOptions options;
  options.send = ChoiceOf(given["send"].cast<std::optional<std::pair<std::string, uint32_t>>>());
  options.receive = ChoiceOf(given["receive"].cast<std::optional<std::pair<std::string, uint32_t>>>());
  options.ack = AckModeOf(given["ack"].cast<std::string>());
  options.session_id = given["session_id"].cast<std::string>();
  options.resume = given["resume"].cast<bool>();
  options.resume_acked = given["resume_acked"].cast<uint64_t>();
  options.send_from = given["send_from"].cast<std::optional<uint64_t>>();
  options.receive_window_messages = given["receive_window_messages"].cast<uint32_t>();
  options.receive_window_bytes = given["receive_window_bytes"].cast<uint64_t>();
  options.held_wait = TimeoutOf(given["held_wait"], "held_wait");
  options.lease_ttl = TimeoutOf(given["lease_ttl"], "lease_ttl");
  options.attach_timeout = TimeoutOf(given["attach_timeout"], "attach_timeout");
  options.reconnect = given["reconnect"].cast<bool>();
  return options;
}

void TellMailbox(client::StreamOptions& options, const std::shared_ptr<Mailbox>& mailbox, uint64_t token,
                 const BoundStream::Wanted& progress_wanted) {
  if (options.receive.by != LaneChoice::By::kNone)
    options.on_messages = [mailbox, token](const client::ReceivedBatch& batch) { mailbox->Post(token, batch); };
  options.on_failed = [mailbox, token](const absl::Status& status) { mailbox->Post(token, Mailbox::Ended{status}); };
  options.on_progress = [mailbox, token, progress_wanted] {
    if (progress_wanted->exchange(false)) mailbox->Post(token, Mailbox::Progress());
  };
}

std::unique_ptr<BoundStream> Open(const BoundChannel& channel, const py::dict& given,
                                  const std::shared_ptr<Mailbox>& mailbox, uint64_t token) {
  const auto held = channel.Get();
  client::StreamOptions options = OptionsOf(given);
  const auto progress_wanted = std::make_shared<std::atomic<bool>>(false);
  if (mailbox != nullptr) TellMailbox(options, mailbox, token, progress_wanted);
  auto stream = Check(WithoutGil([&] { return held->OpenStream(options); }));
  return std::make_unique<BoundStream>(std::move(stream), progress_wanted);
}

void Send(const BoundStream& self, py::handle data, uint32_t route, uint64_t correlation_id, py::handle timeout) {
  const auto stream = self.Get();
  const absl::Duration limit = TimeoutOf(timeout);
  const Buffer buffer(data, Buffer::Access::kRead);
  const client::OutgoingMessage message{buffer.text(), route, correlation_id};
  Check(self.Wait(limit, [&](absl::Duration slice) { return stream->Send(message, slice); }));
}

bool TrySend(const BoundStream& self, py::handle data, uint32_t route, uint64_t correlation_id) {
  const auto stream = self.Get();
  const Buffer buffer(data, Buffer::Access::kRead);
  return Check(WithoutGil([&] { return stream->TrySend({buffer.text(), route, correlation_id}); }));
}

// Each is a buffer, or a tuple (data, route, correlation_id). Answers how many were taken; a timeout after the first is none.
size_t SendBatch(const BoundStream& self, const py::sequence& given, py::handle timeout) {
  const auto stream = self.Get();
  const absl::Duration limit = TimeoutOf(timeout);
  std::vector<Buffer> buffers;
  std::vector<client::OutgoingMessage> messages;
  buffers.reserve(given.size());
  for (py::handle one : given) {
    client::OutgoingMessage message;
    if (py::isinstance<py::tuple>(one)) {
      const auto [data, route, correlation_id] = one.cast<std::tuple<py::object, uint32_t, uint64_t>>();
      buffers.emplace_back(data, Buffer::Access::kRead);
      message = {{}, route, correlation_id};
    } else {
      buffers.emplace_back(one, Buffer::Access::kRead);
    }
    message.payload = buffers.back().text();
    messages.push_back(message);
  }
  size_t sent = 0;
  const absl::Status status = self.Wait(limit, [&](absl::Duration slice) {
    const auto taken = stream->SendBatch(absl::MakeConstSpan(messages).subspan(sent), slice);
    if (!taken.ok()) return taken.status();
    sent += *taken;
    return sent == messages.size() ? absl::OkStatus() : TimedOut("the send window is full: the chip takes no more");
  });
  if (sent == 0 || !IsTimeout(status)) Check(status);
  return sent;
}

void Flush(const BoundStream& self, py::handle timeout) {
  const auto stream = self.Get();
  Check(self.Wait(TimeoutOf(timeout), [&](absl::Duration slice) { return stream->Flush(slice); }));
}

Message Receive(const BoundStream& self, py::handle timeout) {
  const auto stream = self.Get();
  return MessagesOf(Check(self.Wait(TimeoutOf(timeout), [&](absl::Duration slice) { return stream->Receive(slice); })))
      .front();
}

std::vector<Message> ReceiveBatch(const BoundStream& self, size_t max_messages, py::handle timeout) {
  const auto stream = self.Get();
  return MessagesOf(
      Check(self.Wait(TimeoutOf(timeout), [&](absl::Duration slice) -> absl::StatusOr<client::ReceivedBatch> {
        auto batch = stream->ReceiveBatch(max_messages, slice);
        if (batch.ok() && batch->empty()) return TimedOut("no message came");
        return batch;
      })));
}

void Ack(const BoundStream& self, uint64_t through) {
  const auto stream = self.Get();
  Check(WithoutGil([&] { return stream->Ack(through); }));
}

py::dict Positions(const BoundStream& self) {
  const auto stream = self.Get();
  const client::StreamPositions at = WithoutGil([&] { return stream->positions(); });
  return py::dict(py::arg("session_id") = at.session_id, py::arg("epoch") = at.epoch,
                  py::arg("send_lane") = at.send_lane, py::arg("receive_lane") = at.receive_lane,
                  py::arg("next_sequence") = at.next_sequence, py::arg("published") = at.published,
                  py::arg("consumed") = at.consumed, py::arg("received") = at.received, py::arg("acked") = at.acked,
                  py::arg("reconnects") = at.reconnects, py::arg("window_messages") = at.window_messages,
                  py::arg("window_bytes") = at.window_bytes, py::arg("max_message_bytes") = at.max_message_bytes,
                  py::arg("attached") = at.attached, py::arg("chip_lost") = at.chip_lost,
                  py::arg("draining") = at.draining);
}

// None while it lives.
py::object Failure(const BoundStream& self) {
  const auto stream = self.Get();
  const absl::Status status = WithoutGil([&] { return stream->status(); });
  return status.ok() ? py::none() : ExceptionOf(status);
}

// Ctrl-C ends the wait for messages to be published; then the node has a moment to answer that the lanes are free.
void Close(BoundStream& self, py::handle timeout) {
  const auto stream = self.Get();
  const absl::Duration limit = TimeoutOf(timeout);
  absl::Status flushed;
  if (limit > absl::ZeroDuration())
    flushed = self.Wait(limit, [&](absl::Duration slice) { return stream->Flush(slice); });
  const absl::Status closed = WithoutGil([&] { return stream->Close(std::min(limit, kDetachPatience)); });
  self.Drop();
  Check(flushed.ok() ? closed : flushed);
}

void Abandon(BoundStream& self) {
  const auto stream = self.Get();
  WithoutGil([&] { stream->Abandon(); });
  self.Drop();
}

}  // namespace

void BindLaneStream(py::module_& module) {
  py::class_<BoundStream>(module, "LaneStream")
      .def(py::init(&Open), py::arg("channel"), py::arg("options"), py::arg("mailbox").none(true), py::arg("token"))
      .def_property_readonly("present", &BoundStream::present)
      .def("send", &Send, py::arg("data"), py::arg("route"), py::arg("correlation_id"), py::arg("timeout"))
      .def("try_send", &TrySend, py::arg("data"), py::arg("route"), py::arg("correlation_id"))
      .def("send_batch", &SendBatch, py::arg("messages"), py::arg("timeout"))
      .def("flush", &Flush, py::arg("timeout"))
      .def("recv", &Receive, py::arg("timeout"))
      .def("recv_batch", &ReceiveBatch, py::arg("max_messages"), py::arg("timeout"))
      .def("ack", &Ack, py::arg("through"))
      .def("positions", &Positions)
      .def("failure", &Failure)
      .def("want_progress", [](const BoundStream& self) { self.progress_wanted->store(true); })
      .def("close", &Close, py::arg("timeout"))
      .def("abandon", &Abandon)
      .def("break_for_test", [](const BoundStream& self) { self.Get()->BreakForTest(); });
}

}  // namespace l3link::python
