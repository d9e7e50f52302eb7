# outrigger::client, and outrigger::libpq if libpq is there.
add_library(outrigger_client STATIC
  src/breaker/breaker_use.cc
  src/breaker/breakers.cc
  src/breaker/denials.cc
  src/breaker/local_record.cc
  src/breaker/reporter.cc
  src/breaker/told_state.cc
  src/cache/cache_calls.cc
  src/cache/workers.cc
  src/core/channel.cc
  src/core/client.cc
  src/core/loop.cc
  src/core/session.cc
  src/core/signal.cc
  src/core/target.cc
  src/core/text.cc
  src/core/unary_calls.cc
  src/rpc/breaker_interceptor.cc
  src/rpc/guard.cc
  src/rpc/rate_limit_interceptor.cc
  src/limit/allow_stream.cc
  src/limit/headers.cc
  src/limit/limits.cc
  src/limit/local_buckets.cc
  src/pool/acquire_request.cc
  src/pool/holds.cc
  src/pool/holds_events.cc
  src/pool/holds_renewal.cc
  src/pool/pool.cc
  src/pool/refusals.cc)
add_library(outrigger::client ALIAS outrigger_client)
target_compile_features(outrigger_client PUBLIC cxx_std_20)
target_include_directories(outrigger_client
  PUBLIC $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>
         $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>
  PRIVATE src)
target_link_libraries(outrigger_client
  PUBLIC outrigger_protos absl::any_invocable absl::status absl::statusor absl::time
  PRIVATE $<BUILD_INTERFACE:outrigger_warnings> absl::btree absl::cord
          absl::flat_hash_map absl::flat_hash_set absl::random_random
          absl::strings absl::synchronization Threads::Threads)

# Most of a build's time goes into reading these; no need of who uses it.
target_precompile_headers(outrigger_client PRIVATE <grpcpp/grpcpp.h>
  <grpcpp/generic/generic_stub.h> <outrigger/breaker/v1/breaker.grpc.pb.h>
  <outrigger/cache/v1/cache.grpc.pb.h> <outrigger/pool/v1/pool.grpc.pb.h>
  <outrigger/ratelimit/v1/rate_limiter.grpc.pb.h>
  <absl/container/flat_hash_map.h> <absl/functional/any_invocable.h>
  <absl/status/statusor.h> <absl/synchronization/mutex.h> <map> <string> <vector>)

if(PostgreSQL_FOUND)
  add_library(outrigger_libpq STATIC src/libpq/connection.cc src/libpq/parameters.cc)
  add_library(outrigger::libpq ALIAS outrigger_libpq)
  set_target_properties(outrigger_libpq PROPERTIES EXPORT_NAME libpq)
  target_include_directories(outrigger_libpq PRIVATE src)
  target_link_libraries(outrigger_libpq
    PUBLIC outrigger_client PostgreSQL::PostgreSQL
    PRIVATE $<BUILD_INTERFACE:outrigger_warnings> absl::synchronization)
  target_precompile_headers(outrigger_libpq REUSE_FROM outrigger_client)
endif()

# All that is installed.
add_custom_target(outrigger_libraries DEPENDS outrigger_client $<TARGET_NAME_IF_EXISTS:outrigger_libpq>)
