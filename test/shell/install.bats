#!/usr/bin/env bats
# Whole install scripts run for real in a mount namespace: tar, zstd, mounts, chroot; the head and the hardware are faked.

setup_file() {
    # a root small enough for a test, with what is easily lost on the way: capabilities, ACLs, attributes, hard links,
    # sparse files, owners that exist here under no name
    local tree=$BATS_FILE_TMPDIR/tree
    mkdir -p "$tree"/{bin,etc,proc,sys,dev,run,usr/lib/systemd/network,var}
    "$BATS_TEST_DIRNAME/copy-programs" "$tree" sh mkdir cat chmod mv
    echo 'from the image' >"$tree/etc/hostname"
    echo machine >"$tree/etc/machine-id"
    printf '[Link]\nNamePolicy=keep kernel database onboard slot path\n' >"$tree/usr/lib/systemd/network/99-default.link"
    ln -s /var "$tree/absolute"
    echo x >"$tree/var/x" && ln "$tree/var/x" "$tree/var/hard"
    truncate -s 64M "$tree/var/sparse"
    echo x >"$tree/var/owned" && chmod 4750 "$tree/var/owned"
    if [ "$(id -u)" = 0 ]; then
        chown 54321:54322 "$tree/var/owned" && chmod 4750 "$tree/var/owned"
        setcap cap_net_raw=ep "$tree/bin/cat" 2>/dev/null || :
    fi
    tar -C "$tree" --xattrs --xattrs-include='*' --acls -S -cf - . | zstd -q >"$BATS_FILE_TMPDIR/image.tar.zst"
}

setup() {
    load setup
    needs_root
    export image=$BATS_FILE_TMPDIR/image.tar.zst steps=$BATS_TEST_TMPDIR/steps LUNA_NIC=eth0 LUNA_NODE=node001
    fake luna-report <<'END'
echo "$*" >>"$steps"
END
    fake luna-client <<'END'
echo "luna-client $1" >>"$steps"
case " $* " in *' --release '*) echo "$(findmnt -n -r -o SIZE "$LUNA_STATE/image") released" >>"$steps" ;; esac
[ "$1" = download ] || exit 0
while [ $# -gt 1 ]; do case $1 in --dir) dir=$2 ;; --progress) progress=$2 ;; esac; shift; done
echo "$dir" >"$LUNA_STATE/dir"
echo '{"have":1000000,"size":4000000,"from_head":900000,"from_peers":100000}' >"$progress"
sleep 0.7
echo '{"have":4000000,"size":4000000,"from_head":3000000,"from_peers":1000000}' >>"$progress"
cat "$image" || exit 6
END
    fake udevadm </dev/null
    fake modprobe </dev/null
}

# installs JSON [COMMANDS]: runs the script in a mount namespace; COMMANDS look at what it left there, $status is the
# script's.
installs() {
    node "$BATS_TEST_DIRNAME/render-install-script.ts" "$1" >"$BATS_TEST_TMPDIR/install.sh"
    run unshare --mount --propagation private bash -c '
        bash "$1" </dev/null
        status=$?
        cd "$LUNA_SYSROOT" && eval "$2"
        exit $status' bash "$BATS_TEST_TMPDIR/install.sh" "${2-:}"
}

@test 'the steps come in their order, with where the bytes came from' {
    installs '{}'
    [ "$status" = 0 ]
    [ "$(cat "$steps")" = 'install.prescript
install.partscript
install.download
luna-client download
install.unpack from_head=3000000 from_peers=1000000 from_web=0
install.setnet
install.postscript
luna-client stop
install.success' ]
}

@test 'the image arrives as it was' {
    installs '{}' 'stat -c "%u:%g %a" var/owned; stat -c "%h" var/x; stat -c "%s %b" var/sparse; cat etc/machine-id; getcap bin/cat; readlink absolute'
    [ "$status" = 0 ]
    [[ $output == *$'\n54321:54322 4750\n2\n67108864 0\nmachine\n'*$'\n/var' ]]
    if getcap "$BATS_FILE_TMPDIR/tree/bin/cat" | grep -q cap_net_raw; then [[ $output == *cap_net_raw=ep* ]]; fi
}

@test 'in memory the tarball has a file system of its own, which goes' {
    installs '{}' 'ls -A; grep -c "$LUNA_STATE" /proc/self/mounts'
    [ "$(cat "$LUNA_STATE/dir")" = "$LUNA_STATE/image" ]
    [ "${lines[-1]}" = 0 ]
    [[ $output != *.luna* ]]
}

@test 'on a disk the tarball is on the disk, and goes' {
    truncate -s 200M "$BATS_TEST_TMPDIR/disk"
    mkfs.ext4 -q "$BATS_TEST_TMPDIR/disk"
    export disk=$BATS_TEST_TMPDIR/disk
    installs '{"partscript":"mount -o loop $disk $LUNA_SYSROOT"}' 'ls -A; cat etc/hostname'
    [[ $output != *'failed to setup loop device'* ]] || skip 'no loop devices here'
    [ "$status" = 0 ]
    [ "$(cat "$LUNA_STATE/dir")" = "$LUNA_SYSROOT/.luna" ]
    [[ $output != *.luna* ]]
    [ "${lines[-1]}" = node001.cluster ]
}

@test 'a disk that does not keep what is written fails the installation, though nobody saw it while it was written' {
    truncate -s 200M "$BATS_TEST_TMPDIR/disk"
    mkfs.ext4 -q -O ^has_journal "$BATS_TEST_TMPDIR/disk"
    export disk=$BATS_TEST_TMPDIR/disk
    # the disk is a file that has no room for what it is to hold
    local where=$BATS_TEST_TMPDIR/where
    mkdir "$where"
    export where
    installs '{"partscript":"mount -t tmpfs -o size=2m tmpfs $where && cp --sparse=always $disk $where/disk && mount -o loop $where/disk $LUNA_SYSROOT"}'
    [[ $output != *'failed to setup loop device'* ]] || skip 'no loop devices here'
    [ "$status" = 1 ]
    [[ ${lines[-1]} == "node001: what was written does not stay on $LUNA_SYSROOT (/dev/loop"*'): look at that disk' ]]
    [ "$(tail -n 1 "$steps")" = 'luna-client stop' ]
}

@test 'files are written with mode and content, whatever is in them' {
    installs '{"files":[{"path":"/etc/hostname","mode":"0644","content":"node001\n"},
        {"path":"/etc/new/deep/secret","mode":"0600","content":"a '"'"'b'"'"' \"$c\" `d` \\ %s\n\nend"}]}' \
        'cat etc/hostname; stat -c %a etc/hostname etc/new/deep etc/new/deep/secret; cat etc/new/deep/secret; echo; find etc -name "*luna-new*"'
    [ "$status" = 0 ]
    [[ $output == *$'\nnode001\n644\n755\n600\na \'b\' "$c" `d` \\ %s\n\nend' ]]
}

@test 'links of the image lead to paths of the image' {
    installs '{"files":[{"path":"/absolute/there","mode":"0644","content":"here"}]}' 'cat var/there'
    [ "${lines[-1]}" = here ]
    [ ! -e /var/there ]
}

@test '@BOOTIF@ becomes what the system will call the NIC, in path and content' {
    # in the root's own place: udevadm there tells the names
    fake unshare <<'END'
case "$*" in *test-builtin*) printf 'ID_NET_NAMING_SCHEME=v252\nID_NET_NAME_MAC=enx1\nID_NET_NAME_PATH=enp0s1\nID_NET_NAME_SLOT=ens1\n' ;;
*) exec /usr/bin/unshare "$@" ;; esac
END
    local files='"files":[{"path":"/etc/if-@BOOTIF@","mode":"0644","content":"auto @BOOTIF@, @BOOTIF@\n"}]'
    installs "{$files}" 'cat etc/if-ens1'
    [ "${lines[-1]}" = 'auto ens1, ens1' ]
}

@test 'a masked NamePolicy keeps the name of the kernel' {
    fake unshare <<'END'
case "$*" in *test-builtin*) echo ID_NET_NAME_PATH=enp0s1 ;; *) exec /usr/bin/unshare "$@" ;; esac
END
    installs '{"files":[{"path":"/etc/if-@BOOTIF@","mode":"0644","content":"x"}],
        "postscript":"true"}' 'ls etc/if-*'
    [ "${lines[-1]}" = etc/if-enp0s1 ]
    # shellcheck disable=SC1090
    . <(sed '/^luna_install$/d' "$BATS_TEST_TMPDIR/install.sh")
    luna_in_root() { echo ID_NET_NAME_PATH=enp0s1; }
    mkdir -p "$LUNA_SYSROOT/etc/systemd/network" "$LUNA_SYSROOT/usr/lib/systemd/network"
    printf '[Link]\nNamePolicy=path\n' >"$LUNA_SYSROOT/usr/lib/systemd/network/99-default.link"
    [ "$(luna_name_of_boot_nic)" = enp0s1 ]
    ln -s /dev/null "$LUNA_SYSROOT/etc/systemd/network/99-default.link"
    [ "$(luna_name_of_boot_nic)" = eth0 ]
}

@test 'scripts run by bash, the postscript in the root, and say where they are' {
    installs '{"prescript":"echo pre $BASH $PWD $LUNA_NODE","postscript":"echo tmpfs / tmpfs > etc/fstab; pwd -P"}' 'cat etc/fstab'
    [[ $output == *'pre /'*'bash / '* ]]
    [[ $output == *"$LUNA_SYSROOT"* ]]
    [ "${lines[-1]}" = 'tmpfs / tmpfs' ]
}

@test 'a command in the middle of a script may fail, its last one decides' {
    installs '{"prescript":"false\ntrue"}'
    [ "$status" = 0 ]
    installs '{"prescript":"true\nfalse"}'
    [ "$status" = 1 ]
}

@test 'a failing script ends it with its status, and no later step begins' {
    installs '{"partscript":"echo no such disk; exit 7"}'
    [ "$status" = 7 ]
    [ "${lines[-1]}" = 'no such disk' ]
    [ "$(tail -n 1 "$steps")" = install.partscript ]
}

@test 'a partscript that mounts nothing is told so' {
    installs '{"partscript":"true"}'
    [ "$status" != 0 ]
    [[ $output == *"nothing is mounted at $LUNA_SYSROOT"* ]]
    [ "$(tail -n 1 "$steps")" = install.partscript ]
}

@test 'a root without room is told so' {
    installs '{"partscript":"mount -t tmpfs -o size=2m tmpfs $LUNA_SYSROOT"}'
    [ "$status" != 0 ]
    [[ $output == *'No space left on device'* ]]
    [ "${lines[-1]}" = "node001: no space left on $LUNA_SYSROOT (tmpfs, 2 MiB) while unpacking: make it larger in the partscript" ]
    [ "$(tail -n 1 "$steps")" = 'install.unpack from_head=3000000 from_peers=1000000 from_web=0' ]
}

@test 'an image that is larger than the memory is told so before anything is fetched' {
    local image='"image":{"name":"compute","generation":1,"tarballUrls":[],"torrentUrl":"x","announceUrl":"x","infoHash":"00","sizeBytes":9000000000000,"fileName":"x","seedMemory":true,"roomBytes":9000000000000}'
    installs "{$image}"
    [ "$status" != 0 ]
    [[ $output == *'the image needs 8583084 MiB while it is unpacked,'*'MiB of memory are left'* ]]
    run ! grep -q luna-client "$steps"
}

@test 'an image that is not kept for others is given back, and needs room for a part of it only' {
    local released='"image":{"name":"compute","generation":1,"tarballUrls":["x"],"torrentUrl":"x","announceUrl":"x","infoHash":"00","sizeBytes":4000000,"fileName":"x","seedMemory":false,"roomBytes":1048576}'
    installs "{$released}"
    [ "$status" = 0 ]
    grep -qx '19.8M released' "$steps"
}

@test 'a download that fails fails the step' {
    fake luna-client <<<'exit 4'
    installs '{}'
    [ "$status" = 4 ]
    [ "$(tail -n 1 "$steps")" = install.download ]
}

@test 'a client that gives up midway fails the download, whatever the unpacking says of it' {
    fake luna-client <<'END'
[ "$1" = download ] || exit 0
mkdir -p "$LUNA_STATE/client"
echo 'node001: no space left' >"$LUNA_STATE/client/said"
head -c 100000 "$image"
exit 5
END
    installs '{}'
    [ "$status" = 5 ]
    [ "${lines[-1]}" = 'node001: no space left' ]
    [ "$(tail -n 1 "$steps")" = install.download ]
}

@test 'unpacking that fails before all is there is what has failed' {
    fake luna-client <<'END'
while [ $# -gt 1 ]; do case $1 in --progress) progress=$2 ;; esac; shift; done
echo '{"have":1000000,"size":4000000,"from_head":900000,"from_peers":100000}' >"$progress"
head -c 1000000 /dev/zero
exit 6
END
    installs '{}'
    [ "$status" = 1 ]
    [ "$(tail -n 1 "$steps")" = 'install.unpack from_head=900000 from_peers=100000 from_web=0' ]
    [[ ${lines[-1]} == "node001: cannot unpack to $LUNA_SYSROOT (tmpfs, "*' MiB): '*'unsupported format'* ]]
}

@test 'who gave bad pieces is told' {
    fake luna-client <<'END'
while [ $# -gt 1 ]; do case $1 in --progress) progress=$2 ;; esac; shift; done
echo '{"have":4000000,"size":4000000,"from_head":3000000,"from_peers":1000000,"banned":["10.30.0.7","fd30::7"]}' >"$progress"
cat "$image"
END
    installs '{}'
    [ "$status" = 0 ]
    grep -qx 'install.unpack from_head=3000000 from_peers=1000000 from_web=0 bad_peers=10.30.0.7,fd30::7' "$steps"
}

@test 'a broken tarball fails the step' {
    head -c 100000 "$image" >"$BATS_TEST_TMPDIR/broken"
    image=$BATS_TEST_TMPDIR/broken installs '{}'
    [ "$status" != 0 ]
    [ "$(tail -n 1 "$steps")" = 'install.unpack from_head=3000000 from_peers=1000000 from_web=0' ]
}

@test 'progress is shown' {
    installs '{}'
    [[ $output == *'compute: download 25 %'* ]]
}

bmc='"setupbmc":{"ip":"10.31.0.1","netmask":"255.255.0.0","user":"ladmin","password":"s'"'"'e\"c","userid":3,"netchannel":1,"mgmtchannel":2}'

# with_bmc COMMANDS: the node has a controller.
with_bmc() {
    sed -i 's/^luna_has_bmc() .*/luna_has_bmc() { true; }/' "$BATS_TEST_TMPDIR/install.sh"
    run unshare --mount --propagation private bash "$BATS_TEST_TMPDIR/install.sh"
}

@test 'the controller gets address, user, password and access' {
    fake ipmitool <<<'echo "$*" >>"$LUNA_STATE/ipmi"'
    installs "{$bmc}"
    rm -f "$steps"
    with_bmc
    [ "$status" = 0 ]
    [ "$(sed -n 2p "$steps")" = install.setupbmc ]
    [ "$(cat "$LUNA_STATE/ipmi")" = "lan set 1 ipsrc static
lan set 1 ipaddr 10.31.0.1
lan set 1 netmask 255.255.0.0
user list 2
user set name 3 ladmin
user set password 3 s'e\"c
channel setaccess 2 3 link=on ipmi=on callin=on privilege=4
user enable 3" ]
}

@test 'a user that has the name already keeps it' {
    fake ipmitool <<'END'
echo "$*" >>"$LUNA_STATE/ipmi"
[ "$1 $2" != 'user list' ] || printf 'ID  Name\n3   ladmin           true    true       true       ADMINISTRATOR\n'
END
    installs "{$bmc}"
    with_bmc
    [ "$status" = 0 ]
    run ! grep -q 'set name' "$LUNA_STATE/ipmi"
}

@test 'a controller that refuses fails the step, without telling the password' {
    fake ipmitool <<<'[ "$2" != set ] || [ "$3" != password ]'
    fake sleep </dev/null
    installs "{$bmc}"
    with_bmc
    [ "$status" != 0 ]
    [[ $output == *'the management controller refuses: ipmitool user set password'* ]]
    [[ $output != *"s'e"* ]]
    [ "$(tail -n 1 "$steps")" = install.setupbmc ]
}

@test 'a machine without a controller goes on' {
    [ ! -e /dev/ipmi0 ] || skip 'this machine has one'
    fake ipmitool <<<'exit 1'
    installs "{$bmc}"
    [ "$status" = 0 ]
    [[ $output == *'shows no management controller'* ]]
}

@test 'the interface for the torrent is up while it is used, and other nodes are told of it' {
    fake luna-client <<'END'
[ "$1" = download ] || exit 0
while [ $# -gt 1 ]; do case $1 in --announce) echo "$2" >"$LUNA_STATE/announce" ;; --progress) progress=$2 ;; esac; shift; done
ip -brief address show dev fast0 >"$LUNA_STATE/meanwhile"
echo '{"have":4000000,"size":4000000,"from_head":3000000,"from_peers":1000000}' >"$progress"
cat "$image"
END
    fake udevadm <<'END'
case "$*" in *"net_id /sys/class/net/fast0") echo ID_NET_NAME_PATH=enp3s0f1 ;; esac
END
    # a network namespace has a /sys of its own
    fake mount <<'END'
[ "$1 $2" != '-t tmpfs' ] || ip link show fast0 >/dev/null 2>&1 || {
    ip link add fast0 type veth peer name fast1 && ip link set fast1 up && /usr/bin/mount -t sysfs sysfs /sys; }
exec /usr/bin/mount "$@"
END
    fake unshare <<'END'
exec /usr/bin/unshare --net "$@"
END
    installs '{"torrentIf":{"name":"enp3s0f1","address":"10.40.0.1/16"}}' 'ip -brief address show dev fast0'
    [ "$status" = 0 ]
    [ "$(cat "$LUNA_STATE/announce")" = 'http://10.30.255.254:7050/announce?node=node001&ip=10.40.0.1' ]
    [[ $(cat "$LUNA_STATE/meanwhile") == fast0*UP*10.40.0.1/16* ]]
    [[ ${lines[-1]} == fast0*DOWN* && ${lines[-1]} != *10.40* ]]
    installs '{"torrentIf":{"name":"nope0","address":"10.40.0.1/16"}}'
    [ "$status" = 0 ]
    [ "$(cat "$LUNA_STATE/announce")" = 'http://10.30.255.254:7050/announce?node=node001' ]
    [[ $output == *'torrent_if: nope0 is no NIC here, or has no link; the torrent goes by eth0'* ]]
}
