#!/usr/bin/env bats
# Every piece of shell that reaches a node, seen by shellcheck and by bash.

setup() { load setup; }

@test 'shellcheck finds nothing in the module' {
    cd "$LUNA_LIB"
    shellcheck -x ./*.sh luna-main luna-report luna-client luna-fetch luna-dhcp-script luna-power
}

@test 'shellcheck finds nothing in the library of the install script' {
    shellcheck "$root/templates/install-library.sh"
}

@test 'shellcheck and bash accept whole install scripts' {
    local script
    for script in "$root"/test/golden/install-script/*.sh; do
        sed -e "/^\. install-library.sh$/{r $root/templates/install-library.sh" -e 'd}' "$script" >"$BATS_TEST_TMPDIR/whole"
        grep -q '^luna_download_and_unpack()' "$BATS_TEST_TMPDIR/whole"
        shellcheck "$BATS_TEST_TMPDIR/whole"
        bash -n "$BATS_TEST_TMPDIR/whole"
    done
}

@test 'shellcheck finds nothing in these tests' {
    cd "$BATS_TEST_DIRNAME"
    # SC2030, SC2031: each test is a subshell; SC2016: scripts for other shells; SC2154: what setup and load set;
    # SC2034: what the library reads; SC2119, SC2120, SC2317: functions that others call; SC1091: what load finds
    shellcheck -e SC2016,SC2030,SC2031,SC2034,SC2119,SC2120,SC2154,SC2317,SC1091 ./*.bats ./*.bash
}

@test 'what module-setup.sh installs is there' {
    local file
    for file in $(sed -n 's/^ *for file in \(luna-[^;]*\);.*/\1/p' "$LUNA_LIB/module-setup.sh") sshd_config luna-power; do
        [ -f "$LUNA_LIB/$file" ]
    done
    for file in luna-main luna-report luna-client luna-fetch luna-dhcp-script luna-power client-bundle.sh; do [ -x "$LUNA_LIB/$file" ]; done
}

@test 'the programs that the scripts call are among the required ones' {
    local word required
    required=$(bash -c '. "$LUNA_LIB/module-setup.sh"; luna_required')
    for word in awk cat chmod chroot cut df find grep head id ip ln mkdir mkfifo modprobe mount mountpoint mv \
        rm sed seq setsid sleep stat sync tail tar tee touch tr udevadm umount unshare; do
        [[ " $required " == *[[:space:]]"$word"[[:space:]]* ]] || { echo "$word"; false; }
    done
}
