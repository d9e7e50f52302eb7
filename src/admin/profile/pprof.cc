#include "admin/profile/pprof.h"

#include <map>

#include "absl/strings/str_cat.h"
#include "admin/profile/proto_writer.h"

namespace outrigger::admin {
namespace {

// Field numbers of profile.proto.
struct ProfileField {
  static constexpr int kSampleType = 1;
  static constexpr int kSample = 2;
  static constexpr int kMapping = 3;
  static constexpr int kLocation = 4;
  static constexpr int kFunction = 5;
  static constexpr int kString = 6;
  static constexpr int kTimeNanos = 9;
  static constexpr int kDurationNanos = 10;
  static constexpr int kPeriodType = 11;
  static constexpr int kPeriod = 12;
  static constexpr int kComment = 13;
};

class Encoder {
 public:
  explicit Encoder(Symbols& symbols) : symbols_(symbols) { Text(""); }

  std::string Encode(const CpuProfile& profile) {
    AddType(ProfileField::kSampleType, "samples", "count");
    AddType(ProfileField::kSampleType, "cpu", "nanoseconds");
    AddType(ProfileField::kPeriodType, "cpu", "nanoseconds");
    out_.Number(ProfileField::kPeriod, Sampler::kPeriod.count());
    out_.Number(ProfileField::kTimeNanos,
                profile.start.time_since_epoch().count());
    out_.Number(ProfileField::kDurationNanos, profile.duration.count());
    if (profile.dropped > 0) {
      out_.Number(ProfileField::kComment,
                  Text(absl::StrCat(profile.dropped, " samples were dropped")));
    }
    AddMappings();
    std::map<Stack, uint64_t> counts;
    for (const Stack& stack : profile.stacks) ++counts[stack];
    for (const auto& [stack, count] : counts) AddSample(stack, count);
    for (const std::string& text : texts_) {
      out_.Bytes(ProfileField::kString, text);
    }
    return out_.bytes();
  }

 private:
  // The text's place in the table.
  uint64_t Text(const std::string& text) {
    const auto [it, added] = text_ids_.emplace(text, texts_.size());
    if (added) texts_.push_back(text);
    return it->second;
  }

  void AddType(int field, const char* type, const char* unit) {
    ProtoWriter value;
    value.Number(1, Text(type));
    value.Number(2, Text(unit));
    out_.Message(field, value);
  }

  void AddMappings() {
    uint64_t id = 0;
    for (const Mapping& mapping : symbols_.mappings()) {
      ProtoWriter message;
      message.Number(1, ++id);
      message.Number(2, mapping.begin);
      message.Number(3, mapping.end);
      message.Number(4, mapping.file_offset);
      message.Number(5, Text(mapping.file));
      message.Number(7, 1);  // functions have names already
      out_.Message(ProfileField::kMapping, message);
    }
  }

  void AddSample(const Stack& stack, uint64_t count) {
    std::vector<uint64_t> locations;
    for (const uintptr_t address : stack) {
      locations.push_back(LocationOf(address));
    }
    ProtoWriter message;
    message.Packed(1, locations);
    message.Packed(2, {count, count * Sampler::kPeriod.count()});
    out_.Message(ProfileField::kSample, message);
  }

  uint64_t LocationOf(uintptr_t address) {
    const auto [it, added] =
        location_ids_.emplace(address, location_ids_.size() + 1);
    if (!added) return it->second;
    ProtoWriter line;
    line.Number(1, FunctionOf(symbols_.NameOf(address)));
    ProtoWriter message;
    message.Number(1, it->second);
    message.Number(2, symbols_.MappingOf(address) + 1);  // 0: none
    message.Number(3, address);
    message.Message(4, line);
    out_.Message(ProfileField::kLocation, message);
    return it->second;
  }

  uint64_t FunctionOf(const std::string& name) {
    const auto [it, added] =
        function_ids_.emplace(name, function_ids_.size() + 1);
    if (!added) return it->second;
    ProtoWriter message;
    message.Number(1, it->second);
    message.Number(2, Text(name));
    out_.Message(ProfileField::kFunction, message);
    return it->second;
  }

  Symbols& symbols_;
  ProtoWriter out_;
  std::vector<std::string> texts_;
  std::map<std::string, uint64_t> text_ids_;
  std::map<uintptr_t, uint64_t> location_ids_;
  std::map<std::string, uint64_t> function_ids_;
};

}  // namespace

std::string EncodeProfile(const CpuProfile& profile, Symbols& symbols) {
  return Encoder(symbols).Encode(profile);
}

}  // namespace outrigger::admin
