#include "client/python/native/signals.h"

#include <utility>

#include "client/python/native/status_errors.h"

namespace l3link::python {

client::Compare CompareOf(const std::string& name) {
  using client::Compare;
  constexpr std::pair<const char*, Compare> kNames[] = {{">=", Compare::kGe}, {">", Compare::kGt},
                                                        {"==", Compare::kEq}, {"!=", Compare::kNe},
                                                        {"<=", Compare::kLe}, {"<", Compare::kLt}};
  for (const auto& [known, compare] : kNames) {
    if (name == known) return compare;
  }
  Raise(WrongArgument("compare", name, "one of >=, >, ==, !=, <=, <"));
}

client::SignalOp SignalOpOf(const std::string& name) {
  using client::SignalOp;
  constexpr std::pair<const char*, SignalOp> kNames[] = {
      {"set", SignalOp::kSet}, {"add", SignalOp::kAdd}, {"max", SignalOp::kMax}};
  for (const auto& [known, op] : kNames) {
    if (name == known) return op;
  }
  Raise(WrongArgument("op", name, "one of set, add, max"));
}

std::vector<client::SignalCondition> ConditionsOf(const std::vector<ConditionTuple>& given) {
  std::vector<client::SignalCondition> conditions;
  for (const auto& [signal, compare, target] : given) conditions.push_back({signal, target, CompareOf(compare)});
  return conditions;
}

}  // namespace l3link::python
