#!/bin/bash
# Makes the cpio archive with the torrent client that is appended to an initrd, from the programs of this machine.
#
#   client-bundle.sh OUT zstd|xz|gzip|cat
#
# The archive holds /luna/client/{aria2c,zstd,ld.so,lib/*}; the kernel unpacks it over the first one (initramfs
# buffer format: archives, each compressed for itself, one after the other). It has to be compressed in a way that the
# image's kernel knows (CONFIG_RD_ZSTD, CONFIG_RD_XZ ...), and must follow at a multiple of 4 bytes.
set -eu
set -o pipefail

out=$1 compression=$2
tree=$(mktemp -d)
trap 'rm -rf "$tree"' EXIT
client=$tree/luna/client
mkdir -p "$client/lib"

for program in aria2c zstd; do
    path=$(command -v "$program") || { echo "$program is not installed" >&2; exit 1; }
    cp -L "$path" "$client/$program"
    # ldd's lines: "libz.so.1 => /lib/libz.so.1 (0x..)", "/lib64/ld-linux-x86-64.so.2 (0x..)", "linux-vdso.so.1 (0x..)"
    ldd "$path" | awk '$2 == "=>" { print $3 }' | while read -r library; do cp -Lu "$library" "$client/lib/"; done
    loader=$(ldd "$path" | awk '$1 ~ /^\/.*\/ld/ { print $1 }')
    cp -L "$loader" "$client/ld.so"
done

# aria2c needs libxml2 for metalinks, that needs ICU for old character sets, and ICU 31 MB of tables, which a torrent
# never asks for: a table without entries under the same name takes their place, if there is an assembler (binutils).
for library in "$client"/lib/libicudata.so.*; do
    if ! [ -e "$library" ] || ! command -v as >/dev/null || ! command -v ld >/dev/null; then continue; fi
    symbol=icudt${library##*.}_dat
    printf '.section .rodata\n.globl %s\n.type %s,@object\n.size %s,64\n%s: .zero 64\n' \
        "$symbol" "$symbol" "$symbol" "$symbol" | as -o "$tree/icudata.o" -
    ld -shared -soname "${library##*/}" -o "$library" "$tree/icudata.o"
    rm "$tree/icudata.o"
done

case $compression in
zstd) compress=(zstd -q -12 -T0) ;;
xz) compress=(xz -6 --check=crc32) ;; # the kernel's decoder has no crc64
gzip) compress=(gzip -9n) ;;
cat) compress=(cat) ;;
*) echo "unknown compression $compression" >&2; exit 2 ;;
esac
(cd "$tree" && find . -mindepth 1 | LC_ALL=C sort | cpio --quiet --reproducible -R 0:0 -H newc -o) | "${compress[@]}" >"$out"
