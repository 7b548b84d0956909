#include "client/python/native/waiting.h"

#include <cmath>
#include <string>

namespace l3link::python {
namespace py = pybind11;

absl::Duration TimeoutOf(py::handle seconds, const char* field) {
  if (seconds.is_none()) return absl::InfiniteDuration();
  const double value = PyFloat_AsDouble(seconds.ptr());
  if (value == -1.0 && PyErr_Occurred() != nullptr) {
    PyErr_Clear();
    PyErr_Format(PyExc_TypeError, "%s: seconds are needed, or None for no limit, not %s", field,
                 Py_TYPE(seconds.ptr())->tp_name);
    throw py::error_already_set();
  }
  if (std::isnan(value) || value < 0) Raise(WrongArgument(field, std::to_string(value), "0 s or more, or None"));
  return absl::Seconds(value);
}

}  // namespace l3link::python
