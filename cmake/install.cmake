# What `cmake --install` lays down: the library, its headers, the program, and the two ways in which
# another project finds them (find_package and pkg-config).
include(CMakePackageConfigHelpers)

# Files named -inl.h are compiled once per instruction set, inside the library only.
install(DIRECTORY unroll/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/unroll
        FILES_MATCHING PATTERN "*.h" PATTERN "*-inl.h" EXCLUDE)
install(TARGETS unroll EXPORT unroll-targets)
if(TARGET unroll_program)
  install(TARGETS unroll_program)
endif()
install(FILES LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})

set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/unroll)
install(EXPORT unroll-targets NAMESPACE unroll:: DESTINATION ${package_folder})
configure_package_config_file(cmake/unroll-config.cmake.in ${PROJECT_BINARY_DIR}/unroll-config.cmake
                              INSTALL_DESTINATION ${package_folder})
# Before 1.0 a new minor version may change what a program relies on.
write_basic_package_version_file(${PROJECT_BINARY_DIR}/unroll-config-version.cmake
                                 COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/unroll-config.cmake
              ${PROJECT_BINARY_DIR}/unroll-config-version.cmake
        DESTINATION ${package_folder})

set(pkgconfig_folder ${CMAKE_INSTALL_LIBDIR}/pkgconfig)
# A relative prefix, so that what is installed may be moved.
string(REGEX REPLACE "[^/]+" ".." up_to_prefix ${pkgconfig_folder})
configure_file(cmake/unroll.pc.in ${PROJECT_BINARY_DIR}/unroll.pc @ONLY)
install(FILES ${PROJECT_BINARY_DIR}/unroll.pc DESTINATION ${pkgconfig_folder})
