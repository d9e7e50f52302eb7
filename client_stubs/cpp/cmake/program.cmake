# outrigger_program(name sources…): an executable over the library. Compiled as
# the library is, so that it can use its precompiled headers.
function(outrigger_program name)
  add_executable(${name} ${ARGN})
  set_target_properties(${name} PROPERTIES POSITION_INDEPENDENT_CODE OFF)
  target_compile_options(${name} PRIVATE -fPIC)
  target_link_libraries(${name} PRIVATE outrigger::client outrigger_warnings)
  target_precompile_headers(${name} REUSE_FROM outrigger_client)
endfunction()
