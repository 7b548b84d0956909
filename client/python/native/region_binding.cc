// Region: data, signals, and waits on them.
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "absl/cleanup/cleanup.h"
#include "client/python/native/bindings.h"
#include "client/python/native/mailbox.h"
#include "client/python/native/message_dict.h"
#include "client/python/native/new_bytes.h"
#include "client/python/native/remote_objects.h"
#include "client/python/native/signals.h"

namespace l3link::python {
namespace py = pybind11;
namespace {

using client::Combine;
using client::Region;
using client::WaitResult;
using Answer = std::tuple<bool, std::vector<uint64_t>>;

Answer AnswerOf(const WaitResult& result) { return {result.satisfied, result.values}; }
Combine CombineOf(bool all) { return all ? Combine::kAll : Combine::kAny; }

py::bytes Read(const BoundRegion& self, uint64_t offset, uint64_t length, py::handle timeout) {
  const auto region = self.Get();
  const absl::Duration limit = TimeoutOf(timeout);
  return ReadNewBytes(offset, length, region->data_bytes(),
                      [&](absl::Span<char> out) { return region->Read(offset, out, limit); });
}

void ReadInto(const BoundRegion& self, uint64_t offset, py::handle out, py::handle timeout) {
  const auto region = self.Get();
  const absl::Duration limit = TimeoutOf(timeout);
  const Buffer buffer(out, Buffer::Access::kWrite);
  Check(WithoutGil([&] { return region->Read(offset, buffer.chars(), limit); }));
}

void Write(const BoundRegion& self, uint64_t offset, py::handle data, py::handle timeout) {
  const auto region = self.Get();
  const absl::Duration limit = TimeoutOf(timeout);
  const Buffer buffer(data, Buffer::Access::kRead);
  Check(WithoutGil([&] { return region->Write(offset, buffer.text(), limit); }));
}

uint64_t WriteThenNotify(const BoundRegion& self, uint64_t offset, py::handle data, uint32_t signal, uint64_t value,
                         const std::string& op, py::handle timeout) {
  const auto region = self.Get();
  const absl::Duration limit = TimeoutOf(timeout);
  const client::SignalChange change{signal, value, SignalOpOf(op)};
  const Buffer buffer(data, Buffer::Access::kRead);
  return Check(WithoutGil([&] { return region->WriteThenNotify(offset, buffer.text(), change, limit); }));
}

uint64_t Notify(const BoundRegion& self, uint32_t signal, uint64_t value, const std::string& op) {
  const auto region = self.Get();
  const client::SignalChange change{signal, value, SignalOpOf(op)};
  return Check(WithoutGil([&] { return region->Notify(change); }));
}

// The answer of one wait, which the library's thread puts here.
struct Pending {
  std::mutex mutex;
  std::condition_variable done;
  std::optional<absl::StatusOr<WaitResult>> result;

  absl::StatusOr<WaitResult> Take(absl::Duration slice) {
    std::unique_lock<std::mutex> lock(mutex);
    done.wait_for(lock, absl::ToChronoNanoseconds(slice), [this] { return result.has_value(); });
    return result ? *result : absl::StatusOr<WaitResult>(TimedOut("the condition does not hold"));
  }
};

// Armed once on the node, however many slices it takes; the node's own timeout ends it.
Answer Wait(const BoundRegion& self, const std::vector<ConditionTuple>& given, bool all, py::handle timeout) {
  const auto region = self.Get();
  const absl::Duration limit = TimeoutOf(timeout);
  const auto conditions = ConditionsOf(given);
  if (limit == absl::ZeroDuration())
    return AnswerOf(Check(WithoutGil([&] { return region->Test(conditions, CombineOf(all)); })));
  const auto pending = std::make_shared<Pending>();
  auto handle = Check(WithoutGil([&] {
    return region->WaitThen(conditions, CombineOf(all), limit, [pending](const absl::StatusOr<WaitResult>& result) {
      const std::lock_guard<std::mutex> lock(pending->mutex);
      pending->result = result;
      pending->done.notify_one();
    });
  }));
  auto watch = std::make_shared<client::WatchHandle>(std::move(handle));
  const absl::Cleanup drop = [&watch] { DropWithoutGil(std::move(watch)); };
  return AnswerOf(
      Check(self.Wait(absl::InfiniteDuration(), [&](absl::Duration slice) { return pending->Take(slice); })));
}

struct BoundWatch : Handle<client::WatchHandle> {
  explicit BoundWatch(client::WatchHandle handle)
      : Handle(std::make_shared<client::WatchHandle>(std::move(handle)), "the watch") {}
};

client::WatchCallback Telling(const std::shared_ptr<Mailbox>& mailbox, uint64_t token) {
  return [mailbox, token](const absl::StatusOr<WaitResult>& result) { mailbox->Post(token, result); };
}

std::unique_ptr<BoundWatch> WaitThen(const BoundRegion& self, const std::vector<ConditionTuple>& given, bool all,
                                     py::handle timeout, const std::shared_ptr<Mailbox>& mailbox, uint64_t token) {
  const auto region = self.Get();
  const absl::Duration limit = TimeoutOf(timeout);
  const auto conditions = ConditionsOf(given);
  return std::make_unique<BoundWatch>(
      Check(WithoutGil([&] { return region->WaitThen(conditions, CombineOf(all), limit, Telling(mailbox, token)); })));
}

std::unique_ptr<BoundWatch> Watch(const BoundRegion& self, const std::vector<ConditionTuple>& given, bool all,
                                  const std::shared_ptr<Mailbox>& mailbox, uint64_t token) {
  const auto region = self.Get();
  const auto conditions = ConditionsOf(given);
  return std::make_unique<BoundWatch>(
      Check(WithoutGil([&] { return region->Watch(conditions, CombineOf(all), Telling(mailbox, token)); })));
}

void Close(BoundRegion& self) {
  const auto region = self.Get();
  Check(WithoutGil([&] { return region->Close(); }));
  self.Drop();
}

py::dict State(const BoundRegion& self) {
  const auto region = self.Get();
  return DictOf(Check(WithoutGil([&] { return region->Refresh(); })));
}

// Read once, by l3link/region.py.
template <typename Read>
auto OfConfig(Read read) {
  return [read](const BoundRegion& self) { return read(*self.Get()); };
}

}  // namespace

void BindRegion(py::module_& module) {
  py::class_<BoundWatch>(module, "Watch").def("cancel", &BoundWatch::Drop);
  py::class_<BoundRegion>(module, "Region")
      .def_property_readonly("name", OfConfig([](const Region& region) { return region.name(); }))
      .def_property_readonly("worker_id", OfConfig([](const Region& region) { return region.id().worker_id(); }))
      .def_property_readonly("generation", OfConfig([](const Region& region) { return region.id().generation(); }))
      .def_property_readonly("created", OfConfig([](const Region& region) { return region.created(); }))
      .def_property_readonly("data_bytes", OfConfig([](const Region& region) { return region.data_bytes(); }))
      .def_property_readonly("signal_count",
                             OfConfig([](const Region& region) { return region.config().signal_count(); }))
      .def_property_readonly("device_ptr",
                             OfConfig([](const Region& region) { return region.info().device_address(); }))
      .def_property_readonly("present", &BoundRegion::present)
      .def("check_present", [](const BoundRegion& self) { (void)self.Get(); })
      .def("read", &Read, py::arg("offset"), py::arg("length"), py::arg("timeout"))
      .def("read_into", &ReadInto, py::arg("offset"), py::arg("out"), py::arg("timeout"))
      .def("write", &Write, py::arg("offset"), py::arg("data"), py::arg("timeout"))
      .def("write_then_notify", &WriteThenNotify, py::arg("offset"), py::arg("data"), py::arg("signal"),
           py::arg("value"), py::arg("op"), py::arg("timeout"))
      .def("notify", &Notify, py::arg("signal"), py::arg("value"), py::arg("op"))
      .def("wait", &Wait, py::arg("conditions"), py::arg("all"), py::arg("timeout"))
      .def("wait_then", &WaitThen, py::arg("conditions"), py::arg("all"), py::arg("timeout"), py::arg("mailbox"),
           py::arg("token"))
      .def("watch", &Watch, py::arg("conditions"), py::arg("all"), py::arg("mailbox"), py::arg("token"))
      .def("state", &State)
      .def("close", &Close)
      .def("release", &BoundRegion::Drop)
      .def("break_for_test", [](const BoundRegion& self) { self.Get()->BreakForTest(); });
}

}  // namespace l3link::python
