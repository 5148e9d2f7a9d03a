#!/bin/sh
# dracut cmdline hook (sourced by /init or dracut-cmdline.service): without rootok dracut refuses root=luna.
# shellcheck disable=SC2034 # read by dracut
[ "$(getarg root=)" = luna ] && root=luna && rootok=1
