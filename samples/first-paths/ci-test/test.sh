#!/bin/bash
# Tests an image: everything that it needs is brought up, and removed whatever comes of it.
set -e
echo "testing ${IMAGE?has no value}"
compose="docker compose --file compose.yaml --project-name ci_test"
cleanup() {
  echo "cleaning up"
  $compose down --volumes
}
trap cleanup EXIT
$compose up --detach --quiet-pull --wait --force-recreate --renew-anon-volumes --no-start
$compose start database cache
$compose run --rm app sh /opt/code/tests.sh
$compose up --detach --wait app worker
$compose exec -T app id -u
$compose logs --no-color app
$compose run --rm app sh -c 'exit 0'
echo "tested ${IMAGE}"
