// Reads of a region's data into a bytes object of their own, without a copy between.
#ifndef L3LINK_CLIENT_PYTHON_NATIVE_NEW_BYTES_H_
#define L3LINK_CLIENT_PYTHON_NATIVE_NEW_BYTES_H_

#include <pybind11/pybind11.h>

#include <cstdint>

#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "client/errors.h"
#include "client/python/native/status_errors.h"
#include "client/python/native/waiting.h"

namespace l3link::python {

// `fill(span)` writes all of it, without the GIL, before anybody else sees the object. More than the region has is refused
// before memory is taken for it. Called with the GIL held.
template <typename Fill>
pybind11::bytes ReadNewBytes(uint64_t offset, uint64_t length, uint64_t data_bytes, Fill fill) {
  if (length > data_bytes) {
    Raise(client::MakeError(
        absl::StatusCode::kOutOfRange, v1::RANGE_OUT_OF_REGION,
        absl::StrCat("[", offset, ", +", length, ") is not within the region's ", data_bytes, " bytes"),
        {{"offset", absl::StrCat(offset)},
         {"length", absl::StrCat(length)},
         {"data_bytes", absl::StrCat(data_bytes)}}));
  }
  PyObject* const made = PyBytes_FromStringAndSize(nullptr, static_cast<Py_ssize_t>(length));
  if (made == nullptr) throw pybind11::error_already_set();
  auto bytes = pybind11::reinterpret_steal<pybind11::bytes>(made);
  const absl::Span<char> room(PyBytes_AS_STRING(made), length);
  Check(WithoutGil([&] { return fill(room); }));
  return bytes;
}

}  // namespace l3link::python

#endif  // L3LINK_CLIENT_PYTHON_NATIVE_NEW_BYTES_H_
