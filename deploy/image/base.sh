#!/usr/bin/env bash
# Makes the image debian:13-slim from Debian's packages, for buildah, where no
# registry can be reached:
#
#   deploy/image/base.sh && make image ENGINE=buildah BASE=localhost/debian:13
#
# It needs root, and debootstrap. MIRROR is Debian's own unless said.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
debootstrap --variant=minbase trixie "$folder" ${MIRROR:+"$MIRROR"}
container=$(buildah from scratch)
buildah add "$container" "$folder" /
buildah commit --rm "$container" localhost/debian:13
