#!/usr/bin/env bats
# What the kernel's arguments say.

setup() {
    load setup
    load_library
    good='root=luna luna.bootproto=static luna.mac=52:54:00:AA:bb:01 luna.ip=10.30.0.1/16 luna.url=http://10.30.255.254:7050/luna luna.node=node001 luna.hostname=node001.cluster luna.service=0 luna.token=00ff initrd=initrd'
}

@test 'every argument is read, the MAC in lower case' {
    arguments "$good"
    [ "$luna_mac" = 52:54:00:aa:bb:01 ]
    [ "$luna_ip $luna_url" = '10.30.0.1/16 http://10.30.255.254:7050/luna' ]
    [ "$luna_node $luna_hostname $luna_service $luna_token" = 'node001 node001.cluster 0 00ff' ]
    [ -z "$(luna_argument_faults)" ]
}

@test 'the last word of a kind counts, and wildcards are just characters' {
    cd / && arguments "$good luna.service=1 x=/*"
    [ "$luna_service" = 1 ]
}

@test 'with DHCP no address is needed' {
    arguments "${good/luna.ip=10.30.0.1\/16/} luna.bootproto=dhcp"
    [ -z "$(luna_argument_faults)" ]
}

@test 'IPv6 addresses are as good' {
    arguments "$good luna.ip=fd77::1/64 luna.url=http://[fd77::fe]:7050/luna"
    [ -z "$(luna_argument_faults)" ]
}

@test 'the hostname is the node when there is no other' {
    arguments "luna.node=node001"
    [ "$luna_hostname" = node001 ]
}

@test 'each fault has its line' {
    arguments 'root=luna luna.bootproto=static luna.mac=zz luna.ip=10.30.0.1 luna.url=x luna.node=$(x) luna.service=2 luna.token=xyz'
    run luna_argument_faults
    [ "${#lines[@]}" = 6 ]
    arguments 'luna.bootproto=carrier'
    [[ "$(luna_argument_faults)" == *'luna.bootproto=carrier must be static or dhcp'* ]]
}

@test 'the back-off grows to 30 s and differs from time to time' {
    local try ms base seen=''
    for try in 1 2 3 4 5 6 50; do
        base=$((try > 5 ? 30000 : 1000 << (try - 1)))
        for _ in 1 2 3 4 5 6 7 8 9 10; do
            ms=$(luna_backoff_ms $try)
            [ "$ms" -ge $((base / 2)) ]
            [ "$ms" -le $((base * 3 / 2)) ]
            seen="$seen $ms"
        done
    done
    [ "$(tr ' ' '\n' <<<"$seen" | sort -u | wc -l)" -gt 50 ]
}

@test 'a word for people goes to every console' {
    local one=$BATS_TEST_TMPDIR/one two=$BATS_TEST_TMPDIR/two
    LUNA_CONSOLES="$one $two" luna_say 'hello there'
    grep -Eq '^luna \[ *[0-9.]+\] hello there$' "$one"
    cmp "$one" "$two"
    LUNA_CONSOLES="/dev/full $two" luna_say 'a console that cannot be written is no reason to stop'
    grep -q 'no reason' "$two"
}
