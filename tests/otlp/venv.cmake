# Makes the folder VENV with what the file REQUIREMENTS and the list MORE name,
# unless it is there.
file(SHA256 ${REQUIREMENTS} wanted)
file(STRINGS ${REQUIREMENTS} included REGEX "^-r ")
get_filename_component(folder ${REQUIREMENTS} DIRECTORY)
foreach(line ${included})
  string(REPLACE "-r " "" file ${line})
  file(SHA256 ${folder}/${file} hash)
  string(APPEND wanted " ${hash}")
endforeach()
string(APPEND wanted " ${MORE}")
set(stamp ${VENV}/installed)
if(EXISTS ${stamp})
  file(READ ${stamp} there)
endif()
if("${there}" STREQUAL "${wanted}")
  return()
endif()
execute_process(COMMAND ${PYTHON} -m venv --clear ${VENV} COMMAND_ERROR_IS_FATAL ANY)
execute_process(
  COMMAND ${VENV}/bin/python -m pip install --quiet --disable-pip-version-check
          --only-binary=:all: -r ${REQUIREMENTS} ${MORE}
  COMMAND_ERROR_IS_FATAL ANY)
file(WRITE ${stamp} ${wanted})
