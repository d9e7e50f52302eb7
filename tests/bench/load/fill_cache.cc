#include "bench/load/fill_cache.h"

#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <cstdio>
#include <memory>
#include <random>

#include "bench/load/traffic.h"
#include "outrigger/cache/v1/cache.grpc.pb.h"

namespace outrigger::bench {
namespace {

namespace pb = cache::v1;

constexpr uint64_t kBatch = 500;

std::string RandomBytes(size_t bytes) {
  static std::mt19937_64 random(1);
  std::string text(bytes, '\0');
  for (char& byte : text) byte = static_cast<char>(random());
  return text;
}

bool Failed(const char* what, const grpc::Status& status) {
  std::fprintf(stderr, "%s: %s\n", what, status.error_message().c_str());
  return false;
}

// Keys `first` to `last` - 1.
bool FillSome(pb::Cache::Stub& stub, const std::string& ns, uint64_t first,
              uint64_t last, size_t bytes) {
  pb::SetManyRequest sets;
  pb::GetManyRequest gets;
  for (uint64_t key = first; key < last; ++key) {
    pb::SetRequest* const set = sets.add_requests();
    set->set_namespace_(ns);
    set->set_key(Traffic::KeyName(key));
    set->set_value(RandomBytes(bytes));
    pb::GetRequest* const get = gets.add_requests();
    get->set_namespace_(ns);
    get->set_key(set->key());
  }
  grpc::ClientContext set_context, get_context;
  pb::SetManyResponse stored;
  grpc::Status status = stub.SetMany(&set_context, sets, &stored);
  if (!status.ok()) return Failed("SetMany", status);
  for (const pb::SetResponse& each : stored.responses()) {
    if (!each.stored()) {
      std::fputs("a value was not stored\n", stderr);
      return false;
    }
  }
  pb::GetManyResponse read;
  status = stub.GetMany(&get_context, gets, &read);
  return status.ok() || Failed("GetMany", status);
}

}  // namespace

bool FillCache(const std::string& target, const std::string& ns, uint64_t keys,
               size_t bytes) {
  grpc::ChannelArguments arguments;
  arguments.SetString(GRPC_ARG_DEFAULT_AUTHORITY, "localhost");
  const auto stub = pb::Cache::NewStub(grpc::CreateCustomChannel(
      target, grpc::InsecureChannelCredentials(), arguments));
  for (uint64_t first = 0; first < keys; first += kBatch) {
    if (!FillSome(*stub, ns, first, std::min(keys, first + kBatch), bytes)) {
      return false;
    }
  }
  return true;
}

}  // namespace outrigger::bench
