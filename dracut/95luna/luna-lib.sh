#!/bin/bash
# The library of the node's side in the initrd: what the kernel's arguments say, words for the console, back-off.
# Sourcing it brings in the rest: network, the head, access for people, processes and mounts. Functions only, so that
# tests can source it. State is below LUNA_STATE, which is in the initrd's own memory and goes with it.

LUNA_LIB=${LUNA_LIB:-/usr/lib/luna}
LUNA_STATE=${LUNA_STATE:-/tmp/luna}
LUNA_SYSROOT=${LUNA_SYSROOT:-/sysroot}
export LUNA_STATE LUNA_SYSROOT

# shellcheck source-path=SCRIPTDIR
. "$LUNA_LIB/luna-network.sh"
# shellcheck source-path=SCRIPTDIR
. "$LUNA_LIB/luna-head.sh"
# shellcheck source-path=SCRIPTDIR
. "$LUNA_LIB/luna-access.sh"
# shellcheck source-path=SCRIPTDIR
. "$LUNA_LIB/luna-processes.sh"

# Reads the luna.* arguments out of a file like /proc/cmdline into luna_bootproto, luna_mac (lower case), luna_ip,
# luna_url, luna_node, luna_hostname, luna_service (0 or 1), luna_token. Where a word comes twice the last one counts.
luna_read_arguments() {
    local word words
    luna_bootproto=static luna_mac='' luna_ip='' luna_url='' luna_node='' luna_hostname='' luna_service=0 luna_token=''
    read -r -d '' -a words <"$1" || : # read is not content without its delimiter
    for word in "${words[@]}"; do
        case $word in
        luna.bootproto=*) luna_bootproto=${word#*=} ;;
        luna.mac=*) luna_mac=${word#*=} luna_mac=${luna_mac,,} ;;
        luna.ip=*) luna_ip=${word#*=} ;;
        luna.url=*) luna_url=${word#*=} ;;
        luna.node=*) luna_node=${word#*=} ;;
        luna.hostname=*) luna_hostname=${word#*=} ;;
        luna.service=*) luna_service=${word#*=} ;;
        luna.token=*) luna_token=${word#*=} ;;
        esac
    done
    luna_hostname=${luna_hostname:-$luna_node}
    export LUNA_NODE=$luna_node LUNA_HOSTNAME=$luna_hostname LUNA_MAC=$luna_mac
}

# Prints a line for each argument that is missing or makes no sense; nothing when all is well.
luna_argument_faults() {
    [[ $luna_mac =~ ^([0-9a-f]{2}:){5}[0-9a-f]{2}$ ]] || echo "luna.mac=$luna_mac is not a MAC address"
    [[ $luna_node =~ ^[A-Za-z0-9][A-Za-z0-9._-]*$ ]] || echo "luna.node=$luna_node is not the name of a node"
    [[ $luna_url =~ ^https?://[^/]+/ ]] || echo "luna.url=$luna_url is not an URL"
    [[ $luna_service =~ ^[01]$ ]] || echo "luna.service=$luna_service must be 0 or 1"
    [[ $luna_token =~ ^[0-9a-f]*$ ]] || echo "luna.token is not hexadecimal"
    case $luna_bootproto in
    dhcp) ;;
    static) [[ $luna_ip =~ ^[0-9a-fA-F.:]+/[0-9]+$ ]] || echo "luna.ip=$luna_ip is not ADDRESS/PREFIX" ;;
    *) echo "luna.bootproto=$luna_bootproto must be static or dhcp" ;;
    esac
}

# Devices of all consoles that the kernel writes to (console= may be given more than once).
luna_consoles() {
    if [ -n "${LUNA_CONSOLES-}" ]; then echo "$LUNA_CONSOLES"; return; fi
    # tty0 is whichever terminal is in front, so also the one where somebody has a shell
    tr ' ' '\n' </sys/class/tty/console/active | sed 's,^tty0$,tty1,; s,^,/dev/,'
}

# One line for whoever watches the machine, on every console, with the seconds since the kernel started.
luna_say() {
    local uptime console
    read -r uptime _ </proc/uptime
    for console in $(luna_consoles); do
        printf 'luna [%6.1f] %s\n' "$uptime" "$*" >>"$console" || :
    done 2>/dev/null
}

# Standard input to every console.
luna_copy_to_consoles() {
    local consoles
    read -r -d '' -a consoles < <(luna_consoles) || :
    tee -a "${consoles[@]}" >/dev/null 2>&1
}

# Milliseconds to wait after the TRY-th failure (1, 2, ...): 1 s doubling up to 30 s, half to one and a half of it by
# chance, so that a thousand nodes do not come back at the same moment.
luna_backoff_ms() {
    local ms=$(($1 > 5 ? 30000 : 1000 << ($1 - 1)))
    echo $((ms / 2 + RANDOM * ms / 32768))
}

luna_sleep_ms() {
    sleep "$(($1 / 1000)).$(printf %03d $(($1 % 1000)))"
}

luna_pause() {
    luna_sleep_ms "$(luna_backoff_ms "$1")"
}
