# find_package(L3Link [COMPONENTS client runtime chip testkit]): imported targets L3Link::client, L3Link::runtime, L3Link::chip and
# L3Link::testkit. Without COMPONENTS all of them. client and testkit need C++20 and Debian's gRPC and Abseil, found by pkg-config;
# the others need nothing. Everything is found from where this file is.
get_filename_component(L3Link_PREFIX "${CMAKE_CURRENT_LIST_DIR}/../../.." ABSOLUTE)
if(NOT L3Link_FIND_COMPONENTS)
  set(L3Link_FIND_COMPONENTS client runtime chip testkit)
endif()

foreach(component IN LISTS L3Link_FIND_COMPONENTS)
  set(L3Link_${component}_FOUND TRUE)
  if(TARGET L3Link::${component})
    continue()
  endif()
  if(component STREQUAL "client")
    set(requirements grpc++ protobuf absl_status absl_statusor absl_strings absl_synchronization absl_time)
    add_library(L3Link::client STATIC IMPORTED)
    set_target_properties(L3Link::client PROPERTIES
      IMPORTED_LOCATION "${L3Link_PREFIX}/lib/libl3link_client.a"
      IMPORTED_LINK_INTERFACE_LANGUAGES CXX
      INTERFACE_LINK_OPTIONS "-Wl,-u,syscall") # its sleeps instead of the C library's
  elseif(component STREQUAL "testkit")
    set(requirements absl_status absl_statusor absl_strings absl_time)
    add_library(L3Link::testkit SHARED IMPORTED)
    set_target_properties(L3Link::testkit PROPERTIES
      IMPORTED_LOCATION "${L3Link_PREFIX}/lib/libl3link_testkit.so.1"
      IMPORTED_SONAME libl3link_testkit.so.1)
  elseif(component STREQUAL "runtime")
    set(requirements)
    add_library(L3Link::runtime SHARED IMPORTED)
    set_target_properties(L3Link::runtime PROPERTIES
      IMPORTED_LOCATION "${L3Link_PREFIX}/lib/libl3link_runtime.so.1"
      IMPORTED_SONAME libl3link_runtime.so.1)
  elseif(component STREQUAL "chip")
    set(requirements)
    add_library(L3Link::chip INTERFACE IMPORTED)
  else()
    set(L3Link_${component}_FOUND FALSE)
    if(L3Link_FIND_REQUIRED_${component})
      set(L3Link_FOUND FALSE)
      set(L3Link_NOT_FOUND_MESSAGE "L3Link has no component ${component}: client, runtime, chip, testkit")
    endif()
    continue()
  endif()
  target_include_directories(L3Link::${component} INTERFACE "${L3Link_PREFIX}/include/l3link")
  if(requirements)
    find_package(PkgConfig REQUIRED)
    pkg_check_modules(L3LINK_${component} REQUIRED IMPORTED_TARGET ${requirements})
    target_link_libraries(L3Link::${component} INTERFACE PkgConfig::L3LINK_${component})
    target_compile_features(L3Link::${component} INTERFACE cxx_std_20)
  endif()
endforeach()
