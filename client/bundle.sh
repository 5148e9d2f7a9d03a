#!/bin/bash
# bundle.sh DIR PROGRAM ...: copies programs to DIR with the loader (ld.so) and the libraries (lib/) that they need, so that they
# run where another C library is, or none: DIR/ld.so --library-path DIR/lib DIR/PROGRAM
set -eu
set -o pipefail

dir=$1
shift
rm -rf "$dir"
mkdir -p "$dir/lib"
for program in "$@"; do
    path=$([ -e "$program" ] && echo "./$program" || command -v "$program") || { echo "$program is not installed" >&2; exit 1; }
    cp -L "$path" "$dir/"
    # ldd's lines: "libz.so.1 => /lib/libz.so.1 (0x..)", "/lib64/ld-linux-x86-64.so.2 (0x..)", "linux-vdso.so.1 (0x..)"
    ldd "$path" | awk '$2 == "=>" { print $3 }' | while read -r library; do cp -Lu "$library" "$dir/lib/"; done
    cp -L "$(ldd "$path" | awk '$1 ~ /^\/.*\/ld/ { print $1 }')" "$dir/ld.so"
done
