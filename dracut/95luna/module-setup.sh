#!/bin/bash
# The node's side of Luna in the initrd. Sourced by dracut, which calls the functions below (dracut.modules(7)).
# shellcheck disable=SC2154 # moddir, initdir, dracutsysrootdir are dracut's

# What the way from here to a running node cannot do without; each name is looked up in the image's PATH.
luna_required() {
    echo bash awk cat chmod chroot cp cut date dd df dirname find grep head id ip kill ln ls mkdir mkfifo mknod \
        modprobe mount mountpoint mv od ps readlink rm rmdir sed seq setsid sleep sort stat sync tail tar tee touch tr \
        udevadm umount uname unshare wc
}

# What users' scripts, repairs by hand and optional features use, as far as the image has it.
luna_optional() {
    echo basename blkdiscard blkid blockdev chattr chcon chmem chown cmp diff dmesg dmidecode dmsetup du e2fsck e2label \
        efibootmgr env ethtool expr fdisk file findfs findmnt free fsck fstrim fuser getfacl getfattr getopt gzip \
        hexdump hostname ionice ipmitool less lsblk lscpu lsmod lspci lsof lvm md5sum mdadm mdmon mkdosfs \
        mke2fs mkfs mkfs.btrfs mkfs.ext2 mkfs.ext3 mkfs.ext4 mkfs.fat mkfs.vfat mkfs.xfs mkswap mktemp more nice nohup \
        nproc numfmt nvme parted partprobe partx pidof ping pkill printenv pvcreate vgcreate lvcreate \
        resize2fs restorecon rsync setfacl setfattr sfdisk sgdisk sha256sum shred smartctl split ss strace swapoff swapon timeout top tune2fs uniq vgchange vi wipefs xargs \
        xfs_growfs xfs_repair xz zstd
}

check() {
    local program missing=''
    for program in $(luna_required) sshd; do
        find_binary "$program" >/dev/null || missing="$missing $program"
    done
    if [ -n "$missing" ]; then
        derror "luna: the image lacks programs that its nodes need while they are installed:$missing"
        return 1
    fi
    return 255 # only when asked for
}

depends() {
    echo base bash fs-lib udev-rules
}

# Drivers for whatever machine may ever boot this; what a kernel does not have is no error. hostonly= is dracut's way to
# say so, =DIR instmods' for whatever is below DIR. With LUNA_DRIVERS=named an osimage names those of its hardware itself.
installkernel() {
    # what every node uses, and what people and virtual machines have instead of hardware
    hostonly='' instmods af_packet ipv6 bonding 8021q overlay squashfs erofs isofs loop tmpfs efivarfs \
        =drivers/virtio virtio_net virtio_blk virtio_scsi virtio_rng virtio_console crc32c_generic crc32c_intel \
        xhci_pci xhci_hcd ehci_pci ehci_hcd uhci_hcd ohci_pci ohci_hcd usbhid hid_generic atkbd i8042
    [ "${LUNA_DRIVERS-}" = named ] || luna_install_drivers
}

luna_install_drivers() {
    # shellcheck disable=SC2283 # =DIR
    hostonly='' instmods \
        =drivers/net/ethernet =drivers/net/phy =drivers/net/mdio =drivers/net/hyperv vmxnet3 xen-netfront \
        nvme =drivers/ata =drivers/message/fusion \
        =drivers/scsi/mpt3sas =drivers/scsi/megaraid =drivers/scsi/smartpqi =drivers/scsi/aacraid \
        =drivers/scsi/mpi3mr =drivers/scsi/isci hpsa arcmsr 3w-9xxx 3w-sas mvsas pm80xx aic94xx vmw_pvscsi hv_storvsc \
        xen-blkfront sd_mod sr_mod sg ses usb_storage uas mmc_block sdhci_pci sdhci_acpi vmd \
        dm_mod dm_crypt dm_mirror dm_thin_pool =drivers/md/raid0 raid0 raid1 raid10 raid456 linear \
        ext4 vfat nls_cp437 nls_ascii nls_iso8859_1 nls_utf8 \
        ipmi_msghandler ipmi_devintf ipmi_si ipmi_ssif
    # the largest of all modules: where an image cannot make the file system, its nodes seldom have one
    luna_install_with mkfs.xfs xfs
    luna_install_with mkfs.btrfs btrfs
}

# luna_install_with PROGRAM MODULE
luna_install_with() {
    if find_binary "$1" >/dev/null; then hostonly='' instmods "$2"; fi
}

install() {
    local file
    # shellcheck disable=SC2046 # lists of words
    inst_multiple $(luna_required)
    # shellcheck disable=SC2046
    inst_multiple -o $(luna_optional) /etc/mke2fs.conf /etc/xattr.conf /etc/vimrc /etc/virc
    inst_multiple -o /usr/lib/terminfo/*/{linux,xterm,vt100,vt220} /usr/share/terminfo/*/{linux,xterm,vt100,vt220} \
        /lib/terminfo/*/{linux,xterm,xterm-256color,vt100,vt220}

    for file in luna-lib.sh luna-network.sh luna-head.sh luna-access.sh luna-processes.sh; do
        inst_simple "$moddir/$file" "/usr/lib/luna/$file"
    done
    for file in luna-main luna-dhcp-script; do inst_script "$moddir/$file" "/usr/lib/luna/$file"; done
    for file in luna-client luna-fetch luna-report; do inst_script "$moddir/$file" "/usr/bin/$file"; done
    if ! dracut_module_included systemd; then
        for file in reboot poweroff; do inst_script "$moddir/luna-power" "/usr/sbin/$file"; done
    fi
    inst_hook cmdline 99 "$moddir/luna-cmdline.sh"
    inst_hook pre-mount 99 "$moddir/luna-pre-mount.sh"

    luna_install_names
    luna_install_authorities
    luna_install_dhcp_client
    luna_install_sshd
    luna_omit_loginctl
}

# A udev rule names it, for locking sessions by a key, and dracut would bring it with 3 MB of systemd's library.
luna_omit_loginctl() {
    inst_multiple -o true
    [ ! -e "$initdir/usr/bin/true" ] || ln -sfn true "$initdir/usr/bin/loginctl"
}

# The image's users and groups, without passwords: tar keeps ACLs by name, and daemons drop to users of their own.
# Root's shell may be one that is not here.
luna_install_names() {
    sed 's,^\(root:.*\):[^:]*$,\1:/bin/bash,' "$dracutsysrootdir/etc/passwd" >"$initdir/etc/passwd"
    cp "$dracutsysrootdir/etc/group" "$initdir/etc/group"
}

# Whom the image trusts, for a head behind https, where every distribution's initrd finds them: each has them elsewhere.
luna_install_authorities() {
    local file
    for file in /etc/ssl/certs/ca-certificates.crt /etc/pki/tls/certs/ca-bundle.crt /var/lib/ca-certificates/ca-bundle.pem; do
        [ -f "$dracutsysrootdir$file" ] || continue
        inst_simple "$file" /usr/lib/luna/authorities.pem
        return
    done
}

# Whichever the image has; a node with luna.bootproto=dhcp says so clearly when there is none.
luna_install_dhcp_client() {
    local client
    for client in dhclient dhcpcd udhcpc; do
        find_binary $client >/dev/null || continue
        inst_multiple -o $client /etc/dhcpcd.conf
        if [ $client = dhcpcd ]; then
            inst_multiple -o /usr/lib/dhcpcd/dhcpcd-run-hooks /usr/libexec/dhcpcd-run-hooks
        fi
        return
    done
    dwarn "luna: the image has none of dhclient, dhcpcd, udhcpc: its nodes need luna.bootproto=static"
}

# The image's own host keys and root's authorized_keys, so that ssh knows the machine before and after alike.
luna_install_sshd() {
    local key
    inst_multiple sshd
    # since OpenSSH 9.8 sshd is split into several programs
    inst_multiple -o /usr/lib/openssh/sshd-session /usr/lib/openssh/sshd-auth /usr/libexec/openssh/sshd-session \
        /usr/libexec/openssh/sshd-auth /usr/lib/ssh/sshd-session /usr/lib/ssh/sshd-auth
    inst_libdir_file 'libnss_files.so*'
    inst_simple "$moddir/sshd_config" /etc/ssh/sshd_config
    for key in "$dracutsysrootdir"/etc/ssh/ssh_host_*_key; do
        [ -f "$key" ] || continue
        inst_simple "${key#"$dracutsysrootdir"}"
        echo "HostKey ${key#"$dracutsysrootdir"}" >>"$initdir/etc/ssh/sshd_config"
    done
    mkdir -p "$initdir/root/.ssh"
    chmod 0700 "$initdir/root" "$initdir/root/.ssh"
    if [ -f "$dracutsysrootdir/root/.ssh/authorized_keys" ]; then
        inst_simple /root/.ssh/authorized_keys
        chmod 0600 "$initdir/root/.ssh/authorized_keys"
    else
        dwarn "luna: the image has no /root/.ssh/authorized_keys: nobody can log in while a node is installed"
    fi
}
