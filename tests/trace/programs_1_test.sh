#!/usr/bin/env bash
# What people run, on one CPU: see tests/programs.
# Timeout: 1500
# Processors: 1
source "$(dirname "$0")/lib.sh"
source "$(dirname "$0")/../programs/compare.sh"

for file in "$cases"/*.cases; do
	compare 1 "$(basename "$file" .cases)" 900
done
finish
