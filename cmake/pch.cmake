# Precompiled headers: most of a build's time goes into reading the same few
# library headers. Three sets, each compiled once; a target uses one of them.
option(OUTRIGGER_PCH "Precompile library headers" OFF)

set(PCH_PLAIN
  <algorithm> <array> <atomic> <chrono> <cstdint> <functional> <map> <memory> <optional>
  <string> <utility> <variant> <vector>
  <absl/container/flat_hash_map.h> <absl/container/flat_hash_set.h>
  <absl/container/inlined_vector.h> <absl/functional/any_invocable.h>
  <absl/status/statusor.h> <absl/strings/match.h> <absl/strings/numbers.h>
  <absl/strings/str_cat.h> <absl/strings/str_format.h> <absl/strings/str_join.h>
  <absl/strings/str_split.h> <absl/synchronization/mutex.h> <absl/time/time.h>)
set(PCH_GRPC ${PCH_PLAIN} <grpcpp/grpcpp.h> <google/protobuf/message.h>)
set(PCH_TEST ${PCH_PLAIN} <gmock/gmock.h> <gtest/gtest.h>)

# outrigger_pch_library(name headers… LINK libraries…)
function(outrigger_pch_library name)
  cmake_parse_arguments(ARG "" "" "LINK" ${ARGN})
  add_library(${name} OBJECT ${PROJECT_SOURCE_DIR}/cmake/pch.cc)
  target_link_libraries(${name} PRIVATE outrigger_flags absl::statusor ${ARG_LINK})
  target_precompile_headers(${name} PRIVATE ${ARG_UNPARSED_ARGUMENTS})
endfunction()

if(OUTRIGGER_PCH)
  outrigger_pch_library(outrigger_pch_plain ${PCH_PLAIN})
  outrigger_pch_library(outrigger_pch_grpc ${PCH_GRPC} LINK gRPC::grpc++)
  if(OUTRIGGER_TESTS)
    outrigger_pch_library(outrigger_pch_test ${PCH_TEST} LINK GTest::gmock)
  endif()
endif()

# outrigger_use_pch(target set): set is plain, grpc or test.
function(outrigger_use_pch target set)
  if(OUTRIGGER_PCH)
    target_precompile_headers(${target} REUSE_FROM outrigger_pch_${set})
  endif()
endfunction()
