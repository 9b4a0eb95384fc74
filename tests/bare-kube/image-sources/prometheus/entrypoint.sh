#!/bin/sh
# Keeps the contract of the official image: arguments are for the program.
set -eu
[ "${1:-}" != prometheus ] || shift
exec prometheus "$@"
