# The schema's identity: a hash over the declarations that decide how bytes are
# read.  Compiled into kernel and tracer; a mismatch is refused at HELLO.
set(schema_text "")
foreach(file events.def enums.def trace.h)
  set(path ${PROJECT_SOURCE_DIR}/schemas/${file})
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${path})
  file(SHA256 ${path} digest)
  string(APPEND schema_text ${digest})
endforeach()
string(SHA256 schema_digest "${schema_text}")
string(SUBSTRING ${schema_digest} 0 16 schema_digest)
set(RINGSCOPE_SCHEMA_HASH "0x${schema_digest}ull")
