#!/usr/bin/env bats
# Ending processes and unmounting, for real: in a mount namespace of the test's own.

setup() {
    load setup
    load_library
}

gone() { ! luna_is_running "$1"; }
has_descendants() { [ "$(luna_descendants "$1" | wc -l)" = "$2" ]; }
session_is_empty() { [ -z "$(ps -o pid= -s "$1")" ]; }

# private SCRIPT: runs it with the library in a mount namespace of its own.
private() {
    needs_root
    fake luna-client </dev/null
    fake swapoff </dev/null
    run unshare --mount --propagation private bash -c ". '$LUNA_LIB/luna-lib.sh'; $1"
}

@test 'a process is ended with all its children' {
    bash -c 'sleep 1000 & bash -c "sleep 1001; true" & echo $!; wait' >"$BATS_TEST_TMPDIR/child" 3>&- &
    local parent=$!
    await 30 has_descendants $parent 4
    luna_end_tree $parent
    wait $parent || :
    gone "$(cat "$BATS_TEST_TMPDIR/child")"
    [ -z "$(luna_descendants $parent)" ]
}

@test 'a name with brackets and blanks does not confuse it' {
    cp "$(command -v sleep)" "$BATS_TEST_TMPDIR/bin/) S 1 (x"
    "$BATS_TEST_TMPDIR/bin/) S 1 (x" 1000 3>&- &
    local pid=$!
    await 30 grep -q 'S 1 (x' /proc/$pid/stat
    [ "$(luna_descendants $pid)" = $pid ]
    luna_is_running $pid
    luna_end_tree $pid
    wait $pid || :
}

@test 'what ignores SIGTERM is killed' {
    bash -c 'trap "" TERM; echo ready; while :; do sleep 0.1; done' >"$BATS_TEST_TMPDIR/ready" 3>&- &
    local pid=$!
    await 30 test -s "$BATS_TEST_TMPDIR/ready"
    luna_end_tree $pid
    gone $pid
}

@test 'a process that is gone already is no trouble' {
    true &
    wait $!
    echo $! >"$LUNA_STATE/x.pid"
    luna_end_pid_file "$LUNA_STATE/x.pid"
    [ ! -e "$LUNA_STATE/x.pid" ]
    luna_end_pid_file "$LUNA_STATE/x.pid"
}

@test 'background jobs of a session are ended, daemons are not' {
    setsid bash -c 'sleep 1000 & setsid sleep 1001 & echo $!; exec 1>&-; sleep 0.3' >"$BATS_TEST_TMPDIR/daemon" 3>&- &
    local session=$!
    wait $session
    run ! session_is_empty $session
    luna_end_session $session
    await 30 session_is_empty $session
    luna_is_running "$(cat "$BATS_TEST_TMPDIR/daemon")"
    kill "$(cat "$BATS_TEST_TMPDIR/daemon")"
}

@test 'mounts below a directory are undone from the inside out, blanks in names included' {
    private '
        mount -t tmpfs a "$LUNA_SYSROOT"; mkdir "$LUNA_SYSROOT/b c"; mount -t tmpfs b "$LUNA_SYSROOT/b c"
        mkdir "$LUNA_SYSROOT/b c/d"; mount -t tmpfs d "$LUNA_SYSROOT/b c/d"
        [ $(luna_mounts_below "$LUNA_SYSROOT" | wc -l) = 3 ] || echo not there
        luna_unmount_below "$LUNA_SYSROOT" || echo failed
        luna_mounts_below "$LUNA_SYSROOT"'
    [ "$status" = 0 ]
    [ -z "$output" ]
}

@test 'a directory whose name only begins alike is left alone' {
    private '
        mkdir "$LUNA_SYSROOT-2"; mount -t tmpfs a "$LUNA_SYSROOT-2"
        luna_unmount_below "$LUNA_SYSROOT"; mountpoint -q "$LUNA_SYSROOT-2" && echo stays'
    [ "$output" = stays ]
}

@test 'who sits in the root is ended, so that it can be unmounted' {
    private '
        mount -t tmpfs a "$LUNA_SYSROOT"
        (cd "$LUNA_SYSROOT" && exec sleep 1000) & pid=$!
        until [ "$(readlink /proc/$pid/cwd)" = "$LUNA_SYSROOT" ]; do sleep 0.05; done
        luna_unmount_below "$LUNA_SYSROOT" && echo unmounted
        wait $pid; echo $?'
    [ "${lines[-2]}" = unmounted ]
    [ "${lines[-1]}" = 137 ]
}

@test 'a next try begins with nothing of the last' {
    private '
        mount -t tmpfs a "$LUNA_SYSROOT"; mkdir -p "$LUNA_STATE/image"; mount -t tmpfs b "$LUNA_STATE/image"
        touch "$LUNA_SYSROOT/half" "$LUNA_STATE/image/x.tar.zst"; echo install.unpack >"$LUNA_STATE/step"
        luna_clean_up
        luna_mounts_below "$LUNA_SYSROOT"; luna_mounts_below "$LUNA_STATE"
        ls -A "$LUNA_SYSROOT" "$LUNA_STATE"'
    [ "$status" = 0 ]
    [ "$output" = "$LUNA_STATE:

$LUNA_SYSROOT:" ]
}

@test 'what was written into an unmounted /sysroot goes as well' {
    private 'mkdir -p "$LUNA_SYSROOT/a/b"; touch "$LUNA_SYSROOT/.x"; luna_clean_up; ls -A "$LUNA_SYSROOT"'
    [ -z "$output" ]
}
