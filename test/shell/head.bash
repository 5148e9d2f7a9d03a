# A head on loopback for tests: start_head, stop_head, say what it serves below $head_dir.

head_dir=$BATS_TEST_TMPDIR/head
head_port=${head_port:-$((20000 + RANDOM % 10000))}
head_url=http://127.0.0.1:$head_port
mkdir -p "$head_dir/torrents"

start_head() {
    rm -f "$head_dir/ready"
    node "$BATS_TEST_DIRNAME/head.ts" "$head_dir" "$head_port" 3>&- &
    head_pid=$!
    await 10 test -e "$head_dir/ready"
}

stop_head() {
    [ -n "${head_pid-}" ] || return 0
    kill -KILL "$head_pid" 2>/dev/null || :
    wait "$head_pid" 2>/dev/null || :
    head_pid=''
}

requests() { cat "$head_dir/requests" 2>/dev/null; }
