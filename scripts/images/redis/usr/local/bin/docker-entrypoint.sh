#!/bin/sh
# Starts redis-server as the user redis; any other command runs as it is.
set -e
case ${1:-} in
  -* | *.conf) set -- redis-server "$@" ;;
esac
if [ "$1" = redis-server ]; then
  # A container has its own network, so the server listens to all of it, as the public image does.
  case " $* " in
    *" --protected-mode "*) ;;
    *) set -- "$@" --protected-mode no ;;
  esac
  if [ "$(id -u)" = 0 ]; then
    find . ! -user redis -exec chown redis '{}' +
    exec setpriv --reuid=redis --regid=redis --init-groups --no-new-privs "$@"
  fi
fi
exec "$@"
