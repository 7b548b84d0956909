// Signals' operators and conditions as Python writes them, for the remote client and for the chip in this process.
#ifndef L3LINK_CLIENT_PYTHON_NATIVE_SIGNALS_H_
#define L3LINK_CLIENT_PYTHON_NATIVE_SIGNALS_H_

#include <cstdint>
#include <string>
#include <tuple>
#include <vector>

#include "client/signal_condition.h"

namespace l3link::python {

// (signal, operator, target): (1, ">=", 7).
using ConditionTuple = std::tuple<uint32_t, std::string, uint64_t>;

// InvalidArgument for anything but >=, >, ==, !=, <=, <; and but set, add, max.
client::Compare CompareOf(const std::string& name);
client::SignalOp SignalOpOf(const std::string& name);
std::vector<client::SignalCondition> ConditionsOf(const std::vector<ConditionTuple>& given);

}  // namespace l3link::python

#endif  // L3LINK_CLIENT_PYTHON_NATIVE_SIGNALS_H_
