// Orchestrator: nodes, and what is open on their workers.
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <string>
#include <vector>

#include "client/python/native/bindings.h"
#include "client/python/native/message_dict.h"
#include "client/python/native/remote_objects.h"

namespace l3link::python {
namespace py = pybind11;
namespace {

using client::Orchestrator;

std::unique_ptr<BoundOrchestrator> Connect(const std::vector<std::string>& targets, py::handle connect_timeout,
                                           bool wait_for_ready, py::handle call_timeout,
                                           py::handle watch_reconnect_timeout) {
  CheckNotForked();
  MarkProcessUsed();
  client::ConnectOptions options;
  options.connect_timeout = TimeoutOf(connect_timeout, "connect_timeout");
  options.wait_for_ready = wait_for_ready;
  options.call_timeout = TimeoutOf(call_timeout, "call_timeout");
  options.watch_reconnect_timeout = TimeoutOf(watch_reconnect_timeout, "watch_reconnect_timeout");
  return std::make_unique<BoundOrchestrator>(
      Check(WithoutGil([&] { return Orchestrator::Connect(targets, options); })));
}

std::vector<std::string> NodeNames(const BoundOrchestrator& self) {
  const auto orchestrator = self.Get();
  std::vector<std::string> names;
  for (size_t i = 0; i < orchestrator->node_count(); ++i) names.push_back(orchestrator->node_name(i));
  return names;
}

py::dict GetNode(const BoundOrchestrator& self, const std::string& node) {
  const auto orchestrator = self.Get();
  return DictOf(Check(WithoutGil([&] { return orchestrator->GetNode(node); })));
}

py::list ListChips(const BoundOrchestrator& self, const std::string& node) {
  const auto orchestrator = self.Get();
  return DictsOf(Check(WithoutGil([&] { return orchestrator->ListChips(node); })));
}

py::list ListChannels(const BoundOrchestrator& self, const std::string& worker) {
  const auto orchestrator = self.Get();
  return DictsOf(Check(WithoutGil([&] { return orchestrator->ListChannels(worker); })));
}

py::list ListRegions(const BoundOrchestrator& self, const std::string& worker) {
  const auto orchestrator = self.Get();
  return DictsOf(Check(WithoutGil([&] { return orchestrator->ListRegions(worker); })));
}

std::unique_ptr<BoundChannel> OpenChannel(const BoundOrchestrator& self, const std::string& worker,
                                          const std::string& name, uint32_t cpu_to_l2_lanes, uint32_t l2_to_cpu_lanes,
                                          uint32_t lane_depth, uint32_t max_message_bytes, bool checksum) {
  const auto orchestrator = self.Get();
  v1::ChannelConfig config;
  config.set_host_to_chip_lanes(cpu_to_l2_lanes);
  config.set_chip_to_host_lanes(l2_to_cpu_lanes);
  config.set_lane_depth(lane_depth);
  config.set_max_message_bytes(max_message_bytes);
  config.set_checksum(checksum);
  return std::make_unique<BoundChannel>(
      Check(WithoutGil([&] { return orchestrator->OpenChannel(worker, name, config); })));
}

std::unique_ptr<BoundChannel> FindChannel(const BoundOrchestrator& self, const std::string& worker,
                                          const std::string& name) {
  const auto orchestrator = self.Get();
  return std::make_unique<BoundChannel>(Check(WithoutGil([&] { return orchestrator->FindChannel(worker, name); })));
}

v1::SignalWriter WriterOf(const std::string& name) {
  if (name == "host") return v1::SIGNAL_WRITER_HOST;
  if (name == "chip") return v1::SIGNAL_WRITER_CHIP;
  if (name == "both") return v1::SIGNAL_WRITER_BOTH;
  Raise(WrongArgument("signal_writers", name, "host, chip or both"));
}

std::unique_ptr<BoundRegion> OpenRegion(const BoundOrchestrator& self, const std::string& worker,
                                        const std::string& name, uint64_t data_bytes, uint32_t signal_count,
                                        const std::vector<std::string>& signal_writers) {
  const auto orchestrator = self.Get();
  v1::RegionConfig config;
  config.set_data_bytes(data_bytes);
  config.set_signal_count(signal_count);
  for (const std::string& writer : signal_writers) config.add_signal_writers(WriterOf(writer));
  return std::make_unique<BoundRegion>(
      Check(WithoutGil([&] { return orchestrator->OpenRegion(worker, name, config); })));
}

std::unique_ptr<BoundRegion> FindRegion(const BoundOrchestrator& self, const std::string& worker,
                                        const std::string& name) {
  const auto orchestrator = self.Get();
  return std::make_unique<BoundRegion>(Check(WithoutGil([&] { return orchestrator->FindRegion(worker, name); })));
}

py::dict ResetLane(const BoundOrchestrator& self, const std::string& worker, const std::string& channel,
                   bool host_to_chip, uint32_t lane) {
  const auto orchestrator = self.Get();
  const auto direction = host_to_chip ? v1::DIRECTION_HOST_TO_CHIP : v1::DIRECTION_CHIP_TO_HOST;
  return DictOf(Check(WithoutGil([&] { return orchestrator->ResetLane(worker, channel, direction, lane); })));
}

}  // namespace

void BindOrchestrator(py::module_& module) {
  py::class_<BoundOrchestrator>(module, "Orchestrator")
      .def(py::init(&Connect), py::arg("targets"), py::arg("connect_timeout"), py::arg("wait_for_ready"),
           py::arg("call_timeout"), py::arg("watch_reconnect_timeout"))
      .def("node_names", &NodeNames)
      .def("get_node", &GetNode, py::arg("node"))
      .def("list_chips", &ListChips, py::arg("node"))
      .def("list_channels", &ListChannels, py::arg("worker"))
      .def("list_regions", &ListRegions, py::arg("worker"))
      .def("open_channel", &OpenChannel, py::arg("worker"), py::arg("name"), py::arg("cpu_to_l2_lanes"),
           py::arg("l2_to_cpu_lanes"), py::arg("lane_depth"), py::arg("max_message_bytes"), py::arg("checksum"))
      .def("find_channel", &FindChannel, py::arg("worker"), py::arg("name"))
      .def("open_region", &OpenRegion, py::arg("worker"), py::arg("name"), py::arg("data_bytes"),
           py::arg("signal_count"), py::arg("signal_writers"))
      .def("find_region", &FindRegion, py::arg("worker"), py::arg("name"))
      .def("reset_lane", &ResetLane, py::arg("worker"), py::arg("channel"), py::arg("host_to_chip"), py::arg("lane"))
      .def("release", &BoundOrchestrator::Drop);
}

}  // namespace l3link::python
