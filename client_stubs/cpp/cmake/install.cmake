# What find_package(outrigger) finds: headers, libraries, targets, a version.
include(CMakePackageConfigHelpers)
set(OUTRIGGER_PACKAGE ${CMAKE_INSTALL_LIBDIR}/cmake/outrigger)

set(targets outrigger_client outrigger_protos)
if(TARGET outrigger_libpq)
  list(APPEND targets outrigger_libpq)
endif()
set_target_properties(outrigger_client PROPERTIES EXPORT_NAME client)
set_target_properties(outrigger_protos PROPERTIES EXPORT_NAME protos)
install(TARGETS ${targets} EXPORT outriggerTargets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(EXPORT outriggerTargets NAMESPACE outrigger:: DESTINATION ${OUTRIGGER_PACKAGE})
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/outrigger DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(DIRECTORY ${OUTRIGGER_PROTO_OUT}/outrigger DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
  FILES_MATCHING PATTERN "*.pb.h")

configure_package_config_file(cmake/outriggerConfig.cmake.in
  ${PROJECT_BINARY_DIR}/outriggerConfig.cmake INSTALL_DESTINATION ${OUTRIGGER_PACKAGE})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/outriggerConfigVersion.cmake
  VERSION ${PROJECT_VERSION} COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/outriggerConfig.cmake
  ${PROJECT_BINARY_DIR}/outriggerConfigVersion.cmake DESTINATION ${OUTRIGGER_PACKAGE})
