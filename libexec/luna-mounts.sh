# shellcheck shell=sh
# What an image needs mounted for programs to run in it, for the scripts beside this file, which source it.

# mount_kernel_views ROOT: /proc of the present PID namespace, /sys to look at, an empty /run, and of the devices those that every
# program expects. The head's disks are not among them, so that an image's boot loader finds none to write to.
mount_kernel_views() {
    mount -t proc proc "$1/proc"
    mount --bind /sys "$1/sys"
    mount -o remount,bind,ro "$1/sys"
    mount -t tmpfs -o mode=0755 luna "$1/run"
    mount -t tmpfs -o mode=0755 luna "$1/dev"
    for device in null zero full random urandom tty; do
        : >"$1/dev/$device"
        mount --bind "/dev/$device" "$1/dev/$device"
    done
    mkdir -m 1777 "$1/dev/shm"
    ln -s /proc/self/fd "$1/dev/fd"
    ln -s fd/0 "$1/dev/stdin"
    ln -s fd/1 "$1/dev/stdout"
    ln -s fd/2 "$1/dev/stderr"
}
