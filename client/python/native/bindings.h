// What module.cc puts together: each adds its classes to l3link._native. The names are documented in l3link/_native.pyi.
#ifndef L3LINK_CLIENT_PYTHON_NATIVE_BINDINGS_H_
#define L3LINK_CLIENT_PYTHON_NATIVE_BINDINGS_H_

#include <pybind11/pybind11.h>

namespace l3link::python {

void BindOrchestrator(pybind11::module_& module);
void BindChannel(pybind11::module_& module);
void BindLaneStream(pybind11::module_& module);
void BindRegion(pybind11::module_& module);
void BindChipWorker(pybind11::module_& module);
void BindTestKit(pybind11::module_& module);

}  // namespace l3link::python

#endif  // L3LINK_CLIENT_PYTHON_NATIVE_BINDINGS_H_
