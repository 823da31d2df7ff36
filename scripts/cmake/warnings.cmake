# Options shared by all host targets: link against ringscope_host.
set(RINGSCOPE_WARNINGS -Wall -Wextra -Wshadow -Wpointer-arith -Wstrict-prototypes
  -Wmissing-prototypes -Wwrite-strings -Wundef -Wvla)
if(RINGSCOPE_WERROR)
  list(APPEND RINGSCOPE_WARNINGS -Werror)
endif()

add_library(ringscope_host INTERFACE)
target_include_directories(ringscope_host INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_definitions(ringscope_host INTERFACE _GNU_SOURCE
  RINGSCOPE_SCHEMA_HASH=${RINGSCOPE_SCHEMA_HASH})
target_compile_options(ringscope_host INTERFACE ${RINGSCOPE_WARNINGS} -fno-strict-aliasing)
if(RINGSCOPE_ASAN)
  target_compile_options(ringscope_host INTERFACE -fsanitize=address,undefined
    -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(ringscope_host INTERFACE -fsanitize=address,undefined)
endif()
