#!/bin/sh
# dracut pre-mount hook (sourced): everything happens in a process of its own, which ends when /sysroot is complete.
# shellcheck disable=SC2154 # root is dracut's
if [ "$root" = luna ]; then
    # die is dracut's: message, then the emergency shell
    /usr/lib/luna/luna-main </dev/null || die "luna: the node cannot be installed, see the messages above"
fi
