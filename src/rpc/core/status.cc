#include "rpc/core/status.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"

namespace outrigger::rpc {
namespace {

// A length-delimited protobuf field. Ours are short, but error messages may
// need a length of several bytes.
void AppendField(int number, absl::string_view bytes, std::string& out) {
  out += static_cast<char>(number << 3 | 2);
  uint64_t size = bytes.size();
  for (; size >= 0x80; size >>= 7) out += static_cast<char>(size | 0x80);
  out += static_cast<char>(size);
  out.append(bytes.data(), bytes.size());
}

// google.rpc.Status with one detail, a RetryInfo. By hand, since it is a few
// bytes and its .proto is in no package of Debian's.
std::string RetryDetails(const absl::Status& status) {
  constexpr absl::string_view kOneSecond("\x08\x01", 2);  // Duration.seconds
  std::string retry_info;
  AppendField(1, kOneSecond, retry_info);
  std::string any;
  AppendField(1, "type.googleapis.com/google.rpc.RetryInfo", any);
  AppendField(2, retry_info, any);
  std::string details;
  details += '\x08';  // code
  details += static_cast<char>(status.code());
  AppendField(2, status.message(), details);
  AppendField(3, any, details);
  return details;
}

}  // namespace

grpc::Status ToGrpcStatus(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  // The two enumerations have the same values.
  const auto code = static_cast<grpc::StatusCode>(status.code());
  if (status.code() == absl::StatusCode::kResourceExhausted) {
    return grpc::Status(code, std::string(status.message()),
                        RetryDetails(status));
  }
  return grpc::Status(code, std::string(status.message()));
}

}  // namespace outrigger::rpc
