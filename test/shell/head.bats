#!/usr/bin/env bats
# Fetching the install script and reporting steps, over real HTTP on loopback.

setup() {
    load setup
    load head
    needs_root # for the source ports
    export LUNA_CLIENT_BUNDLE=$root/client/bundle
    load_library
    arguments "luna.mac=52:54:00:00:00:01 luna.url=$head_url/luna luna.node=node001 luna.token=abcd"
    luna_pause() { sleep 0.2; }
    script=$BATS_TEST_TMPDIR/install.sh
    printf 'echo hello\n# luna: end of the install script\n' >"$head_dir/script"
}

teardown() { stop_head; }

said() { grep -qF -- "$1" "$LUNA_CONSOLES"; }

@test 'the script is fetched with token and low port' {
    start_head
    luna_fetch_script "$script"
    cmp "$script" "$head_dir/script"
    requests | grep -q '"url":"/luna?step=install&node=node001"'
}

@test 'the token is never in the words of a command' {
    fake luna-fetch <<EOF
tr '\0' ' ' </proc/\$\$/cmdline >>"$BATS_TEST_TMPDIR/argv"
exec "$LUNA_LIB/luna-fetch" "\$@"
EOF
    start_head
    luna_fetch_script "$script"
    grep -q local-port "$BATS_TEST_TMPDIR/argv"
    run ! grep abcd "$BATS_TEST_TMPDIR/argv"
}

@test 'a head that is not up yet is waited for' {
    luna_fetch_script "$script" 3>&- &
    local fetching=$!
    await 30 said 'no answer from'
    kill -0 $fetching
    start_head
    wait $fetching
    cmp "$script" "$head_dir/script"
}

@test 'half a script is never taken' {
    echo 'echo half' >"$head_dir/script"
    start_head
    luna_fetch_script "$script" 3>&- &
    local fetching=$!
    await 30 said 'incomplete'
    printf 'echo hello\n# luna: end of the install script\n' >"$head_dir/script"
    wait $fetching
    cmp "$script" "$head_dir/script"
}

@test 'trouble of the head is shown and waited for' {
    echo 503 >"$head_dir/status"
    start_head
    luna_fetch_script "$script" 3>&- &
    local fetching=$!
    await 30 said 'refuses the install script (HTTP 503): forced 503'
    rm "$head_dir/status"
    wait $fetching
}

@test 'a dead token shows the words of the head and ends in a reboot' {
    luna_reboot() { exit 42; }
    luna_token=00
    start_head
    run luna_fetch_script "$script"
    [ "$status" = 42 ]
    said 'HTTP 403): the token is dead'
    said 'rebooting to get a new boot script'
    [ "$(requests | wc -l)" = 4 ]
}

@test 'a node that is no more reboots too, after longer' {
    luna_reboot() { exit 42; }
    echo 404 >"$head_dir/status"
    start_head
    run luna_fetch_script "$script"
    [ "$status" = 42 ]
    [ "$(requests | wc -l)" = 12 ]
}

@test 'a report names step and uptime, and numbers where there are some' {
    start_head
    luna_report install.unpack from_head=5 from_peers=7
    requests | grep -Eq '"/luna\?step=install&status=install.unpack&uptime=[0-9.]+&from_head=5&from_peers=7&node=node001","status":200'
    [ "$(cat "$LUNA_STATE/step")" = install.unpack ]
}

@test 'a report ends by itself when the head is gone' {
    luna_report install.download
    said 'did not take the report of install.download (HTTP 000)'
}

@test 'a refused report is not repeated' {
    luna_token=00
    start_head
    luna_report install.download
    [ "$(requests | wc -l)" = 1 ]
    said 'did not take the report of install.download (HTTP 403): the token is dead'
}

@test 'a report survives a head that comes back' {
    luna_report install.success 3>&- &
    local reporting=$!
    sleep 0.5
    start_head
    wait $reporting
    requests | grep -q 'status=install.success'
}

@test 'a failure names its step and status and carries the last lines' {
    start_head
    luna_report install.partscript
    seq 1 100 >"$BATS_TEST_TMPDIR/log"
    luna_report_failure 7 "$BATS_TEST_TMPDIR/log"
    requests | tail -n 1 | grep -q 'status=install.failed'
    requests | tail -n 1 | grep -q 'failed_step=install.partscript&exit=7'
    requests | tail -n 1 | grep -q '"body":"61\\n62\\n.*\\n100\\n"'
    said 'install.failed: install.partscript ended with status 7'
    [ "$(cat "$LUNA_STATE/step")" = install.partscript ]
}

@test 'the last lines stay below 16 KiB' {
    start_head
    head -c 100000 /dev/zero | tr '\0' x >"$BATS_TEST_TMPDIR/log"
    luna_report_failure 1 "$BATS_TEST_TMPDIR/log"
    [ "$(stat -c %s "$LUNA_STATE/last-words")" = 16000 ]
}

@test 'luna-report never fails, also without a head' {
    arguments 'luna.node=node001'
    fake luna-fetch <<<'exit 1'
    fake sleep </dev/null
    LUNA_CMDLINE=$BATS_TEST_TMPDIR/cmdline run "$LUNA_LIB/luna-report" install.unpack from_head=1
    [ "$status" = 0 ]
}
