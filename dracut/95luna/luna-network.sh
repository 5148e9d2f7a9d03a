#!/bin/bash
# Network in the initrd: the NIC with the boot MAC, one address, nothing else. Part of luna-lib.sh.
# shellcheck disable=SC2154 # luna_mac and others come from luna_read_arguments

luna_sys_net=${LUNA_SYS_NET:-/sys/class/net}

# luna_find_nic MAC: prints the name of the NIC with this address; fails when there is none. Hardware goes before
# VLANs and bridges, which inherit the address of what they are made of.
luna_find_nic() {
    local path address found=''
    for path in "$luna_sys_net"/*; do
        address=$(cat "$path/address" 2>/dev/null)
        [ "${address,,}" = "$1" ] || continue
        if [ -e "$path/device" ]; then found=$path; break; fi
        found=${found:-$path}
    done
    [ -n "$found" ] && echo "${found##*/}"
}

# One line: every NIC that this machine shows, with its address and driver.
luna_list_nics() {
    local path name driver line=''
    for path in "$luna_sys_net"/*; do
        name=${path##*/}
        [ -e "$path/device" ] || continue
        driver=$(readlink "$path/device/driver" || echo /unknown)
        line="$line${line:+, }$name $(cat "$path/address" 2>/dev/null) (${driver##*/})"
    done
    echo "${line:-none}"
}

# Waits until the NIC is there and sets luna_nic. Drivers load while we look, firmware may take its time.
luna_wait_for_nic() {
    local try=0
    udevadm settle --timeout=10
    until luna_nic=$(luna_find_nic "$luna_mac"); do
        try=$((try + 1))
        if [ $((try % 5)) = 2 ]; then
            luna_say "no NIC has the MAC $luna_mac of luna.mac; this machine has: $(luna_list_nics)"
            luna_say "is the driver missing from the initrd (luna osimage change -m ...), or was the node's MAC changed?"
        fi
        luna_pause $((try > 3 ? 3 : try))
        udevadm settle --timeout=10
    done
}

# Until address and link are there. A cable that is not plugged in is waited for.
luna_bring_up_network() {
    local try=0
    luna_wait_for_nic
    luna_say "network: $luna_nic ($luna_mac), $luna_bootproto"
    ip link set lo up
    until ip link set "$luna_nic" up && luna_wait_for_link && "luna_configure_$luna_bootproto"; do
        try=$((try + 1))
        luna_pause $try
    done
    luna_say "network: $luna_nic has $(luna_addresses)"
}

luna_addresses() {
    ip -o addr show dev "$luna_nic" scope global | awk '{ print $4 }' | tr '\n' ' '
}

# Half a minute: what autonegotiation and port channels need; then it is the cable or the switch.
luna_wait_for_link() {
    local deadline=$((SECONDS + 30))
    until [ "$(cat "$luna_sys_net/$luna_nic/carrier" 2>/dev/null)" = 1 ]; do
        if [ $SECONDS -ge $deadline ]; then
            luna_say "network: $luna_nic has no link: check the cable and the switch's port"
            return 1
        fi
        sleep 0.2
    done
}

luna_configure_static() {
    case $luna_ip in
    # RFC 4862 5.4: the address cannot be used while its duplicates are being looked for; the head gives it to us alone
    *:*) ip -6 addr replace "$luna_ip" dev "$luna_nic" nodad ;;
    *) ip -4 addr replace "$luna_ip" dev "$luna_nic" brd + ;;
    esac
}

luna_configure_dhcp() {
    local script=$LUNA_LIB/luna-dhcp-script
    mkdir -p "$LUNA_STATE" /var/lib/dhclient /var/lib/dhcp /var/lib/dhcpcd
    if command -v dhclient >/dev/null; then
        dhclient -4 -1 -q -cf /dev/null -sf "$script" -lf "$LUNA_STATE/dhclient.leases" \
            -pf "$LUNA_STATE/dhcp.pid" "$luna_nic"
    elif command -v dhcpcd >/dev/null; then
        dhcpcd -4 -1 -q -t 60 "$luna_nic"
    elif command -v udhcpc >/dev/null; then
        udhcpc -i "$luna_nic" -n -q -f -t 10 -s "$script"
    else
        luna_say 'network: luna.bootproto=dhcp, but the image has none of dhclient, dhcpcd, udhcpc: install one, pack again'
        return 1
    fi >>"$LUNA_STATE/dhcp.log" 2>&1 || luna_dhcp_failed
}

luna_dhcp_failed() {
    [ -s "$LUNA_STATE/dhcp.log" ] && tail -n 3 "$LUNA_STATE/dhcp.log" | luna_copy_to_consoles
    luna_say "network: no address by DHCP on $luna_nic, trying again"
    return 1
}

# The node's system finds its NICs as if nobody had touched them: without addresses and down, since the kernel (before
# 6.2) lets udev rename only what is down. A root that comes over the network keeps it.
luna_take_down_network() {
    local kind
    luna_end_pid_file "$LUNA_STATE/dhcp.pid"
    kind=$(stat -f -c %T "$LUNA_SYSROOT" 2>/dev/null)
    case $kind in nfs* | cifs | smb* | ceph* | lustre* | 9p | v9fs) return ;; esac
    [ -n "${luna_nic-}" ] || return 0
    ip addr flush dev "$luna_nic"
    ip link set "$luna_nic" down
}
