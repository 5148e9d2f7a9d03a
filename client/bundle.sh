#!/bin/bash
# bundle.sh DIR PROGRAM ...: copies programs to DIR with the loader (ld.so) and the libraries (lib/) that they need, so that they
# run where another C library is, or none: DIR/ld.so --library-path DIR/lib DIR/PROGRAM
# SYSROOT=DIRECTORY: the programs are of another architecture, and that is where its libraries are.
set -eu
set -o pipefail

dir=$1
shift
rm -rf "$dir"
mkdir -p "$dir/lib"

# copy_libraries PROGRAM, loader_of PROGRAM. ldd's lines: "libz.so.1 => /lib/libz.so.1 (0x..)",
# "/lib64/ld-linux-x86-64.so.2 (0x..)", "linux-vdso.so.1 (0x..)". ldd runs the program, which only its own machine can.
if [ -z "${SYSROOT-}" ]; then
    copy_libraries() { ldd "$1" | awk '$2 == "=>" { print $3 }' | while read -r path; do cp -Lu "$path" "$dir/lib/"; done; }
    loader_of() { ldd "$1" | awk '$1 ~ /^\/.*\/ld/ { print $1 }'; }
else
    copy_libraries() {
        local name path
        for name in $(LC_ALL=C readelf --dynamic "$1" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p'); do
            case $name in ld-linux*) continue ;; esac # the loader is wherever it is run from
            [ ! -e "$dir/lib/$name" ] || continue
            path=$(find "$SYSROOT"/lib/*-linux-gnu "$SYSROOT"/usr/lib/*-linux-gnu -maxdepth 1 -name "$name" -print -quit)
            [ -n "$path" ] || { echo "$1 needs $name, which is not in $SYSROOT" >&2; exit 1; }
            cp -L "$path" "$dir/lib/"
            copy_libraries "$path"
        done
    }
    loader_of() { LC_ALL=C readelf --program-headers "$1" | sed -n "s,.*program interpreter: \(.*\)],$SYSROOT\1,p"; }
fi

for program in "$@"; do
    path=$([ -e "$program" ] && echo "./$program" || command -v "$program") || { echo "$program is not installed" >&2; exit 1; }
    cp -L "$path" "$dir/"
    copy_libraries "$path"
    cp -L "$(loader_of "$path")" "$dir/ld.so"
done

# How to unwind C is a twentieth of it all, and nothing is thrown through these. (libc ends threads by it, libgcc_s does it.)
for path in "$dir"/zstd "$dir"/lib/lib{crypto,ssl,m,z,lzma,lz4}.so.*; do
    [ ! -e "$path" ] || "${OBJCOPY:-objcopy}" --remove-section=.eh_frame --remove-section=.eh_frame_hdr "$path"
done
