#include "client/python/native/message_dict.h"

#include <string>

namespace l3link::python {
namespace py = pybind11;
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// `Get` reads a field of `message`, or element `index` of a repeated one: Reflection has two methods for each type.
template <typename One, typename Nth>
auto Read(const Message& message, const FieldDescriptor* field, int index, One one, Nth nth) {
  const google::protobuf::Reflection* reflection = message.GetReflection();
  return field->is_repeated() ? (reflection->*nth)(message, field, index) : (reflection->*one)(message, field);
}

py::object ValueOf(const Message& message, const FieldDescriptor* field, int index) {
  using google::protobuf::Reflection;
  const Reflection* reflection = message.GetReflection();
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return py::int_(Read(message, field, index, &Reflection::GetInt32, &Reflection::GetRepeatedInt32));
    case FieldDescriptor::CPPTYPE_INT64:
      return py::int_(Read(message, field, index, &Reflection::GetInt64, &Reflection::GetRepeatedInt64));
    case FieldDescriptor::CPPTYPE_UINT32:
      return py::int_(Read(message, field, index, &Reflection::GetUInt32, &Reflection::GetRepeatedUInt32));
    case FieldDescriptor::CPPTYPE_UINT64:
      return py::int_(Read(message, field, index, &Reflection::GetUInt64, &Reflection::GetRepeatedUInt64));
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return py::float_(Read(message, field, index, &Reflection::GetDouble, &Reflection::GetRepeatedDouble));
    case FieldDescriptor::CPPTYPE_FLOAT:
      return py::float_(Read(message, field, index, &Reflection::GetFloat, &Reflection::GetRepeatedFloat));
    case FieldDescriptor::CPPTYPE_BOOL:
      return py::bool_(Read(message, field, index, &Reflection::GetBool, &Reflection::GetRepeatedBool));
    case FieldDescriptor::CPPTYPE_ENUM:
      return py::str(Read(message, field, index, &Reflection::GetEnum, &Reflection::GetRepeatedEnum)->name());
    case FieldDescriptor::CPPTYPE_STRING: {
      const std::string text = Read(message, field, index, &Reflection::GetString, &Reflection::GetRepeatedString);
      if (field->type() == FieldDescriptor::TYPE_BYTES) return py::bytes(text);
      return py::str(text);
    }
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return DictOf(field->is_repeated() ? reflection->GetRepeatedMessage(message, field, index)
                                         : reflection->GetMessage(message, field));
  }
  return py::none();
}

}  // namespace

py::dict DictOf(const Message& message) {
  py::dict dict;
  const google::protobuf::Reflection* reflection = message.GetReflection();
  for (int i = 0; i < message.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor* field = message.GetDescriptor()->field(i);
    const py::str name(field->name());
    if (field->is_repeated()) {
      py::list values;
      for (int at = 0; at < reflection->FieldSize(message, field); ++at) values.append(ValueOf(message, field, at));
      dict[name] = values;
    } else if (!field->has_presence() || reflection->HasField(message, field)) {
      dict[name] = ValueOf(message, field, 0);
    }
  }
  return dict;
}

}  // namespace l3link::python
