#!/bin/sh
# A compose file with one service that waits for those that are enabled.
echo 'services:'
echo '  start_dependencies:'
echo '    image: postgres:15'
echo '    networks: [tests]'
echo '    entrypoint: ["sh", "-c", "until pg_isready -q -h database; do sleep 0.1; done; echo up"]'
echo '    depends_on:'
for service; do echo "      - $service"; done
