# Options shared by all host targets: link against ringscope_host.
set(RINGSCOPE_WARNINGS -Wall -Wextra -Wshadow -Wpointer-arith -Wstrict-prototypes
  -Wmissing-prototypes -Wwrite-strings -Wundef -Wvla)
if(RINGSCOPE_WERROR)
  list(APPEND RINGSCOPE_WARNINGS -Werror)
endif()

# ringscope_plain: without the preset's sanitizers, for code that brings its own.
add_library(ringscope_plain INTERFACE)
target_include_directories(ringscope_plain INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_definitions(ringscope_plain INTERFACE _GNU_SOURCE
  RINGSCOPE_SCHEMA_HASH=${RINGSCOPE_SCHEMA_HASH})
target_compile_options(ringscope_plain INTERFACE ${RINGSCOPE_WARNINGS} -fno-strict-aliasing)

add_library(ringscope_host INTERFACE)
target_link_libraries(ringscope_host INTERFACE ringscope_plain)
if(RINGSCOPE_ASAN)
  target_compile_options(ringscope_host INTERFACE -fsanitize=address,undefined
    -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(ringscope_host INTERFACE -fsanitize=address,undefined)
endif()
