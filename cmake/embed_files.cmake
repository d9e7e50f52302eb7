# Makes the page's files lean, and C++ of them:
#   cmake -DSOURCE=src/admin/page -DLEAN=folder [-DCODE=page_files.cc] -P embed_files.cmake
# Lean is without comments that stand alone on their lines, and without
# indentation (so no string may go over several lines), and CSS without needless
# spaces and ends. LEAN is made anew.
get_filename_component(SOURCE ${SOURCE} ABSOLUTE)
get_filename_component(LEAN ${LEAN} ABSOLUTE)
file(REMOVE_RECURSE ${LEAN})
file(GLOB_RECURSE paths RELATIVE ${SOURCE} ${SOURCE}/*)
list(SORT paths)

set(type_html "text/html; charset=utf-8")
set(type_css "text/css; charset=utf-8")
set(type_js "text/javascript; charset=utf-8")
set(type_svg "image/svg+xml")

set(table "")
foreach(path IN LISTS paths)
  get_filename_component(extension ${path} LAST_EXT)
  string(SUBSTRING "${extension}" 1 -1 extension)
  if(NOT DEFINED type_${extension})
    message(FATAL_ERROR "${path}: what is the content type of .${extension}?")
  endif()
  file(READ ${SOURCE}/${path} text)
  if(extension STREQUAL "js")
    string(REGEX REPLACE "(^|\n) *//[^\n]*" "\\1" text "${text}")
  elseif(extension STREQUAL "css")
    string(REGEX REPLACE "/\\*[^*]*\\*/" "" text "${text}")
    string(REGEX REPLACE "([:;,{}])[ \n]+" "\\1" text "${text}")
    string(REGEX REPLACE "[ ;]+([{}])" "\\1" text "${text}")
  else()
    string(REGEX REPLACE "<!--[^>]*-->" "" text "${text}")
  endif()
  string(REGEX REPLACE "^[ \n]+" "" text "${text}")
  string(REGEX REPLACE "\n[ \n]*" "\n" text "${text}")
  file(WRITE ${LEAN}/${path} "${text}")
  string(SHA256 hash "${text}")
  string(SUBSTRING ${hash} 0 16 etag)
  set(url "/${path}")
  if(path STREQUAL "index.html")
    set(url "/")
  endif()
  string(APPEND table "    {\"${url}\", \"${type_${extension}}\", R\"~~~(${text})~~~\",\n     \"${etag}\"},\n")
endforeach()

if(CODE)
  file(WRITE ${CODE} "// Made by cmake/embed_files.cmake from src/admin/page.
#include \"admin/page.h\"

namespace outrigger::admin {

absl::Span<const StaticFile> PageFiles() {
  static constexpr StaticFile kFiles[] = {
${table}  };
  return kFiles;
}

}  // namespace outrigger::admin
")
endif()
