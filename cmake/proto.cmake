# One library, outrigger_proto, with the C++ of every .proto under proto/.
file(GLOB_RECURSE OUTRIGGER_PROTOS CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/proto/*.proto)
set(PROTO_OUT ${CMAKE_BINARY_DIR}/proto)
file(MAKE_DIRECTORY ${PROTO_OUT})
get_target_property(GRPC_CPP_PLUGIN gRPC::grpc_cpp_plugin LOCATION)
foreach(proto ${OUTRIGGER_PROTOS})
  file(RELATIVE_PATH rel ${PROJECT_SOURCE_DIR}/proto ${proto})
  string(REGEX REPLACE "\\.proto$" "" stem ${rel})
  set(outputs ${PROTO_OUT}/${stem}.pb.cc ${PROTO_OUT}/${stem}.pb.h
              ${PROTO_OUT}/${stem}.grpc.pb.cc ${PROTO_OUT}/${stem}.grpc.pb.h)
  add_custom_command(
    OUTPUT ${outputs}
    COMMAND protobuf::protoc -I ${PROJECT_SOURCE_DIR}/proto
            --cpp_out=${PROTO_OUT} --grpc_out=${PROTO_OUT}
            --plugin=protoc-gen-grpc=${GRPC_CPP_PLUGIN} ${proto}
    DEPENDS ${proto})
  list(APPEND OUTRIGGER_PROTO_CODE ${PROTO_OUT}/${stem}.pb.cc ${PROTO_OUT}/${stem}.grpc.pb.cc)
endforeach()
add_library(outrigger_proto STATIC ${OUTRIGGER_PROTO_CODE})
target_include_directories(outrigger_proto SYSTEM PUBLIC ${PROTO_OUT})
target_link_libraries(outrigger_proto PUBLIC gRPC::grpc++ protobuf::libprotobuf)
