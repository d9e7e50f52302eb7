# outrigger_static_grpc(target OBJECTS_OF lib): links gRPC, protobuf and Abseil
# from their archives, with the objects of `lib`. One group, because Debian's
# archives need each other in circles.
function(outrigger_static_grpc target)
  cmake_parse_arguments(ARG "" "OBJECTS_OF" "" ${ARGN})
  get_target_property(protobuf protobuf::libprotobuf LOCATION)
  get_filename_component(folder ${protobuf} DIRECTORY)
  file(GLOB abseil ${folder}/libabsl_*.a)
  foreach(name grpc++ grpc gpr address_sorting upb re2 cares protobuf)
    list(APPEND archives ${folder}/lib${name}.a)
  endforeach()
  target_sources(${target} PRIVATE $<TARGET_OBJECTS:${ARG_OBJECTS_OF}>)
  target_include_directories(${target} SYSTEM PRIVATE
    $<TARGET_PROPERTY:${ARG_OBJECTS_OF},INTERFACE_INCLUDE_DIRECTORIES>)
  target_link_libraries(${target} PRIVATE
    -Wl,--gc-sections -Wl,--start-group ${archives} ${abseil} -Wl,--end-group
    OpenSSL::SSL OpenSSL::Crypto z Threads::Threads ${CMAKE_DL_LIBS})
endfunction()
