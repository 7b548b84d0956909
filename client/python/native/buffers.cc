#include "client/python/native/buffers.h"

#include <utility>

namespace l3link::python {
namespace py = pybind11;
namespace {

const char* NameOfType(py::handle object) { return Py_TYPE(object.ptr())->tp_name; }

// In place of the words of whoever exports the buffer, which differ from type to type.
[[noreturn]] void RefuseBuffer(py::handle object, Buffer::Access access) {
  PyErr_Clear();
  Py_buffer any;
  if (PyObject_GetBuffer(object.ptr(), &any, PyBUF_FULL_RO) != 0) {
    PyErr_Clear();
    PyErr_Format(PyExc_ValueError, "%s: its memory cannot be shared; pass a copy of it", NameOfType(object));
    throw py::error_already_set();
  }
  const bool read_only = any.readonly != 0;
  PyBuffer_Release(&any);
  if (access == Buffer::Access::kWrite && read_only) {
    PyErr_Format(PyExc_ValueError, "%s is read-only; a writable buffer is needed", NameOfType(object));
  } else {
    PyErr_Format(PyExc_ValueError, "%s is not contiguous; pass a contiguous copy (bytes(), numpy.ascontiguousarray())",
                 NameOfType(object));
  }
  throw py::error_already_set();
}

py::buffer_info BufferOf(const Message& message) {
  return py::buffer_info(reinterpret_cast<uint8_t*>(const_cast<char*>(message.payload.data())),
                         static_cast<py::ssize_t>(message.payload.size()), /*readonly=*/true);
}

}  // namespace

Buffer::Buffer(py::handle object, Access access) {
  if (!PyObject_CheckBuffer(object.ptr())) {
    PyErr_Format(PyExc_TypeError, "a buffer is needed (bytes, bytearray, memoryview, a numpy array), not %s",
                 NameOfType(object));
    throw py::error_already_set();
  }
  const int flags = access == Access::kWrite ? PyBUF_WRITABLE : PyBUF_SIMPLE;
  if (PyObject_GetBuffer(object.ptr(), &view_, flags) != 0) RefuseBuffer(object, access);
}

Buffer::Buffer(Buffer&& other) noexcept : view_(std::exchange(other.view_, Py_buffer{})) {}

Buffer::~Buffer() { PyBuffer_Release(&view_); }

std::vector<Message> MessagesOf(const client::ReceivedBatch& batch) {
  const auto owner = std::make_shared<const client::ReceivedBatch>(batch);
  std::vector<Message> messages;
  messages.reserve(batch.size());
  for (const client::ReceivedMessage& message : batch) {
    messages.push_back(
        {owner, message.payload, message.route, message.correlation_id, message.sequence, message.redelivered});
  }
  return messages;
}

void BindMessage(py::module_& module) {
  py::class_<Message>(module, "Message", py::buffer_protocol())
      .def_buffer(&BufferOf)
      .def_property_readonly("payload", [](py::object self) { return py::memoryview(self); })
      .def_readonly("route", &Message::route)
      .def_readonly("correlation_id", &Message::correlation_id)
      .def_readonly("sequence", &Message::sequence)
      .def_readonly("redelivered", &Message::redelivered)
      .def("__len__", [](const Message& message) { return message.payload.size(); })
      .def("__bytes__",
           [](const Message& message) { return py::bytes(message.payload.data(), message.payload.size()); })
      .def("__repr__", [](const Message& message) {
        return py::str("Message(payload=<{} bytes>, route={}, correlation_id={}, sequence={}, redelivered={})")
            .format(message.payload.size(), message.route, message.correlation_id, message.sequence,
                    message.redelivered);
      });
}

}  // namespace l3link::python
