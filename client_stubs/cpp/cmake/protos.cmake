# outrigger::protos: the C++ of proto/outrigger/**, made when it is built.
set(OUTRIGGER_PROTO_OUT ${PROJECT_BINARY_DIR}/proto)
file(MAKE_DIRECTORY ${OUTRIGGER_PROTO_OUT})
get_target_property(GRPC_CPP_PLUGIN gRPC::grpc_cpp_plugin LOCATION)
set(OUTRIGGER_PROTOS
  outrigger/breaker/v1/breaker
  outrigger/cache/v1/cache
  outrigger/pool/v1/pool
  outrigger/ratelimit/v1/rate_limiter)
foreach(stem ${OUTRIGGER_PROTOS})
  set(proto ${OUTRIGGER_PROTO_DIR}/${stem}.proto)
  set(code ${OUTRIGGER_PROTO_OUT}/${stem}.pb.cc ${OUTRIGGER_PROTO_OUT}/${stem}.grpc.pb.cc)
  set(headers ${OUTRIGGER_PROTO_OUT}/${stem}.pb.h ${OUTRIGGER_PROTO_OUT}/${stem}.grpc.pb.h)
  add_custom_command(
    OUTPUT ${code} ${headers}
    COMMAND protobuf::protoc -I ${OUTRIGGER_PROTO_DIR}
            --cpp_out=${OUTRIGGER_PROTO_OUT} --grpc_out=${OUTRIGGER_PROTO_OUT}
            --plugin=protoc-gen-grpc=${GRPC_CPP_PLUGIN} ${proto}
    DEPENDS ${proto})
  list(APPEND OUTRIGGER_PROTO_CODE ${code})
endforeach()
add_library(outrigger_protos STATIC ${OUTRIGGER_PROTO_CODE})
add_library(outrigger::protos ALIAS outrigger_protos)
target_compile_features(outrigger_protos PUBLIC cxx_std_20)
target_include_directories(outrigger_protos SYSTEM PUBLIC
  $<BUILD_INTERFACE:${OUTRIGGER_PROTO_OUT}>
  $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
target_link_libraries(outrigger_protos PUBLIC gRPC::grpc++ protobuf::libprotobuf)
