#include "client/python/native/mailbox.h"

#include <pybind11/stl.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <memory>

#include "client/python/native/buffers.h"
#include "client/python/native/status_errors.h"

namespace l3link::python {
namespace py = pybind11;
namespace {

// (kind, value), as l3link/aio/bridge.py takes them.
struct ToPython {
  py::tuple operator()(const Mailbox::Progress&) const { return py::make_tuple("progress", py::none()); }
  py::tuple operator()(const Mailbox::Ended& ended) const {
    return py::make_tuple("ended", ended.status.ok() ? py::none() : ExceptionOf(ended.status));
  }
  py::tuple operator()(const client::ReceivedBatch& batch) const {
    return py::make_tuple("messages", MessagesOf(batch));
  }
  py::tuple operator()(const absl::StatusOr<client::WaitResult>& result) const {
    if (!result.ok()) return py::make_tuple("ended", ExceptionOf(result.status()));
    return py::make_tuple("signals", py::make_tuple(result->satisfied, result->values));
  }
};

}  // namespace

absl::StatusOr<std::shared_ptr<Mailbox>> Mailbox::Make() {
  const int descriptor = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (descriptor < 0) return absl::ErrnoToStatus(errno, "eventfd, by which asyncio is woken");
  return std::shared_ptr<Mailbox>(new Mailbox(descriptor));
}

Mailbox::~Mailbox() { close(descriptor_); }

void Mailbox::Post(uint64_t token, Event event) {
  const std::lock_guard<std::mutex> lock(mutex_);
  events_.emplace_back(token, std::move(event));
  if (events_.size() == 1) eventfd_write(descriptor_, 1);
}

std::vector<std::pair<uint64_t, Mailbox::Event>> Mailbox::Drain() {
  const std::lock_guard<std::mutex> lock(mutex_);
  eventfd_t count;
  eventfd_read(descriptor_, &count);
  return std::exchange(events_, {});
}

void BindMailbox(py::module_& module) {
  py::class_<Mailbox, std::shared_ptr<Mailbox>>(module, "Mailbox")
      .def(py::init([] { return Check(Mailbox::Make()); }))
      .def("fileno", &Mailbox::descriptor)
      .def("drain", [](Mailbox& mailbox) {
        py::list events;
        for (const auto& [token, event] : mailbox.Drain()) {
          const py::tuple told = std::visit(ToPython(), event);
          events.append(py::make_tuple(token, told[0], told[1]));
        }
        return events;
      });
}

}  // namespace l3link::python
