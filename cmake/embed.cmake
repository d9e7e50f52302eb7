# outrigger_embed_page(target): the files of src/admin/page in the program, as
# src/admin/page.h gives them.
function(outrigger_embed_page target)
  set(source ${PROJECT_SOURCE_DIR}/src/admin/page)
  set(code ${CMAKE_CURRENT_BINARY_DIR}/page_files.cc)
  set(script ${PROJECT_SOURCE_DIR}/cmake/embed_files.cmake)
  file(GLOB_RECURSE files CONFIGURE_DEPENDS ${source}/*)
  add_custom_command(OUTPUT ${code}
    COMMAND ${CMAKE_COMMAND} -DSOURCE=${source} -DLEAN=${CMAKE_CURRENT_BINARY_DIR}/page_lean -DCODE=${code} -P ${script}
    DEPENDS ${files} ${script} VERBATIM)
  target_sources(${target} PRIVATE ${code})
endfunction()
