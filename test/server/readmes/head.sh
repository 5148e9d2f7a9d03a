#!/bin/bash
# head.sh DIRECTORY PAGE: runs the lines of DIRECTORY/PAGE on a head that has just been installed and is thrown away: its own network,
# processes, and everything that is written below /etc, /opt, /root, /run, /usr/local and /var. Started by
#   unshare --net --mount --pid --uts --fork --kill-child
# DIRECTORY holds the sources that install-head wants (scripts, dist), image/, input for the lines, and questions asked after them.
set -eu
directory=$1
page=$2

mount --make-rprivate /
mount -t proc proc /proc
mount -t sysfs sysfs /sys
for covered in etc usr/local var; do
    mkdir -p "$directory/head/$covered" "$directory/layer/$covered"
    mount -t overlay overlay -o "lowerdir=/$covered,upperdir=$directory/head/$covered,workdir=$directory/layer/$covered" "/$covered"
done
for covered in opt root srv; do
    mkdir -p "$directory/head/$covered" "/$covered"
    mount --bind "$directory/head/$covered" "/$covered"
done
mount -t tmpfs tmpfs /run
hostname head
ip link set lo up
ip link add eth1 type bridge
ip address add 10.30.255.254/16 dev eth1
ip link set eth1 up

# what the packages of the servers install
rm -rf /etc/luna.conf /etc/dhcp/dhcpd.conf /etc/bind/luna.zones /var/lib/luna /var/lib/dhcp /var/lib/bind/luna /var/log/*.log
install -d /var/lib/dhcp /etc/dhcp /run/named /etc/systemd/system
touch /var/lib/dhcp/dhcpd.leases
install -m 755 "$directory/dist/share/luna/lab/head/systemctl" /usr/local/sbin/systemctl
unit() { printf '[Service]\nExecStart=%s\nExecReload=%s\nRestart=no\n' "$2" "${3:-}" >"/etc/systemd/system/$1.service"; }
unit isc-dhcp-server '/usr/sbin/dhcpd -4 -f -d eth1'
# shellcheck disable=SC2016 # MAINPID is systemd's
unit named '/usr/sbin/named -f' '/bin/kill -HUP $MAINPID'
# the READMEs' "Configure xinetd ... named": Debian's named.conf.local for their named.conf
echo 'include "/etc/bind/luna.zones";' >/etc/bind/named.conf.local
touch /etc/bind/luna.zones
systemctl start named

# "Install Luna", "Generate a CentOS image"
"$directory/scripts/install-head" '' /usr/local >/dev/null
install -d /opt/luna/os
cp -a "$directory/image" /opt/luna/os/compute

cd /root
bash -eu -o pipefail -x "$directory/$page" <"$directory/input"
while read -r question; do
    echo "=== $question"
    $question </dev/null
done <"$directory/questions"
