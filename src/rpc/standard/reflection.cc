#include "rpc/standard/reflection.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/descriptor.pb.h>
#include <grpcpp/support/status.h>

#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "rpc/streams/stream.h"

namespace outrigger::rpc {
namespace {

using google::protobuf::DescriptorPool;
using google::protobuf::FileDescriptor;
using google::protobuf::FileDescriptorProto;
using grpc::reflection::v1alpha::FileDescriptorResponse;
using grpc::reflection::v1alpha::ServerReflectionRequest;
using grpc::reflection::v1alpha::ServerReflectionResponse;

// A tool asks a few questions on one stream, then leaves.
constexpr StreamOptions kOptions{.max_in_flight = 4, .max_open = 16};

void AppendWithImports(const FileDescriptor& file,
                       absl::flat_hash_set<const FileDescriptor*>& seen,
                       FileDescriptorResponse& response) {
  if (!seen.insert(&file).second) return;
  FileDescriptorProto proto;
  file.CopyTo(&proto);
  *response.add_file_descriptor_proto() = proto.SerializeAsString();
  for (int i = 0; i < file.dependency_count(); ++i) {
    AppendWithImports(*file.dependency(i), seen, response);
  }
}

void SetError(grpc::StatusCode code, const std::string& message,
              ServerReflectionResponse& response) {
  response.mutable_error_response()->set_error_code(code);
  response.mutable_error_response()->set_error_message(message);
}

void SetFile(const FileDescriptor* file, const std::string& asked,
             ServerReflectionResponse& response) {
  if (file == nullptr) {
    SetError(grpc::StatusCode::NOT_FOUND, absl::StrCat("unknown: ", asked),
             response);
    return;
  }
  absl::flat_hash_set<const FileDescriptor*> seen;
  AppendWithImports(*file, seen, *response.mutable_file_descriptor_response());
}

}  // namespace

void AnswerReflection(const std::vector<std::string>& services,
                      const ServerReflectionRequest& request,
                      ServerReflectionResponse& response) {
  response.set_valid_host(request.host());
  *response.mutable_original_request() = request;
  const DescriptorPool& pool = *DescriptorPool::generated_pool();
  switch (request.message_request_case()) {
    case ServerReflectionRequest::kFileByFilename:
      SetFile(pool.FindFileByName(request.file_by_filename()),
              request.file_by_filename(), response);
      break;
    case ServerReflectionRequest::kFileContainingSymbol:
      SetFile(pool.FindFileContainingSymbol(request.file_containing_symbol()),
              request.file_containing_symbol(), response);
      break;
    case ServerReflectionRequest::kListServices:
      for (const std::string& name : services) {
        response.mutable_list_services_response()->add_service()->set_name(
            name);
      }
      break;
    case ServerReflectionRequest::kFileContainingExtension:
    case ServerReflectionRequest::kAllExtensionNumbersOfType:
      SetError(grpc::StatusCode::NOT_FOUND, "there are no extensions here",
               response);
      break;
    case ServerReflectionRequest::MESSAGE_REQUEST_NOT_SET:
      SetError(grpc::StatusCode::INVALID_ARGUMENT,
               "message_request: one of its fields must be set", response);
      break;
  }
}

template <typename GrpcService>
ReflectionService<GrpcService>::ReflectionService(
    std::vector<std::string> services, const Instrumentation& with) {
  using AsyncService = typename GrpcService::AsyncService;
  const std::string method =
      absl::StrCat(GrpcService::service_full_name(), "/ServerReflectionInfo");
  methods_.push_back(
      std::make_unique<StreamMethod<AsyncService, ServerReflectionRequest,
                                    ServerReflectionResponse>>(
          service_, &AsyncService::RequestServerReflectionInfo, kOptions,
          std::make_unique<StreamRecorders>(method, with),
          with.registry.GetCounter(telemetry::kRpcRefused,
                                   {{"bound", "reflection_streams"}}),
          [services = std::move(services)](
              const ServerReflectionRequest& request,
              Completion<ServerReflectionResponse> completion) {
            AnswerReflection(services, request, completion.response());
            completion.Finish();
          }));
}

template class ReflectionService<grpc::reflection::v1::ServerReflection>;
template class ReflectionService<grpc::reflection::v1alpha::ServerReflection>;

}  // namespace outrigger::rpc
