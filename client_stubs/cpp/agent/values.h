// JSON objects, as protobuf's Struct.
#ifndef OUTRIGGER_AGENT_VALUES_H_
#define OUTRIGGER_AGENT_VALUES_H_

#include <google/protobuf/struct.pb.h>

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/time.h"

namespace agent {

using google::protobuf::Struct;
using google::protobuf::Value;

// What a request's arguments say; a key that is left out gives the default.
class Arguments {
 public:
  explicit Arguments(const Struct& object) : object_(object) {}

  bool Has(const std::string& key) const { return Find(key) != nullptr; }
  std::string Text(const std::string& key,
                   const std::string& otherwise = "") const;
  double Number(const std::string& key, double otherwise) const;
  bool Flag(const std::string& key) const;
  std::vector<std::string> List(const std::string& key) const;
  std::map<std::string, std::string> Map(const std::string& key) const;
  // Of a key with milliseconds.
  std::optional<absl::Duration> Time(const std::string& key) const;
  Arguments Object(const std::string& key) const;

 private:
  // Null: it is left out, or null.
  const Value* Find(const std::string& key) const;

  Struct object_;
};

Value Text(const std::string& text);
Value Number(double number);
Value Flag(bool flag);
Value Null();
Value Milliseconds(absl::Duration duration);
Value Object(const Struct& object);
Value List(const std::vector<Value>& values);

}  // namespace agent

#endif  // OUTRIGGER_AGENT_VALUES_H_
