#!/bin/bash
# node.sh DIR KERNEL-ARGUMENTS: a node's way through its initrd (dracut/95luna/luna-main) on this machine, in namespaces of its own
# for mounts, processes and names; the network namespace is the caller's. DIR/console is what it says, DIR/sysroot where it installs.
set -eu
dir=$1
module=$(cd "$(dirname "$0")/../../../dracut/95luna" && pwd)
echo "$2" >"$dir/cmdline"
mkdir -p "$dir/bin" "$dir/sysroot"
: >"$dir/console"
# what would reach the machine that this runs on, and waits for people
for program in udevadm modprobe swapoff; do ln -sf /bin/true "$dir/bin/$program"; done
printf '#!/bin/sh\nexec /bin/sleep 0.2\n' >"$dir/bin/sleep"
chmod +x "$dir/bin/sleep"
export PATH=$dir/bin:$module:$PATH LUNA_LIB=$module LUNA_CMDLINE=$dir/cmdline LUNA_CONSOLES=$dir/console \
    LUNA_STATE=$dir/state LUNA_SYSROOT=$dir/sysroot LUNA_CLIENT_BUNDLE=$module/../../client/bundle
# shellcheck disable=SC2016 # expanded over there
exec unshare --mount --propagation private --uts --pid --fork --kill-child --mount-proc bash -c '
    mount -t sysfs sysfs /sys
    for file in /proc/sysrq-trigger /dev/tty2 "$(command -v sshd)"; do [ ! -e "$file" ] || mount --bind "$1/cmdline" "$file"; done
    bash "$LUNA_LIB/luna-main" && cp "$LUNA_SYSROOT/etc/hostname" "$1/hostname"' bash "$dir"
