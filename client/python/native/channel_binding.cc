// Channel: sending and receiving by route. Streams on single lanes are in stream_binding.cc.
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <optional>

#include "absl/strings/str_cat.h"
#include "client/errors.h"
#include "client/python/native/bindings.h"
#include "client/python/native/message_dict.h"
#include "client/python/native/remote_objects.h"

namespace l3link::python {
namespace py = pybind11;
namespace {

void Send(BoundChannel& self, uint32_t route, py::handle data, uint64_t correlation_id, py::handle timeout) {
  const auto channel = self.Get();
  const absl::Duration limit = TimeoutOf(timeout);
  const Buffer buffer(data, Buffer::Access::kRead);
  const client::OutgoingMessage message{buffer.text(), route, correlation_id};
  Check(self.Wait(limit, [&](absl::Duration slice) { return channel->Send(message, slice); }));
}

absl::Status LargerThanItsRoom(const client::Channel& channel, const Message& message, size_t room) {
  return client::MakeError(absl::StatusCode::kInvalidArgument, v1::MESSAGE_TOO_LARGE,
                           absl::StrCat("channel ", channel.name(), ": message of ", message.payload.size(),
                                        " bytes > capacity ", room, "; it stays for the next call"),
                           {{"bytes", absl::StrCat(message.payload.size())}, {"room", absl::StrCat(room)}});
}

Message Receive(BoundChannel& self, std::optional<size_t> capacity, py::handle timeout) {
  const auto channel = self.Get();
  const absl::Duration limit = TimeoutOf(timeout);
  if (self.kept.empty()) {
    const auto batch = Check(self.Wait(limit, [&](absl::Duration slice) { return channel->Receive(slice); }));
    Message message = MessagesOf(batch).front();
    if (!capacity || message.payload.size() <= *capacity) return message;
    self.kept.push_back(std::move(message));
  }
  if (capacity && self.kept.front().payload.size() > *capacity) {
    Raise(LargerThanItsRoom(*channel, self.kept.front(), *capacity));
  }
  Message message = std::move(self.kept.front());
  self.kept.pop_front();
  return message;
}

void Flush(BoundChannel& self, py::handle timeout) {
  const auto channel = self.Get();
  Check(self.Wait(TimeoutOf(timeout), [&](absl::Duration slice) { return channel->Flush(slice); }));
}

uint64_t Close(BoundChannel& self, bool drain, double timeout) {
  const auto channel = self.Get();
  const uint64_t dropped = Check(WithoutGil([&] { return channel->Close(drain, absl::Seconds(timeout)); }));
  self.Drop();
  return dropped;
}

py::dict State(const BoundChannel& self) {
  const auto channel = self.Get();
  return DictOf(Check(WithoutGil([&] { return channel->Refresh(); })));
}

py::dict Peek(const BoundChannel& self, bool host_to_chip, uint32_t lane, uint32_t max_messages) {
  const auto channel = self.Get();
  const auto direction = host_to_chip ? v1::DIRECTION_HOST_TO_CHIP : v1::DIRECTION_CHIP_TO_HOST;
  return DictOf(Check(WithoutGil([&] { return channel->Peek(direction, lane, max_messages); })));
}

// Read once, by l3link/channel.py.
template <typename Read>
auto OfConfig(Read read) {
  return [read](const BoundChannel& self) { return read(*self.Get()); };
}

}  // namespace

void BindChannel(py::module_& module) {
  using client::Channel;
  py::class_<BoundChannel>(module, "Channel")
      .def_property_readonly("name", OfConfig([](const Channel& channel) { return channel.name(); }))
      .def_property_readonly("worker_id", OfConfig([](const Channel& channel) { return channel.id().worker_id(); }))
      .def_property_readonly("generation", OfConfig([](const Channel& channel) { return channel.id().generation(); }))
      .def_property_readonly("created", OfConfig([](const Channel& channel) { return channel.created(); }))
      .def_property_readonly("cpu_to_l2_lanes",
                             OfConfig([](const Channel& channel) { return channel.config().host_to_chip_lanes(); }))
      .def_property_readonly("l2_to_cpu_lanes",
                             OfConfig([](const Channel& channel) { return channel.config().chip_to_host_lanes(); }))
      .def_property_readonly("lane_depth",
                             OfConfig([](const Channel& channel) { return channel.config().lane_depth(); }))
      .def_property_readonly("max_message_bytes",
                             OfConfig([](const Channel& channel) { return channel.config().max_message_bytes(); }))
      .def_property_readonly("present", &BoundChannel::present)
      .def("check_present", [](const BoundChannel& self) { (void)self.Get(); })
      .def("send", &Send, py::arg("route"), py::arg("data"), py::arg("correlation_id"), py::arg("timeout"))
      .def("recv", &Receive, py::arg("capacity"), py::arg("timeout"))
      .def("flush", &Flush, py::arg("timeout"))
      .def("state", &State)
      .def("peek", &Peek, py::arg("host_to_chip"), py::arg("lane"), py::arg("max_messages"))
      .def("close", &Close, py::arg("drain"), py::arg("timeout"))
      .def("release", &BoundChannel::Drop);
}

}  // namespace l3link::python
