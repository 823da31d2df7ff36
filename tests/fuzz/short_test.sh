#!/usr/bin/env bash
# Every fuzzer for some seconds, from the corpus that is kept.
# Timeout: 600
set -euo pipefail
source_dir=$(sed -n 's/^CMAKE_HOME_DIRECTORY:INTERNAL=//p' "$1/CMakeCache.txt")
exec "$source_dir/scripts/fuzz" --seconds 5
