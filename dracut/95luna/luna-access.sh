#!/bin/bash
# Access for people while a node is in its initrd: ssh and a shell on tty2. Part of luna-lib.sh.
# shellcheck disable=SC2154 # luna_ip and others come from luna_read_arguments

luna_start_sshd() {
    local sshd
    sshd=$(command -v sshd) || return 0
    # sshd's directory for privilege separation differs between distributions; it must be root's and empty
    mkdir -p "$LUNA_STATE" /run/sshd /var/empty/sshd /usr/share/empty.sshd /var/lib/empty
    chmod 0755 /run/sshd /var/empty /var/empty/sshd /usr/share/empty.sshd /var/lib/empty
    "$sshd" >>"$LUNA_STATE/sshd.log" 2>&1 || luna_say "sshd does not start: $(luna_words "$LUNA_STATE/sshd.log")"
}

# A shell on TTY that comes back when it is left.
luna_start_shell() {
    local tty=$1
    [ -c "$tty" ] || return 0
    while :; do
        setsid -c -w bash -l -i <>"$tty" >&0 2>&1
        sleep 1
    done &
    echo $! >"$LUNA_STATE/shell-${tty##*/}.pid"
    disown # bash would tell the console that it was killed
}

# What to do at this machine, for those who see its console.
luna_say_access() {
    luna_say "$luna_node: a shell is on tty2 (Alt+F2), and ssh root@$(luna_addresses | cut -d / -f 1)"
}

luna_stop_access() {
    local file
    # interactive shells ignore SIGTERM
    for file in "$LUNA_STATE"/shell-*.pid; do luna_end_pid_file "$file" KILL; done
    luna_end_pid_file "$LUNA_STATE/sshd.pid"
}
