// ChipWorker: a chip driven in this process, no daemon; with the calls and the refusals of the C library's contexts.
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "backends/host/object_config.h"
#include "backends/runtime/context_options.h"
#include "backends/runtime/device_context.h"
#include "client/python/native/bindings.h"
#include "client/python/native/buffers.h"
#include "client/python/native/new_bytes.h"
#include "client/python/native/signals.h"
#include "client/python/native/waiting.h"

namespace l3link::python {
namespace py = pybind11;
namespace {

struct BoundChip : Handle<DeviceContext> {
  explicit BoundChip(std::shared_ptr<DeviceContext> held) : Handle(std::move(held), "the chip worker") {}
};

// A channel or region, and the chip, which it does not keep alive.
template <typename Object>
struct Opened {
  std::weak_ptr<DeviceContext> chip;
  std::shared_ptr<Object> object;
};
template <typename Object>
struct BoundObject : Handle<Opened<Object>> {
  BoundObject(const std::shared_ptr<DeviceContext>& chip, std::shared_ptr<Object> object, const char* what)
      : Handle<Opened<Object>>(std::make_shared<Opened<Object>>(Opened<Object>{chip, std::move(object)}), what) {}
};
using BoundChipChannel = BoundObject<HostChannel>;
using BoundChipRegion = BoundObject<HostRegion>;

// What a call needs, kept for as long as it takes. Without the GIL it ends, for it may be the chip's last user.
template <typename Object>
struct InUse {
  std::shared_ptr<DeviceContext> chip;
  std::shared_ptr<Object> object;

  explicit InUse(const BoundObject<Object>& bound) {
    const auto opened = bound.Get();
    chip = opened->chip.lock();
    object = opened->object;
    if (chip == nullptr) Raise(ClosedHere("the chip worker is closed"));
  }
  InUse(const InUse&) = delete;
  ~InUse() { DropWithoutGil(std::move(chip)); }
  ChipCalls& calls() const { return chip->calls(); }
};

std::unique_ptr<BoundChip> Start(const std::string& platform, uint32_t device_id, const std::string& options) {
  CheckNotForked();
  ContextOptions parsed = Check(ParseContextOptions(options));
  MarkProcessUsed();
  return std::make_unique<BoundChip>(
      Check(WithoutGil([&] { return DeviceContext::Create(platform, device_id, std::move(parsed)); })));
}

// Waiting calls end, and the last of them, or this, ends the chip.
void Stop(BoundChip& self) {
  if (!self.present() || IsForkedChild()) return;
  const auto chip = self.Get();
  WithoutGil([&] { chip->calls().CloseEverything(); });
  self.Drop();
}

std::unique_ptr<BoundChipChannel> OpenChannel(const BoundChip& self, const std::string& name, uint32_t cpu_to_l2_lanes,
                                              uint32_t l2_to_cpu_lanes, uint32_t lane_depth, uint32_t max_message_bytes,
                                              bool checksum) {
  const auto chip = self.Get();
  ChannelConfig config;
  config.host_to_chip_lanes = cpu_to_l2_lanes;
  config.chip_to_host_lanes = l2_to_cpu_lanes;
  config.lane.lane_depth = lane_depth;
  config.lane.max_message_bytes = max_message_bytes;
  config.lane.checksum = checksum;
  auto channel = Check(WithoutGil([&] { return chip->calls().OpenChannel(name, config); }));
  return std::make_unique<BoundChipChannel>(chip, std::move(channel), "the channel");
}

std::unique_ptr<BoundChipChannel> FindChannel(const BoundChip& self, const std::string& name) {
  const auto chip = self.Get();
  auto channel = Check(WithoutGil([&] { return chip->calls().FindChannel(name); }));
  return std::make_unique<BoundChipChannel>(chip, std::move(channel), "the channel");
}

SignalWriter WriterOf(const std::string& name) {
  if (name == "host") return SignalWriter::kHost;
  if (name == "chip") return SignalWriter::kChip;
  if (name == "both") return SignalWriter::kBoth;
  Raise(WrongArgument("signal_writers", name, "host, chip or both"));
}

std::unique_ptr<BoundChipRegion> OpenRegion(const BoundChip& self, const std::string& name, uint64_t data_bytes,
                                            uint32_t signal_count, const std::vector<std::string>& signal_writers) {
  const auto chip = self.Get();
  RegionConfig asked{data_bytes, {}};
  for (const std::string& writer : signal_writers) asked.signal_writers.push_back(WriterOf(writer));
  const RegionConfig config = Check(CompleteRegionConfig(asked, signal_count, chip->limits()));
  auto region = Check(WithoutGil([&] { return chip->calls().OpenSharedMemory(name, config); }));
  return std::make_unique<BoundChipRegion>(chip, std::move(region), "the region");
}

std::unique_ptr<BoundChipRegion> FindRegion(const BoundChip& self, const std::string& name) {
  const auto chip = self.Get();
  auto region = Check(WithoutGil([&] { return chip->calls().FindSharedMemory(name); }));
  return std::make_unique<BoundChipRegion>(chip, std::move(region), "the region");
}

void Send(const BoundChipChannel& self, uint32_t route, py::handle data, uint64_t correlation_id, py::handle timeout) {
  const InUse<HostChannel> use(self);
  const absl::Duration limit = TimeoutOf(timeout);
  const Buffer buffer(data, Buffer::Access::kRead);
  const OutgoingMessage message{route, correlation_id, buffer.bytes()};
  const absl::Status status =
      self.Wait(limit, [&](absl::Duration slice) { return use.calls().ChannelSend(*use.object, message, slice); });
  Check(IsTimeout(status) ? TimedOut("the lane is full: the chip takes no more") : status);
}

// Into memory of the message's own: as much as the largest may need, or as the caller has room for.
Message Receive(const BoundChipChannel& self, std::optional<size_t> capacity, py::handle timeout) {
  const InUse<HostChannel> use(self);
  const absl::Duration limit = TimeoutOf(timeout);
  const size_t most = use.object->config().lane.max_message_bytes;
  const size_t room = std::min(capacity.value_or(most), most);
  const std::shared_ptr<std::byte> memory(new std::byte[room], std::default_delete<std::byte[]>());
  IncomingMessage in{absl::MakeSpan(memory.get(), room)};
  const absl::Status status = self.Wait(limit, [&](absl::Duration slice) {
    return use.calls().ChannelRecv(*use.object, absl::MakeSpan(&in, 1), slice).status();
  });
  Check(IsTimeout(status) ? TimedOut("no message came") : status);
  return {memory,
          {reinterpret_cast<const char*>(memory.get()), in.header.payload_bytes},
          in.header.route,
          in.header.correlation_id,
          in.header.sequence,
          in.header.redelivered};
}

void CloseChannel(BoundChipChannel& self) {
  const InUse<HostChannel> use(self);
  Check(WithoutGil([&] { return use.calls().CloseChannel(*use.object); }));
  self.Drop();
}

py::bytes Read(const BoundChipRegion& self, uint64_t offset, uint64_t length) {
  const InUse<HostRegion> use(self);
  return ReadNewBytes(offset, length, use.object->config().data_bytes, [&](absl::Span<char> out) {
    return use.calls().SharedMemoryRead(*use.object, offset,
                                        absl::MakeSpan(reinterpret_cast<std::byte*>(out.data()), out.size()));
  });
}

void ReadInto(const BoundChipRegion& self, uint64_t offset, py::handle out) {
  const InUse<HostRegion> use(self);
  const Buffer buffer(out, Buffer::Access::kWrite);
  Check(WithoutGil([&] { return use.calls().SharedMemoryRead(*use.object, offset, buffer.bytes()); }));
}

void Write(const BoundChipRegion& self, uint64_t offset, py::handle data) {
  const InUse<HostRegion> use(self);
  const Buffer buffer(data, Buffer::Access::kRead);
  Check(WithoutGil([&] { return use.calls().SharedMemoryWrite(*use.object, offset, buffer.bytes()); }));
}

uint64_t Notify(const BoundChipRegion& self, uint32_t signal, uint64_t value, const std::string& op) {
  const InUse<HostRegion> use(self);
  constexpr NotifyOp kOps[] = {NotifyOp::kSet, NotifyOp::kAdd, NotifyOp::kMax};  // in order of client::SignalOp
  const Notification change{signal, kOps[static_cast<int>(SignalOpOf(op))], value};
  return Check(WithoutGil([&] { return use.calls().SharedMemoryNotify(*use.object, change); }));
}

uint64_t Wait(const BoundChipRegion& self, uint32_t signal, const std::string& compare, uint64_t target,
              py::handle timeout) {
  const InUse<HostRegion> use(self);
  constexpr Comparison kComparisons[] = {Comparison::kGe, Comparison::kGt, Comparison::kEq,
                                         Comparison::kNe, Comparison::kLe, Comparison::kLt};  // of client::Compare
  const Condition condition{signal, kComparisons[static_cast<int>(CompareOf(compare))], target};
  auto value = self.Wait(TimeoutOf(timeout), [&](absl::Duration slice) {
    return use.calls().SharedMemoryWait(*use.object, condition, slice);
  });
  if (IsTimeout(value.status())) Raise(TimedOut(absl::StrCat("signal ", signal, " is not ", compare, " ", target)));
  return Check(std::move(value));
}

py::dict Info(const BoundChipRegion& self) {
  const InUse<HostRegion> use(self);
  const SharedMemoryInfo info = Check(WithoutGil([&] { return use.calls().GetSharedMemoryInfo(*use.object); }));
  return py::dict(py::arg("host_ptr") = reinterpret_cast<uintptr_t>(info.host_ptr),
                  py::arg("device_ptr") = info.device_ptr, py::arg("data_bytes") = info.data_bytes,
                  py::arg("signal_count") = info.signal_count);
}

void CloseRegion(BoundChipRegion& self) {
  const InUse<HostRegion> use(self);
  Check(WithoutGil([&] { return use.calls().CloseSharedMemory(*use.object); }));
  self.Drop();
}

template <typename Bound, typename Read>
auto Of(Read read) {
  return [read](const Bound& self) { return read(*self.Get()->object); };
}

void BindChipChannel(py::module_& module) {
  using Bound = BoundChipChannel;
  py::class_<Bound>(module, "ChipChannel")
      .def_property_readonly("name", Of<Bound>([](const HostChannel& channel) { return channel.name(); }))
      .def_property_readonly("generation", Of<Bound>([](const HostChannel& channel) { return channel.generation(); }))
      .def_property_readonly("cpu_to_l2_lanes",
                             Of<Bound>([](const HostChannel& channel) { return channel.config().host_to_chip_lanes; }))
      .def_property_readonly("l2_to_cpu_lanes",
                             Of<Bound>([](const HostChannel& channel) { return channel.config().chip_to_host_lanes; }))
      .def_property_readonly("lane_depth",
                             Of<Bound>([](const HostChannel& channel) { return channel.config().lane.lane_depth; }))
      .def_property_readonly("max_message_bytes", Of<Bound>([](const HostChannel& channel) {
                               return channel.config().lane.max_message_bytes;
                             }))
      .def_property_readonly("present", &Bound::present)
      .def("send", &Send, py::arg("route"), py::arg("data"), py::arg("correlation_id"), py::arg("timeout"))
      .def("recv", &Receive, py::arg("capacity"), py::arg("timeout"))
      .def("close", &CloseChannel)
      .def("release", &Bound::Drop);
}

void BindChipRegion(py::module_& module) {
  using Bound = BoundChipRegion;
  py::class_<Bound>(module, "ChipRegion")
      .def_property_readonly("name", Of<Bound>([](const HostRegion& region) { return region.name(); }))
      .def_property_readonly("generation", Of<Bound>([](const HostRegion& region) { return region.generation(); }))
      .def_property_readonly("present", &Bound::present)
      .def("info", &Info)
      .def("read", &Read, py::arg("offset"), py::arg("length"))
      .def("read_into", &ReadInto, py::arg("offset"), py::arg("out"))
      .def("write", &Write, py::arg("offset"), py::arg("data"))
      .def("notify", &Notify, py::arg("signal"), py::arg("value"), py::arg("op"))
      .def("wait", &Wait, py::arg("signal"), py::arg("compare"), py::arg("target"), py::arg("timeout"))
      .def("close", &CloseRegion)
      .def("release", &Bound::Drop);
}

}  // namespace

void BindChipWorker(py::module_& module) {
  BindChipChannel(module);
  BindChipRegion(module);
  py::class_<BoundChip>(module, "ChipWorker")
      .def(py::init(&Start), py::arg("platform"), py::arg("device_id"), py::arg("options"))
      .def("open_channel", &OpenChannel, py::arg("name"), py::arg("cpu_to_l2_lanes"), py::arg("l2_to_cpu_lanes"),
           py::arg("lane_depth"), py::arg("max_message_bytes"), py::arg("checksum"))
      .def("find_channel", &FindChannel, py::arg("name"))
      .def("open_region", &OpenRegion, py::arg("name"), py::arg("data_bytes"), py::arg("signal_count"),
           py::arg("signal_writers"))
      .def("find_region", &FindRegion, py::arg("name"))
      .def("close", &Stop);
}

}  // namespace l3link::python
