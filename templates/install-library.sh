# shellcheck shell=bash disable=SC2154 # variables of install.sh and of the initrd
# The steps of an installation, put into every install script as they are. What the initrd gives us is listed in
# dracut/95luna/README. Exit status 0: the node's root is complete; else the step reported last has failed.

luna_bundle=/luna/client
luna_progress=$LUNA_STATE/progress

# Runs the steps in their order; each is reported when it begins.
luna_install() {
    luna-report install.prescript
    luna_run_users_script prescript "$luna_prescript" / || exit
    if [ -n "$luna_bmc_ip" ]; then
        luna-report install.setupbmc
        luna_set_up_bmc || exit
    fi
    luna-report install.partscript
    luna_run_users_script partscript "$luna_partscript" / || exit
    luna_check_root || exit
    luna-report install.download
    luna_place_tarball || exit
    luna_bring_up_torrent_nic
    luna_download_and_unpack || exit
    luna-report install.setnet
    luna_write_files || exit
    luna-report install.postscript
    luna_run_users_script postscript "$luna_postscript" "$LUNA_SYSROOT" || exit
    luna_remove_tarball || exit
    luna_check_written || exit
    luna-report install.success
}

luna_tell() { printf '%s: %s\n' "$luna_image" "$*"; }

# luna_run_users_script NAME TEXT DIR: by bash, without set -e: as everywhere the last command decides. Status 0 is well.
luna_run_users_script() {
    local file=$LUNA_STATE/$1.sh
    [ -n "${2//[[:space:]]/}" ] || return 0
    luna_tell "$1"
    printf '%s\n' "$2" >"$file"
    (cd "$3" && exec bash "$file" </dev/null)
}

# Devices and file systems that the partscript made may be a moment late in /dev.
luna_check_root() {
    udevadm settle --timeout=10
    mountpoint -q "$LUNA_SYSROOT" && return
    luna_tell "nothing is mounted at $LUNA_SYSROOT: that is what the partscript is for (mount -t tmpfs tmpfs /sysroot)"
    return 1
}

# A root in memory is limited in size: there the tarball gets a file system of its own. Sets luna_tarball_dir and
# luna_release, which says that what is unpacked is not kept.
luna_place_tarball() {
    local room_kb=$((luna_room_bytes / 1024 + 16384)) available_kb
    luna_release=()
    case $(stat -f -c %T "$LUNA_SYSROOT") in
    tmpfs | ramfs)
        luna_tarball_dir=$LUNA_STATE/image
        available_kb=$(awk '$1 == "MemAvailable:" { print $2 }' /proc/meminfo)
        if [ "$room_kb" -gt "$available_kb" ]; then
            luna_tell "the image needs $((room_kb / 1024)) MiB while it is unpacked, $((available_kb / 1024)) MiB of memory are left"
            return 1
        fi
        [ "$luna_seed_memory" = y ] || luna_release=(--release)
        mkdir -p "$luna_tarball_dir" && mount -t tmpfs -o "size=$((luna_size_bytes / 1024 + 16384))k,mode=0700" luna "$luna_tarball_dir"
        ;;
    *)
        luna_tarball_dir=$LUNA_SYSROOT/.luna
        rm -rf "$luna_tarball_dir" # of a try that a power failure ended
        mkdir "$luna_tarball_dir" && chmod 0700 "$luna_tarball_dir"
        ;;
    esac
}

# The interface that the group has for the torrent: other nodes are told to come there. The head is reached as before, and where
# the interface does not come up everything goes by the NIC that the node boots from.
luna_bring_up_torrent_nic() {
    [ -n "$luna_torrent_if" ] || return 0
    case $luna_torrent_if in ib*) modprobe -q ib_ipoib && udevadm settle --timeout=10 ;; esac
    luna_torrent_nic=$(luna_nic_called "$luna_torrent_if")
    if [ -n "$luna_torrent_nic" ] && ip link set "$luna_torrent_nic" up && luna_has_link "$luna_torrent_nic" &&
        ip address replace "$luna_torrent_address" dev "$luna_torrent_nic"; then
        luna_announce_url="$luna_announce_url&ip=${luna_torrent_address%/*}"
        return
    fi
    luna_tell "torrent_if: $luna_torrent_if is no NIC here, or has no link; the torrent goes by $LUNA_NIC"
}

# As udev will call it in the node's system, or as the kernel does now.
luna_nic_called() {
    local path
    for path in /sys/class/net/*; do
        [ "${path##*/}" != "$1" ] || { echo "$1" && return; }
    done
    for path in /sys/class/net/*; do
        udevadm test-builtin net_id "$path" 2>/dev/null | grep -q "^ID_NET_NAME_[A-Z]*=$1\$" && echo "${path##*/}" && return
    done
}

luna_has_link() {
    local tries
    for ((tries = 0; tries < 50; tries++)); do
        [ "$(cat "/sys/class/net/$1/carrier")" != 1 ] || return 0
        sleep 0.2
    done
    return 1
}

# The node's system finds its NICs as if nobody had touched them.
luna_take_down_torrent_nic() {
    [ -n "${luna_torrent_nic-}" ] && [ "$luna_torrent_nic" != "$LUNA_NIC" ] || return 0
    ip address flush dev "$luna_torrent_nic" && ip link set "$luna_torrent_nic" down
}

# What is verified is unpacked while the rest arrives; the client goes on giving to other nodes. The step install.unpack
# begins when the last piece is there, or earlier when it is the unpacking that has failed.
luna_download_and_unpack() {
    local pid reported='' ended=()
    rm -f "$luna_progress" "$LUNA_STATE/stream"
    luna_tell "download and unpack, $((luna_size_bytes / 1000000)) MB"
    luna_stream &
    pid=$!
    luna_show_progress $pid
    if luna_has_all; then
        luna_report_unpack
        reported=yes
    fi
    wait $pid
    read -r -a ended <"$LUNA_STATE/stream"
    [ "${ended[*]}" = '0 0 0' ] && return
    case ${ended[0]-1} in
    0 | 6) ;;
    *)
        cat "$LUNA_STATE/client/said" 2>/dev/null
        return "${ended[0]-1}"
        ;;
    esac
    [ -n "$reported" ] || luna_report_unpack
    luna_explain_unpack
    return 1
}

# Their exit statuses are left in a file; the client's is 6 when the others ended before it.
luna_stream() {
    local urls=() url
    for url in "${luna_tarball_urls[@]}"; do urls+=(--web "$url"); done
    luna-client download --torrent-url "$luna_torrent_url" --info-hash "$luna_info_hash" \
        --announce "$luna_announce_url" "${urls[@]}" --dir "$luna_tarball_dir" --file "$luna_file_name" \
        --ports "$luna_listen_ports" --progress "$luna_progress" "${luna_release[@]}" |
        luna_zstd -q -d -c 2>"$LUNA_STATE/zstd.words" |
        tar -x -p -S --numeric-owner --xattrs --xattrs-include='*' --acls --selinux --warning=no-timestamp -C "$LUNA_SYSROOT" \
            2>"$LUNA_STATE/tar.words"
    echo "${PIPESTATUS[*]}" >"$LUNA_STATE/stream"
}

luna_report_unpack() {
    local bad
    bad=$(luna_bad_peers)
    luna-report install.unpack "from_head=$(luna_progress_of from_head)" "from_peers=$(luna_progress_of from_peers)" \
        "from_web=$(luna_progress_of from_web)" ${bad:+"bad_peers=$bad"}
}

# Addresses of those that gave what is none of the image, with commas between.
luna_bad_peers() { tail -n 1 "$luna_progress" 2>/dev/null | sed -n 's/.*"banned":\[\([^]]*\)\].*/\1/p' | tr -d '"'; }

luna_has_all() { [ "$(luna_progress_of have)" -ge "$luna_size_bytes" ]; }

# The last line, which is what the administrator sees first: who, what is full or broken, and what helps. A full disk is told of by
# tar for each file again.
luna_explain_unpack() {
    local place words
    head -q -n 20 "$LUNA_STATE/zstd.words" "$LUNA_STATE/tar.words"
    place=$(luna_place_of "$LUNA_SYSROOT")
    words=$(cat "$LUNA_STATE/zstd.words" "$LUNA_STATE/tar.words")
    case $words in
    *'No space left on device'*)
        echo "$LUNA_NODE: no space left on $place while unpacking: make it larger in the partscript" ;;
    *)
        words=${words%%$'\n'*}
        echo "$LUNA_NODE: cannot unpack to $place: ${words:-tar ended with status ${ended[2]-}}" ;;
    esac
}

# luna_place_of DIR: the file system that it is on, its device and size.
luna_place_of() { df -P -k "$1" | awk 'NR == 2 { printf "%s (%s, %d MiB)", $6, $1, $2 / 1024 }'; }

# A line at each tenth, and every ten seconds when it takes longer; returns when all is there, or the process has ended.
luna_show_progress() {
    local have percent shown=0 began=$SECONDS shown_at=$SECONDS seconds
    until luna_has_all || ! kill -0 "$1" 2>/dev/null; do
        sleep 0.5
        have=$(luna_progress_of have)
        percent=$((have * 100 / luna_size_bytes))
        [ $((percent / 10)) -gt $((shown / 10)) ] || [ $((SECONDS - shown_at)) -ge 10 ] || continue
        seconds=$((SECONDS > began ? SECONDS - began : 1))
        luna_tell "download $percent %, $((have / seconds / 1000000)) MB/s"
        shown=$percent shown_at=$SECONDS
    done
}

# luna_progress_of KEY: a number of the client's last word; 0 before the first.
luna_progress_of() {
    local number
    number=$(tail -n 1 "$luna_progress" 2>/dev/null | sed -n "s/.*\"$1\":\([0-9]*\).*/\1/p")
    echo "${number:-0}"
}

# The head's zstd if it came along, else the image's.
luna_zstd() {
    if [ -x $luna_bundle/zstd ]; then
        $luna_bundle/ld.so --library-path $luna_bundle/lib $luna_bundle/zstd "$@"
    else
        zstd "$@"
    fi
}

luna_write_files() {
    local at bootif
    bootif=$(luna_name_of_boot_nic)
    luna_tell "network, $LUNA_NIC will be $bootif"
    for ((at = 0; at < ${#luna_files[@]}; at += 3)); do
        luna_write_file "${luna_files[at]//@BOOTIF@/$bootif}" "${luna_files[at + 1]}" \
            "${luna_files[at + 2]//@BOOTIF@/$bootif}" || return
    done
    luna_enable_units
}

# Units that bring up what was written; not worth failing for, since the image may do it another way.
luna_enable_units() {
    local unit
    for unit in "${luna_enable_units[@]}"; do
        chroot "$LUNA_SYSROOT" systemctl --quiet enable "$unit" || luna_tell "cannot enable $unit"
    done
}

# luna_write_file PATH MODE CONTENT: in the node's root, by its own shell, since links there mean paths there.
luna_write_file() {
    # shellcheck disable=SC2016 # expanded over there
    printf '%s' "$3" | chroot "$LUNA_SYSROOT" /bin/sh -c '
        umask 022
        mkdir -p "${1%/*}" || exit
        umask 077
        cat >"$1.luna-new" && chmod "$2" "$1.luna-new" && mv -fT "$1.luna-new" "$1"' sh "$1" "$2" && return
    luna_tell "cannot write $1"
    return 1
}

# What the node's system will call the NIC that it boots from: the first name that its udev finds of those that its
# NamePolicy= wants (systemd.link(5)). In the initrd NICs keep the kernel's names.
luna_name_of_boot_nic() {
    local word name names
    if grep -qw 'net.ifnames=0' /proc/cmdline; then echo "$LUNA_NIC"; return; fi
    names=$(luna_in_root udevadm test-builtin net_id "/sys/class/net/$LUNA_NIC" 2>/dev/null)
    for word in $(luna_name_policy); do
        name=$(sed -n "s/^ID_NET_NAME_${word^^}=//p" <<<"$names")
        if [ -n "$name" ]; then echo "$name"; return; fi
    done
    echo "$LUNA_NIC"
}

# The words of NamePolicy= in the default .link file; the first directory that has the file counts, and a link to
# /dev/null in /etc is how administrators turn names off.
luna_name_policy() {
    local dir
    for dir in etc run usr/local/lib usr/lib lib; do
        [ -e "$LUNA_SYSROOT/$dir/systemd/network/99-default.link" ] || continue
        sed -n 's/^NamePolicy=//p' "$LUNA_SYSROOT/$dir/systemd/network/99-default.link"
        return
    done
}

# luna_in_root COMMAND...: in the node's root with the kernel's file systems, which are gone when it ends.
luna_in_root() {
    # shellcheck disable=SC2016 # expanded over there
    unshare --mount bash -c '
        for dir in proc sys dev run; do mkdir -p "$0/$dir" && mount --bind "/$dir" "$0/$dir"; done
        exec chroot "$0" "$@"' "$LUNA_SYSROOT" "$@"
}

# The node leaves the swarm; from here on nothing of the image is needed.
luna_remove_tarball() {
    luna-client stop
    luna_take_down_torrent_nic
    case $luna_tarball_dir in
    "$LUNA_SYSROOT"/*) rm -rf "$luna_tarball_dir" ;;
    *) umount "$luna_tarball_dir" ;;
    esac
}

# A broken disk takes whatever is written, and fails when the kernel brings it there.
luna_check_written() {
    sync -f "$LUNA_SYSROOT" && return
    echo "$LUNA_NODE: what was written does not stay on $(luna_place_of "$LUNA_SYSROOT"): look at that disk"
    return 1
}

# What the management controller is told (IPMI 2.0: Set LAN Configuration, users, channel access).
luna_set_up_bmc() {
    modprobe -a ipmi_devintf ipmi_si 2>/dev/null
    udevadm settle --timeout=10
    if ! luna_has_bmc; then
        luna_tell 'setupbmc: this machine shows no management controller (/dev/ipmi0), going on without'
        return 0
    fi
    if ! command -v ipmitool >/dev/null; then
        luna_tell 'setupbmc: the image has no ipmitool: install it and pack the image again'
        return 1
    fi
    luna_tell "setupbmc: $luna_bmc_ip, user $luna_bmc_user"
    luna_ipmi lan set "$luna_bmc_netchannel" ipsrc static &&
        luna_ipmi lan set "$luna_bmc_netchannel" ipaddr "$luna_bmc_ip" &&
        luna_ipmi lan set "$luna_bmc_netchannel" netmask "$luna_bmc_netmask" &&
        luna_set_bmc_user_name &&
        luna_ipmi user set password "$luna_bmc_userid" "$luna_bmc_password" &&
        luna_ipmi channel setaccess "$luna_bmc_mgmtchannel" "$luna_bmc_userid" \
            link=on ipmi=on callin=on privilege=4 &&
        luna_ipmi user enable "$luna_bmc_userid"
}

luna_has_bmc() { [ -c /dev/ipmi0 ] || [ -c /dev/ipmi/0 ] || [ -c /dev/ipmidev/0 ]; }

# Some controllers refuse to give a user the name that it has.
luna_set_bmc_user_name() {
    ipmitool user list "$luna_bmc_mgmtchannel" 2>/dev/null |
        awk -v id="$luna_bmc_userid" -v name="$luna_bmc_user" '$1 == id && $2 == name { found = 1 } END { exit !found }' &&
        return
    luna_ipmi user set name "$luna_bmc_userid" "$luna_bmc_user"
}

# Controllers are slow and now and then busy: three tries.
luna_ipmi() {
    local try
    for try in 1 2 3; do
        ipmitool "$@" && return
        sleep $try
    done
    luna_tell "setupbmc: the management controller refuses: ipmitool $1 $2 ${3-}"
    return 1
}
