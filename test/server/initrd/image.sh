#!/bin/bash
# image.sh DIR PADDING: prints the tarball of a root that an install script can write its files in, and behind it PADDING bytes that
# are unpacked to nothing (a skippable frame, RFC 8878 3.1.2). DIR is where the root is put together.
set -eu
tree=$1 padding=$2
mkdir -p "$tree"/{bin,etc,proc,sys,dev,run}
"${0%/*}/../../shell/copy-programs" "$tree" sh mkdir cat chmod mv
tar -C "$tree" -cf - . | zstd -q
printf '\x50\x2a\x4d\x18'
for shift in 0 8 16 24; do printf '%b' "\\x$(printf %02x $((padding >> shift & 255)))"; done
head -c "$padding" /dev/urandom
