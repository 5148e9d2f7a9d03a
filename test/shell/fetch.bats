#!/usr/bin/env bats
# HTTP as the initrd speaks it, with servers that answer as they please.

setup() {
    load setup
    export LUNA_CLIENT_BUNDLE=$root/client/bundle LUNA_AUTHORITIES=/nonexistent
    port=$((30000 + RANDOM % 2000))
    url="http://127.0.0.1:$port/path?query"
    body=$BATS_TEST_TMPDIR/body
}

teardown() {
    [ -z "${server_pid-}" ] || kill "$server_pid" 2>/dev/null || :
}

# serve ANSWER [LISTEN]: to whoever connects; what was asked is in $BATS_TEST_TMPDIR/asked, the port that it came from in port.
serve() {
    printf '%b' "$1" >"$BATS_TEST_TMPDIR/answer"
    cat >"$BATS_TEST_TMPDIR/serve" <<'EOF'
#!/bin/bash
echo "$SOCAT_PEERPORT" >"${0%/*}/port"
while IFS= read -r line && [ "$line" != $'\r' ]; do echo "${line%$'\r'}"; done >"${0%/*}/asked"
cat "${0%/*}/answer"
EOF
    chmod +x "$BATS_TEST_TMPDIR/serve"
    socat "${2-TCP4-LISTEN}:$port,reuseaddr,fork" "EXEC:$BATS_TEST_TMPDIR/serve" 3>&- &
    server_pid=$!
    await 10 listens
}

listens() { ss -Hltn "sport = :$port" | grep -q .; }

# fetch STATUS WORDS...: exit status and what it prints are in $status and $output
fetch() { run --separate-stderr luna-fetch --output "$body" "$@"; }

@test 'the body is in the file, the HTTP status is printed' {
    serve 'HTTP/1.1 403 Forbidden\r\nContent-Length: 5\r\n\r\nwords'
    fetch "$url"
    [ "$status $output" = '0 403' ]
    [ "$(cat "$body")" = words ]
    grep -qx 'GET /path?query HTTP/1.0' "$BATS_TEST_TMPDIR/asked"
    grep -qx "Host: 127.0.0.1:$port" "$BATS_TEST_TMPDIR/asked"
}

@test 'headers come from words and from standard input' {
    serve 'HTTP/1.1 200 OK\r\n\r\nall'
    run luna-fetch --header 'A: 1' --headers-from-stdin -- "$url" <<<'Luna-Token: abcd'
    [ "$status $output" = '0 200' ]
    grep -qx 'A: 1' "$BATS_TEST_TMPDIR/asked"
    grep -qx 'Luna-Token: abcd' "$BATS_TEST_TMPDIR/asked"
}

@test 'it comes from a port that only root can have' {
    needs_root
    serve 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'
    fetch --local-port 512-1023 "$url"
    [ "$status $output" = '0 200' ]
    [ "$(cat "$BATS_TEST_TMPDIR/port")" -ge 512 ]
    [ "$(cat "$BATS_TEST_TMPDIR/port")" -le 1023 ]
}

@test 'a head with an IPv6 address' {
    serve 'HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nsix' TCP6-LISTEN
    fetch "http://[::1]:$port/"
    [ "$status $output" = '0 200' ]
    [ "$(cat "$body")" = six ]
}

@test 'half an answer is none' {
    serve 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf'
    fetch "$url"
    [ "$status $output" = '1 200' ]
}

@test 'chunks are refused, nobody asked for them' {
    serve 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n'
    fetch "$url"
    [ "$status $output" = '1 000' ]
}

@test 'what does not speak HTTP, says nothing, or is not there is no answer' {
    local answer
    fetch "$url"
    [ "$status $output" = '1 000' ]
    for answer in 'SSH-2.0-OpenSSH_9.2\r\n\r\n' ''; do
        serve "$answer"
        fetch "$url"
        [ "$status $output" = '1 000' ]
        kill "$server_pid"
        wait "$server_pid" || :
    done
}

@test 'a server that never answers is given up' {
    socat "TCP4-LISTEN:$port,reuseaddr" EXEC:'sleep 60' 3>&- &
    server_pid=$!
    await 10 listens
    fetch --max-time 1 "$url"
    [ "$status $output" = '1 000' ]
}
