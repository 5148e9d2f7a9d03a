#!/usr/bin/env bats
# Finding the NIC, and the one address that the initrd needs.

setup() {
    load setup
    export LUNA_SYS_NET=$BATS_TEST_TMPDIR/net
    load_library
    nic eth0 52:54:00:00:00:01 virtio_net
    nic eth1 52:54:00:00:00:02 e1000
    nic lo 00:00:00:00:00:00
}

# nic NAME MAC [DRIVER]: as below /sys/class/net; without a driver it is no hardware.
nic() {
    mkdir -p "$LUNA_SYS_NET/$1"
    echo "$2" >"$LUNA_SYS_NET/$1/address"
    [ $# = 2 ] && return
    mkdir -p "$LUNA_SYS_NET/$1/device"
    ln -sfn "/sys/bus/drivers/$3" "$LUNA_SYS_NET/$1/device/driver"
}

@test 'the NIC with the MAC is found, whatever it is called' {
    [ "$(luna_find_nic 52:54:00:00:00:02)" = eth1 ]
}

@test 'no NIC is found for another MAC' {
    run luna_find_nic 52:54:00:00:00:99
    [ "$status" != 0 ]
    [ -z "$output" ]
}

@test 'hardware goes before what is built on it with the same MAC' {
    nic a-vlan 52:54:00:00:00:02
    [ "$(luna_find_nic 52:54:00:00:00:02)" = eth1 ]
}

@test 'firmware that prints its MAC in capitals is the same NIC' {
    nic eth2 52:54:00:00:00:AB tg3
    [ "$(luna_find_nic 52:54:00:00:00:ab)" = eth2 ]
}

@test 'the NICs of a machine are told with driver, hardware only' {
    [ "$(luna_list_nics)" = 'eth0 52:54:00:00:00:01 (virtio_net), eth1 52:54:00:00:00:02 (e1000)' ]
    rm -r "$LUNA_SYS_NET"/eth* "$LUNA_SYS_NET/lo"
    [ "$(luna_list_nics)" = none ]
}

@test 'a NIC that comes late is waited for, and what is there is said meanwhile' {
    fake udevadm </dev/null
    luna_pause() { [ "$1" -lt 3 ] || nic eth9 52:54:00:00:00:99 mlx5_core; }
    luna_mac=52:54:00:00:00:99
    luna_wait_for_nic
    [ "$luna_nic" = eth9 ]
    grep -q 'no NIC has the MAC 52:54:00:00:00:99 of luna.mac; this machine has: eth0 52:54:00:00:00:01 (virtio_net), eth1' "$LUNA_CONSOLES"
}

@test 'a static address is set, and taken away for the system to come' {
    needs_root
    run unshare --net bash -c '
        . "$LUNA_LIB/luna-lib.sh"
        luna_sys_net=/sys/class/net luna_nic=nic0 luna_ip=10.30.0.1/16
        ip link add nic0 type veth peer name nic1 && ip link set nic0 up || exit 9
        luna_configure_static && luna_configure_static && luna_addresses && echo
        luna_ip=fd77::1/64 && luna_configure_static && luna_addresses && echo
        luna_take_down_network
        ip -o addr show dev nic0; ip -o link show nic0 | grep -q "[<,]UP[,>]" && echo still up'
    [ "$status" != 9 ] || skip 'no veth here'
    [ "${lines[0]}" = '10.30.0.1/16 ' ]
    [ "${lines[1]}" = '10.30.0.1/16 fd77::1/64 ' ]
    [ "${#lines[@]}" = 2 ]
}

@test 'the script of dhclient sets address, prefix and route' {
    fake ip <<<'echo "$*"'
    run env reason=BOUND interface=eth0 new_ip_address=10.30.128.7 new_subnet_mask=255.255.128.0 \
        new_routers='10.30.255.254 10.30.255.253' "$LUNA_LIB/luna-dhcp-script"
    [ "${lines[0]}" = '-4 addr replace 10.30.128.7/17 dev eth0 brd +' ]
    [ "${lines[1]}" = '-4 route replace default via 10.30.255.254 dev eth0' ]
}

@test 'the script of udhcpc does the same, without a router no route' {
    fake ip <<<'echo "$*"'
    run env interface=eth0 ip=10.30.128.7 subnet=255.255.0.0 "$LUNA_LIB/luna-dhcp-script" bound
    [ "$output" = '-4 addr replace 10.30.128.7/16 dev eth0 brd +' ]
    run env interface=eth0 "$LUNA_LIB/luna-dhcp-script" deconfig
    [ "$status" = 0 ]
    [ -z "$output" ]
}
