#include "values.h"

namespace agent {

const Value* Arguments::Find(const std::string& key) const {
  const auto found = object_.fields().find(key);
  if (found == object_.fields().end() || found->second.has_null_value()) {
    return nullptr;
  }
  return &found->second;
}

std::string Arguments::Text(const std::string& key,
                            const std::string& otherwise) const {
  const Value* value = Find(key);
  return value == nullptr ? otherwise : value->string_value();
}

double Arguments::Number(const std::string& key, double otherwise) const {
  const Value* value = Find(key);
  return value == nullptr ? otherwise : value->number_value();
}

bool Arguments::Flag(const std::string& key) const {
  const Value* value = Find(key);
  return value != nullptr && value->bool_value();
}

std::vector<std::string> Arguments::List(const std::string& key) const {
  std::vector<std::string> list;
  if (const Value* value = Find(key)) {
    for (const Value& one : value->list_value().values()) {
      list.push_back(one.string_value());
    }
  }
  return list;
}

std::map<std::string, std::string> Arguments::Map(
    const std::string& key) const {
  std::map<std::string, std::string> map;
  if (const Value* value = Find(key)) {
    for (const auto& [name, text] : value->struct_value().fields()) {
      map[name] = text.string_value();
    }
  }
  return map;
}

std::optional<absl::Duration> Arguments::Time(const std::string& key) const {
  const Value* value = Find(key);
  if (value == nullptr) return std::nullopt;
  return absl::Milliseconds(value->number_value());
}

Arguments Arguments::Object(const std::string& key) const {
  const Value* value = Find(key);
  return Arguments(value == nullptr ? Struct() : value->struct_value());
}

Value Text(const std::string& text) {
  Value value;
  value.set_string_value(text);
  return value;
}

Value Number(double number) {
  Value value;
  value.set_number_value(number);
  return value;
}

Value Flag(bool flag) {
  Value value;
  value.set_bool_value(flag);
  return value;
}

Value Null() {
  Value value;
  value.set_null_value(google::protobuf::NULL_VALUE);
  return value;
}

Value Milliseconds(absl::Duration duration) {
  return Number(absl::ToDoubleMilliseconds(duration));
}

Value Object(const Struct& object) {
  Value value;
  *value.mutable_struct_value() = object;
  return value;
}

Value List(const std::vector<Value>& values) {
  Value list;
  list.mutable_list_value();
  for (const Value& value : values) {
    *list.mutable_list_value()->add_values() = value;
  }
  return list;
}

}  // namespace agent
