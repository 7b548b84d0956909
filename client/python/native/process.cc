#include "client/python/native/process.h"

#include <cxxabi.h>
#include <pthread.h>
#include <unistd.h>

#include <atomic>

namespace l3link::python {
namespace {

std::atomic<bool> used{false};
std::atomic<bool> forked{false};

void InChild() {
  if (used.load(std::memory_order_relaxed)) forked.store(true, std::memory_order_relaxed);
}

}  // namespace

void MarkProcessUsed() {
  static const int watched = pthread_atfork(nullptr, nullptr, &InChild);
  (void)watched;
  used.store(true, std::memory_order_relaxed);  // read again by the same thread, in its child
}

GilReleased::~GilReleased() {
  while (_Py_IsFinalizing() && gettid() != getpid()) pause();  // the main thread is the one that ends the interpreter
  try {
    PyEval_RestoreThread(state_);
  } catch (const abi::__forced_unwind&) {  // the interpreter began to end while this thread waited for the GIL
    for (;;) pause();
  }
}

bool IsForkedChild() { return forked.load(std::memory_order_relaxed); }

void CheckNotForked() {
  if (!IsForkedChild()) return;
  PyErr_SetString(PyExc_RuntimeError,
                  "this process was forked from one that had used l3link, whose threads it lacks; start it by exec or "
                  "by multiprocessing's \"spawn\" or \"forkserver\", or fork before the first connect");
  throw pybind11::error_already_set();
}

}  // namespace l3link::python
