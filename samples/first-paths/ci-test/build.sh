#!/bin/bash
# Makes the image that is tested.
set -e
docker buildx build --load --tag "${IMAGE:-app:test}" .
