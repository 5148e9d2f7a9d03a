#!/usr/bin/env bats
# The torrent client on loopback, with aria2c as the seeder: another's engine.

setup() {
    load setup
    load head
    client=$LUNA_LIB/luna-client
    progress=$BATS_TEST_TMPDIR/progress
    stream=$BATS_TEST_TMPDIR/stream
    here=$BATS_TEST_TMPDIR/here
    mkdir -p "$BATS_TEST_TMPDIR/seed"
    head -c 8000000 /dev/urandom >"$BATS_TEST_TMPDIR/seed/compute-1.tar.zst"
    hash=$(node "$BATS_TEST_DIRNAME/make-torrent.ts" "$BATS_TEST_TMPDIR/seed/compute-1.tar.zst" \
        http://127.0.0.1:1/announce "$head_dir/torrents/compute-1.torrent")
    export client here stream progress
    export LUNA_CLIENT_STALL_SECONDS=4 LUNA_CLIENT_BUNDLE=$root/client/bundle LUNA_NODE=node001
}

teardown() {
    "$client" stop
    stop_seeder
    stop_head
}

# start_seeder [BYTES PER SECOND]
start_seeder() {
    aria2c "${seeder_options[@]}" --no-conf --dir="$BATS_TEST_TMPDIR/seed" --check-integrity=true --seed-ratio=0.0 --quiet=true \
        --enable-dht=false --enable-dht6=false --bt-enable-lpd=false --listen-port=17300-17399 \
        --max-overall-upload-limit="${1-0}" --bt-exclude-tracker='*' --bt-tracker="$head_url/announce" \
        --bt-tracker-interval=1 "$head_dir/torrents/compute-1.torrent" >/dev/null 2>&1 3>&- &
    seeder_pid=$!
}

stop_seeder() {
    [ -n "${seeder_pid-}" ] || return 0
    kill -KILL "$seeder_pid" 2>/dev/null || :
    wait "$seeder_pid" 2>/dev/null || :
    seeder_pid=''
}

download() {
    timeout 90 "$client" download --torrent-url "$head_url/torrents/compute-1.torrent" --info-hash "${1-$hash}" \
        --announce "$head_url/announce?node=node001" --web "$head_url/torrents/compute-1.tar.zst" --dir "$here" --file compute-1.tar.zst \
        --ports 17400-17499 --progress "$progress" "${further[@]}" >"${stream-/dev/stdout}" 3>&-
}

# what lies there and what was handed on
same() {
    cmp "$here/compute-1.tar.zst" "$BATS_TEST_TMPDIR/seed/compute-1.tar.zst"
    cmp "$stream" "$BATS_TEST_TMPDIR/seed/compute-1.tar.zst"
}
last() { tail -n 1 "$progress" | sed -n "s/.*\"$1\":\([0-9]*\).*/\1/p"; }
has_bytes() { [ "$(last have)" -ge "$1" ] 2>/dev/null; }
said() { tail -n 1 "$progress" | grep -q "$1"; }
all_ended() { [ -z "$(pgrep -f "$here")" ]; }
running() { kill -0 "$(cat "$LUNA_STATE/client/client.pid")"; }
kill_session() { kill -KILL "$(pgrep -n -P "$(cat "$LUNA_STATE/client/client.pid")")"; }

@test 'it downloads, counts, goes on seeding and stops' {
    start_head
    start_seeder
    download
    same
    [ "$(last have) $(last size) $(last from_peers)" = '8000000 8000000 0' ]
    [ "$(last from_head)" -ge 8000000 ]
    running
    requests | grep -q 'announce?node=node001&info_hash='
    "$client" stop
    [ ! -e "$LUNA_STATE/client" ]
    all_ended
    # who leaves says so
    requests | grep -q 'event=stopped'
}

@test 'over https it trusts whom the image trusts, and nobody else' {
    openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=head -addext subjectAltName=IP:127.0.0.1 \
        -keyout "$head_dir/key.pem" -out "$head_dir/certificate.pem" 2>/dev/null
    head_url=https://127.0.0.1:$head_port
    start_head
    export LUNA_AUTHORITIES=$head_dir/certificate.pem
    seeder_options=(--ca-certificate="$LUNA_AUTHORITIES")
    start_seeder
    download
    same
    requests | grep -q 'announce?node=node001&info_hash='
    "$client" stop
    rm -rf "$here"
    openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=head -addext subjectAltName=IP:127.0.0.1 \
        -keyout /dev/null -out "$BATS_TEST_TMPDIR/another.pem" 2>/dev/null
    LUNA_AUTHORITIES=$BATS_TEST_TMPDIR/another.pem run timeout 6 "$client" download \
        --torrent-url "$head_url/torrents/compute-1.torrent" --info-hash "$hash" --announce "$head_url/announce" \
        --web "$head_url/torrents/compute-1.tar.zst" --dir "$here" --file compute-1.tar.zst --ports 17400-17499 --progress "$progress" 3>&-
    [ "$status" = 124 ] # it waits for a head that it can trust
    [ ! -e "$here/compute-1.tar.zst" ]
}

@test 'every line of the progress is whole JSON and never goes back' {
    start_head
    start_seeder 4M
    download
    node -e '
        const lines = require("fs").readFileSync(process.argv[1], "utf8").trim().split("\n").map(line => JSON.parse(line))
        const falls = lines.filter((line, at) => at > 0 && line.have < lines[at - 1].have)
        if (lines.length < 2 || falls.length > 0 || lines.some(line => line.size !== 8000000)) process.exit(1)' "$progress"
}

@test 'another torrent than the one asked for is refused' {
    start_head
    run download 0123456789012345678901234567890123456789
    [ "$status" = 3 ]
    [[ $output == *"has info-hash $hash, not 0123456789012345678901234567890123456789"* ]]
    [ ! -e "$here/compute-1.tar.zst" ]
}

@test 'what is no torrent is refused' {
    echo rubbish >"$head_dir/torrents/compute-1.torrent"
    start_head
    run download
    [ "$status" = 3 ]
}

@test 'a torrent that the head no longer has is given up' {
    rm "$head_dir/torrents/compute-1.torrent"
    start_head
    run download
    [ "$status" = 4 ]
}

@test 'bad pieces are never taken' {
    start_head
    printf 'wrong' | dd of="$BATS_TEST_TMPDIR/seed/compute-1.tar.zst" conv=notrunc bs=1 seek=4000000 status=none
    start_seeder
    download 3>&- &
    local downloading=$!
    await 30 has_bytes 7737856 # all but the broken piece
    sleep 1
    kill -0 $downloading
    "$client" stop
    wait $downloading || :
    [ "$(last have)" -lt 8000000 ]
}

@test 'a head that starts later is waited for' {
    download &
    local downloading=$!
    sleep 2
    start_head
    start_seeder
    wait $downloading
    same
}

@test 'tracker and seeder are killed in the middle and come back' {
    start_head
    start_seeder 1M
    download &
    local downloading=$!
    await 30 has_bytes 1000000
    stop_seeder
    stop_head
    run ! has_bytes 8000000
    sleep 6 # longer than the client waits for something to move
    start_head
    start_seeder
    wait $downloading
    same
    # what was there was kept
    [ "$(last from_head)" -lt 14000000 ]
}

@test 'a client that is killed is started again and what is there is hashed' {
    start_head
    start_seeder 1M
    download &
    local downloading=$!
    await 30 has_bytes 2000000
    kill_session
    await 30 has_bytes 4000000
    kill_session
    wait $downloading
    same
    [ "$(last have)" = 8000000 ]
    # a piece or two on their way each time are what is lost
    [ "$(last from_head)" -lt 12000000 ]
}

@test 'what is verified is handed on while the rest arrives' {
    start_head
    start_seeder 1M
    # without a window the first piece may well come last
    further=(--window 4)
    download
    same
    grep -q '"event":"progress".*"streamed_pieces":[1-9]' "$progress"
    [ "$(last streamed_pieces)" = 31 ]
}

@test 'whoever reads slowly holds up nothing, and gets each byte once' {
    start_head
    start_seeder
    mkfifo "$BATS_TEST_TMPDIR/fifo"
    (sleep 3; exec cat "$BATS_TEST_TMPDIR/fifo" >"$BATS_TEST_TMPDIR/read") 3>&- &
    local reading=$!
    stream=$BATS_TEST_TMPDIR/fifo download 3>&- &
    local downloading=$!
    await 30 has_bytes 8000000
    kill_session
    wait $downloading
    wait $reading
    cmp "$BATS_TEST_TMPDIR/read" "$BATS_TEST_TMPDIR/seed/compute-1.tar.zst"
}

@test 'what is handed on and not to be kept takes no room, and is not fetched again after a crash' {
    needs_root
    start_head
    start_seeder 1M
    mkdir -p "$here"
    run unshare --mount --propagation private bash -c '
        mount -t tmpfs -o size=7m small "$here"
        "$client" download "$@" --window 4 --release 2>&1 >"$stream" &
        until [ "$(sed -n "\$s/.*\"have\":\([0-9]*\).*/\1/p" "$progress" 2>/dev/null || echo 0)" -ge 5000000 ] 2>/dev/null; do kill -0 $! || exit; sleep 0.1; done
        kill -KILL "$(pgrep -n -P "$(cat "$LUNA_STATE/client/client.pid")")"
        wait $!' bash --torrent-url "$head_url/torrents/compute-1.torrent" --info-hash "$hash" --announce "$head_url/announce" \
        --web "$head_url/torrents/compute-1.tar.zst" --dir "$here" --file compute-1.tar.zst --ports 17400-17499 --progress "$progress"
    echo "$output"
    [ "$status" = 0 ]
    cmp "$stream" "$BATS_TEST_TMPDIR/seed/compute-1.tar.zst"
    [ "$(last from_head)" -lt 10000000 ]
    all_ended
}

@test 'when nobody reads any more it ends' {
    start_head
    start_seeder
    set +o pipefail
    unset stream
    download | head -c 1000 >/dev/null
    [ "${PIPESTATUS[0]}" = 6 ]
    all_ended
}

@test 'when all of it is killed that is told' {
    start_head
    start_seeder 1M
    (await 30 has_bytes 1000000 && kill -KILL "$(cat "$LUNA_STATE/client/client.pid")") 3>&- &
    run download
    [ "$status" = 7 ]
    [[ $output == *'node001: luna-torrent ended with status 137'* ]]
    await 30 all_ended
}

@test 'a full disk is one clear end' {
    needs_root
    start_head
    start_seeder
    mkdir -p "$here"
    export -f download
    export head_url hash
    run unshare --mount --propagation private bash -c 'mount -t tmpfs -o size=3m small "$here" && download'
    [ "$status" = 5 ]
    local said="node001: no space left on $here (small, 3 MiB) while downloading: make it larger in the partscript"
    [ "${lines[-1]}" = "luna-client: $said" ]
    [ "$(cat "$LUNA_STATE/client/said")" = "$said" ]
}

@test 'a disk that breaks is one clear end' {
    needs_root
    start_head
    start_seeder 1M
    mkdir -p "$here"
    truncate -s 64M "$BATS_TEST_TMPDIR/disk"
    mkfs.ext4 -q "$BATS_TEST_TMPDIR/disk"
    export -f download has_bytes last await
    export head_url hash disk=$BATS_TEST_TMPDIR/disk
    run unshare --mount --propagation private bash -c '
        mount -o loop "$disk" "$here" || exit
        (await 30 has_bytes 2000000 && xfs_io -x -c shutdown "$here") &
        download'
    [[ $output != *'failed to setup loop device'* ]] || skip 'no loop devices here'
    [ "$status" = 5 ]
    [[ ${lines[-1]} == "luna-client: node001: cannot keep the image on $here (/dev/loop"*') while downloading: Input/output error: look at that disk' ]]
}

@test 'words that are missing or wrong say how it is used' {
    run "$client" download --info-hash x
    [ "$status" = 2 ]
    [[ $output == *'usage: luna-client download --torrent-url URL'* ]]
    run "$client" upload
    [ "$status" = 2 ]
}

@test 'without any peer the file comes by HTTP' {
    cp "$BATS_TEST_TMPDIR/seed/compute-1.tar.zst" "$head_dir/torrents/"
    start_head
    download
    same
    [ "$(last have) $(last from_peers)" = '8000000 0' ]
    said '"web":true'
}

@test 'the web is asked while the seeder is away, and no longer when it is back' {
    cp "$BATS_TEST_TMPDIR/seed/compute-1.tar.zst" "$head_dir/torrents/"
    echo 100000 >"$head_dir/rate"
    start_head
    start_seeder 400K
    download &
    local downloading=$!
    await 30 has_bytes 1000000
    stop_seeder
    await 30 said '"web":true'
    start_seeder 400K
    await 30 said '"web":false'
    run ! has_bytes 8000000
    wait $downloading
    same
    [ "$(last from_web)" -lt 4000000 ]
}
