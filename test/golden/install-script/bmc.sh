#!/bin/bash
# Installs node001 with compute, generation 17. See docs/boot-process.md.
# shellcheck disable=SC2016 # users' texts are literal, whatever is in them

luna_image='compute'
luna_torrent_url='http://10.30.255.254:7050/torrents/compute-17.torrent'
luna_tarball_urls=('http://10.30.255.254:7050/torrents/compute-17.tar.zst')
luna_announce_url='http://10.30.255.254:7050/announce?node=node001'
luna_info_hash='0123456789abcdef0123456789abcdef01234567'
luna_size_bytes='118211072'
luna_file_name='compute-17.tar.zst'
luna_seed_memory=y
luna_room_bytes='118211072'
luna_listen_ports='7052-7200'
luna_torrent_if='' luna_torrent_address=''

luna_prescript=''

luna_partscript='mount -t tmpfs tmpfs /sysroot
'

luna_postscript='cat <<EOF >etc/fstab
tmpfs / tmpfs defaults 0 0
EOF
echo '\''it'\'''\''s done'\''
'

# path, mode, content
luna_files=(
'/etc/hostname' '0644' 'node001.cluster
'
'/etc/network/interfaces.d/@BOOTIF@' '0644' 'auto @BOOTIF@
iface @BOOTIF@ inet manual
'
)
luna_enable_units=()
luna_bmc_ip='10.31.0.1'
luna_bmc_netmask='255.255.0.0'
luna_bmc_user='ladmin'
luna_bmc_password='p'\''"$(echo no)`'
luna_bmc_userid='3'
luna_bmc_netchannel='1'
luna_bmc_mgmtchannel='1'

. install-library.sh

luna_install
# luna: end of the install script
