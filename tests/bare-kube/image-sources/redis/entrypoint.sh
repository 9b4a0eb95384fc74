#!/bin/sh
# Keeps the contract of the official image: arguments alone are for the server.
set -eu
case "${1:-redis-server}" in
    -* | *.conf) set -- redis-server "$@" ;;
esac
[ $# -gt 0 ] || set -- redis-server
# Only a pod's network reaches it; who may enter is said by its password.
[ "$1" != redis-server ] || set -- "$@" --protected-mode no
exec "$@"
