# Loaded by every test here: where things are, and a state directory of the test's own.
bats_require_minimum_version 1.5.0

root=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
export LUNA_LIB=$root/dracut/95luna
export LUNA_STATE=$BATS_TEST_TMPDIR/state
export LUNA_SYSROOT=$BATS_TEST_TMPDIR/sysroot
export LUNA_CONSOLES=$BATS_TEST_TMPDIR/console
export LUNA_CLIENT_BUNDLE=/nonexistent
export PATH=$BATS_TEST_TMPDIR/bin:$LUNA_LIB:$PATH
mkdir -p "$LUNA_STATE" "$LUNA_SYSROOT" "$BATS_TEST_TMPDIR/bin"
: >"$LUNA_CONSOLES"

load_library() { . "$LUNA_LIB/luna-lib.sh"; }

# arguments WORD...: the library believes that the kernel was given these.
arguments() {
    echo "$*" >"$BATS_TEST_TMPDIR/cmdline"
    luna_read_arguments "$BATS_TEST_TMPDIR/cmdline"
}

# fake NAME: a program of this name whose body comes by standard input.
fake() {
    { echo '#!/bin/bash'; cat; } >"$BATS_TEST_TMPDIR/bin/$1"
    chmod +x "$BATS_TEST_TMPDIR/bin/$1"
}

# await SECONDS COMMAND...: until it succeeds.
await() {
    local deadline=$((SECONDS + $1))
    shift
    until "$@"; do
        [ $SECONDS -lt $deadline ] || return 1
        sleep 0.1
    done
}

needs_root() { [ "$(id -u)" = 0 ] || skip 'needs root'; }
