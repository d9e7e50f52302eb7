#!/usr/bin/env bash
# Builds the image with the container tool that is here, and says how big it is.
#
#   deploy/image/build.sh            or: make image
#
#   ENGINE   docker, podman or buildah (default: the first that works)
#   TAG      outrigger:VERSION
#   BASE     debian:13-slim; `deploy/image/base.sh` makes one without a registry
#   JOBS     compilers at a time
#
# The image is in the engine's store under TAG, and in build/image.tar.gz (for
# `docker load`).
set -euo pipefail
cd "$(dirname "$0")/../.."

works() {
  case $1 in
    docker | podman) "$1" info >/dev/null 2>&1 ;;
    buildah) buildah images >/dev/null 2>&1 ;;
  esac
}

engine=${ENGINE:-}
for candidate in docker podman buildah; do
  [ -n "$engine" ] || ! works "$candidate" || engine=$candidate
done
[ -n "$engine" ] || { echo "make image: none of docker, podman, buildah works here" >&2; exit 1; }

version=$(sed -n 's/^project(outrigger VERSION \([0-9.]*\).*/\1/p' CMakeLists.txt)
tag=${TAG:-outrigger:$version}
# The commit's time stands for all times in the image.
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || echo 0)}
export SOURCE_DATE_EPOCH
arguments=(
  --build-arg "BASE=${BASE:-debian:13-slim}"
  --build-arg "JOBS=${JOBS:-$(nproc)}"
  --build-arg "VERSION=$version"
  --build-arg "REVISION=$(git rev-parse HEAD 2>/dev/null || echo unknown)"
  --build-arg "SOURCE_DATE_EPOCH=$SOURCE_DATE_EPOCH"
  -f deploy/image/Dockerfile -t "$tag"
)

mkdir -p build
case $engine in
  docker)
    docker buildx build "${arguments[@]}" --output "type=docker,rewrite-timestamp=true,dest=build/image.tar" .
    docker load --input build/image.tar
    ;;
  podman | buildah)
    # OCI's own format has no HEALTHCHECK.
    "$engine" build --format docker --layers --timestamp "$SOURCE_DATE_EPOCH" "${arguments[@]}" .
    rm -f build/image.tar
    "$engine" push "$tag" "docker-archive:build/image.tar:$tag"
    ;;
esac
gzip --no-name --force -9 build/image.tar
echo "$tag: $(($(stat -c %s build/image.tar.gz) / 1000)) kB compressed, in build/image.tar.gz"
