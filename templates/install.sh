{%- comment -%}
The install script of one node, run by bash in its initrd. This part only assigns variables and places the users' scripts;
the logic is in install-library.sh. Every value passes the filter sh.
Variables
  node, hostname         node001, node001.cluster
  url, token             of the head, and of this boot (the initrd knows both from the kernel's arguments; not used here)
  image                  .name .generation .tarball_urls .torrent_url .announce_url .info_hash .size_bytes .file_name
                         .seed_memory (kept for others in memory, too) .room_bytes (memory that must be free for it)
  listen_ports           7052-7200, for the torrent client
  torrent_if             null, or .name .address (with /PREFIX) of the interface by which nodes reach each other
  prescript, partscript, postscript      texts, may be empty
  files                  each .path .mode .content; @BOOTIF@ in them is the name of the NIC that the node boots from
  enable_units           names of systemd units that bring up what the files say
  setupbmc               null, or .ip .netmask .user .password .userid .netchannel .mgmtchannel
The last line must stay: a script without it is taken for incomplete.
{%- endcomment -%}
#!/bin/bash
# Installs {{ node }} with {{ image.name }}, generation {{ image.generation }}. See docs/boot-process.md.
# shellcheck disable=SC2016 # users' texts are literal, whatever is in them

luna_image={{ image.name | sh }}
luna_torrent_url={{ image.torrent_url | sh }}
luna_tarball_urls=({{ image.tarball_urls | sh }})
luna_announce_url={{ image.announce_url | sh }}
luna_info_hash={{ image.info_hash | sh }}
luna_size_bytes={{ image.size_bytes | sh }}
luna_file_name={{ image.file_name | sh }}
luna_seed_memory={% if image.seed_memory %}y{% else %}n{% endif %}
luna_room_bytes={{ image.room_bytes | sh }}
luna_listen_ports={{ listen_ports | sh }}
{%- if torrent_if %}
luna_torrent_if={{ torrent_if.name | sh }} luna_torrent_address={{ torrent_if.address | sh }}
{%- else %}
luna_torrent_if='' luna_torrent_address=''
{%- endif %}

luna_prescript={{ prescript | sh }}

luna_partscript={{ partscript | sh }}

luna_postscript={{ postscript | sh }}

# path, mode, content
luna_files=(
{%- for file in files %}
{{ file.path | sh }} {{ file.mode | sh }} {{ file.content | sh }}
{%- endfor %}
)
luna_enable_units=({{ enable_units | sh }})

{%- if setupbmc %}
luna_bmc_ip={{ setupbmc.ip | sh }}
luna_bmc_netmask={{ setupbmc.netmask | sh }}
luna_bmc_user={{ setupbmc.user | sh }}
luna_bmc_password={{ setupbmc.password | sh }}
luna_bmc_userid={{ setupbmc.userid | sh }}
luna_bmc_netchannel={{ setupbmc.netchannel | sh }}
luna_bmc_mgmtchannel={{ setupbmc.mgmtchannel | sh }}
{%- else %}
luna_bmc_ip='' luna_bmc_netmask='' luna_bmc_user='' luna_bmc_password=''
luna_bmc_userid='' luna_bmc_netchannel='' luna_bmc_mgmtchannel=''
{%- endif %}

{% verbatim 'install-library.sh' %}
luna_install
# luna: end of the install script
