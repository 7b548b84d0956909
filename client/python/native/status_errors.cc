#include "client/python/native/status_errors.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "backends/host/refusal.h"
#include "client/errors.h"

namespace l3link::python {
namespace py = pybind11;
namespace {

struct Facts {
  std::string reason;
  client::ErrorMetadata metadata;
};

Facts FactsOf(const absl::Status& status) {
  if (const auto refusal = RefusalOf(status)) {
    return {std::string(refusal->row->name), {refusal->metadata.begin(), refusal->metadata.end()}};
  }
  return {client::ReasonOf(status), client::MetadataOf(status)};
}

}  // namespace

py::str TextOf(std::string_view text) {
  PyObject* const made = PyUnicode_DecodeUTF8(text.data(), static_cast<Py_ssize_t>(text.size()), "replace");
  if (made == nullptr) throw py::error_already_set();
  return py::reinterpret_steal<py::str>(made);
}

py::object ExceptionOf(const absl::Status& status) {
  const Facts facts = FactsOf(status);
  py::dict metadata;
  for (const auto& [key, value] : facts.metadata) metadata[py::str(key)] = value;
  return py::module_::import("l3link.errors")
      .attr("from_status")(absl::StatusCodeToString(status.code()), facts.reason,
                           TextOf({status.message().data(), status.message().size()}), metadata);
}

void Raise(const absl::Status& status) {
  const py::object exception = ExceptionOf(status);
  PyErr_SetObject(reinterpret_cast<PyObject*>(Py_TYPE(exception.ptr())), exception.ptr());
  throw py::error_already_set();
}

bool IsTimeout(const absl::Status& status) {
  return client::IsWouldBlock(status) || IsRefusal(status, Reason::kWOULD_BLOCK);
}

absl::Status TimedOut(std::string_view what) {
  return client::MakeError(absl::StatusCode::kDeadlineExceeded, v1::WOULD_BLOCK, what);
}

absl::Status ClosedHere(std::string_view what) {
  return absl::CancelledError(absl::string_view(what.data(), what.size()));
}

absl::Status WrongArgument(std::string_view field, std::string_view value, std::string_view legal) {
  return client::MakeError(
      absl::StatusCode::kInvalidArgument, v1::INVALID_ARGUMENT_FIELD,
      absl::StrCat(std::string(field), " ", std::string(value), ": ", std::string(legal)),
      {{"field", std::string(field)}, {"value", std::string(value)}, {"limit", std::string(legal)}});
}

}  // namespace l3link::python
