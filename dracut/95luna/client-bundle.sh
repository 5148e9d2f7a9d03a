#!/bin/bash
# Makes the cpio archive with the torrent client that is appended to an initrd, from what came with Luna.
#
#   client-bundle.sh OUT zstd|xz|gzip|cat [PROGRAM]
#
# PROGRAM is one of the image: the client is the one that was built for the same kind of machine, without it that of this one.
# Exit status 3: there is none.
#
# The archive holds /luna/client/{luna-torrent,zstd,ld.so,lib/*}; the kernel unpacks it over the first one (initramfs
# buffer format: archives, each compressed for itself, one after the other). It has to be compressed in a way that the
# image's kernel knows (CONFIG_RD_ZSTD, CONFIG_RD_XZ ...), and must follow at a multiple of 4 bytes.
set -eu
set -o pipefail

out=$1 compression=$2 program=${3-}

# e_machine of the ELF header (elf(5)), in this machine's order of bytes, which is that of all whose images Luna knows
machine_of() { od -An -t u2 -j 18 -N 2 "$1"; }

client=$(dirname "$0")/../../client bundle=
[ -x "$client/bundle/luna-torrent" ] || { echo "$client/bundle is not there; run: make build" >&2; exit 1; }
for built in "$client"/bundle "$client"/bundle-*; do
    [ -x "$built/ld.so" ] || continue
    if [ -z "$program" ] || [ "$(machine_of "$built/ld.so")" = "$(machine_of "$program")" ]; then bundle=$built; break; fi
done
[ -n "$bundle" ] || { echo "no client is built for the machine of $program" >&2; exit 3; }
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
mkdir "$tree/luna"
cp -R "$bundle" "$tree/luna/client"
# the same bytes each time: generations share an initrd that is that of the one before
find "$tree" -exec touch --no-dereference --date=@0 {} +

case $compression in
zstd) compress=(zstd -q -12 -T0) ;;
xz) compress=(xz -6 --check=crc32) ;; # the kernel's decoder has no crc64
gzip) compress=(gzip -9n) ;;
cat) compress=(cat) ;;
*) echo "unknown compression $compression" >&2; exit 2 ;;
esac
(cd "$tree" && find . -mindepth 1 | LC_ALL=C sort | cpio --quiet --reproducible -R 0:0 -H newc -o) | "${compress[@]}" >"$out"
