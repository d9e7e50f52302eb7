#!/bin/sh
# Puts together the root of the image: the program and what it needs to run,
# and nothing else: no shell, no package manager, no other user.
#
#   assemble-root.sh PROGRAM FOLDER
#
# The Dockerfile uses it, and so do the tests. Run it where PROGRAM was built:
# the shared libraries are taken from there. With the same program, libraries
# and certificates the folder is the same to the byte: all times are
# $SOURCE_DATE_EPOCH (seconds since 1970, default 0).
set -eu
umask 022
export LC_ALL=C

[ $# -eq 2 ] || { echo "usage: $0 PROGRAM FOLDER" >&2; exit 2; }
program=$1
root=$2
certificates=/etc/ssl/certs/ca-certificates.crt
nonroot=65532

[ ! -e "$root" ] || { echo "$0: $root is there already" >&2; exit 1; }
[ -s "$certificates" ] || { echo "$0: no $certificates: install ca-certificates" >&2; exit 1; }

# Debian's layout: /lib is /usr/lib. The empty folders are what a container's
# engine mounts onto; it cannot make them, as the root is read-only.
mkdir -p "$root/usr/lib/ssl" "$root/usr/lib64" "$root/etc/ssl/certs" "$root/etc/outrigger" \
  "$root/run/outrigger" "$root/proc" "$root/sys" "$root/dev"
ln -s usr/lib "$root/lib"
ln -s usr/lib64 "$root/lib64"

install -m 0755 "$program" "$root/outrigger"
strip "$root/outrigger"

# The loader and every library that the loader finds for the program.
libraries=$(ldd "$program")
case $libraries in *"not found"*) echo "$libraries" >&2; exit 1 ;; esac
echo "$libraries" | grep -o '/[^ ]*' | while read -r library; do
  mkdir -p "$root$(dirname "$library")"
  install -m 0755 "$(readlink -f "$library")" "$root$library"
done

# Where gRPC looks, and where OpenSSL does.
install -m 0644 "$certificates" "$root$certificates"
ln -s "$certificates" "$root/usr/lib/ssl/cert.pem"

echo "nonroot:x:$nonroot:$nonroot:nonroot:/:/sbin/nologin" >"$root/etc/passwd"
echo "nonroot:x:$nonroot:" >"$root/etc/group"
# /etc/hosts before DNS; without this file the C library asks DNS first.
echo "hosts: files dns" >"$root/etc/nsswitch.conf"

# The socket's folder is the only one that the program writes to.
[ "$(id -u)" != 0 ] || chown "$nonroot:$nonroot" "$root/run/outrigger"
find "$root" -exec touch --no-dereference --date="@${SOURCE_DATE_EPOCH:-0}" {} +
