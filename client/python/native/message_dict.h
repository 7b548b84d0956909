// A node's answer as Python's own values, with the field names of proto/l3link/v1: dict, list, int, str, bytes; enums by name.
//
// Called with the GIL held.
#ifndef L3LINK_CLIENT_PYTHON_NATIVE_MESSAGE_DICT_H_
#define L3LINK_CLIENT_PYTHON_NATIVE_MESSAGE_DICT_H_

#include <pybind11/pybind11.h>

#include "google/protobuf/message.h"

namespace l3link::python {

// Every field of the message, those at their default too; absent ones of a oneof, and absent messages, are left out.
pybind11::dict DictOf(const google::protobuf::Message& message);

template <typename Items>
pybind11::list DictsOf(const Items& items) {
  pybind11::list dicts;
  for (const auto& item : items) dicts.append(DictOf(item));
  return dicts;
}

}  // namespace l3link::python

#endif  // L3LINK_CLIENT_PYTHON_NATIVE_MESSAGE_DICT_H_
