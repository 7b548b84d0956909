// The extension module l3link._native.
#include <pybind11/pybind11.h>

#include "client/python/native/bindings.h"
#include "client/python/native/buffers.h"
#include "client/python/native/mailbox.h"

PYBIND11_MODULE(_native, module) {
  module.doc() = "The C++ client and the in-process chip worker of L3Link. Private: use l3link and l3link.aio.";
  l3link::python::BindMessage(module);
  l3link::python::BindMailbox(module);
  l3link::python::BindLaneStream(module);
  l3link::python::BindChannel(module);
  l3link::python::BindRegion(module);
  l3link::python::BindOrchestrator(module);
  l3link::python::BindChipWorker(module);
  l3link::python::BindTestKit(module);
}
